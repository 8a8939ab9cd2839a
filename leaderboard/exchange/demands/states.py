"""The life of a demand as a table, and the reasons for which it ends."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from leaderboard.core.i18n import N_

DemandState = Literal[
    "draft",
    "submitted",
    "vetting",
    "open",
    "matching",
    "in_event",
    "promoted",
    "shortlisted",
    "contracted",
    "fulfilled",
    "withdrawn",
    "expired",
    "unmet",
]

_ENDS: Final = frozenset[DemandState]({"fulfilled", "withdrawn", "expired", "unmet"})
_OPEN: Final = frozenset[DemandState]({"open"})
_OUTLETS: Final = frozenset[DemandState]({"matching", "in_event", "promoted"})
_ONWARDS: Final = frozenset[DemandState]({"shortlisted", "contracted"})

MOVES: Final[Mapping[DemandState, frozenset[DemandState]]] = MappingProxyType(
    {
        "draft": frozenset({"submitted", "withdrawn"}),
        "submitted": frozenset({"vetting", "draft", "withdrawn"}),
        "vetting": frozenset({"open", "draft", "withdrawn"}),
        "open": _OUTLETS | _ONWARDS | _ENDS,
        "matching": _OUTLETS | _ONWARDS | _OPEN | _ENDS,
        "in_event": _OUTLETS | _ONWARDS | _OPEN | _ENDS,
        "promoted": _OUTLETS | _ONWARDS | _OPEN | _ENDS,
        "shortlisted": _OUTLETS | _ONWARDS | _OPEN | _ENDS,
        "contracted": frozenset({"shortlisted", "fulfilled", "unmet"}),
        "fulfilled": frozenset(),
        "withdrawn": frozenset(),
        "expired": frozenset(),
        "unmet": frozenset(),
    }
)
"""Where each state may go; staying where one is changes nothing and is always allowed.

A broken contract leads back to the shortlist. Withdrawing is open to the demander until a contract is signed.
"""

ACTIVE: Final = frozenset[DemandState]({"open", "matching", "in_event", "promoted", "shortlisted"})
"""What suppliers may answer to: it is matched, listed and counted."""
WAITING: Final = frozenset[DemandState]({"submitted", "vetting"})
"""Before the operator's decision."""
OVER: Final = _ENDS

STATES: Final[Mapping[DemandState, str]] = MappingProxyType(
    {
        "draft": N_("Draft"),
        "submitted": N_("With the operator"),
        "vetting": N_("Being checked"),
        "open": N_("Open to suppliers"),
        "matching": N_("Being matched"),
        "in_event": N_("At an event"),
        "promoted": N_("Proposed as a challenge"),
        "shortlisted": N_("Talks under way"),
        "contracted": N_("Contract signed"),
        "fulfilled": N_("Met"),
        "withdrawn": N_("Withdrawn"),
        "expired": N_("Expired"),
        "unmet": N_("Not met"),
    }
)

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "deal": N_("A deal was made here"),
        "elsewhere": N_("It was met elsewhere"),
        "no_offer": N_("Nothing suitable was offered"),
        "quality": N_("The quality offered was too low"),
        "price": N_("What was offered costs too much"),
        "terms": N_("The terms of use did not fit"),
        "other": N_("Another reason"),
    }
)
MET: Final = ("deal", "elsewhere")
UNMET: Final = ("no_offer", "quality", "price", "terms", "other")


def may_move(state: DemandState, to: DemandState) -> bool:
    """Whether a demand in `state` may go to `to`."""
    return to == state or to in MOVES[state]
