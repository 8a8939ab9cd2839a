"""The front page: challenges, offers and events that are open to everybody, and what waits for whoever looks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import col, func, select

from leaderboard.accounts.access import Actor
from leaderboard.accounts.models import Organization
from leaderboard.accounts.organizations import unjudged
from leaderboard.accounts.policy import allows
from leaderboard.core import jobs
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.datasets.models import Dataset
from leaderboard.entries.models import TeamMember
from leaderboard.events.models import Event
from leaderboard.events.pages import EventCard
from leaderboard.events.pages import listing as events
from leaderboard.events.states import OVER, State
from leaderboard.exchange.deals import service as deals
from leaderboard.exchange.demands import vetting
from leaderboard.exchange.listings import desk
from leaderboard.exchange.listings.models import ListingRow, ListingVersion
from leaderboard.exchange.listings.states import State as ListingState
from leaderboard.rankings import home
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.terms.words import KINDS

NEWEST: Final = 4
NEXT_EVENTS: Final = 3


@dataclass(frozen=True)
class Offered:
    """A listing that has newly been listed."""

    key: str
    title: Words
    kind: Phrase
    organization: str
    listed_at: datetime | None


@dataclass(frozen=True)
class Waiting:
    """So many things of one kind wait for the viewer; ``path`` (without locale) shows them."""

    what: str
    count: int
    path: str


@dataclass(frozen=True)
class FrontPage:
    """``waiting`` is empty for whoever has no part in the exchange; the operator sees every kind, also those with nothing.

    ``belongs_nowhere``: the viewer has an account, and neither a team nor an organization, without which nothing is begun.
    """

    challenges: home.Challenges
    offered: tuple[Offered, ...]
    events: tuple[EventCard, ...]
    listings: int
    datasets: int
    waiting: tuple[Waiting, ...]
    operates: bool
    may_post: bool
    belongs_nowhere: bool


def front(work: Work, actor: Actor, locale: str) -> FrontPage:
    """The page as the viewer sees it."""
    listed = select(func.count()).select_from(ListingRow).where(col(ListingRow.state) == ListingState.LISTED)
    cards = select(func.count()).select_from(Dataset).where(col(Dataset.state) == "published")
    operates = allows("exchange.review", actor.relations(), actor.scopes)
    return FrontPage(
        challenges=home.challenges(work, actor, locale),
        offered=_offered(work),
        events=events(work, actor).upcoming[:NEXT_EVENTS],
        listings=work.session.exec(listed).one(),
        datasets=work.session.exec(cards).one(),
        waiting=(*_of_members(work, actor), *(_of_operator(work, actor) if operates else ())),
        operates=operates,
        may_post=allows("challenge.create", actor.relations(), actor.scopes),
        belongs_nowhere=_belongs_nowhere(work, actor),
    )


def _belongs_nowhere(work: Work, actor: Actor) -> bool:
    if actor.person_id is None or actor.organization_ids:
        return False
    return work.session.exec(select(TeamMember).where(TeamMember.person_id == actor.person_id).limit(1)).first() is None


def _offered(work: Work) -> tuple[Offered, ...]:
    rows = work.session.exec(
        select(ListingRow, ListingVersion, Organization)
        .join(ListingVersion, col(ListingVersion.listing_id) == col(ListingRow.id))
        .join(Organization, col(Organization.id) == col(ListingRow.organization_id))
        .where(col(ListingRow.state) == ListingState.LISTED, col(ListingVersion.number) == col(ListingRow.version))
        .order_by(col(ListingRow.listed_at).desc(), col(ListingRow.id).desc())
        .limit(NEWEST)
    )
    return tuple(
        Offered(row.key, Words(said.title_en, said.title_zh), Phrase(KINDS[row.kind]), unit.name, row.listed_at)
        for row, said, unit in rows
    )


def _of_members(work: Work, actor: Actor) -> tuple[Waiting, ...]:
    count = deals.waiting(work, actor) if actor.organization_ids else 0
    return (Waiting(N_("Deals, for your side"), count, "/me/deals"),) if count else ()


def _of_operator(work: Work, actor: Actor) -> tuple[Waiting, ...]:
    under_way = select(func.count()).select_from(Event)
    under_way = under_way.where(col(Event.state).not_in([State.DRAFT, *OVER]))
    given_up = sum(count for (_, state), count in jobs.counts(work.session).items() if state == jobs.DEAD)
    return (
        Waiting(N_("Listings to review"), len(desk.desk(work, actor).rows), "/exchange/review"),
        Waiting(N_("Demands to check"), len(vetting.queue(work, actor)), "/exchange/vetting"),
        Waiting(N_("Organizations to verify"), len(unjudged(work, actor)), "/organizations"),
        Waiting(N_("Events under way"), work.session.exec(under_way).one(), "/events"),
        Waiting(N_("Jobs given up"), given_up, "/status"),
    )
