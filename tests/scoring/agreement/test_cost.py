"""What a right label costs, and where one more is worth most."""

import math

import numpy as np
import pytest

from scoring.agreement.consensus import dawid_skene
from scoring.agreement.cost import cost_per_right_item, next_labels
from scoring.agreement.labels import Labels
from scoring.agreement.simulate import biased
from tests.scoring.agreement.crowd import drawn, honest


def test_cost_on_gold_has_the_interval_of_the_accuracy():
    found = cost_per_right_item(600.0, 1000, right=90, gold=100)
    assert found.value == pytest.approx(0.6 / 0.9)
    assert (found.low, found.high) == pytest.approx((0.6 / 0.9448, 0.6 / 0.8256), rel=1e-3)
    assert found.measured


def test_cost_without_gold_is_a_guess_and_says_so():
    found = cost_per_right_item(600.0, 1000, certainty=0.8)
    assert found.value == found.low == found.high == pytest.approx(0.75)
    assert not found.measured


def test_cost_where_nothing_may_be_right():
    found = cost_per_right_item(600.0, 1000, right=0, gold=5)
    assert (found.value, found.high) == (math.inf, math.inf)
    assert math.isfinite(found.low)
    assert cost_per_right_item(0.0, 10, right=0, gold=5).value == 0
    for wrong in ({"right": 6, "gold": 5}, {"certainty": 1.5}):
        with pytest.raises(ValueError, match="right ≤ gold"):
            cost_per_right_item(1.0, 10, **wrong)
    with pytest.raises(ValueError, match="items > 0"):
        cost_per_right_item(1.0, 0)


def slow_gain(posterior, confusion):
    classes = range(len(posterior))
    return sum(max(posterior[c] * confusion[c][said] for c in classes) for said in classes) - max(posterior)


@pytest.mark.parametrize("annotator", [None, 0, 8])
def test_gain_from_its_definition(annotator):
    labels = drawn(np.random.default_rng(0).integers(0, 3, 120), [*honest(3), biased(3, 1)], per_item=2)
    found = dawid_skene(labels, 3)
    confusion = found.habits.pooled_confusion if annotator is None else found.habits.confusion(annotator)
    listed = next_labels(labels, found, annotator=annotator)
    taken = set() if annotator is None else set(labels.item[labels.annotator == annotator].tolist())
    assert set(listed.items.tolist()) == set(range(120)) - taken
    for item, gain, certainty in zip(listed.items, listed.gain, listed.certainty, strict=True):
        assert gain == pytest.approx(slow_gain(found.posterior[item], confusion), abs=1e-11)
        assert certainty == found.posterior[item].max()
    assert (np.diff(listed.gain) <= 0).all()
    assert listed.gain[0] > 0.05


def test_many_classes_lose_next_to_nothing():
    labels = drawn(np.random.default_rng(1).integers(0, 40, 200), honest(40), per_item=3)
    found = dawid_skene(labels, 40)
    listed = next_labels(labels, found, count=50)
    confusion = found.habits.pooled_confusion
    for item, gain in zip(listed.items, listed.gain, strict=True):
        slow = slow_gain(found.posterior[item], confusion)
        assert slow - 0.02 <= gain <= slow + 1e-11


def test_gold_needs_no_label_and_the_unsure_come_first():
    labels = Labels.from_rows([1, 1, 2, 2, 3, 3, 4, 4], [1, 2] * 4, [0, 0, 1, 1, 0, 1, 1, 1])
    found = dawid_skene(labels, 2, gold=([4], [1]))
    assert next_labels(labels, found).items.tolist()[0] == 3
    assert sorted(next_labels(labels, found).items.tolist()) == [1, 2, 3]
    assert next_labels(labels, found, count=1).items.tolist() == [3]


def test_asking_where_the_gain_is_beats_asking_anywhere():
    """Half as many labels again: given to the listed items they put right more than given at random."""
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 1500)
    first = drawn(truth, honest(3), per_item=2, seed=3)
    found = dawid_skene(first, 3)

    def after(items):
        more = rng.permutation(items)
        label = np.where(rng.random(len(more)) < 0.85, truth[more], rng.integers(0, 3, len(more)))
        joined = Labels.from_rows(
            np.concatenate([first.item, more]),
            np.concatenate([first.annotator, np.full(len(more), 8)]),
            np.concatenate([first.label, label]),
        )
        return (dawid_skene(joined, 3).label == truth).mean()

    chosen = next_labels(first, found, count=500).items
    assert after(chosen) > after(rng.choice(1500, 500, replace=False)) + 0.02
