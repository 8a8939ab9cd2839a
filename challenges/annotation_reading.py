"""From an uploaded label file to codes, with everything that is wrong with it.

Opening, cutting and judging cells is the work of `challenges.intake`; what differs is the table itself. An item stands in many
rows, one for each of its labels, so nothing is put in the order of ids: rows stay rows, and what only the whole file can show
is who labelled an item twice, and which items have too few labels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from challenges.annotation_plan import AnnotationPlan
from challenges.intake import Ledger, columns, limits
from challenges.intake.cells import Flaw, judge
from challenges.intake.ids import EMPTY, UNKNOWN, Index
from challenges.intake.ledger import Unreadable
from challenges.intake.reading import open_sheet
from challenges.intake.table import Block
from challenges.intake.unpacking import Body, open_bodies
from challenges.plan import TaskPlan

Places = NDArray[np.int64]
NOBODY = -1
"""The code of an annotator who is not named."""


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """The labels of a sound file, in the order of its rows.

    item        (r,) int64 codes of the items
    annotator   (r,) int64 places in `names`
    label       (r,) int32 places in the classes
    seconds     (r,) float64, NaN where not said; None: the file has no such column
    names       the annotators, ascending
    """

    item: Places
    annotator: Places
    label: NDArray[np.int32]
    seconds: NDArray[np.float64] | None
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LabelTable:
    """What a file says: `rows` of data were read; `given` is None when there were errors."""

    rows: int
    given: Given | None


def read(plan: AnnotationPlan, prepared: Path, submission: Path, filename: str, ledger: Ledger) -> LabelTable:
    """The labels in `submission`, a file that its sender named `filename`; findings go to `ledger`.

    Never raises for anything that a file may hold.
    """
    table = plan.table
    try:
        bodies = open_bodies(submission, filename, table, ledger)
    except Unreadable as stop:
        ledger.add_stop(stop)
        return LabelTable(0, None)
    if not bodies:  # the archive's one file cannot be unpacked, and the ledger says why
        return LabelTable(0, None)
    (body,) = bodies.values()
    return _read_table(body, plan, prepared, ledger)


def _read_table(body: Body, plan: AnnotationPlan, prepared: Path, ledger: Ledger) -> LabelTable:
    table = plan.table
    task = table.tasks[0]
    index = Index(prepared, task.model_copy(update={"rows": plan.items}))
    taking = _Taking(plan, task, index, ledger)
    try:
        sheet = open_sheet(body, table, task, ledger)
        layout = columns.match(sheet.names, task, ledger)
        most = limits.most_rows(task.rows)
        if not ledger.errors and (block := sheet.swift(layout, most)) is not None:
            swift = _Taking(plan, task, index, Ledger())
            swift.take(block)
            if (found := swift.finish()).given is not None:
                return found
        for block in sheet.blocks(layout, most, ledger):
            taking.take(block)
    except Unreadable as stop:
        ledger.add_stop(stop)
        return LabelTable(taking.rows, None)
    return taking.finish()


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The rows of one block; see `Given`. `item` may be `UNKNOWN` or `EMPTY`, `annotator` null, `label` -1."""

    item: Places | None
    annotator: pl.Series
    label: NDArray[np.int32]
    seconds: NDArray[np.float64] | None
    lines: Places | None


class _Taking:
    """Takes the blocks of one table."""

    def __init__(self, plan: AnnotationPlan, task: TaskPlan, index: Index, ledger: Ledger) -> None:
        self._plan, self._task, self._index, self._ledger = plan, task, index, ledger
        self._parts: list[_Part] = []
        self._given_up: set[str] = set()
        self.rows = 0

    def take(self, block: Block) -> None:
        self.rows += block.size
        names = self._plan.labels
        label = self._judged(block, names.label)
        seconds = None if names.seconds is None else self._judged(block, names.seconds)
        self._parts.append(
            _Part(
                None if block.ids is None else self._items(block, block.ids),
                self._annotators(block),
                np.full(block.size, -1, np.int32) if label is None else label,
                seconds,
                block.lines,
            )
        )

    def finish(self) -> LabelTable:
        """The labels, after what only the whole can tell has been reported."""
        if self.rows == 0:
            self._ledger.add("intake.no_rows", params={"expected": self._task.rows})
            return LabelTable(0, None)
        items = [part.item for part in self._parts if part.item is not None]
        if len(items) < len(self._parts):
            return LabelTable(self.rows, None)
        item = np.concatenate(items)
        names, annotator = _coded(pl.concat([part.annotator for part in self._parts]))
        first = self._check_repeated(item, annotator, len(names))
        self._check_coverage(item, first)
        if self._ledger.errors:
            return LabelTable(self.rows, None)
        times = [part.seconds for part in self._parts if part.seconds is not None]
        label = np.concatenate([part.label for part in self._parts])
        return LabelTable(
            self.rows, Given(item, annotator, label, np.concatenate(times) if times else None, tuple(names))
        )

    def _items(self, block: Block, ids: pl.Series) -> Places | None:
        """The codes of the items; None where the column can hold no ids."""
        name = self._plan.labels.item
        if ids.dtype.is_nested() or ids.dtype in {pl.Binary, pl.Boolean} or ids.dtype.is_temporal():
            if name not in self._given_up:
                self._given_up.add(name)
                params = {"found": str(ids.dtype)[:60], "expected": self._plan.ids.kind}
                self._ledger.add("intake.column_type", column=name, params=params)
            return None
        found = self._index.locate(ids, block.start)
        if found is None:
            return np.arange(block.start, block.start + block.size)
        readable = np.isin(np.arange(block.size), block.whole) if block.whole is not None else np.True_
        for message, wrong in (
            ("annotation.item_unknown", found == UNKNOWN),
            ("annotation.item_empty", (found == EMPTY) & readable),
        ):
            if wrong.any():
                places = np.flatnonzero(wrong)
                self._report(Flaw(message, places), name, ids.cast(pl.String).gather(places), block, places)
        return found

    def _annotators(self, block: Block) -> pl.Series:
        """Who labelled, as text without outer spaces; null where nobody is named."""
        name = self._plan.labels.annotator
        cells = block.cells.get(name)
        if cells is None:
            return pl.repeat(None, block.size, dtype=pl.String, eager=True)
        if cells.dtype == pl.String:
            cells = cells.str.strip_chars()
        self._judged(block, name, cells)
        if name in self._given_up:
            return pl.repeat(None, block.size, dtype=pl.String, eager=True)
        texts = cells.cast(pl.String)
        texts = texts.set(texts.fill_null("") == "", None)
        if block.whole is None:
            return texts
        at = np.full(block.size, -1)
        at[block.whole] = np.arange(len(texts))
        return texts.gather(pl.Series(at).replace(-1, None).cast(pl.UInt32))

    def _judged(self, block: Block, name: str, cells: pl.Series | None = None) -> Any:
        """(size,) what the cells of a column mean, -1 or NaN where nothing; None: the block has no such column, or only text."""
        cells = block.cells.get(name) if cells is None else cells
        if cells is None or name in self._given_up:
            return None
        column = next(column for column in self._task.columns if column.name == name)
        judged = judge(column, cells)
        for flaw in judged.flaws:
            if flaw.where is None:
                self._given_up.add(name)
                self._ledger.add(flaw.message, column=name, params=flaw.params)
            else:
                places = flaw.where if block.whole is None else block.whole[flaw.where]
                self._report(flaw, name, cells.gather(flaw.where).cast(pl.String), block, places)
        if judged.values is None or block.whole is None:
            return judged.values
        values = np.asarray(judged.values)
        spread = np.full(block.size, -1 if values.dtype.kind == "i" else np.nan, values.dtype)
        spread[block.whole] = values
        return spread

    def _report(self, flaw: Flaw, column: str, texts: pl.Series, block: Block, places: Places) -> None:
        self._ledger.add_rows(
            flaw.message,
            block.start + places + 1,
            texts,
            lines=None if block.lines is None else block.lines[places],
            column=column,
            params=flaw.params,
            detail=flaw.detail,
        )

    def _check_repeated(self, item: Places, annotator: Places, names: int) -> NDArray[np.bool_]:
        """(r,) which rows are the first label of their item by their annotator; the others are reported. A row that names
        nobody may be by anybody, so it counts as one.
        """
        first = item >= 0
        rows = np.flatnonzero(first & (annotator != NOBODY))
        _, start, of_row = np.unique(
            item[rows] * max(names, 1) + annotator[rows], return_index=True, return_inverse=True
        )
        later = start[of_row] != np.arange(len(rows))
        again, before = rows[later], rows[start[of_row[later]]]
        first[again] = False
        if len(again):
            self._ledger.add_rows(
                "annotation.twice",
                again + 1,
                self._index.texts(item[again]),
                lines=self._lines(again),
                column=self._plan.labels.item,
                detail=_first_row(before),
            )
        return first

    def _check_coverage(self, item: Places, first: NDArray[np.bool_]) -> None:
        """Items without labels, and those with too few. Rows count whatever their label is, since that is reported as it is."""
        counts = np.bincount(item[first], minlength=self._plan.items)
        column, needed = self._plan.labels.item, self._plan.per_item
        if len(none := np.flatnonzero(counts == 0)):
            self._ledger.add_rows("annotation.unlabelled", None, self._index.texts(none), column=column)
        if len(few := np.flatnonzero((counts > 0) & (counts < needed))):
            self._ledger.add_rows(
                "annotation.too_few",
                None,
                self._index.texts(few),
                column=column,
                params={"needed": needed},
                detail=lambda i: {"labels": int(counts[few[i]])},
            )

    def _lines(self, rows: Places) -> Places | None:
        parts = [part.lines for part in self._parts if part.lines is not None]
        return np.concatenate(parts)[rows] if parts else None


def _first_row(before: Places) -> Callable[[int], Mapping[str, Any]]:
    return lambda i: {"first_row": int(before[i]) + 1}


def _coded(texts: pl.Series) -> tuple[list[str], Places]:
    """The names, ascending, and the place of each row's name among them, `NOBODY` where there is none."""
    names = texts.drop_nulls().unique().sort()
    book = names.to_frame("name").with_row_index("code")
    codes = texts.to_frame("name").join(book, on="name", how="left", maintain_order="left")["code"]
    return names.to_list(), codes.cast(pl.Int64).fill_null(NOBODY).to_numpy()
