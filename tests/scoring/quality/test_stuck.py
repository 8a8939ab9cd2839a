"""Sensors that are stuck: found in the order of time, whatever the order of the rows."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from scoring.quality.checks import CHECKS
from scoring.quality.evidence import Evidence, Roles
from scoring.quality.measures.stuck import in_order_of_time, stuck_values

ROWS = 400
ROLES = Roles(time="at", group="site")


def readings(rows: int = ROWS) -> pl.DataFrame:
    """Two sites that are read each hour: a temperature that never stays, and rain that mostly is none."""
    draw = np.random.default_rng(8)
    hours = np.repeat(np.arange(rows // 2), 2)
    return pl.DataFrame(
        {
            "site": ["north", "south"] * (rows // 2),
            "at": [datetime(2026, 5, 1, tzinfo=UTC) + timedelta(hours=int(hour)) for hour in hours],
            "heat": np.round(15 + 8 * np.sin(hours / 4) + draw.normal(0, 1, rows), 2),
            "rain": np.where(draw.random(rows) < 0.05, np.round(draw.random(rows) * 9, 1), 0.0),
        }
    )


def stuck_from(table: pl.DataFrame, hour: int, count: int) -> tuple[pl.DataFrame, list[int]]:
    """The thermometer of the northern site stays for so many hours."""
    rows = [2 * place for place in range(hour, hour + count)]
    value = table["heat"][rows[0]]
    return table.with_columns(table["heat"].scatter(rows, [value] * count)), rows


def test_a_value_that_stays_is_found_and_one_that_usually_stays_is_not() -> None:
    assert stuck_values(Evidence(readings(), ROLES), ["heat", "rain"]).columns == {}
    table, rows = stuck_from(readings(), 60, 12)
    found = stuck_values(Evidence(table, ROLES), ["heat", "rain"])
    assert found.columns == {"heat": 12}
    assert np.flatnonzero(found.rows).tolist() == rows
    assert found.issues["code"].unique().to_list() == ["stuck"]


def test_the_measure_counts_them_once() -> None:
    table, _ = stuck_from(readings(), 60, 12)
    before, after = (CHECKS["Q18"].load()(Evidence(one, ROLES)) for one in (readings(), table))
    assert before is not None
    assert after is not None
    assert after.value == pytest.approx(before.value + 12 / ROWS)
    assert after.details["stuck"] == {"heat": 12}
    assert CHECKS["Q18"].points(after).value < CHECKS["Q18"].points(before).value


def test_the_order_of_rows_plays_no_part() -> None:
    table, rows = stuck_from(readings(), 20, 15)
    turned = np.random.default_rng(2).permutation(ROWS)
    found = stuck_values(Evidence(table[turned], ROLES), ["heat"])
    assert sorted(turned[found.rows].tolist()) == rows


def test_copies_make_no_value_stay() -> None:
    table = readings()
    copies = pl.concat([table, *[table[100:101]] * 30])
    assert stuck_values(Evidence(copies, ROLES), ["heat"]).columns == {}


@pytest.mark.parametrize(
    "roles", [Roles(), Roles(time="at"), Roles(time="heat", group="site"), Roles(time="gone", group="site")]
)
def test_without_an_order_nothing_is_said(roles: Roles) -> None:
    """No time; two readings of each moment and nothing that tells them apart; a time that is no moment, or not there."""
    seen = Evidence(stuck_from(readings(), 60, 12)[0], roles)
    assert in_order_of_time(seen) is None
    assert stuck_values(seen, ["rain"]) is None
