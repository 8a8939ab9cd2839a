"""One box over everything that is offered: words in both languages, facets, and an honest answer where nothing is good enough.

A text is compared with every offer, whatever its language (see `leaderboard.exchange.relevance`); what reaches `GOOD` is shown.
A need that somebody types as a sentence is read by the rules of `terms.understanding`: what it names is offered as filters.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Final
from urllib.parse import urlencode

from sqlalchemy import select
from sqlmodel import col

from challenges.facets import MODALITIES, SECTORS
from challenges.licences import LICENCES
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.core.errors import Malformed
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.listings.signals import Rating
from leaderboard.exchange.matches import index, runs, sifting
from leaderboard.exchange.matches.cards import UNMEASURED, Card
from leaderboard.exchange.matches.index import Shelf
from leaderboard.exchange.matches.sentences import named
from leaderboard.exchange.matches.sifting import Table
from leaderboard.exchange.relevance import language_of
from leaderboard.seasons import faceting
from leaderboard.seasons.faceting import Choice, Facet
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
MOST_WORDS: Final = 5
MOST_SUPPLIERS: Final = 12
"""In the facet: those with most offers."""
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
    supplier: str = ""
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
    nearest: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Read:
    """What was understood of the words: filters that can be added, all of them at once, and what only a demand can hold."""

    filters: tuple[Way, ...]
    together: str
    others: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """``total`` of the offers found, ``all`` that are listed; ``model`` None: only words are compared. ``ratings`` by supplier's id;
    ``more_suppliers``: with offers among them, whom the facet does not name.
    """

    hits: tuple[Hit, ...]
    ratings: Mapping[int, Rating]
    facets: tuple[Facet, ...]
    more_suppliers: int
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
SUPPLIER: Final[faceting.Rule] = ("supplier", N_("Supplier"), {}, lambda card: (card.supplier,))
"""By their addresses; whose these are only the database knows."""
RULES: Final = (*FACETS, SUPPLIER)
KEPT: Final = ("q", *(key for key, *_ in RULES))
"""The parts of a search that are saved with it."""
_KEEPER: Final = sifting.Keeper(RULES)


def search(work: Work, actor: Actor, asked: Asked) -> SearchPage:
    """The offers that are asked for, a page of them. Raises Malformed for words that no facet knows."""
    actor.demand("exchange.read")
    chosen = known(work, asked)
    shelf = index.current(work)
    table = _KEEPER.table(shelf.entries)
    relevance = _relevance(shelf, asked.q)
    within = table.all if relevance is None else table.of(relevance)
    passed = within & table.chosen(asked)
    total = passed.bit_count()
    shown = _shown(table, passed, relevance, asked)
    return SearchPage(
        hits=shown,
        ratings=listings.ratings(work, {hit.card.organization_id for hit in shown}),
        facets=(*_facets(table, within, asked), suppliers := _suppliers(table, within, asked)),
        more_suppliers=len(table.counts(within, asked, "supplier")) - sum(one.count > 0 for one in suppliers.choices),
        asked=asked,
        total=total,
        all=len(shelf.entries),
        pages=max(1, -(-total // PAGE_SIZE)),
        sorts=tuple((key, Phrase(label)) for key, label in SORTS.items() if key != "relevance" or asked.q),
        chosen=chosen,
        nothing=None if total or not shelf.entries else _nothing(shelf, table, within, asked, chosen),
        read=read(asked, runs.day_of(work)),
        model=shelf.model,
        behind=shelf.behind,
        signed_in=actor.person_id is not None,
    )


def known(work: Work, asked: Asked) -> tuple[tuple[str, Phrase | Words], ...]:
    """What is chosen, in words. Raises Malformed for a word that no facet knows: it is said, not ignored."""
    for key, _, names, _ in FACETS:
        value = getattr(asked, key)
        if value and value not in names:
            message = N_("There is no {key} “{value}”; there are: {known}.")
            raise Malformed("exchange.facet", message, key=key, value=value[:60], known=", ".join(names))
    if asked.sort not in SORTS:
        message = N_("The list cannot be sorted by “{value}”; it can be by: {known}.")
        raise Malformed("exchange.sort", message, value=asked.sort[:60], known=", ".join(SORTS))
    chips = faceting.chips(FACETS, asked)
    if asked.supplier:
        name = work.session.scalar(select(col(Organization.name)).where(col(Organization.slug) == asked.supplier))
        if name is None:
            message = N_("There is no organization with the address “{slug}”")
            raise Malformed("exchange.supplier", message, slug=asked.supplier[:60])
        chips.append(("supplier", Words(name, name)))
    return tuple(chips)


def _relevance(shelf: Shelf, q: str) -> dict[str, float] | None:
    """By key, of every offer that the words find, the best first; None: there are no words."""
    if not q:
        return None
    ranked = shelf.index.search(q, top=max(1, len(shelf.entries)), least=GOOD)
    return {one.key: one.relevance for one in ranked if one.key in shelf.entries}


def _shown(table: Table, passed: int, relevance: Mapping[str, float] | None, asked: Asked) -> tuple[Hit, ...]:
    """The page of what has passed, in the order that is asked for; equal ones by their key."""
    start, stop = (asked.number - 1) * PAGE_SIZE, asked.number * PAGE_SIZE
    if asked.sort == "relevance" and relevance is not None:
        ranked = (key for key in relevance if passed >> table.rows[key] & 1)
        return tuple(Hit(table.entries[key].card, relevance[key]) for key in islice(ranked, start, stop))
    order = "quality" if asked.sort == "quality" else "freshness"
    found = table.some(passed, order, start, stop)
    return tuple(Hit(card, None if relevance is None else relevance[card.key]) for card in found)


def _facets(table: Table, within: int, asked: Asked) -> Iterator[Facet]:
    """Each facet with its counts under all the other choices: what a click would show."""
    for key, title, names, _ in FACETS:
        counts, chosen = table.counts(within, asked, key), getattr(asked, key)
        choices = (
            Choice(value, Phrase(label), counts.get(value, 0), value == chosen)
            for value, label in names.items()
            if value in counts or value == chosen
        )
        yield Facet(key, Phrase(title), tuple(choices))


def _suppliers(table: Table, within: int, asked: Asked) -> Facet:
    """The suppliers with most offers under all other choices, and the one that is chosen."""
    key, title, _, _ = SUPPLIER
    counts, having = table.counts(within, asked, key), table.having[key]
    most = sorted(counts, key=lambda slug: (-counts[slug], slug))[:MOST_SUPPLIERS]
    shown = [*most, *({asked.supplier} & having.keys() - set(most))]
    names = {slug: table.one(having[slug]).organization for slug in shown}
    choices = (
        Choice(slug, Words(name, name), counts.get(slug, 0), slug == asked.supplier) for slug, name in names.items()
    )
    return Facet(key, Phrase(title), tuple(choices))


def passing(shelf: Shelf, asked: Asked, among: Collection[str]) -> list[Card]:
    """Those of these offers that a saved search asks for, the most relevant first, without words the freshest."""
    keys = [key for key in among if key in shelf.entries]
    if asked.q:
        keys = [one.key for one in shelf.index.search(asked.q, among=keys, top=max(1, len(keys)), least=GOOD)]
    found = (shelf.entries[key].card for key in keys)
    passed = [card for card in found if faceting.passes(RULES, card, asked)]
    return passed if asked.q else sorted(passed, key=sifting.ORDERS["freshness"])


def _nothing(
    shelf: Shelf, table: Table, within: int, asked: Asked, chosen: Sequence[tuple[str, Phrase | Words]]
) -> Nothing:
    drops = []
    for key, label in chosen:
        less = Asked.of({**asked.kept, key: ""})
        count = ((table.all if key == "q" else within) & table.chosen(less)).bit_count()
        if count:
            drops.append(Way(label, less.path(), count))
    unheard = asked.q if not within else ""
    nearest = [one.key for one in shelf.index.search(unheard, top=NEAREST) if one.key in shelf.entries]
    return Nothing(
        dropping=tuple(sorted(drops, key=lambda way: -way.count)),
        words=tuple(islice(_other_words(shelf, table, asked), MOST_WORDS)) if unheard else (),
        nearest=tuple(shelf.entries[key].card for key in nearest),
    )


def _other_words(shelf: Shelf, table: Table, asked: Asked) -> Iterator[Way]:
    """Words of titles that are written nearly alike, each with what it would find."""
    words = list(dict.fromkeys(sifting.words_of(asked.q)))[:MOST_RESPELT]
    for near in dict.fromkeys(near for word in words for near in table.alike(word)):
        count = (table.of(_relevance(shelf, near) or ()) & table.chosen(asked)).bit_count()
        if count:
            yield Way(Words(near, near), asked.path(q=near), count)


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
        "high", "currency", "region", "use", "licence", "security", "updated", "listed_at", "relevance", "organization",
        "rating", "ratings",
    )  # fmt: skip
    return names, [
        (
            card.key, card.title.said(locale), card.organization, card.kind, card.sector, " ".join(card.modalities),
            card.grade.value if card.grade else None, card.grade.low if card.grade else None,
            card.grade.high if card.grade else None, " ".join(card.deliveries), card.price, card.low, card.high, card.currency,
            " ".join(card.regions), " ".join(card.actions), card.licence, card.security, card.updated, card.listed_at,
            hit.relevance, card.supplier, round(rating.value, 2) if rating else None, rating.count if rating else 0,
        )
        for hit in page.hits
        for card, rating in ((hit.card, page.ratings.get(hit.card.organization_id)),)
    ]  # fmt: skip
