"""The public list of demands: of everything that is open, what this viewer may see; search, facets, pages.

A demand of which the viewer sees the card only is found by its card only, stands behind the others in an order that tells nothing,
and counts of what is not public are rounded up to fives.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlmodel import col

from challenges.facets import MODALITIES, SECTORS
from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import Malformed
from leaderboard.core.i18n import LOCALES, N_, translate
from leaderboard.core.work import Work
from leaderboard.exchange.demands import service, showing
from leaderboard.exchange.demands.facts import said
from leaderboard.exchange.demands.models import DemandRow, Tier
from leaderboard.exchange.demands.showing import Seen
from leaderboard.exchange.demands.states import ACTIVE, STATES
from leaderboard.seasons import faceting
from leaderboard.seasons.faceting import Choice, Facet
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.terms.words import KINDS

PAGE_SIZE: Final = 30
ROUNDED_TO: Final = 5


@dataclass(frozen=True)
class Asked:
    """What the address asks for; empty texts ask for everything."""

    q: str = ""
    sector: str = ""
    modality: str = ""
    kind: str = ""
    number: int = 1


@dataclass(frozen=True)
class ListPage:
    """``total`` of what was found and ``all`` that the viewer may see: exact for public demands, the others rounded up to fives.

    ``reviews`` and ``organizes``: the reader has a desk of the operator, of an organizer.
    """

    items: tuple[Seen, ...]
    facets: tuple[Facet, ...]
    asked: Asked
    total: int
    all: int
    rounded: bool
    pages: int
    chosen: tuple[tuple[str, Phrase | Words], ...]
    signed_in: bool
    reviews: bool
    organizes: bool

    @property
    def shown(self) -> list[tuple[str, Tier]]:
        """Key and tier of each, for the log."""
        return [(item.key, item.tier) for item in self.items]


_FACETS: Final[Sequence[faceting.Rule]] = (
    ("sector", N_("Sector"), SECTORS, lambda item: item.sectors),
    ("modality", N_("Kind of data"), MODALITIES, lambda item: item.modalities),
    ("kind", N_("What is wanted"), KINDS, lambda item: (item.kind,) if item.kind else ()),
)


def listed(work: Work, actor: Actor, asked: Asked) -> ListPage:
    """What is open to this viewer and fits, a page of it. Raises Malformed for words that no facet knows."""
    actor.demand("exchange.read")
    _known(asked)
    known = visible(work, actor)
    within = [item for item in known if faceting.matches(asked.q, *_texts(item))]
    found = sorted((item for item in within if faceting.passes(_FACETS, item, asked)), key=_order)
    start = (asked.number - 1) * PAGE_SIZE
    return ListPage(
        items=tuple(found[start : start + PAGE_SIZE]),
        facets=_facets(within, asked),
        asked=asked,
        total=_count(found),
        all=_count(known),
        rounded=not all(map(_is_public, found)),
        pages=max(1, -(-len(found) // PAGE_SIZE)),
        chosen=tuple(faceting.chips(_FACETS, asked)),
        signed_in=actor.person_id is not None,
        reviews="operator" in actor.relations(),
        organizes="host" in actor.relations(),
    )


def visible(work: Work, actor: Actor) -> list[Seen]:
    """Every open demand as the actor may see it, in no order."""
    rows = service.rows_of(work, col(DemandRow.state).in_(ACTIVE))
    tiers = service.tiers(work, actor, [row for row, _, _ in rows])
    return [
        showing.in_full(need, row, version, ours=service.is_ours(actor, row))
        if tier == "full"
        else showing.as_card(row.key, service.card_of(need.document))
        for (row, version, need), tier in zip(rows, tiers, strict=True)
        if tier != "none"
    ]


def _is_public(item: Seen) -> bool:
    return item.visibility == "public"


def _count(items: Sequence[Seen]) -> int:
    public = sum(map(_is_public, items))
    return public + rounded(len(items) - public)


def rounded(count: int) -> int:
    """Up to the next five.

    >>> [rounded(count) for count in (0, 1, 5, 6)]
    [0, 5, 5, 10]
    """
    return -(-count // ROUNDED_TO) * ROUNDED_TO


def _facets(items: Sequence[Seen], asked: Asked) -> tuple[Facet, ...]:
    public = faceting.facets(_FACETS, [item for item in items if _is_public(item)], asked)
    hidden = faceting.facets(_FACETS, [item for item in items if not _is_public(item)], asked)
    return tuple(_joined(one, other) for one, other in zip(public, hidden, strict=True))


def _joined(public: Facet, hidden: Facet) -> Facet:
    words = next(words for key, _, words, _ in _FACETS if key == public.key)
    known: dict[str, list[Choice]] = {}
    for choice in (*public.choices, *(replace(one, count=rounded(one.count)) for one in hidden.choices)):
        known.setdefault(choice.value, []).append(choice)
    return replace(
        public,
        choices=tuple(
            replace(known[value][0], count=sum(one.count for one in known[value])) for value in words if value in known
        ),
    )


def _order(item: Seen) -> tuple[bool, float, str, str]:
    """Those in full first, the newest first; cards after them by what they say, then by their keys, which are drawn by lot."""
    opened = item.opened_at.timestamp() if item.opened_at else 0.0
    return (item.tier == "card", -opened, item.card.fingerprint if item.card else "", item.key)


def _texts(item: Seen) -> list[str]:
    names = [SECTORS[key] for key in item.sectors] + [MODALITIES[key] for key in item.modalities]
    texts = [translate(locale, name) for name in names for locale in LOCALES]
    for words in (item.title, item.text):
        texts += [words.en, words.zh] if words else []
    return [*texts, item.organization]


def _known(asked: Asked) -> None:
    """A word that means nothing is said, not ignored."""
    for key, _, words, _ in _FACETS:
        value = getattr(asked, key)
        if value and value not in words:
            raise Malformed(
                "demands.filter",
                N_("There is no {key} “{value}”; there are: {known}."),
                key=key,
                value=value,
                known=", ".join(words),
            )


HEADER: Final = (
    "key", "tier", "title", "organization", "visibility", "state", "kind", "sectors", "modalities", "deadline", "facts", "opened_at",
)  # fmt: skip


def table(page: ListPage, locale: str) -> tuple[Sequence[str], list[Sequence[object]]]:
    """The page as a table: header and rows."""
    return HEADER, [
        (
            item.key,
            item.tier,
            item.title.said(locale) if item.title else None,
            item.organization,
            item.visibility,
            item.state,
            item.kind,
            " ".join(item.sectors),
            " ".join(item.modalities),
            item.deadline,
            "; ".join(f"{said(fact.label, locale)}: {said(fact.value, locale)}" for fact in item.facts),
            item.opened_at,
        )
        for item in page.items
    ]


def mine(work: Work, actor: Actor) -> tuple[tuple[str, Words, str, Phrase, int], ...]:
    """The demands of the actor's organizations in every state, the latest first: key, title, organization, state, version."""
    rows = service.rows_of(work, col(DemandRow.organization_id).in_(actor.organization_ids))
    return tuple(
        (row.key, need.title, need.organization, Phrase(STATES[row.state]), row.version)
        for row, _, need in reversed(rows)
    )
