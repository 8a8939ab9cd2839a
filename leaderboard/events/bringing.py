"""What parties bring: listings that are listed, demands that are open. A demand that comes to an event is "at an event"; one that
comes no more, or whose event is over, is open again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.core.work import Work
from leaderboard.events.models import Event, Registration, Side
from leaderboard.events.states import OVER
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.demands.states import ACTIVE
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.exchange.listings.states import State as ListingState
from leaderboard.seasons.signals import Words


@dataclass(frozen=True, slots=True)
class Offered:
    """What an organization may bring. ``visibility``: of a demand; empty for a listing."""

    id: int
    title: Words
    visibility: str = ""


def offered(work: Work, organization_id: int, side: Side) -> list[Offered]:
    """What an organization may bring: its listings that are listed, or its demands that are open."""
    if side == "supplier":
        found = listings.offers(work, col(ListingRow.organization_id) == organization_id)
        return [Offered(one.listing_id, one.title) for one in found]
    own = col(DemandRow.organization_id) == organization_id
    needs = demands.rows_of(work, own, col(DemandRow.state).in_(ACTIVE))
    return [Offered(row.id or 0, need.title, row.visibility) for row, _, need in needs]


def living(work: Work, rows: Collection[Registration]) -> Mapping[int, tuple[int, ...]]:
    """Registration → what it brings that is still listed or open, in its order."""
    wanted: dict[Side, set[int]] = {"supplier": set(), "demander": set()}
    for row in rows:
        wanted[row.side] |= set(row.things)
    sold = select(ListingRow.id).where(
        col(ListingRow.id).in_(wanted["supplier"]), col(ListingRow.state) == ListingState.LISTED
    )
    sought = select(DemandRow.id).where(col(DemandRow.id).in_(wanted["demander"]), col(DemandRow.state).in_(ACTIVE))
    alive = {"supplier": set(work.session.exec(sold)), "demander": set(work.session.exec(sought))}
    return {row.id or 0: tuple(thing for thing in row.things if thing in alive[row.side]) for row in rows}


def bring(work: Work, actor: Actor, row: Registration) -> None:
    """Demands that come to the event are at an event."""
    for demand in _demands(work, set(row.things)) if row.side == "demander" else ():
        if demand.state in {"open", "matching"}:
            demands.move(work, actor, demand, "in_event")


def take_back(work: Work, actor: Actor, row: Registration, things: set[int]) -> None:
    """Demands that come no more are open again, unless another event that is not over has them."""
    if row.side == "demander":
        _open_again(work, actor, [row], things)


def take_all_back(work: Work, actor: Actor, event: Event) -> None:
    """As `take_back`, for everything that was brought to an event to which nobody comes any more."""
    brought = select(Registration).where(
        Registration.event_id == event.id, Registration.side == "demander", Registration.state != "withdrawn"
    )
    rows = work.session.exec(brought).all()
    _open_again(work, actor, rows, {thing for row in rows for thing in row.things})


def _open_again(work: Work, actor: Actor, rows: Sequence[Registration], things: set[int]) -> None:
    """What these demanders bring no more."""
    elsewhere = _brought_elsewhere(work, rows)
    for demand in _demands(work, things):
        if demand.state == "in_event" and demand.id not in elsewhere:
            demands.move(work, actor, demand, "open")


def _brought_elsewhere(work: Work, rows: Sequence[Registration]) -> set[int]:
    elsewhere = (
        select(Registration.things)
        .join(Event, col(Event.id) == col(Registration.event_id))
        .where(
            col(Registration.organization_id).in_({row.organization_id for row in rows}),
            Registration.side == "demander",
            Registration.state != "withdrawn",
            col(Registration.id).not_in([row.id for row in rows]),
            col(Event.state).not_in(OVER),
        )
    )
    return {thing for things in work.session.exec(elsewhere) for thing in things}


def _demands(work: Work, things: set[int]) -> Sequence[DemandRow]:
    query = select(DemandRow).where(col(DemandRow.id).in_(things), col(DemandRow.state).in_(ACTIVE))
    return work.session.exec(query.order_by(col(DemandRow.id)).with_for_update()).all()
