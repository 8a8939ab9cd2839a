"""The host's side of events over HTTP."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.forms import Sent
from leaderboard.core.errors import FieldError, JiebangError, Malformed
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Held, Locale, ReadWork, WriteWork
from leaderboard.core.work import Resources, Work
from leaderboard.events import calling_off, day, desk_pages, run_pages, scheduling, service
from leaderboard.events.fields import EventWords, count, reason_typed
from leaderboard.events.models import Event
from leaderboard.events.web import NAV, crumbs, done, shown, stream
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import csv_file, locale_of, page, see_other

pages = APIRouter()

CREATE, EDIT = act("event.create"), act("event.edit")
TIMETABLES: Final = N_("Timetables")
CHECK_IN: Final = N_("Check-in")
REPAIR: Final = N_("Repair")


# Making and moving on


def _edit_page(request: Request, content: desk_pages.EditPage, status: int = 200) -> Response:
    locale = locale_of(request)
    title = content.title.said(locale) if content.slug else translate(locale, N_("New event"))
    trail = [(title, f"/events/{content.slug}" if content.slug else None)]
    if content.slug:
        trail.append((translate(locale, N_("Edit")), None))
    return page(request, "events/edit.html", content, nav=NAV, breadcrumbs=crumbs(request, *trail), status=status)


@pages.get("/{locale}/events/new", dependencies=[CREATE])
def new(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    return _edit_page(request, desk_pages.new_page(work, actor))


@pages.post("/{locale}/events/new", dependencies=[CREATE])
def create(request: Request, locale: Locale, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    unit, words = max(0, count(sent, "organization")), EventWords.typed(sent)
    slug, error = done(held, lambda work: service.create(work, actor, organization_id=unit, words=words).slug)
    if error is None:
        return see_other(request, f"/events/{slug}/desk")
    with held.read() as work:
        return _edit_page(request, desk_pages.new_page(work, actor, Form.refused(sent, error)), 422)


@pages.get("/{locale}/events/{slug}/edit", dependencies=[EDIT])
def edit_form(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return _edit_page(request, desk_pages.edit_page(work, actor, slug))


@pages.post("/{locale}/events/{slug}/edit", dependencies=[EDIT])
def edit(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    _, error = done(held, lambda work: service.edit(work, actor, slug, EventWords.typed(sent)))
    if error is None:
        return see_other(request, f"/events/{slug}/desk")
    with held.read() as work:
        return _edit_page(request, desk_pages.edit_page(work, actor, slug, Form.refused(sent, error)), 422)


@pages.get("/{locale}/events/{slug}/desk", dependencies=[EDIT])
def desk(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return shown(request, "desk", desk_pages.desk(work, actor, slug), N_("Desk"))


@pages.post("/{locale}/events/{slug}/state", dependencies=[EDIT])
def move(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    """What is missing is named in the form where it is written."""
    _, error = done(held, lambda work: service.move(work, actor, slug, sent["to"]))
    if error is None:
        return see_other(request, f"/events/{slug}/desk")
    if not error.fields:
        return _desk_again(request, held, actor, slug, sent, error)
    with held.read() as work:
        return _edit_page(request, desk_pages.edit_page(work, actor, slug, Form({}, error.fields)), 422)


def _desk_again(
    request: Request, held: Resources, actor: Actor, slug: str, sent: Mapping[str, str], error: JiebangError
) -> Response:
    with held.read() as work:
        content = desk_pages.desk(work, actor, slug, Form.refused(sent, error))
    return shown(request, "desk", content, N_("Desk"), error)


@pages.post("/{locale}/events/{slug}/call-off", dependencies=[EDIT])
def call_off(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    _, error = done(held, lambda work: calling_off.call_off(work, actor, slug, reason_typed(sent)))
    if error is None:
        return see_other(request, f"/events/{slug}")
    return _desk_again(request, held, actor, slug, sent, error)


@pages.post("/{locale}/events/{slug}/delete", dependencies=[EDIT])
def delete(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    _, error = done(held, lambda work: calling_off.delete(work, actor, slug))
    if error is None:
        return see_other(request, "/events?hosted=1")
    return _desk_again(request, held, actor, slug, sent, error)


# Timetables


@pages.get("/{locale}/events/{slug}/timetables", dependencies=[EDIT])
def timetables(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return shown(request, "timetables", run_pages.runs(work, actor, slug), TIMETABLES)


@pages.get("/{locale}/events/{slug}/timetables/events", dependencies=[EDIT])
async def timetable_events(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor) -> Response:
    return stream(request, await run_in_threadpool(_topic, held, actor, slug))


def _topic(held: Resources, actor: Actor, slug: str) -> str:
    with held.read() as work:
        return service.topic(service.event_for(work, actor, slug, "event.edit"))


@pages.post("/{locale}/events/{slug}/timetables", dependencies=[EDIT])
def ask(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    _, error = done(held, lambda work: scheduling.ask(work, actor, slug, method=sent["method"], **_aims(sent)))
    if error is None:
        return see_other(request, f"/events/{slug}/timetables")
    with held.read() as work:
        content = run_pages.runs(work, actor, slug, Form.refused(sent, error))
    return shown(request, "timetables", content, TIMETABLES, error)


def _aims(sent: Mapping[str, str]) -> dict[str, Any]:
    run = count(sent, "longest_run") if sent.get("longest_run", "").strip() else None
    return {"fairness": _share(sent.get("fairness", "") or "0", "fairness"), "longest_run": run}


def _share(text: str, name: str) -> float:
    """A number as typed. Raises Malformed."""
    try:
        return float(text) if len(text) < 20 else -1.0
    except ValueError as error:
        fault = FieldError(name, N_("Write a number such as 0.5"))
        raise Malformed("events.form", N_("Some of what was entered cannot be used."), fields=[fault]) from error


@pages.get("/{locale}/events/{slug}/timetables/{number}", dependencies=[EDIT])
def timetable(
    request: Request, locale: Locale, slug: str, number: int, work: ReadWork, actor: CurrentActor
) -> Response:
    return shown(request, "run", run_pages.run_page(work, actor, slug, number), TIMETABLES)


@pages.post("/{locale}/events/{slug}/timetables/{number}/publish", dependencies=[EDIT])
def publish(request: Request, locale: Locale, slug: str, number: int, held: Held, actor: CurrentActor) -> Response:
    """Publishes a timetable, or applies a repair."""
    _, error = done(held, lambda work: _publish(work, actor, slug, number))
    if error is None:
        return see_other(request, f"/events/{slug}/programme")
    with held.read() as work:
        content = run_pages.run_page(work, actor, slug, number, Form.refused({}, error))
    return shown(request, "run", content, TIMETABLES, error)


def _publish(work: Work, actor: Actor, slug: str, number: int) -> Event:
    event = service.event_for(work, actor, slug, "event.edit", lock=True)
    run = scheduling.run_for(work, event, number)
    return (scheduling.apply if run.method == "repair" else scheduling.publish)(work, actor, slug, number)


# The day


@pages.get("/{locale}/events/{slug}/repair", dependencies=[EDIT])
def repair_form(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return shown(request, "repair", run_pages.repair(work, actor, slug), REPAIR)


@pages.post("/{locale}/events/{slug}/repair", dependencies=[EDIT])
def repair(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    number, error = done(held, lambda work: _ask_repair(work, actor, slug, sent))
    if error is None:
        return see_other(request, f"/events/{slug}/timetables/{number}")
    with held.read() as work:
        content = run_pages.repair(work, actor, slug, Form.refused(sent, error))
    return shown(request, "repair", content, REPAIR, error)


def _ask_repair(work: Work, actor: Actor, slug: str, sent: Mapping[str, str]) -> int:
    named = (name.removeprefix("gone-") for name, value in sent.items() if name.startswith("gone-") and value)
    gone = [int(id) for id in named if id.isascii() and id.isdigit() and len(id) < 10]
    return scheduling.ask_repair(work, actor, slug, gone=gone, loss=_share(sent["loss"] or "0.1", "loss")).number


@pages.get("/{locale}/events/{slug}/check-in", dependencies=[EDIT])
def check_in_page(
    request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor,
    q: Annotated[str, Query(max_length=80)] = "", just: int = 0,
) -> Response:  # fmt: skip
    content = desk_pages.check_in(work, actor, slug, " ".join(q.split()), just=just, locale=locale)
    return shown(request, "check_in", content, CHECK_IN)


@pages.post("/{locale}/events/{slug}/check-in", dependencies=[EDIT])
def check_in(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    """By code, or by the button beside a party."""
    id, error = done(held, lambda work: _check_in(work, actor, slug, sent))
    if error is None:
        return see_other(request, f"/events/{slug}/check-in?just={id}")
    with held.read() as work:
        content = desk_pages.check_in(work, actor, slug, form=Form.refused(sent, error), locale=locale)
    return shown(request, "check_in", content, CHECK_IN, error)


def _check_in(work: Work, actor: Actor, slug: str, sent: Mapping[str, str]) -> int:
    if sent["registration"]:
        arrived = sent["arrived"] != "no"
        day.check_in(work, actor, slug, max(0, count(sent, "registration")), arrived=arrived)
        return max(0, count(sent, "registration")) if arrived else 0
    return day.check_in_by_code(work, actor, slug, sent["code"]).id or 0


@pages.get("/{locale}/events/{slug}/programme", dependencies=[EDIT])
def programme(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return shown(request, "programme", desk_pages.programme(work, actor, slug), N_("Programme"))


@pages.get("/{locale}/events/{slug}/programme.csv", dependencies=[EDIT])
def programme_csv(locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return csv_file(f"{slug}-programme", *desk_pages.programme_table(desk_pages.programme(work, actor, slug), locale))


@pages.post("/{locale}/events/{slug}/meetings/{meeting_id}", dependencies=[EDIT])
def mark(
    request: Request, locale: Locale, slug: str, meeting_id: int, work: WriteWork, actor: CurrentActor, sent: Sent
) -> Response:
    day.mark(work, actor, slug, meeting_id, held=sent["held"] == "yes")
    return see_other(request, f"/events/{slug}/programme#meeting-{meeting_id}")
