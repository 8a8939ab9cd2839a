"""How far annotators agree, beyond chance, with an interval over items.

Every coefficient here is a function of sums over items, so its value without any single item is known in closed form:
the interval is the delete-one jackknife of whole items (Efron and Stein 1981, doi:10.1214/aos/1176345462), laid on the
scale of `scoring.uncertainty`. It needs no random draws and costs one pass over the labels. The interval says what other
items of the same kind would give to the same annotators. With fewer than two items that count it is the whole range; with
20 items and a class of one in ten it holds the true value 85 times in 100, not 95; from about 50 items on it does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt
from typing import Final, Literal

import numpy as np

from scoring.agreement.distances import WITHIN_AND_AGAINST, Level
from scoring.agreement.labels import ClassArray, Labels, count_votes
from scoring.agreement.shares import sums_by
from scoring.errors import ScoringError
from scoring.sorting import FloatArray
from scoring.uncertainty import Range, RowTerms, Units, estimate, row_mean

Weights = Literal["none", "linear", "quadratic"]
_BEYOND_CHANCE: Final = Range(-1, 1)
_SHARE: Final = Range(0, 1)


@dataclass(frozen=True, slots=True)
class Agreement:
    """A coefficient of agreement, low ≤ value ≤ high.

    items    items that counted
    labels   their labels
    """

    value: float
    low: float
    high: float
    items: int
    labels: int


def krippendorff_alpha(labels: Labels, level: Level = "nominal", *, confidence: float = 0.95) -> Agreement:
    """Krippendorff's α = 1 - disagreement seen / disagreement expected: 1 is full agreement, 0 is chance, always above -1.

    level        "nominal": labels are names; "ordinal": only their order counts; "interval": distances count;
                 "ratio": distances count in proportion to the values, which are 0 or more
    confidence   how often the interval should hold

    Any number of labels an item; items with a single one say nothing and are left out. Refused: no item with two labels,
    all labels the same. Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, and Hayes and Krippendorff 2007,
    doi:10.1080/19312450709336664. Costs a sort of the labels, but "ratio" compares all pairs of distinct values (1e8 at the
    most, else refused). For "ordinal" the interval takes the ranks of all labels as given.

    >>> seen = Labels.from_rows([1, 1, 2, 2, 3, 3, 4, 4], [1, 2] * 4, [0, 0, 1, 1, 0, 1, 0, 0])
    >>> round(krippendorff_alpha(seen).value, 4)
    0.5333
    """
    kept = _pairable(labels)
    if (kept.label == kept.label[0]).all():
        raise ScoringError("agreement.one_value")
    within, against = WITHIN_AND_AGAINST[level](kept)
    sizes, count = kept.per_item.astype(np.float64), len(kept.item)
    seen, expected = within / (sizes - 1), float(against.sum())
    left = expected - (2 * sums_by(kept.item, len(sizes), against) - within)
    value = 1 - float(seen.sum()) * (count - 1) / expected
    without = 1 - (seen.sum() - seen) * (count - sizes - 1) / np.where(left > 1e-12 * expected, left, np.nan)
    return _with_interval(
        value,
        without,
        counted=len(sizes),
        labels=count,
        differ=_chance_to_differ(kept.label),
        level=confidence,
    )


def percent_agreement(labels: Labels, *, confidence: float = 0.95) -> Agreement:
    """The share of pairs of labels of an item that agree, averaged over items with two labels or more. Not corrected for chance.

    >>> percent_agreement(Labels.from_rows([1, 1, 2, 2], [1, 2, 1, 2], [0, 0, 1, 0])).value
    0.5
    """
    kept = _pairable(labels)
    votes, sizes = count_votes(kept), kept.per_item.astype(np.float64)
    shares = sums_by(votes.item, len(sizes), votes.count * (votes.count - 1)) / (sizes * (sizes - 1))
    if len(shares) == 1:
        return Agreement(float(shares[0]), 0.0, 1.0, 1, len(kept.item))
    value, low, high, _ = estimate(row_mean(shares), _SHARE, Units(len(shares)), 0, confidence)
    return Agreement(value + 0.0, min(low, value) + 0.0, max(high, value) + 0.0, len(shares), len(kept.item))


def fleiss_kappa(labels: Labels, *, confidence: float = 0.95) -> Agreement:
    """Fleiss' κ: agreement beyond what the shares of the classes give by chance; annotators may differ from item to item.

    Fleiss 1971, doi:10.1037/h0031619, who has as many labels for each item; where that differs, the mean over items of the
    shares in each item (Gwet 2014, Handbook of Inter-Rater Reliability, chapter 2), over items with two labels or more.
    Refused: no such item, all labels the same.

    >>> seen = Labels.from_rows([1, 1, 2, 2, 3, 3, 4, 4], [1, 2] * 4, [0, 0, 1, 1, 0, 1, 0, 0])
    >>> round(fleiss_kappa(seen).value, 4)
    0.4667
    """
    kept = _pairable(labels)
    if (kept.label == kept.label[0]).all():
        raise ScoringError("agreement.one_value")
    return _from_class_shares(kept, confidence, lambda squares: squares)


def gwet_ac1(labels: Labels, classes: int | None = None, *, confidence: float = 0.95) -> Agreement:
    """Gwet's AC1, which stays high where nearly all items are of one class and κ falls although people agree.

    classes   how many classes there are to choose from; None: those that occur

    Gwet 2008, doi:10.1348/000711006X126600; with missing labels as in Gwet 2014: items with a single label count for the
    shares of the classes. Refused: no item with two labels, a single class.

    >>> seen = Labels.from_rows([1, 1, 2, 2, 3, 3, 4, 4], [1, 2] * 4, [0, 0, 1, 1, 0, 1, 0, 0])
    >>> round(gwet_ac1(seen).value, 4)
    0.5294
    """
    _pairable(labels)
    choices = len(np.unique(labels.label)) if classes is None else classes
    if classes is not None:
        labels.classes(classes)
    if choices < 2:
        raise ScoringError("agreement.one_value")
    return _from_class_shares(labels, confidence, lambda squares: (1 - squares) / (choices - 1))


def cohen_kappa(
    labels: Labels, first: int, second: int, weights: Weights = "none", *, confidence: float = 0.95
) -> Agreement:
    """Cohen's κ of two annotators on the items that both have labelled.

    first, second   their codes
    weights         "none": classes are names; "linear", "quadratic": a miss costs its distance, or the square of it

    Distances are those of the labels themselves. Refused: no item in common, all labels the same.
    Cohen 1960, doi:10.1177/001316446002000104; Cohen 1968, doi:10.1037/h0026256.

    >>> seen = Labels.from_rows([1, 1, 2, 2, 3, 3, 4, 4], [1, 2] * 4, [0, 0, 1, 1, 0, 1, 0, 0])
    >>> cohen_kappa(seen, 1, 2).value
    0.5
    """
    one, other = labels.of_annotator(first), labels.of_annotator(second)
    _, in_one, in_other = np.intersect1d(labels.item[one], labels.item[other], assume_unique=True, return_indices=True)
    if not len(in_one):
        raise ScoringError("agreement.not_in_common")
    a = labels.label[one[in_one]].astype(np.float64)
    b = labels.label[other[in_other]].astype(np.float64)
    if (a == a[0]).all() and (b == a[0]).all():
        raise ScoringError("agreement.one_value")
    a, b = _scaled(a, b)
    if weights == "none":
        missed, (of_a, of_b) = (a != b).astype(np.float64), _distinct(a, b)
    elif weights == "linear":
        missed, of_a, of_b = np.abs(a - b), _linear(a, b), _linear(b, a)
    else:
        missed, of_a, of_b = (a - b) ** 2, _quadratic(a, b), _quadratic(b, a)
    count, expected = len(a), float(of_a.sum())
    value = 1 - count * float(missed.sum()) / expected
    left = expected - (of_a + of_b - missed)
    without = 1 - (count - 1) * (missed.sum() - missed) / np.where(left > 1e-12 * expected, left, np.nan)
    differ = float(_distinct(a, b)[0].sum()) / count**2
    return _with_interval(value, without, counted=count, labels=2 * count, differ=differ, level=confidence)


def _pairable(labels: Labels) -> Labels:
    """The items with two labels or more; refused if there is none."""
    several = labels.per_item > 1
    if several.all():
        return labels
    if not several.any():
        raise ScoringError("agreement.no_pairs")
    rows = several[labels.item]
    place = np.cumsum(several) - 1
    return Labels(
        labels.items[several],
        labels.annotators,
        place[labels.item[rows]],
        labels.annotator[rows],
        labels.label[rows],
        labels.order[rows],
    )


def _chance_to_differ(values: ClassArray | FloatArray) -> float:
    """The chance that two of the values, drawn with replacement, differ."""
    shares = np.unique(values, return_counts=True)[1] / len(values)
    return float(1 - (shares * shares).sum())


def _from_class_shares(labels: Labels, confidence: float, chance: Callable[[FloatArray], FloatArray]) -> Agreement:
    """Agreement beyond chance, which is a function of the sum of squares of the class shares."""
    votes, sizes = count_votes(labels), labels.per_item.astype(np.float64)
    several, items = sizes > 1, len(sizes)
    agreeing = sums_by(votes.item, items, votes.count * (votes.count - 1)) / np.maximum(sizes * (sizes - 1), 1)
    weight = votes.count / sizes[votes.item]
    of_class = sums_by(votes.value, len(votes.values), weight)
    squares = (of_class * of_class).sum()
    squares_without = squares - sums_by(votes.item, items, weight * (2 * of_class[votes.value] - weight))
    by_chance, counted = chance(squares / items**2), int(several.sum())
    value = float((agreeing.sum() / counted - by_chance) / (1 - by_chance))
    with np.errstate(divide="ignore", invalid="ignore"):
        left = chance(squares_without / (items - 1) ** 2)
        shares = (agreeing.sum() - agreeing) / (counted - several)
        without = (shares - left) / np.where(left < 1 - 1e-12, 1 - left, np.nan)
    return _with_interval(
        value, without, counted=counted, labels=int(sizes[several].sum()), differ=float(1 - by_chance), level=confidence
    )


def _with_interval(
    value: float, without: FloatArray, *, counted: int, labels: int, differ: float, level: float
) -> Agreement:
    """The jackknife interval.

    without   (n,) the value without each item, not finite where it is not defined
    counted   items with two labels or more
    differ    the chance that two labels differ: where nothing tells how sure a perfect value is, one item of `counted`
              that disagrees would cost 1 / (counted · differ)
    """
    if counted < 2:
        return Agreement(value, -1.0, 1.0, counted, labels)
    items, defined = len(without), np.isfinite(without)
    middle = without[defined].mean() if defined.any() else 0.0
    terms = np.where(defined, middle - without, 0.0) * sqrt((items - 1) / items)
    blind = not defined.all() or not terms.any()
    form = RowTerms(max(value, -1.0), terms, logit=True, at_end=min(counted, 2 * counted * differ), blind=blind)
    found, low, high, _ = estimate(form, _BEYOND_CHANCE, Units(items), 0, level)
    return Agreement(found + 0.0, min(low, found) + 0.0, max(high, found) + 0.0, counted, labels)


def _scaled(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both, moved and scaled alike so that squares cannot overflow."""
    low, high = min(a.min(), b.min()), max(a.max(), b.max())
    middle, reach = low / 2 + high / 2, high / 2 - low / 2
    return (a / 2 - middle / 2) / reach, (b / 2 - middle / 2) / reach


def _distinct(a: FloatArray, b: FloatArray) -> tuple[FloatArray, FloatArray]:
    """For each value of `a` how many of `b` differ from it, and the other way round."""
    return len(b) - _equal(a, b), len(a) - _equal(b, a)


def _equal(a: FloatArray, b: FloatArray) -> FloatArray:
    ascending = np.sort(b)
    return (np.searchsorted(ascending, a, "right") - np.searchsorted(ascending, a, "left")).astype(np.float64)


def _linear(a: FloatArray, b: FloatArray) -> FloatArray:
    """Σ over b of |a - b|, for each a."""
    ascending = np.sort(b)
    sums = np.concatenate([[0.0], np.cumsum(ascending)])
    below = np.searchsorted(ascending, a)
    total: FloatArray = a * (2 * below - len(b)) + sums[-1] - 2 * sums[below]
    return total


def _quadratic(a: FloatArray, b: FloatArray) -> FloatArray:
    """Σ over b of (a - b)², for each a."""
    centred = b - b.mean()
    total: FloatArray = len(b) * (a - b.mean()) ** 2 + (centred * centred).sum()
    return total
