"""What the pages of events show to the public and to parties, as frozen objects. The host's are in `desk_pages`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import and_, case, col, func, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.accounts.policy import allows
from leaderboard.core.i18n import N_, zone_label
from leaderboard.core.work import Work
from leaderboard.events import bringing, registering, report, seats, service
from leaderboard.events.models import Event, Registration, Side
from leaderboard.events.slots import Slot, open_slots, slots_of
from leaderboard.events.states import ON_THE_DAY, OPEN_TO_PARTIES, OVER, REPORTED, STATES, State
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.terms.words import VISIBILITIES
from leaderboard.ui.forms import Form

PAGE_SIZE: Final = 30
SIDES: Final[Mapping[str, str]] = {"supplier": N_("Supplier"), "demander": N_("Demander")}


@dataclass(frozen=True)
class Head:
    """What every page of an event has on top. ``called_off``: why it was, None where it was not."""

    slug: str
    title: Words
    place: Words
    state: str
    state_name: Phrase
    days: tuple[str, ...]
    zone: str
    host: str
    hosts: bool
    takes_part: bool
    has_timetable: bool
    has_display: bool
    has_report: bool
    called_off: Words | None


@dataclass(frozen=True)
class EventCard:
    """An event in a list. ``called_off``: why it was, None where it was not."""

    slug: str
    title: Words
    summary: Words
    place: Words
    state: str
    state_name: Phrase
    days: tuple[str, ...]
    host: str
    suppliers: int
    demanders: int
    called_off: Words | None


@dataclass(frozen=True)
class Asked:
    """What the address asks for: a page, from 1; ``hosted``: what the viewer's organizations hold, drafts among it."""

    hosted: bool = False
    number: int = 1


@dataclass(frozen=True)
class ListPage:
    """A page of events: those to come, soonest first; those called off whose days are still to come; those that are over, latest
    first. ``hosts``: the viewer belongs to organizations that hold events.
    """

    upcoming: tuple[EventCard, ...]
    called_off: tuple[EventCard, ...]
    past: tuple[EventCard, ...]
    asked: Asked
    total: int
    pages: int
    may_host: bool
    hosts: bool

    @property
    def cards(self) -> tuple[EventCard, ...]:
        return (*self.upcoming, *self.called_off, *self.past)


@dataclass(frozen=True)
class OwnRow:
    """A registration of the viewer's."""

    id: int
    organization: str
    side: str
    side_name: str
    state: str
    place: int | None


@dataclass(frozen=True)
class EventPage:
    """An event. ``may_register``: (organization id, name, side) that have no registration yet; ``too_low``: names of those that are
    not verified far enough; ``open``: one can register now.
    """

    head: Head
    summary: Words
    slots: tuple[Slot, ...]
    minutes: int
    tables: int
    seats: tuple[tuple[str, int, int], ...]
    verified: int
    called_off_at: datetime | None
    registration_ends_at: datetime | None
    preferences_end_at: datetime | None
    open: bool
    own: tuple[OwnRow, ...]
    may_register: tuple[tuple[int, str, str], ...]
    too_low: tuple[str, ...]
    signed_in: bool


@dataclass(frozen=True)
class Brought:
    """What can be brought. ``visibility``: of a demand that is not public, in words."""

    id: int
    title: Words
    visibility: Phrase | None


@dataclass(frozen=True)
class RegisterPage:
    """The form of a registration. ``id`` None: a new one; ``open``: it can be sent now. ``said``: what it says, as form values."""

    head: Head
    id: int | None
    organization_id: int
    organization: str
    side: str
    side_name: str
    offered: tuple[Brought, ...]
    slots: tuple[Slot, ...]
    most: int
    open: bool
    form: Form
    said: Mapping[str, str]


def head(work: Work, actor: Actor, event: Event) -> Head:
    """The top of a page about this event."""
    return Head(
        slug=event.slug,
        title=Words(event.title_en, event.title_zh),
        place=Words(event.place_en, event.place_zh),
        state=event.state,
        state_name=Phrase(STATES[event.state]),
        days=tuple(event.days),
        zone=zone_label(event.zone, slots_of(event)[0].begins if event.days and event.starts else work.now),
        host=work.session.get_one(Organization, event.organization_id).name,
        hosts=service.hosts(actor, event),
        takes_part=bool(actor.organization_ids) and bool(registering.own(work, actor, event)),
        has_timetable=event.run_id is not None,
        has_display=event.state in ON_THE_DAY,
        has_report=event.state in REPORTED,
        called_off=_called_off(event),
    )


def _called_off(event: Event) -> Words | None:
    return Words(event.reason_en, event.reason_zh) if event.state == State.CALLED_OFF else None


_LISTED: Final = ("upcoming", "called_off", "past")
"""The parts of a list, in their order."""


def listing(work: Work, actor: Actor, asked: Asked | None = None) -> ListPage:
    """A page of the events that were announced, or of the viewer's own as host."""
    actor.demand("event.read")
    asked = asked or Asked()
    where = col(Event.organization_id).in_(actor.posting_ids) if asked.hosted else col(Event.state) != State.DRAFT
    total = work.session.exec(select(func.count()).select_from(Event).where(where)).one()
    rows = _rows(work, where, asked.number)
    counted = report.counts(work, [event.id or 0 for event, _, _ in rows])
    cards = [(part, _card(event, host, counted[event.id or 0])) for event, host, part in rows]
    return ListPage(
        **{name: tuple(card for part, card in cards if part == number) for number, name in enumerate(_LISTED)},
        asked=asked,
        total=total,
        pages=max(1, -(-total // PAGE_SIZE)),
        may_host=allows("event.create", actor.relations(), actor.scopes),
        hosts=bool(actor.posting_ids),
    )


def _rows(work: Work, where: Any, number: int) -> Sequence[tuple[Event, str, int]]:
    """Events of a page in order, their hosts, and the part of the list in which each is, as in `_LISTED`."""
    ahead = col(Event.last_day) >= f"{work.now:%Y-%m-%d}"
    off = and_(col(Event.state) == State.CALLED_OFF, ahead)
    part = case((col(Event.state).not_in(OVER), 0), (off, 1), else_=2)
    order: list[Any] = [part, *(case((part < 2, column)) for column in (col(Event.first_day), col(Event.id)))]
    order += [col(Event.first_day).desc(), col(Event.id).desc()]
    query = (
        select(Event, Organization.name, part)
        .join(Organization, col(Organization.id) == col(Event.organization_id))
        .where(where)
        .order_by(*order)
    )
    return work.session.exec(query.offset((number - 1) * PAGE_SIZE).limit(PAGE_SIZE)).all()


def _card(event: Event, host: str, counted: tuple[int, int]) -> EventCard:
    return EventCard(
        slug=event.slug,
        title=Words(event.title_en, event.title_zh),
        summary=Words(event.summary_en, event.summary_zh),
        place=Words(event.place_en, event.place_zh),
        state=event.state,
        state_name=Phrase(STATES[event.state]),
        days=tuple(event.days),
        host=host,
        suppliers=counted[0],
        demanders=counted[1],
        called_off=_called_off(event),
    )


def event_page(work: Work, actor: Actor, slug: str) -> EventPage:
    """An event as everybody sees it, with what the viewer can do. Raises NotFound."""
    event = service.shown(work, actor, slug)
    own = registering.own(work, actor, event)
    taken = {(row.organization_id, row.side) for row in own if row.state != "withdrawn"}
    units = service.own_organizations(work, actor)
    sides: tuple[Side, ...] = ("supplier", "demander")
    return EventPage(
        head=head(work, actor, event),
        summary=Words(event.summary_en, event.summary_zh),
        slots=slots_of(event),
        minutes=event.minutes,
        tables=event.tables,
        seats=tuple((SIDES[side], seats.registered(work, event, side), seats.seats_of(event, side)) for side in sides),
        verified=event.verified,
        called_off_at=event.called_off_at,
        registration_ends_at=event.registration_ends_at,
        preferences_end_at=event.preferences_end_at,
        open=registering.is_open(event, work),
        own=tuple(own_row(work, event, row) for row in own),
        may_register=tuple(
            (unit.id or 0, unit.name, side)
            for unit in units
            for side in sides
            if (unit.id, side) not in taken and unit.verified >= event.verified
        ),
        too_low=tuple(unit.name for unit in units if unit.verified < event.verified),
        signed_in=actor.person_id is not None,
    )


def own_row(work: Work, event: Event, row: Registration) -> OwnRow:
    """A registration in short; ``place`` in the waiting list, from 1."""
    place = None
    if row.state == "waiting":
        queue = [one.id for one in seats.parties(work, event, row.side, waiting=True)]
        place = queue.index(row.id) + 1
    organization = work.session.get_one(Organization, row.organization_id).name
    return OwnRow(row.id or 0, organization, row.side, SIDES[row.side], row.state, place)


def register_page(
    work: Work, actor: Actor, slug: str, organization_id: int, side: Side, form: Form | None = None
) -> RegisterPage:
    """The form for a new registration. Raises NotFound, Forbidden."""
    event = service.shown(work, actor, slug)
    actor.demand("event.register", organization_id=organization_id)
    registering.organization(work, organization_id)
    said = {"languages": "", "least": "0", "most": str(event.most), "reveal": "partners", "language-zh": "yes"}
    said |= {f"free-{slot}": "yes" for slot in open_slots(event)}
    return _register_page(work, actor, event, None, organization_id, side, form, said)


def change_page(work: Work, actor: Actor, registration_id: int, form: Form | None = None) -> RegisterPage:
    """The form of a registration that is there. Raises NotFound."""
    event, row = registering.registration_for(work, actor, registration_id)
    said = {
        "participants": "\n".join(row.participants),
        "least": str(row.least),
        "most": str(row.most),
        "reveal": row.reveal,
    }
    said |= {f"language-{key}": "yes" for key in row.languages}
    said |= {f"free-{slot}": "yes" for slot in row.free}
    said |= {f"thing-{id}": "yes" for id in row.things}
    return _register_page(work, actor, event, row, row.organization_id, row.side, form, said)


def _register_page(
    work: Work,
    actor: Actor,
    event: Event,
    row: Registration | None,
    organization_id: int,
    side: Side,
    form: Form | None,
    said: Mapping[str, str],
) -> RegisterPage:
    return RegisterPage(
        head=head(work, actor, event),
        id=row.id if row else None,
        organization_id=organization_id,
        organization=work.session.get_one(Organization, organization_id).name,
        side=side,
        side_name=SIDES[side],
        offered=tuple(_brought(one) for one in bringing.offered(work, organization_id, side)),
        slots=tuple(slot for slot in slots_of(event) if not slot.rest),
        most=event.most,
        open=registering.is_open(event, work) if row is None else event.state in OPEN_TO_PARTIES,
        form=form or Form(),
        said=said,
    )


def _brought(one: bringing.Offered) -> Brought:
    shown = Phrase(VISIBILITIES[one.visibility]) if one.visibility not in ("", "public") else None
    return Brought(one.id, one.title, shown)


def list_table(page: ListPage, locale: str) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """The list as a header and rows for CSV."""
    header = (
        "slug",
        "title",
        "state",
        "first_day",
        "last_day",
        "place",
        "host",
        "suppliers",
        "demanders",
        "called_off",
    )
    return header, [
        (
            card.slug, card.title.said(locale), card.state, *((card.days[0], card.days[-1]) if card.days else (None, None)),
            card.place.said(locale), card.host, card.suppliers, card.demanders,
            card.called_off.said(locale) if card.called_off else None,
        )
        for card in page.cards
    ]  # fmt: skip
