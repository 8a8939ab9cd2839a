"""The states of a listing and every legal move between them; nothing else moves a listing.

Without a scenario of use nothing is registered, without a review nothing is seen, and a dataset that is kept here is listed
only when its quality has been measured.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from leaderboard.core.i18n import N_


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    REJECTED = "rejected"
    REGISTERED = "registered"
    LISTED = "listed"
    SUSPENDED = "suspended"
    STALE = "stale"
    DELISTED = "delisted"


LABELS: Final[Mapping[State, str]] = {
    State.DRAFT: N_("Draft"),
    State.SUBMITTED: N_("Waits for review"),
    State.IN_REVIEW: N_("In review"),
    State.RETURNED: N_("Returned"),
    State.REJECTED: N_("Rejected"),
    State.REGISTERED: N_("Registered"),
    State.LISTED: N_("Listed"),
    State.SUSPENDED: N_("Suspended"),
    State.STALE: N_("Not confirmed"),
    State.DELISTED: N_("Withdrawn"),
}

NEXT: Final[Mapping[State, str]] = {
    State.DRAFT: N_("Complete it and hand it in for review."),
    State.SUBMITTED: N_("The operator will take it up; until then it can be edited."),
    State.IN_REVIEW: N_("The operator is reviewing it. You get a mail with the decision."),
    State.RETURNED: N_("Mend what the note says and hand it in again."),
    State.REJECTED: N_("It cannot be handed in again. Make another one that answers the reason."),
    State.REGISTERED: N_("It is listed as soon as its dataset has been measured."),
    State.LISTED: N_("Everybody can find it. Confirm now and then that it still holds."),
    State.SUSPENDED: N_("Nobody else sees it until the operator resumes it, or its card is published again."),
    State.STALE: N_("It has left the list. Confirm that it still holds, and it is listed again."),
    State.DELISTED: N_("Nobody else sees it. It can be handed in again."),
}
"""What its owner does next, or waits for."""


class IllegalMove(Exception):
    """A move that is not in the table: a fault in this program."""


_BACK: Final = frozenset({State.REGISTERED, State.LISTED})

MOVES: Final[Mapping[State, frozenset[State]]] = {
    State.DRAFT: frozenset({State.SUBMITTED, State.DELISTED}),
    State.SUBMITTED: frozenset({State.IN_REVIEW, State.DELISTED}),
    State.IN_REVIEW: frozenset({State.RETURNED, State.REJECTED, State.REGISTERED, State.DELISTED}),
    State.RETURNED: frozenset({State.SUBMITTED, State.DELISTED}),
    State.REJECTED: frozenset(),
    State.REGISTERED: frozenset({State.LISTED, State.SUSPENDED, State.DELISTED}),
    State.LISTED: frozenset({State.SUSPENDED, State.STALE, State.DELISTED}),
    State.SUSPENDED: _BACK | {State.DELISTED},
    State.STALE: frozenset({State.LISTED, State.SUSPENDED, State.DELISTED}),
    State.DELISTED: frozenset({State.SUBMITTED}),
}

WAITING: Final = frozenset({State.SUBMITTED, State.IN_REVIEW})
"""On the desk of the operator."""

PASSED: Final = frozenset({State.REGISTERED, State.LISTED, State.SUSPENDED, State.STALE})
"""Reviewed: here a change that touches what was reviewed waits for another review."""

EDITABLE: Final = frozenset(State) - {State.IN_REVIEW, State.REJECTED}


def move(here: State, there: State) -> State:
    """``there``, when the table allows it. Raises IllegalMove.

    >>> move(State.LISTED, State.STALE)
    <State.STALE: 'stale'>
    """
    if there not in MOVES[here]:
        raise IllegalMove(f"{here} → {there}")
    return there
