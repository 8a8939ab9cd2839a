"""What the two sides say of each other when a deal is settled: neither sees it before both have spoken or 14 days are over."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from sqlalchemy import func
from sqlmodel import col, select

from leaderboard.core.errors import Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.deals import lookup, moves
from leaderboard.exchange.deals.models import Deal, DealRating
from leaderboard.exchange.deals.moves import Asked, Body, Outcome
from leaderboard.exchange.deals.states import Side, State, Turn, other
from leaderboard.exchange.listings.signals import Rating, RatingsAsked

OPEN_FOR: Final = timedelta(days=14)
BEST: Final = 5
MIDDLE: Final = 3.0
PRIOR: Final = 5
"""As many ratings as what is usual weighs against an organization's own."""
DIMENSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "described": N_("As described"),
        "punctual": N_("On time"),
        "spoken": N_("Communication"),
    }
)


@dataclass(frozen=True, slots=True)
class Rated:
    """What is said of an organization: means of 1 to 5 over ``count`` ratings that may be shown, see `of_organizations`."""

    count: int
    described: float
    punctual: float
    spoken: float

    @property
    def overall(self) -> float:
        return (self.described + self.punctual + self.spoken) / 3


def rate(asked: Asked) -> Outcome:
    """One side's rating of the other. Raises Malformed, Refused (rated already, or the time is over)."""
    work, actor, deal, side, body = asked.work, asked.actor, asked.deal, asked.side, asked.body
    filed = of_deal(work, deal)
    if side in filed:
        raise Refused("deals.rated", N_("Your side has rated this deal already."))
    if is_closed(work, deal):
        raise Refused("deals.rating_over", N_("Ratings are taken for 14 days after the settlement; that time is over."))
    made = DealRating(
        deal_id=deal.id or 0,
        side=side,
        rated_id=lookup.unit_of(deal, other(side)),
        person_id=actor.id,
        described=_points(body, "described"),
        punctual=_points(body, "punctual"),
        spoken=_points(body, "spoken"),
        note=moves.text_of(body, "note"),
        at=work.now,
    )
    work.session.add(made)
    return Outcome(to=State.REVIEWED, turn="") if filed else Outcome(turn=other(side))


def _points(body: Body, name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= BEST:
        raise moves.malformed(name, N_("Choose from 1 to 5"))
    return value


def of_deal(work: Work, deal: Deal) -> dict[Side, DealRating]:
    """Who has rated, by the side that spoke: not for showing, see `shown`."""
    return {one.side: one for one in work.session.exec(select(DealRating).where(DealRating.deal_id == deal.id))}


def shown(work: Work, deal: Deal) -> dict[Side, DealRating]:
    """The ratings of a deal that may be seen: all of them, or none yet."""
    return of_deal(work, deal) if deal.state == State.REVIEWED or is_closed(work, deal) else {}


def is_closed(work: Work, deal: Deal) -> bool:
    """Whether the time for ratings is over."""
    return deal.settled_at is not None and deal.settled_at + OPEN_FOR <= work.now


def turn(work: Work, deal: Deal) -> Turn:
    """Whose turn it is now: nobody's when only ratings are left and their time is over."""
    return "" if deal.state == State.SETTLED and is_closed(work, deal) else deal.turn


def of_organizations(work: Work, organization_ids: Collection[int]) -> dict[int, Rated]:
    """What others say of organizations in ratings that may be seen; those of whom nothing is said are left out.

    Each mean is drawn towards the mean of all organizations, that one towards the middle of the scale, as if `PRIOR` more had
    rated so: one good word is not better than a hundred.
    """
    sums = [func.sum(getattr(DealRating, name)) for name in DIMENSIONS]
    query = (
        select(DealRating.rated_id, func.count(), *sums)
        .join(Deal, col(Deal.id) == col(DealRating.deal_id))
        .where((col(Deal.state) == State.REVIEWED) | (col(Deal.settled_at) <= work.now - OPEN_FOR))
        .group_by(col(DealRating.rated_id))
    )
    rows = {id: (count, [float(one) for one in given]) for id, count, *given in work.session.execute(query)}
    everybody = sum(count for count, _ in rows.values())
    usual = [
        _drawn(sum(given), everybody, MIDDLE) for given in zip(*(given for _, given in rows.values()), strict=True)
    ]
    return {
        id: Rated(count, *(_drawn(one, count, mean) for one, mean in zip(given, usual, strict=True)))
        for id, (count, given) in rows.items()
        if id in organization_ids
    }


def _drawn(total: float, count: int, towards: float) -> float:
    return (total + PRIOR * towards) / (count + PRIOR)


def of_organization(work: Work, organization_id: int) -> Rated | None:
    """What others say of one organization; None where nothing may be seen."""
    return of_organizations(work, {organization_id}).get(organization_id)


def asked(work: Work, signal: RatingsAsked) -> None:
    """Says on the cards of listings what others say of their suppliers."""
    found = of_organizations(work, signal.organization_ids)
    signal.found.update({id: Rating(one.count, one.overall) for id, one in found.items()})
