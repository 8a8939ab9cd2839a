"""Metrics of predicted numbers. Truth and prediction are finite float64 (n,), in the same unit."""

from math import sqrt

import numpy as np

from scoring.errors import ScoringError
from scoring.sorting import FloatArray
from scoring.uncertainty import RowTerms, row_mean

__all__ = ["mae", "mape", "r2", "rmse", "smape"]


def mae(truth: FloatArray, prediction: FloatArray) -> RowTerms:
    """The mean of |prediction - truth|.

    >>> mae(np.array([3, -0.5, 2, 7]), np.array([2.5, 0.0, 2, 8])).value
    0.5
    """
    return row_mean(np.abs(prediction - truth))


def rmse(truth: FloatArray, prediction: FloatArray) -> RowTerms:
    """√ of the mean of (prediction - truth)². Terms: those of the mean square, by the delta method.

    >>> round(rmse(np.array([3, -0.5, 2, 7]), np.array([2.5, 0.0, 2, 8])).value, 6)
    0.612372
    """
    square = row_mean((prediction - truth) ** 2)
    value = sqrt(square.value)
    return RowTerms(value, square.terms / (2 * value) if value else square.terms)


def r2(truth: FloatArray, prediction: FloatArray) -> RowTerms:
    """1 - Σ (truth - prediction)² / Σ (truth - mean truth)². The truth must not be constant.

    Terms: the derivative by the weight of each row, -(e² / Σe² - d² / Σd²)·Σe²/Σd² with e the error and d the distance of
    the truth from its mean (which itself adds nothing: Σd² is smallest there).

    >>> round(r2(np.array([3, -0.5, 2, 7]), np.array([2.5, 0.0, 2, 8])).value, 6)
    0.948608
    """
    if (truth == truth[0]).all():
        raise ScoringError("scoring.constant_truth", metric="r2")
    errors, distances = (truth - prediction) ** 2, (truth - truth.mean()) ** 2
    total = distances.sum()
    unexplained = errors.sum() / total
    correction = sqrt(len(truth) / (len(truth) - 1))
    return RowTerms(float(1 - unexplained), (distances * unexplained - errors) / total * correction)


def mape(truth: FloatArray, prediction: FloatArray) -> RowTerms:
    """The mean of |prediction - truth| / |truth|, as a ratio: 0.05 is 5 %. No true value may be 0.

    >>> mape(np.array([3, -0.5, 2, 8]), np.array([2.25, 0.0, 2, 8])).value
    0.3125
    """
    zero = truth == 0
    if zero.any():
        raise ScoringError("scoring.zero_truth", metric="mape", count=int(zero.sum()), row=int(zero.argmax()))
    return row_mean(np.abs(prediction - truth) / np.abs(truth))


def smape(truth: FloatArray, prediction: FloatArray) -> RowTerms:
    """The mean of 2·|prediction - truth| / (|truth| + |prediction|), from 0 to 2; a row where both are 0 counts 0.

    >>> round(smape(np.array([3.0, 0, 2]), np.array([1.0, 0, 2])).value, 6)
    0.333333
    """
    larger = np.maximum(np.abs(truth), np.abs(prediction))
    larger[larger == 0] = 1
    true, given = truth / larger, prediction / larger  # so that neither huge nor tiny numbers overflow or vanish
    return row_mean(2 * np.abs(given - true) / np.maximum(np.abs(true) + np.abs(given), 1))
