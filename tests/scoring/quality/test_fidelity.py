"""Fidelity: SDMetrics' figures, the definitions as oracles, and copies that are found."""

import datetime as dt
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import scipy.spatial.distance
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.quality.fidelity import closeness, likeness
from scoring.quality.fidelity.closeness import _placed

FLIGHTS = Path(__file__).parents[3] / "challenges/shipped/flight-delays/public/train.parquet"


@pytest.fixture(scope="module")
def flights() -> pl.DataFrame:
    return pl.read_parquet(FLIGHTS).drop("date", "tail_number", "flight_number").sample(6_000, seed=1)


def test_figures_of_sdmetrics():
    """Computed once with SDMetrics 0.32.0: KSComplement, TVComplement, CorrelationSimilarity, ContingencySimilarity."""
    rows = np.arange(400)
    real = pl.DataFrame(
        {
            "a": rows % 37 * 1.0,
            "b": (rows * rows % 101) * 1.0,
            "c": (rows % 3).astype(str),
            "d": (rows % 7 % 2).astype(str),
        }
    )
    other = pl.DataFrame(
        {"a": rows % 53 * 1.0, "b": (rows * 7 % 37) * 2.0, "c": (rows % 5).astype(str), "d": (rows % 4 % 3).astype(str)}
    )
    found = likeness(real, other)
    assert found.shapes == pytest.approx(SDMETRICS["shapes"], abs=1e-6)
    assert found.pairs == pytest.approx(SDMETRICS["pairs"], abs=1e-6)


SDMETRICS = {
    "shapes": {"a": 0.72, "b": 0.68, "c": 0.6, "d": 0.75},
    "pairs": {
        ("a", "b"): 0.9748507,
        ("a", "c"): 0.49,
        ("a", "d"): 0.5875,
        ("b", "c"): 0.5625,
        ("b", "d"): 0.64,
        ("c", "d"): 0.45,
    },
}


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-5, 5), min_size=2, max_size=40), st.lists(st.integers(-5, 5), min_size=2, max_size=40))
def test_numbers_by_kolmogorov_and_smirnov_and_categories_by_total_variation(first, second):
    numbers = [pl.DataFrame({"x": pl.Series(side, dtype=pl.Float64)}) for side in (first, second)]
    assert likeness(*numbers).shape == pytest.approx(1 - scipy.stats.ks_2samp(first, second, method="asymp").statistic)
    texts = [table.cast(pl.String) for table in numbers]
    shares = [np.array([side.count(value) / len(side) for value in range(-5, 6)]) for side in (first, second)]
    assert likeness(*texts).shape == pytest.approx(1 - np.abs(shares[0] - shares[1]).sum() / 2)


def test_likeness_falls_with_the_damage(flights):
    rng = np.random.default_rng(0)
    columns = ["temperature_f", "dew_point_f", "carrier", "origin", "departs", "arrives"]
    real = flights.select(columns)
    overall = [likeness(real, real).overall]
    for share in (0.2, 0.5, 1.0):
        broken = real.with_columns(
            pl.when(pl.Series(rng.random(len(real)) < share))
            .then(pl.col(name).shuffle(seed=place))
            .otherwise(name)
            .alias(name)
            for place, name in enumerate(columns)
        )
        found = likeness(real, broken)
        assert found.shape > 0.98  # every column by itself is what it was
        overall.append(found.overall)
    assert overall[0] == 1
    assert overall == sorted(overall, reverse=True)


def test_a_fresh_sample_is_like_the_first(flights):
    found = likeness(flights[:3_000], flights[3_000:])
    assert found.overall > 0.95


def test_types_missing_values_and_constants():
    real = pl.DataFrame(
        {
            "n": [1.0, None, 3.0, 4.0],
            "t": ["a", None, "b", "b"],
            "k": [1, 1, 1, 1],
            "d": [dt.date(2024, 1, day) for day in (1, 2, 3, 4)],
        }
    )
    found = likeness(real, real)
    assert found.overall == 1
    assert ("n", "k") not in found.pairs
    assert ("n", "d") in found.pairs
    other = real.with_columns(pl.col("n").cast(pl.String), t=pl.lit("z"))
    assert likeness(real, other).shapes["t"] == 0
    nothing = real.with_columns(n=pl.lit(None, dtype=pl.Float64))
    assert likeness(real, nothing).shapes["n"] == 0
    huge = pl.DataFrame({"x": [1e300, -1e300, 0.0], "y": [1.0, 2.0, 3.0]})
    assert likeness(huge, huge).overall == 1


def test_unusable_tables_are_refused():
    table = pl.DataFrame({"a": [1, 2, 3]})
    for real, synthetic, columns in (
        (table, table.rename({"a": "b"}), None),
        (table, table.clear(), None),
        (table, table, []),
    ):
        with pytest.raises(ValueError, match=r"columns|rows"):
            likeness(real, synthetic, columns)
    with pytest.raises(ValueError, match="distances need"):
        closeness(table[:2], table, seed=0)
    with pytest.raises(ValueError, match="both tables"):
        closeness(table, table.rename({"a": "b"}), seed=0)


def test_distances_by_their_definition():
    rng = np.random.default_rng(0)
    real = pl.DataFrame({"x": rng.normal(size=80), "y": rng.integers(0, 50, 80), "z": rng.choice(["a", "b", "c"], 80)})
    other = pl.DataFrame({"x": rng.normal(size=30), "y": rng.integers(0, 50, 30), "z": rng.choice(["a", "b", "q"], 30)})
    one, two = _placed(real, other, real.columns)
    found = scipy.spatial.distance.cdist(two, one)
    for place in range(0, 30, 7):
        for row in range(0, 80, 13):
            parts = []
            for name in ("x", "y"):
                low, high = np.quantile(real[name], (0.01, 0.99))
                a, b = (
                    np.clip((table[name][at] - low) / (high - low), -0.5, 1.5)
                    for table, at in ((other, place), (real, row))
                )
                parts.append((a - b) ** 2)
            parts.append(float(other["z"][place] != real["z"][row]))
            assert found[place, row] == pytest.approx(math.sqrt(np.mean(parts)))
    nearest = closeness(real, other, seed=0)
    assert nearest.distances == pytest.approx(np.quantile(found.min(axis=1), (0.01, 0.05, 0.25, 0.5, 0.75)), abs=1e-6)
    own = scipy.spatial.distance.cdist(one, one) + np.diag([np.inf] * 80)
    assert nearest.usual == pytest.approx(np.quantile(own.min(axis=1), (0.01, 0.05, 0.25, 0.5, 0.75)), abs=1e-6)


def test_copies_are_counted_in_all_rows_whatever_their_types(flights):
    distinct = flights.unique(maintain_order=True)
    real, fresh = distinct[:1_500], distinct[1_500:2_400]
    mixed = pl.concat([fresh, real[:100]])
    found = closeness(real, mixed.with_columns(pl.col("departs").cast(pl.Float64)), seed=0)
    assert found.copied.count == 100
    assert found.copied.exact
    assert np.flatnonzero(found.copies).tolist() == list(range(900, 1_000))


@pytest.mark.slow
def test_near_copies_are_too_close_and_fresh_rows_are_not(flights):
    distinct = flights.unique(maintain_order=True)
    real, fresh = distinct[:2_000], distinct[2_000:4_000]
    usual = closeness(real, fresh, seed=0)
    assert usual.too_close.value < 0.04
    assert usual.distances[3] == pytest.approx(usual.usual[3], rel=0.1)
    rng = np.random.default_rng(0)
    shaken = real.with_columns(pl.col("temperature_f") + pl.Series(rng.normal(0, 0.3, len(real))))
    near = closeness(real, shaken, seed=0)
    assert near.copied.value < 0.05
    assert near.too_close.value > 0.9
    assert near.ratio < 0.2 < usual.ratio


def test_samples_are_seeded():
    rng = np.random.default_rng(0)
    real, other = (pl.DataFrame({"x": rng.normal(size=size), "y": rng.normal(size=size)}) for size in (600, 2_500))
    first, again, third = (closeness(real, other, seed=seed) for seed in (1, 1, 9))
    assert first.distances == again.distances != third.distances
    assert not first.too_close.exact
    assert first.too_close.of == 2_000


def test_one_synthetic_row_and_constant_columns():
    real = pl.DataFrame({"a": [1, 1, 1], "b": [None, None, None]}, schema={"a": pl.Int64, "b": pl.Float64})
    found = closeness(real, real[:1], seed=0)
    assert found.copied.value == 1
    assert found.distances == (0,) * 5
    assert math.isnan(found.ratio)
