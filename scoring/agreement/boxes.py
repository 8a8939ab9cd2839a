"""Boxes around objects against gold, image by image: matched boxes and F1, and COCO's mean average precision."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from scoring.agreement.hashing import scramble
from scoring.agreement.matches import Matches, Score, as_codes, refuse_repeated
from scoring.agreement.matching import one_to_one, overlapping
from scoring.agreement.shares import sums_by
from scoring.errors import ScoringError
from scoring.sorting import BoolArray, FloatArray, IntArray
from scoring.uncertainty import Range, RowTerms, Units, estimate

THRESHOLDS: Final = tuple((50 + 5 * step) / 100 for step in range(10))  # intersection over union: 0.50, 0.55 … 0.95
_MOST_AN_IMAGE: Final = 100  # boxes of one class and image whose score counts, the highest first
_RECALLS: Final = np.arange(101) / 100
_BLOCKS: Final = 64
_SLACK: Final = 1e-10  # an overlap that is short of a threshold by rounding alone


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Boxes sorted by image, class and corners. Made by `from_rows`.

    item      (b,) int64 number of the image, from 0
    label     (b,) int64 the class
    corners   (b, 4) float64 left, top, right, bottom: left < right and top < bottom
    score     (b,) float64 how sure the answer is, higher is surer; all 0 where none is given
    """

    item: IntArray
    label: IntArray
    corners: FloatArray
    score: FloatArray

    @classmethod
    def from_rows(cls, item: Any, label: Any, corners: Any, score: Any = None) -> "Boxes":
        """One row for each box, in any order. Refused: boxes without a size, NaN and infinity, the same box twice."""
        items, labels = np.asarray(item, dtype=np.int64), np.asarray(label, dtype=np.int64)
        edges = np.asarray(corners, dtype=np.float64).reshape(-1, 4)
        scores = np.zeros(len(items)) if score is None else np.asarray(score, dtype=np.float64)
        if not (items.ndim == 1 and items.shape == labels.shape == scores.shape == edges.shape[:1]):
            raise ValueError("item, label, corners and score need as many rows")
        with np.errstate(invalid="ignore", over="ignore"):
            area = (edges[:, 2] - edges[:, 0]) * (edges[:, 3] - edges[:, 1])
            sound = (edges[:, 2] > edges[:, 0]) & (edges[:, 3] > edges[:, 1]) & np.isfinite(area) & (area > 0)
        bad = np.flatnonzero(~(sound & np.isfinite(edges).all(axis=1) & np.isfinite(scores)))
        if len(bad):
            raise ScoringError("agreement.backwards", count=len(bad), row=int(bad[0]))
        refuse_repeated(as_codes(items, labels, *edges.T))
        order = np.lexsort((*edges.T[::-1], labels, items))
        return cls(items[order], labels[order], edges[order], scores[order])


def match(truth: Boxes, given: Boxes, items: int, thresholds: tuple[float, ...] = THRESHOLDS) -> Matches:
    """Boxes of the same image and class that overlap enough, one to one, the largest overlap first; then `matches.f1`.

    items        how many images there are
    thresholds   intersection over union that is enough; a hit counts by the share of the thresholds that it reaches,
                 so F1 is the mean of its values at all of them

    Needs no scores: meant for people's boxes. Refused: more than 5e7 pairs of boxes of the same class and image.

    >>> from scoring.agreement.matches import f1
    >>> truth = Boxes.from_rows([0], [0], [[0, 0, 10, 10]])
    >>> f1(match(truth, Boxes.from_rows([0], [0], [[0, 0, 10, 8]]), 1)).value
    0.7
    """
    left, right, worth = _overlaps(truth, given, items, min(thresholds))
    hits = np.zeros(items)
    for threshold in thresholds:
        enough = np.flatnonzero(worth >= threshold - _SLACK)
        chosen = enough[one_to_one(left[enough], right[enough], worth[enough])]
        hits += sums_by(truth.item[left[chosen]], items)
    return Matches(hits / len(thresholds), sums_by(given.item, items), sums_by(truth.item, items))


def mean_average_precision(truth: Boxes, given: Boxes, items: int, *, level: float = 0.95) -> Score:
    """mAP@[.50:.05:.95] of COCO: average precision of each class at ten overlaps, averaged over both.

    items   how many images there are

    Lin et al. 2014, arXiv:1405.0312, and its evaluation rules: boxes of a class by falling score; each takes the box of the
    truth that it overlaps most among those still free; of one class and image the 100 surest count; precision is made
    monotone and read at 101 recalls; classes that occur in the truth count. No crowds, no sizes. Boxes of equal score keep the
    order of image and corners. The interval is a jackknife over 64 blocks of images (fewer images: one block each); a
    single image has none. It says how far the score varies from one set of images to the next; that the best precision
    further down is read makes the score of few images too high (by 0.02 for 60 images with 300 boxes of 3 classes, 0.005
    for 600) and is not allowed for. Refused: a truth without boxes, more than 5e7 pairs to compare.
    """
    if not len(truth.item):
        raise ScoringError("agreement.nothing_true")
    ranked, place = _surest(given)
    hit = _hits(truth, ranked, place, items)
    order = np.lexsort((-ranked.score, ranked.label))
    ranked_item, ranked_label, hit = ranked.item[order], ranked.label[order], hit[order]

    def without(kept_truth: BoolArray, kept: BoolArray) -> float:
        return _mean_precision(truth.label[kept_truth], ranked_label[kept], hit[kept])

    value = without(np.ones(len(truth.item), np.bool_), np.ones(len(order), np.bool_))
    count = min(items, _BLOCKS)
    block = np.empty(items, dtype=np.int64)
    block[np.argsort(scramble(np.arange(items)))] = np.arange(items) % count
    left_out = np.array([without(block[truth.item] != one, block[ranked_item] != one) for one in range(count)])
    if count < 2 or np.isnan(left_out).any():
        return Score(value, 0.0, 1.0)
    terms = (left_out.mean() - left_out) * np.sqrt((count - 1) / count)
    form = RowTerms(value, terms, logit=True, at_end=float(len(np.unique(truth.item))), blind=not terms.any())
    found, low, high, _ = estimate(form, Range(0, 1), Units(max(items, 2)), 0, level)
    return Score(found, min(low, found), max(high, found))


def overlap(one: FloatArray, other: FloatArray) -> FloatArray:
    """(p,) intersection over union of boxes (p, 4).

    >>> overlap(np.array([[0, 0, 2, 2.0]]), np.array([[1, 0, 3, 2.0]])).round(4).tolist()
    [0.3333]
    """
    width = np.minimum(one[:, 2], other[:, 2]) - np.maximum(one[:, 0], other[:, 0])
    height = np.minimum(one[:, 3], other[:, 3]) - np.maximum(one[:, 1], other[:, 1])
    inside = np.maximum(width, 0) * np.maximum(height, 0)
    areas = [(box[:, 2] - box[:, 0]) * (box[:, 3] - box[:, 1]) for box in (one, other)]
    shared: FloatArray = inside / (areas[0] + areas[1] - inside)
    return shared


def _overlaps(truth: Boxes, given: Boxes, items: int, least: float) -> tuple[IntArray, IntArray, FloatArray]:
    for boxes in (truth, given):
        if len(boxes.item) and not 0 <= boxes.item.min() <= boxes.item.max() < items:
            raise ValueError(f"images are numbered from 0 to {items - 1}")
    group = as_codes(np.concatenate([truth.item, given.item]), np.concatenate([truth.label, given.label]))
    return overlapping(
        group[: len(truth.item)],
        group[len(truth.item) :],
        len(group),
        lambda true, other: overlap(truth.corners[true], given.corners[other]),
        least - _SLACK,
    )


def _surest(given: Boxes) -> tuple[Boxes, IntArray]:
    """The surest boxes of each image and class, sorted by image, class and falling score, and their place there from 0."""
    order = np.lexsort((-given.score, given.label, given.item))
    group = as_codes(given.item, given.label)[order]
    first = np.flatnonzero(np.diff(group, prepend=-1))
    place = np.arange(len(group)) - np.repeat(first, np.diff(np.append(first, len(group))))
    kept = order[place < _MOST_AN_IMAGE]
    return (
        Boxes(given.item[kept], given.label[kept], given.corners[kept], given.score[kept]),
        place[place < _MOST_AN_IMAGE],
    )


def _hits(truth: Boxes, ranked: Boxes, place: IntArray, items: int) -> BoolArray:
    """(b, 10) whether each box takes one of the truth, at each threshold: all surest boxes at once, then all second ones …"""
    left, right, worth = _overlaps(truth, ranked, items, THRESHOLDS[0])
    order = np.argsort(right, kind="stable")
    left, right, worth = left[order], right[order], worth[order]
    enough = worth[:, None] >= np.array(THRESHOLDS) - _SLACK
    hit = np.zeros((len(ranked.item), len(THRESHOLDS)), dtype=np.bool_)
    taken = np.zeros((len(truth.item), len(THRESHOLDS)), dtype=np.bool_)
    for turn in range(int(place.max(initial=-1)) + 1):
        pairs = np.flatnonzero(place[right] == turn)
        if not len(pairs):
            continue
        free = np.where(enough[pairs] & ~taken[left[pairs]], worth[pairs, None], -1.0)
        first = np.flatnonzero(np.diff(right[pairs], prepend=-1))
        of_pair = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(pairs))))
        best = np.maximum.reduceat(free, first, axis=0)[of_pair]
        numbers = np.where((free == best) & (best > 0), np.arange(len(pairs))[:, None], len(pairs))
        chosen = np.minimum.reduceat(numbers, first, axis=0)
        box, threshold = np.nonzero(chosen < len(pairs))
        pair = pairs[chosen[box, threshold]]
        hit[right[pair], threshold] = True
        taken[left[pair], threshold] = True
    return hit


def _mean_precision(true_label: IntArray, label: IntArray, hit: BoolArray) -> float:
    """The mean over classes of the truth, and over thresholds, of average precision; boxes come by class and falling score.

    NaN: no truth.
    """
    classes, counts = np.unique(true_label, return_counts=True)
    if not len(classes):
        return float("nan")
    starts, stops = np.searchsorted(label, classes), np.searchsorted(label, classes, "right")
    found = [_average_precision(hit[a:b], count) for a, b, count in zip(starts, stops, counts, strict=True)]
    return float(np.mean(found))


def _average_precision(hit: BoolArray, count: int) -> float:
    if not len(hit):
        return 0.0
    found = np.cumsum(hit, axis=0)
    precision = found / np.arange(1, len(hit) + 1)[:, None]
    precision = np.maximum.accumulate(precision[::-1], axis=0)[::-1]
    read = 0.0
    for column in range(hit.shape[1]):
        at = np.searchsorted(found[:, column] / count, _RECALLS)
        read += float(precision[at[at < len(hit)], column].sum())
    return float(read / (hit.shape[1] * len(_RECALLS)))
