"""What the two sides say of each other when a deal is settled: neither sees it before both have spoken or 14 days are over."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from sqlmodel import col, select

from leaderboard.core.errors import Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.deals import lookup, moves
from leaderboard.exchange.deals.models import Deal, DealRating
from leaderboard.exchange.deals.moves import Asked, Body, Outcome
from leaderboard.exchange.deals.states import Side, State, other

OPEN_FOR: Final = timedelta(days=14)
BEST: Final = 5
DIMENSIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "described": N_("As described"),
        "punctual": N_("On time"),
        "spoken": N_("Communication"),
    }
)


@dataclass(frozen=True, slots=True)
class Rated:
    """What is said of an organization: means of 1 to 5 over ``count`` ratings that may be shown."""

    count: int
    described: float
    punctual: float
    spoken: float


def rate(asked: Asked) -> Outcome:
    """One side's rating of the other. Raises Malformed, Refused (rated already, or the time is over)."""
    work, actor, deal, side, body = asked.work, asked.actor, asked.deal, asked.side, asked.body
    filed = of_deal(work, deal)
    if side in filed:
        raise Refused("deals.rated", N_("Your side has rated this deal already."))
    if _is_closed(work, deal):
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
    return of_deal(work, deal) if deal.state == State.REVIEWED or _is_closed(work, deal) else {}


def _is_closed(work: Work, deal: Deal) -> bool:
    return deal.settled_at is not None and deal.settled_at + OPEN_FOR <= work.now


def of_organization(work: Work, organization_id: int) -> Rated | None:
    """What others say of an organization in ratings that may be seen; None where there is none."""
    query = (
        select(DealRating)
        .join(Deal, col(Deal.id) == col(DealRating.deal_id))
        .where(
            DealRating.rated_id == organization_id,
            (col(Deal.state) == State.REVIEWED) | (col(Deal.settled_at) <= work.now - OPEN_FOR),
        )
    )
    found = work.session.exec(query).all()
    if not found:
        return None
    described, punctual, spoken = (sum(getattr(one, name) for one in found) / len(found) for name in DIMENSIONS)
    return Rated(len(found), described, punctual, spoken)
