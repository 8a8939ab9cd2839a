"""The lives of events and meetings: what the tables allow, held against every walk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.events.states import (
    AHEAD,
    MEETING_MOVES,
    MEETING_STATES,
    MOVES,
    ORDER,
    STATES,
    IllegalMove,
    MeetingState,
    State,
    follows,
    meeting_moved,
    moved,
)

NEVER_LEFT = {State.PUBLISHED, State.LIVE, State.CLOSED, State.FOLLOW_UP, State.CALLED_OFF}


@given(st.lists(st.sampled_from(State)))
def test_any_walk_stays_in_the_table_and_never_takes_back_what_was_published(wishes):
    here, published = State.DRAFT, False
    for there in wishes:
        try:
            new = moved(here, there)
        except IllegalMove:
            assert there not in MOVES[here]
            continue
        assert here != State.CALLED_OFF, "that is for good"
        assert new == State.CALLED_OFF or abs(ORDER.index(new) - ORDER.index(here)) == 1, "one step at a time"
        published |= new == State.PUBLISHED
        here = new
        assert not published or here in NEVER_LEFT


@given(st.lists(st.sampled_from(MeetingState)))
def test_what_was_held_is_never_proposed_again(wishes):
    here, over = MeetingState.PROPOSED, False
    for there in wishes:
        try:
            here = meeting_moved(here, there)
        except IllegalMove:
            assert there not in MEETING_MOVES[here]
            continue
        over |= here in {MeetingState.HELD, MeetingState.NO_SHOW}
        assert not over or here in {MeetingState.HELD, MeetingState.NO_SHOW}


def test_every_state_has_its_moves_and_its_name():
    assert set(MOVES) == set(STATES) == set(State)
    assert set(MEETING_MOVES) == set(MEETING_STATES) == set(MeetingState)
    reached = {there for moves in MOVES.values() for there in moves}
    assert reached == set(State)


def test_what_was_announced_and_is_not_closed_can_be_called_off():
    can = {state for state, moves in MOVES.items() if State.CALLED_OFF in moves}
    assert can == set(State) - {State.DRAFT, State.CLOSED, State.FOLLOW_UP, State.CALLED_OFF}
    assert sorted(AHEAD) == [MeetingState.CONFIRMED, MeetingState.PROPOSED], "what was held stays"


def test_a_step_back_is_no_step_forward():
    assert follows(State.CALL, State.REGISTRATION)
    assert not follows(State.SCHEDULED, State.PREFERENCE)
    with pytest.raises(IllegalMove):
        moved(State.PUBLISHED, State.SCHEDULED)
