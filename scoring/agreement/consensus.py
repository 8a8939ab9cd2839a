"""What an item most likely is, given what several annotators said: majority, and Dawid and Skene's model."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from scoring.agreement.habits import Crowd, Habits
from scoring.agreement.labels import ClassArray, Labels, count_votes
from scoring.agreement.shares import sums_by
from scoring.errors import ScoringError
from scoring.sorting import BoolArray, FloatArray, IntArray

_FIRST_SMOOTHING: Final = 10.0
_CHOICES: Final = (3, 8, 15)  # rounds after which the smoothing is chosen anew


@dataclass(frozen=True, slots=True, eq=False)
class Majority:
    """The class with most votes, for each item in the order of `Labels.items`.

    label    (n,) int32; of classes with as many votes the one that is given more often to all items, then the lower number
    share    (n,) float64 its share of the votes
    margin   (n,) float64 its share less that of the next class; 0: a tie
    """

    label: ClassArray
    share: FloatArray
    margin: FloatArray


def majority(labels: Labels) -> Majority:
    """Plain majority vote.

    >>> found = majority(Labels.from_rows([1, 1, 1, 2, 2], [1, 2, 3, 1, 2], [0, 0, 1, 1, 0]))
    >>> found.label.tolist(), found.margin.round(3).tolist()
    ([0, 0], [0.333, 0.0])
    """
    labels.classes()
    votes = count_votes(labels)
    often = np.bincount(votes.value, votes.count)[votes.value]
    order = np.lexsort((votes.value, -often, -votes.count, votes.item))
    item, count = votes.item[order], votes.count[order]
    first = np.flatnonzero(np.diff(item, prepend=-1))
    second = np.minimum(first + 1, len(item) - 1)
    sizes = labels.per_item
    share = count[first] / sizes
    has_second = (second > first) & (item[second] == item[first])
    margin = share - np.where(has_second, count[second], 0) / sizes
    return Majority(votes.values[votes.value[order[first]]].astype(np.int32), share, margin)


@dataclass(frozen=True, slots=True, eq=False)
class Consensus:
    """What the items are, and how each annotator errs. Items and annotators are in the order of `Labels`.

    posterior        (n, k) float64: the probability of each class, rows sum to 1
    clamped          (n,) bool: gold items, whose class was given
    habits           prevalence of the classes, and confusion matrices: `habits.confusion(annotator)`
    of_row           (r,) int64: the pair of annotator and label of each row, in `habits`
    log_likelihood   of all labels and gold classes, natural logarithm
    converged        whether the posterior had come to rest
    iterations       how many rounds were made
    """

    posterior: FloatArray
    clamped: BoolArray
    habits: Habits
    of_row: IntArray
    log_likelihood: float
    converged: bool
    iterations: int

    @property
    def label(self) -> ClassArray:
        """(n,) int32 the most probable class of each item; the lowest number of equals."""
        best: ClassArray = self.posterior.argmax(axis=1).astype(np.int32)
        return best

    @property
    def certainty(self) -> FloatArray:
        """(n,) float64 the probability of that class. Its mean is the share of items that are expected to be right."""
        best: FloatArray = self.posterior.max(axis=1)
        return best

    def posterior_without(self, labels: Labels, *rows: IntArray) -> FloatArray:
        """(q, k) float64: what items most likely are when some labels of them are not counted. Gold items keep their class.

        rows   one or more arrays (q,) of rows of `labels`; those that stand together are of the same item

        What these labels taught about their annotators stays in the confusion matrices.
        """
        with np.errstate(divide="ignore"):
            logs = np.log(self.posterior[labels.item[rows[0]]])
        for uncounted in rows:
            logs -= self.habits.evidence[self.of_row[uncounted]]
        return _softmax(logs)[0]


def dawid_skene(
    labels: Labels,
    classes: int,
    *,
    gold: tuple[Any, Any] | None = None,
    smoothing: float | None = None,
    iterations: int = 200,
    tolerance: float = 1e-5,
) -> Consensus:
    """The true class of each item and the confusion matrix of each annotator, by expectation and maximisation.

    classes      how many there are; labels are 0 … classes - 1
    gold         (item codes, classes) of items whose class is known; it is kept, and teaches who can be trusted.
                 Items that nobody has labelled are passed over
    smoothing    above 0: each confusion matrix is what is usual plus what differs, as if so many labels of each class had been
                 as usual. None: chosen from the labels, see `scoring.agreement.habits`. Towards 0: the estimate of the paper
    iterations   the most rounds that are made
    tolerance    at rest when the probabilities of an item move by less than this, on average

    Dawid and Skene 1979, doi:10.2307/2346806. The start is the share of votes, so nothing is drawn at random. The model takes
    annotators as independent of each other given the class. Where they are not (copies, see `scoring.agreement.collusion`,
    or items that mislead everybody) it is too sure; gold items say how far to trust it.
    Each round costs labels × classes. Refused: more than 2^24 cells, (items + pairs of annotator and label that occur +
    classes) × classes.

    >>> seen = Labels.from_rows([1, 1, 1, 2, 2, 2], [1, 2, 3] * 2, [0, 0, 1, 1, 1, 1])
    >>> dawid_skene(seen, 2).label.tolist()
    [0, 1]
    """
    if not (smoothing is None or smoothing > 0) or iterations < 1 or classes < 1:
        raise ValueError("smoothing, iterations and classes must be above 0")
    crowd = Crowd(labels, classes)
    clamped, known = _known(labels, classes, gold)
    posterior = sums_by(labels.item * classes + labels.classes(), len(labels.items) * classes).reshape(-1, classes)
    posterior /= labels.per_item[:, None]
    posterior[clamped] = known
    strength, least = (_FIRST_SMOOTHING, _CHOICES[-1]) if smoothing is None else (smoothing, 0)
    done, moved = 0, np.inf
    while done < iterations and not (moved < tolerance and done > least):
        habits = crowd.learn(posterior, strength, choose=smoothing is None and done in _CHOICES)
        strength = habits.smoothing
        logs = np.log(habits.prevalence) + crowd.said @ habits.evidence
        found, total = _softmax(logs)
        total[clamped] = (logs[clamped] * known).sum(axis=1)
        found[clamped] = known
        moved, posterior, done = float(np.abs(found - posterior).sum() / len(found)), found, done + 1
    return Consensus(posterior, clamped, habits, crowd.of_row, float(total.sum()), moved < tolerance, done)


def _known(labels: Labels, classes: int, gold: tuple[Any, Any] | None) -> tuple[BoolArray, FloatArray]:
    """Which items are gold, and their classes as rows of 0 and 1 in the order of the items."""
    clamped = np.zeros(len(labels.items), dtype=np.bool_)
    if gold is None:
        return clamped, np.zeros((0, classes))
    codes, truth = np.asarray(gold[0], dtype=np.int64), np.asarray(gold[1], dtype=np.int64)
    if codes.shape != truth.shape or codes.ndim != 1:
        raise ValueError(f"gold items and classes have the shapes {codes.shape} and {truth.shape}")
    beyond = (truth < 0) | (truth >= classes)
    if beyond.any():
        worst = int(truth[beyond][0])
        raise ScoringError("agreement.unknown_class", count=int(beyond.sum()), largest=worst, classes=classes)
    place = labels.positions(codes)
    place, truth = place[place >= 0], truth[place >= 0]
    of_item = np.full(len(labels.items), -1)
    of_item[place] = truth
    doubtful = np.unique(place[of_item[place] != truth])
    if len(doubtful):
        raise ScoringError("agreement.gold_twice", count=len(doubtful))
    clamped[place] = True
    return clamped, np.eye(classes)[of_item[clamped]]


def _softmax(logs: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Probabilities of each row, and ln Σ exp of it."""
    top = logs.max(axis=1, keepdims=True)
    found = np.exp(logs - top)
    total = found.sum(axis=1, keepdims=True)
    found /= total
    logarithm: FloatArray = (top + np.log(total))[:, 0]
    return found, logarithm
