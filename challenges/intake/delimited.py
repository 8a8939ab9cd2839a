"""CSV and its relatives: a swift reading that accepts only files beyond doubt, and an exact one that explains all others."""

import csv
import gc
import io
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import polars as pl
from numpy.typing import NDArray

from challenges.intake import limits
from challenges.intake.columns import Layout
from challenges.intake.ledger import Ledger, Unreadable
from challenges.intake.table import Block
from challenges.intake.text import Heading, check_delimiter, csv_reader, heading, line_end
from challenges.intake.unpacking import Body
from challenges.plan import TaskPlan


class DelimitedSheet:
    """A text table in UTF-8 whose first row names the columns."""

    def __init__(self, body: Body, task: TaskPlan, ledger: Ledger) -> None:
        self._body = body
        self._task = task
        self._heading = heading(body, [task.ids.name, *(column.name for column in task.columns)])
        self.names = self._heading.names
        check_delimiter(body, self._heading.delimiter, ledger)

    @property
    def delimiter(self) -> str:
        return self._heading.delimiter

    def swift(self, layout: Layout, most_rows: int) -> Block | None:
        """All rows, parsed as the right types at once. None when any cell does not fit, is empty or quoted, or rows differ in length.

        Files with quotation marks are left to the exact reading: a swift one may drop the rows behind a mark left open.
        """
        plain = layout.tidy and self._heading.plain and self._body.data.find(b'"') < 0
        if not plain or line_end(self._body) != b"\n":
            return None
        try:
            frame = pl.read_csv(
                self._body.path or bytes(self._body.data),
                schema={self.names[place]: self._dtype(name) for name, place in layout.places.items()},
                separator=self._heading.delimiter,
                n_rows=most_rows + 1,
            )
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
            return None
        if not 0 < frame.height <= most_rows or any(column.null_count() for column in frame):
            return None
        cells = {name: frame[self.names[place]] for name, place in layout.places.items()}
        return Block(0, frame.height, cells.pop(self._task.ids.name), cells)

    def _dtype(self, name: str) -> type[pl.DataType]:
        if name == self._task.ids.name:
            return pl.Int64 if self._task.ids.kind == "integer" else pl.String
        kind = next(column.type for column in self._task.columns if column.name == name)
        return pl.Float64 if kind in {"probability", "number", "integer"} else pl.String

    def blocks(self, layout: Layout, most_rows: int, ledger: Ledger) -> Iterator[Block]:
        """All rows as text, cut exactly as RFC 4180 says. Blank lines are passed over."""
        count = 0
        with self._lines() as lines:
            reader = _Rows(lines, self._heading)
            while not reader.ended:
                rows, starts = reader.take(min(limits.BLOCK, most_rows - count + 1))
                if count + len(rows) > most_rows:
                    reader.stop = Unreadable("intake.rows_many", expected=self._task.rows, most=most_rows)
                    rows, starts = rows[:-1], starts[:-1]
                if rows:
                    yield self._block(count, rows, starts, layout, ledger)
                    count += len(rows)
                if reader.stop is not None:
                    raise reader.stop

    def _lines(self) -> io.TextIOWrapper:
        raw = io.BytesIO(self._body.data) if self._body.path is None else self._body.path.open("rb")
        lines = io.TextIOWrapper(raw, "utf-8-sig", newline="")
        for _ in range(self._heading.line):
            lines.readline()
        return lines

    def _block(self, start: int, rows: list[list[str]], starts: list[int], layout: Layout, ledger: Ledger) -> Block:
        width = len(self.names)
        lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        lines = np.array(starts)
        id_place = layout.places.get(self._task.ids.name)
        ids = None
        if id_place is not None:
            ids = pl.Series([row[id_place] if id_place < len(row) else None for row in rows], dtype=pl.String)
        whole = None
        if (lengths != width).any():
            _report_uneven(start, lengths, lines, width, ledger)
            whole = np.flatnonzero(lengths == width)
            rows = [rows[i] for i in whole]
        cells = {
            name: pl.Series(name, [row[place] for row in rows], dtype=pl.String)
            for name, place in layout.places.items()
            if name != self._task.ids.name
        }
        return Block(start, len(lengths), ids, cells, whole, lines)


def _report_uneven(
    start: int, lengths: NDArray[np.int64], lines: NDArray[np.int64], width: int, ledger: Ledger
) -> None:
    """Reports rows with stray quotes (length 0) and rows with more or fewer cells than the heading."""
    for message, places in (
        ("intake.row_quote", np.flatnonzero(lengths == 0)),
        ("intake.row_ragged", np.flatnonzero((lengths != width) & (lengths != 0))),
    ):
        if len(places):
            values = pl.Series(lengths[places]).replace(0, None).cast(pl.String)
            ledger.add_rows(message, start + places + 1, values, lines=lines[places], params={"expected": width})


class _Rows:
    """The rows below the heading. `ended` says that there are no more, `stop` why there can be no more."""

    def __init__(self, lines: io.TextIOWrapper, first: Heading) -> None:
        self._reader = csv_reader(lines, delimiter=first.delimiter, strict=True)
        self._before, self._last = first.line, 0
        self.ended = False
        self.stop: Unreadable | None = None

    def take(self, most: int) -> tuple[list[list[str]], list[int]]:
        """The next rows, at most `most`, and the line each begins on. A row whose quotes make no sense is an empty list."""
        rows, starts = list[list[str]](), list[int]()
        cells, last, reader = 0, self._last, self._reader
        with _without_collector():
            while len(rows) < most and cells < limits.BLOCK_CELLS and not self.ended:
                try:
                    for row in reader:
                        if row:
                            rows.append(row)
                            starts.append(last)
                            cells += len(row)
                        last = reader.line_num
                        if len(rows) >= most or cells >= limits.BLOCK_CELLS:
                            break
                    else:
                        self.ended = True
                except csv.Error as error:
                    self.stop = self._reason(str(error), last)
                    if self.stop is not None:
                        break
                    rows.append([])
                    starts.append(last)
                    last = reader.line_num
        self._last = last
        return rows, [start + self._before + 1 for start in starts]

    def _reason(self, error: str, last: int) -> Unreadable | None:
        """Why nothing after the line `last` can be read; None when only one row is lost."""
        line = self._before + last + 1
        if "end of data" in error or ("limit" in error and self._reader.line_num - last > 1):
            return Unreadable("intake.quote_open", line=line)
        return Unreadable("intake.cell_long", line=line, most=limits.CELL) if "limit" in error else None


@contextmanager
def _without_collector() -> Iterator[None]:
    """Pauses the search for reference cycles: lists of text have none, and looking for them takes a third of the time."""
    active = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if active:
            gc.enable()
