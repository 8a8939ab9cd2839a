"""What is wrong in single rows, in one form for every measure: a frame that can be shown, sorted, exported and applied."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

MOST: Final = 10_000
"""Issues of one kind that are kept; the counts in measures are of all."""
MOST_PROPOSED: Final = 1_000_000
"""Of those that come with a suggestion, so that what is proposed can be applied as a whole."""
DROP: Final = "drop"
"""The suggestion to leave a record out; any other one is what to put into the cell."""
LONGEST: Final = 200

SCHEMA: Final = pl.Schema(
    {
        "row": pl.UInt32,  # from 0 in the order of the submission; null: the column as a whole
        "column": pl.String,
        "code": pl.String,  # what is wrong, such as "pattern" or "exact-copy"
        "value": pl.String,  # what stands there, cut; personal data is masked before anybody sees it
        "suggestion": pl.String,  # what to put there instead; null: nothing is known
        "confidence": pl.Float32,  # of the suggestion, 0 to 1
    }
)


def none() -> pl.DataFrame:
    """No issues."""
    return pl.DataFrame(schema=SCHEMA)


def at(
    rows: npt.NDArray[np.integer],
    code: str,
    *,
    column: str | None = None,
    values: pl.Series | None = None,
    suggestions: pl.Series | None = None,
    confidence: npt.NDArray[np.floating] | None = None,
) -> pl.DataFrame:
    """Issues of one kind at some rows; the first `MOST` of them are kept, with suggestions the first `MOST_PROPOSED`.

    rows                 (k,) row numbers from 0
    values, suggestions  (k,) of any dtype, shown as text of at most `LONGEST` characters
    confidence           (k,) 0 to 1; NaN: nothing is suggested there
    """
    count = min(len(rows), MOST if suggestions is None else MOST_PROPOSED)
    kept = {
        "row": pl.Series(rows[:count], dtype=pl.UInt32),
        "column": pl.repeat(column, count, dtype=pl.String, eager=True),
        "code": pl.repeat(code, count, dtype=pl.String, eager=True),
        "value": _text(values, count),
        "suggestion": _text(suggestions, count),
        "confidence": pl.Series([None] * count, dtype=pl.Float32)
        if confidence is None
        else pl.Series(confidence[:count], dtype=pl.Float32).fill_nan(None),
    }
    return pl.DataFrame(kept, schema=SCHEMA)


def about_column(column: str, code: str, *, suggestion: str | None = None) -> pl.DataFrame:
    """One issue of a column as a whole."""
    row = {"row": None, "column": column, "code": code, "value": None, "suggestion": suggestion, "confidence": None}
    return pl.DataFrame([row], schema=SCHEMA)


def joined(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """All issues of some parts, in their order."""
    return pl.concat([none(), *parts])


def _text(values: pl.Series | None, count: int) -> pl.Series:
    if values is None:
        return pl.repeat(None, count, dtype=pl.String, eager=True)
    return values.head(count).cast(pl.String, strict=False).str.slice(0, LONGEST)
