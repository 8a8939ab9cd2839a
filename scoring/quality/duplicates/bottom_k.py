"""The rate of equal rows of a set of any size, in constant memory and for any division into shards."""

from math import sqrt
from typing import Final, NamedTuple

import numpy as np

from scoring.quality.duplicates.hashing import HashArray
from scoring.sorting import IntArray

SIZE: Final = 1 << 16
_COUNTERS: Final = 1 << 16
_TOO_FAR: Final = 5  # standard errors
_WHOLE: Final = 2.0**64


class DuplicateRate(NamedTuple):
    """value: 1 - distinct / N, 0 … 1. standard_error: of the value; 0 where every row was counted."""

    value: float
    standard_error: float


class BottomK:
    """The k smallest different hashes of rows, each with its first row and how often it came; and rows by hash modulo 65 536.

    A hash that is among the k smallest in the end was so in every shard, so its count is exact, and merging is exact: any
    division of the rows into shards, updated and merged in any order, ends in the same bytes (bottom-k sketches: Cohen and
    Kaplan 2007, doi:10.1145/1281100.1281133). 24 bytes for each kept hash and 512 KB of counters: 2 MB.

    >>> state = BottomK(size=4)
    >>> state.update(np.array([9, 5, 9, 7], dtype=np.uint64), first_row=0)
    >>> state.rate()
    DuplicateRate(value=0.25, standard_error=0.0)
    >>> state.examples(3)
    [(0, 2)]
    """

    def __init__(self, size: int = SIZE) -> None:
        if size < 2:
            raise ValueError(f"A sample of {size} hashes is too small; it needs at least 2.")
        self.size = size
        self.rows = 0
        self.overflowed = False
        self.hashes: HashArray = np.empty(0, dtype=np.uint64)
        self.counts: IntArray = np.empty(0, dtype=np.int64)
        self.first_rows: IntArray = np.empty(0, dtype=np.int64)
        self.by_remainder: IntArray = np.zeros(_COUNTERS, dtype=np.int64)

    def update(self, hashes: HashArray, first_row: int) -> None:
        """Add rows (n,) uint64, evenly spread over 64 bits as `row_hashes` are; the first of them is row `first_row`."""
        self.rows += len(hashes)
        self.by_remainder += np.bincount((hashes & np.uint64(_COUNTERS - 1)).astype(np.int64), minlength=_COUNTERS)
        rows = np.arange(first_row, first_row + len(hashes), dtype=np.int64)
        if len(self.hashes) == self.size:
            near = hashes <= self.hashes[-1]
            self.overflowed |= not bool(near.all())
            hashes, rows = hashes[near], rows[near]
        self._add(hashes, np.ones(len(hashes), dtype=np.int64), rows)

    def merge(self, other: "BottomK") -> None:
        """Add all that another state of the same size has seen. ValueError for another size."""
        if other.size != self.size:
            raise ValueError(f"States of {self.size} and of {other.size} hashes cannot be merged.")
        self.rows += other.rows
        self.by_remainder += other.by_remainder
        self.overflowed |= other.overflowed
        self._add(other.hashes, other.counts, other.first_rows)

    def rate(self) -> DuplicateRate:
        """The rate of rows that repeat an earlier one, with its standard error. Exact while no hash had to go.

        With the k-th smallest hash as threshold τ (as a share of all hashes), the k - 1 hashes below it are a sample in
        which every different row is with probability τ: they estimate the number of different rows, D̂ = (k - 1)/τ, and that
        of all rows, N̂ = Σ counts/τ. N is known, so D̂ - β(N̂ - N) is better than D̂; β = N/F₂ is best, F₂ = Σ counts² over all
        different rows, which the rows by remainder give (Var of a counter = F₂/65 536). The variance is then (D̂ - N²/F₂)/τ:
        next to nothing where hardly a row repeats, and honest where few rows repeat very often, whom the sample would miss.
        Where N̂ is impossibly far from N, the repeated rows have been chosen by their hashes, and D̂ alone is taken.
        """
        if not self.rows:
            return DuplicateRate(0.0, 0.0)
        if not self.overflowed:
            return DuplicateRate(1 - len(self.hashes) / self.rows, 0.0)
        threshold = float(self.hashes[-1]) / _WHOLE
        sampled = float(self.counts[:-1].sum()) / threshold
        found = (self.size - 1) / threshold
        squares = self._squares()
        unsure = 1.0
        if abs(sampled - self.rows) <= _TOO_FAR * sqrt(squares / threshold):
            found = min(max(found - self.rows / squares * (sampled - self.rows), len(self.hashes)), self.rows)
            noise = sqrt(2 / _COUNTERS)  # relative standard error of the squares
            unsure = min(max(1 - self.rows**2 / (found * squares), 0.0) + noise, 1.0)
        return DuplicateRate(max(1 - found / self.rows, 0.0), sqrt(unsure * found / threshold) / self.rows)

    def examples(self, count: int) -> list[tuple[int, int]]:
        """(first row, rows) of the `count` most repeated rows of the sample, the earlier first where equal."""
        order = np.lexsort((self.first_rows, -self.counts))[:count]
        return [(int(self.first_rows[at]), int(self.counts[at])) for at in order if self.counts[at] > 1]

    def to_bytes(self) -> bytes:
        """All of the state, for comparing states. Little-endian."""
        numbers = np.array([self.size, self.rows, self.overflowed], dtype="<i8")
        parts = (numbers, self.hashes, self.counts, self.first_rows, self.by_remainder)
        return b"".join(part.astype(part.dtype.newbyteorder("<")).tobytes() for part in parts)

    def _add(self, hashes: HashArray, counts: IntArray, rows: IntArray) -> None:
        if not len(hashes):
            return
        every = np.concatenate([self.hashes, hashes])
        order = np.argsort(every, kind="stable")
        every = every[order]
        starts = np.flatnonzero(np.concatenate([[True], every[1:] != every[:-1]]))
        self.overflowed |= len(starts) > self.size
        self.hashes = every[starts][: self.size]
        self.counts = np.add.reduceat(np.concatenate([self.counts, counts])[order], starts)[: self.size]
        self.first_rows = np.minimum.reduceat(np.concatenate([self.first_rows, rows])[order], starts)[: self.size]

    def _squares(self) -> float:
        """Σ counts² over all different rows, at least N."""
        away = self.by_remainder - self.rows / _COUNTERS
        return max(float((away**2).sum()) / (1 - 1 / _COUNTERS), float(self.rows))
