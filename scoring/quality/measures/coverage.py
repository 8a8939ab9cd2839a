"""Whether the records are of all the kinds, and of the time, that a challenge asks for."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import isnan
from typing import Final

import numpy as np
import polars as pl

from scoring.quality import issues
from scoring.quality.check import Measured, counted
from scoring.quality.conformity import read
from scoring.quality.evidence import Evidence
from scoring.quality.measures.comparing import as_names
from scoring.quality.timeliness import timeliness

FEWEST_CANARIES: Final = 50
"""Fewer count as if the others of this many had survived, so that nobody learns about a single record."""
SURVIVING: Final = ((0.95, 1.0), (0.8, 0.8), (0.5, 0.5), (0.0, 0.0))
"""From which share of surviving canaries on, which share is counted: all that may be known about them."""


def representativeness(seen: Evidence) -> Measured | None:
    """A3: of the groups of records that are asked for, those that are there, times the share of canaries that survive.

    Copies and records without content do not count. A number of distinct values is as many groups; a value with its fewest
    records is one. Canaries are records that a careful team keeps; which they are is shown nowhere, and their share only by the
    steps of `SURVIVING`.
    """
    reference = seen.reference
    if reference is None or not (reference.strata or (reference.canaries is not None and seen.roles.id)):
        return None
    asked = there = 0
    missing = list[pl.DataFrame]()
    for column in sorted(reference.strata):
        covered, of, found = _covered(seen, column, reference.strata[column])
        asked, there = asked + of, there + covered
        missing += found
    surviving = _surviving(seen)
    if not asked and surviving is None:
        return None
    value = (there / asked if asked else 1.0) * (1.0 if surviving is None else surviving)
    return Measured(
        value, value, value, asked or seen.rows, asked - there if asked else None, issues=issues.joined(missing),
        details={"groups": [there, asked], "surviving": surviving},
    )  # fmt: skip


def _covered(seen: Evidence, column: str, asked: int | Mapping[str, int]) -> tuple[int, int, list[pl.DataFrame]]:
    """Groups of one column that are there, how many are asked for, and what is missing."""
    if column in seen.table.columns:
        values = as_names(seen.table[column]).filter(pl.Series(seen.distinct)).drop_nulls()
    else:
        values = pl.Series(column, [], dtype=pl.String)
    if isinstance(asked, int):
        distinct = values.n_unique()
        few = [issues.about_column(column, "groups_few")] if distinct < asked else []
        return min(distinct, asked), asked, few
    counts = dict(values.alias("value").value_counts(name="rows").iter_rows())
    lacking = [value for value, fewest in sorted(asked.items()) if counts.get(value, 0) < fewest]
    found = [
        issues.about_column(column, "group_missing").with_columns(pl.lit(value).alias("value")) for value in lacking
    ]
    return len(asked) - len(lacking), len(asked), found


def _surviving(seen: Evidence) -> float | None:
    """The share of canaries that counts; None: there are none to look for."""
    canaries = seen.reference.canaries if seen.reference else None
    if canaries is None or seen.roles.id is None:
        return None
    wanted = as_names(canaries[seen.roles.id]).drop_nulls().unique()
    if not len(wanted):
        return None
    gone = int((~wanted.is_in(as_names(seen.table[seen.roles.id]).drop_nulls().unique().implode())).sum())
    share = 1 - gone / max(len(wanted), FEWEST_CANARIES)
    return next(counts for least, counts in SURVIVING if share >= least)


def in_window(seen: Evidence) -> Measured | None:
    """A5: of the records with a time, those whose time can be read and is inside the window that the challenge asks for. Times
    without a zone are UTC. Missing times are completeness's (Q7), and not counted twice.
    """
    window = seen.reference.window if seen.reference else None
    if window is None or seen.roles.time is None:
        return None
    start, end = (moment.astimezone(UTC).replace(tzinfo=None) for moment in window)
    cells = seen.table[seen.roles.time]
    there = np.flatnonzero(~seen.missing(seen.roles.time))
    times = read(cells.gather(there), "datetime")
    found = timeliness(times, start, end)
    unknown = np.flatnonzero(times.is_null().to_numpy())
    return counted(
        found.inside.count,
        found.inside.of,
        issues=issues.joined(list(_outside(cells, there[found.outside], there[unknown]))),
        details={
            "from": _written(start), "to": _written(end),
            "lag_days": None if isnan(found.lag) else found.lag / 86_400,
            "age_days": None if isnan(found.age) else found.age / 86_400,
        },
    )  # fmt: skip


def _outside(cells: pl.Series, *places: np.ndarray) -> Iterator[pl.DataFrame]:
    for code, rows in zip(("time_outside", "time_unknown"), places, strict=True):
        if len(rows):
            yield issues.at(rows, code, column=cells.name, values=cells.gather(rows))


def _written(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='seconds')}Z"
