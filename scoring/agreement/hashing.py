"""An order that depends on a seed and on each code alone: the same rows are drawn, however the table is sorted or split."""

from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.sorting import IntArray

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)


def scramble(codes: IntArray, seed: int = 0) -> npt.NDArray[np.uint64]:
    """(n,) uint64: a different number for every code, in no order. The finalizer of SplitMix64.

    Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195. For one seed no two codes share a number.

    >>> hex(int(scramble(np.array([0]), seed=0)[0]))
    '0xe220a8397b1dcdaf'
    """
    start = (seed * 0xD1342543DE82EF95 + 1) * int(_STEP) & 0xFFFFFFFFFFFFFFFF
    mixed = codes.astype(np.uint64) * _STEP + np.uint64(start)  # unsigned arrays wrap around
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    return mixed ^ (mixed >> np.uint64(31))
