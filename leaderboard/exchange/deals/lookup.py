"""Finding a deal, and what somebody is in it: supplier, demander or auditor, and how much of the others they may see."""

from collections.abc import Sequence
from typing import Final

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.core.errors import NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.deals.models import Deal
from leaderboard.exchange.deals.states import Side
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.listings.models import ListingRow, ListingVersion
from leaderboard.seasons.signals import Words

NO_ORGANIZATION: Final = 0
"""Nobody belongs to it, so it stands for whoever has no part in a deal."""


def deal_for(work: Work, actor: Actor, key: str, act: str, *, lock: bool = False) -> Deal:
    """The deal, for those who have a part in it. To everybody else, the operator included, it is not there: NotFound.

    With ``lock`` the demand behind it is locked too, and first: whoever closes a demand locks its deals after it.
    """
    if lock:
        behind = select(DemandRow).join(Deal, col(Deal.demand_id) == col(DemandRow.id)).where(col(Deal.key) == key)
        work.session.exec(behind.with_for_update(of=DemandRow)).one_or_none()
    query = select(Deal).where(col(Deal.key) == key)
    found = work.session.exec(query.with_for_update() if lock else query).one_or_none()
    side = None if found is None else side_of(actor, found)
    actor.demand(act, organization_id=NO_ORGANIZATION if found is None or side is None else unit_of(found, side))
    if found is None:
        raise none_such()
    return found


def locked(work: Work, deal_id: int) -> Deal:
    """A deal for a job, which has no demand to change: locked."""
    return work.session.exec(select(Deal).where(Deal.id == deal_id).with_for_update()).one()


def side_of(actor: Actor, deal: Deal) -> Side | None:
    """What the actor is in a deal. Whoever belongs to a party is no auditor of it; None: has no part in it."""
    sides: tuple[Side, ...] = ("supplier", "demander", "auditor")
    return next((side for side in sides if unit_of(deal, side) in actor.organization_ids), None)


def demand_one_side(actor: Actor, supplier_id: int, demander_id: int) -> None:
    """Raises Refused to somebody who belongs to both parties: they may look, and not deal with themselves."""
    if {supplier_id, demander_id} <= actor.organization_ids:
        raise Refused(
            "deals.both_sides",
            N_("You belong to both sides; somebody who belongs to one of them only has to act here."),
        )


def unit_of(deal: Deal, side: Side) -> int:
    """The organization on a side; `NO_ORGANIZATION` where no auditor has been chosen."""
    units = {"supplier": deal.supplier_id, "demander": deal.demander_id, "auditor": deal.auditor_id}
    return units[side] or NO_ORGANIZATION


def hides_demander(deal: Deal, viewer: Side | None) -> bool:
    """Whether the viewer may not learn yet who the demander is."""
    return deal.blind and deal.met_at is None and viewer != "demander"


def name_of(work: Work, deal: Deal, side: Side, viewer: Side | None) -> str | None:
    """The name of the organization on a side; None where the viewer may not know it, or there is none."""
    if unit_of(deal, side) == NO_ORGANIZATION or (side == "demander" and hides_demander(deal, viewer)):
        return None
    return work.session.get_one(Organization, unit_of(deal, side)).name


def none_such() -> NotFound:
    """What is hidden looks the same as what is not there."""
    return NotFound("deals.none", N_("There is no such deal."))


def own_side(actor: Actor, deal: Deal) -> Side:
    """The side of somebody who has a part in a deal. Raises NotFound."""
    side = side_of(actor, deal)
    if side is None:
        raise none_such()
    return side


def title(work: Work, deal: Deal) -> Words:
    """The title of the listing that it is about, as it is now."""
    return titles(work, [deal])[deal.listing_id]


def titles(work: Work, deals: Sequence[Deal]) -> dict[int, Words]:
    """By listing: the titles of those that these deals are about, as they are now."""
    query = (
        select(ListingVersion.listing_id, ListingVersion.title_en, ListingVersion.title_zh)
        .join(ListingRow, col(ListingRow.id) == col(ListingVersion.listing_id))
        .where(
            col(ListingRow.id).in_({deal.listing_id for deal in deals}),
            col(ListingVersion.number) == col(ListingRow.version),
        )
    )
    return {id: Words(en, zh) for id, en, zh in work.session.exec(query)}
