"""The table of states: whatever is tried, a demand is where the table lets it be, and what is over stays over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.exchange.demands.states import ACTIVE, MET, MOVES, OVER, REASONS, STATES, UNMET, WAITING, may_move

ANY = st.sampled_from(sorted(STATES))


@given(st.lists(ANY, max_size=30))
def test_no_way_leads_past_the_operator_or_out_of_an_end(tries):
    state, been = "draft", ["draft"]
    for to in tries:
        if may_move(state, to) and to != state:
            assert to in MOVES[state]
            state = to
            been.append(to)
    for at, state in enumerate(been):
        if state in ACTIVE | {"contracted", "fulfilled", "unmet", "expired"}:
            assert "vetting" in been[:at]
        if state in OVER:
            assert at == len(been) - 1


@given(ANY)
def test_every_state_can_be_reached_and_is_listed_once(state):
    reached, border = {"draft"}, ["draft"]
    while border:
        border = [to for one in border for to in MOVES[one] if to not in reached and not reached.add(to)]
    assert state in reached
    assert set(MOVES) == set(STATES)


@pytest.mark.parametrize("state", sorted(STATES))
def test_staying_is_allowed_and_withdrawing_until_a_contract(state):
    assert may_move(state, state)
    assert may_move(state, "withdrawn") == (state in ACTIVE | WAITING | {"draft", "withdrawn"})


def test_every_reason_belongs_to_one_end():
    assert set(MET) | set(UNMET) == set(REASONS)
    assert not set(MET) & set(UNMET)
