"""The public list of demands: of everything that is open, what this viewer may see; search, facets, pages.

A demand of which the viewer sees the card only is found by its card only, stands behind the others in an order that tells nothing,
and counts of what is not public are rounded up to fives.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import col

from challenges.facets import MODALITIES, SECTORS
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.core.errors import Malformed
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.demands import service, showing
from leaderboard.exchange.demands.facts import said
from leaderboard.exchange.demands.models import DemandRow, DemandVersion, Tier
from leaderboard.exchange.demands.showing import Seen
from leaderboard.exchange.demands.states import ACTIVE, DemandState
from leaderboard.exchange.demands.told import told
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


@dataclass(frozen=True, slots=True)
class Line:
    """An open demand as the viewer may see it, as far as it is sifted and ordered by that; ``said``: its words in one writing."""

    id: int
    key: str
    tier: Tier
    public: bool
    sectors: tuple[str, ...]
    modalities: tuple[str, ...]
    kind: str
    said: str
    opened: float
    card: str


def listed(work: Work, actor: Actor, asked: Asked) -> ListPage:
    """What is open to this viewer and fits, a page of it. Raises Malformed for words that no facet knows."""
    actor.demand("exchange.read")
    _known(asked)
    known, words = visible(work, actor), faceting.plain(asked.q).split()
    within = [line for line in known if all(word in line.said for word in words)]
    found = sorted((line for line in within if faceting.passes(_FACETS, line, asked)), key=_order)
    start = (asked.number - 1) * PAGE_SIZE
    return ListPage(
        items=_in_words(work, actor, found[start : start + PAGE_SIZE]),
        facets=_facets(within, asked),
        asked=asked,
        total=_count(found),
        all=_count(known),
        rounded=not all(line.public for line in found),
        pages=max(1, -(-len(found) // PAGE_SIZE)),
        chosen=tuple(faceting.chips(_FACETS, asked)),
        signed_in=actor.person_id is not None,
        reviews="operator" in actor.relations(),
        organizes="host" in actor.relations(),
    )


def visible(work: Work, actor: Actor) -> list[Line]:
    """Every open demand as the actor may see it, in no order."""
    open_ones = list(work.session.execute(_OPEN))
    tiers = service.tiers(work, actor, open_ones)
    says = told(work, {row.version_id: row.sha256 for row in open_ones})
    return [
        Line(
            id=row.id,
            key=row.key,
            tier=tier,
            public=row.visibility == "public" and tier == "full",
            sectors=one.card.sectors,
            modalities=one.card.modalities,
            kind=one.kind if tier == "full" else "",
            said=f"{one.in_full} {faceting.plain(row.organization)}" if tier == "full" else one.on_card,
            opened=row.opened_at.timestamp() if row.opened_at and tier == "full" else 0.0,
            card=row.card if tier == "card" else "",
        )
        for row, tier in zip(open_ones, tiers, strict=True)
        if tier != "none" and (one := says[row.sha256])
    ]


_OPEN: Final[Any] = (
    select(
        col(DemandRow.id), col(DemandRow.key), col(DemandRow.organization_id), col(DemandRow.state), col(DemandRow.visibility),
        col(DemandRow.card), col(DemandRow.opened_at), col(DemandVersion.id).label("version_id"), col(DemandVersion.sha256),
        col(Organization.name).label("organization"),
    )
    .join(DemandVersion, col(DemandVersion.demand_id) == col(DemandRow.id))
    .join(Organization, col(Organization.id) == col(DemandRow.organization_id))
    .where(col(DemandVersion.number) == col(DemandRow.version), col(DemandRow.state).in_(ACTIVE))
)  # fmt: skip


def _in_words(work: Work, actor: Actor, lines: Sequence[Line]) -> tuple[Seen, ...]:
    """These demands written out, in this order."""
    here = service.rows_of(work, col(DemandRow.id).in_([line.id for line in lines]))
    rows = {row.id: (row, version, need) for row, version, need in here}
    found = []
    for line in lines:
        row, version, need = rows[line.id]
        if line.tier == "full":
            found.append(showing.in_full(need, row, version, ours=service.is_ours(actor, row)))
        else:
            found.append(showing.as_card(row.key, service.card_of(need.document)))
    return tuple(found)


def _count(lines: Sequence[Line]) -> int:
    public = sum(line.public for line in lines)
    return public + rounded(len(lines) - public)


def rounded(count: int) -> int:
    """Up to the next five.

    >>> [rounded(count) for count in (0, 1, 5, 6)]
    [0, 5, 5, 10]
    """
    return -(-count // ROUNDED_TO) * ROUNDED_TO


def _facets(lines: Sequence[Line], asked: Asked) -> tuple[Facet, ...]:
    public = faceting.facets(_FACETS, [line for line in lines if line.public], asked)
    hidden = faceting.facets(_FACETS, [line for line in lines if not line.public], asked)
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


def _order(line: Line) -> tuple[bool, float, str, str]:
    """Those in full first, the newest first; cards after them by what they say, then by their keys, which are drawn by lot."""
    return (line.tier == "card", -line.opened, line.card, line.key)


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


def mine(work: Work, actor: Actor) -> tuple[tuple[str, Words, str, DemandState, int], ...]:
    """The demands of the actor's organizations in every state, the latest first: key, title, organization, state, version."""
    rows = service.rows_of(work, col(DemandRow.organization_id).in_(actor.organization_ids))
    return tuple((row.key, need.title, need.organization, row.state, row.version) for row, _, need in reversed(rows))
