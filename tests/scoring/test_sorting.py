"""Sorting is exact for every float64: no tie invented, none lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scoring.sorting import Ascending, ascending

any_floats = hnp.arrays(np.float64, st.integers(1, 60), elements=st.floats(allow_nan=False, allow_infinity=False))
few_values = hnp.arrays(np.float64, st.integers(1, 60), elements=st.sampled_from([0.0, -0.0, 0.25, 1.0, -3.5, 5e-324]))


def check(values: np.ndarray) -> Ascending:
    marks = np.arange(len(values)) % 3 == 0
    found = ascending(values, marks)
    ordered = values[found.rows]
    assert sorted(found.rows.tolist()) == list(range(len(values)))
    np.testing.assert_array_equal(found.marked, marks[found.rows])
    assert (ordered[1:] >= ordered[:-1]).all()
    np.testing.assert_array_equal(found.first, np.append(True, ordered[1:] != ordered[:-1]))
    return found


@given(any_floats | few_values)
def test_any_finite_values(values):
    check(values)


@pytest.mark.parametrize("size", [3, 1000, 70_001])
def test_values_one_unit_in_the_last_place_apart_are_told_apart(size):
    """Their high bits are the same, so the truncated keys collide and must be put right; the outliers widen the range."""
    rng = np.random.default_rng(7)
    close = 0.7 + np.spacing(0.7) * rng.integers(0, size // 2 + 1, size)
    check(np.concatenate([close, [-1e300, 1e300, 1e-300]]))


def test_sixteen_values_in_a_hundred_thousand_rows():
    values = np.random.default_rng(1).integers(0, 16, 100_000) / 10
    assert check(values).first.sum() == 16


def test_stretches_cover_all_rows_and_split_no_group():
    values = np.repeat(np.arange(5.0), [1, 90_000, 3, 70_000, 2])
    found = ascending(values, values > 1)
    stretches = list(found.stretches())
    assert [s.start for s in stretches[1:]] == [s.stop for s in stretches[:-1]]
    assert (stretches[0].start, stretches[-1].stop) == (0, len(values))
    assert len(stretches) > 1
    assert all(found.first[s.start] for s in stretches)


def test_the_input_is_left_alone():
    values = np.array([0.5, -0.0, -2.0])
    ascending(values, values > 0)
    assert values.tolist() == [0.5, 0.0, -2.0]
    assert np.signbit(values[1])
