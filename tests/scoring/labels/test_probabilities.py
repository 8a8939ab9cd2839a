"""Out-of-fold probabilities: nothing leaks, nothing depends on order or names, nothing hostile gets through."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from scoring.labels import probabilities
from scoring.labels.probabilities import out_of_fold, suggest
from scoring.labels.rows import folded, keys, renamed, shuffled, usable


def clusters(rows, classes, seed, apart=4.0, width=3):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, classes, rows)
    centres = rng.normal(size=(classes, width)) * apart
    return (centres[labels] + rng.normal(size=(rows, width))).astype(np.float32), labels


def test_they_are_good_and_sum_to_one():
    features, labels = clusters(300, 3, seed=1)
    told = out_of_fold(features, labels, seed=0)
    assert told.dtype == np.float32
    assert told.shape == (300, 3)
    np.testing.assert_allclose(told.sum(axis=1), 1, atol=1e-5)
    assert (told.argmax(axis=1) == labels).mean() > 0.95
    assert told.min() > 0


def test_neither_the_order_of_rows_nor_the_names_of_classes_matter():
    features, labels = clusters(120, 3, seed=2, apart=1.0)
    rng = np.random.default_rng(0)
    rows, names = rng.permutation(120), np.array([2, 0, 1])
    told = out_of_fold(features, labels, seed=5)
    moved = out_of_fold(features[rows], names[labels][rows], seed=5)
    np.testing.assert_array_equal(moved[:, names], told[rows])
    assert (out_of_fold(features, labels, seed=6) != told).any()


def test_a_row_does_not_see_its_own_label_nor_a_copys():
    """Random labels cannot be foretold out of fold, also where every row is there twice."""
    rng = np.random.default_rng(3)
    features = np.repeat(rng.normal(size=(150, 4)).astype(np.float32), 2, axis=0)
    labels = np.repeat(rng.integers(0, 2, 150), 2)
    assert abs((out_of_fold(features, labels, seed=0).argmax(axis=1) == labels).mean() - 0.5) < 0.12


def test_a_group_stays_in_one_fold():
    """Each patient has a place of his own and a random label: only a leak inside the group could tell it."""
    rng = np.random.default_rng(4)
    patient = np.repeat(np.arange(30), 8)
    features = (rng.normal(size=(30, 3)) * 50)[patient] + rng.normal(size=(240, 3))
    labels = rng.integers(0, 2, 30)[patient]
    apart = (out_of_fold(features, labels, seed=0, groups=patient).argmax(axis=1) == labels).mean()
    leaking = (out_of_fold(features, labels, seed=0).argmax(axis=1) == labels).mean()
    assert leaking > 0.9
    assert apart < 0.75


@settings(max_examples=50, deadline=None)
@given(rows=st.integers(1, 200), classes=st.integers(1, 5), folds=st.integers(2, 6), seed=st.integers(0, 99))
def test_folds_are_even_in_each_class_and_keep_groups_whole(rows, classes, folds, seed):
    rng = np.random.default_rng(seed)
    labels, order = rng.integers(0, classes, rows), rng.permutation(rows)
    fold = folded(labels, np.arange(rows), order, folds)
    for one in range(classes):
        counts = np.bincount(fold[labels == one], minlength=folds)
        assert counts.max() - counts.min() <= 1
    groups = rng.integers(0, 10, rows)
    fold = folded(labels, groups, order, folds)
    assert all(len(set(fold[groups == one])) <= 1 for one in range(10))


def test_equal_rows_have_equal_keys_dense_or_sparse():
    table = np.array([[0, 1.5], [0, 1.5], [1.5, 0], [-0.0, 1.5], [0, 0]], dtype=np.float32)
    for features in (usable(table), usable(sparse.csr_matrix(table))):
        found = keys(features, 7)
        assert found[0] == found[1] == found[3]
        assert len(set(found.tolist())) == 3
        assert (keys(features, 8) != found).all()


def test_the_shuffled_order_starts_with_a_uniform_sample():
    """Nine rows in ten are copies of one; they are nine in ten of any part, and rows may come in any order."""
    table = np.array([[0.0]] * 9000 + [[value] for value in range(1, 1001)])
    labels = np.zeros(10_000, dtype=int)
    found = shuffled(keys(usable(table), 1), labels)
    assert sorted(found.tolist()) == list(range(10_000))
    assert (table[found[:1000]] == 0).mean() == pytest.approx(0.9, abs=0.03)
    rows = np.random.default_rng(0).permutation(10_000)
    again = shuffled(keys(usable(table[rows]), 1), labels)
    np.testing.assert_array_equal(table[rows][again], table[found])
    assert (table[shuffled(keys(usable(table), 2), labels)] != table[found]).any()


def test_names_by_first_occurrence():
    codes, names = renamed(np.array([4, 1, 1, 0]), np.array([2, 3, 0, 1]), 5)
    assert names.tolist() == [1, 0, 4, 2, 3]
    assert codes.tolist() == [2, 0, 0, 1]


def test_sparse_features():
    rng = np.random.default_rng(5)
    labels = rng.integers(0, 2, 200)
    table = (rng.random((200, 500)) < 0.02).astype(np.float32)
    table[:, 0], table[:, 1] = labels, 1 - labels
    told = out_of_fold(sparse.csr_matrix(table), labels, seed=0)
    assert (told.argmax(axis=1) == labels).mean() > 0.9


def test_many_classes_take_the_cheap_models():
    features, labels = clusters(1000, probabilities.MANY_CLASSES + 6, seed=6, width=8)
    told = out_of_fold(features, labels, seed=0)
    assert (told.argmax(axis=1) == labels).mean() > 0.9


def test_only_a_sample_is_fitted(monkeypatch):
    monkeypatch.setattr(probabilities, "TRAINED_ROWS", 40)
    features, labels = clusters(400, 2, seed=7)
    told = out_of_fold(features, labels, seed=0)
    assert (told.argmax(axis=1) == labels).mean() > 0.9


@pytest.mark.parametrize(
    ("features", "labels"),
    [
        (np.full((12, 2), np.nan), np.arange(12) % 2),
        (np.full((12, 2), np.inf) * np.array([1, -1]), np.arange(12) % 2),
        (np.array([[3e38, -3e38], [1e-40, 0]] * 6), np.arange(12) % 2),
        (np.ones((12, 2)), np.arange(12) % 3),
        (np.arange(12.0)[:, None], np.zeros(12, dtype=int)),
        (np.arange(12.0)[:, None], (np.arange(12) == 3).astype(int)),
        (np.arange(12.0)[:, None], np.arange(12)),
        (np.arange(3.0)[:, None], np.array([0, 1, 1])),
        (np.arange(1.0)[:, None], np.array([0])),
        (sparse.csr_matrix((12, 3)), np.arange(12) % 2),
        (sparse.csr_matrix(np.ones((12, 1))), np.arange(12) % 2),
    ],
)
def test_hostile_rows_still_get_probabilities(features, labels):
    told = out_of_fold(features, labels, seed=0)
    assert told.shape == (len(labels), labels.max() + 1)
    np.testing.assert_allclose(told.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("features", "labels"),
    [
        (np.ones((3, 2)), np.zeros(2, dtype=int)),
        (np.ones((0, 2)), np.zeros(0, dtype=int)),
        (np.ones((3, 0)), np.zeros(3, dtype=int)),
        (np.ones(3), np.zeros(3, dtype=int)),
        (np.ones((3, 2)), np.array([0, 1, -1])),
        (np.ones((3, 2)), np.zeros(3)),
        (np.ones((3, 2)), np.array([0, 1, 10**12])),
    ],
)
def test_what_does_not_belong_together_is_refused(features, labels):
    with pytest.raises(ValueError, match=r"labels|features"):
        out_of_fold(features, labels, seed=0)


def test_classes_that_do_not_occur_have_a_column():
    features, labels = clusters(60, 2, seed=8)
    told = out_of_fold(features, labels, seed=0, classes=4)
    assert told.shape == (60, 4)
    assert told[:, 2:].max() < 0.01
    with pytest.raises(ValueError, match="labels are codes from 0 to 0"):
        out_of_fold(features, labels, seed=0, classes=1)


def test_rows_without_a_label_get_one():
    features, labels = clusters(300, 3, seed=9)
    hidden = np.where(np.arange(300) % 3 == 0, -1, labels)
    codes, sure = suggest(features, hidden, seed=0)
    assert (codes == labels[::3]).mean() > 0.95
    assert sure.shape == (100,)
    assert sure.max() <= 1
    assert len(suggest(features, labels, seed=0)[0]) == 0
    with pytest.raises(ValueError, match="without a single label"):
        suggest(features, np.full(300, -1), seed=0)
