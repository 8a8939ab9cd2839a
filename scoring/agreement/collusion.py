"""Pairs of annotators who make the same mistakes more often than chance and hard items explain: a sign of copying.

Agreement alone proves nothing, because good annotators agree. Mistakes do: two people who work apart are seldom wrong about
the same item in the same way. How seldom follows from the confusion matrix of each, from how sure the class of each item is
without the two, and from how much more often than that any two people share a mistake, since some items mislead everybody.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_array

from scoring.agreement.consensus import Consensus
from scoring.agreement.habits import Habits
from scoring.agreement.hashing import scramble
from scoring.agreement.joins import pairs_in_groups
from scoring.agreement.labels import Labels
from scoring.agreement.shares import at_least, holm, sums_by
from scoring.sorting import BoolArray, FloatArray, IntArray

_MOST_AN_ITEM: Final = 200  # labels; an item with more is passed over
_MOST_PAIRS: Final = 20_000_000
_CELLS: Final = 1 << 20


@dataclass(frozen=True, slots=True, eq=False)
class SharedMistakes:
    """Pairs of annotators whose shared mistakes are no chance, the surest first.

    first, second   (p,) int64 codes of the annotators, first < second
    items           (p,) int64 items of both
    both_wrong      (p,) int64 where both differ from the likely class
    alike           (p,) int64 where both say the same other class
    expected        (p,) float64 how many of those there would be if they worked apart
    chance          (p,) float64 the probability of so many or more, made safe for all pairs that were compared
    compared        pairs with an item in common
    inflation       how many times more often any two share a mistake than their confusion matrices say
    """

    first: IntArray
    second: IntArray
    items: IntArray
    both_wrong: IntArray
    alike: IntArray
    expected: FloatArray
    chance: FloatArray
    compared: int
    inflation: float


def shared_mistakes(labels: Labels, consensus: Consensus, *, believed: float = 0.01) -> SharedMistakes:
    """Find pairs who differ from the likely class alike too often.

    consensus   of these labels; gold items in it are known for certain, and weigh most
    believed    the chance of accusing any innocent pair at all (Holm 1979, over all pairs compared)

    For each item of a pair, its likely class t, with probability p, is what the other annotators and gold say. The two say
    the same other class by chance with probability p · Σ P(first says l | t) P(second says l | t), l ≠ t, plus the
    probability that the item is another class and both see it. Hard items are allowed for twice: chances are multiplied by
    the factor, and then raised by the amount, that the mean over all other pairs needs, and the larger counts. The number of
    such items is tested against the binomial with the mean chance; a sum of unequal chances has a lighter tail than that
    (Hoeffding 1956, doi:10.1214/aoms/1177728178), so the test errs towards silence.
    Items with more than 200 labels are passed over, and beyond 2e7 pairs of labels items are left out in an order that does not
    depend on the order of rows.
    """
    seen = _Pairs.collect(labels, consensus)
    if not len(seen.key):
        empty, none = np.empty(0, dtype=np.int64), np.empty(0)
        return SharedMistakes(empty, empty, empty, empty, empty, none, none, 0, 1.0)
    pairs, pair = np.unique(seen.key, return_inverse=True)
    items = np.bincount(pair)
    both_wrong = np.bincount(pair[seen.both_wrong], minlength=len(pairs))
    alike = np.bincount(pair[seen.alike], minlength=len(pairs))
    apart = np.minimum(_working_apart(seen, pair, len(pairs), consensus.habits) / items, 1)
    trusted = np.ones(len(pairs), dtype=np.bool_)
    for _ in range(2):  # what is found at first does not count as usual
        expected = max(float((apart * items)[trusted].sum()), 1e-12)
        shared = max(float(alike[trusted].sum()), expected)
        raised = np.maximum(apart * shared / expected, apart + (shared - expected) / items[trusted].sum())
        chance = holm(at_least(alike, items, np.minimum(raised, 1)))
        trusted = chance > believed
        if not trusted.any():
            break
    found = np.flatnonzero(chance <= believed)
    found = found[np.lexsort((found, -alike[found], chance[found]))]
    first, second = np.divmod(pairs[found], len(labels.annotators))
    return SharedMistakes(
        labels.annotators[first],
        labels.annotators[second],
        items[found],
        both_wrong[found],
        alike[found],
        (raised * items)[found],
        chance[found],
        len(pairs),
        shared / expected,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Two labels of one item, one row each.

    key          (q,) first annotator × number of annotators + second
    truth        (q,) the likely class without the two
    certainty    (q,) its probability
    other        (q,) the probability that the item is of another class, which both see
    both_wrong   (q,) both labels differ from the likely class
    alike        (q,) they do, and are the same
    """

    key: IntArray
    truth: IntArray
    certainty: FloatArray
    other: FloatArray
    both_wrong: BoolArray
    alike: BoolArray

    @classmethod
    def collect(cls, labels: Labels, consensus: Consensus) -> "_Pairs":
        label, count, right = labels.classes(), len(labels.annotators), consensus.habits.right
        none = np.empty(0, dtype=np.int64)
        parts: list[tuple[Any, ...]] = [(none, none, np.empty(0), np.empty(0), none == 1, none == 1)]
        for left, second in _pairs_of_labels(labels, consensus.posterior.shape[1]):
            posterior = consensus.posterior_without(labels, left, second)
            truth = posterior.argmax(axis=1)
            rows = np.arange(len(truth))
            certainty = posterior[rows, truth]
            posterior[rows, truth] = 0
            a, b = labels.annotator[left], labels.annotator[second]
            both = (label[left] != truth) & (label[second] != truth)
            other = (posterior * right[a] * right[b]).sum(axis=1)
            parts.append((a * count + b, truth, certainty, other, both, both & (label[left] == label[second])))
        return cls(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _pairs_of_labels(labels: Labels, classes: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Rows of labels of the same item, the lower row first, in blocks that leave room for the classes."""
    rows = np.flatnonzero(_considered(labels)[labels.item])
    item, step = labels.item[rows], max(1, _CELLS // classes)
    for left, right in pairs_in_groups(item, item, len(labels.items)):
        ascending = left < right
        one, other = rows[left[ascending]], rows[right[ascending]]
        for start in range(0, len(one), step):
            yield one[start : start + step], other[start : start + step]


def _considered(labels: Labels) -> BoolArray:
    """Which items are looked at, so that the work is bounded."""
    sizes = labels.per_item
    wanted = (sizes > 1) & (sizes <= _MOST_AN_ITEM)
    order = np.argsort(scramble(labels.items))
    order = order[wanted[order]]
    wanted[order[np.cumsum(sizes[order] ** 2) > 2 * _MOST_PAIRS]] = False
    return wanted


def _working_apart(seen: _Pairs, pair: IntArray, pairs: int, habits: Habits) -> FloatArray:
    """(pairs,) how many items both would get wrong alike, given how each of them errs.

    Of a class, an annotator says a wrong one either as often as those that he or she has never said, times the pattern, or by
    an excess, which is known for the few pairs that occur. So Σ P(first says l) P(second says l) has four parts.
    """
    annotators, classes = habits.totals.shape
    (excess, leaning), unsaid = _excess(habits), habits.unsaid.ravel()
    evenness = np.tile((habits.pattern**2).sum(axis=1), annotators)
    cells, at, cell = np.unique(pair * classes + seen.truth, return_index=True, return_inverse=True)
    weight = sums_by(cell, len(cells), seen.certainty)
    expected = sums_by(pair, pairs, seen.other)
    for start in range(0, len(cells), _CELLS):
        part = slice(start, start + _CELLS)
        first, second = np.divmod(seen.key[at[part]], annotators)
        a, b = first * classes + seen.truth[at[part]], second * classes + seen.truth[at[part]]
        alike = excess[a].multiply(excess[b]).sum(axis=1)
        alike += unsaid[a] * leaning[b] + unsaid[b] * leaning[a] + unsaid[a] * unsaid[b] * evenness[a]
        expected += sums_by(cells[part] // classes, pairs, np.maximum(alike, 0) * weight[part])
    return expected


def _excess(habits: Habits) -> tuple[Any, FloatArray]:
    """By how much P(says column | class) of wrong classes that were said exceeds what it is for unsaid ones.

    (m · k, k) sparse, and (m · k,) its sum over the columns, weighted with the pattern.
    """
    annotators, classes = habits.totals.shape
    pair, truth = np.divmod(np.arange(habits.evidence.size), classes)
    wrong = truth != habits.label[pair]
    pair, truth = pair[wrong], truth[wrong]
    who, said = habits.annotator[pair], habits.label[pair]
    usual = habits.pattern[truth, said]
    more = np.exp(habits.evidence[pair, truth]) - habits.unsaid[who, truth] * usual
    row = who * classes + truth
    return csr_array((more, (row, said)), (annotators * classes, classes)), sums_by(
        row, annotators * classes, more * usual
    )
