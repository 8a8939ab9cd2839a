import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.submissions.states import COUNTED, MOVES, PENDING, IllegalMove, State, move, walk

states = st.sampled_from(list(State))


@given(states, states)
def test_a_move_is_made_exactly_when_the_table_has_it(here: State, there: State):
    if there in MOVES[here]:
        assert move(here, there) is there
    else:
        with pytest.raises(IllegalMove):
            move(here, there)


@given(states, st.lists(states, max_size=6))
def test_a_walk_is_its_moves_one_after_another(here: State, way: list[State]):
    def step_by_step() -> State:
        at = here
        for there in way:
            at = move(at, there)
        return at

    try:
        expected = step_by_step()
    except IllegalMove:
        with pytest.raises(IllegalMove):
            walk(here, way)
    else:
        assert walk(here, way) == expected


@given(st.lists(states, min_size=1, max_size=12))
def test_what_is_refused_or_withdrawn_stays_so_on_every_way(way: list[State]):
    at = State.RECEIVED
    for there in way:
        if there in MOVES[at]:
            assert at not in {State.REFUSED, State.WITHDRAWN}
            at = there


def test_every_state_is_reached_from_the_first_and_every_pending_one_can_end():
    reached = {State.RECEIVED}
    while new := {there for here in reached for there in MOVES[here]} - reached:
        reached |= new
    assert reached == set(State)
    for state in PENDING:
        seen = {state}
        while new := {there for here in seen for there in MOVES[here]} - seen:
            seen |= new
        assert seen & {State.SCORED, State.REFUSED, State.FAILED}


def test_what_we_refused_or_failed_at_costs_no_quota():
    assert {State.REFUSED, State.FAILED}.isdisjoint(COUNTED)
    assert PENDING <= COUNTED


def test_words_from_the_database_move_as_states_do():
    assert move("scored", State.WITHDRAWN) is State.WITHDRAWN  # type: ignore[arg-type]
