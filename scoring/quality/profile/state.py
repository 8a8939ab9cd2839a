"""The state of a profile: take in batches in any order, merge with others, finish.

What is kept of a table does not depend on how it was cut into batches and shards, nor on their order: counts add, smallest
and largest are chosen, sums are exact integers, and samples are those of the smallest hashes. So neither does the result.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa

from scoring.quality.profile.arriving import arranged
from scoring.quality.profile.classes import ClassCounts
from scoring.quality.profile.columns import Block, BooleanColumn, Column
from scoring.quality.profile.dates import DateColumn
from scoring.quality.profile.finishing import finished
from scoring.quality.profile.hashing import HashArray, key, mixed, row_number_hashes
from scoring.quality.profile.numbers import NumberColumn
from scoring.quality.profile.result import TableProfile
from scoring.quality.profile.rows import Cells, DistinctRows, MissingTogether, UniformCells
from scoring.quality.profile.runs import Runs, RunsOfCells, Stretch, runs_of_cells
from scoring.quality.profile.settings import MOST_COLUMNS_MISSING_TOGETHER, Kind, Settings
from scoring.quality.profile.tally import IntArray
from scoring.quality.profile.texts import TextColumn
from scoring.quality.profile.values import LONGEST_TEXT, copied
from scoring.quality.profile.workspace import Workspace

_CLASSES: Final[dict[Kind, type[Column[Any]]]] = {
    "number": NumberColumn,
    "integer": NumberColumn,
    "unsigned": NumberColumn,
    "boolean": BooleanColumn,
    "text": TextColumn,
    "nested": TextColumn,
    "date": DateColumn,
    "datetime": DateColumn,
}
_CELLS_AT_ONCE: Final = 1 << 23
_MOST_ROWS_AT_ONCE: Final = 1 << 17
_FEWEST_ROWS_AT_ONCE: Final = 1 << 11


class Profile:
    """A profile in the making.

    >>> one = Profile.start({"x": "integer"})
    >>> one.update(pl.DataFrame({"x": [1, 2]}), 0)
    >>> other = Profile.start({"x": "integer"})
    >>> other.update(pl.DataFrame({"x": [2]}), 2)
    >>> one.merge(other)
    >>> table = one.finish()
    >>> table.rows, table.column("x").distinct, table.column("x").number.mean
    (3, 2, 1.6666666666666667)
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.columns = [
            _CLASSES[kind](position, kind, settings) for position, kind in enumerate(settings.columns.values())
        ]
        self.distinct_rows = DistinctRows(settings.distinct_rows)
        self.uniform = UniformCells(settings.cells)
        self.runs = Runs()
        self.missing = MissingTogether(min(len(self.columns), MOST_COLUMNS_MISSING_TOGETHER))
        self.classes = ClassCounts(settings)
        self._room = Workspace()
        self._asked: tuple[object, list[pl.Expr]] | None = None

    @classmethod
    def start(cls, columns: Mapping[str, Kind], *, seed: int = 0, **settings: Any) -> "Profile":
        """An empty profile of columns of these kinds; `settings` as in `Settings`. ValueError for settings out of range."""
        return cls(Settings(columns, seed=seed, **settings))

    @property
    def rows(self) -> int:
        """Rows seen so far."""
        return self.columns[0].rows

    def update(self, batch: pl.DataFrame | pa.RecordBatch, first_row: int) -> None:
        """Take in neighbouring rows of the table, the first of which has number `first_row` (from 0).

        ValueError when the columns are not those declared, by name or kind, or when a row has been taken in before; nothing
        has changed then.
        """
        if first_row < 0:
            raise ValueError(f"Rows are counted from 0, not from {first_row}.")
        frame = arranged(batch, self.settings.columns)
        if not frame.height:
            return
        self.runs.refuse(first_row, first_row + frame.height)
        at_once = min(_MOST_ROWS_AT_ONCE, max(_FEWEST_ROWS_AT_ONCE, _CELLS_AT_ONCE // len(self.columns)))
        for start in range(0, frame.height, at_once):
            self._take(frame.slice(start, at_once), first_row + start)

    def merge(self, other: "Profile") -> None:
        """Take in all that another profile has seen. ValueError when it was made otherwise or has seen the same rows."""
        if other.settings != self.settings:
            raise ValueError("Profiles can be merged when they were started with the same columns and settings.")
        for stretch in other.runs.stretches:
            self.runs.refuse(stretch.start, stretch.stop)
        self.runs.merge(other.runs)
        for column, another in zip(self.columns, other.columns, strict=True):
            column.merge(another)
        self.distinct_rows.merge(other.distinct_rows)
        self.uniform.merge(other.uniform)
        self.missing.merge(other.missing)
        self.classes.merge(other.classes)

    def finish(self, *, as_of: date | None = None) -> TableProfile:
        """The result so far. Dates after `as_of` are counted as future."""
        return finished(self, as_of)

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_room": Workspace(), "_asked": None}

    def _take(self, frame: pl.DataFrame, first_row: int) -> None:
        size = frame.height
        numbers = row_number_hashes(first_row, size, key(self.settings.seed, "rows"))
        block = self._block(frame, numbers)
        sampled = self.uniform.choose(numbers)
        cells = np.empty((len(self.columns), len(sampled)), np.uint64)
        runs: list[RunsOfCells] = []
        rows, folded = (self._room.array(name, size, np.uint64) for name in ("rows", "folded"))
        rows.fill(0)
        for column in self.columns:
            hashes = column.take(block)
            np.add(rows, hashes, out=rows)  # columns are hashed each in its way, so it matters which holds what
            runs.append(runs_of_cells(hashes, block.gaps[column.position], self._room))
            cells[column.position] = hashes[sampled]
        self.uniform.add(Cells(numbers[sampled], cells, self._texts(frame, sampled)))
        self.distinct_rows.add(mixed(rows, 0, rows, folded), first_row)
        self.runs.add(Stretch.of_block(first_row, first_row + size, runs))
        self.missing.add(block.gaps, size)
        self.classes.add(frame)

    def _texts(self, frame: pl.DataFrame, rows: IntArray) -> dict[int, pl.Series]:
        """The first characters of the texts in these rows, by position of the column."""
        places = [column.position for column in self.columns if isinstance(column, TextColumn)]
        chosen = pl.Series(rows)
        short = frame.select(pl.col(str(place)).gather(chosen).str.head(LONGEST_TEXT) for place in places)
        return {place: copied(short[str(place)]) for place in places}

    def _block(self, frame: pl.DataFrame, numbers: HashArray) -> Block:
        gaps = tuple(_gaps(cells) for cells in frame.iter_columns())
        examined = None
        if self.settings.examine_one_in > 1:
            examined = np.flatnonzero(numbers < np.uint64(2**64 // self.settings.examine_one_in))
        return Block(frame, frame.select(self._expressions(frame, gaps)), examined, gaps, self._room)

    def _expressions(self, frame: pl.DataFrame, gaps: tuple[IntArray | None, ...]) -> list[pl.Expr]:
        """What polars is to compute of a block: the same for most blocks."""
        missing = tuple(None if gap is None else len(gap) == frame.height for gap in gaps)
        if self._asked is None or self._asked[0] != (frame.dtypes, missing):
            pairs = zip(self.columns, frame.iter_columns(), missing, strict=True)
            expressions = [made for column, cells, whole in pairs if not whole for made in column.expressions(cells)]
            self._asked = (frame.dtypes, missing), expressions
        return self._asked[1]


def _gaps(cells: pl.Series) -> IntArray | None:
    if not cells.null_count():
        return None
    packed = cells.is_null().to_arrow()
    bits = np.unpackbits(
        np.frombuffer(packed.buffers()[1], np.uint8), bitorder="little"
    )  # faster than polars' to_numpy
    return np.flatnonzero(bits[packed.offset : packed.offset + len(cells)].view(np.bool_))
