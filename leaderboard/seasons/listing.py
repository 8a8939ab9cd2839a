"""The list of challenges: search, facets, order, pages; and the same by season.

All posted challenges are read as a few columns and sifted here: they are hundreds, not millions, and counting every facet
under the other choices, in two languages without regard to case, is plain this way on both databases.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlmodel import col, select

from challenges.facets import MODALITIES, SECTORS, TASKS
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.core.errors import Malformed
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.seasons import faceting, service
from leaderboard.seasons.faceting import Facet
from leaderboard.seasons.models import Challenge, Phase, Season
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.seasons.states import ACCEPTING, Status, is_open, status

PAGE_SIZE: Final = 30
SORTS: Final[Mapping[str, str]] = {
    "closing": N_("closing soon"),
    "newest": N_("newest"),
    "title": N_("by name"),
}
STATES: Final[Mapping[str, str]] = {
    "open": N_("Open"),
    "upcoming": N_("Opens later"),
    "closed": N_("Closed"),
}
_FAR: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Asked:
    """What the address asks for; empty texts ask for everything."""

    q: str = ""
    sector: str = ""
    task: str = ""
    modality: str = ""
    state: str = ""
    season: str = ""
    sort: str = "closing"
    number: int = 1


@dataclass(frozen=True)
class Card:
    """One challenge in the list. ``next_at``: when it closes (open) or opens (later); None when it is over."""

    id: int
    slug: str
    title: Words
    summary: Words
    organization: str
    sector: str
    task: str
    modality: tuple[str, ...]
    season: str
    status: Status
    phase: str | None
    opens_at: datetime
    closes_at: datetime
    next_at: datetime | None
    posted_at: datetime | None

    @property
    def state(self) -> str:
        """The value of the facet: open, upcoming or closed."""
        if self.status in ACCEPTING:
            return "open"
        return "upcoming" if self.status in {Status.UPCOMING, Status.BETWEEN} else "closed"

    @property
    def tags(self) -> tuple[Phrase, ...]:
        names = (SECTORS.get(self.sector), TASKS.get(self.task), *(MODALITIES.get(m) for m in self.modality))
        return tuple(Phrase(name) for name in names if name)


@dataclass(frozen=True)
class ListPage:
    """``total`` of the challenges found; ``all`` that are posted."""

    cards: tuple[Card, ...]
    facets: tuple[Facet, ...]
    asked: Asked
    total: int
    all: int
    pages: int
    sorts: tuple[tuple[str, Phrase], ...]
    chosen: tuple[tuple[str, Phrase | Words], ...]


@dataclass(frozen=True)
class SeasonPage:
    """A season with its challenges by sector."""

    slug: str
    title: Words
    summary: Words
    groups: tuple[tuple[Phrase, tuple[Card, ...]], ...]
    total: int


_FACETS: Final[Sequence[faceting.Rule]] = (
    ("state", N_("State"), STATES, lambda card: (card.state,)),
    ("sector", N_("Sector"), SECTORS, lambda card: (card.sector,)),
    ("task", N_("Kind of problem"), TASKS, lambda card: (card.task,)),
    ("modality", N_("Kind of data"), MODALITIES, lambda card: card.modality),
)


def listing(work: Work, actor: Actor, asked: Asked) -> ListPage:
    """The posted challenges that are asked for, a page of them. Raises Malformed for words that no facet knows."""
    actor.demand("challenge.read")
    _known(asked)
    cards = posted_cards(work)
    within = [card for card in cards if faceting.matches(asked.q, *_texts(card)) and asked.season in {"", card.season}]
    found = [card for card in within if faceting.passes(_FACETS, card, asked)]
    ordered = sorted(found, key=_order(asked.sort))
    pages = max(1, -(-len(ordered) // PAGE_SIZE))
    start = (asked.number - 1) * PAGE_SIZE
    return ListPage(
        cards=tuple(ordered[start : start + PAGE_SIZE]),
        facets=faceting.facets(_FACETS, within, asked),
        asked=asked,
        total=len(found),
        all=len(cards),
        pages=pages,
        sorts=tuple((key, Phrase(label)) for key, label in SORTS.items()),
        chosen=tuple(_chips(asked)),
    )


def _known(asked: Asked) -> None:
    """An address is typed by people and programs: a word that means nothing is said, not ignored."""
    for key, _, words, _ in _FACETS:
        value = getattr(asked, key)
        if value and value not in words:
            message = N_("There is no {key} “{value}”; there are: {known}.")
            raise Malformed("seasons.facet", message, key=key, value=value[:60], known=", ".join(words))
    if asked.sort not in SORTS:
        message = N_("The list cannot be sorted by “{value}”; it can be by: {known}.")
        raise Malformed("seasons.sort", message, value=asked.sort[:60], known=", ".join(SORTS))


def posted_cards(work: Work, season_id: int | None = None) -> list[Card]:
    """Every challenge that everyone may see, in no order."""
    query = (
        select(Challenge, Organization.name, Season.slug)
        .join(Organization, col(Organization.id) == Challenge.organization_id)
        .join(Season, col(Season.id) == Challenge.season_id)
        .where(Challenge.state != "draft")
    )
    if season_id is not None:
        query = query.where(Challenge.season_id == season_id)
    rows = work.session.exec(query).all()
    windows: dict[int, list[Phase]] = {}
    for phase in work.session.exec(select(Phase).order_by(col(Phase.opens_at))):
        windows.setdefault(phase.challenge_id, []).append(phase)
    return [
        card_of(challenge, name, season, windows.get(challenge.id or 0, []), work.now)
        for challenge, name, season in rows
    ]


def card_of(challenge: Challenge, organization: str, season: str, phases: Sequence[Phase], now: datetime) -> Card:
    """A challenge with its phases (in order of time) as a card."""
    current = next((phase for phase in phases if is_open(phase, now)), None)
    coming = next((phase for phase in phases if phase.opens_at > now), None)
    over = challenge.state == "closed"
    next_at = None if over else current.closes_at if current else coming.opens_at if coming else None
    assert challenge.id is not None
    return Card(
        id=challenge.id,
        slug=challenge.slug,
        title=Words(challenge.title_en, challenge.title_zh),
        summary=Words(challenge.summary_en, challenge.summary_zh),
        organization=organization,
        sector=challenge.sector,
        task=challenge.task,
        modality=tuple(challenge.modality),
        season=season,
        status=status(challenge.state, phases, now),
        phase=current.key if current and not over else None,
        opens_at=min((phase.opens_at for phase in phases), default=challenge.created_at),
        closes_at=max((phase.closes_at for phase in phases), default=challenge.created_at),
        next_at=next_at,
        posted_at=challenge.posted_at,
    )


def _texts(card: Card) -> tuple[str, ...]:
    title, summary = card.title, card.summary
    return card.slug, title.en, title.zh, summary.en, summary.zh, card.organization


def _order(sort: str) -> Callable[[Card], tuple[object, ...]]:
    if sort == "newest":
        return lambda card: (-(card.posted_at or card.opens_at).timestamp(), card.id)
    if sort == "title":
        return lambda card: (faceting.plain(card.title.en), card.id)
    rank = {"open": 0, "upcoming": 1, "closed": 2}
    return lambda card: (rank[card.state], card.next_at or _FAR, -card.closes_at.timestamp(), card.id)


def _chips(asked: Asked) -> list[tuple[str, Phrase | Words]]:
    """What is chosen, to be taken away one by one."""
    chips = faceting.chips(_FACETS, asked)
    return [*chips, ("season", Words(asked.season, asked.season))] if asked.season else chips


def season_page(work: Work, actor: Actor, slug: str) -> SeasonPage:
    """A season's challenges, by sector, the most urgent first. Raises NotFound."""
    actor.demand("challenge.read")
    season = service.season_by_slug(work, slug)
    cards = sorted(posted_cards(work, season.id), key=_order("closing"))
    groups = tuple(
        (Phrase(name), tuple(card for card in cards if card.sector == sector))
        for sector, name in SECTORS.items()
        if any(card.sector == sector for card in cards)
    )
    return SeasonPage(
        season.slug,
        Words(season.title_en, season.title_zh),
        Words(season.summary_en, season.summary_zh),
        groups,
        len(cards),
    )


def table(page: ListPage, locale: str) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """The list as a header and rows for CSV."""
    names = ("slug", "title", "state", "opens_at", "closes_at", "sector", "task", "modality", "organization", "season")
    return names, [
        (
            card.slug,
            card.title.said(locale),
            card.status,
            card.opens_at,
            card.closes_at,
            card.sector,
            card.task,
            " ".join(card.modality),
            card.organization,
            card.season,
        )
        for card in page.cards
    ]
