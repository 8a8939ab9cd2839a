"""HTTP of what was found about labels and annotators: the page, its table, and what programs take."""

from fastapi import APIRouter, Request, Response

from challenges.annotation_report import AnnotationReport
from leaderboard.accounts.access import CurrentActor, act
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Locale, ReadWork
from leaderboard.submissions import annotation_pages as made
from leaderboard.submissions.routes import NAV, crumbs, mine
from leaderboard.ui.respond import attachment, csv_file, page

pages = APIRouter()
api = APIRouter(tags=["submissions"])


@pages.get("/{locale}/submissions/{submission_id}/annotators", dependencies=[act("submission.read")])
def annotators(request: Request, locale: Locale, submission_id: int, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.of_submission(work, actor, submission_id, locale)
    here = (translate(locale, N_("Annotators' report")), None)
    trail = crumbs(request, content.header, mine(request, content.header.slug), (content.title, content.back), here)
    return page(request, "submissions/annotators.html", content, nav=NAV, breadcrumbs=trail)


@pages.get("/{locale}/submissions/{submission_id}/annotators.csv", dependencies=[act("submission.read")])
def annotators_csv(locale: Locale, submission_id: int, work: ReadWork, actor: CurrentActor) -> Response:  # noqa: ARG001 - the address has it
    return csv_file(f"annotators-{submission_id}", *made.table(work, actor, submission_id))


@pages.get("/{locale}/submissions/{submission_id}/annotation.json", dependencies=[act("submission.read")])
def annotation_file(locale: Locale, submission_id: int, work: ReadWork, actor: CurrentActor) -> Response:  # noqa: ARG001 - the address has it
    text = made.report_of(work, actor, submission_id).model_dump_json(indent=1)
    headers = {
        "Content-Disposition": attachment(f"annotation-{submission_id}.json"),
        "Cache-Control": "private, no-cache",
    }
    return Response(text, media_type="application/json", headers=headers)


@api.get(
    "/submissions/{submission_id}/annotation",
    dependencies=[act("submission.read")],
    summary="The report about labels and annotators",
)
def annotation_of_submission(work: ReadWork, actor: CurrentActor, submission_id: int) -> AnnotationReport:
    return made.report_of(work, actor, submission_id)
