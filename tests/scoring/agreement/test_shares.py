"""Shares, tails and many tests, against SciPy's distributions and published values."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from scoring.agreement.shares import at_least, clopper_pearson, holm, wilson


@pytest.mark.parametrize(
    ("right", "rows", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_newcombe_1998_table_1_prints_it(right, rows, low, high):
    found = wilson(right, rows)
    assert [round(float(end), 4) for end in found] == [low, high]


@pytest.mark.parametrize(
    ("right", "rows", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0000, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_clopper_pearson_as_newcombe_1998_table_1_prints_it(right, rows, low, high):
    found = clopper_pearson(right, rows)
    assert [round(float(end), 4) for end in found] == [low, high]


def test_nothing_seen_nothing_known():
    assert [end.tolist() for end in wilson([0, 5], [0, 5])] == [[0.0, pytest.approx(0.5655, abs=1e-4)], [1.0, 1.0]]


@given(rows=st.integers(0, 400), share=st.floats(0, 1), chance=st.floats(0, 1))
def test_tails_are_those_of_the_binomial(rows, share, chance):
    hits = round(share * rows)
    assert float(at_least(hits, rows, chance)) == pytest.approx(stats.binom.sf(hits - 1, rows, chance), abs=1e-12)


def test_tails_beyond_the_ends():
    assert at_least([0, -1, 6, 5], 5, 0.5).tolist() == [1.0, 1.0, 0.0, 0.5**5]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_from_its_definition(chances):
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    slow, so_far = [0.0] * len(chances), 0.0
    for rank, place in enumerate(order):
        so_far = max(so_far, chances[place] * (len(chances) - rank))
        slow[place] = min(so_far, 1.0)
    assert holm(np.array(chances)).tolist() == pytest.approx(slow)


def test_tests_that_are_not_listed_count_too():
    assert holm(np.array([0.001, 0.5]), 100).tolist() == [0.1, 1.0]
