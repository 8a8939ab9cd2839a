"""Likely label errors: cleanlab as the oracle of the flags, planted errors, symmetries, hostile inputs."""

import warnings

import numpy as np
import pytest
from cleanlab.count import compute_confident_joint
from cleanlab.filter import find_label_issues
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.labels.confusion import MOST_CLASSES
from scoring.labels.issues import find_issues


def planted(rows, classes, share, seed, sharpness=3.0):
    """Labels, which of them are wrong, and probabilities that know the right class fairly well."""
    rng = np.random.default_rng(seed)
    right = rng.integers(0, classes, rows)
    scores = rng.normal(size=(rows, classes))
    scores[np.arange(rows), right] += sharpness
    told = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    labels = np.where(rng.random(rows) < share, (right + rng.integers(1, max(classes, 2), rows)) % classes, right)
    return labels, labels != right, told


def oracle(labels, told):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of small classes
        return find_label_issues(labels, told, n_jobs=1), compute_confident_joint(labels, told)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("rows", "classes", "share"), [(100_000, 10, 0.05), (5000, 2, 0.2), (3000, 3, 0.4)])
def test_flags_are_those_of_cleanlab(rows, classes, share, dtype):
    """Where counts tie in the rounding of the joint, cleanlab's choice hangs on the names of classes, ours does not: one row."""
    labels, _, told = planted(rows, classes, share, seed=rows)
    told = told.astype(dtype)
    found = find_issues(labels, told)
    flags, joint = oracle(labels, told)
    assert np.abs(found.joint - joint).max() <= 1
    assert (flags & found.flagged).sum() / (flags | found.flagged).sum() >= 0.999


@settings(max_examples=30, deadline=None)
@given(
    rows=st.integers(30, 300), classes=st.integers(2, 6), share=st.floats(0, 0.9), seed=st.integers(0, 10**6),
    sharpness=st.floats(0, 5),
)  # fmt: skip
def test_flags_follow_cleanlab_wherever_the_joint_is_the_same(rows, classes, share, seed, sharpness):
    labels, _, told = planted(rows, classes, share, seed, sharpness)
    found = find_issues(labels, told)
    flags, joint = oracle(labels, told)
    np.testing.assert_array_equal(found.joint.sum(axis=1), joint.sum(axis=1))
    same = (found.joint == joint).all(axis=1)
    np.testing.assert_array_equal(found.flagged[same[labels]], flags[same[labels]])


def test_planted_errors_are_found_and_mended():
    labels, wrong, told = planted(5000, 5, 0.1, seed=1, sharpness=5)
    right = np.where(wrong, -1, labels)
    found = find_issues(labels, told)
    assert found.flagged[wrong].mean() > 0.85
    assert found.flagged[~wrong].mean() < 0.02
    assert (found.suggested[found.flagged] != labels[found.flagged]).all()
    assert (found.suggested[~wrong] == right[~wrong]).mean() > 0.95
    assert (np.diff(found.quality[found.order]) >= 0).all()
    assert set(found.order.tolist()) == set(np.flatnonzero(found.flagged).tolist())


@pytest.mark.parametrize("with_confusion", [False, True])
def test_neither_the_order_of_rows_nor_the_names_of_classes_matter(with_confusion):
    labels, _, told = planted(600, 4, 0.2, seed=2, sharpness=1.5)
    told = told.round(2) + 0.001  # margins and counts that tie
    rng = np.random.default_rng(3)
    rows, names = rng.permutation(600), rng.permutation(4)
    confusion = rng.dirichlet([8, 1, 1, 1], 4)[np.arange(4)[:, None], (np.arange(4)[None] - np.arange(4)[:, None]) % 4]
    old = np.argsort(names)
    extra = {"confusion": confusion} if with_confusion else {}
    found = find_issues(labels, told, **extra)
    extra = {"confusion": confusion[np.ix_(old, old)]} if with_confusion else {}
    moved = find_issues(names[labels][rows], told[rows][:, old], **extra)
    np.testing.assert_array_equal(moved.flagged, found.flagged[rows])
    np.testing.assert_allclose(moved.quality, found.quality[rows], atol=1e-6)
    np.testing.assert_allclose(moved.confidence, found.confidence[rows], atol=1e-6)
    np.testing.assert_array_equal(moved.joint, found.joint[np.ix_(old, old)])


def test_a_confusion_makes_confidence_true_to_what_happens():
    """Probabilities of given labels at 30 % noise never say more than 70 %; what is right can be known better."""
    rng = np.random.default_rng(4)
    rows, noise = 20_000, 0.3
    right = rng.integers(0, 3, rows)
    confusion = np.where(np.eye(3, dtype=bool), 1 - noise, noise / 2)
    sure = rng.beta(8, 1, rows)[:, None]
    of_right = np.where(np.eye(3, dtype=bool)[np.where(rng.random(rows)[:, None] < sure, right[:, None], -1)[:, 0]],
                        sure, (1 - sure) / 2)  # fmt: skip
    picks = (of_right.cumsum(axis=1) < rng.random(rows)[:, None] * of_right.sum(axis=1, keepdims=True)).sum(axis=1)
    labels = (confusion.cumsum(axis=1)[picks] < rng.random(rows)[:, None]).sum(axis=1)
    told = of_right / of_right.sum(axis=1, keepdims=True) @ confusion
    found = find_issues(labels, told, confusion=confusion)
    assert found.quality.mean() == pytest.approx((labels == picks).mean(), abs=0.01)
    assert found.confidence.mean() == pytest.approx((found.suggested == picks).mean(), abs=0.01)
    assert found.confidence.max() > 0.95
    assert find_issues(labels, told).confidence.max() < 0.71
    np.testing.assert_array_equal(found.flagged, find_issues(labels, told).flagged)


def test_one_class_has_no_errors():
    found = find_issues(np.zeros(7, dtype=int), np.ones((7, 1)))
    assert not found.flagged.any()
    assert found.suggested.tolist() == [0] * 7
    assert found.joint.tolist() == [[7]]


def test_a_class_with_one_row_keeps_it():
    labels = np.array([0] * 20 + [1])
    told = np.tile([0.95, 0.05], (21, 1))
    assert not find_issues(labels, told).flagged.any()


def test_classes_that_nobody_uses_have_no_threshold():
    labels, _, told = planted(300, 3, 0.1, seed=5)
    found = find_issues(np.minimum(labels, 1), told)
    assert np.isnan(found.thresholds[2])
    assert np.isfinite(found.thresholds[:2]).all()
    assert found.joint[2].sum() == 0


def test_where_all_labels_are_wrong_a_row_of_each_class_is_kept():
    labels, _, told = planted(900, 3, 0, seed=6, sharpness=8)
    found = find_issues((labels + 1) % 3, told)
    assert found.flagged.mean() > 0.9
    assert all((~found.flagged[(labels + 1) % 3 == one]).any() for one in range(3))


def test_a_thousand_classes():
    labels, wrong, told = planted(4000, 1000, 0.05, seed=7, sharpness=12)
    found = find_issues(labels, told.astype(np.float32))
    assert found.flagged[wrong].mean() > 0.5
    assert found.flagged[~wrong].mean() < 0.05


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        (np.zeros(2, dtype=int), np.ones((3, 2)) / 2),
        (np.zeros(0, dtype=int), np.ones((0, 2))),
        (np.array([0, 2]), np.ones((2, 2)) / 2),
        (np.array([0, -1]), np.ones((2, 2)) / 2),
        (np.array([0.0, 1.0]), np.ones((2, 2)) / 2),
        (np.array([0, 1]), np.array([[np.nan, 1], [0.5, 0.5]])),
        (np.array([0, 1]), np.array([[np.inf, 0], [0.5, 0.5]])),
        (np.array([0, 1]), np.array([[-0.1, 1], [0.5, 0.5]])),
        (np.array([0, 1]), np.ones((2, 2), dtype=int)),
        (np.array([0, 1]), np.ones(2)),
        (np.array([0]), np.ones((1, MOST_CLASSES + 1)) / MOST_CLASSES),
    ],
)
def test_what_cannot_be_judged_is_refused(labels, told):
    with pytest.raises(ValueError, match=r"labels|classes|probabilities"):
        find_issues(labels, told)


@pytest.mark.parametrize("confusion", [np.eye(3), np.array([[1, 1], [0, 1]]), np.array([[2, -1], [0, 1.0]])])
def test_a_confusion_that_is_none_is_refused(confusion):
    with pytest.raises(ValueError, match="a confusion is 2 rows"):
        find_issues(np.array([0, 1]), np.ones((2, 2)) / 2, confusion=confusion)
