"""What a party has before it, the tables as they are now, and the report, as frozen objects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import NotFound
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.events import bringing, calendar, registering, report, service
from leaderboard.events.day import OUTCOMES
from leaderboard.events.models import Event, MeetingRow, Registration
from leaderboard.events.naming import names
from leaderboard.events.pages import Head, OwnRow, head, own_row
from leaderboard.events.slots import Slot, slots_of
from leaderboard.events.states import (
    BEGUN,
    MEETING_STATES,
    ON_THE_DAY,
    OPEN_TO_PARTIES,
    OVER,
    REPORTED,
    STANDING,
    MeetingState,
    State,
)
from leaderboard.exchange.deals.models import Deal
from leaderboard.seasons.signals import Phrase, Words


@dataclass(frozen=True)
class OwnMeeting:
    """A meeting of the viewer's party."""

    id: int
    slot: Slot
    table: int
    whom: Words | Phrase
    languages: tuple[str, ...]
    interpreted: bool
    state: str
    state_name: Phrase
    reason: str
    answer: str
    outcome: str
    answerable: bool
    begun: bool
    partner_left: bool
    deal: str | None


@dataclass(frozen=True)
class Timetable:
    """What one registration of the viewer's has before it. ``feed``: the viewer's own calendar address, None before they made one;
    ``left``: nothing of what it brings is listed or open any more.
    """

    row: OwnRow
    code: str
    feed: str | None
    left: bool
    meetings: tuple[OwnMeeting, ...]
    can_change: bool
    can_prefer: bool
    can_rejoin: bool
    can_withdraw: bool


@dataclass(frozen=True)
class MinePage:
    head: Head
    timetables: tuple[Timetable, ...]
    with_timetable: bool
    outcomes: Sequence[tuple[str, str]] = tuple(OUTCOMES.items())


@dataclass(frozen=True)
class Seat:
    """One table at which two meet in a slot."""

    table: int
    supplier: Words | Phrase
    demander: Words | Phrase


@dataclass(frozen=True)
class Board:
    """A slot on the display. ``today``: it is on the day that it is now where the event is."""

    slot: Slot
    today: bool
    seats: tuple[Seat, ...]


@dataclass(frozen=True)
class NowPage:
    """The table display: the slot that runs, and the next one; both None before publication and after the end."""

    head: Head
    now: datetime
    clock: str
    current: Board | None
    coming: Board | None


@dataclass(frozen=True)
class ReportPage:
    head: Head
    report: report.Report
    outcomes: Mapping[str, str] = field(default_factory=lambda: OUTCOMES)


def mine(work: Work, actor: Actor, slug: str) -> MinePage:
    """Everything that the viewer's organizations have before them at an event. Raises SignInNeeded, NotFound (drafts)."""
    actor.demand("account.read")
    event = service.shown(work, actor, slug)
    rows = registering.own(work, actor, event)
    living = bringing.living(work, rows)
    return MinePage(
        head=head(work, actor, event),
        timetables=tuple(_timetable(work, actor, event, row, left=not living[row.id or 0]) for row in rows),
        with_timetable=event.run_id is not None,
    )


def _timetable(work: Work, actor: Actor, event: Event, row: Registration, *, left: bool) -> Timetable:
    feed = registering.own_feed(work, actor, row)
    key = calendar.feed_key(work.settings, feed) if feed else ""
    return Timetable(
        row=own_row(work, event, row),
        code=row.code,
        feed=f"{work.settings.base_url.rstrip('/')}/{{locale}}/events/feeds/{row.id}/{key}.ics" if feed else None,
        left=left and event.state not in OVER,
        meetings=_own_meetings(work, actor, event, row),
        can_change=event.state in OPEN_TO_PARTIES and row.state != "withdrawn",
        can_prefer=event.state == State.PREFERENCE and row.state == "registered",
        can_rejoin=event.state in OPEN_TO_PARTIES and row.state == "withdrawn",
        can_withdraw=event.state not in OVER and row.state != "withdrawn",
    )


def meetings_of(work: Work, event: Event, row: Registration) -> list[MeetingRow]:
    """All meetings of a party, the cancelled ones too, in order of slot."""
    mine = (col(MeetingRow.supplier_id) == row.id) | (col(MeetingRow.demander_id) == row.id)
    query = select(MeetingRow).where(MeetingRow.event_id == event.id, mine)
    return list(work.session.exec(query.order_by(col(MeetingRow.slot), col(MeetingRow.id))))


def _own_meetings(work: Work, actor: Actor, event: Event, row: Registration) -> tuple[OwnMeeting, ...]:
    meetings, slots = meetings_of(work, event, row), slots_of(event)
    ids = {id for one in meetings for id in (one.supplier_id, one.demander_id)} - {row.id}
    others = {one.id: one for one in work.session.exec(select(Registration).where(col(Registration.id).in_(ids)))}
    called = names(work, actor, event, list(others.values()))
    deals = _deals(work, meetings)
    found = []
    for one in meetings:
        other = others[one.demander_id if row.side == "supplier" else one.supplier_id]
        begun = slots[one.slot].begins <= work.now
        live = event.state in ON_THE_DAY and one.state in {
            MeetingState.PROPOSED,
            MeetingState.CONFIRMED,
            MeetingState.DECLINED,
        }
        found.append(
            OwnMeeting(
                id=one.id or 0,
                slot=slots[one.slot],
                table=one.seat + 1,
                whom=called[other.id or 0],
                languages=tuple(other.languages),
                interpreted=not set(row.languages) & set(other.languages),
                state=one.state,
                state_name=Phrase(MEETING_STATES[one.state]),
                reason=one.reason,
                answer=getattr(one, f"{row.side}_answer"),
                outcome=getattr(one, f"{row.side}_outcome"),
                answerable=live and not begun and row.state == "registered",
                begun=begun and event.state in BEGUN and one.state in STANDING,
                partner_left=other.state == "withdrawn" and one.state in STANDING,
                deal=deals.get(one.deal_id or 0),
            )
        )
    return tuple(found)


def _deals(work: Work, meetings: Sequence[MeetingRow]) -> Mapping[int, str]:
    ids = [one.deal_id for one in meetings if one.deal_id]
    query = select(Deal.id, Deal.key).where(col(Deal.id).in_(ids))
    return {id: key for id, key in work.session.exec(query) if id is not None} if ids else {}


def now(work: Work, actor: Actor, slug: str) -> NowPage:
    """The tables as they are at this moment, with names of organizations only. Raises NotFound."""
    event = service.shown(work, actor, slug)
    slots = slots_of(event)
    current = next((slot for slot in slots if slot.begins <= work.now < slot.ends), None)
    coming = next((slot for slot in slots if slot.begins > work.now and not slot.rest), None)
    shows = event.state in ON_THE_DAY
    boards = _boards(work, event, [slot for slot in (current, coming) if slot and shows])
    return NowPage(
        head=head(work, actor, event),
        now=work.now,
        clock=f"{work.now.astimezone(ZoneInfo(event.zone)):%H:%M}",
        current=boards.get(current.number) if current else None,
        coming=boards.get(coming.number) if coming else None,
    )


def _boards(work: Work, event: Event, slots: Sequence[Slot]) -> Mapping[int, Board]:
    numbers = [slot.number for slot in slots]
    query = select(MeetingRow).where(
        MeetingRow.event_id == event.id, col(MeetingRow.slot).in_(numbers), col(MeetingRow.state).in_(STANDING)
    )
    meetings = work.session.exec(query.order_by(col(MeetingRow.slot), col(MeetingRow.seat))).all()
    ids = {id for one in meetings for id in (one.supplier_id, one.demander_id)}
    called = names(
        work, None, event, work.session.exec(select(Registration).where(col(Registration.id).in_(ids))).all()
    )
    today = f"{work.now.astimezone(ZoneInfo(event.zone)):%Y-%m-%d}"
    return {
        slot.number: Board(
            slot,
            slot.day == today,
            tuple(
                Seat(one.seat + 1, called[one.supplier_id], called[one.demander_id])
                for one in meetings
                if one.slot == slot.number
            ),
        )
        for slot in slots
    }


def report_page(work: Work, actor: Actor, slug: str) -> ReportPage:
    """The public numbers of an event that took place; the host sees them from publication on. Raises NotFound."""
    event = service.shown(work, actor, slug)
    if event.state not in REPORTED and not (service.hosts(actor, event) and event.run_id is not None):
        raise NotFound("events.no_report", N_("The report of this event is there when it is over."))
    return ReportPage(head(work, actor, event), report.report_of(work, event))
