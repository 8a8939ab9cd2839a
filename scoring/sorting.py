"""Sorting rows by a float64 value, exactly and fast: the one expensive step of every threshold metric."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]
KeyArray = npt.NDArray[np.uint64]

STRETCH: Final = (
    1 << 13
)  # rows looked at together: arrays of 64 KB stay in the cache and are not given back to the system
_SIGN: Final = np.uint64(1 << 63)
_ONE: Final = np.uint64(1)


@dataclass(frozen=True, slots=True)
class Ascending:
    """Rows from the lowest value to the highest.

    rows    (n,) int64 row numbers
    marked  (n,) bool: the mark of each row
    first   (n,) bool: here a group of equal values begins
    """

    rows: IntArray
    marked: BoolArray
    first: BoolArray

    def stretches(self) -> Iterator[slice]:
        """Cut the order into stretches that split no group, of about 8192 rows where groups allow it.

        >>> list(ascending(np.array([2.0, 1.0, 2.0]), np.zeros(3, bool)).stretches())
        [slice(0, 3, None)]
        """
        start, size = 0, len(self.rows)
        while start < size:
            stop = min(start + STRETCH, size)
            if stop < size:
                ahead = self.first[stop:]
                stop = stop + int(ahead.argmax()) if ahead.any() else size
            yield slice(start, stop)
            start = stop


def ascending(values: FloatArray, marks: BoolArray) -> Ascending:
    """Sort finite float64 (n,), n ≥ 1; equal values (also 0.0 and -0.0) form one group, any two others never do.

    A sort of integers that carry row number and mark in their low bits is 3 to 6 times faster than an argsort of floats.
    Where the range of the values leaves too few high bits, the rows that share a truncated key are put right afterwards
    from their full values, so the result is exact for every input.

    >>> found = ascending(np.array([0.5, 0.1, 0.5, -3.0]), np.array([True, False, False, True]))
    >>> found.rows.tolist(), found.marked.tolist(), found.first.tolist()
    ([3, 1, 0, 2], [True, False, True, False], [True, True, True, False])
    """
    size = len(values)
    keys = _ordered_integers(values)
    row_bits = (size - 1).bit_length()
    lost_bits = np.uint64(max(0, int(keys.max()).bit_length() + row_bits + 1 - 64))
    truncated = lost_bits > 0 and bool((keys & ((_ONE << lost_bits) - _ONE)).any())
    keys >>= lost_bits
    keys <<= np.uint64(row_bits + 1)
    keys |= marks
    for start in range(0, size, STRETCH):
        keys[start : start + STRETCH] |= np.arange(start, min(start + STRETCH, size), dtype=np.uint64) << _ONE
    keys.sort()
    found = _unpacked(keys, (_ONE << np.uint64(row_bits)) - _ONE)
    if truncated:
        _put_right(values, found)
    return found


def _ordered_integers(values: FloatArray) -> KeyArray:
    """Unsigned integers in the order of the values, equal exactly where the values are equal; the smallest is 0."""
    bits = (values + 0.0).view(np.uint64)  # + 0.0 turns -0.0 into 0.0, and copies
    if values.min() < 0:
        negative = bits >= _SIGN
        np.invert(bits, out=bits, where=negative)
        np.bitwise_or(bits, _SIGN, out=bits, where=~negative)
    bits -= bits.min()
    return bits


def _unpacked(keys: KeyArray, row_mask: np.uint64) -> Ascending:
    """Row, mark and start of a group from each sorted key. Uses up the keys."""
    size = len(keys)
    marked, first = np.empty(size, dtype=np.bool_), np.ones(size, dtype=np.bool_)
    low_bits = row_mask << _ONE | _ONE
    before = (
        keys[0] | low_bits
    )  # the largest key of the first group: says that no group begins, which is put right below
    for start in range(0, size, STRETCH):
        part, new = keys[start : start + STRETCH], first[start : start + STRETCH]
        whole = part | low_bits
        np.not_equal(whole[1:], whole[:-1], out=new[1:])
        new[0] = whole[0] != before
        before = whole[-1]
        np.not_equal(part & _ONE, 0, out=marked[start : start + STRETCH])
        part >>= _ONE
        part &= row_mask
    first[0] = True
    return Ascending(keys.view(np.int64), marked, first)


def _put_right(values: FloatArray, found: Ascending) -> None:
    """Sort the rows that share a truncated key by their full value, and mark where full values differ. In place."""
    shared = ~found.first
    shared[:-1] |= shared[1:]
    rows = found.rows[shared]
    full = values[rows]
    if not (full[1:] >= full[:-1]).all():  # keys grow with values, so one sort of all these rows keeps the runs apart
        sorting = np.argsort(full, kind="stable")
        full = full[sorting]
        found.rows[shared] = rows[sorting]
        found.marked[shared] = found.marked[shared][sorting]
    differs = np.ones(len(full), dtype=np.bool_)
    np.not_equal(full[1:], full[:-1], out=differs[1:])
    found.first[shared] |= differs
