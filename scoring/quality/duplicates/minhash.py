"""MinHash signatures of sets (Broder 1997, doi:10.1109/SEQUEN.1997.666900) in NumPy, and their bands.

One permutation is the multiplication of a well-mixed 32-bit hash by an odd number modulo 2³². A library that hands its
signatures out as Python numbers spends more on that than this costs, and its next version may sign differently.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from scoring.quality.duplicates.buckets import TableKeys
from scoring.quality.duplicates.hashing import HashArray, mix, salts
from scoring.sorting import IntArray

SignatureArray = npt.NDArray[np.uint32]

PERMUTATIONS: Final = 128  # at most
_FOUND: Final = 0.995
_AT_ONCE: Final = 1024  # shingles permuted together: the products stay in the cache
_PADDING: Final = 16  # texts are signed together while the longest is at most 1/16 longer than the shortest


@dataclass(frozen=True, slots=True)
class Bands:
    """`count` bands of `rows` minima each. Two sets of Jaccard index J share a band with probability 1 - (1 - J^rows)^count.

    >>> Bands.reaching(0.5), Bands.reaching(0.8)
    (Bands(count=42, rows=3), Bands(count=21, rows=6))
    >>> round(Bands.reaching(0.5).found(0.5), 4)
    0.9963
    """

    count: int
    rows: int

    @property
    def permutations(self) -> int:
        return self.count * self.rows

    def found(self, jaccard: float) -> float:
        """The probability that two sets share a band."""
        return float(1 - (1 - jaccard**self.rows) ** self.count)

    @classmethod
    @lru_cache(maxsize=64)
    def reaching(cls, threshold: float) -> Self:
        """The most selective bands of at most 128 minima that find pairs *at* the threshold with probability ≥ 0.995."""
        layouts = (cls(PERMUTATIONS // rows, rows) for rows in range(PERMUTATIONS, 0, -1))
        return next(bands for bands in layouts if bands.found(threshold) >= _FOUND)


def signatures(codes: HashArray, offsets: IntArray, permutations: int, seed: int) -> SignatureArray:
    """The minima of n sets under `permutations` permutations: (n, permutations) uint32.

    codes     (t,) uint64, set after set; repetitions within a set do not matter
    offsets   (n + 1,) int64; no set is empty
    """
    salt, *words = salts(seed, permutations + 1)
    factors = np.array(words, dtype=np.uint64).astype(np.uint32) | np.uint32(1)
    hashes = (mix(codes ^ salt) >> np.uint64(32)).astype(np.uint32)
    sizes = np.diff(offsets)
    order = np.argsort(sizes, kind="stable")
    signed = np.empty((len(sizes), permutations), dtype=np.uint32)
    for batch in _alike(sizes[order]):
        rows = order[batch]
        width = int(sizes[rows[-1]])
        steps = np.minimum(np.arange(width), sizes[rows, None] - 1)  # shorter sets repeat their last
        places = offsets[rows, None] + steps
        signed[rows] = _minima(hashes[places], factors)
    return signed


def band_keys(signed: SignatureArray, bands: Bands) -> TableKeys:
    """A 32-bit key of each set in each band: (bands.count, n) uint32."""
    parts = signed.reshape(len(signed), bands.count, bands.rows)
    keys = np.zeros((len(signed), bands.count), dtype=np.uint32)
    for row in range(bands.rows):
        keys ^= parts[:, :, row]
        keys *= np.uint32(0x9E3779B1)
        keys ^= keys >> np.uint32(15)
    return np.ascontiguousarray(keys.T)


def _alike(sizes: IntArray) -> list[slice]:
    """Batches of ascending sizes: nearly equal, and not too many."""
    batches: list[slice] = []
    start = 0
    while start < len(sizes):
        widest = int(sizes[start]) + int(sizes[start]) // _PADDING
        stop = int(np.searchsorted(sizes, widest, side="right"))
        step = max(_AT_ONCE // widest, 1)
        batches += [slice(low, min(low + step, stop)) for low in range(start, stop, step)]
        start = stop
    return batches


def _minima(hashes: SignatureArray, factors: SignatureArray) -> SignatureArray:
    """(sets, width) hashes → (sets, permutations) minima, a stretch of the width at a time."""
    found: SignatureArray = (hashes[:, :_AT_ONCE, None] * factors).min(axis=1)
    for start in range(_AT_ONCE, hashes.shape[1], _AT_ONCE):
        np.minimum(found, (hashes[:, start : start + _AT_ONCE, None] * factors).min(axis=1), out=found)
    return found
