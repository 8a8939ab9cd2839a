"""Columns of all types as numbers and as texts."""

import datetime as dt
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from scoring.quality.columns import as_numbers, as_texts

DAY = 86_400_000_000  # microseconds
MOMENT = dt.datetime.fromisoformat("1970-01-02")


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pl.Series([1, None]), [1, np.nan]),
        (pl.Series([True, False]), [1, 0]),
        (pl.Series([Decimal("1.5"), None]), [1.5, np.nan]),
        (pl.Series(["1.5", "-inf", "x", None]), [1.5, -np.inf, np.nan, np.nan]),
        (pl.Series(["7", "a"], dtype=pl.Categorical), [7, np.nan]),
        (pl.Series(["7", "a"], dtype=pl.Enum(["a", "7"])), [7, np.nan]),
        (pl.Series([MOMENT.date()]), [DAY]),
        (pl.Series([dt.timedelta(days=1)]), [DAY]),
        (pl.Series([None, None]), [np.nan, np.nan]),
        (pl.Series([2**64 - 1], dtype=pl.UInt64), [2.0**64]),
    ],
)
def test_numbers(column, expected):
    found = as_numbers(column)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_moments_of_all_units_are_the_same_numbers(unit):
    assert as_numbers(pl.Series([MOMENT]).cast(pl.Datetime(unit))).tolist() == [DAY]
    assert as_numbers(pl.Series([dt.timedelta(days=1)]).cast(pl.Duration(unit))).tolist() == [DAY]


def test_texts():
    assert as_texts(pl.Series([1.5, None])).to_list() == ["1.5", None]
    assert as_texts(pl.Series(["a", None], dtype=pl.Categorical)).to_list() == ["a", None]
    assert as_texts(pl.Series([dt.timedelta(days=1)])).to_list() == [str(DAY)]


@pytest.mark.parametrize("column", [pl.Series("c", [[1]]), pl.Series("c", [{"a": 1}]), pl.Series("c", [b"\xff"])])
def test_columns_that_are_neither_are_refused(column):
    for change in (as_numbers, as_texts):
        with pytest.raises(ValueError, match="column “c” holds"):
            change(column)
