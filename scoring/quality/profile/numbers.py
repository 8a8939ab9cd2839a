"""The state of a column of numbers."""

from math import isfinite
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.profile.buckets import LogBuckets
from scoring.quality.profile.columns import Block, Column, PlainColumn, rooms
from scoring.quality.profile.digits import DigitCounts
from scoring.quality.profile.hashing import NAN_HASH, HashArray, mixed
from scoring.quality.profile.moments import ExactSums
from scoring.quality.profile.sentinels import NUMBERS
from scoring.quality.profile.settings import Kind, Settings
from scoring.quality.profile.tally import IntArray
from scoring.quality.profile.workspace import Workspace

NumberArray = npt.NDArray[Any]
"""float64 without -0.0, int64 or uint64, all of one column alike."""

_ITEMS: Final[dict[Kind, type[Any]]] = {"number": np.float64, "integer": np.int64, "unsigned": np.uint64}
_SENTINELS: Final = np.array(sorted(NUMBERS))


class NumberCounts:
    """What is counted over numbers."""

    def __init__(self, most_buckets: int) -> None:
        self.smallest: float | int | None = None
        self.largest: float | int | None = None
        """Of the finite values."""
        self.zeros = self.negatives = self.infinite = self.minus_infinite = 0
        self.sums = ExactSums()
        self.buckets = LogBuckets(most_buckets)
        self.sentinels: dict[float, int] = {}

    def add(self, values: NumberArray, room: Workspace) -> None:
        """Count numbers (n,), which may be infinite."""
        if values.dtype == np.float64 and not np.isfinite(values).all():
            self.infinite += int(np.count_nonzero(values == np.inf))
            self.minus_infinite += int(np.count_nonzero(values == -np.inf))
            values = values[np.isfinite(values)]
        if len(values):
            self.add_finite(values, values.min().item(), values.max().item(), 0, room)

    def add_finite(self, values: NumberArray, low: float, high: float, gaps: int, room: Workspace) -> None:
        """Count finite numbers (n,), n > 0, from low to high, of which `gaps` too many are the largest."""
        self._extend(low, high)
        floats = values
        if values.dtype == np.float64:
            self.sums.add(values, room)
        else:
            floats = room.array("values", len(values), np.float64)
            np.copyto(floats, values, casting="unsafe")
            self.sums.add_integers(values, floats, room)
        self.buckets.add(floats, room)
        if gaps:
            self.sums.repeat(high, -gaps)
            self.buckets.repeat(float(high), -gaps)
        if low <= 0 <= high:
            self.zeros += _how_many(floats, 0.0, room) - gaps * (high == 0)
        if low < 0:
            below = np.less(floats, 0.0, out=room.array("equal", len(values), np.bool_))
            self.negatives += int(np.count_nonzero(below)) - gaps * (high < 0)
        within = _SENTINELS[(low <= _SENTINELS) & (high >= _SENTINELS)]
        for sentinel in within[self.buckets.holding(within)].tolist():
            if values.dtype == np.float64 or sentinel.is_integer():
                found = _how_many(values, values.dtype.type(sentinel), room) - gaps * bool(high == sentinel)
                self._add_sentinel(sentinel, found)

    def add_counted(self, values: NumberArray, counts: IntArray) -> None:
        """Count distinct numbers (d,), in any order, each so often; they may be infinite."""
        order = np.argsort(values)
        values, counts = values[order], counts[order]
        floats = values.astype(np.float64)
        self.infinite += int(counts[floats == np.inf].sum())
        self.minus_infinite += int(counts[floats == -np.inf].sum())
        finite = np.isfinite(floats)
        values, counts, floats = values[finite], counts[finite], floats[finite]
        if not len(values):
            return
        self._extend(values[0].item(), values[-1].item())
        self.sums.add_counted(values, counts)
        self.buckets.add(floats, counts=counts)
        self.zeros += int(counts[floats == 0].sum())
        self.negatives += int(counts[floats < 0].sum())
        for sentinel in _SENTINELS[np.isin(_SENTINELS, floats)].tolist():
            if values.dtype == np.float64 or sentinel.is_integer():
                self._add_sentinel(sentinel, int(counts[values == values.dtype.type(sentinel)].sum()))

    def merge(self, other: "NumberCounts") -> None:
        if other.smallest is not None and other.largest is not None:
            self._extend(other.smallest, other.largest)
        self.zeros += other.zeros
        self.negatives += other.negatives
        self.infinite += other.infinite
        self.minus_infinite += other.minus_infinite
        self.sums.merge(other.sums)
        self.buckets.merge(other.buckets)
        for sentinel, count in other.sentinels.items():
            self._add_sentinel(sentinel, count)

    def _extend(self, low: float, high: float) -> None:
        self.smallest = low if self.smallest is None else min(low, self.smallest)
        self.largest = high if self.largest is None else max(high, self.largest)

    def _add_sentinel(self, sentinel: float, count: int) -> None:
        if count:
            self.sentinels[sentinel] = self.sentinels.get(sentinel, 0) + count


class NumberColumn(PlainColumn[NumberCounts]):
    """Numbers: float64, int64 or uint64."""

    def __init__(self, position: int, kind: Kind, settings: Settings) -> None:
        super().__init__(position, kind, settings)
        self._item = _ITEMS[kind]
        self.digits = DigitCounts(settings.waiting)

    def expressions(self, cells: pl.Series) -> list[pl.Expr]:
        wide = {"number": pl.Float64, "integer": pl.Int64, "unsigned": pl.UInt64}[self.kind]
        column = pl.col(cells.name)
        if isinstance(cells.dtype, pl.Duration | pl.Time):
            unit = {"ns": 1e9, "us": 1e6, "ms": 1e3}[getattr(cells.dtype, "time_unit", "ns")]
            column = column.to_physical() / unit
        column = column.cast(wide)
        if cells.null_count():
            column = column.fill_null(column.max())
        return [column.alias(f"{self.position}.value")]

    def _nothing(self) -> NumberCounts:
        return NumberCounts(self.settings.buckets)

    def _values(self, block: Block) -> NumberArray:
        values = block.cells[f"{self.position}.value"].to_numpy()
        if self.kind == "number":
            values = np.add(values, 0.0, out=block.room.array("values", block.size, np.float64))  # no -0.0
        return values

    def _whole(self, block: Block) -> NumberArray | None:
        return None if self.kind == "number" else self._values(block)

    def _hashed(self, block: Block) -> HashArray:
        values = self._values(block)
        hashes = mixed(values.view(np.uint64), self.key, *rooms(block))
        chosen = self._chosen(block)
        examined = values if chosen is None else values[chosen]
        if not isfinite(values.max()):  # of a sum of nothing but finite numbers the largest is finite
            not_numbers = np.isnan(values)
            gaps = block.gaps[self.position]
            if gaps is not None:
                not_numbers[gaps] = False
            hashes[not_numbers] = NAN_HASH
            self.not_numbers += int(np.count_nonzero(not_numbers))
        if self.kind == "number":
            examined = examined[np.isfinite(examined)]
        self.examined += len(examined)
        self.digits.add(_as_said(examined, block.frame.to_series(self.position).dtype))
        return hashes

    def _count_all(self, block: Block, hashes: HashArray, gaps: int) -> None:
        values = self._values(block)
        low, high = values.min().item(), values.max().item()
        if isfinite(low) and isfinite(high):
            self._counts.add_finite(values, low, high, gaps, block.room)
        else:
            self._counts.add(values[hashes < NAN_HASH], block.room)

    def _count_some(self, block: Block, rows: IntArray) -> None:
        self._counts.add(self._values(block)[rows], block.room)

    def merge(self, other: "Column[NumberCounts]") -> None:
        assert isinstance(other, NumberColumn)
        super().merge(other)
        self.not_numbers += other.not_numbers
        self.digits.merge(other.digits)

    def value(self, hashes: HashArray) -> list[float] | list[int]:
        """The values that have these hashes."""
        found: list[float] | list[int] = self._undone(hashes).tolist()
        return found


def _as_said(values: NumberArray, held: pl.DataType) -> npt.NDArray[np.float64]:
    """As float64; of float32 what is meant: 0.1, where 0.10000000149011612 is held."""
    if held == pl.Float32:
        values = pl.Series(values).cast(pl.Float32).cast(pl.String).cast(pl.Float64).to_numpy()
    return values.astype(np.float64)


def _how_many(values: NumberArray, value: Any, room: Workspace) -> int:
    return int(np.count_nonzero(np.equal(values, value, out=room.array("equal", len(values), np.bool_))))
