"""The day itself: who has come, what the two sides of a meeting answer beforehand and say afterwards."""

from collections.abc import Mapping, Sequence
from typing import Final, get_args

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import Closed, FieldError, NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.events import following, service
from leaderboard.events.fields import refuse
from leaderboard.events.models import Event, MeetingRow, Outcome, Registration, Side
from leaderboard.events.slots import slots_of
from leaderboard.events.states import BEGUN, ON_THE_DAY, MeetingState, meeting_moved

OUTCOMES: Final = {
    "none": N_("Nothing further"),
    "sample": N_("A sample was agreed on"),
    "nda": N_("A confidentiality agreement is next"),
    "intent": N_("Both want a deal"),
    "no_show": N_("The other side did not come"),
}
LEADING_ON: Final = frozenset({"sample", "nda", "intent"})
"""Outcomes after which a side has shown interest."""


# Check-in


def check_in(work: Work, actor: Actor, slug: str, registration_id: int, *, arrived: bool) -> Registration:
    """The host notes that a party has come, or takes that back. Raises NotFound, Closed."""
    event = _at_the_desk(work, actor, slug)
    found = work.session.get(Registration, registration_id, with_for_update=True)
    if found is None or found.event_id != event.id or found.state != "registered":
        raise NotFound("events.no_registration", N_("There is no such registration."))
    return _arrive(work, actor, event, found, arrived=arrived)


def check_in_by_code(work: Work, actor: Actor, slug: str, code: str) -> Registration:
    """The host types the code that a party shows. Raises NotFound, Closed, Malformed (no party has it)."""
    event = _at_the_desk(work, actor, slug)
    query = select(Registration).where(
        Registration.event_id == event.id,
        Registration.code == "".join(code.split()).upper(),
        Registration.state == "registered",
    )
    found = work.session.exec(query.with_for_update()).one_or_none()
    if found is None:
        refuse([FieldError("code", N_("No party of this event has the code “{code}”"), {"code": code.strip()[:20]})])
        raise AssertionError
    return _arrive(work, actor, event, found, arrived=True)


def _arrive(work: Work, actor: Actor, event: Event, found: Registration, *, arrived: bool) -> Registration:
    found.arrived_at = (found.arrived_at or work.now) if arrived else None
    work.session.add(found)
    work.session.flush()
    service.record(work, actor, "event.check_in", event, registration=found.id, arrived=arrived)
    work.announce(service.topic(event))
    return found


def _at_the_desk(work: Work, actor: Actor, slug: str) -> Event:
    event = service.event_for(work, actor, slug, "event.edit")
    service.demand_on(event)
    if event.state not in ON_THE_DAY:
        raise Closed(
            "events.no_desk", N_("Check-in is open from the publication of the timetable to the end of the event.")
        )
    return event


# A meeting, seen from either side


def meeting_for(work: Work, actor: Actor, meeting_id: int, side: Side | None = None) -> tuple[Event, MeetingRow, Side]:
    """A meeting of the actor's organization, locked, and the side for which the actor speaks.

    ``side`` None: the one that is the actor's; who belongs to both must say. Raises NotFound, Malformed, Closed.
    """
    found = work.session.get(MeetingRow, meeting_id)
    if found is None:
        raise _none()
    event = work.session.get_one(Event, found.event_id, with_for_update=True)
    work.session.refresh(found, with_for_update=True)
    own = _own_sides(work, actor, found)
    mine = next((one for one in own if side in (None, one)), None)
    if mine is None:
        raise _none()
    actor.demand("event.own", organization_id=own[mine])
    if side is None and len(own) > 1:
        fault = FieldError("side", N_("You belong to both: say for which side you speak"))
        refuse([fault])
    service.demand_on(event)
    return event, found, mine


def _own_sides(work: Work, actor: Actor, meeting: MeetingRow) -> Mapping[Side, int]:
    """The sides of a meeting whose organizations are the actor's, and those."""
    sides: Sequence[tuple[Side, int]] = (("supplier", meeting.supplier_id), ("demander", meeting.demander_id))
    units = {side: work.session.get_one(Registration, id).organization_id for side, id in sides}
    return {side: unit for side, unit in units.items() if unit in actor.organization_ids}


def answer(work: Work, actor: Actor, meeting_id: int, *, comes: bool, side: Side | None = None) -> MeetingRow:
    """A side (which: see `meeting_for`) says whether it comes to a meeting; until its slot begins it may change its mind.

    Raises NotFound, Malformed, Closed, Refused (its place went to another meeting).
    """
    event, meeting, side = meeting_for(work, actor, meeting_id, side)
    answerable = {MeetingState.PROPOSED, MeetingState.CONFIRMED, MeetingState.DECLINED}
    if event.state not in ON_THE_DAY or meeting.state not in answerable or _begun(event, meeting, work):
        raise Closed("events.answer_closed", N_("A meeting can be confirmed or declined until it begins."))
    if comes and meeting.state == MeetingState.DECLINED and _seat_is_taken(work, event, meeting):
        raise Refused("events.seat_taken", N_("Its place went to another meeting after it was declined. Ask the host."))
    setattr(meeting, f"{side}_answer", "yes" if comes else "no")
    answers = {meeting.supplier_answer, meeting.demander_answer}
    there = MeetingState.PROPOSED
    if "no" in answers:
        there = MeetingState.DECLINED
    elif answers == {"yes"}:
        there = MeetingState.CONFIRMED
    _move(work, meeting, there)
    service.record(work, actor, "event.answer", event, meeting=meeting.id, comes=comes)
    work.announce(service.topic(event))
    return meeting


def state_outcome(work: Work, actor: Actor, meeting_id: int, outcome: str, *, side: Side | None = None) -> MeetingRow:
    """A side says what came of a meeting, whatever the other says; it may correct itself until the results are collected.

    ``side``: see `meeting_for`. Where it wants to go on, its interest is shown in a deal. Raises NotFound, Malformed, Closed.
    """
    event, meeting, side = meeting_for(work, actor, meeting_id, side)
    known: Sequence[Outcome] = [one for one in get_args(Outcome) if one and one == outcome]
    if not known:
        refuse([FieldError("outcome", N_("Choose what came of the meeting"))])
    past = {MeetingState.DECLINED, MeetingState.CANCELLED}
    if event.state not in BEGUN or meeting.state in past or not _begun(event, meeting, work):
        raise Closed("events.outcome_closed", N_("What came of a meeting can be said once it has begun."))
    setattr(meeting, f"{side}_outcome", known[0])
    said = {meeting.supplier_outcome, meeting.demander_outcome} - {""}
    _move(work, meeting, MeetingState.NO_SHOW if said == {"no_show"} else MeetingState.HELD)
    service.record(work, actor, "event.outcome", event, meeting=meeting.id, side=side, outcome=outcome)
    if outcome in LEADING_ON:
        following.show_interest(work, actor, meeting, side)
    work.announce(service.topic(event))
    return meeting


def mark(work: Work, actor: Actor, slug: str, meeting_id: int, *, held: bool) -> MeetingRow:
    """The host notes that a meeting was held or that somebody did not come. Raises NotFound, Closed."""
    event = service.event_for(work, actor, slug, "event.edit", lock=True)
    meeting = work.session.get(MeetingRow, meeting_id, with_for_update=True)
    if meeting is None or meeting.event_id != event.id:
        raise _none()
    past = {MeetingState.DECLINED, MeetingState.CANCELLED}
    if event.state not in BEGUN or meeting.state in past or not _begun(event, meeting, work):
        raise Closed("events.outcome_closed", N_("What came of a meeting can be said once it has begun."))
    _move(work, meeting, MeetingState.HELD if held else MeetingState.NO_SHOW)
    service.record(work, actor, "event.mark", event, meeting=meeting.id, held=held)
    work.announce(service.topic(event))
    return meeting


def _move(work: Work, meeting: MeetingRow, there: MeetingState) -> None:
    if meeting.state != there:
        meeting.state = meeting_moved(meeting.state, there)
        meeting.sequence += 1
        meeting.changed_at = work.now
    work.session.add(meeting)
    work.session.flush()


def _begun(event: Event, meeting: MeetingRow, work: Work) -> bool:
    return slots_of(event)[meeting.slot].begins <= work.now


def _seat_is_taken(work: Work, event: Event, meeting: MeetingRow) -> bool:
    """Whether another meeting stands at this table, or has one of the two parties, in this slot."""
    others = select(MeetingRow).where(
        MeetingRow.event_id == event.id,
        MeetingRow.slot == meeting.slot,
        MeetingRow.id != meeting.id,
        col(MeetingRow.state).not_in((MeetingState.DECLINED, MeetingState.CANCELLED)),
    )
    mine = {meeting.supplier_id, meeting.demander_id}
    return any(
        one.seat == meeting.seat or mine & {one.supplier_id, one.demander_id} for one in work.session.exec(others)
    )


def _none() -> NotFound:
    return NotFound("events.no_meeting", N_("There is no such meeting."))
