"""Metrics of a ranking of rows: how well scores put positive rows above negative ones."""

from math import sqrt

import numpy as np

from scoring.errors import ScoringError
from scoring.sorting import FloatArray, IntArray, ascending
from scoring.uncertainty import RowTerms

__all__ = ["average_precision", "roc_auc"]


def roc_auc(truth: IntArray, prediction: FloatArray) -> RowTerms:
    """The area under the ROC curve: P(positive above negative) + P(tie) / 2.

    truth        (n,) codes, 0 or 1, both present
    prediction   (n,) finite float64, any scale; only the order and the ties count

    Counted in whole numbers, so the value is exact up to the last division. Terms: DeLong, DeLong and Clarke-Pearson 1988
    (doi:10.2307/2531595), the centred placement of each row in the other class. At 0 and 1, and where a class has a single
    row, the interval has the variance that Newcombe 2006 (doi:10.1002/sim.2324, method 5) gives from the value alone.

    >>> form = roc_auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    >>> form.value
    0.75
    """
    rank = ascending(prediction)
    hit = truth[rank.order] == 1
    upto = np.cumsum(hit)[rank.ends]  # positives up to the end of each group of ties
    positives = int(upto[-1])
    negatives = len(truth) - positives
    if not positives or not negatives:
        raise ScoringError("scoring.one_class", metric="roc_auc")
    of_group = np.diff(upto, prepend=0)
    sizes = np.diff(rank.ends, prepend=-1)
    twice_above = 2 * upto - of_group  # twice the positives below, ties half
    twice_below = 2 * (rank.ends + 1 - upto) - (sizes - of_group)
    value = int(of_group @ twice_below) / (2 * positives * negatives)

    of_positive = (twice_below / (2 * negatives) - value) / sqrt(positives * max(positives - 1, 1))
    of_negative = (1 - twice_above / (2 * positives) - value) / sqrt(negatives * max(negatives - 1, 1))
    terms = np.empty(len(truth))
    terms[rank.order] = np.where(hit, *(np.repeat(side, sizes) for side in (of_positive, of_negative)))
    return RowTerms(
        value,
        terms,
        logit=True,
        at_end=_equal_rows(value, positives, negatives),
        blind=min(positives, negatives) == 1,
    )


def _equal_rows(value: float, positives: int, negatives: int) -> float:
    """How many 0/1 rows are as uncertain as this AUC, by Newcombe's variance."""
    half = (positives + negatives) / 2 - 1
    return positives * negatives / (1 + half * (1 - value) / (2 - value) + half * value / (1 + value))


def average_precision(truth: IntArray, prediction: FloatArray) -> RowTerms:
    """Σ (recall step × precision) over the distinct thresholds, from the highest down; no interpolation.

    truth        (n,) codes, 0 or 1, both present
    prediction   (n,) finite float64, any scale; only the order and the ties count

    Terms: the derivative of the score by the weight of each row (infinitesimal jackknife, Efron 1982,
    doi:10.1137/1.9781611970319). With T and F the true and false positives at a threshold, a positive row adds its precision
    and Σ t·F/(T+F)² over the thresholds that include it, a negative row takes Σ t·T/(T+F)² away; all over the positives.

    >>> round(average_precision(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])).value, 6)
    0.833333
    """
    rank = ascending(-prediction)
    hit = truth[rank.order] == 1
    found = np.cumsum(hit)[rank.ends]
    positives = int(found[-1])
    if positives in {0, len(truth)}:
        raise ScoringError("scoring.one_class", metric="average_precision")
    taken = rank.ends + 1
    of_group = np.diff(found, prepend=0)
    precision = found / taken
    value = float(of_group @ precision) / positives

    gain, loss = of_group * (taken - found) / taken**2, of_group * found / taken**2
    of_positive = (precision + _onwards(gain) - value) / positives
    of_negative = -_onwards(loss) / positives
    sizes = np.diff(rank.ends, prepend=-1)
    terms = np.empty(len(truth))
    terms[rank.order] = np.where(hit, *(np.repeat(side, sizes) for side in (of_positive, of_negative)))
    return RowTerms(value, terms, logit=True, at_end=float(positives))


def _onwards(steps: FloatArray) -> FloatArray:
    """Sums of each entry and all after it."""
    sums: FloatArray = np.cumsum(steps[::-1])[::-1]
    return sums
