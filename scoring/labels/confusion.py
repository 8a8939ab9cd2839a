"""Going back from given labels to right classes when it is known how often each class is taken for each other.

confusion   (k, k) P(given label j | right class i), rows sum to 1
"""

from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

MOST_CLASSES: Final = 4096  # tables of k × k numbers are kept: 134 MB each at this many classes
SOLVED_CLASSES: Final = 64  # with more, the probabilities of given labels stand for those of right classes
_SMALLEST: Final = 1e-6


def inverse(confusion: FloatArray) -> FloatArray:
    """(k, k) what takes probabilities of given labels to those of right classes; the identity for more than 64 classes."""
    if len(confusion) > SOLVED_CLASSES:
        return np.eye(len(confusion))
    return np.linalg.pinv(confusion).astype(np.float64)


def right_classes(probabilities: npt.NDArray[np.floating], back: FloatArray) -> FloatArray:
    """(n, k) P(right class | features) from P(given label | features) and `inverse`; none below 10⁻⁶ before rows are scaled to 1.

    >>> mixed = np.array([[0.8, 0.2], [0.2, 0.8]])
    >>> right_classes(np.array([[0.8, 0.2], [0.5, 0.5]]), inverse(mixed)).round(3).tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """
    if len(back) > SOLVED_CLASSES:
        found = np.maximum(probabilities.astype(np.float64), _SMALLEST)
    else:
        found = np.maximum(probabilities.astype(np.float64) @ back, _SMALLEST)
    found /= found.sum(axis=1, keepdims=True)
    return found


def given(right: FloatArray, confusion: FloatArray, label: int) -> FloatArray:
    """(n, k) P(right class | features, `label` was given), for rows with P(right class | features) `right`: Bayes' rule."""
    found = right * np.maximum(confusion[:, label], _SMALLEST)
    found /= found.sum(axis=1, keepdims=True)
    return found
