"""Shares are exact where all was counted, and as Wilson's interval says where it was not."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.quality.shares import share_of


@pytest.mark.parametrize(
    ("count", "rows", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_a_small_sample_has_the_interval_that_newcombe_1998_prints(count, rows, low, high):
    """Statistics in Medicine 17:857, table 1, method 3."""
    found = share_of(count, rows, population=10**12)
    assert (round(found.low, 4), round(found.high, 4), found.exact) == (low, high, False)


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 1000))
def test_the_interval_holds_the_share_and_is_a_point_only_for_full_counts(count, extra, more):
    found = share_of(count, count + extra, population=count + extra + more)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.exact == (more == 0)
    assert (found.low < found.high) == (more > 0)
    assert found.rest.count == extra
    assert found.rest.low == pytest.approx(1 - found.high)


def test_a_sample_of_nearly_all_rows_is_nearly_sure():
    some, most = (share_of(count, 4 * count, population=4000) for count in (10, 999))
    assert some.high - some.low > 0.2
    assert most.high - most.low < 0.001


def test_nothing_counted_is_no_share():
    found = share_of(0, 0)
    assert math.isnan(found.value)
    assert not found.exact


@pytest.mark.parametrize(("count", "rows", "population"), [(3, 2, None), (-1, 2, None), (1, 2, 1)])
def test_impossible_counts_are_refused(count, rows, population):
    with pytest.raises(ValueError, match="is no share"):
        share_of(count, rows, population=population)
