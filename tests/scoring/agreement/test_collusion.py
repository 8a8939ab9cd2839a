"""Shared mistakes: copies are found, and honest people are not accused."""

import numpy as np
import pytest

from scoring.agreement.collusion import shared_mistakes
from scoring.agreement.consensus import dawid_skene
from scoring.agreement.labels import Labels
from scoring.agreement.simulate import biased, constant, copying, guessing
from tests.scoring.agreement.crowd import drawn, grid, honest


def crowd(classes: int) -> list:
    return [*honest(classes), biased(classes, 0), biased(classes, 0), constant(classes, 1), guessing(classes)]


@pytest.mark.parametrize("classes", [2, 5])
@pytest.mark.parametrize("hard", [0.0, 0.3])
def test_a_copy_is_found_though_it_moves_the_consensus(classes, hard):
    truth = np.random.default_rng(1).integers(0, classes, 1500)
    labels = drawn(truth, [*crowd(classes), copying(classes, 3)], per_item=5, seed=1, hard_share=hard)
    found = shared_mistakes(labels, dawid_skene(labels, classes))
    pairs = list(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert pairs == [(3, 12)]
    assert found.alike[0] > 1.3 * found.expected[0]
    assert found.both_wrong[0] >= found.alike[0]
    assert found.chance[0] < 1e-4


def test_gold_alone_is_enough():
    truth = np.random.default_rng(2).integers(0, 3, 200)
    labels = drawn(truth, [*honest(3), copying(3, 6)], per_item=6, seed=2)
    found = shared_mistakes(labels, dawid_skene(labels, 3, gold=(np.arange(200), truth)))
    assert (found.first.tolist(), found.second.tolist()) == ([6], [8])
    both = [np.flatnonzero(labels.annotator == number) for number in (6, 8)]
    items = np.intersect1d(*(labels.item[rows] for rows in both))
    said = [labels.label[rows][np.isin(labels.item[rows], items)] for rows in both]
    wrong = (said[0] != truth[items]) & (said[1] != truth[items])
    assert found.items.tolist() == [len(items)]
    assert found.both_wrong.tolist() == [wrong.sum()]
    assert found.alike.tolist() == [(wrong & (said[0] == said[1])).sum()]


@pytest.mark.parametrize("hard", [0.0, 0.3])
def test_honest_crowds_are_left_alone(hard):
    """Sixteen worlds of sixty-six pairs, also with items that mislead everybody: one alarm in a hundred worlds is allowed for."""
    accused = 0
    for seed in range(16):
        truth = np.random.default_rng(seed).integers(0, 3, 800)
        labels = drawn(truth, crowd(3), per_item=5, seed=seed, hard_share=hard)
        accused += len(shared_mistakes(labels, dawid_skene(labels, 3)).first)
    assert accused <= 1


def test_working_apart_is_summed_as_by_hand():
    """Expected shared mistakes of the pairs, from the confusion matrices, item by item and class by class."""
    truth = np.random.default_rng(3).integers(0, 4, 150)
    labels = drawn(truth, [*honest(4)[:4], copying(4, 3, faithful=1.0)], per_item=4, seed=3)
    consensus = dawid_skene(labels, 4)
    found = shared_mistakes(labels, consensus, believed=1.0)
    matrices = [consensus.habits.confusion(annotator) for annotator in range(5)]
    expected: dict[tuple[int, int], float] = {}
    alike: dict[tuple[int, int], int] = {}
    for item in range(150):
        rows = np.flatnonzero(labels.item == item)
        for i, one in enumerate(rows):
            for other in rows[i + 1 :]:
                posterior = consensus.posterior_without(labels, np.array([one]), np.array([other]))[0]
                likely = int(posterior.argmax())
                a, b = (matrices[labels.annotator[row]] for row in (one, other))
                chance = sum(posterior[likely] * a[likely, c] * b[likely, c] for c in range(4) if c != likely)
                chance += sum(posterior[c] * a[c, c] * b[c, c] for c in range(4) if c != likely)
                pair = (int(labels.annotator[one]), int(labels.annotator[other]))
                expected[pair] = expected.get(pair, 0) + chance
                same = labels.label[one] == labels.label[other] != likely
                alike[pair] = alike.get(pair, 0) + int(same)
    assert found.compared == len(expected) == 10
    pairs = list(zip(found.first.tolist(), found.second.tolist(), strict=True))
    assert dict(zip(pairs, found.alike.tolist(), strict=True)) == alike
    for first, second, raised in zip(found.first.tolist(), found.second.tolist(), found.expected, strict=True):
        assert raised >= expected[first, second] * found.inflation - 1e-9


def test_nothing_in_common_nothing_to_say():
    alone = Labels.from_rows(np.arange(50), np.arange(50), np.arange(50) % 2)
    found = shared_mistakes(alone, dawid_skene(alone, 2))
    assert (len(found.first), found.compared) == (0, 0)
    same = grid([[0] * 30] * 3)
    assert len(shared_mistakes(same, dawid_skene(same, 1)).first) == 0
    assert len(shared_mistakes(same, dawid_skene(same, 2)).first) == 0


def test_an_item_that_thousands_have_labelled_does_not_stop_it():
    rng = np.random.default_rng(0)
    labels = Labels.from_rows(np.zeros(20_000, int), np.arange(20_000), rng.integers(0, 2, 20_000))
    assert shared_mistakes(labels, dawid_skene(labels, 2)).compared == 0


def test_rows_do_not_matter():
    truth = np.random.default_rng(1).integers(0, 3, 400)
    labels = drawn(truth, [*crowd(3), copying(3, 3)], per_item=5)
    order = np.random.default_rng(0).permutation(len(labels.item))
    again = Labels.from_rows(
        labels.items[labels.item][order], labels.annotators[labels.annotator][order], labels.label[order]
    )
    one, other = (shared_mistakes(table, dawid_skene(table, 3)) for table in (labels, again))
    for name in ("first", "second", "items", "both_wrong", "alike", "expected", "chance"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes()
