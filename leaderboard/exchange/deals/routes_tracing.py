"""Over HTTP: whose copy a leaked sample is. The answer is the reply itself; nothing of the file is kept."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.forms import Trail, again
from leaderboard.core.errors import Malformed, TooLarge
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Held, Locale, ReadWork
from leaderboard.core.work import Resources, Work
from leaderboard.exchange.deals import out, trace_pages, tracing
from leaderboard.submissions import incoming
from leaderboard.submissions.reception import ReceivedFile
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import locale_of, page

pages = APIRouter()
api = APIRouter(tags=["exchange"])

SUPPLIES = act("listing.edit")
TEMPLATE = "exchange/deal_trace.html"


def _crumbs(request: Request, content: trace_pages.TracePage) -> Trail:
    locale = locale_of(request)
    mine = (translate(locale, N_("My listings")), "/me/listings")
    listing = (content.title.said(locale), f"/listings/{content.key}")
    return [mine, listing, (translate(locale, N_("Whose copy is this?")), None)]


@pages.get("/{locale}/listings/{key}/trace", dependencies=[SUPPLIES])
def trace_form(request: Request, locale: Locale, key: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = trace_pages.trace(work, actor, key)
    return page(request, TEMPLATE, content, nav="exchange", breadcrumbs=_crumbs(request, content))


@pages.post("/{locale}/listings/{key}/trace/upload", dependencies=[SUPPLIES])
async def trace(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor) -> Response:
    def answer(data: bytes | None, error: Malformed | TooLarge | None = None) -> Response:
        with held.read() as work:
            found = None if data is None else tracing.whose(work, actor, key, data)
            content = trace_pages.trace(work, actor, key, found, Form.refused({}, error) if error else None)
        crumbs = _crumbs(request, content)
        if error is not None:
            return again(request, TEMPLATE, content, error, crumbs)
        return page(request, TEMPLATE, content, nav="exchange", breadcrumbs=crumbs)

    try:
        data = await _sent(request, held, actor, key)
        return await run_in_threadpool(answer, data)
    except (Malformed, TooLarge) as error:
        return await run_in_threadpool(answer, None, error)


@api.post("/listings/{key}/trace/upload", dependencies=[SUPPLIES])
async def listing_trace(request: Request, key: str, held: Held, actor: CurrentActor) -> out.TraceOut:
    """Of which samples of one's listing a leaked table (the body, CSV) is a copy. Nothing of it is kept but its hash."""
    data = await _sent(request, held, actor, key)

    def answer() -> out.TraceOut:
        with held.read() as work:
            return out.TraceOut.of(tracing.whose(work, actor, key, data))

    return await run_in_threadpool(answer)


async def _sent(request: Request, held: Resources, actor: Actor, key: str) -> bytes:
    """What came with a request, which is not kept; that it was asked about is written down."""

    def ready(work: Work) -> int:
        tracing.listing_for(work, actor, key)
        return tracing.LARGEST

    def keep(work: Work, file: ReceivedFile, _fields: dict[str, Any]) -> tuple[None, bytes]:
        tracing.note(work, actor, key, file.sha256)
        return None, work.storage.path(file.storage_key).read_bytes()

    return await incoming.take(request, held, ready, keep, "leaked.csv")
