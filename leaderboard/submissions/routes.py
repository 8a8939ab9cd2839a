"""The pages of submissions over HTTP; what programs call is in `api`."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.core.errors import JiebangError, SignInNeeded
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Held, Locale, ReadWork, WriteWork
from leaderboard.core.work import Work
from leaderboard.seasons import service as seasons
from leaderboard.seasons.pages import ChallengeHeader
from leaderboard.submissions import api as apis
from leaderboard.submissions import dry_runs, incoming, service, status
from leaderboard.submissions import pages as made
from leaderboard.submissions.api import api
from leaderboard.ui.respond import csv_file, locale_of, page, see_other

__all__ = ["api", "pages"]

pages = APIRouter()
NAV = "challenges"


def crumbs(request: Request, header: ChallengeHeader, *trail: tuple[str, str | None]) -> list[tuple[str, str | None]]:
    """The way to a page of a challenge."""
    locale = locale_of(request)
    first = (translate(locale, N_("Challenges")), "/challenges")
    return [first, (header.title.said(locale), f"/challenges/{header.slug}"), *trail]


def mine(request: Request, slug: str) -> tuple[str, str | None]:
    """The step of that way to the team's own submissions."""
    return translate(locale_of(request), N_("My submissions")), f"/challenges/{slug}/submissions"


@pages.get("/{locale}/challenges/{slug}/submit", dependencies=[act("submission.create")])
def submit_form(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.submit(work, actor, slug)
    return _submit_page(request, content)


def _submit_page(request: Request, content: made.SubmitPage, *, status: int = 200) -> Response:
    trail = crumbs(request, content.header, (translate(locale_of(request), N_("Submit")), None))
    return page(request, "submissions/submit.html", content, nav=NAV, breadcrumbs=trail, status=status)


@pages.post("/{locale}/challenges/{slug}/submit", dependencies=[act("submission.create")])
async def submit(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor) -> Response:
    try:
        submission = await incoming.submit(
            request, held, actor, slug, file_name="", note="", key=None, answer=lambda _work, made: made
        )
    except SignInNeeded:
        raise
    except JiebangError as error:
        return await run_in_threadpool(_again, request, held, actor, slug, error)
    return see_other(request, f"/submissions/{submission.id}")


@pages.post("/{locale}/challenges/{slug}/check", dependencies=[act("submission.check")])
async def check(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor) -> Response:
    try:
        run = await incoming.check(request, held, actor, slug, file_name="")
    except SignInNeeded:
        raise
    except JiebangError as error:
        return await run_in_threadpool(_again, request, held, actor, slug, error)
    return see_other(request, f"/challenges/{slug}/check/{run.token}")


def _again(request: Request, held: Held, actor: CurrentActor, slug: str, error: JiebangError) -> Response:
    """The form with what was wrong on top. Raises ``error`` itself where there is no form for this person."""
    with held.read() as work:
        try:
            content = made.submit(work, actor, slug)
        except JiebangError:
            raise error from None
        return _submit_page(request, made.refused(content, error), status=error.status)


@pages.get("/{locale}/challenges/{slug}/check/{token}", dependencies=[act("submission.check")])
def checked(request: Request, locale: Locale, slug: str, token: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.check(work, actor, slug, token, locale)
    trail = crumbs(request, content.header, (translate(locale, N_("Check a file")), None))
    return page(request, "submissions/check.html", content, nav=NAV, breadcrumbs=trail)


@pages.get("/{locale}/challenges/{slug}/submissions", dependencies=[act("submission.read")])
def own_list(
    request: Request,
    locale: Locale,
    slug: str,
    work: ReadWork,
    actor: CurrentActor,
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    content = made.own_list(work, actor, slug, locale, cursor=after)
    name, _ = mine(request, slug)
    return page(
        request, "submissions/list.html", content, nav=NAV, breadcrumbs=crumbs(request, content.header, (name, None))
    )


@pages.get("/{locale}/challenges/{slug}/submissions.csv", dependencies=[act("submission.read")])
def own_list_csv(locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return csv_file(f"{slug}-submissions", *made.table(work, actor, slug, locale))


@pages.get("/{locale}/submissions/{submission_id}", dependencies=[act("submission.read")])
def submission(request: Request, locale: Locale, submission_id: int, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.one(work, actor, submission_id, locale)
    here = (translate(locale, N_("Submission {number}"), number=content.number), None)
    trail = crumbs(request, content.header, mine(request, content.slug), here)
    return page(request, "submissions/submission.html", content, nav=NAV, breadcrumbs=trail)


@pages.get("/{locale}/submissions/{submission_id}/file", dependencies=[act("submission.download")])
def file(locale: Locale, submission_id: int, work: ReadWork, actor: CurrentActor) -> Response:
    return apis.file_response(work, actor, submission_id)


@pages.get("/{locale}/submissions/{submission_id}/findings.csv", dependencies=[act("submission.read")])
def findings_csv(locale: Locale, submission_id: int, work: ReadWork, actor: CurrentActor) -> Response:
    return apis.findings_response(work, actor, submission_id)


@pages.post("/{locale}/submissions/{submission_id}/withdraw", dependencies=[act("submission.withdraw")])
def withdraw(request: Request, locale: Locale, submission_id: int, work: WriteWork, actor: CurrentActor) -> Response:
    service.withdraw(work, actor, submission_id)
    return see_other(request, f"/submissions/{submission_id}")


@pages.post("/{locale}/submissions/{submission_id}/pick", dependencies=[act("submission.pick")])
def pick(
    request: Request,
    locale: Locale,
    submission_id: int,
    work: WriteWork,
    actor: CurrentActor,
    picked: Annotated[bool, Form()],
) -> Response:
    service.pick(work, actor, submission_id, picked=picked)
    return see_other(request, f"/submissions/{submission_id}")


@pages.post("/{locale}/submissions/{submission_id}/rescore", dependencies=[act("submission.rescore")])
def rescore(request: Request, locale: Locale, submission_id: int, work: WriteWork, actor: CurrentActor) -> Response:
    service.rescore(work, actor, submission_id)
    return see_other(request, f"/submissions/{submission_id}")


@pages.get("/{locale}/status", dependencies=[act("status.read")])
def service_status(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    name = translate(locale, N_("Status"))
    return page(request, "submissions/status.html", status.status(work, actor), breadcrumbs=[(name, None)])


# News for open pages


@pages.get("/{locale}/submissions/{submission_id}/events", dependencies=[act("submission.read")])
async def submission_events(
    request: Request, locale: Locale, submission_id: int, held: Held, actor: CurrentActor
) -> Response:
    def topic(work: Work) -> str:
        return f"submission:{service.submission_for(work, actor, submission_id, 'submission.read').id}"

    return await stream(request, held, topic)


@pages.get("/{locale}/challenges/{slug}/submissions/events", dependencies=[act("submission.read")])
async def list_events(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor) -> Response:
    def topic(work: Work) -> str:
        return f"entry:{made.own_entry(work, actor, seasons.challenge_by_slug(work, actor, slug)).id}"

    return await stream(request, held, topic)


@pages.get("/{locale}/challenges/{slug}/check/{token}/events", dependencies=[act("submission.check")])
async def check_events(
    request: Request, locale: Locale, slug: str, token: str, held: Held, actor: CurrentActor
) -> Response:
    def topic(work: Work) -> str:
        return f"check:{dry_runs.find(work, actor, token).token}"

    return await stream(request, held, topic)


async def stream(request: Request, held: Held, topic: Callable[[Work], str]) -> Response:
    """Server-sent events about a topic that this person may hear of."""

    def asked() -> str:
        with held.read() as work:
            return topic(work)

    return StreamingResponse(
        _told(request, await run_in_threadpool(asked)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _told(request: Request, topic: str) -> AsyncIterator[bytes]:
    yield b"retry: 3000\n\n"
    async for news in request.app.state.feed.changes(topic):
        yield b"event: change\ndata: {}\n\n" if news else b": still here\n\n"
