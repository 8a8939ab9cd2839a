"""The public pages of challenges over HTTP; organizers' pages and the API are in `routes_desk` and `routes_api`."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Locale, ReadWork
from leaderboard.seasons import downloads, listing, routes_desk
from leaderboard.seasons import pages as made
from leaderboard.seasons.pages import ChallengeHeader
from leaderboard.seasons.routes_api import Wanted, api
from leaderboard.ui.respond import csv_file, locale_of, page, see_other

__all__ = ["api", "pages"]

pages = APIRouter()
pages.include_router(routes_desk.pages)

NAV = "challenges"


def crumbs(request: Request, header: ChallengeHeader, here: str | None = None) -> list[tuple[str, str | None]]:
    """Challenges › the challenge › ``here`` (an English message)."""
    locale = locale_of(request)
    first = (translate(locale, N_("Challenges")), "/challenges")
    title = header.title.said(locale)
    if here is None:
        return [first, (title, None)]
    return [first, (title, f"/challenges/{header.slug}"), (translate(locale, here), None)]


@pages.get("/{locale}/challenges", dependencies=[act("challenge.read")])
def challenges(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor, wanted: Wanted) -> Response:
    trail = [(translate(locale, N_("Challenges")), None)]
    return page(request, "seasons/list.html", listing.listing(work, actor, wanted), nav=NAV, breadcrumbs=trail)


@pages.get("/{locale}/challenges.csv", dependencies=[act("challenge.read")])
def challenges_csv(locale: Locale, work: ReadWork, actor: CurrentActor, wanted: Wanted) -> Response:
    return csv_file("challenges", *listing.table(listing.listing(work, actor, wanted), locale))


@pages.get("/{locale}/challenges/{slug}", dependencies=[act("challenge.read")])
def overview(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.overview(work, actor, slug, locale)
    return page(request, "seasons/overview.html", content, nav=NAV, breadcrumbs=crumbs(request, content.header))


@pages.get("/{locale}/challenges/{slug}/data", dependencies=[act("challenge.read")])
def data(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.data(work, actor, slug)
    trail = crumbs(request, content.header, N_("Data"))
    return page(request, "seasons/data.html", content, nav=NAV, breadcrumbs=trail)


@pages.get("/{locale}/challenges/{slug}/data.csv", dependencies=[act("challenge.read")])
def data_csv(locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    rows = [
        (file.path, file.role_key, file.rows, file.size, file.sha256) for file in made.data(work, actor, slug).files
    ]
    return csv_file(f"{slug}-files", ("path", "role", "rows", "bytes", "sha256"), rows)


@pages.get("/{locale}/challenges/{slug}/rules", dependencies=[act("challenge.read")])
def rules(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.rules(work, actor, slug)
    trail = crumbs(request, content.header, N_("Rules"))
    return page(request, "seasons/rules.html", content, nav=NAV, breadcrumbs=trail)


@pages.get("/{locale}/challenges/{slug}/announcements", dependencies=[act("challenge.read")])
def announcements(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.news(work, actor, slug, locale)
    trail = crumbs(request, content.header, N_("Announcements"))
    return page(request, "seasons/news.html", content, nav=NAV, breadcrumbs=trail)


@pages.get("/{locale}/challenges/{slug}/changes.csv", dependencies=[act("challenge.read")])
def changes_csv(locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    rows = [
        (one.at, one.what.said(locale), one.before, one.after, one.reason)
        for one in made.news(work, actor, slug, locale).changes
    ]
    return csv_file(f"{slug}-changes", ("at", "what", "before", "after", "reason"), rows)


@pages.get("/{locale}/challenges/{slug}/public.zip", dependencies=[act("challenge.data")])
def public_zip(
    locale: Locale,
    slug: str,
    work: ReadWork,
    actor: CurrentActor,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    return downloads.as_response(downloads.public_zip(work, actor, slug), if_none_match)


@pages.get("/{locale}/challenges/{slug}/files/{path:path}", dependencies=[act("challenge.data")])
def public_file(
    request: Request,
    locale: Locale,
    slug: str,
    path: str,
    work: ReadWork,
    actor: CurrentActor,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    if path in made.BRIEFS:  # a README that links to the other one
        return see_other(request, f"/challenges/{slug}")
    return downloads.as_response(downloads.public_file(work, actor, slug, path), if_none_match)


@pages.get("/{locale}/seasons/{slug}", dependencies=[act("challenge.read")])
def season(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = listing.season_page(work, actor, slug)
    trail = [(translate(locale, N_("Challenges")), "/challenges"), (content.title.said(locale), None)]
    return page(request, "seasons/season.html", content, nav=NAV, breadcrumbs=trail)
