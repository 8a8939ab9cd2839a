"""How an event ends that does not take place: one that was announced is called off, with a reason; a draft is deleted."""

from typing import Any, Final

from sqlmodel import col, func, select, update

from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import Closed, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.events import bringing, seats, service
from leaderboard.events.fields import faulty_reason, refuse
from leaderboard.events.models import Event, MeetingRow
from leaderboard.events.slots import next_slot
from leaderboard.events.states import AHEAD, MOVES, MeetingState, State, moved
from leaderboard.seasons.signals import Words

REASON: Final = "events.called_off"
"""Of meetings that were cancelled with their event."""


def call_off(work: Work, actor: Actor, slug: str, reason: Words) -> Event:
    """Calls an event off, from its announcement until it is closed. Twice is once: what was said first stands.

    Its meetings are cancelled, the demands that were brought are open again, and everybody with a seat, or waiting for one, is told
    why. Deals that have begun stay. Raises NotFound, Malformed (no reason), Refused (a draft), Closed (it is over).
    """
    event = service.event_for(work, actor, slug, "event.edit", lock=True, even_called_off=True)
    if event.state == State.CALLED_OFF:
        return event
    _demand_announced(event)
    refuse(faulty_reason(reason))
    cancelled = ahead(work, event)
    work.session.exec(
        update(MeetingRow)
        .where(*_ahead(work, event))
        .values(state=MeetingState.CANCELLED, reason=REASON, sequence=col(MeetingRow.sequence) + 1, changed_at=work.now)
    )
    before, event.state = event.state, moved(event.state, State.CALLED_OFF)
    event.reason_en, event.reason_zh, event.called_off_at = reason.en, reason.zh, work.now
    work.session.add(event)
    work.session.flush()
    bringing.take_all_back(work, actor, event)
    seats.tell(work, event, "event_called_off", *seats.parties(work, event), *seats.parties(work, event, waiting=True))
    service.record(work, actor, "event.call_off", event, before=before, meetings=cancelled)
    work.announce(service.topic(event))
    return event


def may_be_called_off(event: Event) -> bool:
    """Whether it was announced and is not closed yet."""
    return State.CALLED_OFF in MOVES[event.state]


def ahead(work: Work, event: Event) -> int:
    """How many meetings are cancelled where the event is called off now."""
    return work.session.exec(select(func.count()).select_from(MeetingRow).where(*_ahead(work, event))).one()


def _ahead(work: Work, event: Event) -> tuple[Any, ...]:
    """Meetings that are still to come. Of an event that never began that is every one, also when its day has passed."""
    first = next_slot(event, work.now) if event.state == State.LIVE else 0
    return MeetingRow.event_id == event.id, col(MeetingRow.state).in_(AHEAD), col(MeetingRow.slot) >= first


def _demand_announced(event: Event) -> None:
    if event.state == State.DRAFT:
        raise Refused("events.draft", N_("This is a draft, which nobody else sees: delete it instead."))
    if not may_be_called_off(event):
        raise Closed("events.not_called_off", N_("The event is over, so it can no longer be called off."))


def delete(work: Work, actor: Actor, slug: str) -> None:
    """Deletes a draft. Raises NotFound, and Refused where it is no draft or anybody has ever registered for it."""
    event = service.event_for(work, actor, slug, "event.edit", lock=True)
    if event.state != State.DRAFT:
        raise Refused("events.no_draft", N_("Only drafts are deleted. An event that was announced is called off."))
    if service.has_registrations(work, event):
        raise Refused(
            "events.draft_with_parties",
            N_(
                "Parties have registered for this event, so it cannot be deleted. Announce it again and call it off: they are told then."
            ),
        )
    work.session.delete(event)
    work.session.flush()
    service.record(work, actor, "event.delete", event, slug=event.slug)
