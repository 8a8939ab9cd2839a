"""Which truth belongs to which answer, where both overlap: one to one, the best first."""

from collections.abc import Callable
from typing import Final

import numpy as np

from scoring.agreement.joins import count_pairs, pairs_in_groups
from scoring.errors import ScoringError
from scoring.sorting import BoolArray, FloatArray, IntArray

MOST_PAIRS: Final = 50_000_000


def overlapping(
    truth: IntArray, given: IntArray, groups: int, overlap: Callable[[IntArray, IntArray], FloatArray], least: float
) -> tuple[IntArray, IntArray, FloatArray]:
    """Rows of the truth and rows of what was given, of the same group, that overlap by `least` or more, and by how much.

    truth, given   groups 0 … groups - 1 of the rows, both ascending
    overlap        intersection over union of rows of the truth and rows that were given

    Refused: more than 5e7 pairs to compare.
    """
    pairs = count_pairs(truth, given, groups)
    if pairs > MOST_PAIRS:
        raise ScoringError("agreement.too_many_overlaps", count=pairs, most=MOST_PAIRS)
    found = [(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0))]
    for true, other in pairs_in_groups(truth, given, groups):
        much = overlap(true, other)
        enough = much >= least
        found.append((true[enough], other[enough], much[enough]))
    left, right, worth = (np.concatenate(column) for column in zip(*found, strict=True))
    return left, right, worth


def one_to_one(left: IntArray, right: IntArray, worth: FloatArray) -> BoolArray:
    """Which pairs are chosen if the best pair is taken first, then the best of what is left; of equals the one that comes first.

    Pairs that are the best of both their sides are taken together, so a few rounds do it.

    >>> one_to_one(np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([0.6, 0.9, 0.8])).tolist()
    [False, True, False]
    """
    chosen = np.zeros(len(worth), dtype=np.bool_)
    alive = np.argsort(-worth, kind="stable")
    lefts, rights = (int(side.max(initial=-1)) + 1 for side in (left, right))
    while len(alive):
        places = np.arange(len(alive))
        best_left, best_right = np.empty(lefts, dtype=np.int64), np.empty(rights, dtype=np.int64)
        best_left[left[alive][::-1]] = places[::-1]  # of a side that comes several times the last one written stays
        best_right[right[alive][::-1]] = places[::-1]
        mutual = (best_left[left[alive]] == places) & (best_right[right[alive]] == places)
        chosen[alive[mutual]] = True
        used_left, used_right = np.zeros(lefts, dtype=np.bool_), np.zeros(rights, dtype=np.bool_)
        used_left[left[alive[mutual]]] = True
        used_right[right[alive[mutual]]] = True
        alive = alive[~(used_left[left[alive]] | used_right[right[alive]])]
    return chosen
