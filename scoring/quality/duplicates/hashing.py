"""64-bit hashing in whole-array arithmetic: the same bits on every machine."""

from typing import Final

import numpy as np
import numpy.typing as npt

HashArray = npt.NDArray[np.uint64]

_GOLDEN: Final = 0x9E3779B97F4A7C15
_ROUNDS: Final = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB))
_STRETCH: Final = 1 << 14  # words worked on together: 128 KB stay in the cache
_64_BITS: Final = (1 << 64) - 1


def mix(words: HashArray) -> HashArray:
    """Each word scattered over all 64 bits, one to one: the output function of SplitMix64 (Steele, Lea and Flood 2014,
    doi:10.1145/2660193.2660195). Any shape, left alone.

    >>> mix(np.array([_GOLDEN], dtype=np.uint64)).tolist()  # the generator's first number from seed 0
    [16294208416658607535]
    """
    mixed = np.array(words, order="C")
    flat = mixed.reshape(-1)
    for start in range(0, len(flat), _STRETCH):
        part = flat[start : start + _STRETCH]
        for shift, factor in _ROUNDS:
            part ^= part >> np.uint64(shift)
            part *= np.uint64(factor)
        part ^= part >> np.uint64(31)
    return mixed


def salts(seed: int, count: int) -> HashArray:
    """`count` words of the SplitMix64 stream of a seed: which hash function is meant. Any whole seed, taken modulo 2⁶⁴."""
    start = np.uint64(seed & _64_BITS)
    return mix(start + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_GOLDEN))
