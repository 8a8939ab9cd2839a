"""Metrics of a ranking of rows: how well scores put positive rows above negative ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

import numpy as np

from scoring.errors import ScoringError
from scoring.grid import cells
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
    won = 0  # twice the pairs in which the positive is above, ties counted once
    for part in rank.from_below():
        beaten = 2 * part.negatives_below + part.negatives
        unbeaten = 2 * (positives - part.positives_below) - part.positives
        won += int(part.positives @ beaten)
        rank.put(beaten / (2 * negatives * of_positive), unbeaten / (2 * positives * of_negative))
    value, terms = won / (2 * positives * negatives), rank.terms
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
    summed = gained = lost = 0.0
    for part in rank.from_below():
        found = positives - part.positives_below
        taken = np.maximum(len(truth) - part.positives_below - part.negatives_below, 1)  # nothing: empty cells on top
        precision = found / taken
        share = part.positives / taken
        gain, loss = gained + np.cumsum(share * (1 - precision)), lost + np.cumsum(share * precision)
        summed += float(part.positives @ precision)
        gained, lost = float(gain[-1]), float(loss[-1])
        rank.put((precision + gain) / positives, -loss / positives)
    value, terms = summed / positives, rank.terms
    _centre(terms, rank.marked, value / positives, 0.0)
    return RowTerms(value, terms, rank.rows, logit=True, at_end=float(positives))


@dataclass(frozen=True, slots=True)
class _Part:
    """Some groups of equal predictions, from the lowest prediction up.

    positives, negatives    (g,) rows of each kind in the group; none of either where no row has the group's prediction
    …_below                 (g,) of each kind in all lower groups
    """

    positives: IntArray
    negatives: IntArray
    positives_below: IntArray
    negatives_below: IntArray


class _Sorted:
    """Rows in the order of their predictions: always possible."""

    def __init__(self, order: Ascending) -> None:
        self._order = order
        self.rows: IntArray | None = order.rows
        self.marked = order.marked
        self.terms = np.empty(len(order.rows))
        self._at = slice(0)

    def from_below(self) -> Iterator[_Part]:
        """All groups, part by part; what was put down is for the part that came last."""
        positives_before = 0
        for stretch in self._order.stretches():
            hit = self.marked[stretch]
            starts = np.flatnonzero(self._order.first[stretch])
            ends = np.append(starts[1:], len(hit))
            upto = positives_before + np.cumsum(hit)[ends - 1]
            below = np.append(positives_before, upto[:-1])
            positives, sizes = upto - below, ends - starts
            self._at, self._sizes = stretch, sizes
            yield _Part(positives, sizes - positives, below, stretch.start + starts - below)
            positives_before = int(upto[-1])

    def put(self, of_positive: FloatArray, of_negative: FloatArray) -> None:
        """The terms of the part: (g,) of each group's positive and of its negative rows."""
        hit = self.marked[self._at]
        if len(self._sizes) < len(hit):
            of_positive, of_negative = np.repeat(of_positive, self._sizes), np.repeat(of_negative, self._sizes)
        self.terms[self._at] = np.where(hit, of_positive, of_negative)


class _Counted:
    """Rows as they are, each in a cell of a decimal grid: where many predictions have few digits, counting is enough."""

    rows: IntArray | None = None

    def __init__(self, cell: IntArray, count: int, marked: BoolArray) -> None:
        self.marked = marked
        self._places = cell  # those of positive rows follow on those of negative ones
        self._places[marked] += count
        self._counts = np.bincount(self._places, minlength=2 * count).reshape(2, count)
        self._table = np.empty((2, count))
        self._at = slice(0)

    @property
    def terms(self) -> FloatArray:
        return self._table.ravel()[self._places]

    def from_below(self) -> Iterator[_Part]:
        """All cells, part by part."""
        before = [0, 0]
        for start in range(0, self._counts.shape[1], STRETCH):
            self._at = slice(start, start + STRETCH)
            negatives, positives = self._counts[:, self._at]
            upto = [np.cumsum(kind) + below for kind, below in zip((negatives, positives), before, strict=True)]
            yield _Part(positives, negatives, upto[1] - positives, upto[0] - negatives)
            before = [int(kind[-1]) for kind in upto]

    def put(self, of_positive: FloatArray, of_negative: FloatArray) -> None:
        """The terms of the part: (g,) of each cell's positive and of its negative rows."""
        self._table[1, self._at], self._table[0, self._at] = of_positive, of_negative


def _centre(terms: FloatArray, hit: BoolArray, of_positive: float, of_negative: float) -> None:
    for start in range(0, len(terms), STRETCH):
        part = slice(start, start + STRETCH)
        terms[part] -= np.where(hit[part], of_positive, of_negative)


def _ranked(metric: str, truth: IntArray, prediction: FloatArray) -> tuple[_Sorted | _Counted, int, int]:
    """The rows by prediction, marked where positive, and how many of each kind; ScoringError if one kind is missing."""
    positive = truth == 1
    positives = int(np.count_nonzero(positive))
    if positives in {0, len(truth)}:
        raise ScoringError("scoring.one_class", metric=metric)
    counted = cells(prediction)
    rank = _Sorted(ascending(prediction, positive)) if counted is None else _Counted(*counted, positive)
    return rank, positives, len(truth) - positives


def _equal_rows(value: float, positives: int, negatives: int) -> float:
    """How many 0/1 rows are as uncertain as this AUC, by Newcombe's variance."""
    half = (positives + negatives) / 2 - 1
    return positives * negatives / (1 + half * (1 - value) / (2 - value) + half * value / (1 + value))
