"""Listings over HTTP. A refusal shows the form again, with what was typed and why not."""

from collections.abc import Callable, Mapping
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from sqlmodel import col

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.forms import Sent, Trail, again, attempt, trail
from leaderboard.core.errors import FieldError, JiebangError
from leaderboard.core.i18n import N_
from leaderboard.core.web import Held, Locale, ReadWork
from leaderboard.core.work import Work
from leaderboard.exchange.listings import deeds, described, desk, drafting, editing, listing_form, out, service
from leaderboard.exchange.listings import pages as made
from leaderboard.exchange.listings.deeds import CHECKLIST
from leaderboard.exchange.listings.models import ListingRow, ListingVersion
from leaderboard.terms.words import KINDS
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import attachment, csv_file, locale_of, page, see_other

pages = APIRouter()
api = APIRouter(tags=["exchange"])

NAV: Final = "exchange"
PAGE_SIZE: Final = 100
READ, SAVE, CREATE, EDIT = act("exchange.read"), act("exchange.save"), act("listing.create"), act("listing.edit")
WITHDRAW, REVIEW = act("listing.withdraw"), act("exchange.review")
_EXCHANGE: Final = (N_("Exchange"), "/exchange")
_MINE: Final = (N_("My listings"), "/me/listings")


# What everybody sees


@pages.get("/{locale}/listings.csv", dependencies=[READ])
def listings_csv(locale: Locale, work: ReadWork) -> Response:
    return csv_file("listings", *made.offers_table(service.offers(work), locale))


@pages.get("/{locale}/organizations/{slug}/offers", dependencies=[READ])
def of_organization(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.of_organization(work, actor, slug)
    crumbs = [*trail(request, _EXCHANGE), (content.organization, f"/organizations/{slug}")]
    crumbs += trail(request, (N_("Offers"), None))
    return page(request, "exchange/listing_of.html", content, nav=NAV, breadcrumbs=crumbs)


# Making one: before the cards, whose addresses this one must not be taken for


@pages.get("/{locale}/listings/new", dependencies=[SAVE])
def new(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    content = editing.new_page(work, actor)
    return page(request, "exchange/listing_new.html", content, nav=NAV, breadcrumbs=_new_crumbs(request))


@pages.post("/{locale}/listings/new", dependencies=[CREATE])
def create(request: Request, locale: Locale, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    keys: list[str] = []
    error = attempt(held, lambda work: keys.append(_create(work, actor, sent)))
    if error is None:
        return see_other(request, f"/listings/{keys[0]}/edit")
    with held.read() as work:
        content = editing.new_page(work, actor, Form.refused(sent, error))
    return again(request, "exchange/listing_new.html", content, error, _new_crumbs(request))


def _create(work: Work, actor: Actor, sent: Mapping[str, str]) -> str:
    chosen = sent.get("organization", "")
    organization = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else 0
    if sent.get("dataset"):
        unit = organization if chosen else None
        return drafting.create_from_card(work, actor, organization_id=unit, slug=sent["dataset"]).key
    kind = sent.get("kind", "")
    sheet = listing_form.sheet(sent, kind if kind in KINDS else "dataset")
    return drafting.create(work, actor, organization_id=organization, sheet=sheet).key


def _new_crumbs(request: Request) -> Trail:
    return trail(request, _EXCHANGE, _MINE, (N_("New listing"), None))


@pages.get("/{locale}/listings/{key}", dependencies=[READ])
def card(request: Request, locale: Locale, key: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.listing(work, actor, key, locale)
    return page(request, "exchange/listing_card.html", content, nav=NAV, breadcrumbs=_card_crumbs(request, content))


def _card_crumbs(request: Request, content: made.ListingPage) -> Trail:
    return [*trail(request, _EXCHANGE), (content.told.title.text or content.key, None)]


@pages.get("/{locale}/listings/{key}/policy.json", dependencies=[READ])
def policy(locale: Locale, key: str, work: ReadWork, actor: CurrentActor) -> Response:
    version = service.current_version(work, service.shown(work, actor, key))
    offered = described.policy(service.offer(work, version.id or 0), made.address(work, key, locale))
    headers = {"Content-Disposition": attachment(f"{key}-policy.json", "inline"), "Cache-Control": "private, no-cache"}
    return JSONResponse(offered, headers=headers, media_type="application/ld+json")


# What owners do


@pages.get("/{locale}/me/listings", dependencies=[SAVE])
def mine(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    crumbs = trail(request, _EXCHANGE, (_MINE[0], None))
    return page(request, "exchange/listing_mine.html", made.mine(work, actor), nav=NAV, breadcrumbs=crumbs)


@pages.get("/{locale}/me/listings.csv", dependencies=[SAVE])
def mine_csv(locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    return csv_file("my-listings", *made.mine_table(made.mine(work, actor), locale))


def _edit_page(request: Request, content: editing.EditPage, error: JiebangError | None = None) -> Response:
    crumbs = [*trail(request, _EXCHANGE, _MINE), (content.title, f"/listings/{content.key}")]
    crumbs += trail(request, (N_("Edit"), None))
    if error is not None:
        return again(request, "exchange/listing_edit.html", content, error, crumbs)
    return page(request, "exchange/listing_edit.html", content, nav=NAV, breadcrumbs=crumbs)


@pages.get("/{locale}/listings/{key}/edit", dependencies=[EDIT])
def edit_form(request: Request, locale: Locale, key: str, work: ReadWork, actor: CurrentActor) -> Response:
    return _edit_page(request, editing.edit_page(work, actor, key, locale))


@pages.post("/{locale}/listings/{key}/edit", dependencies=[EDIT])
def edit(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    """Saves; with the button "fill" it only puts the terms of the chosen licence into the form."""
    if sent["do"] == "fill":
        with held.read() as work:
            return _edit_page(request, editing.filled_page(work, actor, key, locale, sent))
    error = attempt(held, lambda work: _edit(work, actor, key, sent))
    if error is None:
        return see_other(request, f"/listings/{key}")
    with held.read() as work:
        content = editing.edit_page(work, actor, key, locale, typed=sent, errors=_shown(error))
    return _edit_page(request, content, error)


def _edit(work: Work, actor: Actor, key: str, sent: Mapping[str, str]) -> None:
    """Saves what was typed and, with the button "submit", hands it in: both or nothing."""
    row = service.listing_for(work, actor, key, "listing.edit", lock=True)
    seen = sent.get("seen", "")
    number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
    drafting.edit(work, actor, key, listing_form.sheet(sent, row.kind), seen=number)
    if sent.get("do") == "submit":
        deeds.submit(work, actor, key)


def _shown(error: JiebangError) -> tuple[FieldError, ...]:
    return error.fields or (FieldError("", error.message, error.params),)


@pages.post("/{locale}/listings/{key}/submit", dependencies=[EDIT])
def submit(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor) -> Response:
    """What is missing is named in the form where it is written."""
    error = attempt(held, lambda work: deeds.submit(work, actor, key))
    if error is None:
        return see_other(request, f"/listings/{key}")
    with held.read() as work:
        return _edit_page(request, editing.edit_page(work, actor, key, locale, errors=_shown(error)), error)


def _deed(request: Request, held: Held, key: str, deed: Callable[[Work], ListingRow]) -> Response:
    with held.write() as work:
        deed(work)
    return see_other(request, f"/listings/{key}")


@pages.post("/{locale}/listings/{key}/withdraw", dependencies=[WITHDRAW])
def withdraw(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor) -> Response:
    return _deed(request, held, key, lambda work: deeds.withdraw(work, actor, key))


@pages.post("/{locale}/listings/{key}/confirm", dependencies=[EDIT])
def confirm(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor) -> Response:
    return _deed(request, held, key, lambda work: deeds.confirm(work, actor, key))


# What the operator does


@pages.post("/{locale}/listings/{key}/suspend", dependencies=[REVIEW])
def suspend(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    error = attempt(held, lambda work: deeds.suspend(work, actor, key, note=sent["note"]))
    if error is None:
        return see_other(request, f"/listings/{key}")
    with held.read() as work:
        content = made.listing(work, actor, key, locale, Form.refused(sent, error))
    return again(request, "exchange/listing_card.html", content, error, _card_crumbs(request, content))


@pages.post("/{locale}/listings/{key}/resume", dependencies=[REVIEW])
def resume(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor) -> Response:
    return _deed(request, held, key, lambda work: deeds.resume(work, actor, key))


@pages.get("/{locale}/exchange/review", dependencies=[REVIEW])
def queue(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    crumbs = trail(request, _EXCHANGE, (N_("Review of listings"), None))
    return page(request, "exchange/listing_desk.html", desk.desk(work, actor), nav=NAV, breadcrumbs=crumbs)


@pages.get("/{locale}/exchange/review/{key}", dependencies=[REVIEW])
def review(request: Request, locale: Locale, key: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = desk.review(work, actor, key, locale)
    return page(request, "exchange/listing_review.html", content, nav=NAV, breadcrumbs=_review_crumbs(request, content))


def _review_crumbs(request: Request, content: desk.ReviewPage) -> Trail:
    crumbs = trail(request, _EXCHANGE, (N_("Review of listings"), "/exchange/review"))
    return [*crumbs, (content.told.title.text or content.key, None)]


@pages.post("/{locale}/exchange/review/{key}", dependencies=[REVIEW])
def decide(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    error = attempt(held, lambda work: _decide(work, actor, key, sent))
    if error is None:
        return see_other(request, f"/exchange/review/{key}" if sent["do"] == "take-up" else "/exchange/review")
    with held.read() as work:
        content = desk.review(work, actor, key, locale, Form.refused(sent, error))
    return again(request, "exchange/listing_review.html", content, error, _review_crumbs(request, content))


def _decide(work: Work, actor: Actor, key: str, sent: Mapping[str, str]) -> ListingRow:
    seen, note = sent.get("number", ""), sent.get("note", "")
    number = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0
    if sent.get("do") == "take-up":
        return deeds.take_up(work, actor, key)
    if sent.get("do") == "approve":
        checked = [point for point in CHECKLIST if sent.get(f"point-{point}")]
        return deeds.approve(work, actor, key, number=number, checked=checked)
    act_on = deeds.reject if sent.get("do") == "reject" else deeds.send_back
    return act_on(work, actor, key, number=number, note=note)


# The API


@api.get("/listings", dependencies=[READ])
def listing_list(
    request: Request,
    work: ReadWork,
    kind: Annotated[str, Query(max_length=40, description="dataset, annotation and so on; empty: every kind")] = "",
    sector: Annotated[str, Query(max_length=60)] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> out.ListingList:
    """What is listed, the newest first, 100 a page."""
    wanted = [col(ListingRow.kind) == kind] if kind else []
    if sector:
        wanted.append(col(ListingVersion.document)["sector"].as_string() == sector)
    found, total = service.newest(work, *wanted, start=(number - 1) * PAGE_SIZE, most=PAGE_SIZE)
    return out.ListingList.of(found, total, max(1, -(-total // PAGE_SIZE)), locale_of(request))


@api.get("/listings/{key}", dependencies=[READ])
def listing(key: str, work: ReadWork, actor: CurrentActor) -> out.ListingOut:
    """A listing with all its facts and evidence, in both languages."""
    row = service.shown(work, actor, key)
    version = service.current_version(work, row)
    return out.ListingOut.of(row, version.number, service.offer(work, version.id or 0))
