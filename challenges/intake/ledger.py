"""Every finding of one submission: counts and first examples in memory, all of them in a compressed list on disk."""

import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from challenges.findings import MOST_EXAMPLES, Example, Finding
from challenges.intake import limits
from challenges.report import MOST_FINDINGS

Level = Literal["error", "warning", "note"]
Rows = NDArray[np.int64]
HEADING = b"finding,file,row,line,column,value\n"
SLICE = 100_000
LONGEST_EXAMPLE, LONGEST_LISTED = 80, 200
_FORMULA = r"^[=+\-@\t\r]"
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


class Unreadable(Exception):
    """Reading stops here: the id of the finding that says why, and its params."""

    def __init__(self, message: str, *, line: int | None = None, column: str | None = None, **params: Any) -> None:
        super().__init__(message)
        self.message, self.line, self.column, self.params = message, line, column, params


@dataclass
class _Kind:
    level: Level
    params: dict[str, Any]
    line: int | None = None
    count: int = 0
    examples: list[Example] = field(default_factory=list)


class Ledger:
    """Collects findings; `errors` counts the errors so far.

    Findings of one id, file and column are one entry with a count and its first 20 examples. With `listing`, every row-wise
    finding is also written to that gzip-compressed CSV as it comes, so memory holds no more than the examples.
    """

    def __init__(self, listing: Path | None = None, *, file: str | None = None) -> None:
        self._kinds: dict[tuple[str, str | None, str | None], _Kind] = {}
        self._list = None if listing is None else _List(listing)
        self.file = file
        self.errors = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._list is not None:
            self._list.close()

    def add(
        self,
        message: str,
        *,
        level: Level = "error",
        column: str | None = None,
        line: int | None = None,
        examples: Sequence[Example] = (),
        count: int = 1,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        """One finding about the file or its columns; with `examples`, `count` says how many there are."""
        entry = self._entry(message, level, column, dict(params or {}), count=count)
        entry.count += count
        entry.line = line if entry.line is None else entry.line
        entry.examples += examples[: MOST_EXAMPLES - len(entry.examples)]
        if self._list is not None:
            places = examples or [Example()]
            names = pl.Series([one.column or column for one in places], dtype=pl.String)
            values = pl.Series([one.value for one in places], dtype=pl.String)
            self._list.write(message, self.file, names, None, None, values)

    def add_stop(self, stop: Unreadable) -> None:
        """The reason why reading stopped."""
        self.add(stop.message, line=stop.line, column=stop.column, params=stop.params)

    def add_rows(
        self,
        message: str,
        rows: Rows | None,
        values: pl.Series,
        *,
        lines: Rows | None = None,
        column: str | None = None,
        level: Level = "error",
        params: Mapping[str, Any] | None = None,
        detail: Callable[[int], Mapping[str, Any]] | None = None,
    ) -> None:
        """One finding for each of `values` (text): `rows` counts the rows of data from 1, `lines` the lines of the file.

        `detail` gives further params of the i-th one; it is asked for the examples only.
        """
        entry = self._entry(message, level, column, dict(params or {}), count=len(values))
        entry.count += len(values)
        free = MOST_EXAMPLES - len(entry.examples)
        for i, value in enumerate(values.head(free).to_list()):
            extra = {} if detail is None else dict(detail(i))
            if lines is not None:
                extra["line"] = int(lines[i])
            row = None if rows is None else int(rows[i])
            entry.examples.append(Example(row=row, column=column, value=shown(value), params=extra))
        if self._list is not None:
            self._list.write(message, self.file, column, rows, lines, values)

    def findings(self) -> tuple[Finding, ...]:
        """All kinds of findings, errors first, at most as many as a report holds; a note says how many were left out."""
        if self._list is not None and self._list.left == 0:
            self.add("intake.list_cut", level="note", params={"most": limits.LISTED})
        rank = {"error": 0, "warning": 1, "note": 2}
        found = [
            Finding(
                id=message,
                level=kind.level,
                params=kind.params,
                file=file,
                line=kind.line,
                column=column,
                count=kind.count,
                examples=tuple(kind.examples),
            )
            for (message, file, column), kind in self._kinds.items()
        ]
        found.sort(key=lambda finding: rank[finding.level])
        if len(found) <= MOST_FINDINGS:
            return tuple(found)
        rest = len(found) - MOST_FINDINGS + 1
        return (*found[: MOST_FINDINGS - 1], Finding(id="intake.more_findings", level="note", count=rest))

    def _entry(self, message: str, level: Level, column: str | None, params: dict[str, Any], *, count: int) -> _Kind:
        if level == "error":
            self.errors += count
        return self._kinds.setdefault((message, self.file, column), _Kind(level, params))


class _List:
    """The compressed list of all findings. Cells that a spreadsheet would take for a formula begin with an apostrophe."""

    def __init__(self, path: Path) -> None:
        self._raw = path.open("wb")
        self._zip = gzip.GzipFile(fileobj=self._raw, mode="wb", compresslevel=1, mtime=0, filename="")
        self._zip.write(HEADING)
        self.left = limits.LISTED

    def write(
        self,
        message: str,
        file: str | None,
        column: str | pl.Series | None,
        rows: Rows | None,
        lines: Rows | None,
        values: pl.Series,
    ) -> None:
        """One line for each of `values`; `column` is one name for all, or a name for each."""
        many = min(len(values), self.left)
        self.left -= many
        for start in range(0, many, SLICE):
            part = slice(start, min(start + SLICE, many))
            texts = values[part]
            frame = pl.DataFrame(
                {
                    "finding": _same(message, len(texts)),
                    "file": _same(file, len(texts)),
                    "row": _same(None, len(texts)) if rows is None else pl.Series(rows[part]),
                    "line": _same(None, len(texts)) if lines is None else pl.Series(lines[part]),
                    "column": column[part] if isinstance(column, pl.Series) else _same(column, len(texts)),
                    "value": texts.str.slice(0, LONGEST_LISTED),
                }
            ).with_columns(guarded("file"), guarded("column"), guarded("value"))
            self._zip.write(frame.write_csv(include_header=False).encode())

    def close(self) -> None:
        self._zip.close()
        self._raw.close()


def _same(text: str | None, size: int) -> pl.Series:
    return pl.repeat(text, size, dtype=pl.String, eager=True)


def guarded(name: str) -> pl.Expr:
    """The column (text) with an apostrophe before what a spreadsheet would take for a formula."""
    cell = pl.col(name)
    risky = cell.str.contains(_FORMULA) & ~cell.str.contains(_NUMBER)
    return pl.when(risky).then(pl.lit("'") + cell).otherwise(cell).alias(name)


def shown(value: str | None) -> str | None:
    """A cell as it may be shown anywhere: short, and without characters that move the cursor or the reading direction."""
    if value is None:
        return None
    clean = "".join(c if c.isprintable() else "\ufffd" for c in value[: LONGEST_EXAMPLE + 1])
    return clean if len(clean) <= LONGEST_EXAMPLE else clean[:LONGEST_EXAMPLE] + "…"
