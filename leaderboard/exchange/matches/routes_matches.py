"""Matches over HTTP: the demander's page with everything, the supplier's with bands only."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.forms import Done, Sent, Trail, again
from leaderboard.core.errors import JiebangError
from leaderboard.core.i18n import N_
from leaderboard.core.web import Held, Locale, ReadWork
from leaderboard.core.work import Resources, Work
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands import showing
from leaderboard.exchange.matches import adjusting, feedback, jobs, out, questions, supplier, supplier_pages, watches
from leaderboard.exchange.matches import pages as made
from leaderboard.exchange.matches.routes import NAV, crumbs, done, here
from leaderboard.exchange.matches.supplier import Bands
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import csv_file, locale_of, page, see_other

pages = APIRouter()
api = APIRouter(tags=["exchange"])

SEE, JUDGE, EDIT, SAVE = act("match.read"), act("match.judge"), act("demand.edit"), act("exchange.save")
ANSWER: Final = act("listing.edit")
ListingKey = Annotated[str, Query(max_length=200)]


# The demander's


def _trail(request: Request, content: made.MatchesPage | made.ComparePage, *steps: tuple[str, str | None]) -> Trail:
    title = content.title.said(locale_of(request)) or content.key
    last = here(request, N_("Matches"))
    way: Trail = [(title, f"/demands/{content.key}"), (last[0], f"/demands/{content.key}/matches"), *steps]
    return crumbs(request, *(way if steps else [*way[:1], last]))


@pages.get("/{locale}/demands/{key}/matches", dependencies=[SEE])
def matches(
    request: Request, locale: Locale, key: str, work: ReadWork, actor: CurrentActor, done: Done = ""
) -> Response:
    """With weights in the address, as it would be with those."""
    weights = adjusting.typed_weights(request.query_params) if _has_weights(request.query_params) else None
    content = made.matches_page(work, actor, key, weights=weights, done=done)
    refresh = {"Refresh": "5"} if content.waiting else {}
    trail = _trail(request, content)
    return page(request, "exchange/matches.html", content, nav=NAV, breadcrumbs=trail, headers=refresh)


def _has_weights(sent: Mapping[str, str]) -> bool:
    return any(name.startswith("w_") for name in sent)


@pages.get("/{locale}/demands/{key}/matches.csv", dependencies=[SEE])
def matches_csv(locale: Locale, key: str, work: ReadWork, actor: CurrentActor) -> Response:
    _, rows = made.explanations(work, actor, key)
    return csv_file(f"{key}-matches", *made.table(rows, locale))


@pages.get("/{locale}/demands/{key}/matches/compare", dependencies=[SEE])
def compare(
    request: Request,
    locale: Locale,
    key: str,
    work: ReadWork,
    actor: CurrentActor,
    chosen: Annotated[list[str], Query(alias="listing", max_length=10)] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    first, second = (*chosen, "", "")[:2]
    content = made.compare_page(work, actor, key, first, second)
    trail = _trail(request, content, here(request, N_("Side by side")))
    return page(request, "exchange/matches_compare.html", content, nav=NAV, breadcrumbs=trail)


def _deed(
    request: Request,
    key: str,
    held: Resources,
    actor: Actor,
    sent: Mapping[str, str],
    deed: Callable[[Work], Any],
    to: str,
) -> Response:
    """Does it and goes on to ``to``; a refusal shows the page again with the reason."""
    _, error = done(held, deed)
    if error is None:
        return see_other(request, to)
    with held.read() as work:
        content = made.matches_page(work, actor, key, form=Form.refused(sent, error))
    return again(request, "exchange/matches.html", content, error, _trail(request, content))


@pages.post("/{locale}/demands/{key}/matches", dependencies=[JUDGE])
def match_now(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    def ask(work: Work) -> None:
        jobs.ask(work, demands.demand_for(work, actor, key, "match.judge").id or 0)

    return _deed(request, key, held, actor, sent, ask, f"/demands/{key}/matches")


@pages.post("/{locale}/demands/{key}/matches/feedback", dependencies=[JUDGE])
def judge(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    """``verdict`` is useful or not_useful, or take_back."""
    listing = sent["listing"]

    def say(work: Work) -> None:
        if sent["verdict"] == "take_back":
            feedback.take_back(work, actor, key, listing)
        else:
            feedback.say(work, actor, key, listing, verdict=sent["verdict"], reason=sent["reason"], note=sent["note"])

    word = "taken_back" if sent["verdict"] == "take_back" else "said"
    return _deed(request, key, held, actor, sent, say, f"/demands/{key}/matches?done={word}#{listing}")


@pages.post("/{locale}/demands/{key}/matches/ask", dependencies=[JUDGE])
def ask_supplier(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    listing = sent["listing"]
    to = f"/demands/{key}/matches?done=asked#{listing}"
    return _deed(
        request, key, held, actor, sent, lambda work: questions.ask(work, actor, key, listing, sent["question"]), to
    )


@pages.post("/{locale}/demands/{key}/matches/weights", dependencies=[EDIT])
def keep_weights(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    def keep(work: Work) -> None:
        adjusting.keep_weights(work, actor, key, adjusting.typed_weights(sent))

    return _deed(request, key, held, actor, sent, keep, f"/demands/{key}/matches?done=kept")


@pages.post("/{locale}/demands/{key}/matches/relax", dependencies=[EDIT])
def relax(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    """Saves the demand with what it asks less, and opens it for editing: the step can be looked at and taken back there."""
    run_id, at = (int(sent[name]) if sent[name].isascii() and sent[name].isdigit() else -1 for name in ("run", "at"))
    return _deed(
        request,
        key,
        held,
        actor,
        sent,
        lambda work: adjusting.relax(work, actor, key, run_id, at),
        f"/demands/{key}/edit?done=saved",
    )


@pages.post("/{locale}/demands/{key}/matches/watch", dependencies=[SAVE])
def watch(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    return _deed(
        request,
        key,
        held,
        actor,
        sent,
        lambda work: watches.watch_demand(work, actor, key, cadence=sent["cadence"]),
        f"/demands/{key}/matches?done=watched",
    )


@api.get("/demands/{key}/matches", dependencies=[SEE])
def match_list(key: str, work: ReadWork, actor: CurrentActor) -> out.MatchList:
    """The newest run of your demand, each match with all the numbers that its score is made of."""
    return out.MatchList.of(*made.explanations(work, actor, key))


# The supplier's


def _looked(held: Resources, actor: Actor, key: str) -> None:
    """Counts a look at blind demands, before they are looked at."""
    with held.write() as work:
        supplier.take_look(work, actor, key)


def _note(held: Resources, actor: Actor, bands: Bands) -> None:
    showing.note(held, actor, [(fit.key, "card" if fit.card else "full") for fit in bands.fits])


def _supplier_trail(request: Request, content: supplier_pages.SupplierPage) -> Trail:
    title = content.title.said(locale_of(request)) or content.key
    return crumbs(request, (title, f"/listings/{content.key}"), here(request, N_("Demands that fit")))


@pages.get("/{locale}/me/listings/{key}/demands", dependencies=[SEE])
def fitting(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, done: Done = "") -> Response:
    _looked(held, actor, key)
    with held.read() as work:
        content = supplier_pages.supplier_page(work, actor, key, done=done)
    _note(held, actor, content.bands)
    trail = _supplier_trail(request, content)
    return page(request, "exchange/matches_supplier.html", content, nav=NAV, breadcrumbs=trail)


@api.get("/listings/{key}/demands", dependencies=[SEE])
def fitting_list(key: str, held: Held, actor: CurrentActor) -> out.FitList:
    """The demands that your listing fits, by bands. A look at blind demands counts once a day and version."""
    _looked(held, actor, key)
    with held.read() as work:
        found = supplier.bands(work, actor, key)
    _note(held, actor, found)
    return out.FitList.of(found)


def _supplier_deed(
    request: Request,
    key: str,
    held: Resources,
    actor: Actor,
    sent: Mapping[str, str],
    deed: Callable[[Work], Any],
    word: str,
) -> Response:
    _, error = done(held, deed)
    if error is None:
        return see_other(request, f"/me/listings/{key}/demands?done={word}")
    return _supplier_again(request, key, held, actor, sent, error)


def _supplier_again(
    request: Request, key: str, held: Resources, actor: Actor, sent: Mapping[str, str], error: JiebangError
) -> Response:
    with held.read() as work:
        content = supplier_pages.supplier_page(work, actor, key, form=Form.refused(sent, error))
    _note(held, actor, content.bands)
    return again(request, "exchange/matches_supplier.html", content, error, _supplier_trail(request, content))


@pages.post("/{locale}/me/listings/{key}/demands/watch", dependencies=[SAVE])
def watch_listing(request: Request, locale: Locale, key: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    return _supplier_deed(
        request,
        key,
        held,
        actor,
        sent,
        lambda work: watches.watch_listing(work, actor, key, cadence=sent["cadence"]),
        "watched",
    )


@pages.post("/{locale}/me/listings/{key}/questions/{question_id}", dependencies=[ANSWER])
def answer(
    request: Request, locale: Locale, key: str, question_id: int, held: Held, actor: CurrentActor, sent: Sent
) -> Response:
    text = sent[f"answer-{question_id}"]
    return _supplier_deed(
        request, key, held, actor, sent, lambda work: questions.answer(work, actor, key, question_id, text), "answered"
    )
