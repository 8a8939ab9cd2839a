"""The states of an event and of a meeting, and every legal move between them; nothing else moves them.

An event goes forward through its life, one step at a time. Back goes what nobody has relied on yet: up to the publication of
the timetable; a closed day can be opened again until its follow-up has begun. What was announced and is not closed can be called
off, and stays so.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from leaderboard.core.i18n import N_


class State(StrEnum):
    DRAFT = "draft"
    CALL = "call"
    REGISTRATION = "registration"
    PREFERENCE = "preference"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    LIVE = "live"
    CLOSED = "closed"
    FOLLOW_UP = "follow-up"
    CALLED_OFF = "called-off"


class MeetingState(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    HELD = "held"
    NO_SHOW = "no_show"


class IllegalMove(Exception):
    """A move that is not in the table: a fault in this program."""


MOVES: Final[Mapping[State, frozenset[State]]] = MappingProxyType(
    {
        State.DRAFT: frozenset({State.CALL}),
        State.CALL: frozenset({State.DRAFT, State.REGISTRATION, State.CALLED_OFF}),
        State.REGISTRATION: frozenset({State.CALL, State.PREFERENCE, State.CALLED_OFF}),
        State.PREFERENCE: frozenset({State.REGISTRATION, State.SCHEDULED, State.CALLED_OFF}),
        State.SCHEDULED: frozenset({State.PREFERENCE, State.PUBLISHED, State.CALLED_OFF}),
        State.PUBLISHED: frozenset({State.LIVE, State.CALLED_OFF}),
        State.LIVE: frozenset({State.CLOSED, State.CALLED_OFF}),
        State.CLOSED: frozenset({State.LIVE, State.FOLLOW_UP}),
        State.FOLLOW_UP: frozenset(),
        State.CALLED_OFF: frozenset(),
    }
)
ORDER: Final = tuple(State)
APART: Final = frozenset({State.PUBLISHED, State.CALLED_OFF})
"""States that have a verb of their own, since it needs more than the name of the state."""

MEETING_MOVES: Final[Mapping[MeetingState, frozenset[MeetingState]]] = MappingProxyType(
    {
        MeetingState.PROPOSED: frozenset(MeetingState) - {MeetingState.PROPOSED},
        MeetingState.CONFIRMED: frozenset(MeetingState) - {MeetingState.CONFIRMED},
        MeetingState.DECLINED: frozenset({MeetingState.PROPOSED, MeetingState.CONFIRMED, MeetingState.CANCELLED}),
        MeetingState.CANCELLED: frozenset({MeetingState.PROPOSED}),
        MeetingState.HELD: frozenset({MeetingState.NO_SHOW}),
        MeetingState.NO_SHOW: frozenset({MeetingState.HELD}),
    }
)

STATES: Final[Mapping[State, str]] = MappingProxyType(
    {
        State.DRAFT: N_("Draft"),
        State.CALL: N_("Announced"),
        State.REGISTRATION: N_("Registration open"),
        State.PREFERENCE: N_("Preferences open"),
        State.SCHEDULED: N_("Timetable in the making"),
        State.PUBLISHED: N_("Timetable published"),
        State.LIVE: N_("Under way"),
        State.CLOSED: N_("Over"),
        State.FOLLOW_UP: N_("Over, results collected"),
        State.CALLED_OFF: N_("Called off"),
    }
)
MEETING_STATES: Final[Mapping[MeetingState, str]] = MappingProxyType(
    {
        MeetingState.PROPOSED: N_("proposed"),
        MeetingState.CONFIRMED: N_("confirmed"),
        MeetingState.DECLINED: N_("declined"),
        MeetingState.CANCELLED: N_("cancelled"),
        MeetingState.HELD: N_("held"),
        MeetingState.NO_SHOW: N_("no show"),
    }
)

OPEN_TO_PARTIES: Final = frozenset({State.REGISTRATION, State.PREFERENCE})
"""A seat that becomes free goes to the first who waits."""
ON_THE_DAY: Final = frozenset({State.PUBLISHED, State.LIVE})
"""The timetable may still be repaired."""
BEGUN: Final = frozenset({State.LIVE, State.CLOSED, State.FOLLOW_UP})
REPORTED: Final = frozenset({State.CLOSED, State.FOLLOW_UP})
"""Its numbers are public."""
OVER: Final = REPORTED | {State.CALLED_OFF}
"""Nobody comes any more."""
STANDING: Final = frozenset({MeetingState.PROPOSED, MeetingState.CONFIRMED, MeetingState.HELD, MeetingState.NO_SHOW})
"""Meetings that take a table."""
AHEAD: Final = frozenset(state for state in STANDING if MeetingState.CANCELLED in MEETING_MOVES[state])
"""Those of them that can still be cancelled."""


def moved(here: State, there: State) -> State:
    """``there``, when the table allows it. Raises IllegalMove.

    >>> moved(State.SCHEDULED, State.PREFERENCE)
    <State.PREFERENCE: 'preference'>
    """
    if there not in MOVES[here]:
        raise IllegalMove(f"{here} → {there}")
    return there


def meeting_moved(here: MeetingState, there: MeetingState) -> MeetingState:
    """As `moved`, for a meeting; staying where one is changes nothing. Raises IllegalMove."""
    if there != here and there not in MEETING_MOVES[here]:
        raise IllegalMove(f"{here} → {there}")
    return there


def follows(here: State, there: State) -> bool:
    """Whether ``there`` is a step forward from ``here``."""
    return ORDER.index(there) > ORDER.index(here)
