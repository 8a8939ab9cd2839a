"""The share of wrong labels, estimated from the data alone; no clean labels are needed.

It is the floor of the curve of disagreement of each class (`scoring.labels.floors`). What was tried beside it, on 19 real
sets with 0 to 40 % of labels changed uniformly or asymmetrically: the share of flags of confident learning, mean
self-confidence, held-out disagreement, disagreement among the surest tenth, agreement of two models and the label (peer
prediction), a layer of noise fitted by expectation-maximization, and the answer after known flips solved back to none. With
any one set left out the floor per class was the best on the others. On the 14 whose classes can be told apart its mean
absolute error was 0.7 points, that of the next best (one floor for all classes) 2.0; `benchmarks/label_issues.py` repeats it.

Known flips cannot find the rate by themselves: where a model is wrong about a share b of right labels, and a share e of labels
is wrong, every statistic tried holds the product (1 - b)(1 - e), before flips are added and after. They do show whether the
method still answers rightly when more labels are wrong, and for that they serve here: one label in ten is changed in the way
the estimate says that labels are changed, the models are fitted anew, and the interval is widened by as much as the answer
moved more or less than it should.

Where it fails: classes that no feature tells apart with certainty (whether a flight will be late). What cannot be foretold looks
like a wrong label there; the value is then an upper bound, `hidden` says by how much, and the low end of the interval takes
it off.
"""

from dataclasses import dataclass, replace
from math import hypot, isnan
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import nnls

from scoring.labels.confusion import SOLVED_CLASSES, inverse, right_classes
from scoring.labels.floors import BINS, Floors, floors
from scoring.labels.probabilities import checked, out_of_fold
from scoring.labels.rows import Features, Float32Array, IntArray, keys, renamed, shuffled, usable

FloatArray = npt.NDArray[np.float64]

MOST_ROWS: Final = 8000
FEWEST_ROWS: Final = 50
INJECTED: Final = 0.1  # the share of labels that is changed for the test
_FEWEST_OF_CLASS: Final = 8  # predicted rows from which a class has a curve of its own
_SPREAD: Final = 1.0  # rows that disagree, beside those seen, spread over classes by their labels
_KNOWN: Final = 0.05
_BLIND: Final = 0.9  # of the disagreement that guessing would have
_WIDTH: Final = 1.96


@dataclass(frozen=True, slots=True)
class Rate:
    """The estimated share of wrong labels.

    value, low, high      0 … 1, low ≤ value ≤ high; see `noise_rate` for what the interval covers
    hidden                how much of the value may be the model's own mistakes instead: what the curve of disagreement has at
                          the edge of the surest tenth. Above 0.02 the classes cannot be told apart well enough to be certain
    confusion             (k, k) P(given label j | right class i), rows sum to 1
    shares                (k,) of right classes, sum 1
    rows                  how many rows were looked at
    injected, recovered   by how much the added flips should move the value, and by how much they did; NaN if none were added
    """

    value: float
    low: float
    high: float
    hidden: float
    confusion: FloatArray
    shares: FloatArray
    rows: int
    injected: float
    recovered: float

    @property
    def known_confusion(self) -> FloatArray | None:
        """The confusion where it ranks errors better than none does, which is where hidden is at most 0.05; else None.

        Over 19 sets and 1 to 20 % changed labels, average precision with it was 0.015 to 0.04 higher there, and 0.03 lower
        elsewhere.
        """
        return self.confusion if self.hidden <= _KNOWN else None


def noise_rate(
    features: Features,
    labels: npt.NDArray[np.integer],
    *,
    seed: int,
    groups: npt.NDArray[np.integer] | None = None,
) -> Rate:
    """Estimate the share of wrong labels among rows with features (n, d) and labels (n,) of codes 0 … k - 1.

    At most 8000 rows are looked at, a uniform sample by a hash of seed and content. Copies count as often as they are there: to
    give padding with copies no weight, hand in distinct rows. With fewer than 50 rows, or a single class, nothing can be known:
    value and low are 0, high is 1. With more than 64 classes all share one curve.

    Models are fitted out of fold twice (see `scoring.labels.probabilities`, also for `groups`), so the time is bounded. The same
    rows and seed give the same estimate in any order and with classes under any names.

    The interval holds the sampling error, what the injection shows, and downwards what may hide under the floor. In the
    benchmark, nine in ten such intervals hold the share of labels that was changed, where classes can be told apart.

    The rate is that of mistakes that depend on the class, not on how hard a row is. Mistakes made on hard rows only are partly
    taken for those of the model, so the value is too low for them. ValueError: shapes or codes are not as said.
    """
    features = usable(features)
    classes = checked(features, labels, None)
    chosen = shuffled(keys(features, seed), labels)[:MOST_ROWS]
    features, (sample, names) = features[chosen], renamed(labels[chosen], np.arange(len(chosen)), classes)
    groups = None if groups is None else groups[chosen]
    if len(sample) < FEWEST_ROWS or len(np.unique(sample)) < 2:
        return _unknown(len(sample), classes)

    def reading(given: IntArray) -> _Reading:
        return _read(given, out_of_fold(features, given, seed=seed, groups=groups, classes=classes))

    found = reading(sample)
    changed, expected = _inject(sample, keys(features, seed + 1), found)
    rate = _judged(found, expected, reading(changed).value - found.value)
    old = np.argsort(names)
    return replace(rate, confusion=rate.confusion[np.ix_(old, old)], shares=rate.shares[old])


def rate_of(labels: npt.NDArray[np.integer], probabilities: Float32Array) -> Rate:
    """The same from out-of-fold probabilities (n, k) that are at hand, without the test by injection."""
    if len(labels) < FEWEST_ROWS or len(np.unique(labels)) < 2:
        return _unknown(len(labels), probabilities.shape[1])
    return _judged(_read(labels.astype(np.int64), probabilities), float("nan"), float("nan"))


@dataclass(frozen=True, slots=True)
class _Reading:
    """An estimate before it is judged; `deviation` and `edge` as in `Floors`, weighted by the shares of classes."""

    value: float
    deviation: float
    edge: float
    confusion: FloatArray
    shares: FloatArray
    rows: int


def _unknown(rows: int, classes: int) -> Rate:
    return Rate(0.0, 0.0, 1.0, 1.0, np.eye(classes), np.full(classes, 1 / classes), rows, float("nan"), float("nan"))


def _judged(found: _Reading, expected: float, recovered: float) -> Rate:
    """Widen the interval by what the injection shows, and downwards by what the floor may hide."""
    surplus = 0.0 if isnan(recovered) else recovered - expected
    noise = _WIDTH * found.deviation
    low = found.value - hypot(noise, max(surplus, 0)) - found.edge
    high = found.value + hypot(noise, min(surplus, 0))
    return Rate(
        found.value,
        max(low, 0.0),
        min(high, 1.0),
        found.edge,
        found.confusion,
        found.shares,
        found.rows,
        expected,
        recovered,
    )


def _read(labels: IntArray, probabilities: Float32Array) -> _Reading:
    """Two rounds: the second looks at classes and certainty after the flips of the first are taken out of the probabilities."""
    classes = probabilities.shape[1]
    told = probabilities.astype(np.float64)
    given = np.bincount(labels, minlength=classes) / len(labels)
    confusion, place = _confusion(labels, told, given)
    if classes <= SOLVED_CLASSES:  # with more, the shares of right classes are those predicted
        told = right_classes(told, inverse(confusion))
        confusion, place = _confusion(labels, told, given)
        shares = _shares(confusion, given)
    else:
        shares = np.bincount(told.argmax(axis=1), minlength=classes) / len(labels)
    value = float(shares @ (1 - np.diagonal(confusion)))
    together = classes > SOLVED_CLASSES  # then the error of one class is that of all
    deviation = float(shares @ place.deviation if together else np.linalg.norm(shares * place.deviation))
    return _Reading(value, deviation, float(shares @ place.edge), confusion, shares, len(labels))


def _confusion(labels: IntArray, told: FloatArray, given: FloatArray) -> tuple[FloatArray, Floors]:
    """(k, k) P(given j | right i) from the rows predicted as i, and the floors of all k classes.

    A class with fewer than eight predicted rows has the mean floor of the others.
    """
    classes = len(given)
    predicted = told.argmax(axis=1)
    place = _places(told, predicted)
    cell = predicted * BINS + place
    wrong = labels != predicted
    rows = np.bincount(cell, minlength=classes * BINS).reshape(classes, BINS).astype(np.float64)
    disagreeing = np.bincount(cell[wrong], minlength=classes * BINS).reshape(classes, BINS).astype(np.float64)
    sizes = rows.sum(axis=1)
    seen = sizes >= min(_FEWEST_OF_CLASS, sizes.max())
    found = _curves(disagreeing[seen], rows[seen])
    found = _everywhere(
        replace(found, edge=_hidden(found, disagreeing[seen], rows[seen], 1 - given[seen])), seen, sizes[seen]
    )
    confusion = np.zeros((classes, classes))
    weights = found.wrong[predicted[wrong], place[wrong]] ** 3  # the surer, the more they count
    np.add.at(confusion, (predicted[wrong], labels[wrong]), weights)
    confusion += _SPREAD * given
    np.fill_diagonal(confusion, 0)
    confusion *= (found.mean / np.maximum(confusion.sum(axis=1), 1e-12))[:, None]
    np.fill_diagonal(confusion, 1 - found.mean)
    return confusion, found


def _curves(disagreeing: FloatArray, rows: FloatArray) -> Floors:
    """The floors of c classes; one for all where there are many, which keeps memory and chance in bounds."""
    if len(rows) <= SOLVED_CLASSES:
        return floors(disagreeing, rows)
    one = floors(disagreeing.sum(axis=0, keepdims=True), rows.sum(axis=0, keepdims=True))
    mean, deviation, edge, wrong = (
        np.repeat(values, len(rows), axis=0) for values in (one.mean, one.deviation, one.edge, one.wrong)
    )
    return Floors(mean, deviation, edge, wrong)


def _hidden(found: Floors, disagreeing: FloatArray, rows: FloatArray, chance: FloatArray) -> FloatArray:
    """(c,) how much of each floor may be mistakes of the model: all of it where even its surer half of rows is no better than chance."""
    surer = slice(0, BINS // 2)
    disagreement = disagreeing[:, surer].sum(axis=1) / np.maximum(rows[:, surer].sum(axis=1), 1)
    return np.where(disagreement >= _BLIND * chance, found.mean, found.edge)


def _places(told: FloatArray, predicted: IntArray) -> IntArray:
    """(n,) the bin of each row among those predicted alike, from the surest (largest margin to the next class) down."""
    highest_two = np.partition(told, -2, axis=1)[:, -2:]
    order = np.lexsort((highest_two[:, 0] - highest_two[:, 1], predicted))
    sizes = np.bincount(predicted, minlength=told.shape[1])
    rank = np.arange(len(told)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    place = np.empty(len(told), dtype=np.int64)
    place[order] = rank * BINS // np.repeat(sizes, sizes)
    return place


def _everywhere(found: Floors, seen: npt.NDArray[np.bool_], sizes: FloatArray) -> Floors:
    """The floors of all classes; those not seen have the means of those seen."""

    def spread(values: FloatArray) -> FloatArray:
        full = np.empty((len(seen), *values.shape[1:]))
        full[seen], full[~seen] = values, np.average(values, axis=0, weights=sizes)
        return full

    return Floors(spread(found.mean), spread(found.deviation), spread(found.edge), spread(found.wrong))


def _shares(confusion: FloatArray, given: FloatArray) -> FloatArray:
    """(k,) the shares of right classes that explain the shares of given labels best: least squares, none below 0, sum 1."""
    classes = len(given)
    weight = 1 / np.sqrt(np.maximum(given, 0.1 / classes))
    system = np.vstack([confusion.T * weight[:, None], np.full(classes, 30.0)])
    found: FloatArray = nnls(system, np.append(given * weight, 30.0))[0]
    found /= found.sum()
    return found


def _inject(labels: IntArray, draws: npt.NDArray[np.uint64], found: _Reading) -> tuple[IntArray, float]:
    """Labels with one in ten changed in the way the estimate says labels are changed, and what that should add to the rate."""
    classes = len(found.shares)
    flips = found.confusion.copy()
    np.fill_diagonal(flips, 0)
    flips = flips / flips.sum(axis=1, keepdims=True)
    uniform = (draws >> np.uint64(11)) / float(1 << 53)
    order = np.argsort(uniform, kind="stable")[: round(INJECTED * len(labels))]
    second = (draws[order] & np.uint64(0x7FF)) / float(1 << 11)
    target = (np.cumsum(flips, axis=1)[labels[order]] <= second[:, None]).sum(axis=1)
    changed = labels.copy()
    changed[order] = np.where(target >= classes, (labels[order] + 1) % classes, target)
    mixing = (1 - INJECTED) * np.eye(classes) + INJECTED * flips
    right = float(found.shares @ np.diagonal(found.confusion @ mixing))
    return changed, 1 - right - found.value
