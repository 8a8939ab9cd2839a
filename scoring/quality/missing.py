"""Which cells hold no value: empty ones, and those that hold what stands for a missing one."""

from datetime import date

import numpy as np
import polars as pl

from scoring.quality.profile.result import ColumnProfile
from scoring.sorting import BoolArray


def missing_cells(cells: pl.Series, column: ColumnProfile) -> BoolArray:
    """(n,) which cells are null, NaN, blank, or hold what the profile of the column takes for a stand-in of a missing value.

    cells    (n,) of any type
    column   the profile of these cells: its `disguised` count, unless numbers lie too near to stand apart

    >>> from scoring.quality.profile import profile_frame
    >>> cells = pl.Series("age", [31, None, -999, 40])
    >>> missing_cells(cells, profile_frame(cells.to_frame()).column("age")).tolist()
    [False, True, True, False]
    """
    stand_ins = [one.value for one in column.disguised if one.apart is not False]
    kind, found = cells.dtype, cells.is_null()
    if isinstance(kind, pl.String | pl.Categorical | pl.Enum):
        texts = cells.cast(pl.String)
        found |= (texts.str.strip_chars() == "") | texts.is_in([str(value) for value in stand_ins])
    elif isinstance(kind, pl.Date | pl.Datetime):
        days = [date.fromisoformat(str(value)) for value in stand_ins]
        found |= _days(cells).is_in(days)
    elif kind.is_numeric():
        numbers = cells.cast(pl.Float64) if kind.is_decimal() else cells
        for value in stand_ins:
            found |= numbers == value
        if kind.is_float():
            found |= cells.is_nan()
    return np.asarray(found.fill_null(value=True).to_numpy(), dtype=np.bool_)


def _days(cells: pl.Series) -> pl.Series:
    """Days in UTC, as profiles count them."""
    if isinstance(cells.dtype, pl.Datetime) and cells.dtype.time_zone is not None:
        cells = cells.dt.convert_time_zone("UTC")
    return cells.dt.date() if cells.dtype != pl.Date else cells
