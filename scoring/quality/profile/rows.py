"""What is known about whole rows: a sample of distinct rows, a uniform sample of cells, and what is missing together."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.profile.hashing import HashArray
from scoring.quality.profile.tally import IntArray
from scoring.quality.profile.values import copied


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of r rows.

    rows     (r,) hashes of the row numbers
    hashes   (c, r) of all columns
    texts    (r,) by position of the column, of columns of texts
    """

    rows: HashArray
    hashes: HashArray
    texts: dict[int, pl.Series]


class DistinctRows:
    """A uniform sample of the distinct rows: those with the smallest row hashes, each with its first row number."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._hashes: HashArray = np.empty(0, np.uint64)
        self._rows: IntArray = np.empty(0, np.int64)
        self._waiting: list[tuple[HashArray, IntArray]] = []

    def add(self, hashes: HashArray, first_row: int) -> None:
        """Rows `first_row` and on, by their hashes (n,)."""
        full = len(self._hashes) == self._size
        chosen = np.flatnonzero(hashes <= self._hashes[-1]) if full else np.arange(len(hashes))
        self._waiting.append((hashes[chosen], chosen + first_row))
        if sum(len(waiting) for waiting, _ in self._waiting) > self._size:
            self._settle()

    def merge(self, other: "DistinctRows") -> None:
        self._waiting.append(other.kept())
        self._settle()

    def kept(self) -> tuple[HashArray, IntArray]:
        """Hashes (k,) ascending, and row numbers (k,)."""
        self._settle()
        return self._hashes, self._rows

    def __getstate__(self) -> dict[str, object]:
        self._settle()
        return self.__dict__.copy()

    def _settle(self) -> None:
        if self._waiting:
            hashes = np.concatenate([self._hashes, *(hashes for hashes, _ in self._waiting)])
            rows = np.concatenate([self._rows, *(rows for _, rows in self._waiting)])
            self._waiting = []
            order = np.lexsort((rows, hashes))
            hashes, rows = hashes[order], rows[order]
            first = np.append(True, hashes[1:] != hashes[:-1])[: len(hashes)]
            self._hashes, self._rows = hashes[first][: self._size].copy(), rows[first][: self._size].copy()


class UniformCells:
    """The cells of a uniform sample of rows, by hash and, where a hash does not give the text back, as text.

    The rows are those with the smallest hashes of their row numbers.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: list[Cells] = []
        self._limit: np.uint64 | None = None  # the largest hash in the sample, once it is full

    def choose(self, row_hashes: HashArray) -> IntArray:
        """Positions of the rows of a block that may belong to the sample, by the hashes of their numbers."""
        limit = self._limit
        if limit is None and len(row_hashes) > self._size:
            limit = np.partition(row_hashes, self._size - 1)[self._size - 1]
        return np.arange(len(row_hashes)) if limit is None else np.flatnonzero(row_hashes <= limit)

    def add(self, cells: Cells) -> None:
        """The chosen rows of a block."""
        if len(cells.rows):
            self._kept.append(cells)
            if sum(len(cells.rows) for cells in self._kept) > (1 if self._limit is None else 2) * self._size:
                self._settle()

    def merge(self, other: "UniformCells") -> None:
        found = other.kept()
        self._kept += [] if found is None else [found]
        self._settle()

    def kept(self) -> Cells | None:
        """The sample, by ascending hash of the row number; None of no rows."""
        self._settle()
        return self._kept[0] if self._kept else None

    def __getstate__(self) -> dict[str, object]:
        self._settle()
        return self.__dict__.copy()

    def _settle(self) -> None:
        if not self._kept:
            return
        rows = np.concatenate([cells.rows for cells in self._kept])
        order = np.argsort(rows)[: self._size]
        hashes = np.concatenate([cells.hashes for cells in self._kept], axis=1)[:, order]
        texts = {
            place: pl.concat([cells.texts[place] for cells in self._kept]).gather(order).rechunk()
            for place in self._kept[0].texts
        }
        self._kept = [Cells(rows[order], hashes, {place: copied(text) for place, text in texts.items()})]
        if len(order) == self._size:
            self._limit = self._kept[0].rows[-1]


class MissingTogether:
    """In how many rows two columns are both missing, for the first `columns` columns."""

    _WORD: Final = 8

    def __init__(self, columns: int) -> None:
        self.counts = np.zeros((columns, columns), np.int64)

    def add(self, gaps: tuple[IntArray | None, ...], size: int) -> None:
        """A block of `size` rows, by the positions of the missing cells of each column."""
        columns = [place for place, gap in enumerate(gaps[: len(self.counts)]) if gap is not None]
        bits = np.zeros((len(columns), -(-size // 64) * self._WORD), np.uint8)
        row = np.zeros(size, np.bool_)
        for line, place in enumerate(columns):
            gap = gaps[place]
            assert gap is not None
            row[gap] = True
            packed = np.packbits(row)
            bits[line, : len(packed)] = packed
            row[gap] = False
        words = bits.view(np.uint64)
        for line, place in enumerate(columns):
            both = np.bitwise_count(words[line:] & words[line]).sum(axis=1, dtype=np.int64)
            self.counts[place, columns[line:]] += both

    def merge(self, other: "MissingTogether") -> None:
        self.counts += other.counts

    def whole(self) -> npt.NDArray[np.int64]:
        """(c, c) symmetric; on the diagonal the missing cells of each column."""
        return np.triu(self.counts) + np.triu(self.counts, 1).T
