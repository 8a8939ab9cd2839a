"""Vectors as small whole numbers, compared exactly.

A unit vector is kept as int8, its largest part at 127: a quarter of the memory of float32. Products of such numbers and
their sums stay below 2^24, so float32 arithmetic on them rounds nothing: a cosine does not depend on the order of rows,
on where a row lies in memory or on the machine's threads. Half floats would need twice the memory and, without
arithmetic of their own in most processors, many times as long.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import isqrt, sqrt

import numpy as np
import numpy.typing as npt

BLOCK = 2048
"""Rows that are widened to float32 at a time: 4 MB of 512 numbers."""


def levels(dimension: int) -> int:
    """The largest whole number that keeps a sum of `dimension` products exact in float32."""
    return min(127, isqrt(2**24 // dimension))


def whole_numbers(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.int8]:
    """Vectors (n, d) as int8 (n, d), each by its own scale, which a cosine does not need; zeros stay zeros. ValueError
    if not finite.
    """
    if not np.isfinite(vectors).all():
        raise ValueError("a vector is not finite")
    largest = np.abs(vectors).max(axis=1, keepdims=True, initial=0)
    scaled = vectors.astype(np.float64) / np.where(largest > 0, largest, 1)
    return np.rint(scaled * levels(vectors.shape[1])).astype(np.int8)


class Vectors:
    """Rows of int8 vectors, in blocks of which all but the last are full. A row of zeros stands for a vector that is
    not there.
    """

    def __init__(self, dimension: int, stored: npt.NDArray[np.int8] | None = None) -> None:
        """With `stored` (n, dimension), which may be a memory map: only blocks that grow are copied."""
        self.dimension = dimension
        rows = stored if stored is not None else np.empty((0, dimension), dtype=np.int8)
        self._blocks = [rows[start : start + BLOCK] for start in range(0, len(rows), BLOCK)]
        self._lengths = [_lengths(block) for block in self._blocks]

    def __len__(self) -> int:
        return sum(map(len, self._blocks))

    @property
    def nbytes(self) -> int:
        return sum(block.nbytes for block in self._blocks)

    def append(self, rows: npt.NDArray[np.int8]) -> None:
        """Rows (k, dimension) after those there are."""
        if self._blocks and len(self._blocks[-1]) < BLOCK:
            rows = np.concatenate([self._blocks.pop(), rows])
            self._lengths.pop()
        for start in range(0, len(rows), BLOCK):
            self._blocks.append(rows[start : start + BLOCK])
            self._lengths.append(_lengths(self._blocks[-1]))

    def put(self, rows: npt.NDArray[np.intp], vectors: npt.NDArray[np.int8]) -> None:
        """Vectors (k, dimension) in the place of those of these rows, ascending. Blocks are replaced, not written into:
        they may be a memory map.
        """
        for number, at in self._by_block(rows):
            block = self._blocks[number].copy()
            block[rows[at] - number * BLOCK] = vectors[at]
            self._blocks[number], self._lengths[number] = block, _lengths(block)

    def taken(self, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.int8]:
        """The vectors (k, dimension) of those rows, ascending."""
        parts = [self._blocks[number][rows[at] - number * BLOCK] for number, at in self._by_block(rows)]
        return np.concatenate(parts) if parts else np.empty((0, self.dimension), dtype=np.int8)

    def there(self) -> npt.NDArray[np.bool_]:
        """Which rows (n,) have a vector."""
        return np.concatenate(self._lengths) > 0 if self._lengths else np.empty(0, dtype=np.bool_)

    def has(self, row: int) -> bool:
        """Whether that row has a vector."""
        return bool(self._lengths[row // BLOCK][row % BLOCK] > 0)

    def cosines(self, query: npt.NDArray[np.int8], rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        """Cosines (k,) of a vector (dimension,) with those rows, ascending; 0 where either is zeros."""
        wanted = query.astype(np.float32)
        length = sqrt(float(wanted @ wanted))
        found = np.zeros(len(rows))
        if not length:
            return found
        wide = np.empty((BLOCK, self.dimension), dtype=np.float32)
        for number, at in self._by_block(rows):
            block, lengths, local = self._blocks[number], self._lengths[number], rows[at] - number * BLOCK
            few = 2 * len(local) < len(block)
            size = len(local) if few else len(block)
            np.copyto(wide[:size], block[local] if few else block)
            dots = np.einsum("ij,j->i", wide[:size], wanted)  # not BLAS: its threads cost more than they bring
            found[at] = (dots if few else dots[local]) / (np.maximum(lengths[local], 1) * length)
        return found

    def _by_block(self, rows: npt.NDArray[np.intp]) -> Sequence[tuple[int, slice]]:
        """Which blocks hold some of the rows, and where in `rows` those are."""
        edges = np.searchsorted(rows, np.arange(len(self._blocks) + 1) * BLOCK)
        return [(number, slice(int(a), int(b))) for number, (a, b) in enumerate(pairwise(edges)) if a < b]


def _lengths(block: npt.NDArray[np.int8]) -> npt.NDArray[np.float64]:
    squares = np.square(block.astype(np.int32)).sum(axis=1, dtype=np.int64)
    lengths: npt.NDArray[np.float64] = np.sqrt(squares.astype(np.float64))
    return lengths
