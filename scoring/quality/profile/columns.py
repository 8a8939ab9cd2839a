"""The state of one column: what all kinds share, and truth values."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.profile.hashing import NAN_HASH, NULL_HASH, HashArray, key, mixed, mixed_fresh, unmixed
from scoring.quality.profile.settings import Kind, Settings
from scoring.quality.profile.tally import IntArray
from scoring.quality.profile.values import CountedValues
from scoring.quality.profile.workspace import Workspace

FEW: Final = 1 << 17
"""Whole numbers in a smaller range are counted by their distance from the smallest."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows on their way into the states.

    frame      the columns as they came, named by position
    cells      what polars made of them, named "position.what"
    examined   (e,) positions of the rows that are examined; None: all
    gaps       for each column (g,) the positions of missing cells; None: none are missing
    """

    frame: pl.DataFrame
    cells: pl.DataFrame
    examined: IntArray | None
    gaps: tuple[IntArray | None, ...]
    room: Workspace

    @property
    def size(self) -> int:
        return self.frame.height


class Counts(Protocol):
    """What is counted over the values of a column."""

    def merge(self, other: Any) -> None: ...


Some = TypeVar("Some", bound=Counts)


class Column(ABC, Generic[Some]):
    """What is known about a column, whatever its kind.

    As long as all its distinct values are kept with their counts, everything else follows from them, and is worked out only
    in the end. Once they are too many, what they say goes into `Some` counts, and every further row is counted there.
    """

    def __init__(self, position: int, kind: Kind, settings: Settings) -> None:
        self.settings = settings
        self.position = position
        self.kind = kind
        self.key = key(settings.seed, f"cells of column {position}")
        self.rows = 0
        self.nulls = 0
        self.not_numbers = 0
        self.examined = 0
        """Cells that digits, characters and looks were counted on."""
        self.values = CountedValues(settings.values)
        self._counts = self._nothing()

    @abstractmethod
    def expressions(self, cells: pl.Series) -> list[pl.Expr]:
        """What polars is to compute of a block, all columns in one pass. Missing cells are to be filled with the largest."""

    @abstractmethod
    def _nothing(self) -> Some:
        """Counts of nothing."""

    @abstractmethod
    def _hashed(self, block: Block) -> HashArray:
        """(n,) the hashes of a block's cells, at least one of which is there; anything at the gaps."""

    @abstractmethod
    def _count_all(self, block: Block, hashes: HashArray, gaps: int) -> None:
        """Count the values of all rows; `gaps` of them are missing."""

    @abstractmethod
    def _count_some(self, block: Block, rows: IntArray) -> None:
        """Count the values of these rows, none of them missing."""

    @abstractmethod
    def _count_kept(self, counts: Some, values: CountedValues) -> None:
        """Count all that is kept, while it is complete."""

    def take(self, block: Block) -> HashArray:
        """Count the block's cells; (n,) their hashes, until the next column is taken."""
        self.rows += block.size
        gaps = block.gaps[self.position]
        missing = 0 if gaps is None else len(gaps)
        self.nulls += missing
        if missing == block.size:
            hashes = block.room.array("hashes", block.size, np.uint64)
            hashes.fill(NULL_HASH)
            return hashes
        hashes = self._hashed(block)
        if gaps is not None:
            hashes[gaps] = NULL_HASH
        self._count_block(block, hashes, missing)
        return hashes

    def _count_block(self, block: Block, hashes: HashArray, gaps: int) -> None:
        left = self.values.add(hashes, block.room, self._spill, texts=self._texts(block))
        if left is None:
            self._count_all(block, hashes, gaps)
        elif len(left):
            self._count_some(block, left[hashes[left] < NAN_HASH])

    def counts(self) -> Some:
        """What the values add up to."""
        if not self.values.complete:
            return self._counts
        found = self._nothing()
        self._count_kept(found, self.values)
        return found

    def merge(self, other: "Column[Some]") -> None:
        """Take in what another has counted, which stays as it is."""
        self.rows += other.rows
        self.nulls += other.nulls
        self.examined += other.examined
        if not (self.values.complete and other.values.complete):
            self._counts = self.counts()
            self._counts.merge(other.counts())
        self.values.merge(other.values, self._spill)

    def _spill(self, values: CountedValues) -> None:
        self._count_kept(self._counts, values)

    def _texts(self, block: Block) -> pl.Series | None:
        """The texts of the block, of a column whose hashes cannot be undone."""
        del block
        return None

    def _chosen(self, block: Block) -> IntArray | None:
        """Positions of the examined cells that are not missing; None: all."""
        gaps = block.gaps[self.position]
        if gaps is None:
            return block.examined
        there = np.ones(block.size, np.bool_)
        there[gaps] = False
        return np.flatnonzero(there) if block.examined is None else block.examined[there[block.examined]]


class PlainCounts(Counts, Protocol):
    """What is counted over values of 64 bits."""

    def add_counted(self, values: npt.NDArray[Any], counts: IntArray) -> None:
        """Count distinct values (d,), in any order, each so often."""


Plain = TypeVar("Plain", bound=PlainCounts)


class PlainColumn(Column[Plain]):
    """A column whose values are 64 bits, so that their hashes give them back."""

    _item: type[Any] = np.int64

    @abstractmethod
    def _whole(self, block: Block) -> npt.NDArray[Any] | None:
        """The values of a block (n,) if they are whole numbers, those missing filled with the largest."""

    def _count_block(self, block: Block, hashes: HashArray, gaps: int) -> None:
        values = self._whole(block) if self.values.complete else None
        if values is None or _span(values) >= FEW:
            super()._count_block(block, hashes, gaps)
            return
        distinct, counts = tallied(values, gaps, block.room)
        few = mixed_fresh(distinct.view(np.uint64), self.key)
        left = self.values.add(few, block.room, self._spill, counts=counts)
        if left is not None and len(left):
            self._counts.add_counted(distinct[left], counts[left])

    def _count_kept(self, counts: Plain, values: CountedValues) -> None:
        hashes, often = values.kept()
        counts.add_counted(self._undone(hashes), often)

    def _undone(self, hashes: HashArray) -> npt.NDArray[Any]:
        """The values that have these hashes."""
        return unmixed(hashes, self.key).view(self._item)


class NoCounts:
    """Of a column whose distinct values tell everything."""

    def merge(self, other: "NoCounts") -> None:
        del other


class BooleanColumn(Column[NoCounts]):
    """Truth values: two at most, so all of them are always kept."""

    def expressions(self, cells: pl.Series) -> list[pl.Expr]:
        return [pl.col(cells.name).cast(pl.UInt64).fill_null(0).alias(f"{self.position}.bits")]

    def _nothing(self) -> NoCounts:
        return NoCounts()

    def _hashed(self, block: Block) -> HashArray:
        return mixed(block.cells[f"{self.position}.bits"].to_numpy(), self.key, *rooms(block))

    def _count_all(self, block: Block, hashes: HashArray, gaps: int) -> None:
        del block, hashes, gaps

    def _count_some(self, block: Block, rows: IntArray) -> None:
        del block, rows

    def _count_kept(self, counts: NoCounts, values: CountedValues) -> None:
        del counts, values

    def value(self, hashes: HashArray) -> list[bool]:
        """The values that have these hashes."""
        found: list[bool] = unmixed(hashes, self.key).astype(np.bool_).tolist()
        return found


def rooms(block: Block) -> tuple[HashArray, HashArray]:
    """Where the hashes of a block go, and an array that may be overwritten meanwhile."""
    return block.room.array("hashes", block.size, np.uint64), block.room.array("folded", block.size, np.uint64)


def _span(values: npt.NDArray[Any]) -> int:
    return int(values.max()) - int(values.min())


def tallied(values: npt.NDArray[Any], gaps: int, room: Workspace) -> tuple[npt.NDArray[Any], IntArray]:
    """The distinct of whole numbers (n,) ascending, and how often each comes; `gaps` too many are the largest."""
    low = values.min()
    if _span(values) >= FEW:
        distinct, counts = np.unique(values, return_counts=True)
        counts[-1] -= gaps
        return distinct, counts
    above = np.subtract(values, low, out=room.array("above", len(values), values.dtype.type))
    counts = np.bincount(above.view(np.int64))
    counts[-1] -= gaps
    distinct = np.flatnonzero(counts)
    return distinct.astype(values.dtype) + low, counts[distinct]
