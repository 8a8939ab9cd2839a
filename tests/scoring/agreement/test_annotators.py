"""Profiles of annotators whose habits are known."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from scoring.agreement.annotators import Profiles, pace, profile
from scoring.agreement.consensus import dawid_skene
from scoring.agreement.labels import Labels
from scoring.agreement.simulate import biased, constant, guessing, simulate
from scoring.agreement.skills import LEVELS, skill_level
from tests.scoring.agreement.crowd import drawn, grid, honest

CROWD = [*honest(4), biased(4, 2), biased(4, 0, pull=0.5), constant(4, 1), guessing(4)]


@pytest.fixture(scope="module")
def world() -> tuple[np.ndarray, Labels, Profiles]:
    truth = np.random.default_rng(0).choice(4, 3000, p=[0.4, 0.3, 0.2, 0.1])
    labels = drawn(truth, CROWD, per_item=5)
    gold = np.arange(0, 3000, 12)
    return truth, labels, profile(labels, dawid_skene(labels, 4, gold=(gold, truth[gold])))


def test_accuracy_on_gold_is_counted(world):
    truth, labels, found = world
    for number in range(len(CROWD)):
        rows = labels.of_annotator(number)
        items = labels.items[labels.item[rows]]
        on_gold = items % 12 == 0
        right = labels.label[rows][on_gold] == truth[items[on_gold]]
        assert (found.right[number], found.gold.rows[number]) == (right.sum(), on_gold.sum())
        exact = stats.binomtest(int(right.sum()), int(on_gold.sum())).proportion_ci(method="wilson")
        assert (found.gold.low[number], found.gold.high[number]) == pytest.approx(exact)
        assert found.commonest[number] == np.bincount(truth[items[on_gold]]).max()
        assert found.labels[number] == len(rows)


def test_accuracy_against_the_others_is_that_against_the_truth(world):
    """Though the others are wrong one time in four, the estimate is not dragged down by them."""
    truth, labels, found = world
    real = np.array([(labels.label == truth[labels.item])[labels.annotator == n].mean() for n in range(len(CROWD))])
    assert abs(found.consensus.value - real).max() < 0.04
    held = (found.consensus.low <= real) & (real <= found.consensus.high)
    assert held.sum() >= len(CROWD) - 2
    assert (found.consensus.high - found.consensus.low < 0.08).all()


def test_bias_is_found_and_nobody_is_called_biased_for_being_poor(world):
    assert world[2].towards.tolist() == [-1] * 8 + [2, 0, 1, -1]
    assert (world[2].towards_chance[[8, 9, 10]] < 0.001).all()


def test_confusable_classes_are_no_bias():
    """Everybody takes half of class 3 for class 2: that is the items, not the person."""
    truth = np.random.default_rng(1).integers(0, 4, 2000)
    crowd = honest(4)
    for one in crowd:
        one.confusion[3] = [0, 0, 0.5, 0.5]
    labels = drawn(truth, crowd, per_item=4)
    gold = np.arange(0, 2000, 4)
    found = profile(labels, dawid_skene(labels, 4, gold=(gold, truth[gold])))
    assert found.towards.tolist() == [-1] * 8


def test_constant_answers_are_found_but_not_where_the_items_are_all_alike(world):
    assert world[2].constant.tolist() == [False] * 10 + [True, False]
    assert (world[2].usual[10], world[2].usual_share[10]) == (1, 1.0)
    labels = drawn(np.zeros(1000, int), [*honest(4)[:2]] * 3, per_item=3)
    found = profile(labels, dawid_skene(labels, 4))
    assert (found.usual_share > 0.9).all()
    assert not found.constant.any()


def test_agreement_with_the_others_done_slowly():
    table = np.random.default_rng(1).integers(-1, 3, (4, 30))
    labels = grid(table)
    found = profile(labels, dawid_skene(labels, 3)).agreement
    for annotator in range(4):
        shares = []
        for item in range(30):
            others = [table[other, item] for other in range(4) if other != annotator and table[other, item] >= 0]
            if table[annotator, item] >= 0 and others:
                shares.append(np.mean(np.array(others) == table[annotator, item]))
        assert found.value[annotator] == pytest.approx(np.mean(shares))
        assert found.rows[annotator] == len(shares)


def test_levels_follow_from_gold(world):
    levels = [world[2].level(number).key for number in range(len(CROWD))]
    assert levels[0] in {"skilled", "expert", "qualified"}
    assert set(levels[6:]) == {"trainee"}


def test_who_has_no_gold_and_no_company_is_simply_not_known():
    labels = Labels.from_rows([1, 2, 3, 3], [7, 7, 8, 9], [0, 1, 1, 1])
    found = profile(labels, dawid_skene(labels, 2))
    for shares in (found.gold, found.consensus, found.agreement):
        assert (shares.value[0], shares.low[0], shares.high[0], shares.rows[0]) == (0, 0, 1, 0)
    assert found.level(0).key == "trainee"
    assert found.consensus.rows.tolist() == [0, 1, 1]
    every = [getattr(found, name) for name in ("towards_chance", "usual_share")]
    assert all(np.isfinite(column).all() for column in every)


def test_one_class_and_ten_thousand_annotators():
    same = grid([[0] * 20] * 3)
    assert profile(same, dawid_skene(same, 1)).consensus.value.tolist() == [1.0] * 3
    rng = np.random.default_rng(0)
    labels = Labels.from_rows(np.arange(10_000) // 4, np.arange(10_000), rng.integers(0, 3, 10_000))
    found = profile(labels, dawid_skene(labels, 3))
    assert not found.constant.any()
    assert (found.towards == -1).all()


def test_innocent_crowds_are_left_alone():
    """Two hundred honest annotators in twenty worlds: at most one is called biased or constant (one false alarm in 100 worlds)."""
    accused = 0
    for seed in range(20):
        truth = np.random.default_rng(seed).choice(3, 600, p=[0.7, 0.2, 0.1])
        labels = drawn(truth, honest(3) + honest(3)[:2], per_item=4, seed=seed)
        found = profile(labels, dawid_skene(labels, 3))
        accused += int(((found.towards >= 0) | found.constant).sum())
    assert accused <= 1


def test_intervals_of_the_accuracy_hold():
    held = total = 0
    for seed in range(15):
        truth = np.random.default_rng(seed).integers(0, 3, 500)
        labels = drawn(truth, honest(3), per_item=4, seed=seed)
        found = profile(labels, dawid_skene(labels, 3)).consensus
        real = np.array([0.97] * 2 + [0.85] * 4 + [0.70] * 2)
        held += int(((found.low <= real) & (real <= found.high)).sum())
        total += 8
    assert 0.88 <= held / total <= 0.99


def test_pace():
    items = np.arange(7)
    given_at = [0.0, 4.0, 10.0, 2000.0, 2001.0, 50.0, 70.0]
    labels = Labels.from_rows(items, [1, 1, 1, 1, 1, 2, 2], [0] * 7)
    found = pace(labels, given_at, limit=2.0)
    assert found.timed.tolist() == [3, 1]  # the night is no label
    assert found.seconds.tolist() == [4.0, 20.0]
    assert found.fast.tolist() == pytest.approx([1 / 3, 0])
    back = np.random.default_rng(0).permutation(7)
    again = pace(
        Labels.from_rows(items[back], np.array([1, 1, 1, 1, 1, 2, 2])[back], [0] * 7), np.array(given_at)[back]
    )
    assert again.seconds.tolist() == [4.0, 20.0]
    assert again.limit == 4.0
    alone = pace(Labels.from_rows([1, 2], [1, 2], [0, 0]), [5.0, 6.0])
    assert (alone.seconds.tolist(), alone.fast.tolist(), alone.limit) == ([0, 0], [0, 0], 0)
    with pytest.raises(ValueError, match="as many finite times"):
        pace(labels, [np.nan] * 7)


def test_the_hasty_are_seen_by_their_pace():
    crowd = [*honest(2), guessing(2), constant(2, 0)]
    drawn_labels = simulate(np.zeros(400, int), crowd, per_item=4, seed=0)
    labels = Labels.from_rows(drawn_labels.items, drawn_labels.annotators, drawn_labels.labels)
    found = pace(labels, drawn_labels.seconds)
    assert found.seconds[:2].min() > 17
    assert found.fast[:6].max() < 0.01
    assert found.fast[8:].min() > 0.95


@pytest.mark.parametrize(
    ("right", "gold", "commonest", "level"),
    [
        (0, 0, 0, "trainee"),
        (29, 29, 10, "trainee"),  # perfect, but too few
        (30, 30, 10, "qualified"),
        (26, 30, 10, "trainee"),
        (49, 50, 10, "qualified"),
        (50, 50, 10, "skilled"),
        (100, 100, 10, "expert"),
        (99, 100, 10, "skilled"),
        (198, 200, 10, "expert"),
        (100, 100, 99, "trainee"),  # always the same answer would have got 99 right
    ],
)
def test_the_rule_of_skill_levels(right, gold, commonest, level):
    assert skill_level(right, gold, commonest).key == level


def test_levels_rise_and_say_why():
    assert [level.key for level in LEVELS] == ["trainee", "qualified", "skilled", "expert"]
    assert all(a.accuracy < b.accuracy and a.gold < b.gold for a, b in pairwise(LEVELS))
    assert all(level.reason.endswith(".") for level in LEVELS)
    for level in LEVELS[1:]:
        assert stats.binomtest(level.gold, level.gold).proportion_ci(method="wilson").low >= level.accuracy
