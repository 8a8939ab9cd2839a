"""Pairs of rows that belong to the same item, in blocks of bounded memory."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from scoring.sorting import IntArray

_BLOCK: Final = 1 << 20  # pairs made at once


def pairs_in_groups(left: IntArray, right: IntArray, groups: int) -> Iterator[tuple[IntArray, IntArray]]:
    """Every pair of a left and a right row of the same group, as two equally long arrays of row numbers.

    left, right   groups 0 … groups - 1 of the rows; `right` ascending

    Pairs come by left row, then right row, about a million at a time (or the pairs of one left row, if they are more).

    >>> [(a.tolist(), b.tolist()) for a, b in pairs_in_groups(np.array([0, 1]), np.array([0, 0, 1]), 2)]
    [([0, 0, 1], [0, 1, 2])]
    """
    sizes = np.bincount(right, minlength=groups)
    first = np.cumsum(sizes) - sizes
    lengths = sizes[left]
    ends = np.cumsum(lengths)
    start = 0
    while start < len(left):
        before = int(ends[start] - lengths[start])
        stop = max(start + 1, int(np.searchsorted(ends, before + _BLOCK, side="right")))
        lefts = np.repeat(np.arange(start, stop), lengths[start:stop])
        if len(lefts):
            shift = first[left[start:stop]] - (ends[start:stop] - lengths[start:stop] - before)
            yield lefts, np.arange(len(lefts)) + np.repeat(shift, lengths[start:stop])
        start = stop


def count_pairs(left: IntArray, right: IntArray, groups: int) -> int:
    """How many pairs `pairs_in_groups` would make.

    >>> count_pairs(np.array([0, 1]), np.array([0, 0, 1]), 2)
    3
    """
    return int(np.bincount(left, minlength=groups) @ np.bincount(right, minlength=groups))
