"""Agreement with the nearest rows, and what it is for: labels that a model gave agree too well."""

import numpy as np
import pytest
from scipy import sparse

from scoring.labels import agreement_with_neighbours, out_of_fold


def overlapping(rows, seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, rows)
    return (rng.normal(size=(rows, 3)) + 1.2 * labels[:, None]).astype(np.float32), labels


def brute(features, labels, count=5):
    scaled = (features - features.mean(axis=0)) / features.std(axis=0)
    distance = ((scaled[:, None] - scaled[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distance, np.inf)
    nearest = np.argsort(distance, axis=1)[:, :count]
    return (labels[nearest] == labels[:, None]).mean()


def test_it_is_what_the_slow_form_says():
    features, labels = overlapping(300, seed=1)
    found = agreement_with_neighbours(features, labels, seed=0)
    assert found.value == pytest.approx(brute(features, labels), abs=1e-9)
    assert found.low < found.value < found.high
    assert found.rows == 300


def test_relabelling_with_a_model_is_seen():
    features, labels = overlapping(400, seed=2)
    raw = agreement_with_neighbours(features, labels, seed=0)
    modelled = agreement_with_neighbours(features, out_of_fold(features, labels, seed=0).argmax(axis=1), seed=0)
    assert modelled.low > raw.high


def test_copies_do_not_agree_with_themselves():
    features, labels = overlapping(200, seed=3)
    once = agreement_with_neighbours(features, labels, seed=0)
    often = agreement_with_neighbours(np.tile(features, (4, 1)), np.tile(labels, 4), seed=0)
    assert often.value == pytest.approx(once.value, abs=1e-9)
    assert often.rows == once.rows


def test_order_and_names_do_not_matter():
    features, labels = overlapping(200, seed=4)
    rows = np.random.default_rng(5).permutation(200)
    found = agreement_with_neighbours(features, labels, seed=0)
    assert agreement_with_neighbours(features[rows], 1 - labels[rows], seed=0) == found


def test_sparse_features_are_read_too():
    features, labels = overlapping(100, seed=6)
    found = agreement_with_neighbours(sparse.csr_matrix(np.maximum(features, 0)), labels, seed=0)
    assert found.value > 0.6


@pytest.mark.parametrize("rows", [1, 5])
def test_one_distinct_row_agrees_with_nothing(rows):
    found = agreement_with_neighbours(np.ones((rows, 2)), np.zeros(rows, dtype=int), seed=0)
    assert (found.value, found.low, found.high, found.rows) == (0, 0, 1, 1)


def test_nan_is_no_obstacle():
    found = agreement_with_neighbours(np.array([[np.nan, 1], [0, 2], [np.inf, 3.0]]), np.zeros(3, dtype=int), seed=0)
    assert found.value == 1
