"""Sums are exact: mean and variance are the floats nearest to those of fractions, in any order."""

import pickle
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scoring.quality.profile.moments import ExactSums

finite = st.floats(allow_nan=False, allow_infinity=False)
any_floats = hnp.arrays(np.float64, st.integers(1, 60), elements=finite)
close_floats = hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e6, 1e6))
any_integers = hnp.arrays(np.int64, st.integers(1, 60), elements=st.integers(-(2**63), 2**63 - 1))
any_unsigned = hnp.arrays(np.uint64, st.integers(1, 60), elements=st.integers(0, 2**64 - 1))


def exact(values) -> tuple[float, float | None]:
    fractions = [Fraction(value) for value in values]
    mean = sum(fractions) / len(fractions)
    if len(fractions) < 2:
        return float(mean), None
    variance = sum((value - mean) ** 2 for value in fractions) / (len(fractions) - 1)
    return float(mean), float(variance) if variance <= Fraction(sys.float_info.max) else None


def found(sums: ExactSums) -> tuple[float | None, float | None]:
    return sums.mean, sums.variance


@settings(deadline=None)
@given(any_floats | close_floats)
def test_any_finite_floats(values):
    sums = ExactSums()
    sums.add(values)
    assert found(sums) == exact(values.tolist())


@settings(deadline=None)
@given(any_integers | any_unsigned)
def test_any_integers_of_64_bits(values):
    sums = ExactSums()
    sums.add_integers(values)
    assert found(sums) == exact(values.tolist())


@settings(deadline=None)
@given(any_floats | any_integers, st.lists(st.integers(1, 2**40), min_size=60, max_size=60))
def test_counted_values_are_as_if_each_came_so_often(values, counts):
    distinct = np.unique(values)
    often = np.array(counts[: len(distinct)])
    sums = ExactSums()
    sums.add_counted(distinct, often)
    fractions = [Fraction(value) for value in distinct.tolist()]
    total = sum(count * value for count, value in zip(often.tolist(), fractions, strict=True))
    assert sums.count == often.sum()
    assert sums.mean == float(total / int(often.sum()))


@settings(deadline=None)
@given(any_floats, st.integers(0, 60))
def test_parts_add_up_in_any_order(values, cut):
    whole, one, other = ExactSums(), ExactSums(), ExactSums()
    whole.add(values)
    one.add(values[:cut])
    other.add(values[cut:][::-1].copy())
    merged = pickle.loads(pickle.dumps(other))
    merged.merge(one)
    assert found(merged) == found(whole)


@settings(deadline=None)
@given(any_floats, finite, st.integers(1, 1000))
def test_a_value_can_be_taken_away_again(values, value, times):
    one, other = ExactSums(), ExactSums()
    one.add(values)
    other.add(np.concatenate([np.full(times, value), values]))
    other.repeat(value, -times)
    assert found(one) == found(other)


@pytest.mark.parametrize("rows", [8191, 8192, 8193, 40_000])
def test_more_rows_than_are_added_at_once(rows):
    rng = np.random.default_rng(rows)
    values = np.round(rng.normal(size=rows) * 1000, 4) + rng.choice([0, 1e9], rows)
    sums = ExactSums()
    sums.add(values)
    assert found(sums) == exact(values.tolist())


def test_a_few_odd_values_among_many():
    """Too small to be scaled with the rest, and with more digits than are cut at once."""
    values = np.random.default_rng(1).normal(size=20_000)
    values[[3, 9000, 9001]] = [5e-324, 1e-200, 1e300]
    sums = ExactSums()
    sums.add(values)
    assert found(sums) == exact(values.tolist())


def test_no_bit_of_a_tiny_value_is_lost_beside_a_huge_one():
    tiny = np.array([5e-324, 1e-200, 3e-310])
    sums = ExactSums()
    sums.add(np.array([*tiny, 1e300, -1e300, 1e300]))
    for value, times in ((1e300, -2), (-1e300, -1)):
        sums.repeat(value, times)
    assert found(sums) == exact(tiny.tolist())


def test_sums_beyond_the_largest_float():
    sums = ExactSums()
    sums.add(np.array([1.7e308, 1.7e308, 1.7e308]))
    assert sums.mean == 1.7e308
    assert sums.variance == 0.0
    sums.add(np.array([-1.7e308]))
    assert sums.variance is None


def test_a_mean_that_float_sums_miss():
    values = np.array([1e16, 1.0, 1.0, -1e16] * 1000)
    assert values.sum() / len(values) != 0.5
    sums = ExactSums()
    sums.add(values)
    assert sums.mean == 0.5


def test_nothing_has_no_mean():
    sums = ExactSums()
    sums.add(np.empty(0))
    assert found(sums) == (None, None)
