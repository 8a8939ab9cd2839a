"""Rank ranges hold the true place, and are as narrow as paired differences allow."""

import numpy as np
import pytest

from scoring import evaluate, rank_ranges


def teams(rng, truth_values, rows, shared=0.05, own=0.02):
    """Row contributions of teams whose true scores are given: a large shared part, a small own part."""
    common = rng.normal(0, shared, rows)
    return np.array([value + common + rng.normal(0, own, rows) for value in truth_values])


def spreads(contributions):
    rows = contributions.shape[1]
    return ((contributions - contributions.mean(axis=1, keepdims=True)) / np.sqrt(rows * (rows - 1))).astype(np.float32)


def test_ranges_hold_the_true_places_of_all_teams_as_often_as_promised():
    rng = np.random.default_rng(0)
    true = np.linspace(0.5, 0.52, 8)[::-1]
    held = 0
    for _ in range(200):
        rows = teams(rng, true, 300)
        ranges = rank_ranges(rows.mean(axis=1), spreads(rows), "max")
        held += (ranges[:, 0] <= np.arange(1, 9)) & (np.arange(1, 9) <= ranges[:, 1])
    assert (held / 200).min() >= 0.95


def test_equal_teams_are_seldom_told_apart():
    rng = np.random.default_rng(1)
    told_apart = 0
    for _ in range(200):
        rows = teams(rng, np.full(10, 0.5), 300)
        told_apart += (rank_ranges(rows.mean(axis=1), spreads(rows), "max")[0] != [1, 10]).any()
    assert told_apart / 200 <= 0.08


def test_pairing_tells_apart_what_single_intervals_cannot():
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 2, 2000)
    worse = np.where(rng.random(2000) < 0.80, truth, 1 - truth)
    better = np.where(rng.random(2000) < 0.1, truth, worse)
    first, second = (evaluate("accuracy", truth, prediction) for prediction in (worse, better))
    assert first.high > second.low
    assert rank_ranges([first.value, second.value], [first.spread, second.spread], "max").tolist() == [[2, 2], [1, 1]]


def test_direction_and_order_of_teams():
    rows = teams(np.random.default_rng(3), [0.5, 0.6, 0.7], 200)
    values, z = rows.mean(axis=1), spreads(rows)
    assert rank_ranges(values, z, "max").tolist() == [[3, 3], [2, 2], [1, 1]]
    assert rank_ranges(values, z, "min").tolist() == [[1, 1], [2, 2], [3, 3]]
    order = [2, 0, 1]
    assert rank_ranges(values[order], z[order], "min").tolist() == [[3, 3], [1, 1], [2, 2]]


def test_the_same_file_twice_is_never_told_apart():
    rows = teams(np.random.default_rng(4), [0.5, 0.5, 0.9], 100)
    rows[1] = rows[0]
    assert rank_ranges(rows.mean(axis=1), spreads(rows), "max").tolist() == [[2, 3], [2, 3], [1, 1]]


@pytest.mark.parametrize(("rows", "sure"), [(2, False), (3, False), (10, True)])
def test_few_rows_that_all_agree_are_no_proof(rows, sure):
    """All right against all wrong: the spreads are zero, and still two rows prove nothing."""
    truth = np.zeros(rows, int)
    right, wrong = evaluate("accuracy", truth, truth), evaluate("accuracy", truth, truth + 1)
    ranges = rank_ranges([right.value, wrong.value], [right.spread, wrong.spread], "max").tolist()
    assert ranges == ([[1, 1], [2, 2]] if sure else [[1, 2], [1, 2]])


def test_one_team_or_none():
    assert rank_ranges([0.5], np.zeros((1, 4), np.float32), "max").tolist() == [[1, 1]]
    assert rank_ranges([], np.zeros((0, 4), np.float32), "max").shape == (0, 2)


def test_a_large_board_in_pieces_is_the_same(monkeypatch):
    rng = np.random.default_rng(5)
    rows = teams(rng, rng.uniform(0.5, 0.51, 60), 200)
    whole = rank_ranges(rows.mean(axis=1), spreads(rows), "max")
    monkeypatch.setattr("scoring.ranges._PAIRS", 200)
    np.testing.assert_array_equal(rank_ranges(rows.mean(axis=1), spreads(rows), "max"), whole)


@pytest.mark.parametrize(
    ("values", "z"), [([0.5, 0.6], np.zeros((1, 4))), ([0.5, np.nan], np.zeros((2, 4))), ([0.5], np.zeros(4))]
)
def test_what_does_not_fit_is_a_mistake_of_the_caller(values, z):
    with pytest.raises(ValueError, match="spread"):
        rank_ranges(values, z, "max")
