"""What the host of an event sees: the desk, the form of an event, check-in, the programme."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.events import bringing, calling_off, scheduling, seats, service, wishes
from leaderboard.events.fields import LONGEST, LONGEST_REASON, EventWords
from leaderboard.events.models import Event, MeetingRow, Registration
from leaderboard.events.naming import names
from leaderboard.events.pages import SIDES, Head, head
from leaderboard.events.slots import Slot, slots_of
from leaderboard.events.states import APART, MEETING_STATES, MOVES, ON_THE_DAY, STANDING, STATES, State, follows
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.seasons.windows import write_local
from leaderboard.ui.forms import Form

NEXT: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.DRAFT: N_("Only you see it. Announced, everybody reads about it; nobody can register yet."),
        State.CALL: N_(
            "Everybody reads about it. Open registration when days, slots and seats are right: they stay then."
        ),
        State.REGISTRATION: N_(
            "Organizations register. Open preferences when enough have come; nobody new can register then."
        ),
        State.PREFERENCE: N_("Each side says whom it wants to meet. Close preferences to make the timetable."),
        State.SCHEDULED: N_("Make timetables, compare them, and publish one. It can then be changed by repair only."),
        State.PUBLISHED: N_(
            "Everybody has a timetable. Begin on the day: from then on what came of meetings can be said."
        ),
        State.LIVE: N_(
            "Check in who comes; repair the timetable when somebody does not. Close it after the last meeting."
        ),
        State.CLOSED: N_("The report is public. Parties still say what came of their meetings."),
        State.FOLLOW_UP: N_("Nothing is left to do."),
        State.CALLED_OFF: N_(
            "It does not take place. Those who were registered have been told, and everybody reads why."
        ),
    }
)
"""What a host does in each state."""
NUMBERED: Final[Mapping[str, str]] = {"supplier": N_("Supplier {number}"), "demander": N_("Demander {number}")}


@dataclass(frozen=True)
class EditPage:
    """The form of an event. ``slug`` None: a new one, for one of ``units``."""

    slug: str | None
    title: Words
    words: EventWords
    form: Form
    units: tuple[tuple[int, str], ...] = ()
    longest: Mapping[str, int] = field(default_factory=lambda: LONGEST)


@dataclass(frozen=True)
class PartyRow:
    """A party on the host's lists. Of one that is a number to the host nobody is named in ``participants``. ``left``: nothing of what
    it brings is listed or open any more; ``too_low``: it is no longer verified far enough.
    """

    id: int
    name: Words | Phrase
    side_name: str
    numbered: Phrase
    state: str
    participants: tuple[str, ...]
    languages: tuple[str, ...]
    free: int
    least: int
    most: int
    code: str
    arrived_at: datetime | None
    gone: bool
    left: bool
    too_low: bool
    meetings: int


@dataclass(frozen=True)
class CallingOff:
    """What calling the event off does: so many parties are told, so many meetings are cancelled (None: there is no timetable)."""

    told: int
    meetings: int | None
    longest: int = LONGEST_REASON


@dataclass(frozen=True)
class DeskPage:
    """``steps``: (state, its name, whether it leads on) to which the event can be moved; ``next``: what is to be done now; ``said``: how
    many parties with a seat have said whom they want to meet, while they can; ``calling_off``: None where that cannot be done.
    """

    head: Head
    next: Phrase
    said: int | None
    steps: tuple[tuple[str, Phrase, bool], ...]
    parties: tuple[PartyRow, ...]
    slots: int
    withdrawn_after: int
    calling_off: CallingOff | None
    form: Form


@dataclass(frozen=True)
class CheckInPage:
    head: Head
    q: str
    parties: tuple[PartyRow, ...]
    arrived: int
    all: int
    form: Form
    just: str


@dataclass(frozen=True)
class ProgrammeRow:
    """One meeting of the published timetable."""

    id: int
    slot: Slot
    table: int
    supplier: Words | Phrase
    demander: Words | Phrase
    interpreted: bool
    state: str
    state_name: Phrase
    begun: bool


@dataclass(frozen=True)
class ProgrammePage:
    head: Head
    rows: tuple[ProgrammeRow, ...]


def new_page(work: Work, actor: Actor, form: Form | None = None) -> EditPage:
    """The form of a new event. Raises SignInNeeded, Forbidden."""
    actor.demand("event.create")
    units = tuple((unit.id or 0, unit.name) for unit in service.units(work, actor))
    words = EventWords(starts=("09:00", "09:20", "09:40", "10:20", "10:40", "11:00"))
    return EditPage(None, Words("", ""), words, form or Form(), units)


def edit_page(work: Work, actor: Actor, slug: str, form: Form | None = None) -> EditPage:
    """The form of an event. Raises NotFound."""
    event = service.event_for(work, actor, slug, "event.edit")
    said = {name: getattr(event, name) for name in EventWords.__slots__ if hasattr(event, name)}
    ends = {
        name: write_local(at, event.zone) if at else ""
        for name, at in (
            ("registration_ends", event.registration_ends_at),
            ("preferences_end", event.preferences_end_at),
        )
    }
    lists = {name: tuple(said[name]) for name in ("days", "starts", "breaks")}
    return EditPage(
        slug, Words(event.title_en, event.title_zh), EventWords(**{**said, **lists, **ends}), form or Form()
    )


def desk(work: Work, actor: Actor, slug: str, form: Form | None = None) -> DeskPage:
    """The host's desk. Raises NotFound."""
    event = service.event_for(work, actor, slug, "event.edit")
    to = sorted(MOVES[event.state] - APART, key=lambda state: not follows(event.state, state))
    rows = party_rows(work, actor, event, scheduling.registrations(work, event))
    standing = {id for one in scheduling.meetings(work, event, STANDING) for id in (one.supplier_id, one.demander_id)}
    return DeskPage(
        head=head(work, actor, event),
        next=Phrase(NEXT[event.state]),
        said=wishes.how_many_said(work, event) if event.state == State.PREFERENCE else None,
        steps=tuple((state, Phrase(STATES[state]), follows(event.state, state)) for state in to),
        parties=rows,
        slots=sum(not slot.rest for slot in slots_of(event)),
        withdrawn_after=sum(row.state == "withdrawn" and row.id in standing for row in rows)
        if event.state in ON_THE_DAY
        else 0,
        calling_off=_calling_off(work, event, rows) if calling_off.may_be_called_off(event) else None,
        form=form or Form(),
    )


def _calling_off(work: Work, event: Event, rows: Sequence[PartyRow]) -> CallingOff:
    meetings = calling_off.ahead(work, event) if event.run_id is not None else None
    return CallingOff(told=sum(row.state != "withdrawn" for row in rows), meetings=meetings)


def party_rows(work: Work, actor: Actor, event: Event, rows: Sequence[Registration]) -> tuple[PartyRow, ...]:
    """Parties as the host sees them."""
    called = names(work, actor, event, rows)
    living, levels = bringing.living(work, rows), _levels(work, rows)
    standing = scheduling.meetings(work, event, STANDING)
    met = Counter(id for one in standing for id in (one.supplier_id, one.demander_id))
    return tuple(
        PartyRow(
            id=row.id or 0,
            name=called[row.id or 0],
            side_name=SIDES[row.side],
            numbered=Phrase(NUMBERED[row.side], {"number": row.number}),
            state=row.state,
            participants=() if row.id in called.hidden else tuple(row.participants),
            languages=tuple(row.languages),
            free=len(row.free),
            least=row.least,
            most=row.most,
            code=row.code,
            arrived_at=row.arrived_at,
            gone=row.gone_from is not None,
            left=not living[row.id or 0],
            too_low=levels[row.organization_id] < event.verified,
            meetings=met[row.id or 0],
        )
        for row in sorted(rows, key=lambda row: (row.side != "supplier", row.number))
    )


def _levels(work: Work, rows: Sequence[Registration]) -> Mapping[int, int]:
    ids = {row.organization_id for row in rows}
    query = select(Organization.id, Organization.verified).where(col(Organization.id).in_(ids))
    return {id: level for id, level in work.session.exec(query) if id is not None}


def check_in(
    work: Work, actor: Actor, slug: str, q: str = "", *, form: Form | None = None, just: int = 0, locale: str = "en"
) -> CheckInPage:
    """Who has come; ``q`` sifts by organization or participant, ``just`` is who was checked in last. Raises NotFound."""
    event = service.event_for(work, actor, slug, "event.edit")
    rows = party_rows(work, actor, event, seats.parties(work, event))
    asked = q.casefold()
    found = [row for row in rows if asked in " ".join((row.name.said(locale), *row.participants, row.code)).casefold()]
    return CheckInPage(
        head=head(work, actor, event),
        q=q,
        parties=tuple(found),
        arrived=sum(row.arrived_at is not None for row in rows),
        all=len(rows),
        form=form or Form(),
        just=next((row.name.said(locale) for row in rows if row.id == just), ""),
    )


def programme(work: Work, actor: Actor, slug: str) -> ProgrammePage:
    """The whole published timetable, for the host. Raises NotFound."""
    event = service.event_for(work, actor, slug, "event.edit")
    rows = {row.id: row for row in scheduling.registrations(work, event)}
    called, slots = names(work, actor, event, list(rows.values())), slots_of(event)

    def shown(one: MeetingRow) -> ProgrammeRow:
        talk = set(rows[one.supplier_id].languages) & set(rows[one.demander_id].languages)
        return ProgrammeRow(
            id=one.id or 0,
            slot=slots[one.slot],
            table=one.seat + 1,
            supplier=called[one.supplier_id],
            demander=called[one.demander_id],
            interpreted=not talk,
            state=one.state,
            state_name=Phrase(MEETING_STATES[one.state]),
            begun=slots[one.slot].begins <= work.now and one.state in STANDING,
        )

    return ProgrammePage(head(work, actor, event), tuple(shown(one) for one in scheduling.meetings(work, event)))


def programme_table(page: ProgrammePage, locale: str) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """The programme as a header and rows for CSV; times are in the event's zone."""
    header = ("day", "start", "end", "table", "supplier", "demander", "interpreter", "state")
    return header, [
        (
            row.slot.day, row.slot.start, row.slot.until, row.table, row.supplier.said(locale), row.demander.said(locale),
            row.interpreted, row.state,
        )
        for row in page.rows
    ]  # fmt: skip
