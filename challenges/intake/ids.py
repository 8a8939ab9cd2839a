"""Where the row of an id stands in the answers."""

from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from challenges.arrays import stored
from challenges.plan import TaskPlan

Positions = NDArray[np.int64]
UNKNOWN: Final = -1
EMPTY: Final = -2
_AS_DECIMAL = r"^\s*([+-]?\d+)\.0*\s*$"
_SORT_FIRST = 4 * 65_536
"""Needles from which sorting them first is cheaper than searching at random."""


class Index:
    """The ids of a task's answers, `size` of them, and the position of each.

    Integer ids are found by subtraction (range), in a table (dense) or by bisection (sorted); text ids by their 64-bit hash, then compared.
    """

    def __init__(self, folder: Path, task: TaskPlan) -> None:
        self.size = task.rows
        self._plan = task.ids
        self._folder = folder

    def locate(self, cells: pl.Series, start: int) -> Positions | None:
        """The position in the answers of each id in `cells`, `UNKNOWN` or `EMPTY`; `start` is the row of the first cell.

        None when they are just the positions from `start` on: a file in the order of the answers costs one comparison.
        """
        if self._plan.kind == "text":
            return self._locate_text(cells, start)
        values, empty = _integers(cells)
        if values.null_count() == 0:
            known = values.to_numpy()
            if np.array_equal(known, self._integers[start : start + len(known)]):
                return None
            return self._find(known)
        found = self._find(values.fill_null(0).to_numpy())
        found[values.is_null().to_numpy()] = UNKNOWN
        found[empty.to_numpy()] = EMPTY
        return found

    def texts(self, positions: Positions | NDArray[np.int64]) -> pl.Series:
        """The ids at `positions`, as text."""
        if self._plan.kind == "text":
            return self._texts.gather(positions)
        return pl.Series(self._integers[positions]).cast(pl.String)

    @cached_property
    def _integers(self) -> NDArray[np.int64]:
        return stored(self._folder / "ids.npy")

    @cached_property
    def _texts(self) -> pl.Series:
        return pl.read_ipc(self._folder / "ids.arrow").to_series()

    @cached_property
    def _table(self) -> NDArray[np.int32]:
        return stored(self._folder / "positions.npy")

    @cached_property
    def _order(self) -> tuple[NDArray[np.int64], Positions]:
        return stored(self._folder / "sorted.npy"), stored(self._folder / "order.npy")

    def _find(self, values: NDArray[np.int64]) -> Positions:
        if self._plan.index == "sorted":
            ids, order = self._order
            place = np.minimum(_bisect(ids, values), len(ids) - 1)
            return np.where(ids[place] == values, order[place], UNKNOWN)
        low = self._plan.low
        high = low + (self.size if self._plan.index == "range" else len(self._table)) - 1
        if len(values) and low <= values.min() and values.max() <= high:
            return self._at(values - low)
        inside = (values >= low) & (values <= high)
        return np.where(inside, self._at(np.where(inside, values, low) - low), UNKNOWN)

    def _at(self, places: NDArray[np.int64]) -> Positions:
        """The positions of the ids `low + places`, all within the table."""
        return places if self._plan.index == "range" else self._table[places].astype(np.int64)

    def _locate_text(self, cells: pl.Series, start: int) -> Positions | None:
        texts = cells if cells.dtype == pl.String else cells.cast(pl.String)
        if len(texts) and texts.equals(self._texts.slice(start, len(texts))):
            return None
        texts = texts.str.strip_chars()
        hashes, order, seed = self._hashes
        wanted = texts.hash(seed).to_numpy()
        place = np.minimum(_bisect(hashes, wanted), len(hashes) - 1)
        found = order[place]
        same = (texts.fill_null("") == self._texts.gather(found)).to_numpy()
        found = np.where(same, found, UNKNOWN)
        found[(texts.fill_null("") == "").to_numpy()] = EMPTY
        return found

    @cached_property
    def _hashes(self) -> tuple[NDArray[np.uint64], Positions, int]:
        for seed in range(8):
            hashes = self._texts.hash(seed).to_numpy()
            order = np.argsort(hashes)
            ascending = hashes[order]
            if not (ascending[1:] == ascending[:-1]).any():
                return ascending, order, seed
        raise AssertionError("eight seeds, and two of the ids share their 64-bit hash under each")


def _bisect(ascending: NDArray[Any], values: NDArray[Any]) -> NDArray[np.int64]:
    """`searchsorted`, sparing the cache when there are many values."""
    if len(values) < _SORT_FIRST:
        return np.searchsorted(ascending, values)
    order = np.argsort(values)
    places = np.empty(len(values), np.int64)
    places[order] = np.searchsorted(ascending, values[order])
    return places


def _integers(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Ids as int64, null where they are none; and which cells are empty. 7.0 counts as 7, as spreadsheets write it."""
    if cells.dtype == pl.String:
        texts = cells.str.strip_chars()
        values = texts.cast(pl.Int64, strict=False)
        empty = texts.fill_null("") == ""
        if values.null_count() > empty.sum():
            whole = texts.str.extract(_AS_DECIMAL).cast(pl.Int64, strict=False)
            values = values.fill_null(whole)
        return values, empty
    empty = cells.is_null()
    if cells.dtype.is_decimal():
        cells = cells.cast(pl.Float64)
    if cells.dtype.is_float():
        whole = cells.is_finite() & (cells.floor() == cells) & (cells.abs() < 2**53)
        return cells.zip_with(whole.fill_null(False), pl.Series([None], dtype=cells.dtype)).cast(pl.Int64), empty
    return cells.cast(pl.Int64, strict=False), empty
