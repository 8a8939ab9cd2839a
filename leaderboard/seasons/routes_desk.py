"""The organizer's pages over HTTP. A refusal shows the form again, with what was typed and why not."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from leaderboard.accounts.access import Actor, CurrentActor, act
from leaderboard.core.errors import JiebangError, Malformed, Refused
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Held, Locale, ReadWork, WriteWork
from leaderboard.core.work import Resources, Work
from leaderboard.seasons import arrivals, desk, packages, posting, windows
from leaderboard.seasons.desk import ChallengeRow
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import locale_of, page, see_other

pages = APIRouter()

NAV = "organize"
CREATE, EDIT = act("challenge.create"), act("challenge.edit")


async def sent(request: Request) -> Mapping[str, str]:
    """The texts of an ordinary form; the edge limits its size."""
    form = await request.form()
    return {key: value for key, value in form.multi_items() if isinstance(value, str)}


Sent = Annotated[Mapping[str, str], Depends(sent)]
Crumbs = list[tuple[str, str | None]]


def _crumbs(request: Request, row: ChallengeRow | None = None, here: str | None = None) -> Crumbs:
    """Organize › the challenge › ``here`` (an English message); the last one is this page."""
    locale = locale_of(request)
    trail: Crumbs = [(translate(locale, N_("Organize")), "/organize")]
    if row is not None:
        trail.append((row.title.said(locale), f"/organize/challenges/{row.slug}"))
    if here is not None:
        trail.append((translate(locale, here), None))
    return [*trail[:-1], (trail[-1][0], None)]


def _done(held: Resources, deed: Callable[[Work], Any]) -> JiebangError | None:
    """Does the deed in a unit of work of its own; gives the refusal, after which nothing of it is kept."""
    try:
        with held.write() as work:
            deed(work)
    except (Malformed, Refused) as error:
        return error
    return None


@pages.get("/{locale}/organize", dependencies=[CREATE])
def home(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    return page(request, "seasons/desk_home.html", desk.home(work, actor), nav=NAV, breadcrumbs=_crumbs(request))


@pages.get("/{locale}/organize/new", dependencies=[CREATE])
def new(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    trail = _crumbs(request, here=N_("New challenge"))
    return page(request, "seasons/desk_new.html", desk.sending(work, actor, Form()), nav=NAV, breadcrumbs=trail)


@pages.post("/{locale}/organize/new", dependencies=[CREATE])
async def send(request: Request, locale: Locale, held: Held, actor: CurrentActor) -> Response:
    return await _taken(request, held, actor, None)


@pages.get("/{locale}/organize/challenges/{slug}/package", dependencies=[EDIT])
def new_version(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = desk.sending(work, actor, Form(), slug)
    trail = _crumbs(request, content.challenge, N_("New version"))
    return page(request, "seasons/desk_new.html", content, nav=NAV, breadcrumbs=trail)


@pages.post("/{locale}/organize/challenges/{slug}/package", dependencies=[EDIT])
async def send_version(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor) -> Response:
    return await _taken(request, held, actor, slug)


async def _taken(request: Request, held: Resources, actor: Actor, slug: str | None) -> Response:
    """Takes the upload; who may not send one is refused before a byte is read."""
    actor.demand("challenge.create")
    values: Mapping[str, str] = {}
    try:
        async with arrivals.arriving(request, held) as (upload, values):
            package_id = await run_in_threadpool(
                arrivals.take, held, actor, upload, values.get("organization", ""), slug
            )
    except (Malformed, Refused) as error:
        return await run_in_threadpool(
            _send_again, request, held, actor, Form.refused(values or {"file": ""}, error), slug
        )
    return see_other(request, f"/organize/packages/{package_id}")


def _send_again(request: Request, held: Resources, actor: Actor, form: Form, slug: str | None) -> Response:
    with held.read() as work:
        content = desk.sending(work, actor, form, slug)
        trail = _crumbs(request, content.challenge, N_("New version") if slug else N_("New challenge"))
        return page(request, "seasons/desk_new.html", content, nav=NAV, breadcrumbs=trail, status=422)


@pages.get("/{locale}/organize/packages/{package_id}", dependencies=[EDIT])
def report(request: Request, locale: Locale, package_id: int, work: ReadWork, actor: CurrentActor) -> Response:
    content = desk.report(work, actor, package_id, locale)
    trail = _crumbs(request, content.challenge, N_("Check report"))
    return page(request, "seasons/desk_report.html", content, nav=NAV, breadcrumbs=trail)


@pages.get("/{locale}/organize/packages/{package_id}/events", dependencies=[EDIT])
async def report_events(request: Request, locale: Locale, package_id: int, held: Held, actor: CurrentActor) -> Response:
    await run_in_threadpool(_may_edit, held, actor, package_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_told(request, f"package:{package_id}"), media_type="text/event-stream", headers=headers)


def _may_edit(held: Resources, actor: Actor, package_id: int) -> None:
    with held.read() as work:
        packages.package_to_edit(work, actor, package_id)


async def _told(request: Request, topic: str) -> AsyncIterator[bytes]:
    yield b"retry: 3000\n\n"
    async for news in request.app.state.feed.changes(topic):
        yield b"event: change\ndata: {}\n\n" if news else b": still here\n\n"


@pages.post("/{locale}/organize/packages/{package_id}/check-again", dependencies=[EDIT])
def check_again(request: Request, locale: Locale, package_id: int, work: WriteWork, actor: CurrentActor) -> Response:
    packages.check_again(work, actor, package_id)
    return see_other(request, f"/organize/packages/{package_id}")


@pages.post("/{locale}/organize/packages/{package_id}/draft", dependencies=[EDIT])
def draft(request: Request, locale: Locale, package_id: int, held: Held, actor: CurrentActor) -> Response:
    made: list[str] = []

    def deed(work: Work) -> None:
        made.append(posting.draft(work, actor, packages.package_to_edit(work, actor, package_id)).slug)

    error = _done(held, deed)
    if error is not None:
        return _report_again(request, held, actor, package_id, {}, error)
    return see_other(request, f"/organize/challenges/{made[0]}/phases")


@pages.post("/{locale}/organize/packages/{package_id}/adopt", dependencies=[EDIT])
def adopt(request: Request, locale: Locale, package_id: int, held: Held, actor: CurrentActor, values: Sent) -> Response:
    slug, reason = values.get("challenge", ""), values.get("reason", "")
    error = _done(held, lambda work: posting.adopt(work, actor, slug, package_id, reason=reason))
    if error is not None:
        return _report_again(request, held, actor, package_id, values, error)
    return see_other(request, f"/organize/challenges/{slug}")


def _report_again(
    request: Request, held: Resources, actor: Actor, package_id: int, values: Mapping[str, str], error: JiebangError
) -> Response:
    with held.read() as work:
        content = desk.report(work, actor, package_id, locale_of(request), Form.refused(values, error))
        trail = _crumbs(request, content.challenge, N_("Check report"))
        return page(request, "seasons/desk_report.html", content, nav=NAV, breadcrumbs=trail, status=error.status)


@pages.get("/{locale}/organize/challenges/{slug}", dependencies=[EDIT])
def challenge(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = desk.desk(work, actor, slug)
    return page(request, "seasons/desk.html", content, nav=NAV, breadcrumbs=_crumbs(request, content.challenge))


@pages.get("/{locale}/organize/challenges/{slug}/phases", dependencies=[EDIT])
def phases(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return _phases(request, desk.phases_form(work, actor, slug))


def _phases(request: Request, content: desk.PhasesForm, status: int = 200) -> Response:
    trail = _crumbs(request, content.challenge, N_("Dates and quotas"))
    return page(request, "seasons/desk_phases.html", content, nav=NAV, breadcrumbs=trail, status=status)


@pages.post("/{locale}/organize/challenges/{slug}/phases", dependencies=[EDIT])
def set_phases(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, values: Sent) -> Response:
    def deed(work: Work) -> None:
        plans = windows.from_form(values, values.get("zone", ""))
        posting.set_phases(work, actor, slug, plans, reason=values.get("reason", ""))

    error = _done(held, deed)
    if error is None:
        return see_other(request, f"/organize/challenges/{slug}")
    with held.read() as work:
        return _phases(request, desk.phases_form(work, actor, slug, Form.refused(values, error)), error.status)


@pages.get("/{locale}/organize/challenges/{slug}/preview", dependencies=[act("challenge.read_draft")])
def preview(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = desk.preview(work, actor, slug)
    trail = _crumbs(request, content.challenge, N_("Preview"))
    return page(request, "seasons/desk_preview.html", content, nav=NAV, breadcrumbs=trail)


@pages.post("/{locale}/organize/challenges/{slug}/post", dependencies=[EDIT])
def post(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor) -> Response:
    error = _done(held, lambda work: posting.post(work, actor, slug))
    return (
        see_other(request, f"/challenges/{slug}")
        if error is None
        else _desk_again(request, held, actor, slug, {}, error)
    )


@pages.post("/{locale}/organize/challenges/{slug}/close", dependencies=[EDIT])
def close(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, values: Sent) -> Response:
    error = _done(held, lambda work: posting.close(work, actor, slug, reason=values.get("reason", "")))
    if error is None:
        return see_other(request, f"/organize/challenges/{slug}")
    return _desk_again(request, held, actor, slug, values, error)


def _desk_again(
    request: Request, held: Resources, actor: Actor, slug: str, values: Mapping[str, str], error: JiebangError
) -> Response:
    with held.read() as work:
        content = desk.desk(work, actor, slug, Form.refused(values, error))
        trail = _crumbs(request, content.challenge)
        return page(request, "seasons/desk.html", content, nav=NAV, breadcrumbs=trail, status=error.status)


@pages.get("/{locale}/organize/challenges/{slug}/announce", dependencies=[EDIT])
def announcing(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return _announcing(request, desk.announcing(work, actor, slug))


def _announcing(request: Request, content: desk.Announcing, status: int = 200) -> Response:
    trail = _crumbs(request, content.challenge, N_("Announce"))
    return page(request, "seasons/desk_announce.html", content, nav=NAV, breadcrumbs=trail, status=status)


@pages.post("/{locale}/organize/challenges/{slug}/announce", dependencies=[EDIT])
def announce(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, values: Sent) -> Response:
    texts = {name: values.get(name, "") for name in ("title_en", "title_zh", "text_en", "text_zh")}
    error = _done(held, lambda work: posting.announce(work, actor, slug, **texts))
    if error is None:
        return see_other(request, f"/challenges/{slug}/announcements")
    with held.read() as work:
        return _announcing(request, desk.announcing(work, actor, slug, Form.refused(values, error)), error.status)
