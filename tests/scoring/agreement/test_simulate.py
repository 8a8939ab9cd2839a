"""Simulated annotators do what their matrices say, and the same on every machine."""

import numpy as np
import pytest

from scoring.agreement.simulate import (
    average,
    biased,
    careful,
    constant,
    copying,
    guessing,
    hasty,
    one_coin,
    simulate,
)

GOLDEN = [0, 0, 2, 1, 0, 0, 0, 0, 0, 1, 0, 2, 0, 1, 0, 1, 2, 2, 0, 1, 1, 0, 2, 2]


def test_every_kind_follows_its_matrix():
    truth = np.random.default_rng(0).integers(0, 3, 6000)
    crowd = [careful(3), average(3), hasty(3), biased(3, 2), constant(3, 1), guessing(3)]
    drawn = simulate(truth, crowd, per_item=6, seed=4)
    for number, one in enumerate(crowd):
        assert one.confusion.sum(axis=1) == pytest.approx(np.ones(3))
        own = drawn.annotators == number
        seen = np.zeros((3, 3))
        np.add.at(seen, (truth[drawn.items[own]], drawn.labels[own]), 1)
        assert abs(seen / seen.sum(axis=1, keepdims=True) - one.confusion).max() < 0.04
    assert one_coin(1, 0.5).tolist() == [[1.0]]


def test_items_go_to_different_annotators_at_random():
    drawn = simulate(np.zeros(3000, int), [average(2)] * 6, per_item=2, seed=0)
    pairs = drawn.annotators.reshape(-1, 2)
    assert (pairs[:, 0] < pairs[:, 1]).all()
    often = np.bincount(pairs[:, 0] * 6 + pairs[:, 1], minlength=36)
    assert often[often > 0].shape == (15,)
    assert abs(often[often > 0] - 200).max() < 70


def test_copies_take_the_same_items_and_repeat():
    truth = np.random.default_rng(1).integers(0, 4, 2000)
    drawn = simulate(truth, [average(4)] * 4 + [copying(4, 2, faithful=0.8)], per_item=3, seed=2)
    of_item = [
        dict(zip(*rows, strict=True))
        for rows in zip(drawn.annotators.reshape(-1, 3).tolist(), drawn.labels.reshape(-1, 3).tolist(), strict=True)
    ]
    both = [labels for labels in of_item if 2 in labels and 4 in labels]
    assert len(both) > 0.8 * sum(4 in labels for labels in of_item)
    same = np.mean([labels[2] == labels[4] for labels in both])
    apart = 0.85**2 + 3 * 0.05**2
    assert same == pytest.approx(0.8 + 0.2 * apart, abs=0.03)


def test_hard_items_mislead_everybody_alike():
    drawn = simulate(np.zeros(4000, int), [careful(3)] * 2, per_item=2, seed=0, hard_share=0.5)
    assert drawn.hard.mean() == pytest.approx(0.5, abs=0.03)
    wrong = (drawn.labels == 1).reshape(-1, 2)
    both = wrong.all(axis=1)
    assert both[drawn.hard].mean() == pytest.approx(0.25, abs=0.04)
    assert both[~drawn.hard].mean() < 0.005


def test_time_runs_for_each_annotator():
    drawn = simulate(np.zeros(500, int), [careful(2), guessing(2)], per_item=2, seed=0)
    for number, pace in ((0, 20), (1, 2)):
        own = drawn.seconds[drawn.annotators == number]
        assert (np.diff(own) > 0).all()
        assert own[-1] / 500 == pytest.approx(pace, rel=0.1)
        assert own[0] <= 1.5 * pace


def test_the_same_for_ever_and_different_for_another_seed():
    drawn = simulate([0, 1, 2] * 4, [average(3)] * 5, per_item=2, seed=7, hard_share=0.3)
    assert drawn.labels.tolist() == GOLDEN
    assert simulate([0, 1, 2] * 4, [average(3)] * 5, per_item=2, seed=8, hard_share=0.3).labels.tolist() != GOLDEN


def test_a_crowd_is_extended_without_changing_who_says_what():
    """Labels of an item do not depend on how many items follow."""
    short, long = (simulate([1] * n, [average(3)] * 5, per_item=2, seed=7) for n in (10, 1000))
    assert long.annotators[:20].tolist() == short.annotators.tolist()
    assert long.labels[:20].tolist() == short.labels.tolist()


def test_what_cannot_be_drawn():
    for truth, per_item in (([0, 3], 1), ([0, -1], 1), ([], 1), ([0], 0), ([0], 3)):
        with pytest.raises(ValueError, match="per_item"):
            simulate(truth, [average(3)] * 2, per_item=per_item, seed=0)
