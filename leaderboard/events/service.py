"""Events themselves: look them up, make and edit them, move them on. Who takes part is in `registering`, timetables in `scheduling`."""

import re
import unicodedata
from datetime import datetime
from typing import Final, get_args
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.accounts.policy import allows
from leaderboard.core import ledger
from leaderboard.core.errors import Closed, FieldError, Malformed, NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.events import bringing, seats
from leaderboard.events.fields import EventWords, missing, refuse
from leaderboard.events.models import Event, Registration, Side
from leaderboard.events.states import APART, MOVES, OPEN_TO_PARTIES, STATES, State, moved
from leaderboard.seasons.signals import Phrase

RESERVED: Final = frozenset({"new", "feeds", "registrations", "meetings"})
"""Addresses that pages have."""
NO_ORGANIZATION: Final = 0
"""Nobody belongs to it; it stands for the host of what is not there."""
LONGEST_SLUG: Final = 60
FIXED: Final = ("zone", "days", "starts", "breaks", "minutes")
"""What registrations rest on: their boxes are slots."""


# Looking things up


def event_for(
    work: Work, actor: Actor, slug: str, act: str, *, lock: bool = False, even_called_off: bool = False
) -> Event:
    """The event, for those who may do ``act`` with it as its host; drafts are there for nobody else.

    ``lock``: to change something of it, which nobody can once it was called off. Raises NotFound, Closed.
    """
    query = select(Event).where(col(Event.slug) == slug)
    found = work.session.exec(query.with_for_update() if lock else query).one_or_none()
    actor.demand(act, organization_id=NO_ORGANIZATION if found is None else found.organization_id)
    if found is None or (found.state == State.DRAFT and not hosts(actor, found)):
        raise none_such()
    if lock and not even_called_off:
        demand_on(found)
    return found


def demand_on(event: Event) -> None:
    """Raises Closed where the event was called off."""
    if event.state == State.CALLED_OFF:
        raise Closed("events.called_off", N_("This event was called off."))


def shown(work: Work, actor: Actor, slug: str, *, lock: bool = False) -> Event:
    """The event as everybody may look at it; ``lock`` as for `event_for`. Raises NotFound, Closed."""
    return event_for(work, actor, slug, "event.read", lock=lock)


def hosts(actor: Actor, event: Event) -> bool:
    """Whether the actor runs this event."""
    return actor.is_system or allows("event.edit", actor.relations(organization_id=event.organization_id), actor.scopes)


def own_organizations(work: Work, actor: Actor) -> list[Organization]:
    """Those the actor belongs to, by name."""
    query = select(Organization).where(col(Organization.id).in_(actor.organization_ids))
    return list(work.session.exec(query.order_by(col(Organization.name), col(Organization.id))))


def units(work: Work, actor: Actor) -> list[Organization]:
    """The organizations for which the actor may hold events; all that post, for the operator."""
    query = select(Organization).where(col(Organization.posts).is_(True))
    if actor.role != "operator":
        query = query.where(col(Organization.id).in_(actor.posting_ids))
    return list(work.session.exec(query.order_by(col(Organization.name), col(Organization.id))))


# Changing


def create(work: Work, actor: Actor, *, organization_id: int, words: EventWords) -> Event:
    """A draft of an event, hosted by an organization that may. Raises Forbidden, Malformed."""
    actor.demand("event.create")
    stranger = organization_id not in {unit.id for unit in units(work, actor)}
    fault = FieldError("organization", N_("Choose an organization for which you may hold events"))
    refuse((*((fault,) if stranger else ()), *words.faults()))
    made = Event(slug="", organization_id=organization_id, created_at=work.now)
    words.write(made)
    _name(work, made)
    record(work, actor, "event.create", made)
    return made


def edit(work: Work, actor: Actor, slug: str, words: EventWords) -> Event:
    """Changes what is said about an event. Raises NotFound, Malformed, and Refused once it stands on what would change."""
    event = event_for(work, actor, slug, "event.edit", lock=True)
    refuse(words.faults())
    before = {name: getattr(event, name) for name in FIXED}
    words.write(event)
    changed = [name for name in FIXED if getattr(event, name) != before[name]]
    if changed and has_registrations(work, event):
        raise Refused(
            "events.slots_fixed",
            N_("Parties have registered for these slots already: days, times and length stay as they are."),
            fields=[FieldError(changed[0], N_("Parties have registered for these slots already"))],
        )
    if event.state != State.DRAFT:
        _demand_complete(event)
    work.session.add(event)
    work.session.flush()
    _fill(work, event)
    record(work, actor, "event.edit", event)
    work.announce(topic(event))
    return event


def move(work: Work, actor: Actor, slug: str, to: str) -> Event:
    """Brings an event to its next state, or one back; where it is there already nothing happens.

    Raises NotFound, Malformed (what is missing is named), Refused. Publishing is `scheduling.publish`: it needs a timetable; calling
    off is `calling_off.call_off`: it needs a reason.
    """
    event = event_for(work, actor, slug, "event.edit", lock=True)
    there = next((state for state in State if state == to), None)
    if there == event.state:
        return event
    if there is None or there not in MOVES[event.state] - APART:
        raise Refused(
            "events.state",
            N_("The event is “{state}”; this cannot be done from there."),
            state=Phrase(STATES[event.state]),
        )
    _guard(work, event, there)
    before, event.state = event.state, moved(event.state, there)
    event.closed_at = work.now if there == State.CLOSED else event.closed_at
    work.session.add(event)
    work.session.flush()
    _fill(work, event)
    if there == State.CLOSED:
        bringing.take_all_back(work, actor, event)
    if (before, there) == (State.REGISTRATION, State.PREFERENCE):
        _ask_whom(work, event)
    record(work, actor, "event.move", event, before=before, to=there)
    work.announce(topic(event))
    return event


def _fill(work: Work, event: Event) -> None:
    """Seats that are free go to those who wait, while parties may still come."""
    if event.state in OPEN_TO_PARTIES:
        for side in get_args(Side):
            seats.fill_seats(work, event, side)


def _ask_whom(work: Work, event: Event) -> None:
    """Writes to everybody with a seat that they can say now whom they want to meet."""
    ends, zone = event.preferences_end_at, ZoneInfo(event.zone)
    until = "" if ends is None else f"{ends.astimezone(zone):%Y-%m-%d %H:%M} ({event.zone})"
    seats.tell(work, event, "event_preferences", *seats.parties(work, event), until=until)


def _guard(work: Work, event: Event, there: State) -> None:
    if there == State.CALL:
        _demand_complete(event)
    if there == State.REGISTRATION and _passed(event.registration_ends_at, work):
        raise Refused("events.ended", N_("The end of registration has passed already; set a later one first."))
    if there == State.PREFERENCE and _passed(event.preferences_end_at, work):
        raise Refused("events.ended", N_("The end of preferences has passed already; set a later one first."))
    forward = event.state == State.REGISTRATION
    if (
        there == State.PREFERENCE
        and forward
        and not (seats.registered(work, event, "supplier") and seats.registered(work, event, "demander"))
    ):
        raise Refused(
            "events.nobody",
            N_("There is nobody on one of the sides yet: at least one supplier and one demander must be registered."),
        )
    if there == State.LIVE and event.run_id is None:  # cannot happen through `publish`; the day needs a timetable
        raise Refused("events.no_timetable", N_("There is no timetable yet."))
    if there == State.LIVE and f"{work.now.astimezone(ZoneInfo(event.zone)):%Y-%m-%d}" < event.first_day:
        raise Refused("events.too_early", N_("The first day is {day}; it begins then."), day=event.first_day)


def _passed(moment: datetime | None, work: Work) -> bool:
    return moment is not None and moment <= work.now


def _demand_complete(event: Event) -> None:
    found = [*missing(event)]
    if found:
        raise Malformed(
            "events.incomplete", N_("The event is not complete yet; what is missing is named below."), fields=found
        )


def has_registrations(work: Work, event: Event) -> bool:
    """Whether anybody ever registered."""
    return work.session.exec(select(Registration.id).where(Registration.event_id == event.id)).first() is not None


def _name(work: Work, event: Event) -> None:
    """Gives it an address, made from its English title where there is one; addresses never change."""
    folded = unicodedata.normalize("NFKD", event.title_en).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", folded)[:LONGEST_SLUG].strip("-") or "event"
    for number in range(1, 1_000):
        slug = base if number == 1 else f"{base}-{number}"
        if slug in RESERVED or work.session.exec(select(Event.id).where(col(Event.slug) == slug)).first() is not None:
            continue
        event.slug = slug
        try:
            with work.session.begin_nested():
                work.session.add(event)
        except IntegrityError:  # somebody else took it since we looked (on PostgreSQL)
            continue
        return
    raise Refused("events.no_address", N_("A thousand events have this name; give it another title."))


def topic(event: Event) -> str:
    """What open pages about this event listen to."""
    return f"event:{event.id}"


def record(work: Work, actor: Actor, deed: str, event: Event, **detail: object) -> None:
    """Writes a deed into the ledger. No preferences and no names of people in it."""
    ledger.record(work, actor.person_id, deed, f"event:{event.id}", **detail)


def none_such() -> NotFound:
    """What is hidden looks the same as what is not there."""
    return NotFound("events.none", N_("There is no such event."))
