"""The lifecycle: every walk keeps what the table promises."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.exchange.listings.states import LABELS, MOVES, NEXT, IllegalMove, State, move


@given(st.lists(st.sampled_from(list(State)), max_size=40))
def test_on_every_walk_nothing_is_listed_without_a_review_before(wishes: list[State]) -> None:
    here, walked = State.DRAFT, [State.DRAFT]
    for wish in wishes:
        if wish in MOVES[here]:
            here = move(here, wish)
            walked.append(here)
        else:
            with pytest.raises(IllegalMove):
                move(here, wish)
    seen = [at for at, state in enumerate(walked) if state in {State.LISTED, State.SUSPENDED, State.STALE}]
    for at in seen:
        before = walked[:at]
        assert State.REGISTERED in before
        since = max(i for i, state in enumerate(before) if state == State.REGISTERED)
        assert State.IN_REVIEW in before[:since] or State.SUSPENDED in before[:since]
        assert State.DELISTED not in before[since:], "what was withdrawn is reviewed anew"
    if State.REJECTED in walked:
        assert walked[-1] == State.REJECTED


def test_every_state_has_a_name_a_next_step_and_a_way_in() -> None:
    assert set(LABELS) == set(NEXT) == set(MOVES) == set(State)
    assert set().union(*MOVES.values()) == set(State) - {State.DRAFT}
