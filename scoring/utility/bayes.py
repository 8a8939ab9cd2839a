"""Naive Bayes on character n-grams."""

from typing import Any, Final

import numpy as np
from scipy import sparse
from scipy.special import log_softmax

from scoring.utility.tasks import FloatArray, IntArray, Task

_PRIOR: Final = 0.1  # of a text's weight, added to every n-gram in every class
_CERTAINTY: Final = 2.0  # n-gram rows have length one; this makes the odds about as sure as they deserve to be


def multinomial(train: Any, target: IntArray, test: Any, task: Task) -> FloatArray:
    """Class probabilities (t, classes) from how much of each n-gram's weight falls into each class."""
    classes = len(task.classes)
    member = sparse.csr_matrix((np.ones(len(target)), (target, np.arange(len(target)))), shape=(classes, len(target)))
    weight = np.asarray((member @ train).todense()) + _PRIOR
    odds = np.log(weight / weight.sum(axis=1, keepdims=True))
    prior = np.log((np.bincount(target, minlength=classes) + 1) / (len(target) + classes))
    return np.asarray(np.exp(log_softmax(_CERTAINTY * (test @ odds.T) + prior, axis=1)))
