"""Cells of one column, a block at a time: what they mean, and everything that is wrong with them.

Cells come as text (CSV, TSV, JSON Lines) or with a type of their own (Parquet). A number is what the regular expression
`NUMBER` says, in ASCII; spaces around it do not count. A class is compared as text, or as a whole number where the classes are.
A list is a JSON list, or items between bars, commas or spaces (the first of these that the cell holds).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from challenges.definition import SHARE_TOLERANCE, Column
from challenges.intake.ledger import shown

NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
NOT_FINITE: Final = r"(?i)^[+-]?(nan|inf|infinity)$"
COMMA_NUMBER: Final = r"^[+-]?\d+,\d+$"
NOTHING: Final = ("", "null", "none", "na", "n/a", "#n/a", "<na>", "nil")
"""What stands for no value where a number is wanted, in any case."""
WHOLE: Final = 2.0**53
"""Beyond it not every whole number is a float64."""
NAMED: Final = 10
"""Classes that a message lists."""
MOST_CLASSES: Final = 5000
"""Classes among which the nearest is looked for, at 10 microseconds each."""

Where = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Flaw:
    """One kind of finding in a block: the message, the places of the cells (None: the column as a whole), its params.

    `detail` gives further params for the i-th of the cells; it is asked only for those that are shown.
    """

    message: str
    where: Where | None
    params: Mapping[str, Any] = field(default_factory=dict)
    detail: Callable[[int], Mapping[str, Any]] | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """The meaning of the cells, and their flaws.

    `values`: float64 numbers (NaN where flawed), int32 places in the classes (-1 where flawed), a series of lists of text
    (null where flawed), or None where no score can read them.
    """

    values: NDArray[np.float64] | NDArray[np.int32] | pl.Series | None
    flaws: tuple[Flaw, ...]


def judge(column: Column, cells: pl.Series) -> Judged:
    """What the `cells` of `column` mean, and all that is wrong with them."""
    if column.type in {"probability", "number", "integer"}:
        return _numbers(column, cells)
    if column.type == "class":
        return _classes(column, cells)
    if column.type == "list":
        return _lists(column, cells)
    return _texts(column, cells)


def bounds(column: Column) -> tuple[float, float]:
    """The least and the greatest value that the column allows; infinite where there is none."""
    low, high = (0.0, 1.0) if column.type == "probability" else (-np.inf, np.inf)
    return low if column.min is None else column.min, high if column.max is None else column.max


def judge_sum(parts: Sequence[NDArray[np.float64]]) -> tuple[Where, NDArray[np.float64]]:
    """The rows in which probabilities that belong together do not sum to 1, and all sums. Rows with a NaN are passed over."""
    total = parts[0].copy()
    for part in parts[1:]:
        total += part
    with np.errstate(invalid="ignore"):
        return np.flatnonzero(np.abs(total - 1.0) > SHARE_TOLERANCE), total


def _numbers(column: Column, cells: pl.Series) -> Judged:
    if cells.dtype == pl.String:
        values = cells.str.strip_chars().cast(pl.Float64, strict=False)
    elif cells.dtype.is_numeric() or cells.dtype == pl.Null:
        values = cells.cast(pl.Float64)
    else:
        return _wrong_type(column, cells)
    low, high = bounds(column)
    numbers = values.to_numpy()
    if values.null_count() == 0 and _spotless(column, numbers, low, high):
        return Judged(numbers, ())
    absent = values.is_null().to_numpy()
    numbers = values.fill_null(np.nan).to_numpy()
    endless = ~np.isfinite(numbers) & ~absent
    flaws = _unread(column, cells, np.flatnonzero(absent)) if absent.any() else []
    with np.errstate(invalid="ignore"):
        outside = ((numbers < low) | (numbers > high)) & ~endless
        broken = (
            (np.floor(numbers) != numbers) | (np.abs(numbers) > WHOLE) if column.type == "integer" else outside & False
        )
    broken &= ~absent & ~endless
    flaws += [Flaw("intake.not_finite", np.flatnonzero(endless)), Flaw("intake.not_an_integer", np.flatnonzero(broken))]
    flaws.append(_outside(low, high, np.flatnonzero(outside & ~broken)))
    kept = _real(flaws)
    if kept:
        numbers = np.where(endless | broken | outside, np.nan, numbers)
    return Judged(numbers, kept)


def _spotless(column: Column, numbers: NDArray[np.float64], low: float, high: float) -> bool:
    """Whether all numbers are finite, within the range, and whole where they must be. NaN and infinity are carried by min and max."""
    if not len(numbers):
        return True
    least, most = float(numbers.min()), float(numbers.max())
    if not (np.isfinite(least) and np.isfinite(most) and low <= least and most <= high):
        return False
    return column.type != "integer" or bool((np.floor(numbers) == numbers).all() and max(-least, most) <= WHOLE)


def _unread(column: Column, cells: pl.Series, places: Where) -> list[Flaw]:
    """The cells at `places` hold no number: nothing at all, a name of infinity, a decimal comma, or something else."""
    texts = cells.gather(places).cast(pl.String).fill_null("").str.strip_chars()
    nothing = texts.str.to_lowercase().is_in(NOTHING).to_numpy()
    endless = texts.str.contains(NOT_FINITE).to_numpy()
    comma = texts.str.contains(COMMA_NUMBER).to_numpy()
    return [
        Flaw("intake.value_empty", places[nothing] if column.required else places[:0]),
        Flaw("intake.not_finite", places[endless]),
        Flaw("intake.comma_number", places[comma]),
        Flaw("intake.not_a_number", places[~nothing & ~endless & ~comma]),
    ]


def _outside(low: float, high: float, places: Where) -> Flaw:
    if np.isinf(high):
        return Flaw("intake.below", places, {"min": _plain(low)})
    if np.isinf(low):
        return Flaw("intake.above", places, {"max": _plain(high)})
    return Flaw("intake.out_of_range", places, {"min": _plain(low), "max": _plain(high)})


def _plain(bound: float) -> float:
    """A whole number as one, since it is shown: from 0 to 1, not from 0.0 to 1.0."""
    return int(bound) if bound.is_integer() else bound


def _classes(column: Column, cells: pl.Series) -> Judged:
    if not _is_word(cells.dtype):
        return _wrong_type(column, cells)
    book = _book(column.classes)
    texts = _words(cells)
    codes = _codes(texts, book)
    flaws: list[Flaw] = []
    if (codes < 0).any():
        places = np.flatnonzero(codes < 0)
        codes[places] = _codes(_whole(texts.gather(places)), book)
        places = places[codes[places] < 0]
        strange = texts.gather(places)
        empty = (strange.fill_null("") == "").to_numpy()
        unknown = strange.filter(pl.Series(~empty))
        known = ", ".join(column.classes[:NAMED]) + (", …" if len(column.classes) > NAMED else "")
        flaws = [
            Flaw("intake.value_empty", places[empty] if column.required else places[:0]),
            Flaw(
                "intake.class_unknown",
                places[~empty],
                {"known": known[:500]},
                lambda i: _nearest(unknown[i], column.classes),
            ),
        ]
    return Judged(codes, _real(flaws))


@cache
def _book(classes: tuple[str, ...]) -> pl.Enum:
    return pl.Enum(classes)


def _codes(texts: pl.Series, book: pl.Enum) -> NDArray[np.int32]:
    return texts.cast(book, strict=False).to_physical().cast(pl.Int32).fill_null(-1).to_numpy(writable=True)


def _is_word(dtype: Any) -> bool:
    return (
        dtype in {pl.String, pl.Boolean, pl.Null} or dtype.is_numeric() or isinstance(dtype, pl.Categorical | pl.Enum)
    )


def _words(cells: pl.Series) -> pl.Series:
    """Cells as text without outer spaces."""
    return cells.cast(pl.String).str.strip_chars()


def _whole(texts: pl.Series) -> pl.Series:
    """Whole numbers in their shortest form (3.0, 03 and +3 are 3); anything else is null."""
    values = texts.cast(pl.Float64, strict=False)
    whole = (values == values.floor()) & (values.abs() <= WHOLE)
    return values.set(~whole.fill_null(value=False), None).cast(pl.Int64).cast(pl.String)


def _nearest(name: str, classes: Sequence[str]) -> Mapping[str, Any]:
    """The class most like `name`, if any is, as a param."""
    if len(classes) > MOST_CLASSES:
        return {}
    folded = {label.casefold(): label for label in classes}
    near = get_close_matches(name[:100].casefold(), folded, n=1)
    return {"nearest": shown(folded[near[0]])} if near else {}


def _lists(column: Column, cells: pl.Series) -> Judged:
    if isinstance(cells.dtype, pl.List) and _is_word(cells.dtype.inner):
        items, broken = cells.cast(pl.List(pl.String)), np.zeros(len(cells), bool)
        empty = cells.is_null().to_numpy()
    elif _is_word(cells.dtype):
        texts = _words(cells)
        empty = (texts.fill_null("") == "").to_numpy()
        items, broken = _split(texts)
    else:
        return _wrong_type(column, cells)
    flaws = [
        Flaw("intake.value_empty", np.flatnonzero(empty & column.required)),
        Flaw("intake.list_form", np.flatnonzero(broken)),
    ]
    if column.max_length is not None:
        long = (items.list.len().fill_null(0) > column.max_length).to_numpy()
        flaws.append(Flaw("intake.list_long", np.flatnonzero(long), {"most": column.max_length}))
    return Judged(items, _real(flaws))


def _split(texts: pl.Series) -> tuple[pl.Series, Mask]:
    """The items of each cell, and which cells are no list."""
    text = pl.col("text")
    cut = (
        pl.when(text.str.contains("|", literal=True))
        .then(text.str.split("|"))
        .when(text.str.contains(",", literal=True))
        .then(text.str.split(","))
        .otherwise(text.str.replace_all(r"\s+", " ").str.split(" "))
    )
    item = pl.element().str.strip_chars()
    items = texts.alias("text").to_frame().select(cut.list.eval(item.filter(item != ""))).to_series()
    as_json = np.flatnonzero(texts.str.starts_with("[").fill_null(value=False).to_numpy())
    broken = np.zeros(len(texts), bool)
    if len(as_json):
        read = [_json_items(cell) for cell in texts.gather(as_json).to_list()]
        broken[as_json] = [cell is None for cell in read]
        places = np.full(len(texts), -1)
        places[as_json] = np.arange(len(as_json))
        known = pl.Series(read, dtype=pl.List(pl.String)).gather(pl.Series(places).replace(-1, None).cast(pl.UInt32))
        items = items.zip_with(pl.Series(places < 0), known)
    return items, broken


def _json_items(cell: str) -> list[str] | None:
    try:
        items = json.loads(cell, parse_int=str, parse_float=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        return None
    return items


def _texts(column: Column, cells: pl.Series) -> Judged:
    if not _is_word(cells.dtype):
        return _wrong_type(column, cells)
    texts = cells.cast(pl.String)
    empty = (texts.fill_null("") == "").to_numpy() & column.required
    flaws = [Flaw("intake.value_empty", np.flatnonzero(empty))]
    if column.max_length is not None:
        long = (texts.str.len_chars().fill_null(0) > column.max_length).to_numpy()
        flaws.append(Flaw("intake.text_long", np.flatnonzero(long), {"most": column.max_length}))
    return Judged(None, _real(flaws))


def _wrong_type(column: Column, cells: pl.Series) -> Judged:
    flaw = Flaw("intake.column_type", None, {"found": str(cells.dtype)[:60], "expected": column.type})
    return Judged(None, (flaw,))


def _real(flaws: Sequence[Flaw]) -> tuple[Flaw, ...]:
    return tuple(flaw for flaw in flaws if flaw.where is None or len(flaw.where))
