"""HTTP of the comparison of teams' datasets: the page and its CSV twin."""

from fastapi import APIRouter, Request, Response

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Locale, ReadWork
from leaderboard.submissions import likeness as made
from leaderboard.ui.respond import csv_file, page

pages = APIRouter()


@pages.get("/{locale}/organize/challenges/{slug}/alike", dependencies=[act("submission.compare")])
def alike(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.likeness(work, actor, slug)
    trail = [
        (translate(locale, N_("Organize")), "/organize"),
        (content.header.title.said(locale), f"/organize/challenges/{slug}"),
        (translate(locale, N_("Records alike")), None),
    ]
    return page(request, "submissions/alike.html", content, nav="organize", breadcrumbs=trail)


@pages.get("/{locale}/organize/challenges/{slug}/alike.csv", dependencies=[act("submission.compare")])
def alike_csv(locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:  # noqa: ARG001 - the address has it
    return csv_file(f"{slug}-alike", *made.table(made.likeness(work, actor, slug)))
