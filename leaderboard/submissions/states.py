"""The states of a submission and every legal move between them; nothing else moves a submission."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class State(StrEnum):
    RECEIVED = "received"
    CHECKING = "checking"
    REFUSED = "refused"
    QUEUED = "queued"
    SCORING = "scoring"
    SCORED = "scored"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


class IllegalMove(Exception):
    """A move that is not in the table: a fault in this program."""


MOVES: Final[Mapping[State, frozenset[State]]] = {
    State.RECEIVED: frozenset({State.CHECKING, State.FAILED}),
    State.CHECKING: frozenset({State.REFUSED, State.QUEUED, State.RECEIVED, State.FAILED}),
    State.QUEUED: frozenset({State.SCORING, State.FAILED}),
    State.SCORING: frozenset({State.SCORED, State.QUEUED, State.FAILED}),
    State.SCORED: frozenset({State.WITHDRAWN, State.QUEUED}),
    State.FAILED: frozenset({State.QUEUED, State.RECEIVED}),
    State.REFUSED: frozenset(),
    State.WITHDRAWN: frozenset(),
}

PENDING: Final = frozenset({State.RECEIVED, State.CHECKING, State.QUEUED, State.SCORING})
"""On the way: every submission leaves these."""

COUNTED: Final = frozenset({*PENDING, State.SCORED, State.WITHDRAWN})
"""Costs quota. What we refused or failed at costs none."""


def move(here: State, there: State) -> State:
    """``there``, when the table allows it. Raises IllegalMove."""
    if there not in MOVES[here]:
        raise IllegalMove(f"{here} → {there}")
    return there
