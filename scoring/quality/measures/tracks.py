"""Points of tracks that the craft cannot have been at, for tables whose records are such points."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import polars as pl

from scoring.quality import issues
from scoring.quality.columns import as_numbers
from scoring.quality.evidence import Evidence
from scoring.quality.outliers import tracks
from scoring.sorting import BoolArray

JUDGED: Final = (
    tracks.NO_PLACE,
    tracks.STALE,
    tracks.TELEPORT,
    tracks.LEAP,
    tracks.ALTITUDE_RANGE,
    tracks.ALTITUDE_JUMP,
)
"""Not among them: the order of lines, which says nothing of the values, and equal times, which copies have (Q13, Q14)."""
METRES: Final[Mapping[str, float]] = MappingProxyType({"m": 1.0, "metres": 1.0, "meters": 1.0, "km": 1000.0, "米": 1.0})
"""What the last word of a column's name says of its unit. Other altitudes are in feet, as craft report them; taken for feet, metres
make no point false that is right."""
FOOT: Final = 0.3048
_SINCE_1970: Final = 1e8  # seconds; smaller numbers count from somewhere else, in a unit that nobody said
_NO_TRACK: Final = 0.5


@dataclass(frozen=True)
class FalsePoints:
    """The records that are false, (n,) in the order of the table, and why: reason → how many."""

    rows: BoolArray
    reasons: dict[str, int]
    issues: pl.DataFrame


def false_points(seen: Evidence) -> FalsePoints | None:
    """What is wrong with a table's points, by `scoring.quality.outliers.tracks`; None where it has no tracks.

    It has where its roles say time, latitude, longitude and, by `group`, whose point it is. Points without one of them are not judged:
    what is missing is completeness's (Q7), and what is out of declared bounds format's (Q1). Where more than half of the points would be
    false, the groups are no craft. The order of rows plays no part.
    """
    points = _points(seen)
    if points is None:
        return None
    found = tracks.track_defects(points)
    by_reason = {reason: points["row"].gather(found.by_reason.get(reason, [])).sort().to_numpy() for reason in JUDGED}
    rows = np.zeros(seen.rows, np.bool_)
    for reason in JUDGED:
        rows[by_reason[reason]] = True
    if np.count_nonzero(rows) > _NO_TRACK * points.height:
        return None
    listed = []
    for reason, at in by_reason.items():
        column = seen.roles.altitude if reason.startswith("track.altitude") else seen.roles.latitude
        assert column is not None or not len(at), "an altitude was judged"
        if column is not None and len(at):
            listed.append(issues.at(at, reason, column=column, values=seen.table[column].gather(at)))
    return FalsePoints(rows, {reason: len(at) for reason, at in by_reason.items()}, issues.joined(listed))


def _points(seen: Evidence) -> pl.DataFrame | None:
    """Whose, when, where: the records that say it all, in an order that only their values decide; `row` is their place."""
    roles = seen.roles
    if roles.group is None or roles.time is None or roles.latitude is None or roles.longitude is None:
        return None
    if not {roles.group, roles.time, roles.latitude, roles.longitude} <= set(seen.typed.columns):
        return None
    time, places = seen.typed[roles.time], [seen.typed[name] for name in (roles.latitude, roles.longitude)]
    moments = isinstance(time.dtype, pl.Datetime) or (time.dtype.is_numeric() and _least(time) >= _SINCE_1970)
    if not moments or not all(place.dtype.is_numeric() for place in places):
        return None
    columns = {"track": seen.typed[roles.group], "time": time}
    columns |= {name: _numbers(seen, place) for name, place in zip(("latitude", "longitude"), places, strict=True)}
    if roles.altitude in seen.typed.columns and seen.typed[roles.altitude].dtype.is_numeric():
        columns["altitude"] = _numbers(seen, seen.typed[roles.altitude]) * unit_of(roles.altitude)
    points = pl.DataFrame(columns).with_row_index("row")
    return points.drop_nulls(["track", "time", "latitude", "longitude"]).sort(pl.exclude("row"), maintain_order=True)


def _numbers(seen: Evidence, cells: pl.Series) -> pl.Series:
    return pl.Series(as_numbers(cells)).fill_nan(None).set(pl.Series(seen.missing(cells.name)), None)


def _least(cells: pl.Series) -> float:
    least = pl.Series(as_numbers(cells)).fill_nan(None).min()
    return float("-inf") if least is None else float(str(least))


def unit_of(name: str) -> float:
    """Metres in the unit of a column of altitudes, by its name.

    >>> unit_of("altitude_m"), unit_of("altitude")
    (1.0, 0.3048)
    """
    return METRES.get(name.lower().replace("(", "_").rstrip(")").replace(" ", "_").rpartition("_")[2], FOOT)
