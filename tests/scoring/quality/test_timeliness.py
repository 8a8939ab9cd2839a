"""Times inside a window, and drift that shows."""

import datetime as dt
import math

import numpy as np
import polars as pl
import pytest

from scoring.quality.timeliness import drift, timeliness

START, END = (dt.datetime.fromisoformat(text) for text in ("2024-01-01T00:00", "2024-12-31T00:00"))
DAY = dt.timedelta(days=1)


def test_a_window_by_hand():
    times = pl.Series([START, END, END + DAY, START - DAY, None, END - DAY])
    found = timeliness(times, START, END)
    assert (found.inside.count, found.inside.of, found.outside.tolist(), found.missing) == (3, 6, [2, 3], 1)
    assert (found.lag, found.age) == (0, (86_400 + 366 * 86_400) / 2 - 86_400 / 2)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_dates_units_and_zones(unit):
    days = pl.Series([START.date(), END.date(), (END + DAY).date()])
    assert timeliness(days, START, END).inside.count == 2
    assert timeliness(days.cast(pl.Datetime(unit)), START, END).inside.count == 2
    zone = dt.UTC
    aware = days.cast(pl.Datetime(unit)).dt.replace_time_zone("UTC")
    assert timeliness(aware, START.replace(tzinfo=zone), END.replace(tzinfo=zone)).inside.count == 2


def test_no_times():
    empty = timeliness(pl.Series([], dtype=pl.Datetime), START, END)
    assert empty.inside.of == 0
    assert math.isnan(empty.lag)
    late = timeliness(pl.Series([END + DAY]), START, END)
    assert (late.inside.count, late.outside.tolist()) == (0, [0])
    assert math.isnan(late.age)


def test_the_callers_mistakes():
    with pytest.raises(ValueError, match="ends before"):
        timeliness(pl.Series([START]), END, START)
    with pytest.raises(ValueError, match="no times"):
        timeliness(pl.Series([1]), START, END)
    with pytest.raises(ValueError, match="periods"):
        drift(pl.Series([1]), pl.Series([START]), periods=1)


def hours(count: int) -> pl.Series:
    return pl.datetime_range(START, START + dt.timedelta(hours=count - 1), "1h", eager=True)


def test_drift_grows_with_what_drifts_and_is_dated():
    rng = np.random.default_rng(0)
    noise = rng.normal(size=8_000)
    worst = [drift(pl.Series(noise + slope * np.linspace(0, 1, 8_000)), hours(8_000)).worst for slope in (0, 1, 2, 4)]
    assert worst[0] < 0.05
    assert worst == sorted(worst)
    found = drift(pl.Series(["old"] * 4_000 + ["new"] * 4_000), hours(8_000), periods=4)
    assert (found.indices > 1).tolist() == [True, True, False, False]
    assert found.starts[2] == START + dt.timedelta(hours=4_000)
    assert found.rows.tolist() == [2_000] * 4


def test_drift_does_not_depend_on_order_and_keeps_moments_together():
    rng = np.random.default_rng(1)
    times = hours(50).sample(5_000, with_replacement=True, seed=1)
    values = pl.Series(rng.normal(size=5_000))
    order = rng.permutation(5_000).tolist()
    one, two = drift(values, times), drift(values[order], times[order])
    np.testing.assert_array_equal(one.indices, two.indices)
    assert one.starts.is_unique().all()


def test_too_few_rows_tell_nothing():
    found = drift(pl.Series(range(50)), hours(50))
    assert math.isnan(found.worst)
    assert drift(pl.Series([], dtype=pl.Float64), pl.Series([], dtype=pl.Datetime)).rows.size == 0
    same = drift(pl.Series(range(500)), pl.Series([START] * 500))
    assert same.rows.tolist() == [500]
    assert math.isnan(same.worst)
