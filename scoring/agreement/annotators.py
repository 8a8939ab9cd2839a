"""Each annotator: how often right, where the errors go, how well in line with others, how fast, and whether awake."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array

from scoring.agreement.consensus import Consensus
from scoring.agreement.labels import ClassArray, Labels, count_votes
from scoring.agreement.shares import at_least, holm, sums_by, wilson
from scoring.agreement.skills import SkillLevel, skill_level
from scoring.sorting import BoolArray, FloatArray, IntArray

_CELLS: Final = 1 << 20
_HALVINGS: Final = 24
_NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """For each annotator a share with its Wilson interval; where `rows` is 0 nothing is known: 0, from 0 to 1.

    value, low, high   (m,) float64
    rows               (m,) int64 labels that it is a share of
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray
    rows: IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """What is known of each annotator, in the order of `Labels.annotators`.

    labels        (m,) int64 how many labels were given
    gold          accuracy on gold items
    consensus     accuracy against what the others say, on items that are not gold and that somebody else labelled too. The
                  others err too, which is allowed for; what the annotator says is not counted for it
    agreement     the mean share of the other labels of an item that are the same
    right         (m,) int64 gold items answered rightly
    commonest     (m,) int64 gold items of the class that is most frequent among them, for `skills`
    towards       (m,) int32 the class that errors lead to more than the errors of the others do; -1: none for sure
    towards_chance   (m,) float64 how probable the strongest pull of each annotator is by chance, made safe for all annotators
                  and classes
    usual         (m,) int32 the label that is given most often; `usual_share` (m,) how often
    constant      (m,) bool: nearly always the same label, where the items are not nearly all of that class
    """

    labels: IntArray
    gold: Shares
    consensus: Shares
    agreement: Shares
    right: IntArray
    commonest: IntArray
    towards: ClassArray
    towards_chance: FloatArray
    usual: ClassArray
    usual_share: FloatArray
    constant: BoolArray

    def level(self, annotator: int) -> SkillLevel:
        """The skill level of the annotator at this position."""
        return skill_level(int(self.right[annotator]), int(self.gold.rows[annotator]), int(self.commonest[annotator]))


def profile(labels: Labels, consensus: Consensus, *, level: float = 0.95, believed: float = 0.01) -> Profiles:
    """Look at every annotator.

    consensus   of these labels, with the gold items in it
    level       how often an interval should hold
    believed    the chance of calling any innocent annotator biased, or constant, at all (Holm 1979)

    Accuracy against the others is the p that makes the labels most likely, when each item is of class c with the probability
    q(c) that the other labels give and the annotator says it with probability p, and any other class alike; with the interval
    of the likelihood ratio (Wilks 1938, doi:10.1214/aoms/1177732360). It is too kind to those who copy.
    Bias: three innocent reasons why many errors lead to a class must all be improbable (binomial tails): that the errors go in
    all directions alike, that they go where those of the others go on the same true classes, and that they are no more than
    the others make there. True classes are gold, or what the others say if they are at least 80 % sure.
    Constant: the usual label makes up nine tenths of the labels, and more than the others would give to these items.
    Costs labels × classes; 1M labels of 10 classes take about a second.
    """
    label, count, classes = labels.classes(), len(labels.annotators), consensus.posterior.shape[1]
    given = np.bincount(labels.annotator, minlength=count)
    seen = _Rows.look(labels, consensus)
    known = consensus.clamped[labels.item]
    several = (labels.per_item > 1)[labels.item] & ~known
    right = known & (label == seen.truth)
    towards, towards_chance = _pull(labels, np.where(seen.certainty >= 0.8, seen.truth, -1), classes)
    said = np.bincount(labels.annotator * classes + label, minlength=count * classes).reshape(count, classes)
    usual = said.argmax(axis=1).astype(np.int32)
    most = said[np.arange(count), usual]
    others = (seen.expected * consensus.habits.pooled_confusion.T[usual]).sum(axis=1) / given
    nothing_but = (most >= 0.9 * given) & (holm(at_least(most, given, np.minimum(others, 1))) <= believed)
    true_gold = np.bincount((labels.annotator * classes + seen.truth)[known], minlength=count * classes)
    return Profiles(
        given,
        _shares(labels, known, right.astype(np.float64), level),
        _accuracy(labels, several, seen.own, classes, level),
        _shares(labels, (labels.per_item > 1)[labels.item], _same(labels), level),
        np.bincount(labels.annotator[right], minlength=count),
        true_gold.reshape(count, classes).max(axis=1),
        np.where(towards_chance <= believed, towards, -1).astype(np.int32),
        towards_chance,
        usual,
        most / given,
        nothing_but,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Pace:
    """How fast each annotator works, in the order of `Labels.annotators`.

    seconds   (m,) float64 median seconds a label; 0 where fewer than two labels have a time
    timed     (m,) int64 labels whose duration is known: not the first, and not after a pause
    fast      (m,) float64 the share of them that took less than `limit` seconds
    limit     seconds
    """

    seconds: FloatArray
    timed: IntArray
    fast: FloatArray
    limit: float


def pace(labels: Labels, given_at: Any, *, pause: float = 300.0, limit: float | None = None) -> Pace:
    """Seconds from one label of an annotator to the next.

    given_at   (r,) seconds since any moment, in the order of the rows that `Labels.from_rows` was given
    pause      a longer gap is a break, not work
    limit      below this a label is suspiciously fast; None: a third of the median over annotators of their median

    >>> seen = Labels.from_rows([1, 2, 3], [7, 7, 7], [0, 0, 0])
    >>> pace(seen, [10.0, 14.0, 20.0]).seconds.tolist()
    [5.0]
    """
    at = np.asarray(given_at, dtype=np.float64)
    if at.shape != labels.order.shape or not np.isfinite(at).all():
        raise ValueError(f"{len(labels.order)} labels need as many finite times")
    at, count = at[labels.order], len(labels.annotators)
    order = np.lexsort((at, labels.annotator))
    who, gaps = labels.annotator[order][1:], np.diff(at[order])
    work = (np.diff(labels.annotator[order]) == 0) & (gaps <= pause)
    who, gaps = who[work], gaps[work]
    timed = np.bincount(who, minlength=count)
    seconds = _medians(who, gaps, timed)
    short = limit if limit is not None else float(np.median(seconds[timed > 0])) / 3 if timed.any() else 0.0
    fast = np.bincount(who[gaps < short], minlength=count) / np.maximum(timed, 1)
    return Pace(seconds, timed, fast, short)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """What the others and gold say of each label's item.

    own         (r,) the probability of the label that was given
    truth       (r,) int32 the likely class, and its `certainty` (r,)
    expected    (m, k) the sum of the probabilities over the labels of each annotator
    """

    own: FloatArray
    truth: ClassArray
    certainty: FloatArray
    expected: FloatArray

    @classmethod
    def look(cls, labels: Labels, consensus: Consensus) -> "_Rows":
        rows, classes = len(labels.item), consensus.posterior.shape[1]
        own, certainty = np.empty(rows), np.empty(rows)
        truth = np.empty(rows, dtype=np.int32)
        expected = np.zeros((len(labels.annotators), classes))
        label, step = labels.classes(classes), max(1, _CELLS // classes)
        for start in range(0, rows, step):
            these = np.arange(start, min(start + step, rows))
            posterior = consensus.posterior_without(labels, these)
            place = np.arange(len(these))
            own[these] = posterior[place, label[these]]
            truth[these] = posterior.argmax(axis=1)
            certainty[these] = posterior[place, truth[these]]
            who = csr_array((np.ones(len(these)), (labels.annotator[these], place)), (len(expected), len(these)))
            expected += who @ posterior
        return cls(own, truth, certainty, expected)


def _shares(labels: Labels, counted: BoolArray, hits: FloatArray, level: float) -> Shares:
    who, count = labels.annotator[counted], len(labels.annotators)
    rows = np.bincount(who, minlength=count)
    sums = np.minimum(sums_by(who, count, hits[counted]), rows)
    return Shares(sums / np.maximum(rows, 1), *wilson(sums, rows, level), rows)


def _accuracy(labels: Labels, counted: BoolArray, own: FloatArray, classes: int, level: float) -> Shares:
    """The most likely accuracy of each annotator, given the probability of each label according to the others."""
    who, count = labels.annotator[counted], len(labels.annotators)
    rows = np.bincount(who, minlength=count)
    if classes == 1:
        return _shares(labels, counted, own, level)
    right = own[counted]
    wrong = (1 - right) / (classes - 1)

    def slope(p: FloatArray) -> FloatArray:
        at = p[who]
        return sums_by(who, count, (right - wrong) / (at * right + (1 - at) * wrong))

    def likelihood(p: FloatArray) -> FloatArray:
        at = p[who]
        return sums_by(who, count, np.log(at * right + (1 - at) * wrong))

    zero, one = np.full(count, 1e-9), np.full(count, 1 - 1e-9)
    best = _crossing(lambda p: slope(p) > 0, zero, one)
    least = likelihood(best) - _NORMAL.inv_cdf(0.5 + level / 2) ** 2 / 2
    low = _crossing(lambda p: likelihood(p) < least, zero, best)
    high = _crossing(lambda p: likelihood(p) >= least, best, one)
    known = rows > 0
    return Shares(best * known, low * known, np.where(known, high, 1.0), rows)


def _crossing(below: Callable[[FloatArray], BoolArray], low: FloatArray, high: FloatArray) -> FloatArray:
    """Where `below` turns from true to false, for each annotator, by halving; an end if it does not turn."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        under = below(middle)
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return (low + high) / 2


def _same(labels: Labels) -> FloatArray:
    """(r,) the share of the other labels of the item that are the same; 0 where there is no other."""
    votes = count_votes(labels)
    return (votes.count[votes.of_row] - 1) / np.maximum(labels.per_item[labels.item] - 1, 1)


def _pull(labels: Labels, truth: IntArray, classes: int) -> tuple[ClassArray, FloatArray]:
    """For each annotator the class with the strongest pull, and how probable that is by chance."""
    count = len(labels.annotators)
    if classes == 1:
        return np.full(count, -1, dtype=np.int32), np.ones(count)
    judged = truth >= 0
    who, true, said = labels.annotator[judged], truth[judged].astype(np.int64), labels.classes()[judged]
    faced = np.bincount(who * classes + true, minlength=count * classes).reshape(count, classes)
    wrong = true != said
    errors = np.bincount((who * classes + said)[wrong], minlength=count * classes).reshape(count, classes)
    judged_of = faced.sum(axis=1, keepdims=True)
    others, total = _errors_of_others(who[wrong], true[wrong], said[wrong], faced), errors.sum(axis=1, keepdims=True)
    innocent = (
        at_least(errors, total, (judged_of - faced) / np.maximum(judged_of, 1) / (classes - 1)),
        at_least(errors, total, others / np.maximum(others.sum(axis=1, keepdims=True), 1e-300)),
        at_least(errors, judged_of, others / np.maximum(judged_of, 1)),
    )
    found = np.maximum.reduce(innocent)
    found[errors == 0] = 1.0
    strongest = found.argmin(axis=1)
    safe = holm(found.ravel(), max(int((total > 0).sum()) * classes, 1)).reshape(count, classes)
    return strongest.astype(np.int32), safe[np.arange(count), strongest]


def _errors_of_others(who: IntArray, true: IntArray, said: ClassArray, faced: IntArray) -> FloatArray:
    """(m, k) how many errors to each class the others would make on what each annotator faced."""
    count, classes = faced.shape
    rate = faced / (
        faced.sum(axis=0) - faced + 1.0
    )  # so many times what the others faced (one more, so that none is not nothing)
    all_errors = csr_array((np.ones(len(who)), (true, said)), shape=(classes, classes))
    expected: FloatArray = np.asarray((all_errors.T @ rate.T).T)
    own = np.bincount(who * classes + said, rate[who, true], count * classes).reshape(count, classes)
    found: FloatArray = np.maximum(expected - own, 0)
    return found


def _medians(group: IntArray, values: FloatArray, sizes: IntArray) -> FloatArray:
    """(groups,) the median of each group's values, 0 where there is none."""
    ascending = values[np.lexsort((values, group))]
    first = np.cumsum(sizes) - sizes
    if not len(ascending):
        return np.zeros(len(sizes))
    low = np.minimum(first + np.maximum(sizes - 1, 0) // 2, len(ascending) - 1)
    high = np.minimum(first + sizes // 2, len(ascending) - 1)
    return np.where(sizes > 0, (ascending[low] + ascending[high]) / 2, 0.0)
