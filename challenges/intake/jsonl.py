"""JSON Lines: one object a line, read exactly as written."""

import io
import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import polars as pl

from challenges.intake import limits
from challenges.intake.columns import Layout
from challenges.intake.ledger import Ledger, Unreadable
from challenges.intake.table import Block
from challenges.intake.unpacking import Body
from challenges.plan import TaskPlan

FIRST = 1000
"""Rows whose keys are the columns: a key that is null in one row may be left out there."""


class JsonSheet:
    """A text file in UTF-8 with one JSON object a line. Numbers are kept as they are written, so that they are judged as in a CSV."""

    def __init__(self, body: Body, task: TaskPlan) -> None:
        self._body = body
        self._task = task
        first = [row for _, _, row in islice(self._rows(), FIRST) if row is not None]
        if not first:
            raise Unreadable("intake.json_none")
        self.names: tuple[str, ...] = tuple(dict.fromkeys(key for row in first for key in row))
        most = limits.most_columns(len(task.columns) + 1)
        if len(self.names) > most:
            expected = len(task.columns) + 1
            raise Unreadable("intake.columns_many", found=len(self.names), expected=expected, most=most)

    def swift(self, layout: Layout, most_rows: int) -> Block | None:  # noqa: ARG002 - the form of every sheet
        """Always None: there is but one way to read JSON."""
        return None

    def blocks(self, layout: Layout, most_rows: int, ledger: Ledger) -> Iterator[Block]:
        """All rows as text."""
        count, size, held = 0, 0, list[tuple[int, str, dict[str, Any] | None]]()
        for row in self._rows():
            if count + len(held) >= most_rows:
                yield self._block(count, held, layout, ledger)
                raise Unreadable("intake.rows_many", expected=self._task.rows, most=most_rows)
            held.append(row)
            size += len(row[1])
            if len(held) >= limits.BLOCK or size >= limits.BLOCK_BYTES:
                yield self._block(count, held, layout, ledger)
                count, size, held = count + len(held), 0, []
        if held:
            yield self._block(count, held, layout, ledger)

    def _rows(self) -> Iterator[tuple[int, str, dict[str, Any] | None]]:
        """Line, text and object of each row; None instead of an object where there is none."""
        raw = io.BytesIO(self._body.data) if self._body.path is None else self._body.path.open("rb")
        with io.TextIOWrapper(raw, "utf-8-sig") as lines:
            for line, text in enumerate(lines, 1):
                if not text.isspace():
                    yield line, text, _object(text)

    def _block(
        self, start: int, held: list[tuple[int, str, dict[str, Any] | None]], layout: Layout, ledger: Ledger
    ) -> Block:
        lines = np.fromiter((line for line, _, _ in held), np.int64, len(held))
        broken = np.fromiter((row is None for _, _, row in held), bool, len(held))
        whole = None
        if broken.any():
            places = np.flatnonzero(broken)
            texts = pl.Series([held[i][1].strip()[:200] for i in places], dtype=pl.String)
            ledger.add_rows("intake.row_json", start + places + 1, texts, lines=lines[places])
            whole = np.flatnonzero(~broken)
        self._report_strange(start, held, lines, ledger)
        keys = {name: self.names[place] for name, place in layout.places.items()}
        cells = {
            name: pl.Series(name, [_text(row.get(key)) for _, _, row in held if row is not None], dtype=pl.String)
            for name, key in keys.items()
            if name != self._task.ids.name
        }
        key = keys.get(self._task.ids.name)
        ids = None
        if key is not None:
            ids = pl.Series([_text(row.get(key)) if row is not None else None for _, _, row in held], dtype=pl.String)
        return Block(start, len(held), ids, cells, whole, lines)

    def _report_strange(
        self, start: int, held: list[tuple[int, str, dict[str, Any] | None]], lines: Any, ledger: Ledger
    ) -> None:
        known = dict.fromkeys(self.names).keys()
        strange = [i for i, (_, _, row) in enumerate(held) if row is not None and not row.keys() <= known]
        if strange:
            places = np.array(strange)
            names = [next(key for key in (held[i][2] or {}) if key not in known) for i in strange]
            values = pl.Series(names, dtype=pl.String)
            ledger.add_rows("intake.row_keys", start + places + 1, values, lines=lines[places], level="warning")


def _object(text: str) -> dict[str, Any] | None:
    try:
        row = json.loads(
            text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_without_repetition
        )
        if "\\u" in text:
            json.dumps(row, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) else None


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        raise ValueError("the same key twice")
    return row


def _text(value: Any) -> str | None:
    """A value as it would stand in a CSV; lists and objects as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
