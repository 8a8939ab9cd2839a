"""HTTP of quality reports: the page, the same alone in one file, and what programs take."""

from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from challenges.quality import QualityReport
from leaderboard.accounts.access import Actor, CurrentActor, act
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Locale, ReadWork
from leaderboard.core.work import Work
from leaderboard.submissions import api as apis
from leaderboard.submissions import quality_pages as made
from leaderboard.submissions.quality_pages import ReportPage
from leaderboard.submissions.routes import NAV, crumbs, mine
from leaderboard.ui.alone import standing_alone
from leaderboard.ui.respond import attachment, page

pages = APIRouter()
api = APIRouter(tags=["submissions"])
PARQUET: Final = "application/vnd.apache.parquet"


def _shown(request: Request, locale: str, content: ReportPage) -> Response:
    here = (translate(locale, N_("Quality report")), None)
    trail = crumbs(request, content.header, mine(request, content.header.slug), (content.title, content.back), here)
    return page(request, "submissions/quality.html", content, nav=NAV, breadcrumbs=trail)


@pages.get("/{locale}/submissions/{submission_id}/quality", dependencies=[act("submission.read")])
def quality(request: Request, locale: Locale, submission_id: int, work: ReadWork, actor: CurrentActor) -> Response:
    return _shown(request, locale, made.of_submission(work, actor, submission_id, locale))


@pages.get("/{locale}/challenges/{slug}/check/{token}/quality", dependencies=[act("submission.check")])
def quality_of_check(
    request: Request, locale: Locale, slug: str, token: str, work: ReadWork, actor: CurrentActor
) -> Response:
    return _shown(request, locale, made.of_check(work, actor, slug, token, locale))


@pages.get("/{locale}/submissions/{submission_id}/quality.html", dependencies=[act("submission.read")])
def quality_alone(locale: Locale, submission_id: int, work: ReadWork, actor: CurrentActor) -> Response:
    report = made.report_of(work, actor, submission_id)
    headers = {"Content-Disposition": attachment(f"quality-{submission_id}.html"), "Cache-Control": "private, no-cache"}
    return HTMLResponse(standing_alone(report, locale, work.now), headers=headers)


@pages.get("/{locale}/submissions/{submission_id}/quality.json", dependencies=[act("submission.read")])
def quality_file(locale: Locale, submission_id: int, work: ReadWork, actor: CurrentActor) -> Response:  # noqa: ARG001 - the address has it
    text = made.report_of(work, actor, submission_id).model_dump_json(indent=1)
    headers = {"Content-Disposition": attachment(f"quality-{submission_id}.json"), "Cache-Control": "private, no-cache"}
    return Response(text, media_type="application/json", headers=headers)


@pages.get("/{locale}/submissions/{submission_id}/croissant.json", dependencies=[act("submission.read")])
def croissant(locale: Locale, submission_id: int, work: ReadWork, actor: CurrentActor) -> Response:  # noqa: ARG001 - the address has it
    headers = {
        "Content-Disposition": attachment(f"croissant-{submission_id}.json"),
        "Cache-Control": "private, no-cache",
    }
    return JSONResponse(made.description(work, actor, submission_id), headers=headers, media_type="application/ld+json")


@pages.get("/{locale}/submissions/{submission_id}/patch.csv", dependencies=[act("submission.read")])
def patch(locale: Locale, submission_id: int, work: ReadWork, actor: CurrentActor) -> Response:  # noqa: ARG001 - the address has it
    return apis.download(work, made.patch_key(work, actor, submission_id), f"patch-{submission_id}.csv.gz", apis.GZIP)


@pages.get("/{locale}/submissions/{submission_id}/findings.parquet", dependencies=[act("submission.read")])
def issues(locale: Locale, submission_id: int, work: ReadWork, actor: CurrentActor) -> Response:  # noqa: ARG001 - the address has it
    return _issues(work, actor, submission_id)


def _issues(work: Work, actor: Actor, submission_id: int) -> Response:
    return apis.download(
        work, made.issues_key(work, actor, submission_id), f"findings-{submission_id}.parquet", PARQUET
    )


@api.get("/submissions/{submission_id}/quality", dependencies=[act("submission.read")], summary="The quality report")
def quality_of_submission(work: ReadWork, actor: CurrentActor, submission_id: int) -> QualityReport:
    return made.report_of(work, actor, submission_id)


@api.get(
    "/submissions/{submission_id}/patch.csv",
    dependencies=[act("submission.read")],
    summary="What is proposed to mend the dataset, CSV, gzip",
    response_class=Response,
    responses={200: {"content": {apis.GZIP: {}}}},
)
def patch_of_submission(work: ReadWork, actor: CurrentActor, submission_id: int) -> Response:
    return apis.download(work, made.patch_key(work, actor, submission_id), f"patch-{submission_id}.csv.gz", apis.GZIP)


@api.get(
    "/submissions/{submission_id}/findings.parquet",
    dependencies=[act("submission.read")],
    summary="Every issue of a dataset, Parquet",
    response_class=Response,
    responses={200: {"content": {PARQUET: {}}}},
)
def issues_of_submission(work: ReadWork, actor: CurrentActor, submission_id: int) -> Response:
    return _issues(work, actor, submission_id)
