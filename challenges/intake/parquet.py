"""Parquet from strangers: looked through before it is unpacked, then read in blocks of the columns that are wanted."""

import mmap
from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from challenges.intake import limits
from challenges.intake.columns import Layout
from challenges.intake.ledger import Ledger, Unreadable
from challenges.intake.pages import check_pages
from challenges.intake.table import Block
from challenges.intake.unpacking import Body
from challenges.plan import TaskPlan

MAGIC = b"PAR1"
LONGEST_LIST = 1000
"""Items in a cell of a list column for which the challenge sets no limit."""
DENSE = 256 * limits.MIB
"""Bytes that the texts of a block may have once each row holds its own: a dictionary says a long text once, a million rows refer to it."""
_BROKEN = (pa.ArrowException, OSError, ValueError, OverflowError)


class ParquetSheet:
    """A Parquet file; `room` is how many bytes its pages may become."""

    def __init__(self, body: Body, task: TaskPlan, room: int) -> None:
        self._body = body
        self._task = task
        self._room = room
        _check_footer(body.data)
        try:
            with self._open() as file:
                self._rows: int = file.metadata.num_rows
                self._schema: Any = file.schema_arrow
        except _BROKEN:
            raise Unreadable("intake.parquet_broken") from None
        self.names: tuple[str, ...] = tuple(self._schema.names)
        expected = len(task.columns) + 1
        most = limits.most_columns(expected)
        if len(self.names) > most:
            raise Unreadable("intake.columns_many", found=len(self.names), expected=expected, most=most)

    def swift(self, layout: Layout, most_rows: int) -> Block | None:  # noqa: ARG002 - the form of every sheet
        """Always None: its columns have types of their own, so the exact way is swift."""
        return None

    def blocks(self, layout: Layout, most_rows: int, ledger: Ledger) -> Iterator[Block]:  # noqa: ARG002 - no rows can be uneven
        """All rows, with the types they have in the file."""
        if self._rows > most_rows:
            raise Unreadable("intake.rows_many", expected=self._task.rows, most=most_rows)
        wanted = {name: self.names[place] for name, place in layout.places.items()}
        if len({*self.names}) != len(self.names):
            raise Unreadable("intake.parquet_names")
        items = max((c.max_length or LONGEST_LIST for c in self._task.columns if c.type == "list"), default=1)
        check_pages(self._body.data, wanted.values(), self._room, most_rows * items)
        start = 0
        try:
            with self._open(dictionary=self._texts(wanted.values())) as file:
                batches = file.iter_batches(limits.BLOCK, columns=list(wanted.values()), use_threads=False)
                for batch in batches:
                    batch.validate(full=True)  # texts in UTF-8, references within their dictionary: others rely on it
                    yield self._block(start, batch, wanted)
                    start += batch.num_rows
        except _BROKEN:
            raise Unreadable("intake.parquet_broken") from None
        if start != self._rows:
            raise Unreadable("intake.parquet_broken")

    def _open(self, dictionary: list[str] | None = None) -> Any:
        source = pa.BufferReader(self._body.data) if self._body.path is None else pa.memory_map(str(self._body.path))
        return pq.ParquetFile(
            source,
            read_dictionary=dictionary,
            thrift_string_size_limit=limits.FOOTER,
            thrift_container_size_limit=limits.FOOTER // 16,
        )

    def _texts(self, names: Any) -> list[str]:
        kinds = (pa.types.is_string, pa.types.is_large_string)
        return [name for name in names if any(is_kind(self._schema.field(name).type) for is_kind in kinds)]

    def _block(self, start: int, batch: Any, wanted: dict[str, str]) -> Block:
        cells = {name: self._cells(batch.column(column), name) for name, column in wanted.items()}
        ids = cells.pop(self._task.ids.name, None)
        return Block(start, batch.num_rows, ids, cells)

    def _cells(self, array: Any, name: str) -> pl.Series:
        try:
            return _series(array, name)
        except (
            pl.exceptions.PanicException,
            pl.exceptions.PolarsError,
        ):  # a decimal of 256 bits, and what else polars lacks
            kinds = {self._task.ids.name: self._task.ids.kind, **{one.name: one.type for one in self._task.columns}}
            found = str(array.type)[:60]
            raise Unreadable("intake.column_type", column=name, found=found, expected=kinds[name]) from None


def _check_footer(data: bytes | mmap.mmap) -> None:
    if len(data) < 12 or data[-4:] != MAGIC:
        raise Unreadable("intake.parquet_cut")
    if int.from_bytes(data[-8:-4], "little") > min(limits.FOOTER, len(data) - 12):
        raise Unreadable("intake.parquet_broken")


def _series(array: Any, name: str) -> pl.Series:
    """A column of a batch. Texts that refer to a dictionary are written out, if that is not too much."""
    if pa.types.is_dictionary(array.type):
        words = pl.Series(pl.from_arrow(array.dictionary))
        codes = pl.Series(pl.from_arrow(array.indices))
        if words.dtype == pl.String and int(words.str.len_bytes().max() or 0) * len(codes) > DENSE:  # type: ignore[arg-type]
            sizes = words.str.len_bytes().to_numpy().astype(np.int64)
            if int(sizes[codes.drop_nulls().to_numpy()].sum()) > DENSE:
                raise Unreadable("intake.cell_long", column=name, most=limits.CELL)
        return words.gather(codes).alias(name)
    return pl.Series(pl.from_arrow(array)).alias(name)
