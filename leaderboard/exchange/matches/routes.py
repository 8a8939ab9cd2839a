"""The search over all offers, and saved searches, over HTTP."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.forms import Done, Sent, Trail, again
from leaderboard.core.errors import JiebangError, Malformed, Refused
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Held, Locale, ReadWork
from leaderboard.core.work import Resources, Work
from leaderboard.exchange.matches import out, search, watches
from leaderboard.exchange.matches.models import Watch
from leaderboard.exchange.matches.search import LONGEST, Asked
from leaderboard.seasons.signals import Phrase
from leaderboard.terms.regions import canonical
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import csv_file, locale_of, page, see_other

pages = APIRouter()
api = APIRouter(tags=["exchange"])

NAV: Final = "exchange"
READ, SAVE = act("exchange.read"), act("exchange.save")
_WORD: Final = Query(max_length=60)


@dataclass(frozen=True)
class _Facets:
    """The choices in the address, each a word of its list."""

    kind: Annotated[str, _WORD] = ""
    sector: Annotated[str, _WORD] = ""
    modality: Annotated[str, _WORD] = ""
    grade: Annotated[str, _WORD] = ""
    delivery: Annotated[str, _WORD] = ""
    price: Annotated[str, _WORD] = ""
    use: Annotated[str, _WORD] = ""
    licence: Annotated[str, _WORD] = ""
    region: Annotated[str, _WORD] = ""
    security: Annotated[str, _WORD] = ""
    supplier: Annotated[str, Query(max_length=100, description="the address of an organization")] = ""


async def _asked(
    facets: Annotated[_Facets, Depends()],
    q: Annotated[str, Query(max_length=LONGEST, description="words or a need, in Chinese or English")] = "",
    sort: Annotated[str, Query(max_length=20, description="relevance, quality or freshness")] = "relevance",
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> Asked:
    return Asked(q=" ".join(q.split()), sort=sort, number=number, **vars(facets) | {"region": canonical(facets.region)})


Wanted = Annotated[Asked, Depends(_asked)]


@dataclass(frozen=True)
class SearchShown:
    """The page of a search with the form by which it is saved."""

    found: search.SearchPage
    cadences: tuple[tuple[str, Phrase], ...]
    form: Form
    longest: int = LONGEST
    longest_name: int = watches.LONGEST_NAME


@dataclass(frozen=True)
class WatchesShown:
    """The reader's watches, each with the address of what it is about and the intervals it may have."""

    watches: tuple[tuple[Watch, str, tuple[tuple[str, Phrase], ...]], ...]
    done: str


@dataclass(frozen=True)
class StopShown:
    """``name`` None: it has ended already."""

    name: str | None
    token: str


def done(held: Resources, deed: Callable[[Work], Any]) -> tuple[Any, JiebangError | None]:
    """Does the deed in a unit of work of its own; gives what it made, or the refusal, after which nothing of it is kept."""
    try:
        with held.write() as work:
            return deed(work), None
    except (Malformed, Refused) as error:
        return None, error


def crumbs(request: Request, *steps: tuple[str, str | None]) -> Trail:
    """The way to a page of the exchange."""
    return [(translate(locale_of(request), N_("Exchange")), "/exchange" if steps else None), *steps]


def here(request: Request, message: str) -> tuple[str, None]:
    """The last step."""
    return translate(locale_of(request), message), None


def _search_shown(work: Work, actor: Actor, wanted: Asked, form: Form | None = None) -> SearchShown:
    cadences = tuple((key, Phrase(name)) for key, name in watches.CADENCES.items())
    return SearchShown(search.search(work, actor, wanted), cadences, form or Form())


@pages.get("/{locale}/exchange", dependencies=[READ])
def exchange(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor, wanted: Wanted) -> Response:
    content = _search_shown(work, actor, wanted)
    return page(request, "exchange/search.html", content, nav=NAV, breadcrumbs=crumbs(request))


@pages.get("/{locale}/exchange.csv", dependencies=[READ])
def exchange_csv(locale: Locale, work: ReadWork, actor: CurrentActor, wanted: Wanted) -> Response:
    return csv_file("exchange", *search.table(search.search(work, actor, wanted), locale))


@api.get("/exchange/search", dependencies=[READ])
def exchange_search(work: ReadWork, actor: CurrentActor, wanted: Wanted) -> out.SearchResult:
    """The offers that are asked for, as on the page of the exchange; words are compared in both languages and across."""
    return out.SearchResult.of(search.search(work, actor, wanted))


@pages.post("/{locale}/exchange", dependencies=[SAVE])
def save(request: Request, locale: Locale, held: Held, actor: CurrentActor, wanted: Wanted, sent: Sent) -> Response:
    """Saves the search that the address asks for."""
    _, error = done(held, lambda work: watches.save_search(
        work, actor, name=sent["name"], query=wanted.kept, cadence=sent["cadence"]
    ))  # fmt: skip
    if error is None:
        return see_other(request, "/me/watches?done=saved")
    with held.read() as work:
        content = _search_shown(work, actor, wanted, Form.refused(sent, error))
    return again(request, "exchange/search.html", content, error, crumbs(request))


@pages.get("/{locale}/me/watches", dependencies=[SAVE])
def mine(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor, done: Done = "") -> Response:
    found = tuple((one, _subject(one), _intervals(one)) for one in watches.of_person(work, actor))
    way = crumbs(request, here(request, N_("Saved searches and alerts")))
    return page(request, "exchange/search_saved.html", WatchesShown(found, done), nav=NAV, breadcrumbs=way)


def _subject(watch: Watch) -> str:
    if watch.kind == "search":
        return Asked.of(watch.query).path()
    return f"/demands/{watch.name}/matches" if watch.kind == "demand" else f"/me/listings/{watch.name}/demands"


def _intervals(watch: Watch) -> tuple[tuple[str, Phrase], ...]:
    allowed = watches.BATCHED if watch.kind == "listing" else tuple(watches.CADENCES)
    return tuple((key, Phrase(watches.CADENCES[key])) for key in allowed)


@pages.post("/{locale}/me/watches/{watch_id}", dependencies=[SAVE])
def change(request: Request, locale: Locale, watch_id: int, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    with held.write() as work:
        watches.change(work, actor, watch_id, cadence=sent["cadence"])
    return see_other(request, "/me/watches?done=changed")


@pages.post("/{locale}/me/watches/{watch_id}/end", dependencies=[SAVE])
def end(request: Request, locale: Locale, watch_id: int, held: Held, actor: CurrentActor) -> Response:
    with held.write() as work:
        watches.end(work, actor, watch_id)
    return see_other(request, "/me/watches?done=ended")


@pages.get("/{locale}/exchange/watches/{token}/stop", dependencies=[READ])
def stop_form(request: Request, locale: Locale, token: str, work: ReadWork) -> Response:
    found = watches.by_token(work, token)
    content = StopShown(found.name if found else None, token)
    way = crumbs(request, here(request, N_("No more mails")))
    return page(request, "exchange/search_stop.html", content, nav=NAV, breadcrumbs=way)


@pages.post("/{locale}/exchange/watches/{token}/stop", dependencies=[READ])
def stop(request: Request, locale: Locale, token: str, held: Held, sent: Sent) -> Response:
    """Also what mail programs send for their own button, which ends the whole mail: the link is the right, no session is."""
    with held.write() as work:
        end = watches.end_digest if sent.get("List-Unsubscribe") == "One-Click" else watches.end_by_token
        end(work, token)
    return see_other(request, f"/exchange/watches/{token}/stop")
