"""Events over HTTP for the public and for parties. A refusal shows the form again, with what was typed and why not."""

from collections.abc import Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from sqlmodel import col, select

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.forms import NO_STORE, Sent
from leaderboard.core.i18n import N_
from leaderboard.core.web import Held, Locale, ReadWork, WriteWork
from leaderboard.core.work import Resources, Work
from leaderboard.events import (
    calendar,
    day,
    naming,
    out,
    own_pages,
    preference_pages,
    registering,
    report,
    service,
    wishes,
)
from leaderboard.events import pages as made
from leaderboard.events.fields import Wanted, side_of
from leaderboard.events.models import Event, MeetingRow, Registration, Side
from leaderboard.events.web import NAV, crumbs, done, shown, stream
from leaderboard.exchange.demands import showing
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import attachment, csv_file, page, see_other

pages = APIRouter()
api = APIRouter(tags=["events"])

READ, REGISTER, OWN = act("event.read"), act("event.register"), act("event.own")
MINE: Final = act("account.read")
PREFERENCES: Final = N_("Preferences")
REGISTRATION: Final = N_("Registration")
Org = Annotated[int, Query(alias="organization", ge=0, le=10**9, description="id of the organization")]
SideName = Annotated[str, Query(alias="side", max_length=10, description="supplier or demander")]


# Lists and the event


def _asked(
    hosted: Annotated[bool, Query(description="only those that your organizations hold, drafts among them")] = False,
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> made.Asked:
    return made.Asked(hosted, number)


Asked = Annotated[made.Asked, Depends(_asked)]


@pages.get("/{locale}/events", dependencies=[READ])
def events(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor, asked: Asked) -> Response:
    return page(request, "events/list.html", made.listing(work, actor, asked), nav=NAV, breadcrumbs=crumbs(request))


@pages.get("/{locale}/events.csv", dependencies=[READ])
def events_csv(locale: Locale, work: ReadWork, actor: CurrentActor, asked: Asked) -> Response:
    return csv_file("events", *made.list_table(made.listing(work, actor, asked), locale))


@pages.get("/{locale}/events/feeds/{registration_id}/{key}.ics", dependencies=[READ])
def feed(locale: Locale, registration_id: int, key: str, work: ReadWork) -> Response:
    """The secret address that calendars subscribe to: its key is the right to read it, as long as its person belongs to the party.

    That of a party that has withdrawn is empty, so that calendars forget its meetings.
    """
    found, row, feed = registering.feed_for(work, registration_id, key)
    actor = Actor(person_id=feed.person_id, organization_ids=frozenset({row.organization_id}))
    return _calendar(work, actor, found, [row] if row.state == "registered" else [], locale)


def _calendar(work: Work, actor: Actor, event: Event, rows: list[Registration], locale: str) -> Response:
    def name_of(meeting: MeetingRow) -> str:
        own = {row.id for row in rows}
        return called[meeting.demander_id if meeting.supplier_id in own else meeting.supplier_id].said(locale)

    found = {one.id: one for row in rows for one in own_pages.meetings_of(work, event, row)}  # of both sides: once
    meetings = list(found.values())
    others = {id for one in meetings for id in (one.supplier_id, one.demander_id)}
    query = select(Registration).where(col(Registration.id).in_(others))
    called = naming.names(work, actor, event, work.session.exec(query).all())
    data = calendar.calendar(work.settings, event, meetings, name_of, locale, work.now)
    headers = {**NO_STORE, "Content-Disposition": attachment(f"{event.slug}.ics")}
    return Response(data, media_type=calendar.MEDIA_TYPE, headers=headers)


@pages.get("/{locale}/events/{slug}", dependencies=[READ])
def event(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return shown(request, "event", made.event_page(work, actor, slug))


@pages.get("/{locale}/events/{slug}/now", dependencies=[READ])
def now(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return shown(request, "now", own_pages.now(work, actor, slug), N_("Tables now"))


@pages.get("/{locale}/events/{slug}/now/events", dependencies=[READ])
async def now_events(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor) -> Response:
    return stream(request, await run_in_threadpool(_topic, held, actor, slug))


def _topic(held: Resources, actor: Actor, slug: str) -> str:
    with held.read() as work:
        return service.topic(service.shown(work, actor, slug))


@pages.get("/{locale}/events/{slug}/report", dependencies=[READ])
def event_report(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return shown(request, "report", own_pages.report_page(work, actor, slug), N_("Report"))


@pages.get("/{locale}/events/{slug}/report.csv", dependencies=[READ])
def report_csv(locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return csv_file(f"{slug}-report", *report.table(own_pages.report_page(work, actor, slug).report))


# A party's own


@pages.get("/{locale}/events/{slug}/mine", dependencies=[MINE])
def mine(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return shown(request, "mine", own_pages.mine(work, actor, slug), N_("My timetable"))


@pages.get("/{locale}/events/{slug}/mine.ics", dependencies=[MINE])
def mine_calendar(locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    actor.demand("account.read")
    found = service.shown(work, actor, slug)
    return _calendar(work, actor, found, list(registering.own(work, actor, found)), locale)


@pages.get("/{locale}/events/{slug}/register", dependencies=[REGISTER])
def register_form(
    request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor, organization: Org = 0,
    side: SideName = "supplier",
) -> Response:  # fmt: skip
    content = made.register_page(work, actor, slug, organization or _only(actor), side_of(side))
    return shown(request, "register", content, REGISTRATION)


@pages.post("/{locale}/events/{slug}/register", dependencies=[REGISTER])
def register(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    unit, side = _unit(sent, actor), side_of(sent["side"] or "supplier")
    wanted = Wanted.typed(sent, organization_id=unit, side=side)
    _, error = done(held, lambda work: registering.register(work, actor, slug, wanted))
    if error is None:
        return see_other(request, f"/events/{slug}/mine")
    with held.read() as work:
        content = made.register_page(work, actor, slug, unit, side, Form.refused(sent, error))
    return shown(request, "register", content, REGISTRATION, error)


def _unit(sent: Mapping[str, str], actor: Actor) -> int:
    text = sent.get("organization", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else _only(actor)


def _only(actor: Actor) -> int:
    """The one organization of somebody who has one; nobody's otherwise."""
    return next(iter(actor.organization_ids)) if len(actor.organization_ids) == 1 else 0


@pages.get("/{locale}/events/registrations/{registration_id}", dependencies=[OWN])
def change_form(
    request: Request, locale: Locale, registration_id: int, work: ReadWork, actor: CurrentActor
) -> Response:
    return shown(request, "register", made.change_page(work, actor, registration_id), REGISTRATION)


@pages.post("/{locale}/events/registrations/{registration_id}", dependencies=[OWN])
def change(
    request: Request, locale: Locale, registration_id: int, held: Held, actor: CurrentActor, sent: Sent
) -> Response:
    slug, error = done(held, lambda work: _change(work, actor, registration_id, sent))
    if error is None:
        return see_other(request, f"/events/{slug}/mine")
    with held.read() as work:
        content = made.change_page(work, actor, registration_id, Form.refused(sent, error))
    return shown(request, "register", content, REGISTRATION, error)


def _change(work: Work, actor: Actor, registration_id: int, sent: Mapping[str, str]) -> str:
    found, row = registering.registration_for(work, actor, registration_id)
    wanted = Wanted.typed(sent, organization_id=row.organization_id, side=row.side)
    registering.change(work, actor, registration_id, wanted)
    return found.slug


@pages.post("/{locale}/events/registrations/{registration_id}/withdraw", dependencies=[OWN])
def withdraw(request: Request, locale: Locale, registration_id: int, work: WriteWork, actor: CurrentActor) -> Response:
    return _back(request, work, registering.withdraw(work, actor, registration_id))


@pages.post("/{locale}/events/registrations/{registration_id}/rejoin", dependencies=[OWN])
def rejoin(request: Request, locale: Locale, registration_id: int, work: WriteWork, actor: CurrentActor) -> Response:
    return _back(request, work, registering.rejoin(work, actor, registration_id))


@pages.post("/{locale}/events/registrations/{registration_id}/feed", dependencies=[OWN])
def new_feed(request: Request, locale: Locale, registration_id: int, work: WriteWork, actor: CurrentActor) -> Response:
    return _back(request, work, registering.new_feed(work, actor, registration_id))


def _back(request: Request, work: Work, row: Registration) -> Response:
    return see_other(request, f"/events/{work.session.get_one(Event, row.event_id).slug}/mine")


@pages.get("/{locale}/events/registrations/{registration_id}/preferences", dependencies=[OWN])
def preferences(
    request: Request, locale: Locale, registration_id: int, held: Held, actor: CurrentActor, saved: bool = False
) -> Response:
    with held.read() as work:
        content = preference_pages.preferences_page(work, actor, registration_id, saved=saved)
    showing.note(held, actor, content.seen)
    return shown(request, "preferences", content, PREFERENCES)


@pages.post("/{locale}/events/registrations/{registration_id}/preferences", dependencies=[OWN])
def say(
    request: Request, locale: Locale, registration_id: int, held: Held, actor: CurrentActor, sent: Sent
) -> Response:
    _, error = done(held, lambda work: wishes.say(work, actor, registration_id, _said(sent)))
    if error is None:
        return see_other(request, f"/events/registrations/{registration_id}/preferences?saved=1")
    with held.read() as work:
        form = Form.refused(sent, error)
        content = preference_pages.preferences_page(work, actor, registration_id, form=form)
    showing.note(held, actor, content.seen)
    return shown(request, "preferences", content, PREFERENCES, error)


def _said(sent: Mapping[str, str]) -> Mapping[int, str]:
    """``place-12`` holds a place, ``veto-12`` is a box; a veto wins."""
    named = ((name.partition("-"), value) for name, value in sent.items())
    found = [(what, int(id), value) for (what, _, id), value in named if id.isascii() and id.isdigit() and len(id) < 10]
    said = {id: value for what, id, value in found if what == "place"}
    return {**said, **{id: "veto" for what, id, value in found if what == "veto" and value}}


@pages.post("/{locale}/events/meetings/{meeting_id}/answer", dependencies=[OWN])
def answer(
    request: Request, locale: Locale, meeting_id: int, work: WriteWork, actor: CurrentActor, sent: Sent
) -> Response:
    side = side_of(sent["side"]) if sent["side"] else None
    return _to_mine(request, work, day.answer(work, actor, meeting_id, comes=sent["comes"] == "yes", side=side), side)


@pages.post("/{locale}/events/meetings/{meeting_id}/outcome", dependencies=[OWN])
def outcome(
    request: Request, locale: Locale, meeting_id: int, work: WriteWork, actor: CurrentActor, sent: Sent
) -> Response:
    side = side_of(sent["side"]) if sent["side"] else None
    return _to_mine(request, work, day.state_outcome(work, actor, meeting_id, sent["outcome"], side=side), side)


def _to_mine(request: Request, work: Work, meeting: MeetingRow, side: Side | None) -> Response:
    slug = work.session.get_one(Event, meeting.event_id).slug
    return see_other(request, f"/events/{slug}/mine" + (f"#{side}-{meeting.id}" if side else ""))


# The API


@api.get("/events", dependencies=[READ])
def event_list(work: ReadWork, actor: CurrentActor, asked: Asked) -> out.EventList:
    """The events to come, soonest first, those that were called off, and those that are over, latest first."""
    return out.EventList.of(made.listing(work, actor, asked))


@api.get("/events/{slug}", dependencies=[READ])
def event_out(slug: str, work: ReadWork, actor: CurrentActor) -> out.EventOut:
    """An event with its slots and seats."""
    return out.EventOut.of(made.event_page(work, actor, slug))


@api.get("/events/{slug}/report", dependencies=[READ])
def report_out(slug: str, work: ReadWork, actor: CurrentActor) -> out.ReportOut:
    """The public numbers of an event that is over."""
    return out.ReportOut.of(own_pages.report_page(work, actor, slug))
