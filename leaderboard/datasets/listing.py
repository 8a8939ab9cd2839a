"""The catalogue: search, facets, order, pages; and beside it what the viewer may edit.

All published cards are read as a few columns and sifted here, as the list of challenges is: they are hundreds or a few thousand, and
counting every facet under the other choices, in two languages without regard to case, is plain this way on both databases.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlmodel import col

from challenges.facets import MODALITIES, SECTORS
from challenges.licences import LICENCES
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.core.errors import Malformed
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.datasets import service
from leaderboard.datasets.models import Dataset, DatasetState, DatasetVersion
from leaderboard.entries.models import Team, TeamMember
from leaderboard.seasons import faceting
from leaderboard.seasons.faceting import Facet
from leaderboard.seasons.signals import Phrase, Words
from scoring.quality.rubric import GRADES

PAGE_SIZE: Final = 30
SORTS: Final[Mapping[str, str]] = {"newest": N_("newest"), "grade": N_("best grade")}
UNMEASURED: Final = "none"
OWN: Final = "own"
"""In place of a licence: the owner's own terms."""
_NAMES: Final = (*(name for name, _, _ in GRADES), "C")
GRADE_LABELS: Final[Mapping[str, str]] = {**{name: name for name in _NAMES}, UNMEASURED: N_("Not measured yet")}


@dataclass(frozen=True)
class Asked:
    """What the address asks for; empty texts ask for everything."""

    q: str = ""
    sector: str = ""
    modality: str = ""
    licence: str = ""
    grade: str = ""
    sort: str = "newest"
    number: int = 1


@dataclass(frozen=True)
class Card:
    """One dataset in a list, with what was measured of its newest version."""

    slug: str
    state: DatasetState
    title: Words
    summary: Words
    owner: str
    sector: str
    modalities: tuple[str, ...]
    licence: str
    version: int
    rows: int | None
    size: int | None
    grade: str | None
    composite: float | None
    low: float | None
    high: float | None
    created_at: datetime
    published_at: datetime | None

    @property
    def tags(self) -> tuple[Phrase, ...]:
        names = (SECTORS.get(self.sector), *(MODALITIES.get(key) for key in self.modalities))
        return tuple(Phrase(name) for name in names if name)


@dataclass(frozen=True)
class CatalogPage:
    """``total`` of the cards found; ``all`` that are published; ``mine``: those of the viewer's teams and organizations, in every state."""

    cards: tuple[Card, ...]
    facets: tuple[Facet, ...]
    asked: Asked
    total: int
    all: int
    pages: int
    sorts: tuple[tuple[str, Phrase], ...]
    chosen: tuple[tuple[str, Phrase | Words], ...]
    mine: tuple[Card, ...]
    signed_in: bool


def _same(words: Sequence[str]) -> Mapping[str, str]:
    return {word: word for word in words}


_FACETS: Final[Sequence[faceting.Rule]] = (
    ("grade", N_("Grade"), GRADE_LABELS, lambda card: (card.grade or UNMEASURED,)),
    ("sector", N_("Sector"), SECTORS, lambda card: (card.sector,)),
    ("modality", N_("Kind of data"), MODALITIES, lambda card: card.modalities),
    (
        "licence",
        N_("Licence"),
        {**_same(LICENCES), OWN: N_("The owner's own terms")},
        lambda card: (card.licence or OWN,),
    ),
)


def catalogue(work: Work, actor: Actor, asked: Asked) -> CatalogPage:
    """The published cards that are asked for, a page of them. Raises Malformed for words that no facet knows."""
    actor.demand("dataset.read")
    _known(asked)
    cards = published(work)
    within = [card for card in cards if faceting.matches(asked.q, *_texts(card))]
    found = sorted((card for card in within if faceting.passes(_FACETS, card, asked)), key=_order(asked.sort))
    start = (asked.number - 1) * PAGE_SIZE
    return CatalogPage(
        cards=tuple(found[start : start + PAGE_SIZE]),
        facets=faceting.facets(_FACETS, within, asked),
        asked=asked,
        total=len(found),
        all=len(cards),
        pages=max(1, -(-len(found) // PAGE_SIZE)),
        sorts=tuple((key, Phrase(label)) for key, label in SORTS.items()),
        chosen=tuple(faceting.chips(_FACETS, asked)),
        mine=tuple(of_groups(work, actor)),
        signed_in=actor.person_id is not None,
    )


def published(work: Work) -> list[Card]:
    """Every card that everybody may see, in no order."""
    return _cards(work, _NEWEST.where(col(Dataset.state) == "published"))


def of_actor(work: Work, actor: Actor) -> list[Card]:
    """The cards that the actor may edit, of teams they lead and organizations they belong to, in every state, the latest first."""
    return _owned_by(work, actor, select(col(Team.id)).where(col(Team.captain_id) == actor.person_id))


def of_groups(work: Work, actor: Actor) -> list[Card]:
    """The cards of all teams and organizations that the actor belongs to, in every state, the latest first."""
    return _owned_by(work, actor, select(col(TeamMember.team_id)).where(col(TeamMember.person_id) == actor.person_id))


def _owned_by(work: Work, actor: Actor, teams: Any) -> list[Card]:
    if actor.person_id is None:
        return []
    whose = or_(col(Dataset.team_id).in_(teams), col(Dataset.organization_id).in_(actor.organization_ids))
    return _cards(work, _NEWEST.where(whose).order_by(col(Dataset.id).desc()))


_LATER: Final = (
    select(func.max(DatasetVersion.number))
    .where(col(DatasetVersion.dataset_id) == col(Dataset.id), service.COUNTS)
    .correlate(Dataset)
    .scalar_subquery()
)
_NEWEST: Final[Any] = (
    select(Dataset, DatasetVersion, col(Team.name), col(Organization.name))
    .join(DatasetVersion, col(DatasetVersion.dataset_id) == col(Dataset.id))
    .outerjoin(Team, col(Team.id) == col(Dataset.team_id))
    .outerjoin(Organization, col(Organization.id) == col(Dataset.organization_id))
    .where(col(DatasetVersion.number) == _LATER)
)


def _cards(work: Work, query: Any) -> list[Card]:
    return [_card(*row) for row in work.session.execute(query)]


def _card(dataset: Dataset, newest: DatasetVersion, team: str | None, organization: str | None) -> Card:
    return Card(
        slug=dataset.slug,
        state=dataset.state,
        title=Words(dataset.title_en, dataset.title_zh),
        summary=Words(dataset.summary_en, dataset.summary_zh),
        owner=team or organization or "–",
        sector=dataset.sector,
        modalities=tuple(dataset.modalities),
        licence=dataset.licence,
        version=newest.number,
        rows=newest.rows,
        size=newest.size,
        grade=newest.grade,
        composite=newest.composite,
        low=newest.low,
        high=newest.high,
        created_at=dataset.created_at,
        published_at=dataset.published_at,
    )


def _known(asked: Asked) -> None:
    """A word that means nothing is said, not ignored."""
    for key, _, words, _ in _FACETS:
        value = getattr(asked, key)
        if value and value not in words:
            message = N_("There is no {key} “{value}”; there are: {known}.")
            raise Malformed("datasets.facet", message, key=key, value=value[:60], known=", ".join(words))
    if asked.sort not in SORTS:
        message = N_("The list cannot be sorted by “{value}”; it can be by: {known}.")
        raise Malformed("datasets.sort", message, value=asked.sort[:60], known=", ".join(SORTS))


def _texts(card: Card) -> tuple[str, ...]:
    return card.title.en, card.title.zh, card.summary.en, card.summary.zh


def _order(sort: str) -> Callable[[Card], tuple[object, ...]]:
    """The newest first; by grade the best first, within one by the lower bound, and what was not measured at the end."""

    def newest(card: Card) -> tuple[object, ...]:
        return (-(card.published_at or card.created_at).timestamp(), card.slug)

    def best(card: Card) -> tuple[object, ...]:
        place = _NAMES.index(card.grade) if card.grade in _NAMES else len(_NAMES)
        return (place, -(card.low or 0.0), *newest(card))

    return best if sort == "grade" else newest


def table(page: CatalogPage, locale: str) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """The list as a header and rows for CSV."""
    names = (
        "slug", "title", "owner", "sector", "modality", "licence", "version", "rows", "bytes", "grade", "composite", "low", "high",
        "published_at",
    )  # fmt: skip
    return names, [
        (
            card.slug, card.title.said(locale), card.owner, card.sector, " ".join(card.modalities), card.licence, card.version,
            card.rows, card.size, card.grade, card.composite, card.low, card.high, card.published_at,
        )
        for card in page.cards
    ]  # fmt: skip
