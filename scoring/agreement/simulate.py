"""Annotators whose every habit is known: confusion matrices that are stated, drawn labels, and copies.

For tests, benchmarks and challenges whose truth must be known. The same seed gives the same labels on every machine and for
ever: only the raw stream of PCG64 is used, which NumPy promises never to change (NEP 19).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from scoring.agreement.labels import ClassArray
from scoring.sorting import FloatArray, IntArray

_CHOICES, _LABELS, _HARD, _SEEN, _COPIES, _PACE = range(1, 7)  # what a stream is for
_BLOCK: Final = 1 << 21


@dataclass(frozen=True, slots=True, eq=False)
class Annotator:
    """One simulated annotator.

    kind        what it is called
    confusion   (k, k) float64: P(says column | sees row), rows sum to 1
    pace        seconds that a label takes, on average
    copies      number of the annotator whose items this one takes too and whose labels it copies; None: nobody's
    faithful    how often it copies, where both have the item
    """

    kind: str
    confusion: FloatArray
    pace: float = 12.0
    copies: int | None = None
    faithful: float = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """Labels as drawn, by item, then annotator. Items and annotators are numbered from 0.

    items, annotators   (r,) int64
    labels              (r,) int32 classes
    seconds             (r,) float64: when each label was given, from the start of that annotator's work, without breaks
    hard                (n,) bool: which items everybody finds hard
    """

    items: IntArray
    annotators: IntArray
    labels: ClassArray
    seconds: FloatArray
    hard: npt.NDArray[np.bool_]


def one_coin(classes: int, accuracy: float) -> FloatArray:
    """Right with this probability, else any other class alike.

    >>> one_coin(2, 0.9).tolist()
    [[0.9, 0.1], [0.1, 0.9]]
    """
    found = np.full((classes, classes), (1 - accuracy) / max(classes - 1, 1))
    np.fill_diagonal(found, accuracy if classes > 1 else 1)
    return found.round(12)


def careful(classes: int) -> Annotator:
    """Right 97 times in 100."""
    return Annotator("careful", one_coin(classes, 0.97), pace=20)


def average(classes: int) -> Annotator:
    """Right 85 times in 100."""
    return Annotator("average", one_coin(classes, 0.85))


def hasty(classes: int) -> Annotator:
    """Right 70 times in 100."""
    return Annotator("hasty", one_coin(classes, 0.70), pace=6)


def biased(classes: int, towards: int, pull: float = 0.35) -> Annotator:
    """Average, but says one class in `pull` of all cases whatever it sees."""
    confusion = one_coin(classes, 0.85) * (1 - pull)
    confusion[:, towards] += pull
    return Annotator("biased", confusion)


def constant(classes: int, always: int) -> Annotator:
    """Always says the same."""
    return Annotator("constant", np.tile(np.eye(classes)[always], (classes, 1)), pace=1.5)


def guessing(classes: int) -> Annotator:
    """Says any class alike, without looking."""
    return Annotator("guessing", np.full((classes, classes), 1 / classes), pace=2)


def copying(classes: int, whom: int, faithful: float = 0.9) -> Annotator:
    """Takes the items of annotator number `whom` and copies the labels; average where it does not."""
    return Annotator("copying", one_coin(classes, 0.85), copies=whom, faithful=faithful)


def simulate(
    truth: Any, annotators: Sequence[Annotator], *, per_item: int, seed: int, hard_share: float = 0.0
) -> Simulated:
    """Let annotators label items.

    truth        (n,) classes from 0
    annotators   all with confusion matrices of one size; a copy comes after the one that is copied
    per_item     how many annotators get each item, drawn at random
    seed         any whole number ≥ 0
    hard_share   the share of items that look like the next class to each annotator one time in two; mistakes of honest
                 people are then no longer independent

    Costs items × annotators draws.

    >>> drawn = simulate([0, 1, 1], [careful(2), hasty(2), constant(2, 0)], per_item=2, seed=1)
    >>> drawn.items.tolist()
    [0, 0, 1, 1, 2, 2]
    """
    true = np.asarray(truth, dtype=np.int64)
    classes, count = len(annotators[0].confusion), len(annotators)
    if not 1 <= per_item <= count or not len(true) or true.min() < 0 or true.max() >= classes:
        raise ValueError(
            "per_item lies between 1 and the number of annotators, and every true class is in the matrices"
        )
    who = _assigned(len(true), annotators, per_item, seed)
    items, annotator = np.repeat(np.arange(len(true)), per_item), who.ravel()
    hard = _uniforms(seed, _HARD, len(true)) < hard_share
    seen = true[items]
    mistaken = hard[items] & (_uniforms(seed, _SEEN, len(items)) < 0.5)
    seen[mistaken] = (seen[mistaken] + 1) % classes
    labels = _drawn(np.stack([one.confusion for one in annotators]), annotator, seen, seed)
    _copy(labels, who, annotators, seed)
    time = np.array([one.pace for one in annotators])[annotator] * (0.5 + _uniforms(seed, _PACE, len(items)))
    return Simulated(items, annotator, labels, _clock(time, annotator), hard)


def _assigned(items: int, annotators: Sequence[Annotator], per_item: int, seed: int) -> IntArray:
    """(items, per_item) int64: whom each item goes to, ascending. Copies draw the same lots as those whom they copy."""
    lots = [number if one.copies is None else one.copies for number, one in enumerate(annotators)]
    step = max(1, _BLOCK // len(annotators))
    found = np.empty((items, per_item), dtype=np.int64)
    stream = _stream(seed, _CHOICES)
    for start in range(0, items, step):
        rows = min(step, items - start)
        drawn = _next(stream, rows * len(annotators)).reshape(rows, -1)[:, lots]
        chosen = np.argsort(drawn, axis=1, kind="stable")[:, :per_item]
        found[start : start + rows] = np.sort(chosen, axis=1)
    return found


def _drawn(confusions: FloatArray, annotator: IntArray, seen: IntArray, seed: int) -> ClassArray:
    bounds = np.cumsum(confusions, axis=2)[:, :, :-1]
    labels = np.empty(len(annotator), dtype=np.int32)
    stream, step = _stream(seed, _LABELS), max(1, _BLOCK // confusions.shape[1])
    for start in range(0, len(labels), step):
        rows = slice(start, start + step)
        lot = _next(stream, len(labels[rows]))
        labels[rows] = (lot[:, None] >= bounds[annotator[rows], seen[rows]]).sum(axis=1)
    return labels


def _copy(labels: ClassArray, who: IntArray, annotators: Sequence[Annotator], seed: int) -> None:
    """Write the labels of the copied over those of the copying, in place."""
    by_item = labels.reshape(who.shape)
    lots = _uniforms(seed, _COPIES, len(labels)).reshape(who.shape)
    for number, one in enumerate(annotators):
        if one.copies is None:
            continue
        own, other = who == number, who == one.copies
        both = np.flatnonzero(own.any(axis=1) & other.any(axis=1))
        at, whom = own[both].argmax(axis=1), other[both].argmax(axis=1)
        faithful = lots[both, at] < one.faithful
        by_item[both[faithful], at[faithful]] = by_item[both[faithful], whom[faithful]]


def _clock(durations: FloatArray, annotator: IntArray) -> FloatArray:
    """Durations summed for each annotator, in the order of the rows."""
    order = np.argsort(annotator, kind="stable")
    summed = np.cumsum(durations[order])
    first = np.flatnonzero(np.diff(annotator[order], prepend=-1))
    before = np.repeat(summed[first] - durations[order][first], np.diff(np.append(first, len(order))))
    found = np.empty(len(durations))
    found[order] = summed - before
    return found


def _uniforms(seed: int, purpose: int, count: int) -> FloatArray:
    return _next(_stream(seed, purpose), count)


def _stream(seed: int, purpose: int) -> np.random.PCG64:
    return np.random.PCG64(np.random.SeedSequence([seed, purpose]))


def _next(stream: np.random.PCG64, count: int) -> FloatArray:
    """Uniform draws from 0 up to, but not including, 1."""
    raw = np.asarray(stream.random_raw(count), dtype=np.uint64)
    return (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53
