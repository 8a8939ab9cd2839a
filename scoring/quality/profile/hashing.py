"""64-bit hashes of cells, rows and row numbers: of the value and a seed alone, never of order, shard, thread or place.

Numbers, dates and truth values are mixed by an invertible function of their 64 bits, so that a hash also gives its value
back and no two values share one. Texts are hashed by polars, whose function is fixed within a version of polars; two
texts share a hash with probability 2⁻⁶⁴.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

HashArray = npt.NDArray[np.uint64]
IntArray = npt.NDArray[np.int64]

NULL_HASH: Final = np.uint64(2**64 - 1)
"""Stands for a missing cell. One value in 2⁶⁴ has it too and is then taken for missing where distinct values are counted."""
NAN_HASH: Final = np.uint64(2**64 - 2)
"""Stands for not-a-number, whatever its bits; only of floats."""

_MASK: Final = 2**64 - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15
_FIRST, _SECOND = 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53  # as in MurmurHash3's last step; odd, so invertible
_MULTIPLY_FIRST, _MULTIPLY_SECOND = np.uint64(_FIRST), np.uint64(_SECOND)
_UNDO_FIRST, _UNDO_SECOND = (np.uint64(pow(odd, -1, 2**64)) for odd in (_FIRST, _SECOND))
_FOLD: Final = np.uint64(33)  # more than half, so that folding twice undoes it
_AT_ONCE: Final = 1 << 14  # stays in the cache nearest to the core


def key(seed: int, purpose: str) -> int:
    """A 64-bit number for each purpose, from one seed, so that samples for different purposes are independent.

    >>> key(0, "rows") != key(0, "cells"), key(0, "rows") != key(1, "rows")
    (True, True)
    """
    found = seed & _MASK
    for byte in purpose.encode():
        found = ((found ^ byte) * _GOLDEN) & _MASK
        found ^= found >> 29
    return found * _SECOND & _MASK


def mixed(bits: HashArray, with_key: int, out: HashArray, room: HashArray) -> HashArray:
    """The hashes (n,) of n patterns of 64 bits, written to `out`; `room` is overwritten. Invertible: see `unmixed`.

    The high bits of the result, by which values are chosen and found, depend evenly on every bit of the value: one
    multiplication, or none of the folds, was not enough for floats whose last bits are zero. Written into given arrays,
    because fresh ones of this size cost more in page faults than the arithmetic.
    """
    secret = np.uint64(with_key)
    for start in range(0, len(bits), _AT_ONCE):
        some, folded = out[start : start + _AT_ONCE], room[: len(out) - start][:_AT_ONCE]
        np.bitwise_xor(bits[start : start + _AT_ONCE], secret, out=some)
        for multiplier in (_MULTIPLY_FIRST, _MULTIPLY_SECOND):
            np.right_shift(some, _FOLD, out=folded)
            np.bitwise_xor(some, folded, out=some)
            np.multiply(some, multiplier, out=some)
    return out


def mixed_fresh(bits: HashArray, with_key: int) -> HashArray:
    """As `mixed`, into a new array.

    >>> hashes = mixed_fresh(np.arange(3, dtype=np.uint64), 7)
    >>> unmixed(hashes, 7).tolist()
    [0, 1, 2]
    """
    return mixed(bits, with_key, np.empty_like(bits), np.empty_like(bits))


def unmixed(hashes: HashArray, with_key: int) -> HashArray:
    """The patterns of 64 bits that have these hashes."""
    bits = hashes * _UNDO_SECOND
    bits ^= bits >> _FOLD
    bits *= _UNDO_FIRST
    bits ^= bits >> _FOLD
    bits ^= np.uint64(with_key)
    return bits


def row_number_hashes(first_row: int, size: int, with_key: int) -> HashArray:
    """(size,) a hash of each row number from `first_row` on: a uniform sample of rows is those with the smallest."""
    return mixed_fresh(np.arange(first_row, first_row + size, dtype=np.uint64), with_key)
