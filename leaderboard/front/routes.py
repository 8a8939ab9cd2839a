"""The front page and the help over HTTP."""

from fastapi import APIRouter, Request, Response

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Locale, ReadWork
from leaderboard.front import guide
from leaderboard.front import pages as made
from leaderboard.ui.respond import page

pages = APIRouter()


@pages.get("/{locale}/", dependencies=[act("site.read")])
def front(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    return page(request, "front/home.html", made.front(work, actor, locale))


@pages.get("/{locale}/help", dependencies=[act("site.read")])
def help_contents(request: Request, locale: Locale, actor: CurrentActor) -> Response:
    content = guide.contents(actor, locale)
    return page(request, "front/help.html", content, breadcrumbs=[(content.title, None)])


@pages.get("/{locale}/help/exchange/{topic}", dependencies=[act("site.read")])
def help_topic(request: Request, locale: Locale, topic: str, actor: CurrentActor) -> Response:
    content = guide.topic(actor, locale, topic)
    crumbs = [(translate(locale, N_("Help")), guide.INDEX), (content.title, None)]
    return page(request, f"front/help_{topic}.html", content, breadcrumbs=crumbs)
