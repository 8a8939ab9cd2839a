"""The life of a deal as a table: every move, who may make it, and whose turn it is afterwards; nothing else moves a deal.

The names between request and conclusion are those of the Dataspace Protocol, so that a connector can take over later.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

from leaderboard.core.i18n import N_


class State(StrEnum):
    INTEREST = "interest"
    MUTUAL = "mutual"
    NDA_SIGNED = "nda_signed"
    REQUESTED = "requested"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    AGREED = "agreed"
    VERIFIED = "verified"
    FINALIZED = "finalized"
    DELIVERING = "delivering"
    REJECTED = "rejected"
    FULFILLED = "fulfilled"
    SETTLED = "settled"
    REVIEWED = "reviewed"
    TERMINATED = "terminated"


Side = Literal["supplier", "demander", "auditor"]
Turn = Literal["supplier", "demander", "auditor", "either", ""]
"""Whose move is awaited: one side's, that of whichever party comes first, or nobody's."""

STATES: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.INTEREST: N_("Interest shown"),
        State.MUTUAL: N_("Interest on both sides"),
        State.NDA_SIGNED: N_("Confidentiality agreed"),
        State.REQUESTED: N_("Terms requested"),
        State.OFFERED: N_("Terms offered"),
        State.ACCEPTED: N_("Offer accepted"),
        State.AGREED: N_("Agreement made"),
        State.VERIFIED: N_("Agreement verified"),
        State.FINALIZED: N_("Agreement in force"),
        State.DELIVERING: N_("Delivery being checked"),
        State.REJECTED: N_("Delivery rejected"),
        State.FULFILLED: N_("Delivery accepted"),
        State.SETTLED: N_("Settled"),
        State.REVIEWED: N_("Rated by both sides"),
        State.TERMINATED: N_("Ended without a deal"),
    }
)

STAGES: Final[Mapping[str, frozenset[State]]] = MappingProxyType(
    {
        N_("Interest"): frozenset({State.INTEREST}),
        N_("Confidentiality"): frozenset({State.MUTUAL}),
        N_("Terms"): frozenset({State.NDA_SIGNED, State.REQUESTED, State.OFFERED}),
        N_("The agreement"): frozenset({State.ACCEPTED, State.AGREED, State.VERIFIED}),
        N_("Delivery"): frozenset({State.FINALIZED, State.DELIVERING, State.REJECTED}),
        N_("Settlement"): frozenset({State.FULFILLED}),
        N_("Ratings"): frozenset({State.SETTLED}),
    }
)
"""What people work at, and in which states."""

PATH: Final = tuple(state for state in State if state not in {State.REJECTED, State.TERMINATED})
"""The straight way through."""

OVER: Final = frozenset({State.SETTLED, State.REVIEWED, State.TERMINATED})
"""Nothing is left to end: the data were paid for, or there is no deal."""

TALKING: Final = frozenset({State.NDA_SIGNED, State.REQUESTED, State.OFFERED})
BEFORE_AGREEMENT: Final = frozenset({State.INTEREST, State.MUTUAL, State.ACCEPTED}) | TALKING

AUDITED: Final = frozenset(PATH[PATH.index(State.VERIFIED) :]) | {State.REJECTED}
"""The agreement was signed: what the parties say and do from here on is theirs alone, and not the auditor's."""

DSP: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.REQUESTED: "REQUESTED",
        State.OFFERED: "OFFERED",
        State.ACCEPTED: "ACCEPTED",
        State.AGREED: "AGREED",
        State.VERIFIED: "VERIFIED",
        **dict.fromkeys(
            (
                State.FINALIZED,
                State.DELIVERING,
                State.REJECTED,
                State.FULFILLED,
                State.SETTLED,
                State.REVIEWED,
            ),
            "FINALIZED",
        ),
        State.TERMINATED: "TERMINATED",
    }
)
"""The state of the contract negotiation in the Dataspace Protocol; there is none before somebody names terms."""


@dataclass(frozen=True, slots=True)
class Move:
    """One kind of move: who may make it where, and to where it leads.

    ``to`` and ``turn`` None: the deed itself says so (a second signature leads further than a first one), or the deal stays as
    it is. ``in_turn``: only whose turn it is; else whoever of ``by``, at any time.
    """

    by: frozenset[Side]
    sources: frozenset[State]
    to: State | None = None
    turn: Turn | None = None
    in_turn: bool = True


_PARTIES: Final = frozenset[Side]({"supplier", "demander"})
_SUPPLIER: Final = frozenset[Side]({"supplier"})
_DEMANDER: Final = frozenset[Side]({"demander"})
_AUDITOR: Final = frozenset[Side]({"auditor"})
_ALIVE: Final = frozenset(State) - OVER
_MET: Final = _ALIVE - {State.INTEREST}
_SAMPLING: Final = frozenset({State.MUTUAL, State.ACCEPTED, State.AGREED, State.VERIFIED}) | TALKING


def _in(*states: State) -> frozenset[State]:
    return frozenset(states)


MOVES: Final[Mapping[str, Move]] = MappingProxyType(
    {
        "answer": Move(_PARTIES, _in(State.INTEREST), State.MUTUAL, "either"),
        "sign_nda": Move(_PARTIES, _in(State.MUTUAL)),
        "request": Move(_DEMANDER, _in(State.NDA_SIGNED, State.OFFERED), State.REQUESTED, "supplier"),
        "offer": Move(_SUPPLIER, _in(State.NDA_SIGNED, State.REQUESTED), State.OFFERED, "demander"),
        "withdraw_request": Move(_DEMANDER, _in(State.REQUESTED), State.NDA_SIGNED, "either", in_turn=False),
        "withdraw_offer": Move(_SUPPLIER, _in(State.OFFERED), State.NDA_SIGNED, "either", in_turn=False),
        "accept": Move(_DEMANDER, _in(State.OFFERED), State.ACCEPTED, "supplier"),
        "agree": Move(_SUPPLIER, _in(State.REQUESTED, State.ACCEPTED), State.AGREED),
        "name_auditor": Move(_PARTIES, (_MET & BEFORE_AGREEMENT) | {State.AGREED}, in_turn=False),
        "sign_off": Move(_AUDITOR, _in(State.AGREED), State.VERIFIED, "supplier"),
        "return": Move(_AUDITOR, _in(State.AGREED), State.NDA_SIGNED, "either"),
        "verify": Move(_DEMANDER, _in(State.AGREED), State.VERIFIED, "supplier"),
        "finalize": Move(_SUPPLIER, _in(State.VERIFIED), State.FINALIZED, "supplier"),
        "deliver": Move(_SUPPLIER, _in(State.FINALIZED, State.REJECTED), State.DELIVERING, "demander"),
        "accept_delivery": Move(_DEMANDER, _in(State.DELIVERING), State.FULFILLED, "supplier"),
        "reject_delivery": Move(_DEMANDER, _in(State.DELIVERING), State.REJECTED, "supplier"),
        "settle": Move(_SUPPLIER, _in(State.FULFILLED), State.SETTLED, "either"),
        "rate": Move(_PARTIES, _in(State.SETTLED), in_turn=False),
        "terminate": Move(_PARTIES, _ALIVE, State.TERMINATED, "", in_turn=False),
        "write": Move(_PARTIES | _AUDITOR, (_MET | OVER) - {State.TERMINATED}, in_turn=False),
        "ask_sample": Move(_DEMANDER, _SAMPLING, in_turn=False),
        "approve_sample": Move(_SUPPLIER, _SAMPLING, in_turn=False),
        "deny_sample": Move(_SUPPLIER, _SAMPLING, in_turn=False),
        "revoke_sample": Move(_SUPPLIER, frozenset(State), in_turn=False),
    }
)

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "withdrawn": N_("Interest was taken back"),
        "declined": N_("Not interested"),
        "price": N_("No agreement on the price"),
        "terms": N_("No agreement on the terms of use"),
        "quality": N_("The quality is not enough"),
        "undelivered": N_("What was agreed was not delivered"),
        "unpaid": N_("What was agreed was not paid"),
        "gone": N_("The listing or the demand is no longer there"),
        "elsewhere": N_("A deal was made elsewhere"),
        "other": N_("Another reason"),
    }
)
"""Why a deal ended without one."""


def reasons(state: State) -> tuple[str, ...]:
    """Among which reasons somebody chooses who ends a deal in this state: none before anybody answered.

    >>> reasons(State.INTEREST), "unpaid" in reasons(State.OFFERED), "price" in reasons(State.DELIVERING)
    ((), False, False)
    """
    if state == State.INTEREST:
        return ()
    if state in BEFORE_AGREEMENT:
        return ("price", "terms", "quality", "gone", "elsewhere", "other")
    return ("undelivered", "quality", "unpaid", "terms", "other")


def other(side: Side) -> Side:
    """The party across the table."""
    return "demander" if side == "supplier" else "supplier"


def turn_of(side: Side, turn: Turn) -> bool:
    """Whether it is this side's turn; "either" is that of both parties.

    >>> turn_of("supplier", "either"), turn_of("auditor", "either"), turn_of("demander", "supplier")
    (True, False, False)
    """
    return turn == side or (turn == "either" and side != "auditor")


def open_to(side: Side, state: State, turn: Turn) -> tuple[str, ...]:
    """The moves that a side may make now, as far as the table says, in its order."""
    return tuple(
        name
        for name, move in MOVES.items()
        if side in move.by and state in move.sources and (not move.in_turn or turn_of(side, turn))
    )
