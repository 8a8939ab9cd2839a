"""The closed loop over HTTP: page, CSV, JSON."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Locale, ReadWork
from leaderboard.exchange.loop import out
from leaderboard.exchange.loop import pages as made
from leaderboard.ui.respond import csv_file, locale_of, page

pages = APIRouter()
api = APIRouter(tags=["exchange"])

READ: Final = act("exchange.read")
Sector = Annotated[str, Query(max_length=60, description="as in lists of challenges; empty: all")]
Period = Annotated[
    str, Query(max_length=10, description="a year such as 2026 or a quarter such as 2026-Q4; empty: all")
]


@pages.get("/{locale}/exchange/loop", dependencies=[READ])
def loop(
    request: Request, locale: Locale, work: ReadWork, actor: CurrentActor, sector: Sector = "", period: Period = ""
) -> Response:
    content = made.loop(work, actor, sector=sector, period=period, locale=locale)
    here = translate(locale_of(request), N_("From demand to deal"))
    crumbs = [(translate(locale_of(request), N_("Exchange")), "/exchange"), (here, None)]
    return page(request, "exchange/loop.html", content, nav="exchange", breadcrumbs=crumbs)


@pages.get("/{locale}/exchange/loop.csv", dependencies=[READ])
def loop_csv(locale: Locale, work: ReadWork, actor: CurrentActor, sector: Sector = "", period: Period = "") -> Response:
    content = made.loop(work, actor, sector=sector, period=period, locale=locale)
    return csv_file("loop", *made.table(content))


@api.get("/exchange/loop", dependencies=[READ])
def loop_numbers(
    request: Request, work: ReadWork, actor: CurrentActor, sector: Sector = "", period: Period = ""
) -> out.LoopOut:
    """What came of what: demands, challenges, datasets, listings and deals, by sector and period."""
    return out.LoopOut.of(made.loop(work, actor, sector=sector, period=period, locale=locale_of(request)))
