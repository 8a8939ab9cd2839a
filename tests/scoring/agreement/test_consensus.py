"""Consensus: the data of the paper, a slow clear EM, planted truth, gold, and what hostile labels do."""

import numpy as np
import pytest

from scoring.agreement.consensus import dawid_skene, majority
from scoring.agreement.habits import usual_accuracy
from scoring.agreement.labels import Labels
from scoring.agreement.simulate import biased, constant, one_coin
from tests.scoring.agreement.crowd import drawn, grid, honest

ANAESTHETISTS = """
1111111 3334334 1122122 2223121 2223222 2223322 1222111 3333433 2222223 2322223 4444444 2223343 1111111 2223212 1211111
1112111 1111111 1111111 2222221 2221322 2222222 2222221 2223222 2212222 1111111 1111111 2322222 1111111 1111111 1121121
1111111 3333233 1111111 2222222 2223232 4334343 2212232 2323233 3333432 1111111 1111111 1212111 2322222 1211111 2222222
"""
"""Dawid and Skene 1979, table 1: 45 patients; the first anaesthetist assessed each three times, four others once."""


def anaesthetists() -> Labels:
    """The paper's first observer repeats himself, which `Labels.from_rows` refuses; so the table is put together by hand."""
    rows = ANAESTHETISTS.split()
    item = np.repeat(np.arange(45), 7)
    annotator = np.tile([0, 0, 0, 1, 2, 3, 4], 45)
    label = np.array([int(mark) - 1 for row in rows for mark in row], dtype=np.int32)
    return Labels(np.arange(45), np.arange(5), item, annotator, label, np.arange(len(item)))


def test_the_example_of_the_paper():
    found = dawid_skene(anaesthetists(), 4, smoothing=1e-9, iterations=1000, tolerance=1e-10)
    assert found.converged
    assert found.habits.prevalence.round(2).tolist() == [0.40, 0.42, 0.11, 0.07]
    assert found.habits.confusion(0).round(2).tolist() == [
        [0.89, 0.11, 0.00, 0.00],
        [0.07, 0.88, 0.05, 0.00],
        [0.00, 0.34, 0.66, 0.00],
        [0.00, 0.00, 0.56, 0.44],
    ]


def slow_habits(counts, smoothing, usual):
    """Confusion matrices (annotator, true, said) drawn to what is usual: own accuracy, difficulty of classes, and pattern."""
    annotators, classes, _ = counts.shape
    pooled = counts.sum(axis=0)
    seen, errors = pooled.sum(axis=1), pooled.sum(axis=1) - np.diag(pooled)
    rate = (errors.sum() + 10 * (1 - usual)) / (seen.sum() + 10)
    difficulty = [(errors[c] + 10 * rate) / (seen[c] + 10) / rate for c in range(classes)]
    confusion = np.zeros_like(counts)
    for annotator in range(annotators):
        accuracy = (np.trace(counts[annotator]) + 20 * usual) / (counts[annotator].sum() + 20)
        for true in range(classes):
            error = min((1 - accuracy) * difficulty[true], 1 - 0.1 / classes)
            wrong = sum(pooled[true, said] for said in range(classes) if said != true)
            for said in range(classes):
                prior = 1 - error
                if said != true:
                    prior = error * (pooled[true, said] + 10 / (classes - 1)) / (wrong + 10)
                total = counts[annotator, true].sum()
                confusion[annotator, true, said] = (counts[annotator, true, said] + smoothing * prior) / (
                    total + smoothing
                )
    return confusion


def slow_consensus(rows, items, annotators, classes, smoothing, usual, rounds):
    """The same model, label by label."""
    posterior = np.zeros((items, classes))
    for item, _, label in rows:
        posterior[item, label] += 1
    posterior /= posterior.sum(axis=1, keepdims=True)
    for _ in range(rounds):
        spread = min(smoothing, 1)
        prevalence = (posterior.sum(axis=0) + spread / classes) / (items + spread)
        counts = np.zeros((annotators, classes, classes))
        for item, annotator, label in rows:
            counts[annotator, :, label] += posterior[item]
        confusion = slow_habits(counts, smoothing, usual)
        joint = np.tile(prevalence, (items, 1))
        for item, annotator, label in rows:
            joint[item] *= confusion[annotator, :, label]
        posterior = joint / joint.sum(axis=1, keepdims=True)
    return posterior, prevalence, confusion, np.log(joint.sum(axis=1)).sum()


@pytest.mark.parametrize("smoothing", [0.01, 3.0, 200.0])
def test_a_slow_clear_version_says_the_same(smoothing):
    labels = drawn(np.random.default_rng(2).integers(0, 3, 40), [*honest(3), biased(3, 1)], per_item=4)
    found = dawid_skene(labels, 3, smoothing=smoothing, iterations=7, tolerance=1e-30)
    rows = list(zip(labels.item.tolist(), labels.annotator.tolist(), labels.label.tolist(), strict=True))
    usual = usual_accuracy(labels, 3)
    posterior, prevalence, confusion, likelihood = slow_consensus(rows, 40, 9, 3, smoothing, usual, 7)
    np.testing.assert_allclose(found.posterior, posterior, atol=1e-10)
    np.testing.assert_allclose(found.habits.prevalence, prevalence, atol=1e-12)
    assert found.log_likelihood == pytest.approx(likelihood)
    for annotator in range(9):
        np.testing.assert_allclose(found.habits.confusion(annotator), confusion[annotator], atol=1e-12)
        np.testing.assert_allclose(found.habits.right[annotator], np.diag(confusion[annotator]), atol=1e-12)
    assert not found.converged
    assert found.iterations == 7


@pytest.mark.parametrize(("agreement", "classes"), [(0.82, 2), (0.7, 5), (0.34, 3)])
def test_the_usual_accuracy_explains_how_often_two_agree(agreement, classes):
    pairs = 10_000
    same = np.arange(pairs) < agreement * pairs
    labels = grid([np.zeros(pairs, int), np.where(same, 0, 1)])
    p = usual_accuracy(labels, classes)
    assert p**2 + (1 - p) ** 2 / (classes - 1) == pytest.approx(agreement, abs=0.02)


def test_how_much_annotators_share_is_found_out():
    """All err alike: their matrices are nearly one. Each errs in a way of its own: a few labels tell."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 5, 3000)
    kind = type(honest(5)[0])
    alike = rng.dirichlet(np.ones(5), 5) * 0.4 + np.eye(5) * 0.6
    own = [kind("own", rng.dirichlet(np.ones(5) / 2, 5) * 0.4 + np.eye(5) * 0.6) for _ in range(60)]
    same = dawid_skene(drawn(truth, [kind("alike", alike)] * 60, per_item=4), 5)
    apart = dawid_skene(drawn(truth, own, per_item=4), 5)
    assert same.habits.smoothing >= 500
    assert apart.habits.smoothing <= 20
    assert np.mean([abs(same.habits.confusion(number) - alike).max() for number in range(60)]) < 0.06


@pytest.mark.parametrize("annotators", [20, 400])
def test_it_is_as_sure_as_it_may_be(annotators):
    """What it believes is what is true, also where annotators have few labels; with the paper's estimate it would be far off."""
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 6, 4000)
    kind = type(honest(6)[0])
    crowd = [kind("any", one_coin(6, accuracy)) for accuracy in rng.uniform(0.4, 0.95, annotators)]
    labels = drawn(truth, crowd, per_item=4)
    found, paper = dawid_skene(labels, 6), dawid_skene(labels, 6, smoothing=1e-6)
    right = (found.label == truth).mean()
    assert found.certainty.mean() == pytest.approx(right, abs=0.015)
    assert right >= (paper.label == truth).mean()
    if annotators == 400:
        assert paper.certainty.mean() > (paper.label == truth).mean() + 0.05


def test_rounds_raise_the_likelihood_where_the_prior_is_weak():
    labels = anaesthetists()
    steps = [dawid_skene(labels, 4, smoothing=1e-6, iterations=n, tolerance=1e-30).log_likelihood for n in range(1, 25)]
    assert (np.diff(steps) > -1e-6).all()
    assert steps[-1] > steps[0] + 1


def test_planted_truth_and_confusions_are_recovered():
    truth = np.random.default_rng(0).choice(4, 4000, p=[0.4, 0.3, 0.2, 0.1])
    crowd = [*honest(4), biased(4, 2), biased(4, 0, pull=0.6), constant(4, 1)]
    labels = drawn(truth, crowd, per_item=6)
    found = dawid_skene(labels, 4)
    accuracy = (found.label == truth).mean()
    assert accuracy > 0.97
    assert 1 - accuracy < 0.6 * (majority(labels).label != truth).mean()
    assert found.certainty.mean() == pytest.approx(accuracy, abs=0.01)
    assert abs(found.habits.prevalence - [0.4, 0.3, 0.2, 0.1]).max() < 0.02
    for number, annotator in enumerate(crowd):
        assert abs(found.habits.confusion(number) - annotator.confusion).max() < 0.08
        assert found.habits.confusion(number).sum(axis=1) == pytest.approx(np.ones(4))
    pooled = np.mean([annotator.confusion for annotator in crowd], axis=0)
    assert abs(found.habits.pooled_confusion - pooled).max() < 0.03
    assert found.habits.pooled_confusion.sum(axis=1) == pytest.approx(np.ones(4))


def test_rows_do_not_matter_at_all_and_names_hardly():
    labels = drawn(np.random.default_rng(1).integers(0, 3, 300), honest(3), per_item=3)
    items, annotators = labels.items[labels.item], labels.annotators[labels.annotator]
    found = dawid_skene(labels, 3)
    order = np.random.default_rng(0).permutation(len(items))
    again = dawid_skene(Labels.from_rows(items[order], annotators[order], labels.label[order]), 3)
    assert again.posterior.tobytes() == found.posterior.tobytes()
    assert (again.log_likelihood, again.iterations) == (found.log_likelihood, found.iterations)
    turned = np.array([2, 0, 1])
    other = dawid_skene(Labels.from_rows(-items, -annotators, turned[labels.label]), 3)
    np.testing.assert_allclose(other.posterior[::-1][:, turned], found.posterior, atol=1e-9)
    np.testing.assert_allclose(other.habits.confusion(7)[np.ix_(turned, turned)], found.habits.confusion(0), atol=1e-9)


def test_gold_is_kept_and_teaches():
    """Three of five annotators say the opposite: without gold they are believed."""
    truth = np.random.default_rng(0).integers(0, 2, 600)
    crooked = one_coin(2, 0.1)
    crowd = honest(2)[:2]
    crowd += [type(crowd[0])("crooked", crooked)] * 3
    labels = drawn(truth, crowd, per_item=5)
    gold = np.arange(0, 600, 10)
    alone, taught = dawid_skene(labels, 2), dawid_skene(labels, 2, gold=(gold, truth[gold]))
    assert (alone.label == truth).mean() < 0.1
    assert (taught.label == truth).mean() > 0.97
    assert taught.clamped.sum() == 60
    assert (taught.posterior[gold] == np.eye(2)[truth[gold]]).all()
    assert taught.habits.confusion(3)[0, 1] > 0.8


def test_gold_of_items_that_nobody_labelled_is_passed_over_and_contradictions_are_refused():
    labels = grid([[0, 1, 0], [0, 1, 1]])
    plain = dawid_skene(labels, 2)
    assert (dawid_skene(labels, 2, gold=([77, 99], [0, 1])).posterior == plain.posterior).all()
    assert dawid_skene(labels, 2, gold=([0, 0], [1, 1])).label[0] == 1
    with pytest.raises(ValueError, match="1 items have two different gold classes"):
        dawid_skene(labels, 2, gold=([0, 0, 1], [0, 1, 1]))
    with pytest.raises(ValueError, match="class number 2; there are 2"):
        dawid_skene(labels, 2, gold=([0], [2]))


def test_without_its_own_label_an_item_is_what_the_others_say():
    """Leaving a label out of the last step is the same as never having had it there, with the same matrices."""
    labels = drawn(np.random.default_rng(3).integers(0, 3, 50), honest(3), per_item=3)
    found = dawid_skene(labels, 3)
    rows = np.arange(len(labels.item))
    ours = found.posterior_without(labels, rows)
    for row in range(0, len(rows), 7):
        same = np.flatnonzero(labels.item == labels.item[row])
        joint = found.habits.prevalence.copy()
        for other in same[same != row]:
            joint *= found.habits.confusion(labels.annotator[other])[:, labels.label[other]]
        np.testing.assert_allclose(ours[row], joint / joint.sum(), atol=1e-9)


def test_labels_that_nobody_can_judge():
    alone = dawid_skene(Labels.from_rows([5], [7], [1]), 3)
    assert alone.label.tolist() == [1]
    assert np.isfinite(alone.log_likelihood)
    same = dawid_skene(grid([[1] * 8] * 3), 3)
    assert (same.label == 1).all()
    assert same.certainty.min() > 0.99
    assert dawid_skene(grid([[0] * 8] * 3), 1).certainty.tolist() == [1.0] * 8


def test_ten_thousand_annotators_with_one_label_each_are_a_majority_vote():
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 3, 2000)
    item = np.repeat(np.arange(2000), 5)
    label = np.where(rng.random(10_000) < 0.7, truth[item], rng.integers(0, 3, 10_000))
    labels = Labels.from_rows(item, np.arange(10_000), label)
    found, votes = dawid_skene(labels, 3), majority(labels)
    clear = votes.margin > 0
    assert (found.label == votes.label)[clear].mean() > 0.995
    assert found.certainty.mean() == pytest.approx((found.label == truth).mean(), abs=0.02)


def test_what_would_not_fit_into_memory_is_refused():
    labels = Labels.from_rows(np.arange(20), np.arange(20), np.arange(20) * 100_000)
    with pytest.raises(ValueError, match="numbers would be needed"):
        dawid_skene(labels, 2_000_000)
    with pytest.raises(ValueError, match="does not exist"):
        dawid_skene(labels, 5)
    with pytest.raises(ValueError, match="above 0"):
        dawid_skene(labels, 2_000_000, smoothing=0)


def test_majority_with_ties_and_margins():
    found = majority(grid([[0, 0, 2, 1], [0, 1, 1, -1], [1, -1, 0, -1], [0, -1, -1, -1]]))
    assert found.label.tolist() == [0, 0, 0, 1]  # a tie goes to the class that is more frequent overall
    assert found.share.tolist() == pytest.approx([0.75, 0.5, 1 / 3, 1])
    assert found.margin.tolist() == pytest.approx([0.5, 0, 0, 1])


@pytest.mark.parametrize("seed", range(4))
def test_majority_done_slowly(seed):
    table = np.random.default_rng(seed).integers(-1, 4, (6, 30))
    labels = grid(table)
    found = majority(labels)
    often = np.bincount(labels.label, minlength=4)
    for place, item in enumerate(labels.items):
        said = [int(value) for value in table[:, item] if value >= 0]
        ranked = sorted(range(4), key=lambda c: (-said.count(c), -often[c], c))
        assert found.label[place] == ranked[0]
        assert found.margin[place] == pytest.approx((said.count(ranked[0]) - said.count(ranked[1])) / len(said))
