"""Deals over HTTP. Every move has one address; a refusal shows its form again, with what was typed and why not."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, JSONResponse

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.forms import Sent, Trail, again
from leaderboard.core.errors import JiebangError, Malformed, NotFound, Refused, TooLarge
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Held, Locale, ReadWork
from leaderboard.core.work import Resources, Work
from leaderboard.exchange.deals import (
    agreements,
    form,
    list_pages,
    lookup,
    move_pages,
    moves,
    news,
    out,
    quotas,
    samples,
    service,
    talks,
)
from leaderboard.exchange.deals import pages as made
from leaderboard.exchange.deals.models import Deal, DealFile
from leaderboard.exchange.deals.states import MOVES
from leaderboard.submissions import incoming
from leaderboard.submissions.reception import ReceivedFile
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import attachment, csv_file, locale_of, page, see_other

pages = APIRouter()
api = APIRouter(tags=["exchange"])

NAV: Final = "exchange"
MINE, START, READ, ACT = act("account.read"), act("deal.start"), act("deal.read"), act("deal.act")
By = Literal["supplier", "demander"]
StateAsked = Annotated[str, Query(max_length=20, description="only of this state")]
Number = Annotated[int, Query(alias="page", ge=1, le=10_000)]
TurnAsked = Annotated[str, Query(max_length=10, description="only those that wait for: mine, others, nobody")]
WITH_FILE: Final = frozenset({"write", "deliver", "approve_sample"})


def _done(held: Resources, deed: Callable[[Work], Any]) -> tuple[Any, JiebangError | None]:
    """Does the deed in a unit of work of its own; gives what it made, or the refusal, after which nothing of it is kept."""
    try:
        with held.write() as work:
            return deed(work), None
    except (Malformed, Refused) as error:
        return None, error


def _crumbs(request: Request, *steps: tuple[str, str | None]) -> Trail:
    return [(translate(locale_of(request), N_("My deals")), "/me/deals" if steps else None), *steps]


# Lists


@pages.get("/{locale}/me/deals", dependencies=[MINE])
def own(
    request: Request,
    locale: Locale,
    work: ReadWork,
    actor: CurrentActor,
    state: StateAsked = "",
    turn: TurnAsked = "",
    number: Number = 1,
) -> Response:
    content = list_pages.own(work, actor, state, turn, number)
    return page(request, "exchange/deal_list.html", content, nav=NAV, breadcrumbs=_crumbs(request))


@pages.get("/{locale}/me/deals.csv", dependencies=[MINE])
def own_csv(
    locale: Locale, work: ReadWork, actor: CurrentActor, state: StateAsked = "", turn: TurnAsked = ""
) -> Response:
    return csv_file("deals", *list_pages.table(list_pages.own(work, actor, state, turn, None), locale))


# Beginning: before the deals, whose addresses this one must not be taken for


@pages.get("/{locale}/deals/new", dependencies=[START])
def begin_form(
    request: Request,
    locale: Locale,
    work: ReadWork,
    actor: CurrentActor,
    listing: Annotated[str, Query(max_length=80)] = "",
    demand: Annotated[str, Query(max_length=80)] = "",
    by: By = "demander",
) -> Response:
    content = list_pages.begin(work, actor, listing, demand, by)
    return page(request, "exchange/deal_begin.html", content, nav=NAV, breadcrumbs=_begin_crumbs(request))


def _begin_crumbs(request: Request) -> Trail:
    return _crumbs(request, (translate(locale_of(request), N_("Show interest")), None))


@pages.post("/{locale}/deals/new", dependencies=[START])
def begin(request: Request, locale: Locale, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    by: By = "supplier" if sent["by"] == "supplier" else "demander"
    unit = int(sent["organization"]) if sent["organization"].isdecimal() and len(sent["organization"]) < 10 else None
    key, error = _done(held, lambda work: service.begin(
        work, actor, sent["listing"], demand_key=sent["demand"] or None, by=by, organization_id=unit
    ).key)  # fmt: skip
    if error is None:
        return see_other(request, f"/deals/{key}")
    with held.read() as work:
        content = list_pages.begin(work, actor, sent["listing"], sent["demand"], by, Form.refused(sent, error))
    return again(request, "exchange/deal_begin.html", content, error, _begin_crumbs(request))


# One deal


def _deal_page(request: Request, content: made.DealPage, error: JiebangError | None = None) -> Response:
    crumbs = _crumbs(request, (content.title.said(locale_of(request)), None))
    if error is not None:
        return again(request, "exchange/deal.html", content, error, crumbs)
    return page(request, "exchange/deal.html", content, nav=NAV, breadcrumbs=crumbs)


@pages.get("/{locale}/deals/{key}", dependencies=[READ])
def deal(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor) -> Response:
    with held.write() as work:
        content = made.deal(work, actor, key)
        news.see(work, actor, service.deal_for(work, actor, key, "deal.read"))
    return _deal_page(request, content)


@pages.get("/{locale}/deals/{key}/do/{move}", dependencies=[ACT])
def move_form(
    request: Request,
    locale: Locale,
    key: str,
    move: str,
    work: ReadWork,
    actor: CurrentActor,
    how: Annotated[str, Query(max_length=10)] = "",
    sample: Annotated[int, Query(ge=0, le=2**31 - 1)] = 0,
) -> Response:
    return _move_page(request, move_pages.move(work, actor, key, move, locale, how=how, sample=sample))


def _move_page(request: Request, content: move_pages.MovePage, error: JiebangError | None = None) -> Response:
    locale = locale_of(request)
    crumbs = _crumbs(request, (content.title.said(locale), f"/deals/{content.key}"), (content.label.said(locale), None))
    if error is not None:
        return again(request, "exchange/deal_move.html", content, error, crumbs)
    return page(request, "exchange/deal_move.html", content, nav=NAV, breadcrumbs=crumbs)


@pages.post("/{locale}/deals/{key}/do/{move}", dependencies=[ACT])
def move(
    request: Request, locale: Locale, key: str, move: str, held: Held, actor: CurrentActor, sent: Sent
) -> Response:
    _, error = _done(held, lambda work: service.act(
        work, actor, key, move, sent["message_id"], form.body(move, sent), seen=form.seen(sent)
    ))  # fmt: skip
    if error is None:
        return see_other(request, f"/deals/{key}")
    return _refused(request, held, actor, key, move, sent, error)


def _refused(
    request: Request, held: Resources, actor: Actor, key: str, move: str, sent: Mapping[str, str], error: JiebangError
) -> Response:
    """The form of the move once more; the deal itself, with what it has become, where the move has no form any more."""
    filled, number = Form.refused(sent, error), sent.get("sample", "")
    with held.read() as work:
        try:
            content = move_pages.move(
                work, actor, key, move, locale_of(request), how=sent.get("how", ""),
                sample=int(number) if number.isdecimal() and len(number) < 10 else 0, form=filled,
            )  # fmt: skip
        except NotFound:
            return _deal_page(request, made.deal(work, actor, key, filled), error)
    return _move_page(request, content, error)


@pages.post("/{locale}/deals/{key}/do/{move}/upload", dependencies=[ACT])
async def move_with_file(
    request: Request, locale: Locale, key: str, move: str, held: Held, actor: CurrentActor
) -> Response:
    sent: dict[str, str] = {"how": "file"}

    def then(work: Work, file: DealFile) -> bool:
        body = form.body(move, sent) | {"file": file.id}
        service.act(work, actor, key, move, sent.get("message_id", ""), body, seen=form.seen(sent))
        return not talks.discard_unused(work, file)

    try:
        await _take(request, held, actor, key, move, then, sent)
    except (Malformed, Refused, TooLarge) as error:
        return await run_in_threadpool(_refused, request, held, actor, key, move, sent, error)
    return see_other(request, f"/deals/{key}")


async def _take(
    request: Request,
    held: Resources,
    actor: Actor,
    key: str,
    move: str,
    then: Callable[[Work, DealFile], bool],
    sent: dict[str, str],
    file_name: str = "",
) -> DealFile:
    """The file of a request, kept in the deal together with what is done with it, or not at all.

    ``then``: does it, and says whether the file is kept; ``sent`` takes the other fields of the form, whatever comes of it.
    """

    def ready(work: Work) -> int:
        deal = service.deal_for(work, actor, key, "deal.act")
        if move not in WITH_FILE:
            raise Malformed("deals.no_file_here", N_("No file belongs to this."))
        side = lookup.own_side(actor, deal)
        moves.demand_part(MOVES[move], deal, side)
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and len(declared) < 19:
            quotas.demand_room(work, deal, side, max(0, int(declared) - incoming.OVERHEAD))
        return move_pages.most_bytes(work, move)

    def keep(work: Work, file: ReceivedFile, fields: dict[str, str]) -> tuple[str | None, DealFile]:
        sent.update(fields)
        kept = talks.receive(work, actor, key, file)
        return (file.storage_key if then(work, kept) else None), kept

    return await incoming.take(request, held, ready, keep, file_name)


# Files and documents


@pages.get("/{locale}/deals/{key}/files/{file_id}", dependencies=[READ])
def file(locale: Locale, key: str, file_id: int, work: ReadWork, actor: CurrentActor) -> Response:
    found = talks.file_for(work, actor, key, file_id)
    return _download(work.storage.path(found.storage_key), found.name)


def _download(path: Any, name: str) -> Response:
    """Never shown in the browser: whatever the file is, it is a download."""
    headers = {"Content-Disposition": attachment(name), "Cache-Control": "private, no-store"}
    return FileResponse(path, media_type="application/octet-stream", headers=headers)


@pages.get("/{locale}/deals/{key}/samples/{sample_id}", dependencies=[ACT])
def sample(locale: Locale, key: str, sample_id: int, held: Held, actor: CurrentActor) -> Response:
    with held.write() as work:
        path, name = samples.fetch(work, actor, key, sample_id)
    return _download(path, name)


@pages.get("/{locale}/deals/{key}/nda.md", dependencies=[READ])
def nda(locale: Locale, key: str, work: ReadWork, actor: CurrentActor) -> Response:
    found = service.deal_for(work, actor, key, "deal.read")
    headers = {"Content-Disposition": attachment(f"nda-{key}.{locale}.md"), "Cache-Control": "private, no-store"}
    return Response(agreements.text(work, found, locale), media_type="text/markdown; charset=utf-8", headers=headers)


@pages.get("/{locale}/deals/{key}/agreement", dependencies=[READ])
def agreement(request: Request, locale: Locale, key: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = move_pages.agreement(work, actor, key)
    here = (translate(locale, N_("The agreement")), None)
    crumbs = _crumbs(request, (content.title.said(locale), f"/deals/{key}"), here)
    return page(request, "exchange/deal_agreement.html", content, nav=NAV, breadcrumbs=crumbs)


@pages.get("/{locale}/deals/{key}/agreement.json", dependencies=[READ])
def agreement_json(locale: Locale, key: str, work: ReadWork, actor: CurrentActor) -> Response:
    headers = {"Content-Disposition": attachment(f"agreement-{key}.json"), "Cache-Control": "private, no-store"}
    return JSONResponse(move_pages.agreement(work, actor, key).document, headers=headers)


@pages.get("/{locale}/deals/{key}/deliveries/{number}/report.json", dependencies=[READ])
def report(locale: Locale, key: str, number: int, work: ReadWork, actor: CurrentActor) -> Response:
    found = move_pages.report(work, actor, key, number)
    return Response(
        found.model_dump_json(), media_type="application/json", headers={"Cache-Control": "private, no-store"}
    )


# The API


@api.get("/deals", dependencies=[MINE])
def deal_list(
    work: ReadWork, actor: CurrentActor, state: StateAsked = "", turn: TurnAsked = "", number: Number = 1
) -> out.DealList:
    """The deals of one's organizations, those first that wait for them, 100 a page."""
    return out.DealList.of(list_pages.own(work, actor, state, turn, number))


@api.post("/deals", dependencies=[START], status_code=201)
def deal_begin(request: Request, held: Held, actor: CurrentActor, said: out.Beginning) -> out.DealOut:
    """Shows interest; the other side's interest in the same thing makes it mutual."""
    with held.write() as work:
        found = service.begin(
            work, actor, said.listing, demand_key=said.demand, by=said.by, organization_id=said.organization
        )
        return _out(request, work, actor, found)


def _out(request: Request, work: Work, actor: Actor, found: Deal) -> out.DealOut:
    return out.DealOut.of(made.deal(work, actor, found.key), locale_of(request))


@api.get("/deals/{key}", dependencies=[READ])
def deal_one(request: Request, key: str, work: ReadWork, actor: CurrentActor) -> out.DealOut:
    """A deal as one's own side sees it."""
    return _out(request, work, actor, service.deal_for(work, actor, key, "deal.read"))


@api.post("/deals/{key}/moves", dependencies=[ACT])
def deal_move(request: Request, key: str, held: Held, actor: CurrentActor, said: out.MoveIn) -> out.DealOut:
    """Makes a move. Sent again with the same message id and body, it gives the deal and changes nothing."""
    with held.write() as work:
        return _out(
            request,
            work,
            actor,
            service.act(work, actor, key, said.move, said.message_id, said.body, seen=said.version),
        )


@api.post("/deals/{key}/uploads", dependencies=[ACT], status_code=201)
async def deal_file(
    request: Request,
    key: str,
    held: Held,
    actor: CurrentActor,
    file_name: Annotated[str, Query(max_length=200)] = "",
    move: Annotated[str, Query(max_length=20, description="write, deliver or approve_sample")] = "write",
) -> out.FileOut:
    """Puts a file (the body) into a deal, for the move that names it afterwards; dropped when none does within two days."""

    def then(work: Work, file: DealFile) -> bool:
        talks.put_by(work, file)
        return True

    return out.FileOut.of(await _take(request, held, actor, key, move, then, {}, file_name))


@api.get("/deals/{key}/agreement", dependencies=[READ])
def deal_agreement(key: str, work: ReadWork, actor: CurrentActor) -> dict[str, Any]:
    """The agreement that counts, as it was frozen."""
    return move_pages.agreement(work, actor, key).document
