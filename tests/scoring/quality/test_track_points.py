"""False points of tracks among outliers (Q18): found by their track, in any order of rows, and only where there are tracks."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from scoring.quality.checks import CHECKS
from scoring.quality.evidence import Evidence, Roles
from scoring.quality.measures.tracks import unit_of

ROLES = Roles(id="id", time="when", group="craft", latitude="lat", longitude="lon", altitude="altitude_ft")
START = datetime(2026, 5, 1, tzinfo=UTC)


def flights(crafts: int = 6, points: int = 60) -> pl.DataFrame:
    """Craft at 60 m/s to the north from places far apart, a point every ten seconds."""
    rows = [
        {
            "id": f"{craft}-{place}",
            "craft": f"c{craft}",
            "when": START + timedelta(seconds=10 * place),
            "lat": 10.0 + 5 * craft + 0.0054 * place,
            "lon": -100.0 + 30 * craft,
            "altitude_ft": 3000.0 + 10 * place,
        }
        for craft in range(crafts)
        for place in range(points)
    ]
    return pl.DataFrame(rows)


def changed(table: pl.DataFrame, **cells: dict[int, float | None]) -> pl.DataFrame:
    for name, values in cells.items():
        table = table.with_columns(pl.Series(name, [values.get(row, cell) for row, cell in enumerate(table[name])]))
    return table


def q18(table: pl.DataFrame, roles: Roles = ROLES):
    return CHECKS["Q18"].load()(Evidence(table, roles))


def test_sound_tracks_have_no_outliers_although_they_are_far_apart():
    found = q18(flights())
    assert (found.value, found.bad) == (0, 0)
    assert set(found.details["tracks"].values()) == {0}


def test_false_points_are_found_by_their_track_and_counted_once():
    table = changed(
        flights(), lat={20: 30.0, 70: 0.0, 200: 21.0}, lon={70: 0.0}, altitude_ft={330: 9_900.0, 200: 60_000.0}
    )
    found = q18(table)
    by_code = {code: set(rows["row"]) for (code,), rows in found.issues.group_by("code")}
    assert by_code == {
        "track.teleport": {20, 200},
        "track.no_place": {70},
        "track.altitude_jump": {200, 330},
    }
    assert found.value == 4 / 360
    assert dict(found.issues.select("code", "column").iter_rows())["track.altitude_jump"] == "altitude_ft"


def test_the_order_of_rows_plays_no_part_and_copies_of_false_points_are_only_copies():
    table = changed(flights(), lat={20: 30.0, 200: 21.0})
    mixed = table[np.random.default_rng(0).permutation(table.height)]
    assert q18(mixed).value == q18(table).value == 2 / 360
    twice = pl.concat([table, table.with_columns(pl.format("{}-again", "id").alias("id"))])
    assert q18(twice).value == 2 / 720  # the other two are copies (Q13)


def test_what_is_missing_is_not_judged():
    table = changed(flights(), lat={20: None, 21: 30.0}, altitude_ft={40: None})
    assert q18(table).details["tracks"]["track.teleport"] == 1


@pytest.mark.parametrize("lacking", ["time", "group", "latitude", "longitude"])
def test_without_whose_when_and_where_there_are_no_tracks(lacking):
    roles = Roles(**{role: name for role in ROLES.__slots__ if (name := getattr(ROLES, role)) and role != lacking})
    assert "tracks" not in q18(flights(), roles).details


def test_places_that_are_no_track_are_not_judged_as_one():
    """Shops of a town, each opened at some moment: nobody flew from one to the next."""
    rng = np.random.default_rng(1)
    shops = flights().with_columns(lat=pl.Series(rng.uniform(-60, 60, 360)), lon=pl.Series(rng.uniform(-170, 170, 360)))
    assert "tracks" not in q18(shops).details
    days = flights().with_columns(when=pl.col("when").dt.date())
    assert "tracks" not in q18(days).details
    counted = flights().with_columns(when=pl.int_range(pl.len()).over("craft"))
    assert "tracks" not in q18(counted).details


def test_seconds_since_1970_are_moments():
    table = changed(flights(), lat={20: 30.0}).with_columns(pl.col("when").dt.epoch("s"))
    assert q18(table).details["tracks"]["track.teleport"] == 1


@pytest.mark.parametrize(
    ("name", "metres"),
    [("altitude_m", 1.0), ("Height (m)", 1.0), ("alt_km", 1000.0), ("altitude_ft", 0.3048), ("高度", 0.3048)],
)
def test_the_unit_of_an_altitude_stands_in_its_name(name, metres):
    assert unit_of(name) == metres
