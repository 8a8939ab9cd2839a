"""From an uploaded file to predictions in the order of the answers, with everything that is wrong with it.

One table goes through `_Taking`: block by block its ids are located and its cells judged; what only the whole file can show
(missing and repeated ids, the number of rows) comes at the end. A text file is first tried swiftly, as one typed block;
anything that is not spotless is read again, exactly, and explained.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from challenges.definition import Column
from challenges.intake import columns, limits, text
from challenges.intake.cells import NUMBER, Flaw, judge, judge_sum
from challenges.intake.delimited import DelimitedSheet
from challenges.intake.ids import EMPTY, UNKNOWN, Index, Positions
from challenges.intake.jsonl import JsonSheet
from challenges.intake.ledger import Ledger, Unreadable, shown
from challenges.intake.parquet import MAGIC, ParquetSheet
from challenges.intake.table import Block, Sheet
from challenges.intake.unpacking import Body, open_bodies
from challenges.plan import Plan, TaskPlan

Values = NDArray[np.float64] | NDArray[np.int32] | pl.Series


@dataclass(frozen=True, slots=True)
class Table:
    """What a file says about one task: `rows` of data were read; `columns` is None when there were errors.

    Each column has one value per answer, in the order of the answers: float64 numbers, int32 places in the column's classes,
    or a series of lists of text. Columns that need not be there, and text, are not among them.
    """

    rows: int
    columns: Mapping[str, Values] | None


def read(plan: Plan, prepared: Path, submission: Path, filename: str, ledger: Ledger) -> dict[str, Table]:
    """The table of each task (by key) in `submission`, a file that its sender named `filename`; findings go to `ledger`.

    Never raises for anything that a file may hold. Tasks whose table could not be opened at all are left out.
    """
    tables: dict[str, Table] = {}
    try:
        bodies = open_bodies(submission, filename, plan, ledger)
    except Unreadable as stop:
        ledger.add_stop(stop)
        return tables
    for task in plan.tasks:
        if task.key in bodies:
            body = bodies.pop(task.key)
            ledger.file = shown(body.name) if plan.several else None
            tables[task.key] = _read_table(body, plan, task, Index(prepared / task.folder, task), ledger)
    ledger.file = None
    return tables


def _read_table(body: Body, plan: Plan, task: TaskPlan, index: Index, ledger: Ledger) -> Table:
    errors = ledger.errors
    taking = _Taking(task, index, ledger)
    try:
        sheet = open_sheet(body, plan, task, ledger)
        if isinstance(sheet, DelimitedSheet):
            _check_heading(sheet.names, task, index)
        layout = columns.match(sheet.names, task, ledger)
        most = limits.most_rows(task.rows)
        if ledger.errors == errors and (block := sheet.swift(layout, most)) is not None:
            swift = _Taking(task, index, Ledger())
            swift.take(block)
            if (found := swift.finish()).columns is not None:
                return found
        for block in sheet.blocks(layout, most, ledger):
            taking.take(block)
    except Unreadable as stop:
        ledger.add_stop(stop)
        return Table(taking.rows, None)
    table = taking.finish()
    return Table(table.rows, table.columns if ledger.errors == errors else None)


def open_sheet(body: Body, plan: Plan, task: TaskPlan, ledger: Ledger) -> Sheet:
    """The sheet for what the file really holds, whatever its name says."""
    name = body.name.lower()
    if body.data[:4] == MAGIC:
        _check_format("parquet", name.endswith((".parquet", ".pq")), body, plan, ledger)
        cells = limits.most_rows(task.rows) * (len(task.columns) + 1)
        return ParquetSheet(body, task, limits.most_bytes(len(body.data), cells))
    body = text.in_utf8(body, ledger)
    first = body.data[:65_536].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first == b"[" and name.endswith((".json", ".jsonl", ".ndjson")):
        raise Unreadable("intake.json_array")
    if first == b"{":
        _check_format("jsonl", name.endswith((".jsonl", ".ndjson", ".json")), body, plan, ledger)
        return JsonSheet(body, task)
    sheet = DelimitedSheet(body, task, ledger)
    _check_format("csv", not name.endswith((".parquet", ".pq", ".jsonl", ".ndjson", ".json")), body, plan, ledger)
    return sheet


def _check_format(found: str, named_so: bool, body: Body, plan: Plan, ledger: Ledger) -> None:
    accepted = {"csv" if name == "tsv" else name for name in plan.formats}
    if found not in accepted:
        raise Unreadable("intake.format_not_accepted", found=found, accepted=", ".join(plan.formats))
    if not named_so:
        ledger.add("intake.name_differs", level="warning", params={"name": shown(body.name), "found": found})


def _check_heading(names: tuple[str, ...], task: TaskPlan, index: Index) -> None:
    """Raises `Unreadable` when the first row of a text table is data: no name asked for is in it, but an id or only numbers are."""
    wanted = {text.squeezed(name) for name in (task.ids.name, *(column.name for column in task.columns))}
    if wanted & {text.squeezed(name) for name in names}:
        return
    cells = pl.Series(names, dtype=pl.String)
    known = index.locate(cells, 0)
    if known is None or (known >= 0).any() or cells.str.strip_chars().str.contains(NUMBER).all():
        wanted_names = ", ".join([task.ids.name, *(column.name for column in task.columns)][:10])
        found = ", ".join(str(shown(name)) for name in names[:10])
        raise Unreadable("intake.heading_none", line=1, found=found, expected=wanted_names)


class _Taking:
    """Takes the blocks of one table. Values are kept only as long as there are no errors: nothing else needs them."""

    def __init__(self, task: TaskPlan, index: Index, ledger: Ledger) -> None:
        self._task, self._index, self._ledger = task, index, ledger
        self._columns = {column.name: column for column in task.columns}
        self._positions: list[tuple[int, int, Positions | None]] = []
        self._lines: list[NDArray[np.int64]] = []
        self._values: dict[str, list[Values]] = {}
        self._before = ledger.errors
        self._given_up: set[str] = set()
        self._has_ids = False
        self.rows = 0

    def take(self, block: Block) -> None:
        self.rows += block.size
        if block.ids is not None:
            self._take_ids(block, block.ids)
        numbers: dict[str, NDArray[np.float64]] = {}
        for name, cells in block.cells.items():
            values = self._judge(self._columns[name], cells, block)
            if isinstance(values, np.ndarray) and values.dtype == np.float64:
                numbers[name] = values.astype(np.float64, copy=False)
            if values is not None and self._columns[name].required:
                self._values.setdefault(name, []).append(values)
        for group in self._sums():
            if all(name in numbers for name in group):
                self._check_sum(group, numbers, block)
        if self._ledger.errors > self._before:
            self._values.clear()

    def finish(self) -> Table:
        """The table, after what only the whole can tell has been reported."""
        if self.rows == 0:
            self._ledger.add("intake.no_rows", params={"expected": self._task.rows})
            return Table(0, None)
        if self.rows != self._task.rows:
            self._ledger.add("intake.row_count", params={"found": self.rows, "expected": self._task.rows})
        positions = self._check_ids() if self._has_ids else None
        if self._ledger.errors > self._before or positions is None:
            return Table(self.rows, None)
        return Table(self.rows, {name: _placed(parts, positions) for name, parts in self._values.items()})

    def _take_ids(self, block: Block, ids: pl.Series) -> None:
        name = self._task.ids.name
        if name in self._given_up:
            return
        if ids.dtype.is_nested() or ids.dtype in {pl.Binary, pl.Boolean} or ids.dtype.is_temporal():
            self._given_up.add(name)
            params = {"found": str(ids.dtype)[:60], "expected": self._task.ids.kind}
            self._ledger.add("intake.column_type", column=name, params=params)
            return
        self._has_ids = True
        found = self._index.locate(ids, block.start)
        self._positions.append((block.start, block.size, found))
        if block.lines is not None:
            self._lines.append(block.lines)
        if found is not None and found.min(initial=0) < 0:
            cells = ids.cast(pl.String)
            readable = np.isin(np.arange(block.size), block.whole) if block.whole is not None else np.True_
            for message, mask in (
                ("intake.ids_unknown", found == UNKNOWN),
                ("intake.ids_empty", (found == EMPTY) & readable),
            ):
                if mask.any():
                    self._report(Flaw(message, np.flatnonzero(mask)), name, cells, block, whole=None)

    def _judge(self, column: Column, cells: pl.Series, block: Block) -> Values | None:
        if column.name in self._given_up:
            return None
        judged = judge(column, cells)
        for flaw in judged.flaws:
            if flaw.where is None:
                self._given_up.add(column.name)
                self._ledger.add(flaw.message, column=column.name, params=flaw.params)
            else:
                self._report(flaw, column.name, cells, block, whole=block.whole)
        return judged.values

    def _report(
        self, flaw: Flaw, column: str, cells: pl.Series, block: Block, *, whole: NDArray[np.int64] | None
    ) -> None:
        assert flaw.where is not None
        places = flaw.where if whole is None else whole[flaw.where]
        self._ledger.add_rows(
            flaw.message,
            block.start + places + 1,
            _as_text(cells.gather(flaw.where)),
            lines=None if block.lines is None else block.lines[places],
            column=column,
            params=flaw.params,
            detail=flaw.detail,
        )

    def _sums(self) -> list[tuple[str, ...]]:
        """The sets of probability columns that sum to 1, each once, in the order of the columns."""
        order = [column.name for column in self._task.columns]
        sets = {
            tuple(sorted({column.name, *column.sums_to_one_with}, key=order.index))
            for column in self._task.columns
            if column.sums_to_one_with
        }
        return sorted(sets)

    def _check_sum(self, group: tuple[str, ...], numbers: Mapping[str, NDArray[np.float64]], block: Block) -> None:
        where, total = judge_sum([numbers[name] for name in group])
        if len(where):
            texts = pl.Series([f"{value:.6g}" for value in total[where]], dtype=pl.String)
            listed = ", ".join(group[:10]) + (", …" if len(group) > 10 else "")
            places = where if block.whole is None else block.whole[where]
            lines = None if block.lines is None else block.lines[places]
            rows = block.start + places + 1
            self._ledger.add_rows("intake.sum_not_one", rows, texts, lines=lines, params={"columns": listed})

    def _check_ids(self) -> Positions:
        """The position of each row, or none when they are just in order; missing and repeated ids are reported."""
        size = self._index.size
        if self.rows == size and all(found is None for _, _, found in self._positions):
            return _range(0, 0)
        positions = np.concatenate(
            [_range(start, many) if found is None else found for start, many, found in self._positions]
        )
        self._positions.clear()
        if len(positions) == size and positions.min() >= 0 and _all_hit(positions, size):
            return positions
        known = positions >= 0
        counts = np.bincount(positions if known.all() else positions[known], minlength=size)
        if (counts > 1).any():
            self._report_repeated(positions, np.flatnonzero(known & (counts[positions] > 1)))
        if (counts == 0).any():
            texts = self._index.texts(np.flatnonzero(counts == 0))
            self._ledger.add_rows("intake.ids_missing", None, texts, column=self._task.ids.name)
        return positions

    def _report_repeated(self, positions: Positions, rows: NDArray[np.int64]) -> None:
        """`rows` are those whose id comes more than once; all but the first with each id are reported."""
        _, first, of_row = np.unique(positions[rows], return_index=True, return_inverse=True)
        later = first[of_row] != np.arange(len(rows))
        again, before = rows[later], rows[first[of_row[later]]]
        lines = np.concatenate(self._lines)[again] if self._lines else None
        self._ledger.add_rows(
            "intake.ids_repeated",
            again + 1,
            self._index.texts(positions[again]),
            lines=lines,
            column=self._task.ids.name,
            detail=lambda i: {"first_row": int(before[i]) + 1},
        )


def _all_hit(positions: Positions, size: int) -> bool:
    """Whether every position from 0 to `size` - 1 is there; then, of `size` positions, each is there once."""
    hit = np.zeros(size, np.bool_)
    hit[positions] = True
    return bool(hit.all())


def _range(start: int, many: int) -> Positions:
    return np.arange(start, start + many)


def _placed(parts: list[Values], positions: Positions) -> Values:
    """The values of all blocks, each put where its id stands in the answers (no positions: they are in order already)."""
    if isinstance(parts[0], pl.Series):
        series = pl.concat([part for part in parts if isinstance(part, pl.Series)])
        return series.gather(np.argsort(positions)) if len(positions) else series
    values = parts[0] if len(parts) == 1 else np.concatenate([part for part in parts if isinstance(part, np.ndarray)])
    if not len(positions):
        return values
    placed = np.empty_like(values)
    placed[positions] = values
    return placed


def _as_text(cells: pl.Series) -> pl.Series:
    if isinstance(cells.dtype, pl.List):
        return cells.cast(pl.List(pl.String)).list.join(" ", ignore_nulls=True)
    return cells.cast(pl.String)
