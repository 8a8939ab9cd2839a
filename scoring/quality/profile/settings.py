"""What a profile is asked for. Shards can be merged when they were made with the same settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Kind = Literal["number", "integer", "unsigned", "boolean", "text", "nested", "date", "datetime"]

MOST_COLUMNS: Final = 2000
MOST_COLUMNS_MISSING_TOGETHER: Final = 64
_VALUES, _CELLS, _BUCKETS, _DAYS = 1 << 14, 1 << 13, 1 << 12, 1 << 16
"""What is kept of a column at most."""
_KEPT_IN_ALL: Final = 1 << 18
"""Values, cells and a quarter of the buckets and days kept over all columns: so many columns have less each."""
_WAITING_IN_ALL: Final = 1 << 25
"""Bytes that may wait to be counted together, over all columns."""


@dataclass(frozen=True, slots=True)
class Settings:
    """columns            kind of each column by name, in order; at most 2000
    seed               of the hashes that choose samples
    label, strata      a column of classes, and columns to count the classes by
    distinct_rows      size of the sample of distinct rows
    examine_one_in     a power of two: what costs much (digits, characters, what texts look like) is counted on one row in
                       so many, chosen by a hash of the row number; 1 = on all
    values             distinct values counted per column; 0 = 16384, fewer when there are more than 16 columns
    cells              rows in the uniform sample that gives the commonest values of columns with more distinct ones; 0 =
                       8192, fewer when there are more than 32 columns
    """

    columns: Mapping[str, Kind]
    seed: int = 0
    label: str | None = None
    strata: tuple[str, ...] = ()
    distinct_rows: int = 20_000
    examine_one_in: int = 1
    values: int = 0
    cells: int = 0
    names: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = tuple(self.columns)
        object.__setattr__(self, "columns", dict(self.columns))
        object.__setattr__(self, "names", names)
        if not 1 <= len(names) <= MOST_COLUMNS:
            raise ValueError(f"A profile takes 1 to {MOST_COLUMNS} columns, not {len(names)}.")
        for asked in (*self.strata, *([] if self.label is None else [self.label])):
            if asked not in self.columns:
                raise ValueError(f"There is no column {asked!r} to count classes by.")
        if self.strata and self.label is None:
            raise ValueError("Strata need a label column.")
        if self.examine_one_in < 1 or self.examine_one_in & (self.examine_one_in - 1):
            raise ValueError(f"Rows are examined one in a power of two, not {self.examine_one_in}.")
        for name, most in (("values", _VALUES), ("cells", _CELLS)):
            if not getattr(self, name):
                object.__setattr__(self, name, self._share(most, _KEPT_IN_ALL))
        if self.values < 16 or self.cells < 16 or self.distinct_rows < 1:
            raise ValueError("Samples hold at least 16 values and 16 cells per column, and 1 row.")

    @property
    def buckets(self) -> int:
        """Buckets of a column of numbers: 4096, fewer when there are more than 256 columns."""
        return self._share(_BUCKETS, 4 * _KEPT_IN_ALL)

    @property
    def days(self) -> int:
        """Different days of a column of dates before they are counted by month: 65,536, fewer with more than 16 columns."""
        return self._share(_DAYS, 4 * _KEPT_IN_ALL)

    @property
    def waiting(self) -> int:
        """Bytes of a column that may wait to be counted together."""
        return min(_WAITING_IN_ALL // 8, _WAITING_IN_ALL // len(self.names))

    def _share(self, most: int, in_all: int) -> int:
        return max(most // 64, min(most, in_all // len(self.names)))
