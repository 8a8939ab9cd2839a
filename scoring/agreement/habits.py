"""How annotators err: confusion matrices that share what all annotators have in common.

A matrix from a few labels is mostly chance, and a model that believes it is far too sure of itself. So each matrix is drawn to
what is usual: the annotator's own accuracy over all classes, how hard each class is for everybody, and what it is then taken
for. How strongly (`smoothing`) follows from how much annotators differ from that: the number of labels that explains the
counts best as draws from Dirichlet distributions about the usual (empirical Bayes; Minka 2000, Estimating a Dirichlet
distribution). Where all err alike hundreds of labels are needed to say otherwise; where each has habits of its own, ten.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array
from scipy.special import gammaln

from scoring.agreement.labels import Labels, count_votes, dense
from scoring.agreement.shares import sums_by
from scoring.errors import ScoringError
from scoring.sorting import FloatArray, IntArray

MOST_CELLS: Final = 1 << 24  # (items + pairs of annotator and label + classes) × classes: about 1 GB at the peak
_UNKNOWN_ACCURACY: Final = 0.8  # of annotators of whom nothing is known, because no item has two labels
_NEWCOMER: Final = 20.0  # so many labels weigh as much in an annotator's accuracy as what is usual
_SOME: Final = (
    10.0  # so many items weigh as much in how hard a class is, and what it is taken for, as no difference at all
)
_STRENGTHS: Final = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
_CELLS: Final = 1 << 19  # numbers that are looked at to choose among these strengths


@dataclass(frozen=True, slots=True, eq=False)
class Habits:
    """What has been learned of all annotators; k classes, m annotators, p pairs of annotator and label that occur.

    prevalence   (k,) how frequent each class is
    evidence     (p, k) ln P(label | true class) of each pair
    annotator, label   (p,) int64 which pair it is, ascending
    totals       (m, k) how many items of each true class each annotator has labelled, by expectation
    pooled       (k, k) how often a true class (row) was called what (column), by expectation
    accuracy     (m,) how often each annotator is right; drawn to what is usual for those with few labels
    difficulty   (k,) how many times more errors than usual a class invites
    pattern      (k, k) what a class is taken for where it is not recognised: rows sum to 1, the diagonal is 0
    smoothing    how many labels of a class what is usual weighs
    """

    prevalence: FloatArray
    evidence: FloatArray
    annotator: IntArray
    label: IntArray
    totals: FloatArray
    pooled: FloatArray
    accuracy: FloatArray
    difficulty: FloatArray
    pattern: FloatArray
    smoothing: float

    def confusion(self, annotator: int) -> FloatArray:
        """(k, k) of the annotator at this position: P(says column | is row); rows sum to 1."""
        found: FloatArray = self.unsaid[annotator][:, None] * self.pattern
        np.fill_diagonal(found, self.right[annotator])
        pairs = slice(*np.searchsorted(self.annotator, [annotator, annotator + 1]))
        found[:, self.label[pairs]] = np.exp(self.evidence[pairs]).T
        return found

    @property
    def pooled_confusion(self) -> FloatArray:
        """(k, k) of the average label: P(says column | is row); rows sum to 1."""
        usual = np.average(self.accuracy, weights=self.totals.sum(axis=1))
        error = _errors(np.array([usual]), self.difficulty)[0]
        prior = error[:, None] * self.pattern
        np.fill_diagonal(prior, 1 - error)
        found: FloatArray = (self.pooled + prior) / (self.pooled.sum(axis=1, keepdims=True) + 1)
        return found

    @property
    def right(self) -> FloatArray:
        """(m, k): P(says the class | it is), for each annotator."""
        usual = 1 - _errors(self.accuracy, self.difficulty)
        found: FloatArray = self.smoothing * usual / (self.totals + self.smoothing)
        found[self.annotator, self.label] = np.exp(self.evidence[np.arange(len(self.label)), self.label])
        return found

    @property
    def unsaid(self) -> FloatArray:
        """(m, k): times `pattern`, P(says a wrong class that the annotator has never said | class)."""
        error = _errors(self.accuracy, self.difficulty)
        found: FloatArray = self.smoothing * error / (self.totals + self.smoothing)
        return found


class Crowd:
    """Who said what, which stays the same while the classes of the items are found.

    said     (n, p) sparse: which pairs of annotator and label each item has
    of_row   (r,) int64 the pair of each label
    """

    def __init__(self, labels: Labels, classes: int) -> None:
        label = labels.classes(classes)
        pairs, self.of_row = dense(labels.annotator * classes + label)
        cells = (len(labels.items) + len(pairs) + classes) * classes
        if cells > MOST_CELLS:
            raise ScoringError("agreement.too_large", cells=cells, most=MOST_CELLS)
        self.annotator, self.label = pairs // classes, pairs % classes
        self.classes, self.usual_accuracy = classes, usual_accuracy(labels, classes)
        starts = np.concatenate([[0], np.cumsum(labels.per_item)])
        shape = (len(labels.items), len(pairs))
        self.said: Any = csr_array((np.ones(len(self.of_row)), self.of_row, starts), shape=shape)
        self._heard = self.said.T.tocsr()
        self._first = np.flatnonzero(np.diff(self.annotator, prepend=-1))

    def learn(self, posterior: FloatArray, smoothing: float, *, choose: bool = False) -> Habits:
        """The habits of all if the items are this, (n, k). `choose`: find the smoothing that explains them best."""
        items, spread = len(posterior), min(smoothing, 1)  # an item spread over the classes: none is impossible
        prevalence = (posterior.sum(axis=0) + spread / self.classes) / (items + spread)
        counts = self._heard @ posterior
        totals = np.add.reduceat(counts, self._first, axis=0)
        pooled = np.stack([sums_by(self.label, self.classes, column) for column in counts.T])
        right = np.add.reduceat(counts[np.arange(len(counts)), self.label], self._first)
        accuracy = (right + _NEWCOMER * self.usual_accuracy) / (totals.sum(axis=1) + _NEWCOMER)
        difficulty, pattern = self._usual(pooled)
        error = _errors(accuracy, difficulty)[self.annotator]
        prior = error * pattern.T[self.label]
        rows = np.arange(len(prior))
        prior[rows, self.label] = 1 - error[rows, self.label]
        if choose:
            smoothing = self._strength(counts, totals, prior)
        prior *= smoothing
        prior += counts
        evidence = np.log(prior / (totals[self.annotator] + smoothing))
        learned = (prevalence, evidence, self.annotator, self.label, totals, pooled)
        return Habits(*learned, accuracy, difficulty, pattern, smoothing)

    def _usual(self, pooled: FloatArray) -> tuple[FloatArray, FloatArray]:
        """How hard each class is, and what it is taken for."""
        seen, wrong = pooled.sum(axis=1), pooled.copy()
        np.fill_diagonal(wrong, 0)
        errors = wrong.sum(axis=1)
        usual = (errors.sum() + _SOME * (1 - self.usual_accuracy)) / (seen.sum() + _SOME)
        difficulty = (errors + _SOME * usual) / (seen + _SOME) / max(usual, 1e-300)
        wrong += _SOME / max(self.classes - 1, 1)
        np.fill_diagonal(wrong, 0)
        return difficulty, wrong / np.maximum(wrong.sum(axis=1, keepdims=True), 1e-300)

    def _strength(self, counts: FloatArray, totals: FloatArray, prior: FloatArray) -> float:
        """The smoothing under which these counts are most likely; from every so many annotators where there are very many."""
        every = max(1, counts.size // _CELLS)
        kept = self.annotator % every == 0
        counts, prior, totals = counts[kept], prior[kept], totals[::every]
        likelihoods = [
            (gammaln(one) - gammaln(one + totals)).sum() + (gammaln(one * prior + counts) - gammaln(one * prior)).sum()
            for one in _STRENGTHS
        ]
        return _STRENGTHS[int(np.argmax(likelihoods))]


def usual_accuracy(labels: Labels, classes: int) -> float:
    """How often an average annotator is right, from how often two agree: the solution of a = p² + (1 - p)²/(k - 1)."""
    sizes = labels.per_item.astype(np.float64)
    several = sizes > 1
    if classes == 1 or not several.any():
        return _UNKNOWN_ACCURACY if classes > 1 else 1.0
    votes = count_votes(labels)
    agreeing = sums_by(votes.item, len(sizes), votes.count * (votes.count - 1))
    agreement = float(agreeing.sum() / (sizes * (sizes - 1)).sum())
    accuracy = (1 + sqrt(max((classes - 1) * (agreement * classes - 1), 0))) / classes
    chance = 1 / classes
    return min(max(accuracy, chance + 0.1 * (1 - chance)), 0.99)  # better than chance, or the classes have no names


def _errors(accuracy: FloatArray, difficulty: FloatArray) -> FloatArray:
    """(m, k): how often annotators of this accuracy miss a class of this difficulty; never always."""
    return np.minimum((1 - accuracy)[:, None] * difficulty, 1 - 0.1 / len(difficulty))
