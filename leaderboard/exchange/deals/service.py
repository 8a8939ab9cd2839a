"""What other rooms and the routes do with deals: begin one, find one, make a move in it, count them."""

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
from leaderboard.exchange.deals.figures import Figures, figures
from leaderboard.exchange.deals.interest import begin
from leaderboard.exchange.deals.lookup import deal_for
from leaderboard.exchange.deals.models import Deal
from leaderboard.exchange.deals.moves import Body, Deed
from leaderboard.exchange.deals.ratings import Rated
from leaderboard.exchange.deals.ratings import of_organization as rated
from leaderboard.exchange.deals.states import turn_of

__all__ = ["DEEDS", "Figures", "Rated", "act", "begin", "deal_for", "figures", "mine", "rated", "waiting"]

DEEDS: Final[Mapping[str, Deed]] = MappingProxyType(
    {
        "answer": interest.answer,
        "sign_nda": agreements.sign,
        "request": offers.propose,
        "offer": offers.propose,
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
    """In how many deals it is the turn of the actor's side."""
    found = work.session.exec(_of(actor).where(col(Deal.turn) != "")).all()
    return sum(turn_of(lookup.own_side(actor, deal), deal.turn) for deal in found)


def _of(actor: Actor) -> SelectOfScalar[Deal]:
    units = actor.organization_ids
    return select(Deal).where(
        col(Deal.supplier_id).in_(units) | col(Deal.demander_id).in_(units) | col(Deal.auditor_id).in_(units)
    )


def mine(work: Work, actor: Actor) -> Sequence[Deal]:
    """The deals in which the actor's organizations have a part, the last moved first."""
    actor.demand("account.read")
    return work.session.exec(_of(actor).order_by(col(Deal.moved_at).desc(), col(Deal.id).desc())).all()
