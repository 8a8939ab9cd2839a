"""Standings stay equal to a recomputation, whatever happens in whatever order."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from leaderboard.core.jobs import claim
from leaderboard.rankings import rebuild
from leaderboard.rankings.boards import PAGE_ROWS, Asked, board_lines
from leaderboard.rankings.models import Board, RankBucket, Standing
from leaderboard.rankings.ranges import range_board
from leaderboard.rankings.service import RANGES_JOB, place_of, placed
from leaderboard.submissions.signals import LeaderAsked
from leaderboard.ui.paging import Sort

FIRST_PAGE = Asked()


def lines(harbour: Any, asked: Asked = FIRST_PAGE) -> list[Any]:
    with harbour.resources.read() as work:
        return board_lines(work.session, harbour.phase_id, asked, now=work.now)[0]


def agree(harbour: Any) -> None:
    with harbour.resources.read() as work:
        assert rebuild.check(work) == []


def test_the_best_of_a_team_stands(harbour):
    harbour.hand_in("a", 0.71)
    best = harbour.hand_in("a", 0.74)
    harbour.hand_in("a", 0.73)
    (line,) = lines(harbour)
    assert (line.place, line.submission_id, line.value, line.submissions) == (1, best, 0.74, 3)
    agree(harbour)


def test_equal_at_the_declared_digits_and_in_the_chain_is_a_shared_place(harbour):
    harbour.hand_in("a", 0.7001, 0.501)
    harbour.hand_in("b", 0.7004, 0.499)
    harbour.hand_in("c", 0.9)
    harbour.hand_in("d", 0.6)
    assert [(line.team, line.place, line.shared) for line in lines(harbour)] == [
        ("c", 1, False),
        ("a", 2, True),
        ("b", 2, True),
        ("d", 4, False),
    ]
    agree(harbour)


def test_the_chain_decides_between_equal_scores(harbour):
    harbour.hand_in("a", 0.7, 0.52)
    harbour.hand_in("b", 0.7, 0.49)
    assert [(line.team, line.place) for line in lines(harbour)] == [("b", 1), ("a", 2)]


def test_withdrawing_the_best_brings_back_the_second(harbour):
    second = harbour.hand_in("a", 0.7)
    best = harbour.hand_in("a", 0.8)
    harbour.hand_in("b", 0.75)
    harbour.withdraw(best)
    assert [(line.team, line.place, line.submission_id) for line in lines(harbour)][1] == ("a", 2, second)
    harbour.withdraw(second)
    assert [line.team for line in lines(harbour)] == ["b"]
    agree(harbour)
    with harbour.resources.read() as work:
        assert len(work.session.exec(select(Standing)).all()) == 1
        assert sum(row.count for row in work.session.exec(select(RankBucket))) == 1


def test_baselines_are_shown_between_teams_without_a_place(harbour):
    harbour.hand_in("a", 0.8)
    harbour.hand_in("reference", 0.7, baseline=True)
    harbour.hand_in("b", 0.6)
    assert [(line.team, line.place) for line in lines(harbour)] == [("a", 1), ("reference", None), ("b", 2)]
    with harbour.resources.read() as work:
        assert place_of(work.session, harbour.phase_id, harbour.teams["reference"]) is None
        assert placed(work.session, harbour.phase_id) == 2
    agree(harbour)


def test_every_change_gives_the_board_a_new_version(harbour):
    harbour.hand_in("a", 0.8)
    with harbour.resources.read() as work:
        first = work.session.get_one(Board, harbour.phase_id).version
    harbour.hand_in("a", 0.7)
    with harbour.resources.read() as work:
        assert work.session.get_one(Board, harbour.phase_id).version > first


@pytest.mark.slow
def test_pages_follow_each_other_without_gap_or_overlap(harbour):
    for number in range(PAGE_ROWS + 30):
        harbour.hand_in(f"t{number:03}", 0.5 + number % 40 / 100)
    first, second = lines(harbour), lines(harbour, Asked(page=2))
    assert [len(first), len(second)] == [PAGE_ROWS, 30]
    together = [*first, *second]
    assert len({line.team for line in together}) == PAGE_ROWS + 30
    assert [line.weakness for line in together] == sorted(line.weakness for line in together)
    with harbour.resources.read() as work:
        for line in together:
            assert line.place == place_of(work.session, harbour.phase_id, line.entry_id)
    assert all(line.shared for line in together)
    agree(harbour)


def test_sorting_and_searching_keep_the_true_places(harbour):
    harbour.hand_in("alpha", 0.6, 0.3)
    harbour.hand_in("beta", 0.8, 0.9)
    harbour.hand_in("beta_2", 0.7, 0.5)
    by_name = lines(harbour, Asked(sort=Sort("team")))
    assert [(line.team, line.place) for line in by_name] == [("alpha", 3), ("beta", 1), ("beta_2", 2)]
    by_loss = lines(harbour, Asked(sort=Sort("loss")))
    assert [line.team for line in by_loss] == ["alpha", "beta_2", "beta"]
    found = lines(harbour, Asked(search="A_2"))
    assert [(line.team, line.place) for line in found] == [("beta_2", 2)]


def test_a_board_can_be_shown_as_of_any_moment(harbour):
    harbour.hand_in("a", 0.7)
    after_first = harbour.clock.now() - timedelta(seconds=1)
    harbour.hand_in("b", 0.8)
    assert [(line.team, line.place) for line in lines(harbour, Asked(as_of=after_first))] == [("a", 1)]
    now = [(line.team, line.place) for line in lines(harbour, Asked(as_of=harbour.clock.now()))]
    assert now == [("b", 1), ("a", 2)]
    assert lines(harbour, Asked(as_of=after_first - timedelta(days=30))) == []


def test_moves_compare_with_a_week_ago(harbour):
    harbour.hand_in("a", 0.7)
    harbour.hand_in("b", 0.6)
    harbour.clock.advance(days=8)
    harbour.hand_in("b", 0.9)
    harbour.hand_in("c", 0.8)
    assert [(line.team, line.move, line.new) for line in lines(harbour)] == [
        ("b", 1, False),
        ("c", None, True),
        ("a", -2, False),
    ]


def test_ranges_come_from_the_spreads(harbour):
    harbour.hand_in("a", 0.9)
    harbour.hand_in("b", 0.899)
    harbour.hand_in("c", 0.5)
    harbour.clock.advance(seconds=5)
    with harbour.resources.write() as work:
        (job,) = claim(work.session, "w", work.now, timedelta(seconds=30), kinds=[RANGES_JOB])
    range_board(harbour.resources, job)
    assert [(line.team, line.best_place, line.worst_place) for line in lines(harbour)] == [
        ("a", 1, 2),
        ("b", 1, 2),
        ("c", 3, 3),
    ]
    harbour.hand_in("a", 0.95)
    assert lines(harbour)[0].best_place is None  # a range is about one submission


def test_a_tampered_standing_is_found_and_mended(harbour):
    harbour.hand_in("a", 0.7)
    harbour.hand_in("b", 0.8)
    with harbour.resources.write() as work:
        row = work.session.get_one(Standing, (harbour.phase_id, harbour.teams["a"]))
        row.weakness = -0.99
        work.session.add(row)
    with harbour.resources.read() as work:
        assert {difference.what for difference in rebuild.check(work)} >= {"slices"}
    with harbour.resources.write() as work:
        assert rebuild.rebuild(work) == 2
    agree(harbour)


def test_scores_recorded_at_once_leave_a_true_board(harbour):
    for name in "abcd":
        harbour.enter(name)
    threads = [
        threading.Thread(target=harbour.hand_in, args=(name, 0.5 + index / 10)) for index, name in enumerate("abcd")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    agree(harbour)
    assert [line.team for line in lines(harbour)] == ["d", "c", "b", "a"]


deeds = st.lists(
    st.one_of(
        st.tuples(st.just("score"), st.sampled_from("abcdef"), st.integers(0, 20), st.integers(0, 3)),
        st.tuples(st.just("withdraw"), st.integers(0, 50), st.just(0), st.just(0)),
    ),
    max_size=14,
)


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=deeds)
def test_any_sequence_of_deeds_equals_a_recomputation(harbour, deeds):
    made: list[int] = []
    for deed, who, value, tie in deeds:
        if deed == "score":
            made.append(harbour.hand_in(who, value / 20, tie / 10))
        elif made:
            harbour.withdraw(made.pop(who % len(made)))
    agree(harbour)


def test_the_leader_is_the_first_team_not_a_baseline(harbour):
    def leader():
        with harbour.resources.read() as work:
            asked = LeaderAsked(harbour.phase_id, [])
            work.emit(asked)
            return asked.found

    assert leader() == []
    harbour.hand_in("reference", 0.95, baseline=True)
    assert leader() == []
    harbour.hand_in("a", 0.7)
    best = harbour.hand_in("b", 0.9)
    harbour.hand_in("b", 0.8)
    assert leader() == [best]
