"""The states of a submission and every legal move between them; nothing else moves a submission.

The scoring child reads a file once, for intake and score together, so ``checking`` lasts while it works, and what it
reports walks the rest of the way in one commit: ``checking → queued → scoring → scored``. A submission that is scored anew
stays ``scored``, with its old numbers, until the new ones are there.
"""

from collections.abc import Iterable, Mapping
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
    State.QUEUED: frozenset({State.SCORING}),
    State.SCORING: frozenset({State.SCORED, State.FAILED}),
    State.SCORED: frozenset({State.WITHDRAWN, State.REFUSED, State.FAILED}),
    State.FAILED: frozenset({State.RECEIVED}),
    State.REFUSED: frozenset(),
    State.WITHDRAWN: frozenset(),
}

PENDING: Final = frozenset({State.RECEIVED, State.CHECKING, State.QUEUED, State.SCORING})
"""On the way: every submission leaves these."""

COUNTED: Final = frozenset({*PENDING, State.SCORED, State.WITHDRAWN})
"""Costs quota. What we refused or failed at costs none."""


def move(here: State, there: State) -> State:
    """``there``, when the table allows it. Raises IllegalMove.

    >>> move(State.SCORED, State.WITHDRAWN)
    <State.WITHDRAWN: 'withdrawn'>
    """
    if there not in MOVES[here]:
        raise IllegalMove(f"{here} → {there}")
    return there


def walk(here: State, way: Iterable[State]) -> State:
    """The end of ``way``, when every step of it is in the table. Raises IllegalMove."""
    for there in way:
        here = move(here, there)
    return here
