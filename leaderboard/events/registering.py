"""Who takes part: register, change, withdraw and come back; a seat that becomes free goes to the first who waits.

Whoever decides about seats holds the row of the event, so two who want the last one come one after the other.
"""

import secrets
from collections.abc import Sequence
from typing import Final

from sqlmodel import col, func, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Membership, Organization, Person
from leaderboard.core.errors import Closed, FieldError, Malformed, NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.events import bringing, calendar, seats, service
from leaderboard.events.fields import Wanted, refuse
from leaderboard.events.models import CalendarFeed, Event, Registration, Side
from leaderboard.events.slots import next_slot, open_slots
from leaderboard.events.states import ON_THE_DAY, OPEN_TO_PARTIES, OVER, State

SIGNS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Of a check-in code: none that is taken for another when it is read out."""


# Looking things up


def registration_for(
    work: Work, actor: Actor, registration_id: int, act: str = "event.own", *, lock: bool = False
) -> tuple[Event, Registration]:
    """A registration and its event, for those who speak for its organization. Raises NotFound.

    With ``lock`` both rows are locked, to be changed, the event's first: that is the order everywhere. Raises Closed then, where the
    event was called off.
    """
    found = work.session.get(Registration, registration_id)
    actor.demand(act, organization_id=service.NO_ORGANIZATION if found is None else found.organization_id)
    if found is None:
        raise _none()
    event = work.session.get_one(Event, found.event_id, with_for_update=lock or None)
    if lock:
        work.session.refresh(found, with_for_update=True)
        service.demand_on(event)
    return event, found


def own(work: Work, actor: Actor, event: Event) -> Sequence[Registration]:
    """Those of the actor's organizations, the withdrawn ones too."""
    query = select(Registration).where(
        Registration.event_id == event.id, col(Registration.organization_id).in_(actor.organization_ids)
    )
    return work.session.exec(query.order_by(col(Registration.side).desc(), col(Registration.id))).all()


def organization(work: Work, organization_id: int) -> Organization:
    """The organization that registers. Raises Malformed where there is none."""
    found = work.session.get(Organization, organization_id)
    if found is None:
        fault = FieldError("organization", N_("Choose the organization that takes part"))
        raise Malformed("events.no_organization", N_("Some of what was entered cannot be used."), fields=[fault])
    return found


def stands(work: Work, event: Event, registration: Registration) -> bool:
    """Whether its organization is still verified as far as the event asks for."""
    return organization(work, registration.organization_id).verified >= event.verified


def feed_for(work: Work, registration_id: int, key: str) -> tuple[Event, Registration, CalendarFeed]:
    """What a secret calendar address leads to, as long as its person belongs to the organization. Raises NotFound."""
    query = (
        select(CalendarFeed, Registration, Event)
        .join(Registration, col(Registration.id) == col(CalendarFeed.registration_id))
        .join(Event, col(Event.id) == col(Registration.event_id))
        .join(Membership, col(Membership.organization_id) == col(Registration.organization_id))
        .join(Person, col(Person.id) == col(CalendarFeed.person_id))
        .where(
            CalendarFeed.registration_id == registration_id,
            col(Membership.person_id) == col(CalendarFeed.person_id),
            col(Membership.joined_at) <= col(CalendarFeed.made_at),  # who left and came back makes a new one
            col(Person.closed_at).is_(None),
        )
    )
    for feed, row, event in work.session.exec(query).all():
        if calendar.fits(work.settings, feed, key) and stands(work, event, row):
            return event, row, feed
    raise NotFound("events.no_feed", N_("There is no such calendar."))


def own_feed(work: Work, actor: Actor, registration: Registration) -> CalendarFeed | None:
    """The address that the actor has made for a party, if any."""
    return work.session.get(CalendarFeed, (registration.id, actor.person_id)) if actor.person_id else None


def is_open(event: Event, work: Work) -> bool:
    """Whether one can register at this moment."""
    ends = event.registration_ends_at
    return event.state == State.REGISTRATION and (ends is None or work.now < ends)


# Changing


def register(work: Work, actor: Actor, slug: str, wanted: Wanted) -> Registration:
    """Registers an organization on one side; where all seats are taken it waits for one. The same sent twice is one.

    Raises Forbidden, Malformed, Closed, Refused (not verified far enough, registered already, the other side forbids it).
    """
    event = service.shown(work, actor, slug, lock=True)
    actor.demand("event.register", organization_id=wanted.organization_id)
    organization(work, wanted.organization_id)
    if not is_open(event, work):
        raise Closed("events.registration_closed", N_("Registration for this event is not open."))
    known = _of(work, event, wanted.organization_id, wanted.side)
    if known is not None and known.state != "withdrawn":
        if _says(known, wanted):
            return known
        raise Refused(
            "events.registered_already",
            N_(
                "Your organization is registered on this side already. Change that registration instead of making another."
            ),
        )
    _check(work, event, wanted)
    made = known or Registration(
        event_id=event.id or 0,
        organization_id=wanted.organization_id,
        side=wanted.side,
        number=_next_number(work, event, wanted.side),
        code=_code(work, event),
        registered_at=work.now,
        queued_at=work.now,
    )
    made.person_id = actor.person_id
    _write(made, wanted)
    _return(work, event, made)
    bringing.bring(work, actor, made)
    service.record(work, actor, "event.register", event, registration=made.id, side=made.side, state=made.state)
    return made


def change(work: Work, actor: Actor, registration_id: int, wanted: Wanted) -> Registration:
    """Changes what a registration says, until the timetable is made. Raises NotFound, Malformed, Closed, Refused."""
    event, found = registration_for(work, actor, registration_id, lock=True)
    if event.state not in OPEN_TO_PARTIES or found.state == "withdrawn":
        raise Closed("events.change_closed", N_("Registrations can no longer be changed: the timetable is being made."))
    _check(work, event, wanted)
    before = set(found.things)
    _write(found, wanted)
    work.session.add(found)
    work.session.flush()
    bringing.bring(work, actor, found)
    bringing.take_back(work, actor, found, before - set(found.things))
    service.record(work, actor, "event.change", event, registration=found.id)
    work.announce(service.topic(event))
    return found


def withdraw(work: Work, actor: Actor, registration_id: int) -> Registration:
    """Takes a registration back; the seat goes to the first who waits. Twice is once. Raises NotFound, Closed.

    Once the timetable is out its meetings stand until the host repairs it.
    """
    event, found = registration_for(work, actor, registration_id, lock=True)
    if found.state == "withdrawn":
        return found
    if event.state in OVER:
        raise Closed("events.over", N_("The event is over."))
    had_seat = found.state == "registered"
    found.state, found.withdrawn_at = "withdrawn", work.now
    if event.state in ON_THE_DAY:
        found.gone_from = next_slot(event, work.now)
    work.session.add(found)
    work.session.flush()
    bringing.take_back(work, actor, found, set(found.things))
    if had_seat and event.state in OPEN_TO_PARTIES:
        seats.fill_seats(work, event, found.side)
    service.record(work, actor, "event.withdraw", event, registration=found.id)
    work.announce(service.topic(event))
    return found


def rejoin(work: Work, actor: Actor, registration_id: int) -> Registration:
    """Undoes a withdrawal; where the seats are taken by now, it waits behind the others.

    Raises NotFound, Closed, and Refused where it may not register any more, or brings nothing any more.
    """
    event, found = registration_for(work, actor, registration_id, lock=True)
    if found.state != "withdrawn":
        return found
    if event.state not in OPEN_TO_PARTIES:
        raise Closed("events.rejoin_closed", N_("You can come back only until the timetable is made. Ask the host."))
    check_level(work, event, found.organization_id)
    _check_other_side(work, event, found.organization_id, found.side, found.participants)
    if not bringing.living(work, [found])[registration_id]:
        raise Refused(
            "events.nothing_left",
            N_(
                "Nothing of what you brought is listed or open any more. Register again on the event's page, with something else."
            ),
        )
    _return(work, event, found)
    bringing.bring(work, actor, found)
    service.record(work, actor, "event.rejoin", event, registration=found.id, state=found.state)
    return found


def new_feed(work: Work, actor: Actor, registration_id: int) -> Registration:
    """Gives the actor a secret calendar address of a party; the one that they had ends, their colleagues keep theirs.

    Raises NotFound.
    """
    event, found = registration_for(work, actor, registration_id, lock=True)
    feed = own_feed(work, actor, found) or CalendarFeed(
        registration_id=registration_id, person_id=actor.person_id or 0, nonce="", made_at=work.now
    )
    feed.nonce, feed.made_at = secrets.token_hex(8), work.now
    work.session.add(feed)
    work.session.flush()
    service.record(work, actor, "event.new_feed", event, registration=found.id)
    return found


def _return(work: Work, event: Event, registration: Registration) -> None:
    """Takes part from now on, behind those who wait."""
    registration.withdrawn_at, registration.queued_at, registration.gone_from = None, work.now, None
    _seat(work, event, registration)


def _seat(work: Work, event: Event, registration: Registration) -> None:
    registration.state = "waiting"
    work.session.add(registration)
    work.session.flush()
    if seats.registered(work, event, registration.side) < seats.seats_of(event, registration.side):
        registration.state = "registered"
        work.session.add(registration)
        work.session.flush()
    work.announce(service.topic(event))


def _check(work: Work, event: Event, wanted: Wanted) -> None:
    check_level(work, event, wanted.organization_id)
    things = [one.id for one in bringing.offered(work, wanted.organization_id, wanted.side)]
    refuse(wanted.faults(event, things, open_slots(event)))
    _check_other_side(work, event, wanted.organization_id, wanted.side, wanted.participants)


def check_level(work: Work, event: Event, organization_id: int) -> None:
    """Raises Refused where an organization is not verified as far as the event asks for."""
    level = organization(work, organization_id).verified
    if level < event.verified:
        raise Refused(
            "events.unverified",
            N_(
                "This event is for organizations of verification level {least} and above; yours has level {level}. The operator verifies."
            ),
            least=event.verified,
            level=level,
        )


def _check_other_side(work: Work, event: Event, organization_id: int, side: Side, participants: Sequence[str]) -> None:
    other = _of(work, event, organization_id, "demander" if side == "supplier" else "supplier")
    if other is None or other.state == "withdrawn":
        return
    if not event.both_sides:
        raise Refused(
            "events.one_side",
            N_("Your organization takes part on the other side already, and this event lets nobody be on both."),
        )
    shared = sorted(set(other.participants) & set(participants))
    if shared:
        raise Refused(
            "events.same_people",
            N_("{name} comes for the other side already, and nobody can sit at two tables at once. Name other people."),
            fields=[FieldError("participants", N_("{name} comes for the other side already"), {"name": shared[0]})],
            name=shared[0],
        )


def _says(known: Registration, wanted: Wanted) -> bool:
    names = ("participants", "languages", "free", "least", "most", "reveal", "things")
    return all(
        (list(value) if isinstance(value := getattr(wanted, name), tuple) else value) == getattr(known, name)
        for name in names
    )


def _write(row: Registration, wanted: Wanted) -> None:
    for name in ("participants", "languages", "free", "things"):
        setattr(row, name, list(getattr(wanted, name)))
    row.least, row.most, row.reveal = wanted.least, wanted.most, wanted.reveal


def _of(work: Work, event: Event, organization_id: int, side: Side) -> Registration | None:
    query = select(Registration).where(
        Registration.event_id == event.id, Registration.organization_id == organization_id, Registration.side == side
    )
    return work.session.exec(query).one_or_none()


def _next_number(work: Work, event: Event, side: Side) -> int:
    query = select(func.max(Registration.number)).where(Registration.event_id == event.id, Registration.side == side)
    return (work.session.exec(query).one() or 0) + 1


def _code(work: Work, event: Event) -> str:
    """One that no party of the event has; the event is locked."""
    query = select(Registration.code).where(Registration.event_id == event.id)
    taken = set(work.session.exec(query))
    while (code := "".join(secrets.choice(SIGNS) for _ in range(6))) in taken:
        pass
    return code


def _none() -> NotFound:
    return NotFound("events.no_registration", N_("There is no such registration."))
