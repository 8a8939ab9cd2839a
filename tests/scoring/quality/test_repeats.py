"""Near copies of rows beside raw data: copies whose columns were moved together are found, what repeats by nature is not."""

import numpy as np
import polars as pl
import pytest

from scoring.quality.check import Measured
from scoring.quality.checks import CHECKS
from scoring.quality.duplicates.tables import near_rows
from scoring.quality.evidence import Evidence, Roles
from scoring.quality.reference import Reference

ROLES = Roles(id="id", label="late")


def near(table: pl.DataFrame, raw: pl.DataFrame | None) -> Measured:
    reference = None if raw is None else Reference(raw=raw)
    found = CHECKS["Q14"].load()(Evidence(table, ROLES, reference=reference))
    assert found is not None
    return found


def orders(rows: int = 1000) -> pl.DataFrame:
    """Nine columns of orders, none of which says anything of another."""
    draw = np.random.default_rng(3)
    columns = {name: draw.integers(0, 60, rows) for name in ("day", "hour", "shop", "goods", "price", "weight", "way")}
    places = {"from": draw.integers(0, 40, rows), "to": draw.integers(0, 40, rows)}
    return pl.DataFrame(
        {"id": np.arange(rows), **columns, **places, "late": np.array(["yes", "no"])[np.arange(rows) % 2]}
    )


def moved(table: pl.DataFrame, count: int, *names: str) -> pl.DataFrame:
    """The first records again, other values in some columns."""
    return table.head(count).with_columns(pl.col("id") + 10**6, *(pl.col(name) + 100 for name in names))


@pytest.mark.parametrize("names", [("day",), ("day", "hour"), ("day", "hour", "goods")])
def test_copies_moved_in_up_to_a_third_of_the_columns_are_found_beside_raw_data(names: tuple[str, ...]):
    table = pl.concat([orders(), moved(orders(), 200, *names)])
    found = near(table, raw=orders())
    assert found.bad == 200
    assert found.issues is not None
    assert sorted(found.issues["row"]) == list(range(1000, 1200))
    assert near(orders(), raw=orders()).value == 0


def test_without_raw_data_or_where_they_lack_a_column_copies_differ_in_one():
    table = pl.concat([orders(), moved(orders(), 200, "day", "hour")])
    for raw in (None, orders().drop("shop")):
        assert near(table, raw).bad == 0


def flights() -> pl.DataFrame:
    """Two hundred flights that leave thirty times each: day, weather and aircraft are others, all else is the flight's."""
    draw, flight = np.random.default_rng(5), np.repeat(np.arange(200), 30)
    own = {f"of the flight {place}": draw.permutation(200)[flight] for place in range(6)}
    other = {
        "day": np.tile(np.arange(30), 200),
        "weather": draw.integers(0, 9, 6000),
        "craft": draw.integers(0, 4, 6000),
    }
    return pl.DataFrame({"id": np.arange(6000), **own, **other, "late": np.array(["yes", "no"])[np.arange(6000) % 2]})


def test_what_repeats_by_nature_in_raw_data_too_is_no_copy():
    table = flights()
    columns = [name for name in table.columns if name not in {"id", "late"}]
    assert near_rows(table, columns, differing=3).rate > 0.5, "else nothing would be shown"
    assert near(table, raw=table).value <= 0.0025
