"""Metrics of predicted probabilities.

Truth is codes (n,) counted from 0. The prediction is float64, either (n,) with the probability of class 1 (then the truth
is 0 or 1), or (n, k) with one column for each class in the order of the codes; rows sum to about 1 and are divided by their sum.
"""

import numpy as np

from scoring.sorting import FloatArray, IntArray
from scoring.uncertainty import RowTerms, row_mean

__all__ = ["brier", "log_loss"]

_SMALLEST = np.finfo(np.float64).eps  # as scikit-learn clips: one row cannot cost more than 36.04


def log_loss(truth: IntArray, prediction: FloatArray) -> RowTerms:
    """The mean of -ln(probability of the true class); probabilities below 2.2e-16 count as that.

    >>> round(log_loss(np.array([1, 0, 0, 1]), np.array([0.9, 0.1, 0.2, 0.65])).value, 5)
    0.21616
    """
    if prediction.ndim == 1:
        of_truth = np.where(truth == 1, prediction, 1 - prediction)
    else:
        of_truth = _of_truth(truth, prediction) / prediction.sum(axis=1)
    return row_mean(-np.log(np.maximum(of_truth, _SMALLEST)))


def brier(truth: IntArray, prediction: FloatArray) -> RowTerms:
    """The mean squared distance between prediction and outcome; for (n, k) half the sum over classes, so 1 is the worst.

    >>> round(brier(np.array([0, 1, 1, 0]), np.array([0.1, 0.9, 0.8, 0.3])).value, 6)
    0.0375
    """
    if prediction.ndim == 1:
        return row_mean((prediction - truth) ** 2)
    sums = prediction.sum(axis=1)
    squares = np.einsum("ij,ij->i", prediction, prediction) / sums**2
    return row_mean((1 - 2 * _of_truth(truth, prediction) / sums + squares) / 2)


def _of_truth(truth: IntArray, prediction: FloatArray) -> FloatArray:
    chosen: FloatArray = prediction[np.arange(len(truth)), truth]
    return chosen
