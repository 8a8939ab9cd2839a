"""Decimals and digits: exact on texts, estimated on numbers, and made-up digits stand out."""

from decimal import Decimal

import numpy as np
import polars as pl
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.quality.precision import MOST_DECIMALS, check_precision, decimals, first_digits, last_digits


@settings(deadline=None, max_examples=40)
@given(st.lists(st.decimals(-10_000, 10_000, places=None, allow_nan=False).map(lambda x: round(x, 9)), max_size=20))
def test_decimals_of_texts_are_those_written(values):
    texts = [format(value, "f") for value in values]
    expected = [len(text.partition(".")[2]) for text in texts]
    assert decimals(pl.Series(texts, dtype=pl.String)).tolist() == expected


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(-(10**8), 10**8), st.integers(0, 6))))
def test_decimals_of_numbers_are_the_fewest_that_write_them(pairs):
    exact = [Decimal(whole).scaleb(-places) for whole, places in pairs]
    expected = [max(0, -value.normalize().as_tuple().exponent) for value in exact]
    assert decimals(pl.Series([float(value) for value in exact], dtype=pl.Float64)).tolist() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.50", 2),
        (".5", 1),
        ("5.", 0),
        ("-3", 0),
        ("+0.0", 1),
        (" 7.25 ", 2),
        ("", -1),
        (".", -1),
        ("1,5", -1),
        ("1e5", -1),
        ("1.2.3", -1),
    ],
)
def test_odd_texts(text, expected):
    assert decimals(pl.Series([text, None])).tolist() == [expected, -1]


def test_odd_numbers():
    assert decimals(pl.Series([float("inf"), float("nan"), None, 1e300, 1e-300, 0.0])).tolist() == [
        -1,
        -1,
        -1,
        0,
        MOST_DECIMALS,
        0,
    ]
    assert decimals(pl.Series([25.3, 101.7, None], dtype=pl.Float32)).tolist() == [1, 1, -1]
    assert decimals(pl.Series([3, None], dtype=pl.Int8)).tolist() == [0, -1]
    assert decimals(pl.Series([], dtype=pl.String)).tolist() == []


def test_texts_with_too_few_decimals_are_named():
    found = check_precision(pl.Series(["1.25", "3.5", None, "7", "2.00"]), 2)
    assert (found.rows.tolist(), found.fine.value, found.estimated, found.found) == ([1, 3], 0.5, False, 2)


@pytest.mark.parametrize("rounded", [0.0, 0.1, 0.4, 1.0])
def test_the_share_of_rounded_numbers_is_recovered(rounded):
    rng = np.random.default_rng(0)
    values = rng.integers(0, 100_000, 20_000) / 100
    coarse = rng.random(20_000) < rounded
    values[coarse] = np.round(values[coarse], 1)
    found = check_precision(pl.Series(values), 2)
    assert 1 - found.fine.value == pytest.approx(rounded, abs=0.01)
    assert found.estimated
    assert found.rows.size == 0


def test_precision_of_nothing():
    assert check_precision(pl.Series([], dtype=pl.Float64), 2).fine.of == 0
    assert check_precision(pl.Series([None, None], dtype=pl.Float64), 2).found == 0
    assert check_precision(pl.Series(["1.5"] * 4), 1, population=400).fine.exact is False


def test_last_digits_of_measured_values_are_even_and_of_rounded_ones_are_not():
    rng = np.random.default_rng(0)
    measured = np.round(rng.normal(170, 8, 5_000), 1)
    found = last_digits(pl.Series(measured))
    assert found.decimals == 1
    assert found.digits.effect < 0.08
    assert found.digits.p_value > 0.001
    heaped = np.where(rng.random(5_000) < 0.3, np.round(measured), measured)
    found = last_digits(pl.Series(heaped))
    assert found.tens == pytest.approx(0.3, abs=0.03)
    assert found.digits.p_value < 1e-9
    assert found.digits.effect > 0.5


def test_made_up_digits_stand_out():
    """People avoid 0 and 5 when they invent numbers."""
    rng = np.random.default_rng(0)
    made_up = rng.integers(100, 1000, 2_000) * 10 + rng.choice([1, 2, 3, 4, 6, 7, 8, 9], 2_000)
    found = last_digits(pl.Series(made_up))
    assert found.digits.counts[[0, 5]].tolist() == [0, 0]
    assert found.digits.distance == pytest.approx(0.2, abs=0.03)
    assert found.tens == 0


def test_chi_squared_is_that_of_scipy():
    values = np.random.default_rng(3).integers(0, 9_999, 700)
    found = last_digits(pl.Series(values)).digits
    statistic, p_value = scipy.stats.chisquare(np.bincount(values % 10, minlength=10))
    assert found.p_value == pytest.approx(p_value)
    assert found.effect == pytest.approx(np.sqrt(statistic / 700))


@pytest.mark.parametrize("values", [range(99), [1, 2, 3] * 100, [5.0] * 500, [], [None] * 200])
def test_where_last_digits_need_not_be_even(values):
    assert last_digits(pl.Series(values, dtype=pl.Float64)) is None


def test_first_digits_follow_benford_where_they_should():
    sizes = np.random.default_rng(0).lognormal(5, 2, 20_000)
    found = first_digits(pl.Series(-sizes))
    assert found.distance < 0.02
    assert found.counts.sum() == 20_000
    evenly = np.append(np.random.default_rng(0).uniform(0, 1000, 5_000), [0.01] * 60)
    assert first_digits(pl.Series(evenly)).distance > 0.15
    assert first_digits(pl.Series(np.random.default_rng(0).normal(170, 8, 5_000))) is None  # heights do not span orders


@pytest.mark.parametrize("seed", range(5))
def test_first_digits_are_those_written(seed):
    rng = np.random.default_rng(seed)
    values = np.concatenate([10.0 ** rng.uniform(-200, 200, 500), np.nextafter(10.0 ** rng.integers(-9, 9, 200), 0)])
    written = [int(f"{value:.17e}"[0]) for value in values[:500]]
    assert (first_digits(pl.Series(values[:500])).counts == np.bincount(written, minlength=10)[1:]).all()
    assert first_digits(pl.Series(values)).counts.sum() == 700


def test_powers_of_ten_start_with_one():
    column = pl.Series([10.0**power for power in range(-150, 151)])
    assert first_digits(column).counts.tolist() == [301, 0, 0, 0, 0, 0, 0, 0, 0]
