"""Who has a seat and who waits for one; a letter to a party."""

from collections.abc import Sequence

from sqlmodel import col, func, select

from leaderboard.accounts import letters
from leaderboard.accounts.models import Person
from leaderboard.core.work import Work
from leaderboard.events.models import Event, Registration, Side
from leaderboard.seasons.signals import Words


def parties(work: Work, event: Event, side: Side | None = None, *, waiting: bool = False) -> Sequence[Registration]:
    """Those with a seat (with ``waiting``: who wait for one, the first first), in order of side and number."""
    query = select(Registration).where(Registration.event_id == event.id)
    query = query.where(Registration.state == ("waiting" if waiting else "registered"))
    if side is not None:
        query = query.where(Registration.side == side)
    order = (col(Registration.queued_at), col(Registration.id)) if waiting else (col(Registration.number),)
    return work.session.exec(query.order_by(col(Registration.side).desc(), *order)).all()


def registered(work: Work, event: Event, side: Side | None = None) -> int:
    """How many parties have a seat."""
    query = select(func.count()).where(Registration.event_id == event.id, Registration.state == "registered")
    return work.session.exec(query if side is None else query.where(Registration.side == side)).one()


def seats_of(event: Event, side: Side) -> int:
    """How many parties of a side there can be."""
    return event.supplier_seats if side == "supplier" else event.demander_seats


def fill_seats(work: Work, event: Event, side: Side) -> None:
    """Gives free seats to those who wait, in order, and tells them. The event is locked."""
    free = seats_of(event, side) - registered(work, event, side)
    for one in parties(work, event, side, waiting=True)[: max(0, free)]:
        one.state = "registered"
        work.session.add(one)
        tell(work, event, "event_seat", one)
    work.session.flush()


def tell(work: Work, event: Event, letter: str, *registrations: Registration, **words: str) -> None:
    """Queues a letter to whoever registered them, in their language, one to each person; none where the account was closed."""
    ids = {row.person_id for row in registrations}
    query = select(Person).where(col(Person.id).in_(ids), col(Person.closed_at).is_(None)).order_by(col(Person.id))
    title, reason = Words(event.title_en, event.title_zh), Words(event.reason_en, event.reason_zh)
    for person in work.session.exec(query).all():
        said = {"title": title.said(person.locale), "reason": reason.said(person.locale)}
        letters.post(work, person, letter, path=f"/{person.locale}/events/{event.slug}/mine", **said, **words)
