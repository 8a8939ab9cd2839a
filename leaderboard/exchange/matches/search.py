"""One box over everything that is offered: words in both languages, facets, and an honest answer where nothing is good enough.

A text is compared with every offer, whatever its language (see `leaderboard.exchange.relevance`); what reaches `GOOD` is shown.
A need that somebody types as a sentence is read by the rules of `terms.understanding`: what it names is offered as filters.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Any, Final
from urllib.parse import urlencode

from challenges.facets import MODALITIES, SECTORS
from challenges.licences import LICENCES
from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import Malformed
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.listings.signals import Rating
from leaderboard.exchange.matches import index, runs
from leaderboard.exchange.matches.cards import UNMEASURED, Card
from leaderboard.exchange.matches.index import Shelf
from leaderboard.exchange.matches.sentences import named
from leaderboard.exchange.relevance import language_of
from leaderboard.seasons import faceting
from leaderboard.seasons.faceting import Facet
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.terms import words
from leaderboard.terms.regions import REGIONS
from leaderboard.terms.understanding.reading import understand

PAGE_SIZE: Final = 20
LONGEST: Final = 500
"""Characters of a search: a need of some sentences."""
GOOD: Final = 0.1
"""The relevance from which on an offer is an answer; below it there is some evidence, and not enough to be shown as one."""
MOST_RESPELT: Final = 6
"""Words of a search for which others are looked for that are written nearly alike: each is compared with those of all titles."""
NEAREST: Final = 3
"""Offers below `GOOD` that are named where nothing reaches it."""
SORTS: Final[Mapping[str, str]] = {
    "relevance": N_("relevance"), "quality": N_("measured quality"), "freshness": N_("freshness"),
}  # fmt: skip
_BEST_FIRST: Final = tuple(reversed(words.GRADES))


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; empty texts ask for everything."""

    q: str = ""
    kind: str = ""
    sector: str = ""
    modality: str = ""
    grade: str = ""
    delivery: str = ""
    price: str = ""
    use: str = ""
    licence: str = ""
    region: str = ""
    security: str = ""
    sort: str = "relevance"
    number: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Asked":
        """From what a saved search keeps; words that no facet knows any more ask for nothing."""
        return replace(cls(), **{key: value for key, value in query.items() if key in KEPT})  # type: ignore[arg-type]

    @property
    def kept(self) -> dict[str, str]:
        """What is saved of it: words and facets that are there."""
        return {key: value for key in KEPT if (value := getattr(self, key))}

    def path(self, **changed: str) -> str:
        """The address of a search, without locale."""
        query = {**self.kept, **changed}
        return f"/exchange?{urlencode({key: value for key, value in query.items() if value})}"


@dataclass(frozen=True, slots=True)
class Hit:
    """One offer that was found; ``relevance`` None: no words were asked for."""

    card: Card
    relevance: float | None


@dataclass(frozen=True, slots=True)
class Way:
    """What would bring something: the address, what it does, and how many it brings."""

    label: Phrase | Words
    path: str
    count: int


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing was good enough. ``dropping``: a choice taken away; ``words``: other words; ``nearest``: what comes nearest."""

    dropping: tuple[Way, ...]
    words: tuple[Way, ...]
    nearest: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """What was understood of the words: filters that can be added, all of them at once, and what only a demand can hold."""

    filters: tuple[Way, ...]
    together: str
    others: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """``total`` of the offers found, ``all`` that are listed; ``model`` None: only words are compared. ``ratings`` by supplier."""

    hits: tuple[Hit, ...]
    ratings: Mapping[int, Rating]
    facets: tuple[Facet, ...]
    asked: Asked
    total: int
    all: int
    pages: int
    sorts: tuple[tuple[str, Phrase], ...]
    chosen: tuple[tuple[str, Phrase | Words], ...]
    nothing: Nothing | None
    read: Read | None
    model: str | None
    behind: int
    signed_in: bool


FACETS: Final[Sequence[faceting.Rule]] = (
    ("kind", N_("What is offered"), words.KINDS, lambda card: (card.kind,)),
    ("sector", N_("Sector"), SECTORS, lambda card: (card.sector,)),
    ("modality", N_("Kind of data"), MODALITIES, lambda card: card.modalities),
    (
        "grade",
        N_("Grade"),
        {**{name: name for name in _BEST_FIRST}, UNMEASURED: N_("Not measured yet")},
        lambda card: (card.grade.value if card.grade else UNMEASURED,),
    ),
    ("use", N_("Permitted uses"), words.ACTIONS, lambda card: card.actions),
    ("delivery", N_("Delivery"), words.DELIVERIES, lambda card: card.deliveries),
    ("price", N_("Price"), words.PRICES, lambda card: (card.price,)),
    ("region", N_("Geography"), REGIONS, lambda card: card.places),
    ("licence", N_("Licence"), {name: name for name in LICENCES}, lambda card: (card.licence,)),
    ("security", N_("Security class"), words.SECURITIES, lambda card: (card.security,)),
)
KEPT: Final = ("q", *(key for key, *_ in FACETS))
"""The parts of a search that are saved with it."""


def search(work: Work, actor: Actor, asked: Asked) -> SearchPage:
    """The offers that are asked for, a page of them. Raises Malformed for words that no facet knows."""
    actor.demand("exchange.read")
    known(asked)
    shelf = index.current(work)
    within = found(shelf, asked.q)
    hits = sorted((hit for hit in within if faceting.passes(FACETS, hit.card, asked)), key=_order(asked))
    start = (asked.number - 1) * PAGE_SIZE
    cards = [hit.card for hit in within]
    shown = tuple(hits[start : start + PAGE_SIZE])
    return SearchPage(
        hits=shown,
        ratings=listings.ratings(work, {hit.card.organization_id for hit in shown}),
        facets=faceting.facets(FACETS, cards, asked),
        asked=asked,
        total=len(hits),
        all=len(shelf.entries),
        pages=max(1, -(-len(hits) // PAGE_SIZE)),
        sorts=tuple((key, Phrase(label)) for key, label in SORTS.items() if key != "relevance" or asked.q),
        chosen=tuple(faceting.chips(FACETS, asked)),
        nothing=None if hits or not shelf.entries else _nothing(shelf, cards, asked),
        read=read(asked, runs.day_of(work)),
        model=shelf.model,
        behind=shelf.behind,
        signed_in=actor.person_id is not None,
    )


def known(asked: Asked) -> None:
    """Raises Malformed for a word that no facet knows: it is said, not ignored."""
    for key, _, names, _ in FACETS:
        value = getattr(asked, key)
        if value and value not in names:
            message = N_("There is no {key} “{value}”; there are: {known}.")
            raise Malformed("exchange.facet", message, key=key, value=value[:60], known=", ".join(names))
    if asked.sort not in SORTS:
        message = N_("The list cannot be sorted by “{value}”; it can be by: {known}.")
        raise Malformed("exchange.sort", message, value=asked.sort[:60], known=", ".join(SORTS))


def found(shelf: Shelf, q: str, *, among: Collection[str] | None = None, least: float = GOOD) -> list[Hit]:
    """Every offer (or those with these keys) that the words find; without words all of them, in no order."""
    if not q:
        keys = shelf.entries if among is None else [key for key in among if key in shelf.entries]
        return [Hit(shelf.entries[key].card, None) for key in keys]
    ranked = shelf.index.search(q, among=among, top=max(1, len(shelf.entries)))
    return [
        Hit(shelf.entries[one.key].card, one.relevance)
        for one in ranked
        if one.key in shelf.entries and one.relevance >= least
    ]


def passing(shelf: Shelf, asked: Asked, among: Collection[str]) -> list[Hit]:
    """Those of these offers that a saved search asks for, the best first."""
    hits = (hit for hit in found(shelf, asked.q, among=among) if faceting.passes(FACETS, hit.card, asked))
    return sorted(hits, key=_order(asked))


def _order(asked: Asked) -> Callable[[Hit], tuple[Any, ...]]:
    """Equal ones by their key, so that pages do not depend on chance."""
    if asked.sort == "quality":
        return lambda hit: (*hit.card.by_quality, hit.card.key)
    if asked.sort == "freshness" or not asked.q:
        return lambda hit: (*hit.card.by_freshness, hit.card.key)
    return lambda hit: (-(hit.relevance or 0.0), hit.card.key)


def _nothing(shelf: Shelf, cards: Sequence[Card], asked: Asked) -> Nothing:
    drops = []
    for key, label in faceting.chips(FACETS, asked):
        less = Asked.of({**asked.kept, key: ""})
        within = [hit.card for hit in found(shelf, less.q)] if key == "q" else cards
        count = sum(faceting.passes(FACETS, card, less) for card in within)
        if count:
            drops.append(Way(label, less.path(), count))
    weak = found(shelf, asked.q, least=0.0)[:NEAREST] if asked.q and not cards else []
    return Nothing(
        dropping=tuple(sorted(drops, key=lambda way: -way.count)),
        words=tuple(_other_words(shelf, asked)) if asked.q and not cards else (),
        nearest=tuple(weak),
    )


def _other_words(shelf: Shelf, asked: Asked) -> list[Way]:
    """Words of titles that are written nearly alike, each with what it would find."""
    vocabulary = sorted(
        {
            word
            for entry in shelf.entries.values()
            for title in (entry.card.title.en, entry.card.title.zh)
            for word in _words(title)
        }
    )
    close = [
        near
        for word in list(dict.fromkeys(_words(asked.q)))[:MOST_RESPELT]
        for near in get_close_matches(word, vocabulary, n=2, cutoff=0.6)
        if near != word
    ]
    ways = []
    for word in dict.fromkeys(close):
        count = sum(faceting.passes(FACETS, hit.card, asked) for hit in found(shelf, word))
        if count:
            ways.append(Way(Words(word, word), asked.path(q=word), count))
    return ways[:5]


def _words(text: str) -> list[str]:
    """Pieces between spaces and signs, in one writing; single letters say nothing."""
    plain = "".join(sign if sign.isalnum() else " " for sign in faceting.plain(text))
    return [word for word in plain.split() if len(word) > 1]


_FILTERED: Final[Mapping[str, str]] = {
    "understood.kind": "kind",
    "understood.sector": "sector",
    "understood.modality": "modality",
    "understood.region": "region",
    "understood.delivery": "delivery",
    "understood.usage": "use",
}
_HELD: Final[Mapping[str, str]] = {
    "understood.language": N_("languages"),
    "understood.task": N_("task"),
    "understood.size": N_("volume"),
    "understood.floor": N_("quality floor"),
    "understood.budget": N_("budget"),
    "understood.deadline": N_("deadline"),
    "understood.period": N_("period"),
    "understood.certificate": N_("certificate"),
    "understood.personal": N_("personal data"),
    "understood.exclusive": N_("exclusivity"),
    "understood.border": N_("crossing of borders"),
    "understood.purpose": N_("purpose"),
}


def read(asked: Asked, today: date) -> Read | None:
    """What the words name beside words; None where they name nothing that is not chosen already."""
    if not asked.q:
        return None
    understood = understand(asked.q, language_of(asked.q), today=today)
    filters: dict[str, str] = {}
    others = []
    for piece in understood.pieces:
        key = _FILTERED.get(piece.what)
        if key is not None:
            if isinstance(piece.value, str) and not getattr(asked, key) and _in_facet(key, piece.value):
                filters.setdefault(key, piece.value)
        elif piece.what in _HELD:
            shown = Words(piece.text, piece.text)
            others.append(Phrase(N_("{what}: “{text}”"), {"what": Phrase(_HELD[piece.what]), "text": shown}))
    if not filters and not others:
        return None
    ways = tuple(Way(named(value), asked.path(**{key: value}), 0) for key, value in filters.items())
    return Read(ways, asked.path(**filters), tuple(others))


def _in_facet(key: str, value: str) -> bool:
    return any(value in names for facet, _, names, _ in FACETS if facet == key)


def table(page: SearchPage, locale: str) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """The list as a header and rows for CSV."""
    names = (
        "key", "title", "supplier", "kind", "sector", "modality", "grade", "grade_low", "grade_high", "delivery", "price", "low",
        "high", "currency", "region", "use", "licence", "security", "updated", "listed_at", "relevance",
    )  # fmt: skip
    return names, [
        (
            card.key, card.title.said(locale), card.organization, card.kind, card.sector, " ".join(card.modalities),
            card.grade.value if card.grade else None, card.grade.low if card.grade else None,
            card.grade.high if card.grade else None, " ".join(card.deliveries), card.price, card.low, card.high, card.currency,
            " ".join(card.regions), " ".join(card.actions), card.licence, card.security, card.updated, card.listed_at,
            hit.relevance,
        )
        for hit in page.hits
        for card in (hit.card,)
    ]  # fmt: skip
