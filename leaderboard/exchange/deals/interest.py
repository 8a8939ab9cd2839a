"""The first step: one side shows interest, the other answers. A blind demander has no name for the supplier before that."""

from secrets import token_hex
from typing import Final, Literal

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.locks import alone
from leaderboard.accounts.models import Organization
from leaderboard.core.errors import FieldError, Malformed, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.deals import lookup, moves
from leaderboard.exchange.deals.models import Deal
from leaderboard.exchange.deals.moves import Asked, Outcome
from leaderboard.exchange.deals.states import BEFORE_AGREEMENT, OVER, Side, State, reasons
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands.models import DemandInvitation, DemandRow
from leaderboard.exchange.demands.states import ACTIVE, DemandState, may_move
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.listings.models import ListingRow

GONE: Final = frozenset[DemandState]({"withdrawn", "expired", "unmet"})
"""Demands about which no deal is made any more."""
LISTING_GONE: Final = N_(
    "This listing is not offered any more, so nothing can be agreed about it. What was said so far stays here."
)
DEMAND_GONE: Final = N_(
    "This demand is not open any more, so nothing can be agreed about it. What was said so far stays here."
)


def begin(
    work: Work,
    actor: Actor,
    listing_key: str,
    *,
    demand_key: str | None = None,
    by: Literal["supplier", "demander"],
    organization_id: int | None = None,
) -> Deal:
    """Shows interest: the supplier's in a demand, or the demander's in a listing, with a demand of theirs or without.

    The same interest again is the same deal; the other side's interest in the same thing makes it mutual.
    ``organization_id``: for which of their organizations a demander acts who names no demand and belongs to several.
    Raises NotFound, Forbidden, Malformed, Refused (own listing, of both sides, not offered, not open any more).
    """
    demand = _demand(work, actor, demand_key, by)
    listing = _listing(work, actor, listing_key, by)
    demander_id = demand.organization_id if demand else _unit(actor, organization_id)
    if demander_id == listing.organization_id:
        raise Refused("deals.own", N_("An organization makes no deal with itself."))
    lookup.demand_one_side(actor, listing.organization_id, demander_id)
    demand_offered(work, listing.id or 0)
    demand_open(demand)
    alone(work.session, f"deals of listing {listing.id}")
    known = _known(work, listing.id or 0, demander_id, demand.id if demand else None)
    if known is not None:
        return _again(work, actor, known, by)
    return _first(work, actor, listing, demand, demander_id, by)


def _demand(work: Work, actor: Actor, key: str | None, by: Side) -> DemandRow | None:
    if key is None:
        if by == "supplier":
            message = N_("Say which demand you can answer")
            raise Malformed("deals.no_demand", message, fields=[FieldError("demand", message)])
        return None
    if by == "demander":
        return demands.demand_for(work, actor, key, "demand.edit", lock=True)
    query = select(DemandRow).where(col(DemandRow.key) == key).with_for_update()
    found = work.session.exec(query.execution_options(populate_existing=True)).one_or_none()
    if demands.may_see(work, actor, found) == "none" or found is None:
        raise demands.none_such()
    return found


def _listing(work: Work, actor: Actor, key: str, by: Side) -> ListingRow:
    if by == "demander":
        return listings.shown(work, actor, key)
    return listings.listing_for(work, actor, key, "listing.edit")


def _unit(actor: Actor, organization_id: int | None) -> int:
    """The organization for which somebody shows interest: the one named, or their only one."""
    actor.demand("deal.start")
    chosen = organization_id if organization_id is not None or len(actor.organization_ids) != 1 else None
    mine = next(iter(actor.organization_ids)) if chosen is None and len(actor.organization_ids) == 1 else chosen
    if mine is None or mine not in actor.organization_ids:
        message = N_("Choose for which of your organizations you ask")
        raise Malformed("deals.organization", message, fields=[FieldError("organization", message)])
    return mine


def _known(work: Work, listing_id: int, demander_id: int, demand_id: int | None) -> Deal | None:
    query = select(Deal).where(
        Deal.listing_id == listing_id,
        Deal.demander_id == demander_id,
        Deal.demand_id == demand_id if demand_id is not None else col(Deal.demand_id).is_(None),
        col(Deal.state).not_in(OVER),
    )
    return work.session.exec(query.with_for_update()).one_or_none()


def _again(work: Work, actor: Actor, deal: Deal, by: Side) -> Deal:
    if deal.state == State.INTEREST and deal.begun_by != by:
        outcome = answer(Asked(work, actor, deal, by, {}))
        moves.step(
            work, actor, deal, by, "answer", f"begin:{token_hex(8)}", moves.fingerprint("answer", by, {}), outcome
        )
    return deal


def _first(work: Work, actor: Actor, listing: ListingRow, demand: DemandRow | None, demander_id: int, by: Side) -> Deal:
    document = listings.document(listings.current_version(work, listing))
    made = Deal(
        key=token_hex(6),
        listing_id=listing.id or 0,
        demand_id=demand.id if demand else None,
        supplier_id=listing.organization_id,
        demander_id=demander_id,
        begun_by=by,
        blind=demand is not None and _is_blind(work, demand, listing.organization_id),
        turn="demander" if by == "supplier" else "supplier",
        sector=document.sector or "",
        created_at=work.now,
        moved_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    moves.step(work, actor, made, by, "begin", f"begin:{made.key}", moves.fingerprint("begin", by, {}), Outcome())
    return made


def _is_blind(work: Work, demand: DemandRow, supplier_id: int) -> bool:
    return demand.visibility == "blind" and work.session.get(DemandInvitation, (demand.id, supplier_id)) is None


def answer(asked: Asked) -> Outcome:
    """The other side is interested too: names are shown, and the supplier may read the whole demand."""
    work, actor, deal = asked.work, asked.actor, asked.deal
    demand_offered(work, deal.listing_id)
    demand_open(demand_of(work, deal))
    deal.met_at = work.now
    if deal.demand_id is not None:
        demands.reveal(work, deal.demand_id, deal.supplier_id)
        move_demand(work, actor, deal, "shortlisted")
    return Outcome(to=State.MUTUAL, turn="either")


def terminate(asked: Asked) -> Outcome:
    """Ends a deal without one: interest that is taken back or not returned needs no reason, anything later does."""
    work, actor, deal, side, body = asked.work, asked.actor, asked.deal, asked.side, asked.body
    reason, note = moves.text_of(body, "reason"), moves.text_of(body, "note")
    if deal.state == State.INTEREST:
        reason = "withdrawn" if deal.begun_by == side else "declined"
    elif reason not in reasons(deal.state):
        raise moves.malformed("reason", N_("Say why, so that the other side knows"))
    deal.reason = reason
    reopen_demand(work, actor, deal)
    return Outcome(detail={"reason": reason} | ({"note": note} if note else {}))


# What a deal is about


def demand_offered(work: Work, listing_id: int) -> None:
    """Raises Refused where the listing is not offered any more: talks may go on, a deal cannot be made."""
    if not is_offered(work, listing_id):
        raise Refused("deals.listing_gone", LISTING_GONE)


def is_offered(work: Work, listing_id: int) -> bool:
    """Whether a listing is reviewed and offered."""
    return work.session.get_one(ListingRow, listing_id).state in listings.SHOWN


def demand_open(demand: DemandRow | None) -> None:
    """Raises Refused where the demand was withdrawn or is over."""
    if not is_open(demand):
        raise Refused("deals.demand_gone", DEMAND_GONE)


def is_open(demand: DemandRow | None) -> bool:
    """Whether a deal can be made about a demand, or none is behind it."""
    return demand is None or demand.state in ACTIVE or demand.state == "contracted"


def demand_of(work: Work, deal: Deal) -> DemandRow | None:
    """The demand behind a deal, if one is."""
    return None if deal.demand_id is None else work.session.get_one(DemandRow, deal.demand_id)


def move_demand(work: Work, actor: Actor, deal: Deal, to: DemandState) -> None:
    """Brings the demand behind a deal to a state, where it may go there."""
    if deal.demand_id is None:
        return
    row = work.session.exec(select(DemandRow).where(DemandRow.id == deal.demand_id).with_for_update()).one()
    if may_move(row.state, to):
        demands.move(work, actor, row, to)


def reopen_demand(work: Work, actor: Actor, deal: Deal) -> None:
    """The agreement about a demand is no more, if there was one: it is shortlisted again, unless another agreement stands."""
    demand = demand_of(work, deal)
    if demand is None or demand.state != "contracted":
        return
    others = select(Deal.id).where(
        Deal.demand_id == demand.id,
        Deal.id != deal.id,
        col(Deal.state).not_in(BEFORE_AGREEMENT | {State.TERMINATED}),
    )
    if work.session.exec(others.limit(1)).first() is None:
        move_demand(work, actor, deal, "shortlisted")


def organization(work: Work, slug: str) -> Organization | None:
    """The organization of that address."""
    return work.session.exec(select(Organization).where(col(Organization.slug) == slug)).one_or_none()
