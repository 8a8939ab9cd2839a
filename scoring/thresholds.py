"""Metrics of a ranking of rows: how well scores put positive rows above negative ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np

from scoring.errors import ScoringError
from scoring.sorting import STRETCH, Ascending, BoolArray, FloatArray, IntArray, ascending
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
    rank, positives, negatives = _ranked("roc_auc", truth, prediction)
    of_positive, of_negative = (sqrt(count * max(count - 1, 1)) for count in (positives, negatives))
    terms = np.empty(len(truth))
    won = 0  # twice the pairs in which the positive is above, ties counted once
    for part in _from_below(rank):
        beaten = 2 * part.negatives_below + part.negatives
        unbeaten = 2 * (positives - part.positives_below) - part.positives
        won += int(part.positives @ beaten)
        terms[part.stretch] = part.by_row(
            beaten / (2 * negatives * of_positive), unbeaten / (2 * positives * of_negative)
        )
    value = won / (2 * positives * negatives)
    _centre(terms, rank.marked, value / of_positive, value / of_negative)
    equal_rows = _equal_rows(value, positives, negatives)
    return RowTerms(value, terms, rank.rows, logit=True, at_end=equal_rows, blind=min(positives, negatives) == 1)


def average_precision(truth: IntArray, prediction: FloatArray) -> RowTerms:
    """Σ (recall step × precision) over the distinct thresholds, from the highest down; no interpolation.

    truth        (n,) codes, 0 or 1, both present
    prediction   (n,) finite float64, any scale; only the order and the ties count

    Terms: the derivative of the score by the weight of each row (infinitesimal jackknife, Efron 1982,
    doi:10.1137/1.9781611970319). With T true and F false positives at a threshold that has t of its own, a positive row adds
    its precision and Σ t·F/(T+F)² over the thresholds from its own down; a negative row takes Σ t·T/(T+F)² away.

    >>> round(average_precision(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])).value, 6)
    0.833333
    """
    rank, positives, _ = _ranked("average_precision", truth, prediction)
    terms = np.empty(len(truth))
    summed = gained = lost = 0.0
    for part in _from_below(rank):
        found = positives - part.positives_below
        taken = len(truth) - part.positives_below - part.negatives_below
        precision = found / taken
        share = part.positives / taken
        gain, loss = gained + np.cumsum(share * (1 - precision)), lost + np.cumsum(share * precision)
        summed += float(part.positives @ precision)
        gained, lost = float(gain[-1]), float(loss[-1])
        terms[part.stretch] = part.by_row((precision + gain) / positives, -loss / positives)
    value = summed / positives
    _centre(terms, rank.marked, value / positives, 0.0)
    return RowTerms(value, terms, rank.rows, logit=True, at_end=float(positives))


@dataclass(frozen=True, slots=True)
class _Part:
    """Some groups of equal predictions, in a stretch of the rows from the lowest prediction up.

    stretch                 where the r rows stand in the order
    hit                     (r,) whether each is positive
    sizes                   (g,) rows in each group
    positives, negatives    (g,) of each kind in the group
    …_below                 (g,) of each kind in all lower groups
    """

    stretch: slice
    hit: BoolArray
    sizes: IntArray
    positives: IntArray
    negatives: IntArray
    positives_below: IntArray
    negatives_below: IntArray

    def by_row(self, of_positive: FloatArray, of_negative: FloatArray) -> FloatArray:
        """(r,) the group's value for its positive and for its negative rows."""
        if len(self.sizes) < len(self.hit):
            of_positive, of_negative = np.repeat(of_positive, self.sizes), np.repeat(of_negative, self.sizes)
        return np.where(self.hit, of_positive, of_negative)


def _from_below(rank: Ascending) -> Iterator[_Part]:
    positives_before = 0
    for stretch in rank.stretches():
        hit = rank.marked[stretch]
        starts = np.flatnonzero(rank.first[stretch])
        ends = np.append(starts[1:], len(hit))
        upto = positives_before + np.cumsum(hit)[ends - 1]
        below = np.append(positives_before, upto[:-1])
        positives, sizes = upto - below, ends - starts
        yield _Part(stretch, hit, sizes, positives, sizes - positives, below, stretch.start + starts - below)
        positives_before = int(upto[-1])


def _centre(terms: FloatArray, hit: BoolArray, of_positive: float, of_negative: float) -> None:
    for start in range(0, len(terms), STRETCH):
        part = slice(start, start + STRETCH)
        terms[part] -= np.where(hit[part], of_positive, of_negative)


def _ranked(metric: str, truth: IntArray, prediction: FloatArray) -> tuple[Ascending, int, int]:
    """The rows by prediction, marked where positive, and how many of each kind; ScoringError if one kind is missing."""
    positive = truth == 1
    positives = int(np.count_nonzero(positive))
    if positives in {0, len(truth)}:
        raise ScoringError("scoring.one_class", metric=metric)
    return ascending(prediction, positive), positives, len(truth) - positives


def _equal_rows(value: float, positives: int, negatives: int) -> float:
    """How many 0/1 rows are as uncertain as this AUC, by Newcombe's variance."""
    half = (positives + negatives) / 2 - 1
    return positives * negatives / (1 + half * (1 - value) / (2 - value) + half * value / (1 + value))
