"""One table of a stranger's dataset as a frame: text exactly as it stands in CSV and JSON Lines, typed columns from Parquet.

Opening, encodings, quoting, pages and line lengths are judged by the machinery of `challenges.intake`; what is new here is that
no column is asked for by name, so every one of them is read, within `Limits`.
"""

import csv
import io
import mmap
from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from challenges.datasets.limits import LONGEST_NAME, Limits
from challenges.datasets.noting import listed
from challenges.intake import limits as bounds
from challenges.intake.cells import NUMBER
from challenges.intake.delimited import _report_uneven, _Rows
from challenges.intake.jsonl import _object
from challenges.intake.jsonl import _text as cell_text
from challenges.intake.ledger import Ledger, Unreadable, shown
from challenges.intake.pages import check_pages
from challenges.intake.parquet import _BROKEN, MAGIC, _check_footer, _series
from challenges.intake.text import DELIMITERS, Heading, check_delimiter, csv_reader, heading, in_utf8, line_end
from challenges.intake.unpacking import STEP, Body

_LOOKED_AT: Final = 256 * 1024
"""Bytes from the beginning of a text table in which its delimiter shows."""
_DEEPEST: Final = 16
"""Levels of lists and objects in a column of Parquet."""
_NAMED_SO: Final = {"parquet": (".parquet", ".pq"), "jsonl": (".jsonl", ".ndjson", ".json")}


def read_table(body: Body, limits: Limits, ledger: Ledger) -> pl.DataFrame:
    """All rows and columns of a table, whatever its name says it is.

    Cells of CSV, TSV and JSON Lines are text (null only where JSON says null or has no such key); lists and objects in JSON
    stay JSON text. Findings go to `ledger`; Unreadable is raised where nothing sensible can be read.
    """
    if body.data[:4] == MAGIC:
        _check_name("parquet", body, ledger)
        return _parquet(body, limits)
    body = in_utf8(body, ledger)
    first = body.data[:65_536].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if first == b"[" and body.name.lower().endswith(_NAMED_SO["jsonl"]):
        raise Unreadable("intake.json_array")
    if first == b"{":
        _check_name("jsonl", body, ledger)
        return _json_lines(body, limits, ledger)
    _check_name("csv", body, ledger)
    return _delimited(body, limits, ledger)


def looks_like_table(head: bytes) -> bool:
    """Whether the first bytes of a file are those of a table: Parquet, JSON Lines, or rows of several cells, as many in each."""
    if head[:4] == MAGIC or head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{":
        return True
    text = head.decode(errors="ignore").removeprefix("\ufeff")
    for delimiter in DELIMITERS:
        rows = [row for row, _ in zip(_rows(text, delimiter), "abc", strict=False)]
        if len(rows) > 1 and len({len(row) for row in rows}) == 1 and len(rows[0]) > 1 and all(rows[0]):
            return True
    return False


def _check_name(found: str, body: Body, ledger: Ledger) -> None:
    name = body.name.lower()
    other = any(name.endswith(endings) for kind, endings in _NAMED_SO.items() if kind != found)
    if other or not name.endswith(_NAMED_SO.get(found, name)):
        ledger.add("intake.name_differs", level="warning", params={"name": shown(body.name), "found": found})


def check_names(names: Sequence[str], limits: Limits) -> tuple[str, ...]:
    """The names of all columns without spaces at their ends. Raises Unreadable for empty, endless and repeated ones."""
    if len(names) > limits.columns:
        raise Unreadable("dataset.columns_many", found=len(names), most=limits.columns)
    clean = tuple(name.strip().strip("\ufeff\u200b") for name in names)
    places = [str(place) for place, name in enumerate(clean, 1) if not name]
    if places:
        raise Unreadable("dataset.names_empty", places=listed(places))
    if long := [name for name in clean if len(name) > LONGEST_NAME or not name.isprintable()]:
        raise Unreadable("dataset.names_long", names=listed(long, 3), most=LONGEST_NAME)
    if len(set(clean)) < len(clean):
        seen: set[str] = set()
        again = [name for name in clean if name in seen or seen.add(name)]  # type: ignore[func-returns-value]
        raise Unreadable("dataset.names_twice", names=listed(dict.fromkeys(again)))
    return clean


def check_size(rows: int, columns: int, limits: Limits) -> None:
    """Raises Unreadable when a table of so many rows and columns is more than is read."""
    if rows > limits.rows:
        raise Unreadable("dataset.rows_many", most=limits.rows)
    if rows * columns > limits.cells:
        raise Unreadable("dataset.cells_many", columns=columns, most=limits.cells)


def _check_cells(frame: pl.DataFrame, limits: Limits) -> None:
    for cells in frame:
        if cells.dtype == pl.String and int(cells.str.len_bytes().max() or 0) > limits.cell_bytes:  # type: ignore[arg-type]
            row = int((cells.str.len_bytes() > limits.cell_bytes).arg_max() or 0)
            raise Unreadable("dataset.cell_long", column=shown(cells.name), row=row + 1, most=limits.cell_bytes)


def _delimited(body: Body, limits: Limits, ledger: Ledger) -> pl.DataFrame:
    cut = _heading(body)
    if all(name.strip() for name in cut.names) and pl.Series(cut.names).str.strip_chars().str.contains(NUMBER).all():
        raise Unreadable("dataset.heading_none", line=cut.line, found=listed(cut.names, 5))
    names = check_names(cut.names, limits)
    check_delimiter(body, cut.delimiter, ledger)
    frame = _swift(body, cut, names, limits)
    return _exact(body, cut, names, limits, ledger) if frame is None else frame


def _heading(body: Body) -> Heading:
    """The first row, cut by the delimiter that cuts the second row into as many cells, and the most."""
    text = body.data[:_LOOKED_AT].decode(errors="ignore")
    best, most = ",", (False, 0)
    for delimiter in DELIMITERS:
        rows = [row for row, _ in zip(_rows(text, delimiter), "ab", strict=False)]
        same = len(rows) > 1 and len(rows[0]) == len(rows[1]) > 1
        found = (same, len(rows[0]) if rows else 0)
        if found > most:
            best, most = delimiter, found
    first = next(_rows(text, best), [])
    return heading(body, first)


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    """The rows at the beginning of a text table that are not blank, as far as they can be told apart."""
    try:
        yield from (
            row for row in csv_reader(io.StringIO(text, newline=""), delimiter=delimiter) if "".join(row).strip()
        )
    except csv.Error:
        return


def _swift(body: Body, cut: Heading, names: tuple[str, ...], limits: Limits) -> pl.DataFrame | None:
    """All rows at once where nothing can be misread: no quotation mark, plain line ends, as many delimiters as cells need.

    A row with fewer cells is filled up by the parser without a word, so the delimiters of the whole file are counted.
    """
    if not cut.plain or len(names) == 1 or body.data.find(b'"') >= 0 or line_end(body) != b"\n":
        return None
    delimiters = _count(body.data, cut.delimiter.encode())
    check_size((delimiters // (len(names) - 1)) - 1, len(names), limits)
    if _count(body.data, b"\r") not in {0, _count(body.data, b"\n")} and body.data.find(b"\r") >= 0:
        return None
    try:
        frame = pl.read_csv(
            body.path or bytes(body.data),
            has_header=False,
            skip_rows=1,
            schema=dict.fromkeys(names, pl.String),
            separator=cut.delimiter,
            quote_char=None,
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
        return None
    if delimiters != (len(names) - 1) * (frame.height + 1):
        return None
    return frame.with_columns(pl.all().fill_null(""))


def _count(data: bytes | mmap.mmap, byte: bytes) -> int:
    whole, value = np.frombuffer(data, np.uint8), byte[0]
    return sum(int(np.count_nonzero(whole[at : at + STEP] == value)) for at in range(0, len(whole), STEP))


def _exact(body: Body, cut: Heading, names: tuple[str, ...], limits: Limits, ledger: Ledger) -> pl.DataFrame:
    """All rows, cut as RFC 4180 says; rows with more or fewer cells than names go to `ledger` instead. Blank lines do not count."""
    raw = io.BytesIO(body.data) if body.path is None else body.path.open("rb")
    blocks, count = list[pl.DataFrame](), 0
    with io.TextIOWrapper(raw, "utf-8-sig", newline="") as lines:
        for _ in range(cut.line):
            lines.readline()
        reader = _Rows(lines, cut)
        while not reader.ended:
            rows, starts = reader.take(bounds.BLOCK)
            count += len(rows)
            check_size(count, len(names), limits)
            lengths = np.fromiter(map(len, rows), np.int64, len(rows))
            if (lengths != len(names)).any():
                _report_uneven(count - len(rows), lengths, np.array(starts), len(names), ledger)
                rows = [row for row in rows if len(row) == len(names)]
            blocks.append(
                pl.DataFrame(
                    [pl.Series(name, [row[i] for row in rows], dtype=pl.String) for i, name in enumerate(names)]
                )
            )
            if reader.stop is not None:
                raise reader.stop
    return pl.concat(blocks) if blocks else pl.DataFrame(schema=dict.fromkeys(names, pl.String))


def records(body: Body) -> Iterator[tuple[int, str, dict[str, Any] | None]]:
    """Line, text and object of each record of JSON Lines in UTF-8; None instead of an object where there is none."""
    raw = io.BytesIO(body.data) if body.path is None else body.path.open("rb")
    with io.TextIOWrapper(raw, "utf-8-sig") as lines:
        for line, text in enumerate(lines, 1):
            if not text.isspace():
                yield line, text, _object(text)


def blocks_of(body: Body, limits: Limits, ledger: Ledger) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """Records some at a time, with the number of the first (from 0); lines that are none go to `ledger`."""
    held, size, start = list[dict[str, Any]](), 0, 0
    bad, lines, count = list[str](), list[int](), 0
    for line, text, record in records(body):
        count += 1
        if count > limits.rows:
            raise Unreadable("dataset.rows_many", most=limits.rows)
        if record is None:
            bad.append(text.strip()[:200])
            lines.append(line)
            continue
        held.append(record)
        size += len(text)
        if len(held) >= bounds.BLOCK or size >= bounds.BLOCK_BYTES:
            yield start, held
            start, held, size = start + len(held), [], 0
    if held:
        yield start, held
    if bad:
        ledger.add_rows("intake.row_json", None, pl.Series(bad, dtype=pl.String), lines=np.array(lines))
    if not count:
        raise Unreadable("intake.json_none")


def _json_lines(body: Body, limits: Limits, ledger: Ledger) -> pl.DataFrame:
    blocks, names, rows = list[pl.DataFrame](), dict[str, None](), 0
    for _, held in blocks_of(body, limits, ledger):
        here: dict[str, None] = {}
        for record in held:
            here.update(dict.fromkeys(record))
            if len(here) > limits.columns:
                raise Unreadable("dataset.columns_many", found=len(here), most=limits.columns)
        names.update(here)
        rows += len(held)
        check_size(rows, len(names), limits)
        cells = [pl.Series(name, [cell_text(record.get(name)) for record in held], dtype=pl.String) for name in here]
        blocks.append(pl.DataFrame(cells))
    if not blocks:
        raise Unreadable("intake.json_none")
    clean = check_names(tuple(names), limits)
    frame = pl.concat(blocks, how="diagonal").select(list(names))
    frame.columns = list(clean)
    _check_cells(frame, limits)
    return frame


def _parquet(body: Body, limits: Limits) -> pl.DataFrame:
    _check_footer(body.data)
    try:
        with _opened(body) as file:
            rows, schema = int(file.metadata.num_rows), file.schema_arrow
    except _BROKEN:
        raise Unreadable("intake.parquet_broken") from None
    names = tuple(schema.names)
    if len({*names}) != len(names):
        raise Unreadable("intake.parquet_names")
    clean = check_names(names, limits)
    check_size(rows, len(names), limits)
    for field in schema:
        _check_type(field.type, field.name, 0)
    check_pages(body.data, names, min(limits.table_bytes, limits.room(len(body.data))), limits.cells)
    texts = [field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)]
    blocks, held = list[pl.DataFrame](), 0
    try:
        with _opened(body, texts) as file:
            for batch in file.iter_batches(bounds.BLOCK, use_threads=False):
                batch.validate(full=True)  # texts in UTF-8, references within their dictionary: others rely on it
                blocks.append(pl.DataFrame([_series(batch.column(i), name) for i, name in enumerate(clean)]))
                held += int(blocks[-1].estimated_size())
                if held > limits.memory_bytes:
                    raise Unreadable("dataset.memory_large", most=limits.memory_bytes)
    except (*_BROKEN, pl.exceptions.PolarsError, pl.exceptions.PanicException):
        raise Unreadable("intake.parquet_broken") from None
    if sum(block.height for block in blocks) != rows:
        raise Unreadable("intake.parquet_broken")
    frame = pl.concat(blocks) if blocks else _empty(schema, clean)
    _check_cells(frame, limits)
    return frame


def _check_type(kind: Any, column: str, depth: int) -> None:
    """Raises Unreadable for types that polars cannot hold: it would not refuse them but panic."""
    inside = [kind.field(i).type for i in range(kind.num_fields)]
    inside += [kind.value_type] if pa.types.is_dictionary(kind) else []
    odd = pa.types.is_decimal256(kind) or isinstance(kind, pa.BaseExtensionType) or pa.types.is_run_end_encoded(kind)
    if odd or depth > _DEEPEST:
        raise Unreadable("dataset.parquet_type", column=shown(column), found=str(kind)[:LONGEST_NAME])
    for inner in inside:
        _check_type(inner, column, depth + 1)


def _opened(body: Body, dictionary: list[str] | None = None) -> Any:
    source = pa.BufferReader(body.data) if body.path is None else pa.memory_map(str(body.path))
    return pq.ParquetFile(
        source,
        read_dictionary=dictionary,
        thrift_string_size_limit=bounds.FOOTER,
        thrift_container_size_limit=bounds.FOOTER // 16,
    )


def _empty(schema: Any, names: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            pl.Series(pl.from_arrow(pa.array([], field.type))).alias(name)
            for field, name in zip(schema, names, strict=True)
        ]
    )
