"""Whether measured quality meets a floor: only when the whole interval is beyond it.

An interval that crosses the floor, a measure that was not taken, and evidence of another version or too old are "unknown".
"""

from datetime import date
from typing import Any, NamedTuple

from leaderboard.terms.allowing import Verdict
from leaderboard.terms.demand import Floor, GradeFloor, MeasureFloor
from leaderboard.terms.listing import Evidence, Listing
from leaderboard.terms.words import GRADES


class Interval(NamedTuple):
    """A found value, turned so that more is better, in the same terms as the floor's `limit`."""

    value: float
    low: float
    high: float
    limit: float
    evidence: str


def fresh(listing: Listing, today: date, stale_days: int) -> tuple[Evidence, ...]:
    """What was measured on this version and not too long ago, newest first."""
    if not listing.evidence:
        return ()
    return tuple(
        one
        for one in listing.fresh_evidence
        if (today - one.measured_on).days <= stale_days and one.measured_on <= today
    )


def interval(floor: Floor, evidence: tuple[Evidence, ...]) -> Interval | None:
    """What the newest of `evidence` that has it says about the floor; None where none has."""
    for one in evidence:
        found = _found(floor, one)
        if found is not None:
            return Interval(*found, one.key)
    return None


def _found(floor: Floor, one: Evidence) -> tuple[float, float, float, float] | None:
    if isinstance(floor, MeasureFloor):
        estimate = one.measures.get(floor.measure)
        if estimate is None:
            return None
        if floor.falling:
            return -estimate.value, -estimate.high, -estimate.low, -floor.limit
        return estimate.value, estimate.low, estimate.high, floor.limit
    if isinstance(floor, GradeFloor):
        if one.grade is None:
            return None
        value, low, high = (GRADES.index(grade) for grade in (one.grade.value, one.grade.low, one.grade.high))
        return float(value), float(low), float(high), float(GRADES.index(floor.grade))
    return None if one.rank is None else (-one.rank, -one.rank, -one.rank, -floor.limit)


def judged(floor: Floor, listing: Listing, today: date, stale_days: int) -> tuple[Verdict, str]:
    """The verdict on one floor and the message id of its reason."""
    found = interval(floor, fresh(listing, today, stale_days))
    if found is None:
        stale = interval(floor, listing.evidence) is not None
        return "unknown", "match.floor_stale" if stale else "match.floor_unmeasured"
    if found.low >= found.limit:
        return "pass", "match.floor_met"
    return ("fail", "match.floor_missed") if found.high < found.limit else ("unknown", "match.floor_crossed")


def named(floor: Floor) -> dict[str, Any]:
    """The floor as params of a message."""
    if isinstance(floor, MeasureFloor):
        return {"what": floor.measure, "limit": floor.limit}
    if isinstance(floor, GradeFloor):
        return {"what": "grade", "limit": floor.grade}
    return {"what": "rank", "limit": floor.limit}
