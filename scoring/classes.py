"""Metrics of predicted classes. Truth and prediction are codes (n,) of one code book, counted from 0."""

import numpy as np

from scoring.errors import ScoringError
from scoring.sorting import BoolArray, FloatArray, IntArray
from scoring.uncertainty import Counted, RowTerms, Tally, row_mean

__all__ = ["accuracy", "balanced_accuracy", "f1_macro", "f1_micro", "f1_weighted", "mcc", "quadratic_kappa"]


def accuracy(truth: IntArray, prediction: IntArray) -> RowTerms:
    """The share of rows with truth = prediction.

    >>> accuracy(np.array([0, 1, 2, 3]), np.array([0, 2, 1, 3])).value
    0.5
    """
    return row_mean((truth == prediction).astype(np.float64))


def f1_micro(truth: IntArray, prediction: IntArray) -> RowTerms:
    """F1 of all decisions together; each row is one hit, or one false positive and one false negative, so it is accuracy.

    >>> f1_micro(np.array([0, 1, 2, 3]), np.array([0, 2, 1, 3])).value
    0.5
    """
    return accuracy(truth, prediction)


def balanced_accuracy(truth: IntArray, prediction: IntArray) -> Counted:
    """The mean recall of the classes that occur in the truth.

    >>> round(balanced_accuracy(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])).value, 4)
    0.8333
    """
    hits, truths, _ = _tallies(truth, prediction)

    def score(hits: FloatArray, truths: FloatArray) -> FloatArray:
        return _mean_where(truths > 0, hits, truths)

    return Counted((hits, truths), score, _equal_rows(truth))


def f1_macro(truth: IntArray, prediction: IntArray) -> Counted:
    """The mean over classes of 2·hits / (true rows + predicted rows), for classes that occur in truth or prediction.

    >>> round(f1_macro(np.array([0, 1, 2, 0, 1, 2]), np.array([0, 2, 1, 0, 0, 1])).value, 4)
    0.2667
    """

    def score(hits: FloatArray, truths: FloatArray, predictions: FloatArray) -> FloatArray:
        either = truths + predictions
        return _mean_where(either > 0, 2 * hits, either)

    return Counted(_tallies(truth, prediction), score, _equal_rows(truth))


def f1_weighted(truth: IntArray, prediction: IntArray) -> Counted:
    """The F1 of each class, averaged with its number of true rows as weight.

    >>> round(f1_weighted(np.array([0, 1, 2, 0, 1, 2]), np.array([0, 2, 1, 0, 0, 1])).value, 4)
    0.2667
    """

    def score(hits: FloatArray, truths: FloatArray, predictions: FloatArray) -> FloatArray:
        either = np.maximum(truths + predictions, 1)  # whole numbers: 0 only where the hits are 0 too
        return _ratio((2 * hits * truths / either).sum(axis=1), truths.sum(axis=1))

    return Counted(_tallies(truth, prediction), score, float(len(truth)))


def mcc(truth: IntArray, prediction: IntArray) -> Counted:
    """The correlation of true and predicted classes, Gorodkin's R for any number of classes.

    At least two classes must occur in the truth. A prediction of one class only scores 0 (the usual convention for 0/0).

    >>> round(mcc(np.array([1, 1, 1, 0]), np.array([1, 0, 1, 1])).value, 4)
    -0.3333
    """
    _refuse_one_class("mcc", truth)

    def score(hits: FloatArray, truths: FloatArray, predictions: FloatArray) -> FloatArray:
        rows = truths.sum(axis=1)
        together = hits.sum(axis=1) * rows - (truths * predictions).sum(axis=1)
        apart = (rows**2 - (truths**2).sum(axis=1)) * (rows**2 - (predictions**2).sum(axis=1))
        value: FloatArray = np.where(apart > 0, together / np.sqrt(np.maximum(apart, 1)), 0.0)
        return value

    return Counted(_tallies(truth, prediction), score, float(len(truth)))


def quadratic_kappa(truth: IntArray, prediction: IntArray) -> Counted:
    """1 - Σ (truth - prediction)² / (what it would be if the two were independent); codes are steps on a scale.

    At least two classes must occur in the truth.

    >>> round(quadratic_kappa(np.array([0, 1, 2, 2]), np.array([0, 1, 2, 1])).value, 4)
    0.8
    """
    _refuse_one_class("quadratic_kappa", truth)
    truth, prediction = truth.astype(np.int64), prediction.astype(np.int64)  # room for squares
    zeros = np.zeros_like(truth)
    amounts = (np.ones_like(truth), truth, prediction, truth**2, prediction**2, (truth - prediction) ** 2)

    def score(
        rows: FloatArray, t: FloatArray, p: FloatArray, tt: FloatArray, pp: FloatArray, missed: FloatArray
    ) -> FloatArray:
        squares = tt + pp
        expected = squares - 2 * t * p / np.maximum(rows, 1)
        defined = expected > 1e-9 * squares  # 0 but for rounding when both sides hold one and the same class
        value: FloatArray = np.where(defined, 1 - missed / np.where(defined, expected, 1), np.nan)[:, 0]
        return value

    return Counted(tuple(Tally(zeros, 1, amount) for amount in amounts), score, float(len(truth)))


def _tallies(truth: IntArray, prediction: IntArray) -> tuple[Tally, Tally, Tally]:
    """Hits, true rows and predicted rows by class; classes that occur nowhere are left out."""
    occurs = np.bincount(truth, minlength=int(prediction.max()) + 1) > 0
    occurs |= np.bincount(prediction, minlength=len(occurs)) > 0
    size = int(occurs.sum())
    if size < len(occurs):
        dense = np.cumsum(occurs) - 1
        truth, prediction = dense[truth], dense[prediction]
    return Tally(truth, size, truth == prediction), Tally(truth, size), Tally(prediction, size)


def _equal_rows(truth: IntArray) -> float:
    """How many rows of one class are as uncertain as a mean over these classes: k² / Σ (1 / rows of the class)."""
    rows = np.bincount(truth)
    rows = rows[rows > 0]
    return float(len(rows) ** 2 / (1 / rows).sum())


def _refuse_one_class(metric: str, truth: IntArray) -> None:
    if (truth == truth[0]).all():
        raise ScoringError("scoring.one_class", metric=metric)


def _mean_where(counts: BoolArray, over: FloatArray, under: FloatArray) -> FloatArray:
    """The mean of over / under along each row, of the entries that count; NaN where none does."""
    ratios = over / np.where(counts, under, 1)
    return _ratio((ratios * counts).sum(axis=1), counts.sum(axis=1))


def _ratio(over: FloatArray, under: FloatArray) -> FloatArray:
    value: FloatArray = np.where(under > 0, over / np.maximum(under, 1), np.nan)
    return value
