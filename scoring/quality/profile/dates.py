"""The state of a column of days or moments."""

from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from scoring.quality.profile.columns import Block, Column, PlainColumn, rooms, tallied
from scoring.quality.profile.hashing import HashArray, mixed
from scoring.quality.profile.sentinels import DAYS
from scoring.quality.profile.settings import Kind, Settings
from scoring.quality.profile.tally import IntArray, Tally, put_together
from scoring.quality.profile.workspace import Workspace

EPOCH: Final = date(1970, 1, 1)
FIRST_DAY: Final = (date.min - EPOCH).days
LAST_DAY: Final = (date.max - EPOCH).days
MICROSECONDS: Final = 86_400_000_000

_SENTINELS: Final = {(day - EPOCH).days: rule for day, rule in DAYS.items()}


class DateCounts:
    """What is counted over days, or over microseconds, since 1970."""

    def __init__(self, unit: int, most_days: int) -> None:
        self._unit = unit
        self._most_days = most_days
        self.smallest: int | None = None
        self.largest: int | None = None
        self.by_month = False
        self.tally = Tally("places")
        self.sentinels: dict[int, int] = {}

    def add(self, moments: IntArray, gaps: int, room: Workspace) -> None:
        """Count moments (n,), n > 0, of which `gaps` too many are the largest."""
        self._extend(int(moments.min()), int(moments.max()))
        days = moments
        if self._unit > 1:
            days = np.floor_divide(moments, self._unit, out=room.array("days", len(moments), np.int64))
        self._add_days(*tallied(days, gaps, room))

    def add_counted(self, moments: IntArray, counts: IntArray) -> None:
        """Count distinct moments (d,), in any order, each so often."""
        if len(moments):
            order = np.argsort(moments)
            self._extend(int(moments[order[0]]), int(moments[order[-1]]))
            self._add_days(*put_together(moments[order] // self._unit, counts[order]))

    def days(self) -> tuple[IntArray, IntArray]:
        """Days since 1970 (the first of the month when counted by month), ascending, and how many moments are on each."""
        keys = self.tally.keys
        return first_days(keys) if self.by_month else keys, self.tally.counts

    def months(self) -> dict[str, int]:
        """Moments in each month, "2024-05"."""
        keys = self.tally.keys if self.by_month else months(self.tally.keys)
        pairs = zip(*(some.tolist() for some in put_together(keys, self.tally.counts)), strict=True)
        return {f"{1970 + month // 12:04}-{month % 12 + 1:02}": count for month, count in pairs}

    def merge(self, other: "DateCounts") -> None:
        if other.smallest is not None and other.largest is not None:
            self._extend(other.smallest, other.largest)
        if other.by_month:
            self._use_months()
        self._include(other.tally.keys, other.tally.counts, by_month=other.by_month)
        for day, count in other.sentinels.items():
            self._add_sentinel(day, count)

    def _extend(self, low: int, high: int) -> None:
        self.smallest = low if self.smallest is None else min(low, self.smallest)
        self.largest = high if self.largest is None else max(high, self.largest)

    def _add_days(self, days: IntArray, counts: IntArray) -> None:
        """Distinct days (d,) ascending, each so often."""
        for day in _SENTINELS:
            if days[0] <= day <= days[-1]:
                self._add_sentinel(day, int(counts[days == day].sum()))
        self._include(days, counts, by_month=False)

    def _include(self, keys: IntArray, counts: IntArray, *, by_month: bool) -> None:
        if self.by_month and not by_month:
            keys, counts = put_together(months(keys), counts)
        self.tally.include(keys, counts)
        if len(self.tally) > self._most_days:
            self._use_months()

    def _use_months(self) -> None:
        """How many days there are does not depend on their order, so neither does this."""
        if not self.by_month:
            self.tally.replace(months(self.tally.keys))
            self.by_month = True

    def _add_sentinel(self, day: int, count: int) -> None:
        if count:
            self.sentinels[day] = self.sentinels.get(day, 0) + count


class DateColumn(PlainColumn[DateCounts]):
    """Days, or moments in UTC to the microsecond; those outside the years 1 to 9999 are moved to their ends and counted."""

    def __init__(self, position: int, kind: Kind, settings: Settings) -> None:
        self._unit = 1 if kind == "date" else MICROSECONDS
        super().__init__(position, kind, settings)
        self.outside = 0

    def expressions(self, cells: pl.Series) -> list[pl.Expr]:
        moments = pl.col(cells.name).to_physical().cast(pl.Int64)
        unit = getattr(cells.dtype, "time_unit", None)
        if unit == "ns":
            moments = moments.floordiv(1000)
        elif unit == "ms":  # kept from overflow, and still outside where it was
            moments = moments.clip(FIRST_DAY * MICROSECONDS // 1000 - 1, (LAST_DAY + 1) * MICROSECONDS // 1000) * 1000
        if cells.null_count():
            moments = moments.fill_null(moments.max())
        return [moments.alias(f"{self.position}.moment")]

    def _nothing(self) -> DateCounts:
        return DateCounts(self._unit, self.settings.days)

    def _moments(self, block: Block) -> IntArray:
        moments: IntArray = block.cells[f"{self.position}.moment"].to_numpy()
        return moments

    def _within(self, moments: IntArray) -> IntArray:
        first, last = FIRST_DAY * self._unit, (LAST_DAY + 1) * self._unit - 1
        return moments if moments.min() >= first and moments.max() <= last else moments.clip(first, last)

    def _whole(self, block: Block) -> IntArray | None:
        return self._within(self._moments(block)) if self.kind == "date" else None

    def _hashed(self, block: Block) -> HashArray:
        came = self._moments(block)
        moments = self._within(came)
        if moments is not came:
            moved = moments != came
            gaps = block.gaps[self.position]
            if gaps is not None:
                moved[gaps] = False
            self.outside += int(np.count_nonzero(moved))
        return mixed(moments.view(np.uint64), self.key, *rooms(block))

    def _count_all(self, block: Block, hashes: HashArray, gaps: int) -> None:
        del hashes
        self._counts.add(self._within(self._moments(block)), gaps, block.room)

    def _count_some(self, block: Block, rows: IntArray) -> None:
        if len(rows):
            self._counts.add(self._within(self._moments(block)[rows]), 0, block.room)

    def merge(self, other: "Column[DateCounts]") -> None:
        assert isinstance(other, DateColumn)
        super().merge(other)
        self.outside += other.outside

    def value(self, hashes: HashArray) -> list[str]:
        """The values that have these hashes, in ISO 8601."""
        return [self.said(moment) for moment in self._undone(hashes).tolist()]

    def said(self, moment: int) -> str:
        """ISO 8601."""
        if self.kind == "date":
            return (EPOCH + timedelta(days=moment)).isoformat()
        return (datetime(1970, 1, 1) + timedelta(microseconds=moment)).isoformat()  # noqa: DTZ001 - UTC by definition


def months(days: IntArray) -> IntArray:
    """(n,) months since January 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def first_days(month: IntArray) -> IntArray:
    """(n,) the first day of each month, in days since 1970."""
    return month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
