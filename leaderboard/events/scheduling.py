"""Timetables: ask for one, compute it in the worker, choose and publish it, and repair it on the day.

A run keeps its whole input, so it can be computed again. Between asking and publishing people may withdraw or change their minds:
each run carries the fingerprint of what it was made of, and one whose basis is gone is refused, not published.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy.orm import defer
from sqlmodel import col, func, insert, select

from leaderboard.accounts.actor import Actor
from leaderboard.core import jobs
from leaderboard.core.errors import FieldError, NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.jobs import Leased
from leaderboard.core.work import Resources, Work
from leaderboard.events import seats, service, timetable, wishes
from leaderboard.events.fields import refuse
from leaderboard.events.figures import figures_of
from leaderboard.events.models import Event, MeetingRow, Registration, TimetableRun
from leaderboard.events.slots import next_slot, slots_of
from leaderboard.events.states import ON_THE_DAY, STANDING, MeetingState, State, meeting_moved, moved
from leaderboard.events.timetable import Meeting, Repair, Timetable, TimetableError
from leaderboard.events.wishes import Asked, aims_of, id_of, key_of

TIMETABLE_JOB: Final = "events.timetable"
MOST_RUNS: Final = 50
MOST_REPAIRS: Final = 200
"""Counted apart: the day must not run out of them because many timetables were tried before."""
RUN_INPUT: Final[Any] = TimetableRun.input
RUN_RESULT: Final[Any] = TimetableRun.result
"""Columns that can be megabytes; lists of runs do without."""
METHODS: Final = {"plan": N_("the most valuable"), "stable": N_("stable")}
LARGEST_FAIRNESS: Final = 100.0


# Asking


def ask(
    work: Work, actor: Actor, slug: str, *, method: str, fairness: float = 0.0, longest_run: int | None = None
) -> TimetableRun:
    """A timetable that the worker shall make, while the event is being scheduled. Raises NotFound, Malformed, Refused."""
    event = service.event_for(work, actor, slug, "event.edit", lock=True)
    refuse(_faults(method, fairness, longest_run))
    if event.state != State.SCHEDULED:
        raise Refused(
            "events.not_scheduling",
            N_("Timetables are made after preferences have closed and before one is published."),
        )
    return _run(work, actor, event, method, {"fairness": fairness, "longest_run": longest_run}, None)


def ask_repair(work: Work, actor: Actor, slug: str, *, gone: Sequence[int], loss: float = 0.1) -> TimetableRun:
    """A preview of the published timetable without the parties ``gone`` (registrations; who withdrew is gone anyway).

    Slots that have begun stay as they are. ``loss``: the share of the bound that may be lost rather than move more meetings.
    Raises NotFound, Refused.
    """
    event = service.event_for(work, actor, slug, "event.edit", lock=True)
    if event.state not in ON_THE_DAY:
        raise Refused("events.no_day", N_("There is no published timetable that could be repaired."))
    now = next_slot(event, work.now)
    if now >= len(slots_of(event)):
        raise Refused("events.day_over", N_("All slots have begun; nothing is left to repair."))
    known = {row.id for row in seats.parties(work, event)}
    wanted = {"gone": sorted(set(gone) & known), "now": now, "loss": min(max(loss, 0.0), 1.0)}
    return _run(work, actor, event, "repair", wanted, event.revision)


def _run(work: Work, actor: Actor, event: Event, method: Any, wanted: dict[str, Any], base: int | None) -> TimetableRun:
    """The same asked twice while it is still being made is one."""
    mine = TimetableRun.event_id == event.id
    asked = select(TimetableRun).where(mine, TimetableRun.method == method, TimetableRun.state == "waiting")
    for one in work.session.exec(asked):
        if (one.wanted, one.base_revision) == (wanted, base) and not is_lost(work, one):
            return one
    _refuse_many(work, mine, repairs=method == "repair")
    last = work.session.exec(select(func.max(TimetableRun.number)).where(mine)).one() or 0
    made = TimetableRun(
        event_id=event.id or 0, number=last + 1, method=method, wanted=wanted, base_revision=base,
        created_at=work.now, created_by=actor.person_id,
    )  # fmt: skip
    work.session.add(made)
    work.session.flush()
    work.enqueue(TIMETABLE_JOB, _job_of(made), lane=f"event:{event.id}", payload={"run": made.id})
    service.record(work, actor, "event.timetable", event, run=made.number, method=method)
    work.announce(service.topic(event))
    return made


def _refuse_many(work: Work, mine: Any, *, repairs: bool) -> None:
    like = (TimetableRun.method == "repair") if repairs else (TimetableRun.method != "repair")
    most = MOST_REPAIRS if repairs else MOST_RUNS
    if work.session.exec(select(func.count()).select_from(TimetableRun).where(mine, like)).one() >= most:
        raise Refused(
            "events.many_runs", N_("This event has {most} timetables already; choose one of them."), most=most
        )


def _job_of(run: TimetableRun) -> str:
    return f"timetable:{run.id}"


def is_lost(work: Work, run: TimetableRun) -> bool:
    """Whether a timetable that is not made yet is not being made any more: its job was given up after a fault of ours."""
    return run.state == "waiting" and jobs.state_of(work.session, _job_of(run)) not in {jobs.WAITING, jobs.LEASED}


def _faults(method: str, fairness: float, longest_run: int | None) -> Sequence[FieldError]:
    found = []
    if method not in METHODS:
        found.append(FieldError("method", N_("Choose one of the two ways")))
    if not 0 <= fairness <= LARGEST_FAIRNESS:
        found.append(FieldError("fairness", N_("Write a number from 0 to {most}"), {"most": LARGEST_FAIRNESS}))
    if longest_run is not None and longest_run < 1:
        found.append(FieldError("longest_run", N_("Write a whole number from 1 on, or leave it empty")))
    return found


# Computing, in the worker


def compute(held: Resources, job: Leased) -> None:
    """Reads the input, computes without a transaction, writes the result. Done twice it changes nothing."""
    with held.read() as work:
        run = work.session.get_one(TimetableRun, job.payload["run"])
        if run.state != "waiting":
            return
        event = work.session.get_one(Event, run.event_id)
        basis, method = wishes.basis(work, event), run.method  # first: a change in between makes it out of date
        asked, before, wanted = _input(work, event, run)
    stored = {**asked.stored(), "before": [list(_fields(one)) for one in before]}
    try:
        outcome, failed = computed(asked, before, method, wanted), None
    except TimetableError as error:
        outcome, failed = {}, error
    with held.write() as work:
        run = work.session.get_one(TimetableRun, job.payload["run"], with_for_update=True)
        if run.state != "waiting":  # another worker was faster, and its timetable may be published by now
            return
        run.basis, run.input, run.wanted, run.finished_at = basis, stored, wanted, work.now
        run.result, run.figures = outcome.get("result", {}), outcome.get("figures", {})
        run.state = "failed" if failed else "done"
        run.findings = [{"id": one.id, "params": dict(one.params)} for one in failed.findings] if failed else []
        work.session.add(run)
        work.announce(service.topic(work.session.get_one(Event, run.event_id)))


def replay(run: TimetableRun) -> bool:
    """Whether the stored input gives the stored result once more."""
    before = [Meeting(*one) for one in run.input["before"]]
    again = computed(Asked.of(run.input), before, run.method, run.wanted)
    return bool(again["result"] == run.result and again["figures"] == run.figures)


def computed(asked: Asked, before: Sequence[Meeting], method: str, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Result and figures of a run, as JSON. Raises TimetableError."""
    parties = (asked.suppliers, asked.demanders, asked.wishes, asked.hall)
    if method == "repair":
        keys = {party.key for party in (*asked.suppliers, *asked.demanders)}
        gone = {key for key in keys if id_of(key) in {*wanted["gone"], *wanted.get("withdrawn", ())}}
        found = timetable.repair(
            Timetable(tuple(before)), *parties, gone=gone, now=wanted["now"], loss=wanted["loss"], aims=aims_of(wanted)
        )
        result, made = _repair(found), found.timetable
    else:
        make = timetable.stable if method == "stable" else timetable.plan
        made = make(*parties, aims=aims_of(wanted))
        result = _timetable(made)
    return {"result": result, "figures": figures_of(made, *parties).stored()}


def _input(work: Work, event: Event, run: TimetableRun) -> tuple[Asked, Sequence[Meeting], dict[str, Any]]:
    """What a run is made of: parties and wishes, for a repair the meetings that stand, and what is wanted of it."""
    if run.method != "repair":
        return wishes.asked(work, event), (), dict(run.wanted)
    rows = meetings(work, event, STANDING)
    by_id = {row.id: row for row in registrations(work, event)}
    meeting = {id for one in rows for id in (one.supplier_id, one.demander_id)}
    left = [row for id, row in by_id.items() if id in meeting and row.state != "registered"]
    published = work.session.get_one(TimetableRun, event.run_id)
    wanted = {**published.wanted, **run.wanted, "withdrawn": sorted(row.id or 0 for row in left)}
    before = [
        Meeting(one.slot, one.seat, key_of(by_id[one.supplier_id]), key_of(by_id[one.demander_id])) for one in rows
    ]
    return wishes.asked(work, event, also=left), sorted(before), wanted


# Publishing


def run_for(work: Work, event: Event, number: int, *, lock: bool = False, without_input: bool = False) -> TimetableRun:
    """A timetable of an event; its input can be megabytes. Raises NotFound."""
    query = select(TimetableRun).where(TimetableRun.event_id == event.id, TimetableRun.number == number)
    query = query.options(defer(RUN_INPUT)) if without_input else query
    found = work.session.exec(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFound("events.no_run", N_("There is no such timetable."))
    return found


def publish(work: Work, actor: Actor, slug: str, number: int) -> Event:
    """Publishes a timetable and tells every party. Twice is once; of two hosts with two timetables the first one decides.

    Raises NotFound, Refused (another one is published, it is not ready, or people have changed what it was made of).
    """
    event = service.event_for(work, actor, slug, "event.edit", lock=True)
    run = run_for(work, event, number, lock=True)
    if event.run_id == run.id:
        return event
    if event.run_id is not None:
        other = work.session.get_one(TimetableRun, event.run_id)
        raise Refused(
            "events.published_already",
            N_("Timetable {number} has been published already, so this one is not. Changes are made by repair now."),
            number=other.number,
        )
    if event.state != State.SCHEDULED or run.state != "done" or run.method == "repair":
        raise Refused("events.not_ready", N_("This timetable cannot be published: it is not ready."))
    _refuse_stale(work, event, run)
    _add(work, event, [Meeting(*one) for one in run.result["meetings"]])
    event.run_id, event.revision, event.published_at = run.id, 1, work.now
    event.state, run.applied_at = moved(event.state, State.PUBLISHED), work.now
    work.session.add(event)
    work.session.add(run)
    work.session.flush()
    seats.tell(work, event, "event_published", *seats.parties(work, event))
    service.record(work, actor, "event.publish", event, run=run.number, meetings=len(run.result["meetings"]))
    work.announce(service.topic(event))
    return event


def apply(work: Work, actor: Actor, slug: str, number: int) -> Event:
    """Makes a previewed repair the timetable, and tells everybody whose meetings change. Twice is once.

    Raises NotFound, Refused (something has changed since the preview).
    """
    event = service.event_for(work, actor, slug, "event.edit", lock=True)
    run = run_for(work, event, number, lock=True)
    if run.applied_at is not None:
        return event
    if event.state not in ON_THE_DAY or run.state != "done" or run.method != "repair":
        raise Refused("events.not_ready", N_("This timetable cannot be published: it is not ready."))
    _refuse_stale(work, event, run)
    told = affected(work, event, run)
    _change(work, event, run)
    event.revision, run.applied_at = event.revision + 1, work.now
    gone = {*run.wanted["gone"]}
    for row in seats.parties(work, event):
        row.gone_from = (row.gone_from if row.gone_from is not None else run.wanted["now"]) if row.id in gone else None
        work.session.add(row)
    work.session.add(event)
    work.session.add(run)
    work.session.flush()
    seats.tell(work, event, "event_changed", *(row for row in seats.parties(work, event) if row.id in told))
    service.record(work, actor, "event.repair", event, run=run.number, affected=len(told))
    work.announce(service.topic(event))
    return event


def affected(work: Work, event: Event, run: TimetableRun) -> list[int]:
    """The registrations that are told of a repair: those with a seat whose meetings it changes, suppliers first, by number."""
    seat = {(one.supplier_id, one.demander_id): one.seat for one in meetings(work, event)}
    result = run.result
    changed = [
        *(pair[0] for pair in result.get("moved", ())),
        *(one["meeting"] for one in result.get("cancelled", ())),
        *result.get("added", ()),
        *(one for one in result.get("kept", ()) if seat.get(_ids(Meeting(*one))) != one[1]),
    ]
    ids = {id for one in changed for id in _ids(Meeting(*one))}
    return [row.id for row in seats.parties(work, event) if row.id in ids]


def is_stale(work: Work, event: Event, run: TimetableRun, basis: str = "") -> bool:
    """Whether people have changed what a timetable was made of since it was made; ``basis`` of now, where it is known."""
    if run.method == "repair" and (
        run.base_revision != event.revision or _begun(event, run) < next_slot(event, work.now)
    ):
        return True
    return run.state == "done" and run.basis != (basis or wishes.basis(work, event))


def _begun(event: Event, run: TimetableRun) -> int:
    """The first slot that a repair changes, or the end of the day."""
    slots = [
        *(one[0] for pair in run.result.get("moved", ()) for one in pair),
        *(one["meeting"][0] for one in run.result.get("cancelled", ())),
        *(one[0] for one in run.result.get("added", ())),
    ]
    return min(slots, default=len(slots_of(event)))


def _refuse_stale(work: Work, event: Event, run: TimetableRun) -> None:
    if is_stale(work, event, run):
        raise Refused(
            "events.stale",
            N_(
                "Since this timetable was made, somebody has withdrawn or changed what it was made of, or a slot has begun. Make it once more."
            ),
        )


def meetings(work: Work, event: Event, states: Any = None) -> Sequence[MeetingRow]:
    """The meetings of an event in order of slot and table; ``states``: only those."""
    query = select(MeetingRow).where(MeetingRow.event_id == event.id)
    if states is not None:
        query = query.where(col(MeetingRow.state).in_(states))
    return work.session.exec(query.order_by(col(MeetingRow.slot), col(MeetingRow.seat), col(MeetingRow.id))).all()


def _change(work: Work, event: Event, run: TimetableRun) -> None:
    """Writes a repair."""
    rows = {(one.supplier_id, one.demander_id): one for one in meetings(work, event)}
    for before, after in run.result["moved"]:
        _place(work, rows[_ids(Meeting(*before))], Meeting(*after))
    for one in run.result["kept"]:
        new = Meeting(*one)
        row = rows[_ids(new)]
        if row.seat != new.table:
            _place(work, row, new)
    for one in run.result["cancelled"]:
        row = rows[_ids(Meeting(*one["meeting"]))]
        row.state, row.reason = meeting_moved(row.state, MeetingState.CANCELLED), one["reason"]
        _touch(work, row)
    added = [Meeting(*one) for one in run.result["added"]]
    for new in added:
        if _ids(new) in rows:
            _place(work, rows[_ids(new)], new)
    _add(work, event, [new for new in added if _ids(new) not in rows])


def _add(work: Work, event: Event, meetings: Sequence[Meeting]) -> None:
    """Writes new meetings, all at once."""
    new = MeetingRow(event_id=event.id or 0, supplier_id=0, demander_id=0, slot=0, seat=0, changed_at=work.now)
    common = new.model_dump(exclude={"id"})
    rows = [
        {**common, "supplier_id": supplier, "demander_id": demander, "slot": one.slot, "seat": one.table}
        for one in meetings
        for supplier, demander in (_ids(one),)
    ]
    if rows:
        work.session.execute(insert(MeetingRow), rows)


def _place(work: Work, row: MeetingRow, meeting: Meeting) -> None:
    """In another slot, or at another table, both sides are asked anew."""
    if row.slot != meeting.slot or row.state == MeetingState.CANCELLED:
        row.state = (
            MeetingState.PROPOSED
            if row.state == MeetingState.PROPOSED
            else meeting_moved(row.state, MeetingState.PROPOSED)
        )
        row.supplier_answer = row.demander_answer = ""
    row.slot, row.seat, row.reason = meeting.slot, meeting.table, ""
    _touch(work, row)


def _touch(work: Work, row: MeetingRow) -> None:
    row.sequence, row.changed_at = row.sequence + 1, work.now
    work.session.add(row)


def _ids(meeting: Meeting) -> tuple[int, int]:
    return id_of(meeting.supplier), id_of(meeting.demander)


def registrations(work: Work, event: Event) -> Sequence[Registration]:
    """All of an event, in every state."""
    return work.session.exec(select(Registration).where(Registration.event_id == event.id)).all()


def _fields(one: Meeting) -> tuple[int, int, str, str]:
    return one.slot, one.table, one.supplier, one.demander


def _timetable(made: Timetable) -> dict[str, Any]:
    return {
        "meetings": [list(_fields(one)) for one in made.meetings],
        "unserved": [{**asdict(one), "rivals": list(one.rivals), "wanted": list(one.wanted)} for one in made.unserved],
        "floors_dropped": list(made.floors_dropped),
        "blocking_pairs": [list(pair) for pair in made.blocking_pairs],
    }


def _repair(found: Repair) -> dict[str, Any]:
    return {
        **_timetable(found.timetable),
        "kept": [list(_fields(one)) for one in found.kept],
        "moved": [[list(_fields(one.before)), list(_fields(one.after))] for one in found.moved],
        "cancelled": [{"meeting": list(_fields(one.meeting)), "reason": one.reason} for one in found.cancelled],
        "added": [list(_fields(one)) for one in found.added],
    }
