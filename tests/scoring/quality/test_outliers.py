"""Outliers: real tables are left alone, planted errors are found, and nothing depends on order or unit."""

import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import scipy.stats
import sklearn.datasets
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from scoring.quality.outliers import (
    beyond_tails,
    clock_shifts,
    corrected_share,
    find_outliers,
    powers_off,
    robust_z,
    stuck_runs,
    unit_jumps,
    zone_shifts,
)
from scoring.quality.outliers.isolation import isolated_rows

CHALLENGES = Path(__file__).parents[3] / "challenges/shipped"
any_floats = hnp.arrays(np.float64, st.integers(0, 40), elements=st.floats(-1e290, 1e290) | st.just(np.nan))


@pytest.fixture(scope="module")
def flights() -> pl.DataFrame:
    return pl.read_parquet(CHALLENGES / "flight-delays/public/train.parquet").sample(40_000, seed=1)


# robust z and tails


@given(hnp.arrays(np.float64, st.integers(1, 50), elements=st.floats(-1e6, 1e6)))
def test_robust_z_is_that_of_scipy_where_there_is_a_deviation(values):
    deviation = scipy.stats.median_abs_deviation(values, scale="normal")
    if deviation > 1e-300:
        np.testing.assert_allclose(robust_z(values), (values - np.median(values)) / deviation, rtol=1e-6, atol=1e-9)


def test_robust_z_without_a_deviation():
    assert robust_z(np.array([3.0] * 9)).tolist() == [0] * 9
    found = robust_z(np.array([3.0] * 9 + [4.0, np.nan]))
    assert found[9] == pytest.approx(1 / (0.1 * np.sqrt(np.pi / 2)))
    assert np.isnan(found[10])
    assert np.isnan(robust_z(np.array([np.nan, np.nan]))).all()
    assert robust_z(np.zeros(0)).size == 0


@pytest.mark.parametrize("draw", ["normal", "exponential", "gamma", "lognormal", "uniform", "laplace"])
def test_clean_columns_of_many_shapes_hardly_have_outliers(draw):
    rng = np.random.default_rng(0)
    columns = [
        getattr(rng, draw)(2.0, size=5_000) if draw == "gamma" else getattr(rng, draw)(size=5_000) for _ in range(40)
    ]
    flagged = [beyond_tails(column).rows.size for column in columns]
    assert np.count_nonzero(flagged) <= 12  # on each side one column in ten is expected to have one
    assert sum(flagged) < 40


@settings(deadline=None, max_examples=40)
@given(any_floats, st.integers(0, 2**32))
def test_outliers_do_not_depend_on_order_or_unit(values, seed):
    column = np.concatenate([values, np.random.default_rng(seed).normal(size=200)])
    order = np.random.default_rng(seed).permutation(len(column))
    straight, mixed, scaled = (beyond_tails(one) for one in (column, column[order], 1024 * column))
    assert sorted(order[mixed.rows]) == straight.rows.tolist() == scaled.rows.tolist()


def test_the_largest_numbers_do_not_overflow():
    values = np.append(np.random.default_rng(0).normal(size=300), [1.7e308, -1.7e308, 5e-324])
    assert beyond_tails(values).rows.tolist() == [300, 301]
    assert beyond_tails(np.tile([1.7e308, -1.7e308], 200)).rows.size == 0
    assert np.isfinite(robust_z(np.tile([1.7e308, -1.7e308, 1e308], 50))).all()


def test_the_expected_number_is_the_promised_one():
    rng = np.random.default_rng(5)
    found = [beyond_tails(rng.exponential(size=2_000)) for _ in range(300)]
    above = [np.count_nonzero(one.rows) for one in found]
    assert 5 <= sum(above) <= 120  # 0.1 in a column, were the shape of the tail known; it is estimated from 200 values
    assert {one.expected for one in found if one.rows.size} <= {0.1, 0.2}


@pytest.mark.parametrize("rate", [0.001, 0.005, 0.01])
@pytest.mark.parametrize(
    ("column", "factor", "least"),
    [("temperature_f", 1000, 0.99), ("pressure_hpa", 10, 1.0), ("pressure_hpa", 0.1, 1.0)],
)
def test_planted_factors_in_a_real_column(flights, rate, column, factor, least):
    values = flights[column].cast(pl.Float64).fill_null(float("nan")).to_numpy().copy()
    rows = np.random.default_rng(1).choice(
        np.flatnonzero(np.isfinite(values) & (values != 0)), int(rate * len(values)), replace=False
    )
    values[rows] *= factor
    found = beyond_tails(values).rows
    assert np.isin(rows, found).mean() >= least
    assert np.isin(found, rows).all()


def test_real_tables_are_left_alone(flights):
    assert find_outliers(flights).flagged.count == 0
    for name, most in (("wine", 0), ("breast_cancer", 8), ("diabetes", 0), ("iris", 0)):
        table = pl.from_pandas(getattr(sklearn.datasets, f"load_{name}")(as_frame=True).data)
        assert find_outliers(table).flagged.count <= most, name


def test_ranges_are_sure_and_tails_are_not():
    rng = np.random.default_rng(0)
    table = pl.DataFrame(
        {
            "humidity": np.append(rng.normal(50, 5, 999), 130.0),
            "wind": np.append(rng.gamma(2, size=999), 500.0),
            "name": "x",
        }
    )
    found = find_outliers(table, {"humidity": (0, 100)})
    assert [(one.column, one.reason, one.rows.tolist(), one.expected) for one in found.findings] == [
        ("humidity", "outlier.range", [999], 0.0),
        ("wind", "outlier.tail", [999], 0.1),
    ]
    assert found.flagged.count == 1  # the same row
    assert found.precision == pytest.approx(0.9)
    assert found.plausible.exact


def test_infinite_values_are_never_plausible_and_missing_ones_are_not_judged():
    found = find_outliers(pl.DataFrame({"a": [1.0, float("inf"), None, float("nan"), -float("inf")]}))
    assert np.flatnonzero(found.rows).tolist() == [1, 4]
    assert find_outliers(pl.DataFrame({"a": pl.Series([], dtype=pl.Float64)})).flagged.of == 0
    assert find_outliers(pl.DataFrame({"a": [None, None]}, schema={"a": pl.Int8})).flagged.count == 0


def test_a_range_of_no_column_is_the_callers_mistake():
    with pytest.raises(ValueError, match="no numeric column b"):
        find_outliers(pl.DataFrame({"a": [1.0], "b": ["x"]}), {"b": (0, 1)})


@given(st.floats(0, 0.5), st.floats(0.6, 1), st.floats(0.6, 1))
def test_a_check_with_known_errors_is_put_right(true, sensitivity, specificity):
    flagged = true * sensitivity + (1 - true) * (1 - specificity)
    assert corrected_share(flagged, sensitivity=sensitivity, specificity=specificity) == pytest.approx(true, abs=1e-6)


def test_a_check_like_chance_says_nothing():
    with pytest.raises(ValueError, match="chance"):
        corrected_share(0.5, sensitivity=0.5, specificity=0.5)


# isolation


def test_rows_that_are_odd_only_as_a_whole_are_isolated():
    rng = np.random.default_rng(0)
    common = rng.normal(size=(3_000, 1))
    matrix = common + 0.1 * rng.normal(size=(3_000, 6))
    matrix[:10] = np.array([2.5, -2.5] * 3) + 0.1 * rng.normal(size=(10, 6))
    found = isolated_rows(matrix, seed=0)
    assert find_outliers(pl.DataFrame(matrix)).flagged.count == 0  # every value is ordinary
    assert found.scores[:10].min() > np.quantile(found.scores, 0.98)
    assert found.flagged.exact


def test_isolation_is_seeded_sampled_and_bounded():
    matrix = np.random.default_rng(0).normal(size=(2_000, 3))
    matrix[0] = [np.nan, np.inf, -1e300]
    first, again, other = (isolated_rows(matrix, seed=seed, most_rows=500) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.scores, again.scores)
    assert (len(first.sampled), first.flagged.exact) == (500, False)
    assert first.sampled.tolist() != other.sampled.tolist()
    assert isolated_rows(matrix[:50], seed=0).rows.size == 0
    assert isolated_rows(np.zeros((200, 2)), seed=0).rows.size == 0


# stuck sensors


def slow_runs(values):
    """Lengths of runs of equal known values."""
    runs, start = [], 0
    for place in range(1, len(values) + 1):
        if place == len(values) or values[place] != values[start]:
            runs += [(start, place - start)] if values[start] is not None else []
            start = place
    return runs


@settings(deadline=None)
@given(st.lists(st.sampled_from([None, 1.0, 2.0]), max_size=60))
def test_stuck_rows_are_whole_runs(values):
    found = stuck_runs(pl.Series(values, dtype=pl.Float64))
    runs = slow_runs(values)
    assert set(zip(found.starts.tolist(), found.lengths.tolist(), strict=True)) <= set(runs)
    assert found.rows.tolist() == [
        row for start, length in zip(found.starts, found.lengths, strict=True) for row in range(start, start + length)
    ]
    assert found.share.of == sum(length for _, length in runs)


@pytest.fixture(scope="module")
def weather() -> pl.DataFrame:
    flights = pl.read_parquet(CHALLENGES / "flight-delays/public/train.parquet")
    hours = flights.group_by("origin", "date", pl.col("departs") // 100).agg(
        pl.col("temperature_f", "wind_speed_mph", "pressure_hpa", "humidity_pct", "precipitation_in")
        .drop_nulls()
        .first()
    )
    return hours.sort("origin", "date", "departs")


@pytest.mark.parametrize("column", ["temperature_f", "wind_speed_mph", "pressure_hpa", "humidity_pct"])
def test_planted_stuck_sensors_in_real_weather(weather, column):
    values = weather[column].to_list()
    assert stuck_runs(weather[column], weather["origin"]).rows.size == 0
    rng = np.random.default_rng(0)
    planted = set()
    for start in rng.choice(np.arange(100, len(values) - 100, 250), 15, replace=False):
        length = int(rng.integers(24, 72))
        held = next(value for value in values[start:] if value is not None)
        values[start : start + length] = [held] * length
        planted |= set(range(start, start + length))
    found = set(stuck_runs(pl.Series(values), weather["origin"]).rows.tolist())
    assert len(planted & found) >= 0.97 * len(planted)
    assert len(found - planted) <= 0.03 * len(found)


def test_values_that_usually_stay_may_stay(weather):
    assert stuck_runs(weather["precipitation_in"], weather["origin"]).rows.size == 0  # no rain for weeks
    assert stuck_runs(pl.Series(["off"] * 500 + ["on"] * 3 + ["off"] * 400)).rows.size == 0
    assert stuck_runs(pl.Series([7.0] * 100)).rows.size == 0  # a constant column is another finding


# units and zones


def test_real_columns_have_one_unit(flights):
    for column in ("temperature_f", "pressure_hpa", "humidity_pct", "wind_speed_mph"):
        assert unit_jumps(flights[column]).rows.size == 0
    assert unit_jumps(flights["distance_mi"], flights["destination"]).rows.size == 0


def test_planted_units_are_found_with_their_factor(flights):
    rng = np.random.default_rng(0)
    distance = flights["distance_mi"].cast(pl.Float64).to_numpy().copy()
    rows = rng.choice(len(distance), 300, replace=False)
    factors = rng.choice([1000.0, 10.0, 1.609344, 0.001], 300)
    distance[rows] *= factors
    found = unit_jumps(pl.Series(distance), flights["destination"])
    assert np.isin(rows, found.rows).mean() > 0.9
    assert np.isin(found.rows, rows).all()
    planted = dict(zip(rows.tolist(), factors.tolist(), strict=True))
    right = [
        planted[row] == pytest.approx(factor)
        for row, factor in zip(found.rows.tolist(), found.factors.tolist(), strict=True)
    ]
    assert np.mean(right) > 0.99


def test_wide_columns_are_not_judged_and_small_groups_neither():
    wide = pl.Series(np.random.default_rng(0).lognormal(0, 3, 5_000))
    assert unit_jumps(wide).rows.size == 0
    assert unit_jumps(pl.Series([1.0] * 10 + [1000.0])).share.of == 0
    assert unit_jumps(pl.Series([0.0, None, float("nan"), float("inf")])).share.of == 0
    assert unit_jumps(pl.Series([], dtype=pl.Float64)).share.of == 0


def test_signs_and_order_do_not_matter_for_units():
    rng = np.random.default_rng(0)
    values = rng.normal(50, 2, 500) * rng.choice([-1, 1], 500)
    values[[3, 77]] *= 1000
    order = rng.permutation(500)
    assert unit_jumps(pl.Series(values)).rows.tolist() == [3, 77]
    assert sorted(order[unit_jumps(pl.Series(values[order])).rows]) == [3, 77]


def clock(count: int, rng: np.random.Generator) -> list[dt.datetime]:
    return [
        dt.datetime.fromisoformat("2024-01-01") + dt.timedelta(minutes=int(minute))
        for minute in np.sort(rng.integers(0, 500_000, count))
    ]


def test_shifted_zones_are_found():
    rng = np.random.default_rng(0)
    times = clock(3_000, rng)
    recorded = [
        time + dt.timedelta(seconds=float(late)) for time, late in zip(times, rng.gamma(2, 20, 3_000), strict=True)
    ]
    rows = np.sort(rng.choice(3_000, 60, replace=False))
    hours = rng.choice([8, -8, 1, 5.5], 60)
    for row, shift in zip(rows, hours, strict=True):
        recorded[row] += dt.timedelta(hours=float(shift))
    found = zone_shifts(pl.Series(recorded), pl.Series(times))
    assert np.isin(rows, found.rows).mean() > 0.9
    assert np.isin(found.rows, rows).all()
    shifts = dict(zip(rows.tolist(), (hours * 60).tolist(), strict=True))
    assert all(shifts[row] == minutes for row, minutes in zip(found.rows.tolist(), found.minutes.tolist(), strict=True))


def test_delays_that_scatter_are_not_judged():
    rng = np.random.default_rng(0)
    times = clock(500, rng)
    recorded = [
        time + dt.timedelta(hours=float(late)) for time, late in zip(times, rng.uniform(0, 9, 500), strict=True)
    ]
    assert zone_shifts(pl.Series(recorded), pl.Series(times)).share.of == 0
    assert zone_shifts(pl.Series([None] * 50, dtype=pl.Datetime), pl.Series(times[:50])).share.of == 0


def test_a_source_with_another_clock_is_found(flights):
    hours = flights.select(
        time=pl.col("date").cast(pl.Datetime) + pl.duration(hours=pl.col("departs") // 100), carrier="carrier"
    )
    assert clock_shifts(hours["time"], hours["carrier"]) == {}
    late = hours.with_columns(
        pl.when(pl.col("carrier") == "UA").then(pl.col("time") + dt.timedelta(hours=8)).otherwise("time")
    )
    assert clock_shifts(late["time"], late["carrier"]) == {"UA": 8}


@pytest.mark.parametrize("factor", [10.0, 100.0, 1000.0, 1e6, 0.1, 0.001])
def test_up_to_nearly_half_of_a_column_is_found_in_another_unit(factor):
    values = np.random.default_rng(7).normal(50, 5, 2_000)
    assert powers_off(values).size == 0
    for count in (20, 60, 200, 900):
        changed = values.copy()
        changed[:count] *= factor
        found = powers_off(changed)
        assert (found < count).all()
        assert len(found) >= 0.99 * count
        order = np.random.default_rng(8).permutation(len(values))
        assert sorted(order[powers_off(changed[order])]) == found.tolist()


def test_two_units_beside_the_usual_one_are_both_found():
    values = np.random.default_rng(7).normal(50, 5, 1_000)
    values[:100] *= 10
    values[100:150] *= 1000
    assert powers_off(-values).tolist() == powers_off(values).tolist() == list(range(150))


def test_natural_kinds_of_values_are_no_units():
    rng = np.random.default_rng(9)
    for natural in (
        np.repeat([1.0, 10.0, 100.0], [600, 300, 100]),  # denominations
        np.append(rng.normal(200, 8, 900), np.repeat([2.0, 3.0], 50)),  # grey and nearly black
        np.append(rng.normal(200, 8, 600), rng.normal(-2, 0.05, 400)),  # measured from the middle
        rng.lognormal(3, 1, 10_000),
        np.zeros(100),
        np.full(100, np.nan),
        np.array([1.0] * 10 + [1000.0]),
        np.array([]),
    ):
        assert powers_off(natural).size == 0


def test_values_in_another_unit_hide_no_single_outlier():
    values = np.random.default_rng(7).normal(50, 5, 2_000)
    values[:200] *= 1000
    values[300] = 731.0
    found = find_outliers(pl.DataFrame({"level": values}))
    assert [(one.reason, one.rows.tolist()) for one in found.findings] == [
        ("outlier.unit", list(range(200))),
        ("outlier.tail", [300]),
    ]
    assert found.flagged.count == 201
