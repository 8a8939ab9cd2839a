"""The estimated share of wrong labels: known shares are found, what cannot be known is said to be unknown."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from scoring.labels.floors import BINS, floors
from scoring.labels.rate import FEWEST_ROWS, noise_rate, rate_of


def told_of(rows, classes, seed, sure=0.97):
    """Right classes and P(right class): most rows are certain, some are between two classes."""
    rng = np.random.default_rng(seed)
    right = rng.integers(0, classes, rows)
    easy = rng.random(rows) < sure
    weight = np.where(easy, 1 - 1e-4 * rng.random(rows), 0.5 + 0.3 * rng.random(rows))
    told = np.zeros((rows, classes))
    told[np.arange(rows), right] = weight
    told[np.arange(rows), (right + 1) % classes] += 1 - weight
    picked = np.where(rng.random(rows) < weight, right, (right + 1) % classes)
    return picked, told


def confusing(labels, confusion, rng):
    return (confusion.cumsum(axis=1)[labels] < rng.random(len(labels))[:, None]).sum(axis=1)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.3])
@pytest.mark.parametrize("classes", [2, 5])
def test_uniform_noise_is_found_from_probabilities(share, classes):
    right, told = told_of(6000, classes, seed=1)
    confusion = np.where(np.eye(classes, dtype=bool), 1 - share, share / (classes - 1))
    labels = confusing(right, confusion, np.random.default_rng(2))
    is_share = (labels != right).mean()
    rate = rate_of(labels, told @ confusion)
    assert rate.value == pytest.approx(is_share, abs=0.01)
    assert rate.low <= is_share <= rate.high + 1e-3
    assert rate.high - rate.low < 0.06
    np.testing.assert_allclose(rate.confusion.sum(axis=1), 1)
    assert rate.shares.sum() == pytest.approx(1)


def test_asymmetric_noise_is_found_with_its_confusion():
    """A third of class 0 goes to class 1, nothing else: predicted shares are far off, solved ones are not."""
    right, told = told_of(9000, 3, seed=3)
    confusion = np.array([[2 / 3, 1 / 3, 0], [0, 1, 0], [0, 0, 1]])
    labels = confusing(right, confusion, np.random.default_rng(4))
    rate = rate_of(labels, told @ confusion)
    assert rate.value == pytest.approx((labels != right).mean(), abs=0.01)
    np.testing.assert_allclose(rate.confusion, confusion, atol=0.03)
    np.testing.assert_allclose(rate.shares, 1 / 3, atol=0.02)
    assert rate.known_confusion is rate.confusion


def test_floor_of_a_known_curve():
    place = (np.arange(BINS) + 0.5) / BINS
    rows = np.full((3, BINS), 300.0)
    truth = np.array([0.0, 0.1, 0.35])
    curve = truth[:, None] + (1 - truth[:, None]) * 0.6 * place**4
    found = floors(np.round(rows * curve), rows)
    np.testing.assert_allclose(found.mean, truth, atol=0.01)
    assert (found.deviation < 0.02).all()
    assert found.edge.max() < 0.01
    assert ((found.wrong >= 0) & (found.wrong <= 1)).all()
    assert found.wrong[2, 0] > 0.95 > found.wrong[2, -1]


def test_where_the_curve_keeps_falling_something_may_hide_under_the_floor():
    place = (np.arange(BINS) + 0.5) / BINS
    found = floors(np.round(200 * 0.4 * place**0.5)[None], np.full((1, BINS), 200.0))
    assert found.edge[0] > 0.05


@pytest.mark.slow  # 18 CPU-s
@pytest.mark.parametrize("share", [0.0, 0.05, 0.2])
def test_digits(share):
    data = load_digits()
    rng = np.random.default_rng(5)
    labels = data.target.copy()
    rows = rng.permutation(len(labels))[: round(share * len(labels))]
    labels[rows] = (labels[rows] + rng.integers(1, 10, len(rows))) % 10
    rate = noise_rate(data.data, labels, seed=0)
    assert rate.value == pytest.approx(share, abs=0.012)
    assert rate.low <= share <= rate.high + 1e-3
    assert rate.hidden < 0.02
    assert rate.injected == pytest.approx(0.1 * (1 - share), abs=0.02)
    assert rate.recovered == pytest.approx(rate.injected, abs=0.04)


def blobs(rows, seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, rows)
    return (rng.normal(size=(rows, 2)) + 6 * labels[:, None]).astype(np.float32), labels


@pytest.mark.slow
def test_neither_the_order_of_rows_nor_the_names_of_classes_matter():
    features, labels = blobs(150, seed=6)
    labels[:15] = 1 - labels[:15]
    rows = np.random.default_rng(7).permutation(150)
    rate = noise_rate(features, labels, seed=3)
    moved = noise_rate(features[rows], 1 - labels[rows], seed=3)
    assert (moved.value, moved.low, moved.high, moved.recovered) == (rate.value, rate.low, rate.high, rate.recovered)
    np.testing.assert_array_equal(moved.confusion, rate.confusion[::-1, ::-1])
    np.testing.assert_array_equal(moved.shares, rate.shares[::-1])
    assert rate.value == pytest.approx(0.1, abs=0.03)


@pytest.mark.slow
def test_where_features_say_nothing_the_rate_may_be_zero():
    """Labels that look random are either wrong or cannot be told from these features; the interval holds both."""
    rng = np.random.default_rng(8)
    rate = noise_rate(rng.normal(size=(200, 3)), rng.integers(0, 2, 200), seed=0)
    assert rate.low < 0.05
    assert rate.high > 0.3
    assert rate.hidden > 0.2
    assert rate.known_confusion is None


@pytest.mark.parametrize("labels", [np.zeros(200, dtype=int), np.arange(FEWEST_ROWS - 1) % 2])
def test_one_class_or_too_few_rows_tell_nothing(labels):
    rate = noise_rate(np.arange(len(labels), dtype=float)[:, None], labels, seed=0)
    assert (rate.value, rate.low, rate.high) == (0, 0, 1)
    assert rate_of(labels, np.full((len(labels), 2), 0.5)).high == 1


def test_a_class_with_one_row_and_unused_classes():
    features, labels = blobs(120, seed=9)
    labels[0] = 4
    rate = noise_rate(features, labels, seed=0)
    assert rate.confusion.shape == (5, 5)
    assert 0 <= rate.low <= rate.value <= rate.high <= 1
    assert rate.value < 0.05


def test_more_classes_than_rows_in_each():
    labels = np.arange(100)
    rate = noise_rate(labels[:, None].astype(float), labels, seed=0)
    assert 0 == rate.low <= rate.value <= rate.high <= 1
