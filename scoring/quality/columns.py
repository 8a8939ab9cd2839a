"""Columns of any type as numbers or as texts, for measures that look at one or the other."""

import numpy as np
import numpy.typing as npt
import polars as pl


def as_numbers(column: pl.Series) -> npt.NDArray[np.float64]:
    """(n,) float64, NaN for what is missing or no number; true is 1.

    Dates and moments count in microseconds since 1970, times of day in nanoseconds.

    ValueError for lists, structs and bytes.

    >>> as_numbers(pl.Series(["1.5", "x", None])).tolist()
    [1.5, nan, nan]
    """
    _check(column)
    if isinstance(column.dtype, pl.Categorical | pl.Enum):
        column = column.cast(pl.String)
    elif isinstance(column.dtype, pl.Datetime | pl.Duration):
        column = column.dt.cast_time_unit("us").to_physical()
    elif column.dtype == pl.Date:
        column = column.cast(pl.Datetime("us")).to_physical()
    elif column.dtype.is_temporal():
        column = column.to_physical()
    numbers = column.cast(pl.Float64, strict=False).fill_null(float("nan"))
    return np.asarray(numbers.to_numpy(), dtype=np.float64)


def as_texts(column: pl.Series) -> pl.Series:
    """(n,) String. Missing values stay missing. ValueError for lists, structs and bytes.

    >>> as_texts(pl.Series([1, None])).to_list()
    ['1', None]
    """
    _check(column)
    return (column.to_physical() if column.dtype == pl.Duration else column).cast(pl.String)


def _check(column: pl.Series) -> None:
    if column.dtype.is_nested() or column.dtype in {pl.Binary, pl.Object}:
        raise ValueError(
            f"the column “{column.name}” holds {column.dtype}; it must hold single numbers, texts or times"
        )
