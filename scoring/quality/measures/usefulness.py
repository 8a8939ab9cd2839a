"""What models gain from the dataset, as reference models have found before the checks run."""

from math import log2
from typing import Final

from scoring.quality.check import Measured
from scoring.quality.evidence import Evidence

_WIDTH: Final = 1.96  # standard errors of a 95 % interval


def useful(seen: Evidence) -> Measured | None:
    """A8: from 0 (as raw data) to 1 (as the organizer's curated set)."""
    found = seen.reference.usefulness if seen.reference else None
    if found is None:
        return None
    points = found.points
    return Measured(points.value / 100, points.low / 100, points.high / 100, found.utility.rows)


def enough(seen: Evidence) -> Measured | None:
    """A4: how far the learning curve has levelled off.

    1 - (gain of a doubling at the end) / (mean gain of a doubling), kept between 0 and 1. Gains are those of the curve, from its
    first share of the rows to all of them. Where every doubling brings as much as the one before, this is 0: more records would
    help. Where the last one brings nothing, it is 1. Errors that fall as 1/√rows give about 0.3, as 1/rows 0.6.

    A flat curve says either that an eighth of the records was enough, or that there is nothing to learn. So where the curve does
    not surely rise and the dataset is not surely better than raw data, this does not apply. The interval moves the end of the
    curve by 1.96 standard errors of the utility.
    """
    found = seen.reference.usefulness if seen.reference else None
    if found is None or len(found.utility.curve) < 3:
        return None
    sign = 1.0 if found.utility.direction == "max" else -1.0
    first, before, last = found.utility.curve[0], found.utility.curve[-2], found.utility.curve[-1]
    if not first.rows < before.rows < last.rows:
        return None
    steps = log2(last.rows / before.rows) / log2(last.rows / first.rows)
    gained, late = sign * (last.value - first.value), sign * (last.value - before.value)
    reach = _WIDTH * found.utility.error
    if gained <= reach and found.points.low <= 0:
        return None
    value, low, high = (_levelled(late + moved, gained + moved, steps) for moved in (0.0, reach, -reach))
    return Measured(
        value, min(low, value), max(high, value), found.utility.rows,
        details={"curve": [[point.rows, round(point.value, 3)] for point in found.utility.curve]},
    )  # fmt: skip


def _levelled(late: float, gained: float, steps: float) -> float:
    """late, gained: of the last stretch and in all; steps: the part of all doublings that the last stretch is."""
    if gained <= 0 or late <= 0:
        return 1.0
    return min(1.0, max(0.0, 1 - late / (steps * gained)))
