"""Several tasks combined by rank: the whole phase moves with every score, and always equals a recomputation."""

from statistics import fmean, median

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from challenges.definition import Definition
from leaderboard.accounts.actor import SYSTEM
from leaderboard.rankings import final, rebuild
from leaderboard.rankings.boards import Asked, board_lines
from leaderboard.rankings.by_rank import combination_of
from leaderboard.rankings.models import Standing
from leaderboard.seasons.models import Challenge, Phase
from leaderboard.ui.paging import Sort
from tests.rankings.conftest import by_rank

TASKS = ("north", "south", "west")


@pytest.fixture(params=["mean rank", "median rank"])
def sea(request, harbour):
    """The harbour with three tasks."""
    harbour.how = request.param
    harbour.define(by_rank(request.param))
    return harbour


def scores(north, south, west):
    return dict(zip(TASKS, (north, south, west), strict=True))


def board(sea, asked=None):
    with sea.resources.read() as work:
        assert rebuild.check(work) == []
        lines, _ = board_lines(work.session, sea.phase_id, asked or Asked(), now=work.now)
        return [(line.team, line.place, line.value) for line in lines]


def test_ranks_of_the_tasks_are_averaged(sea):
    sea.hand_in_tasks("a", scores(0.9, 0.8, 0.7))  # ranks 1, 1, 3
    sea.hand_in_tasks("b", scores(0.8, 0.7, 0.1))  # 2, 2, 1
    sea.hand_in_tasks("c", scores(0.7, 0.6, 0.2))  # 3, 3, 2
    if sea.how == "mean rank":
        # equal, so who came first stands above
        assert board(sea) == [("a", 1, 5 / 3), ("b", 2, 5 / 3), ("c", 3, 8 / 3)]
    else:
        assert board(sea) == [("a", 1, 1.0), ("b", 2, 2.0), ("c", 3, 3.0)]


def test_a_new_score_moves_those_who_handed_in_nothing(sea):
    sea.hand_in_tasks("a", scores(0.5, 0.5, 0.5))
    assert board(sea) == [("a", 1, 1.0)]
    sea.hand_in_tasks("b", scores(0.6, 0.6, 0.4))
    assert board(sea) == [("b", 1, 1.0), ("a", 2, 2.0)]


def test_the_latest_submission_stands_for_a_team_though_it_is_worse(sea):
    best = sea.hand_in_tasks("a", scores(0.9, 0.9, 0.1))
    sea.hand_in_tasks("b", scores(0.8, 0.8, 0.2))
    latest = sea.hand_in_tasks("a", scores(0.7, 0.7, 0.3))
    assert board(sea) == [("b", 1, 1.0), ("a", 2, 2.0)]
    sea.withdraw(latest)
    assert board(sea) == [("a", 1, 1.0), ("b", 2, 2.0)]
    sea.withdraw(best)
    assert board(sea) == [("b", 1, 1.0)]


def test_scores_that_look_equal_share_a_rank(sea):
    sea.hand_in_tasks("a", scores(0.9001, 0.5, 0.5))
    sea.hand_in_tasks("b", scores(0.9004, 0.5, 0.5))
    sea.hand_in_tasks("c", scores(0.8, 0.4, 0.6))
    assert board(sea) == [("a", 1, 1.0), ("b", 2, 1.0), ("c", 3, 3.0)]  # who came first stands above


def test_a_baseline_is_ranked_and_changes_nobody(sea):
    sea.hand_in_tasks("a", scores(0.9, 0.9, 0.1))
    sea.hand_in_tasks("b", scores(0.7, 0.7, 0.3))
    before = board(sea)
    sea.hand_in_tasks("reference", scores(0.8, 0.8, 0.2), baseline=True)
    assert [row for row in board(sea) if row[1]] == before
    assert ("reference", None, 2.0) in board(sea)


def test_a_board_can_be_sorted_by_the_combined_rank(sea):
    sea.hand_in_tasks("a", scores(0.9, 0.9, 0.1))
    sea.hand_in_tasks("b", scores(0.7, 0.7, 0.3))
    assert [row[0] for row in board(sea, Asked(sort=Sort("combined", descending=True)))] == ["b", "a"]


def test_rebuilding_finds_and_mends_tampering(sea):
    sea.hand_in_tasks("a", scores(0.9, 0.9, 0.1))
    sea.hand_in_tasks("b", scores(0.7, 0.7, 0.3))
    with sea.resources.write() as work:
        work.session.get_one(Standing, (sea.phase_id, sea.teams["b"])).weakness = 0.5
    with sea.resources.read() as work:
        assert rebuild.check(work)
    with sea.resources.write() as work:
        rebuild.rebuild(work)
    assert board(sea) == [("a", 1, 1.0), ("b", 2, 2.0)]


def test_the_final_standing_ranks_the_private_scores_of_the_latest_pick(sea):
    sea.hand_in_tasks("a", scores(0.9, 0.9, 0.1), scores(0.5, 0.5, 0.5))
    sea.hand_in_tasks("b", scores(0.7, 0.7, 0.3), scores(0.6, 0.6, 0.4))
    with sea.resources.read() as work:
        challenge = work.session.get_one(Challenge, sea.challenge_id)
        lines = final.preview(work, SYSTEM, challenge, work.session.get_one(Phase, sea.phase_id))
    assert [(line.team, line.place, line.public_place, line.value) for line in lines] == [
        ("b", 1, 2, 1.0),
        ("a", 2, 1, 2.0),
    ]


grid = st.floats(0, 1).map(lambda value: round(value, 1))
rows = st.lists(st.tuples(grid, grid, grid, st.booleans()), min_size=1, max_size=12)


@given(rows=rows, how=st.sampled_from(["mean rank", "median rank"]))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_combined_rank_is_one_more_than_how_many_teams_are_better_in_each_task(rows, how):
    combination = combination_of(Definition.model_validate(by_rank(how)))
    names = ("north/main", "south/main", "west/main")
    found = combination.values([dict(zip(names, row[:3], strict=True)) for row in rows], [row[3] for row in rows])
    average = fmean if how == "mean rank" else median
    teams = [row for row in rows if not row[3]]
    for row, value in zip(rows, found, strict=True):
        better = [sum(team[task] > row[task] for team in teams) for task in (0, 1)]
        better.append(sum(team[2] < row[2] for team in teams))
        assert value == average([1 + count for count in better])
