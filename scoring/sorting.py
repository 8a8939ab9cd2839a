"""Sorting rows by a float64 value, exactly and fast: the one expensive step of every threshold metric."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_SIGN: Final = np.uint64(1 << 63)
_STRETCH: Final = 1 << 16  # rows looked at together: their arrays stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Ascending:
    """Rows from the lowest value to the highest.

    order   (n,) int64 row numbers
    first   (n,) bool: here in `order` a group of equal values begins
    """

    order: IntArray
    first: BoolArray

    def stretches(self) -> Iterator[slice]:
        """Cut the order into stretches that split no group, of about 65536 rows where groups allow it.

        >>> list(ascending(np.array([2.0, 1.0, 2.0])).stretches())
        [slice(0, 3, None)]
        """
        start, size = 0, len(self.order)
        while start < size:
            stop = min(start + _STRETCH, size)
            if stop < size:
                ahead = self.first[stop:]
                stop = stop + int(ahead.argmax()) if ahead.any() else size
            yield slice(start, stop)
            start = stop


def ascending(values: FloatArray) -> Ascending:
    """Sort finite float64 (n,), n ≥ 1; equal values (also 0.0 and -0.0) form one group, any two others never do.

    A sort of integers that carry the row number in their low bits is 3 to 6 times faster than an argsort of floats. Where
    the range of the values leaves too few high bits, the rows that share a truncated key are put right afterwards from
    their full values, so the result is exact for every input.

    >>> found = ascending(np.array([0.5, 0.1, 0.5, -3.0]))
    >>> found.order.tolist(), found.first.tolist()
    ([3, 1, 0, 2], [True, True, True, False])
    """
    size = len(values)
    keys = _ordered_integers(values)
    row_bits = (size - 1).bit_length()
    row_mask = np.uint64((1 << row_bits) - 1)
    lost_bits = max(0, int(keys.max()).bit_length() + row_bits - 64)
    truncated = lost_bits > 0 and bool((keys & np.uint64((1 << lost_bits) - 1)).any())
    keys >>= np.uint64(lost_bits)
    keys <<= np.uint64(row_bits)
    keys |= np.arange(size, dtype=np.uint64)
    keys.sort()
    first = np.ones(size, dtype=np.bool_)
    for start in range(1, size, _STRETCH):
        stop = min(start + _STRETCH, size)
        np.greater(keys[start:stop], keys[start - 1 : stop - 1] | row_mask, out=first[start:stop])
    keys &= row_mask
    order = keys.view(np.int64)
    if truncated:
        _put_right(values, order, first)
    return Ascending(order, first)


def _ordered_integers(values: FloatArray) -> npt.NDArray[np.uint64]:
    """Unsigned integers in the order of the values, equal exactly where the values are equal; the smallest is 0."""
    bits = (values + 0.0).view(np.uint64)  # + 0.0 turns -0.0 into 0.0, and copies
    if values.min() < 0:
        negative = bits >= _SIGN
        np.invert(bits, out=bits, where=negative)
        np.bitwise_or(bits, _SIGN, out=bits, where=~negative)
    bits -= bits.min()
    return bits


def _put_right(values: FloatArray, order: IntArray, first: BoolArray) -> None:
    """Sort the rows that share a truncated key by their full value, and mark where full values differ. In place."""
    shared = ~first
    shared[:-1] |= shared[1:]
    rows = order[shared]
    full = values[rows]
    if not (full[1:] >= full[:-1]).all():  # keys grow with values, so one sort of all these rows keeps the runs apart
        sorting = np.argsort(full, kind="stable")
        rows, full = rows[sorting], full[sorting]
        order[shared] = rows
    differs = np.ones(len(full), dtype=np.bool_)
    np.not_equal(full[1:], full[:-1], out=differs[1:])
    first[shared] |= differs
