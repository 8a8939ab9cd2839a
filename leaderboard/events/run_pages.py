"""Timetables beside each other, one of them in full, and a repair before it is applied: what the host chooses by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import defer
from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.core.work import Work
from leaderboard.events import scheduling, seats, service
from leaderboard.events.desk_pages import PartyRow, party_rows
from leaderboard.events.messages import MESSAGES
from leaderboard.events.models import Event, TimetableRun
from leaderboard.events.naming import Names, names
from leaderboard.events.pages import Head, head
from leaderboard.events.scheduling import METHODS, RUN_INPUT, RUN_RESULT, is_stale
from leaderboard.events.slots import Slot, slots_of
from leaderboard.events.states import ON_THE_DAY, State
from leaderboard.events.wishes import basis, id_of
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.ui.forms import Form

PARTIES: Final = ("party", "supplier", "demander", "who")
"""Parameters of findings that are keys of parties."""
MOST_NAMED: Final = 8


@dataclass(frozen=True)
class Several:
    """Names in a row, the first `MOST_NAMED` of them."""

    names: tuple[Words | Phrase, ...]

    def said(self, locale: str) -> str:
        shown = [one.said(locale) for one in self.names[:MOST_NAMED]]
        more = "…" if len(self.names) > MOST_NAMED else ""
        return ("、" if locale == "zh" else ", ").join(shown) + more


@dataclass(frozen=True)
class RunRow:
    """A timetable beside others. ``figures`` is empty while it is made; ``state``: of the run, or lost, made no more."""

    number: int
    method: str
    method_name: Phrase | None
    fairness: float
    longest_run: int | None
    state: str
    figures: Mapping[str, Any]
    stale: bool
    published: bool
    created_at: datetime


@dataclass(frozen=True)
class RunsPage:
    head: Head
    runs: tuple[RunRow, ...]
    may_ask: bool
    waiting: bool
    form: Form
    methods: Sequence[tuple[str, str]] = tuple(METHODS.items())


@dataclass(frozen=True)
class Planned:
    """A meeting of a timetable that may not be the published one."""

    slot: Slot
    table: int
    supplier: Words | Phrase
    demander: Words | Phrase


@dataclass(frozen=True)
class Changed:
    """A meeting that a repair moves (``after``) or cancels (``reason``)."""

    before: Planned
    after: Planned | None
    reason: Phrase | None


@dataclass(frozen=True)
class Short:
    """Who has fewer meetings than it could wish for, and why."""

    name: Words | Phrase
    got: int
    least: int
    reason: Phrase


@dataclass(frozen=True)
class RunPage:
    """One timetable. Of a repair: what is kept (a count), moved, cancelled, added, the share of meetings moved, and who is told."""

    head: Head
    run: RunRow
    findings: tuple[Phrase, ...]
    unserved: tuple[Short, ...]
    dropped: tuple[Words | Phrase, ...]
    blocking: tuple[tuple[Words | Phrase, Words | Phrase], ...]
    planned: tuple[Planned, ...]
    kept: int
    moved: tuple[Changed, ...]
    cancelled: tuple[Changed, ...]
    added: tuple[Planned, ...]
    moved_share: float | None
    told: Several
    applied: bool
    may_publish: bool
    error: Any = None


@dataclass(frozen=True)
class RepairPage:
    """Who is gone: first those who have not arrived."""

    head: Head
    parties: tuple[PartyRow, ...]
    previews: tuple[RunRow, ...]
    form: Form


def runs(work: Work, actor: Actor, slug: str, form: Form | None = None) -> RunsPage:
    """The timetables that were made, beside each other, the latest first. Raises NotFound."""
    event = service.event_for(work, actor, slug, "event.edit")
    rows = _rows(work, event, repairs=False)
    return RunsPage(
        head=head(work, actor, event),
        runs=rows,
        may_ask=event.state == State.SCHEDULED,
        waiting=any(row.state == "waiting" for row in rows),
        form=form or Form(),
    )


def run_page(work: Work, actor: Actor, slug: str, number: int, error: Any = None) -> RunPage:
    """One timetable in full. Raises NotFound."""
    event = service.event_for(work, actor, slug, "event.edit")
    run = scheduling.run_for(work, event, number, without_input=True)
    called = names(work, actor, event, scheduling.registrations(work, event))
    show = _Shown(slots_of(event), called)
    result = run.result
    moved = tuple(Changed(show.meeting(one[0]), show.meeting(one[1]), None) for one in result.get("moved", ()))
    cancelled = tuple(
        Changed(show.meeting(one["meeting"]), None, Phrase(MESSAGES[one["reason"]]))
        for one in result.get("cancelled", ())
    )
    before = len(result.get("kept", ())) + len(moved) + len(cancelled)
    row = _row(work, event, run, basis(work, event))
    return RunPage(
        head=head(work, actor, event),
        run=row,
        findings=tuple(show.finding(one) for one in run.findings),
        unserved=tuple(show.short(one) for one in result.get("unserved", ())),
        dropped=tuple(show.name(key) for key in result.get("floors_dropped", ())),
        blocking=tuple((show.name(one[0]), show.name(one[1])) for one in result.get("blocking_pairs", ())),
        planned=tuple(show.meeting(one) for one in result.get("meetings", ())),
        kept=len(result.get("kept", ())),
        moved=moved,
        cancelled=cancelled,
        added=tuple(show.meeting(one) for one in result.get("added", ())),
        moved_share=len(moved) / before if before else None,
        told=Several(tuple(called[id] for id in scheduling.affected(work, event, run))),
        applied=run.applied_at is not None,
        may_publish=run.state == "done" and not row.stale and run.applied_at is None and _fits(event, run),
        error=error,
    )


def _fits(event: Event, run: TimetableRun) -> bool:
    return event.state in ON_THE_DAY if run.method == "repair" else event.state == State.SCHEDULED


def repair(work: Work, actor: Actor, slug: str, form: Form | None = None) -> RepairPage:
    """Where the host says who is gone. Raises NotFound."""
    event = service.event_for(work, actor, slug, "event.edit")
    rows = party_rows(work, actor, event, seats.parties(work, event))
    return RepairPage(
        head=head(work, actor, event),
        parties=tuple(sorted(rows, key=lambda row: row.arrived_at is not None)),
        previews=_rows(work, event, repairs=True),
        form=form or Form(),
    )


def _rows(work: Work, event: Event, *, repairs: bool) -> tuple[RunRow, ...]:
    """The latest first. What went in and came out of each stays in the database until somebody asks for it."""
    query = select(TimetableRun).options(defer(RUN_INPUT), defer(RUN_RESULT))
    like = (TimetableRun.method == "repair") if repairs else (TimetableRun.method != "repair")
    query = query.where(TimetableRun.event_id == event.id, like).order_by(col(TimetableRun.number).desc())
    found, now = work.session.exec(query).all(), basis(work, event)
    return tuple(_row(work, event, run, now) for run in found)


def _row(work: Work, event: Event, run: TimetableRun, basis_now: str) -> RunRow:
    return RunRow(
        number=run.number,
        method=run.method,
        method_name=Phrase(METHODS[run.method]) if run.method in METHODS else None,
        fairness=run.wanted.get("fairness", 0.0),
        longest_run=run.wanted.get("longest_run"),
        state="lost" if scheduling.is_lost(work, run) else run.state,
        figures=run.figures,
        stale=run.applied_at is None and _fits(event, run) and is_stale(work, event, run, basis_now),
        published=run.applied_at is not None,
        created_at=run.created_at,
    )


@dataclass(frozen=True)
class _Shown:
    """Keys of parties and numbers of slots as a reader knows them."""

    slots: Sequence[Slot]
    called: Names

    def name(self, key: str) -> Words | Phrase:
        return self.called[id_of(key)]

    def meeting(self, one: Sequence[Any]) -> Planned:
        slot, table, supplier, demander = one
        return Planned(self.slots[slot], table + 1, self.name(supplier), self.name(demander))

    def short(self, one: Mapping[str, Any]) -> Short:
        params = {
            "rivals": Several(tuple(self.name(key) for key in one["rivals"])),
            "wanted": Several(tuple(self.name(key) for key in one["wanted"])),
            "needed": one["needed"],
            "possible": one["possible"],
        }
        return Short(self.name(one["party"]), one["got"], one["least"], Phrase(MESSAGES[one["reason"]], params))

    def finding(self, one: Mapping[str, Any]) -> Phrase:
        params = {
            name: self.name(value) if name in PARTIES and isinstance(value, str) else value
            for name, value in one["params"].items()
        }
        return Phrase(MESSAGES[one["id"]], params)
