"""What other rooms and the routes do with deals: begin one, find one, make a move in it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from leaderboard.accounts.actor import Actor
from leaderboard.core.work import Work
from leaderboard.exchange.deals import (
    agreements,
    deliveries,
    interest,
    lookup,
    moves,
    offers,
    ratings,
    samples,
    sign_off,
    talks,
)
from leaderboard.exchange.deals.interest import begin
from leaderboard.exchange.deals.lookup import deal_for
from leaderboard.exchange.deals.models import Deal
from leaderboard.exchange.deals.moves import Body, Deed
from leaderboard.exchange.deals.ratings import Rated
from leaderboard.exchange.deals.ratings import of_organization as rated
from leaderboard.exchange.deals.states import turn_of

__all__ = ["DEEDS", "Rated", "act", "awaiting", "begin", "deal_for", "mine", "rated", "waiting"]

DEEDS: Final[Mapping[str, Deed]] = MappingProxyType(
    {
        "answer": interest.answer,
        "sign_nda": agreements.sign,
        "request": offers.propose,
        "offer": offers.propose,
        "withdraw_request": offers.withdraw,
        "withdraw_offer": offers.withdraw,
        "accept": offers.accept,
        "agree": sign_off.agree,
        "name_auditor": sign_off.name_auditor,
        "sign_off": sign_off.sign,
        "return": sign_off.give_back,
        "verify": sign_off.verify,
        "finalize": sign_off.finalize,
        "deliver": deliveries.deliver,
        "accept_delivery": deliveries.accept,
        "reject_delivery": deliveries.reject,
        "settle": deliveries.settle,
        "rate": ratings.rate,
        "terminate": interest.terminate,
        "write": talks.write,
        "ask_sample": samples.ask,
        "approve_sample": samples.approve,
        "deny_sample": samples.deny,
        "revoke_sample": samples.revoke,
    }
)
"""The deed of every move in `states.MOVES`."""


def act(work: Work, actor: Actor, key: str, move: str, message_id: str, body: Body, *, seen: int | None = None) -> Deal:
    """Makes a move in a deal: see `moves.make`, and the deed of the move for what its body holds."""
    return moves.make(work, actor, key, move, message_id, body, DEEDS, seen=seen)


def waiting(work: Work, actor: Actor) -> int:
    """How many deals wait for the actor's side."""
    return len(awaiting(work, actor, work.session.exec(_of(actor).where(col(Deal.turn) != "")).all()))


def awaiting(work: Work, actor: Actor, found: Sequence[Deal]) -> frozenset[int]:
    """Among these deals of the actor's, those that wait for their side: its turn, or a sample that was asked of it."""
    sides = {deal.id or 0: lookup.own_side(actor, deal) for deal in found}
    asked = samples.undecided(work, [id for id, side in sides.items() if side == "supplier"])
    turns = {deal.id or 0: ratings.turn(work, deal) for deal in found}
    return asked | {id for id, side in sides.items() if turn_of(side, turns[id])}


def _of(actor: Actor) -> SelectOfScalar[Deal]:
    units = actor.organization_ids
    return select(Deal).where(
        col(Deal.supplier_id).in_(units) | col(Deal.demander_id).in_(units) | col(Deal.auditor_id).in_(units)
    )


def mine(work: Work, actor: Actor) -> Sequence[Deal]:
    """The deals in which the actor's organizations have a part, the last moved first."""
    actor.demand("account.read")
    return work.session.exec(_of(actor).order_by(col(Deal.moved_at).desc(), col(Deal.id).desc())).all()
