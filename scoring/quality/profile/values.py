"""The distinct values of a column: exact up to a capacity, beyond it a uniform sample of the values with exact counts.

Kept are the values whose hashes are smallest (a bottom-k or KMV sketch, Bar-Yossef et al. 2002, doi:10.1007/3-540-45726-7_1).
A value that is kept at the end was among the smallest at every moment, so its count is exact; and what is kept depends on
the values alone. The number of distinct values is then estimated by (k - 1) / U, U the k-th smallest hash as a share of all
hashes: unbiased, with a relative standard error of 1/√(k - 2) (Beyer et al. 2007, doi:10.1145/1247480.1247504).
"""

from collections.abc import Callable
from math import sqrt
from typing import Final

import numpy as np
import polars as pl

from scoring.quality.profile.hashing import NAN_HASH, HashArray
from scoring.quality.profile.tally import IntArray, Tally
from scoring.quality.profile.workspace import Workspace

LONGEST_TEXT: Final = 80
"""Characters of a text that are kept to show it."""
_NO_TEXTS: Final = pl.DataFrame(schema={"hash": pl.UInt64, "text": pl.String, "length": pl.UInt32})
Spill = Callable[["CountedValues"], None]
"""Told that not all values can be kept any more, as long as all that were counted still are."""


class CountedValues:
    """Counts of hashed values; at most `capacity` (≥ 3) of them are kept. NULL_HASH and NAN_HASH are no values.

    Texts and their lengths are kept beside their hashes as long as all values are: a hash does not give a text back.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._tally = Tally("hashes")
        self.limit: np.uint64 | None = None  # the largest hash that may be kept; None as long as all values are kept
        self._waiting: list[HashArray] = []  # hashes up to the limit, not yet counted
        self._texts: list[pl.DataFrame] = []
        self._untidy = False

    @property
    def complete(self) -> bool:
        """Whether every value is kept."""
        return self.limit is None

    def add(
        self,
        hashes: HashArray,
        room: Workspace,
        spill: Spill,
        *,
        texts: pl.Series | None = None,
        counts: IntArray | None = None,
    ) -> IntArray | None:
        """Count the hashes (n,) of rows.

        texts    (n,) for columns whose hashes cannot be undone
        counts   (n,) how many rows each hash stands for; the hashes are distinct then

        Returns the positions of the rows that the kept values do not tell all about: none as long as every value is kept, the
        rows not counted when `spill` was called, and from then on all rows, for which it says None.
        """
        if self.limit is None:

            def learnt(positions: IntArray) -> None:
                if texts is not None:
                    self._remember(hashes, positions, texts)

            most = self._capacity + 2  # the two that are no values may be among them
            left = self._tally.add(hashes, room, counts=counts, most=most, learnt=learnt)
            if self._size() <= self._capacity:
                return left
            spill(self)
            self._settle()
            self._add_below(hashes[left] if counts is None else np.repeat(hashes[left], counts[left]), room)
            return left
        self._add_below(hashes if counts is None else np.repeat(hashes, counts), room)
        return None

    def merge(self, other: "CountedValues", spill: Spill) -> None:
        """Take in another's values; `spill` is called when both had all of theirs and together they are too many."""
        self._settle()
        self._tally.include(*other.kept())
        self._texts, self._untidy = [*self._texts, other.texts()], True
        self.texts()
        limits = [one.limit for one in (self, other) if one.limit is not None]
        if not limits and self._size() > self._capacity:
            spill(self)
        self.limit = min(limits) if limits else None
        self._settle()

    def kept(self) -> tuple[HashArray, IntArray]:
        """Hashes (d,) ascending and counts (d,) of the kept values."""
        if self._waiting:
            self._settle()
        size = self._size()
        return self._tally.keys[:size], self._tally.counts[:size]

    def texts(self) -> pl.DataFrame:
        """hash, text (shortened) and length of every value, by ascending hash, while complete."""
        if self._untidy:
            # of two texts with the same hash, which is one pair in 2⁶⁴, the first in order stays
            together = pl.concat(self._texts).sort("hash", "text", "length")
            self._texts = [together.unique("hash", keep="first", maintain_order=True)]
            self._untidy = False
        return self._texts[0] if self._texts else _NO_TEXTS

    def distinct(self) -> float:
        """How many distinct values there are: exact while complete, else estimated."""
        hashes, _ = self.kept()
        return float(len(hashes)) if self.complete else (len(hashes) - 1) / self._share_kept()

    def once(self) -> float:
        """How many values come exactly once: exact while complete, else estimated."""
        _, counts = self.kept()
        found = float(np.count_nonzero(counts == 1))
        return found if self.complete else found / len(counts) * self.distinct()

    def relative_error(self) -> float:
        """The standard error of `distinct` as a share of it."""
        return 0.0 if self.complete else 1 / sqrt(self._capacity - 2)

    def __getstate__(self) -> dict[str, object]:
        self._settle()
        self.texts()
        return self.__dict__.copy()

    def _share_kept(self) -> float:
        assert self.limit is not None
        return (int(self.limit) + 1) / 2**64

    def _size(self) -> int:
        """The number of values; the two hashes that stand for none are the largest."""
        return int(np.searchsorted(self._tally.keys, NAN_HASH))

    def _add_below(self, hashes: HashArray, room: Workspace) -> None:
        """Count hashes up to the limit."""
        assert self.limit is not None
        below = np.less_equal(hashes, self.limit, out=room.array("below", len(hashes), np.bool_))
        hashes = hashes[np.flatnonzero(below)]
        self._waiting.append(hashes[self._tally.count_known(hashes, room)])
        if sum(map(len, self._waiting)) > self._capacity:
            self._settle()

    def _settle(self) -> None:
        """Count what waits, and forget what is above the limit or beyond the capacity."""
        again = self.limit is not None and self._tally.fast
        if self._waiting:
            waiting, self._waiting = np.concatenate(self._waiting), []
            hashes, counts = self._smallest(waiting)
            again |= 2 * int(np.count_nonzero(self._tally.include(hashes, counts))) < len(hashes)
        if self.limit is None and self._size() <= self._capacity:
            return
        keys = self._tally.keys
        within = len(keys) if self.limit is None else int(np.searchsorted(keys, self.limit, side="right"))
        within = min(within, self._capacity)
        if within < len(keys):
            self._tally.keep(within)
        if within == self._capacity:
            self.limit = self._tally.keys[-1]
        if again:  # most of what comes has been kept before
            self._tally.know_all()
        self._texts, self._untidy = [], False

    def _smallest(self, waiting: HashArray) -> tuple[HashArray, IntArray]:
        """The distinct hashes and their counts; of very many only the smallest, as many as can be kept: a sort costs most."""
        enough = 2 * self._capacity
        if len(waiting) > enough + self._capacity:
            some = waiting[waiting <= np.partition(waiting, enough)[enough]]
            hashes, counts = np.unique(some, return_counts=True)
            if len(hashes) >= self._capacity:
                return hashes, counts
        return np.unique(waiting, return_counts=True)

    def _remember(self, hashes: HashArray, positions: IntArray, texts: pl.Series) -> None:
        positions = positions[hashes[positions] < NAN_HASH]
        new = pl.col(texts.name).gather(pl.Series(positions))
        found = texts.to_frame().select(new.str.head(LONGEST_TEXT).alias("text"), new.str.len_chars().alias("length"))
        kept = {"hash": hashes[positions], "text": copied(found["text"]), "length": found["length"]}
        self._texts.append(pl.DataFrame(kept))
        self._untidy = True
        if len(self._texts) > 64:
            self.texts()


def copied(texts: pl.Series) -> pl.Series:
    """The same texts in memory of their own: a few of them would otherwise keep the whole block they are from."""
    return pl.Series(texts.name, texts.to_arrow(), pl.String)
