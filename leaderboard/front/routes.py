"""The front page over HTTP."""

from fastapi import APIRouter, Request, Response

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.core.web import Locale, ReadWork
from leaderboard.front import pages as made
from leaderboard.ui.respond import page

pages = APIRouter()


@pages.get("/{locale}/", dependencies=[act("site.read")])
def front(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    return page(request, "front/home.html", made.front(work, actor, locale))
