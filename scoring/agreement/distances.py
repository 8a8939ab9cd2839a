"""How different labels are, at each level of measurement: the metrics of Krippendorff's α without a matrix.

Each function takes labels of which every item has at least two, and returns

within     (n,) float64: the squared distances of all ordered pairs of labels inside each item
against    (r,) float64: the squared distances of each label from all labels, summed

Squared distances on a line need no pairs: Σ (x - y)² over a group follows from its mean and its spread. Krippendorff's
ordinal metric is such a distance too, between the middle ranks of the values.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from scoring.agreement.joins import count_pairs, pairs_in_groups
from scoring.agreement.labels import Labels, count_votes
from scoring.agreement.shares import sums_by
from scoring.errors import ScoringError
from scoring.sorting import FloatArray

Level = Literal["nominal", "ordinal", "interval", "ratio"]
_MOST_PAIRS: Final = 100_000_000


def nominal(labels: Labels) -> tuple[FloatArray, FloatArray]:
    """0 for equal labels, else 1."""
    votes = count_votes(labels)
    sizes = labels.per_item.astype(np.float64)
    within = sizes**2 - sums_by(votes.item, len(sizes), votes.count**2)
    same = sums_by(votes.value, len(votes.values), votes.count)
    return within, len(labels.item) - same[votes.value[votes.of_row]]


def ordinal(labels: Labels) -> tuple[FloatArray, FloatArray]:
    """The labels that lie between two values, counted among all labels; half of those of the two values themselves."""
    _, value, counts = np.unique(labels.label, return_inverse=True, return_counts=True)
    return _on_a_line(labels, (np.cumsum(counts) - counts / 2)[value])


def interval(labels: Labels) -> tuple[FloatArray, FloatArray]:
    """The difference of the values."""
    return _on_a_line(labels, labels.label.astype(np.float64))


def ratio(labels: Labels) -> tuple[FloatArray, FloatArray]:
    """The difference of the values as a share of their sum; two zeros are equal. Refused: values below 0, too many values."""
    negative = int(np.count_nonzero(labels.label < 0))
    if negative:
        raise ScoringError("agreement.negative_ratio", count=negative)
    votes = count_votes(labels)
    values = votes.values / max(float(votes.values.max()), np.finfo(np.float64).tiny)
    pairs = max(len(values) ** 2, count_pairs(votes.item, votes.item, len(labels.items)))
    if pairs > _MOST_PAIRS:
        raise ScoringError("agreement.too_many_values", count=pairs, most=_MOST_PAIRS)
    often = sums_by(votes.value, len(values), votes.count)
    against = np.array([(_in_proportion(value, values) * often).sum() for value in values])
    within = np.zeros(len(labels.items))
    for one, other in pairs_in_groups(votes.item, votes.item, len(labels.items)):
        apart = _in_proportion(values[votes.value[one]], values[votes.value[other]])
        within += sums_by(votes.item[one], len(within), apart * votes.count[one] * votes.count[other])
    return within, against[votes.value[votes.of_row]]


WITHIN_AND_AGAINST: Final[Mapping[Level, Callable[[Labels], tuple[FloatArray, FloatArray]]]] = MappingProxyType(
    {"nominal": nominal, "ordinal": ordinal, "interval": interval, "ratio": ratio}
)


def _on_a_line(labels: Labels, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    middle = values.min() / 2 + values.max() / 2
    x = values / 2 - middle / 2  # halves, so that the largest floats do not overflow
    x /= np.abs(x).max()
    sizes = labels.per_item.astype(np.float64)
    means = sums_by(labels.item, len(sizes), x) / sizes
    within = 2 * sizes * sums_by(labels.item, len(sizes), (x - means[labels.item]) ** 2)
    x -= x.mean()
    squares = x * x
    return within, len(x) * squares + squares.sum()


def _in_proportion(one: FloatArray, other: FloatArray) -> FloatArray:
    total = one + other
    shares: FloatArray = np.where(total > 0, (one - other) / np.where(total > 0, total, 1), 0.0)
    return shares * shares
