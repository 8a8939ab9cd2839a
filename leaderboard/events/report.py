"""The report of an event: public numbers. Counts of outcomes so small that they tell on somebody are not given."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlmodel import col, func, select

from leaderboard.core.work import Work
from leaderboard.events import scheduling, seats
from leaderboard.events.day import OUTCOMES
from leaderboard.events.models import Event, Registration, TimetableRun
from leaderboard.events.states import MeetingState

CROWD: Final = 3
"""Smaller counts of what people said of each other are left out."""


@dataclass(frozen=True)
class Report:
    """Counts. ``outcomes``: what sides said of meetings, by kind; None: fewer than `CROWD`, or it would tell such a one by
    difference. Shares and figures of the timetable are None where there was none.
    """

    suppliers: int
    demanders: int
    waiting: int
    withdrawn: int
    arrived: int
    planned: int
    held: int
    no_show: int
    declined: int
    cancelled: int
    repairs: int
    outcomes: Mapping[str, int | None]
    figures: Mapping[str, Any]


def report_of(work: Work, event: Event) -> Report:
    """The numbers of an event as they are now."""
    meetings = scheduling.meetings(work, event)
    states = Counter(one.state for one in meetings)
    rows = scheduling.registrations(work, event)
    by_state = Counter(row.state for row in rows)
    of_run = select(TimetableRun.figures).where(TimetableRun.id == event.run_id)
    figures = (work.session.exec(of_run).one() if event.run_id else None) or {}
    said: Counter[str] = Counter(
        outcome for one in meetings for outcome in (one.supplier_outcome, one.demander_outcome) if outcome
    )
    return Report(
        suppliers=len(seats.parties(work, event, "supplier")),
        demanders=len(seats.parties(work, event, "demander")),
        waiting=by_state["waiting"],
        withdrawn=by_state["withdrawn"],
        arrived=sum(row.arrived_at is not None for row in rows),
        planned=figures.get("meetings", 0),
        held=states[MeetingState.HELD],
        no_show=states[MeetingState.NO_SHOW],
        declined=states[MeetingState.DECLINED],
        cancelled=states[MeetingState.CANCELLED],
        repairs=max(0, event.revision - 1),
        outcomes=masked({key: said[key] for key in OUTCOMES}),
        figures=figures,
    )


def masked(counts: Mapping[str, int]) -> dict[str, int | None]:
    """Counts without the small ones; where one alone would be missing, the next smallest goes too: it would give it away.

    >>> masked({"none": 9, "sample": 4, "nda": 1, "intent": 0})
    {'none': 9, 'sample': None, 'nda': None, 'intent': 0}
    """
    small = {key for key, count in counts.items() if 0 < count < CROWD}
    if len(small) == 1:
        rest = sorted((count, key) for key, count in counts.items() if count >= CROWD)
        small |= {key for _, key in rest[:1]}
    return {key: None if key in small else count for key, count in counts.items()}


def counts(work: Work, events: list[int]) -> Mapping[int, tuple[int, int]]:
    """Event → (suppliers, demanders) with a seat, for lists."""
    query = (
        select(Registration.event_id, Registration.side, func.count())
        .where(col(Registration.event_id).in_(events), Registration.state == "registered")
        .group_by(col(Registration.event_id), col(Registration.side))
    )
    found: dict[int, dict[str, int]] = {id: {} for id in events}
    for event_id, side, count in work.session.exec(query):
        found[event_id][side] = count
    return {id: (sides.get("supplier", 0), sides.get("demander", 0)) for id, sides in found.items()}


def table(report: Report) -> tuple[list[str], list[list[object]]]:
    """The report as a header and rows for CSV: what, and how much; empty where it is not given."""
    plain = {name: getattr(report, name) for name in Report.__dataclass_fields__ if name not in {"outcomes", "figures"}}
    rows: list[list[object]] = [[name, value] for name, value in plain.items()]
    rows += [[f"outcome_{key}", value] for key, value in report.outcomes.items()]
    rows += [[f"timetable_{key}", value] for key, value in report.figures.items()]
    return ["figure", "value"], rows
