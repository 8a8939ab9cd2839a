"""Which labels are likely wrong, what they should be, and how sure that is: confident learning.

Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal of Artificial
Intelligence Research 70:1373-1411 (doi:10.1613/jair.1.12125), with pruning by noise rate.

Every row is counted for the class that it confidently belongs to: the one whose probability reaches that class's threshold, and
the most likely class where several do. The counts, scaled to the numbers of labels given, are the joint distribution of given
and right labels. For each pair (i, j) as many rows labelled i as the joint says are flagged, those with the largest p[j] - p[i];
rows whose given label is the most likely class are then released. One row of each class is always kept.

Confident learning ranks well and counts badly: on clean data with overlapping classes it flags every tenth row. For the
number of wrong labels use `scoring.labels.rate`, never the share of flags.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.labels import confusion as mixing
from scoring.labels.confusion import MOST_CLASSES

FloatArray = npt.NDArray[np.float64]
Float32Array = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
Probabilities = npt.NDArray[np.floating]

_CELLS: Final = 1 << 18  # probabilities looked at together: the temporary arrays stay in the cache
_SLACK: Final = 1e-6  # probabilities nearer than this are the same
_LEAST: Final = 2 * _SLACK  # no threshold is lower


@dataclass(frozen=True, slots=True)
class Issues:
    """The likely label errors among n rows with k classes.

    flagged      (n,) bool
    quality      (n,) float32, 0 … 1: with a confusion, the probability that the given label is right; without one, the
                 margin (1 + p[given] - highest other p) / 2, which is below 0.5 where another class is more likely
    suggested    (n,) int32: the class that is most likely right; the given one wherever it is as likely
    confidence   (n,) float32, 0 … 1: the probability of `suggested`
    order        (f,) int64: the flagged rows, lowest quality first, equal ones by row number
    thresholds   (k,) float64: the mean probability of each class over the rows that bear its label; NaN where none does
    joint        (k, k) int64: the estimated number of rows with given label i (row) whose right label is j (column); row
                 sums are the numbers of labels given
    """

    flagged: BoolArray
    quality: Float32Array
    suggested: npt.NDArray[np.int32]
    confidence: Float32Array
    order: IntArray
    thresholds: FloatArray
    joint: IntArray


def find_issues(
    labels: npt.NDArray[np.integer], probabilities: Probabilities, *, confusion: FloatArray | None = None
) -> Issues:
    """Flag the labels that confident learning holds to be wrong, and say how sure that is.

    labels          (n,) codes 0 … k - 1, n ≥ 1; classes without a row are allowed
    probabilities   (n, k) float32 or float64, out of sample, each row finite and ≥ 0 with a sum of about 1; 1 ≤ k ≤ 4096
    confusion       (k, k) P(given | right), `Rate.known_confusion` of `scoring.labels.rate`. The flags do not depend on it;
                    quality, suggestion, confidence and order do, and are better for it: without, the probabilities are
                    those of given labels, which are wrong as often as the labels are

    The flags are those of cleanlab's default, but do not depend on the order of rows or the names of classes where counts or
    margins tie: rows that tie with the last one to be flagged are flagged too.

    Time n · k; memory beside the input about 25 bytes a row, and two tables k × k.

    ValueError: shapes, codes, probabilities or confusion are not as said.

    >>> sure = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8], [0.1, 0.9]])
    >>> found = find_issues(np.array([0, 0, 1, 1, 0]), sure)
    >>> found.order.tolist(), found.suggested[4].item(), round(found.confidence[4].item(), 2)
    ([4], 1, 0.9)
    """
    labels = checked(labels, probabilities)
    thresholds = _thresholds(labels, probabilities)
    rows, classes = probabilities.shape
    found = _Found.empty(rows, classes)
    back = None if confusion is None else mixing.inverse(_checked_confusion(confusion, classes))
    of_class = np.split(np.argsort(labels, kind="stable"), np.cumsum(np.bincount(labels, minlength=classes))[:-1])
    for given, members in enumerate(of_class):
        if len(members):
            inside = probabilities[members]
            _judge(found, given, members, inside, thresholds)
            if confusion is not None and back is not None:
                right = mixing.given(mixing.right_classes(inside, back), confusion, given)
                _reconsider(found, given, members, right)
    order = np.flatnonzero(found.flagged)
    return Issues(
        flagged=found.flagged,
        quality=found.quality,
        suggested=found.suggested,
        confidence=found.confidence,
        order=order[np.argsort(found.quality[order], kind="stable")],
        thresholds=thresholds,
        joint=found.joint,
    )


def checked(labels: npt.NDArray[np.integer], probabilities: Probabilities) -> npt.NDArray[np.integer]:
    """The labels in the smallest signed type that holds them, if they and the probabilities can be used together.

    ValueError otherwise.
    """
    if probabilities.ndim != 2 or labels.shape != probabilities.shape[:1]:
        raise ValueError(f"labels {labels.shape} and probabilities {probabilities.shape} do not belong together")
    rows, classes = probabilities.shape
    if rows == 0 or not 1 <= classes <= MOST_CLASSES:
        raise ValueError(f"1 to {MOST_CLASSES} classes and at least one row are needed, not {probabilities.shape}")
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"labels are codes from 0 to {classes - 1}")
    if probabilities.dtype.kind != "f" or not (probabilities.min() >= 0 and probabilities.max() <= 1 + _SLACK):
        raise ValueError("probabilities are finite numbers from 0 to 1")  # a NaN makes both comparisons false
    return labels.astype(np.int16)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is filled in class by class."""

    flagged: BoolArray
    quality: Float32Array
    suggested: npt.NDArray[np.int32]
    confidence: Float32Array
    joint: IntArray

    @classmethod
    def empty(cls, rows: int, classes: int) -> "_Found":
        return cls(
            np.zeros(rows, dtype=bool),
            np.empty(rows, dtype=np.float32),
            np.empty(rows, dtype=np.int32),
            np.empty(rows, dtype=np.float32),
            np.zeros((classes, classes), dtype=np.int64),
        )


def _thresholds(labels: npt.NDArray[np.integer], probabilities: Probabilities) -> FloatArray:
    """(k,) the mean probability of each class over the rows labelled with it; NaN where there is none."""
    classes = probabilities.shape[1]
    own = np.take_along_axis(probabilities, labels[:, None], axis=1)[:, 0]
    sums, counts = np.bincount(labels, own, classes), np.bincount(labels, minlength=classes)
    means: FloatArray = np.divide(sums, counts, out=np.full(classes, np.nan), where=counts > 0)
    return means


def _judge(found: _Found, given: int, members: IntArray, inside: Probabilities, thresholds: FloatArray) -> None:
    """Fill in what is found about the rows labelled `given`: `members` (m,), with the probabilities `inside` (m, k)."""
    own = inside[:, given].copy()
    rival, other, confident = _read(given, inside, thresholds)
    better = other > own
    found.quality[members] = (1 + own - other) / 2
    found.suggested[members] = np.where(better, rival, given)
    found.confidence[members] = np.maximum(own, other)
    confident[given] = max(confident[given], 1)
    joint = _rounded(confident * (len(members) / confident.sum()), inside.sum(axis=0, dtype=np.float64))
    found.joint[given] = joint
    flagged = np.zeros(len(members), dtype=bool)
    for right, count in _to_prune(joint, given):
        margin = inside[:, right] - own
        flagged |= margin >= np.partition(margin, len(margin) - count)[len(margin) - count]
    found.flagged[members] = flagged & (other > own + _SLACK)


def _checked_confusion(confusion: FloatArray, classes: int) -> FloatArray:
    if confusion.shape != (classes, classes) or not (confusion.min() >= 0 and np.allclose(confusion.sum(axis=1), 1)):
        raise ValueError(f"a confusion is {classes} rows of {classes} probabilities with sum 1")
    return confusion


def _reconsider(found: _Found, given: int, members: IntArray, right: FloatArray) -> None:
    """Quality, suggestion and confidence of the rows labelled `given` from P(right class | features, given) `right` (m, k)."""
    best = right.argmax(axis=1)
    highest = right[np.arange(len(right)), best]
    found.quality[members] = right[:, given]
    found.suggested[members] = np.where(right[:, given] >= highest, given, best)
    found.confidence[members] = highest


def _read(
    given: int, inside: Probabilities, thresholds: FloatArray
) -> tuple[IntArray, Probabilities, npt.NDArray[np.int64]]:
    """Of the rows labelled `given`: the likeliest other class, its probability, and how many rows belong to each class."""
    rows, classes = inside.shape
    rival, other = np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=inside.dtype)
    counts = np.zeros(classes, dtype=np.int64)
    least = (np.where(np.isnan(thresholds), 2, np.maximum(thresholds, _LEAST)) - _SLACK).astype(inside.dtype)
    step = max(1, _CELLS // classes)
    for start in range(0, rows, step):
        part = inside[start : start + step].copy()
        reached = part >= least
        how_many = np.count_nonzero(reached, axis=1)
        own = part[:, given].copy()
        part[:, given] = -1
        rivals = part.argmax(axis=1)
        others = part[np.arange(len(part)), rivals]
        guess = np.where(how_many > 1, np.where(others > own, rivals, given), reached.argmax(axis=1))
        counts += np.bincount(guess[how_many > 0], minlength=classes)
        rival[start : start + step], other[start : start + step] = rivals, np.maximum(others, 0)
    return rival, other, counts


def _rounded(shares: FloatArray, mass: FloatArray) -> IntArray:
    """Whole numbers near `shares` (k,) with the same sum; where it is a matter of choice, more for classes with more `mass`."""
    whole = np.rint(shares)
    missing = int(np.rint(shares.sum()) - whole.sum())
    if missing:
        short = (shares - whole) * np.sign(missing)
        whole[np.lexsort((-mass * np.sign(missing), -short))[: abs(missing)]] += np.sign(missing)
    return whole.astype(np.int64)


def _to_prune(joint: IntArray, given: int) -> Iterator[tuple[int, int]]:
    """The right classes and how many rows labelled `given` belong there, so that at least one row stays."""
    missing = max(0, 1 - int(joint[given]))
    others = max(int(np.count_nonzero(joint)) - 1, 1)
    counts = np.floor(np.maximum(joint - missing / others, 0)).astype(np.int64)
    counts[given] = 0
    if joint.sum() > 1:
        yield from ((int(right), int(counts[right])) for right in np.flatnonzero(counts))
