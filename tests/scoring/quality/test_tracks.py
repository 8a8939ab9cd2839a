"""Tracks: simulated flights pass, planted jumps are found at the right point, and real kinds of trouble have their names."""

import numpy as np
import polars as pl
import pytest

from scoring.quality.outliers import Limits, track_defects
from scoring.quality.outliers.tracks import EARTH_RADIUS, REASONS

DRONE = Limits(speed=40, climb=15, highest=600, blur=30)


def flights(count: int = 20, points: int = 200, seed: int = 0) -> pl.DataFrame:
    """Aircraft at 60 to 250 m/s with gentle turns, a point each second, noise of 10 m, gaps."""
    rng = np.random.default_rng(seed)
    tables = []
    for track in range(count):
        speed = rng.uniform(60, 250)
        course = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.01, points))
        time = np.cumsum(rng.choice([1, 1, 1, 1, 9], points)).astype(float)
        step = speed * np.diff(time, prepend=time[0] - 1)
        north = np.cumsum(step * np.cos(course)) + rng.normal(0, 10, points)
        east = np.cumsum(step * np.sin(course)) + rng.normal(0, 10, points)
        latitude = rng.uniform(-60, 60) + np.degrees(north / EARTH_RADIUS)
        longitude = rng.uniform(-179, 179) + np.degrees(east / EARTH_RADIUS / np.cos(np.radians(latitude)))
        altitude = 3000 + np.cumsum(rng.normal(0, 5, points))
        longitude = (longitude + 180) % 360 - 180
        tables.append(
            pl.DataFrame(
                {
                    "track": track,
                    "time": time,
                    "latitude": latitude,
                    "longitude": longitude,
                    "altitude": altitude,
                    "speed": speed,
                }
            )
        )
    return pl.concat(tables)


def changed(points: pl.DataFrame, rows, **columns) -> pl.DataFrame:
    for name, change in columns.items():
        values = points[name].to_numpy().astype(float).copy()
        values[rows] = change(values[rows])
        points = points.with_columns(pl.Series(name, values))
    return points


def test_simulated_flights_pass():
    found = track_defects(flights())
    assert found.flagged.count == 0
    assert found.tracks.value == 0
    assert set(found.by_reason) == set(REASONS)


@pytest.mark.parametrize("column", ["latitude", "altitude"])
def test_single_jumps_are_found_at_their_point_and_nowhere_else(column):
    points = flights()
    rows = np.random.default_rng(1).choice(len(points), 40, replace=False)
    jump = {"latitude": lambda x: x + np.where(x > 0, -1, 1), "altitude": lambda x: x + 4000}[column]
    found = track_defects(changed(points, rows, **{column: jump}))
    assert np.isin(rows, np.flatnonzero(found.rows)).mean() >= 0.97
    assert np.isin(np.flatnonzero(found.rows), rows).mean() >= 0.95


def test_a_false_stretch_is_found_whole():
    points = flights(count=3)
    rows = np.arange(250, 270)
    found = track_defects(changed(points, rows, latitude=lambda x: x + 2))
    assert found.by_reason["track.teleport"].tolist() == rows.tolist()
    assert found.tracks.count == 1


def test_where_both_sides_may_be_right_only_the_leap_is_named():
    points = flights(count=1)
    found = track_defects(changed(points, np.arange(100, 200), latitude=lambda x: x + 2))
    assert {reason: rows.tolist() for reason, rows in found.by_reason.items() if rows.size} == {"track.leap": [100]}


def test_the_order_of_the_file_does_not_matter_but_is_reported():
    points = flights(count=4)
    points = changed(points, [10, 500], latitude=lambda x: x + 1)
    order = np.random.default_rng(0).permutation(len(points))
    straight, mixed = track_defects(points), track_defects(points[order])
    for reason in REASONS:
        if reason != "track.out_of_order":
            assert sorted(order[mixed.by_reason[reason]]) == straight.by_reason[reason].tolist()
    assert straight.by_reason["track.out_of_order"].size == 0
    assert mixed.by_reason["track.out_of_order"].size > 100


def test_legs_are_great_circles_also_across_the_date_line_and_the_pole():
    crossing = pl.DataFrame(
        {"track": 1, "time": range(5), "latitude": 0.1, "longitude": [179.998, 179.999, -180.0, -179.999, -179.998]}
    )
    pole = pl.DataFrame(
        {
            "track": 2,
            "time": range(5),
            "latitude": [89.998, 89.999, 89.9999, 89.999, 89.998],
            "longitude": [0.0, 0, 90, 180, 180],
        }
    )
    assert track_defects(crossing).flagged.count == 0
    assert track_defects(pole).flagged.count == 0
    degree = np.radians(1) * EARTH_RADIUS
    leg = pl.DataFrame({"track": 1, "time": [0.0, 1000.0], "latitude": [0.0, 0.0], "longitude": [10.0, 11.0]})
    for limit, leaps in ((degree / 1000 * 1.001, 0), (degree / 1000 * 0.999, 1)):
        found = track_defects(leg, Limits(speed=limit, slack=0, blur=0))
        assert found.by_reason["track.leap"].size == leaps


def test_an_old_place_is_stale_only_where_the_next_could_not_be_reached_in_time():
    north = np.degrees(100 * np.arange(60.0) / EARTH_RADIUS)  # 100 m/s
    held = north.copy()
    held[20:40] = north[20]
    points = pl.DataFrame({"track": 1, "time": range(60), "latitude": held, "longitude": 8.0})
    assert track_defects(points).by_reason["track.stale"].tolist() == list(range(21, 40))
    parked = pl.DataFrame({"track": 1, "time": range(60), "latitude": np.minimum(north, north[20]), "longitude": 8.0})
    assert track_defects(parked).flagged.count == 0


def test_a_drone_has_tighter_limits():
    points = pl.DataFrame(
        {
            "track": 1,
            "time": range(0, 100, 10),
            "latitude": np.linspace(50, 50.02, 10),
            "longitude": 8.0,
            "altitude": [100.0] * 9 + [900.0],
        }
    )
    found = track_defects(points, DRONE)
    assert found.by_reason["track.altitude_range"].tolist() == [9]
    assert found.by_reason["track.altitude_jump"].tolist() == [9]
    assert track_defects(points).flagged.count == 0


def test_missing_and_impossible_places_and_equal_times():
    points = pl.DataFrame(
        {
            "track": ["a"] * 7,
            "time": [0.0, 1, 1, 2, 3, None, 4],
            "latitude": [1.0, 1, 1, None, 91, 1, 0],
            "longitude": [1.0, 1, 1, 1, 1, 1, 0],
        }
    )
    found = track_defects(points)
    assert found.by_reason["track.no_place"].tolist() == [3, 4, 5, 6]
    assert found.by_reason["track.same_time"].tolist() == [2]
    assert track_defects(points.clear()).flagged.of == 0
    with pytest.raises(ValueError, match="lack longitude"):
        track_defects(points.drop("longitude"))


def test_datetimes_are_times():
    points = flights(count=2)
    points = changed(points, [50], latitude=lambda x: x + 1)
    moments = points.with_columns((pl.col("time") * 1e6).cast(pl.Int64).cast(pl.Datetime("us")))
    assert track_defects(moments).by_reason["track.teleport"].tolist() == [50]


def test_random_points_end_and_are_flagged():
    rng = np.random.default_rng(0)
    points = pl.DataFrame(
        {
            "track": 1,
            "time": range(5000),
            "latitude": rng.uniform(-90, 90, 5000),
            "longitude": rng.uniform(-180, 180, 5000),
        }
    )
    assert track_defects(points).flagged.value > 0.5
