"""From an opened dataset to the few records and the columns that others may see; runs where the file was opened."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from challenges.preview import (
    LEAST_SHARED,
    LONGEST_CELL,
    MOST_ROWS,
    MOST_SHOWN,
    NOTHING,
    ColumnSeen,
    ColumnsSeen,
    Preview,
    PreviewColumn,
)
from challenges.preview_masking import hidden, shown
from challenges.quality import MOST_COLUMNS as MOST_DESCRIBED
from challenges.quality import ColumnFound
from challenges.quality_summary import column_found
from scoring.quality import personal
from scoring.quality.conformity import conform
from scoring.quality.evidence import Evidence
from scoring.quality.personal import ColumnFinding
from scoring.quality.profile.reading import profile_frame
from scoring.quality.profile.result import ColumnProfile
from scoring.quality.usual import usual_schema


def columns_seen(seen: Evidence) -> ColumnsSeen:
    """The columns with their types and the roles that are known of them."""
    typed = _typed(seen, seen.table.columns)
    roles = {getattr(seen.roles, role): role for role in type(seen.roles).__slots__ if getattr(seen.roles, role)}
    return ColumnsSeen(
        columns=tuple(
            ColumnSeen.model_validate({"name": name[:200], "type": _type(typed.get(name)), "role": roles.get(name, "")})
            for name in seen.table.columns
        )
    )


@dataclass(frozen=True)
class Looked:
    """A column as it may be shown, and what was found in it."""

    column: PreviewColumn
    findings: tuple[ColumnFinding, ...]


def looked_at(seen: Evidence) -> tuple[Looked, ...]:
    """How the values of each of the first columns are distributed, read as what they usually are.

    A column that holds personal data or secrets throughout is hidden whole; of the others only values that `LEAST_SHARED` records
    share are named.
    """
    table = seen.table.select(seen.table.columns[:MOST_DESCRIBED])
    typed = _typed(seen, table.columns)
    profile = profile_frame(table.with_columns(typed.values()), seed=seen.seed)
    looked = []
    for name in table.columns:
        findings = _findings(table[name])
        why = hidden(table[name], findings)
        column = PreviewColumn(found=_found(profile.column(name), findings, hidden=bool(why)), hidden=why)
        looked.append(Looked(column, findings))
    return tuple(looked)


def preview(seen: Evidence, looked: tuple[Looked, ...]) -> Preview:
    """At most `MOST_ROWS` records, drawn evenly from the whole table; personal data and secrets are masked.

    looked   what `looked_at` gives for this table
    """
    count = min(MOST_ROWS, seen.table.height)
    places = (np.arange(count) * 2 + 1) * seen.table.height // max(2 * count, 1)
    heads = looked[:MOST_SHOWN]
    cells = []
    for name, head in zip(seen.table.columns, heads, strict=False):
        some = seen.table[name][places]
        cells.append(_nothing(some) if head.column.hidden else _cut(shown(some, head.findings)))
    return Preview(
        columns=tuple(head.column for head in heads),
        rows=tuple(zip(*cells, strict=True)),
        columns_in_all=seen.table.width,
        rows_in_all=seen.table.height,
    )


def _typed(seen: Evidence, names: Sequence[str]) -> dict[str, pl.Series]:
    """The columns of single values by name, read as what they usually are, whatever they are written as."""
    flat = seen.table.select(name for name in names if not _is_nested(seen.table[name]))
    schema = seen.schema or usual_schema(flat)
    asked = replace(
        schema, fields=tuple(field for field in schema.fields if field.name in flat.columns), primary_key=(), rules=()
    )
    return {cells.name: cells for cells in conform(flat, asked).table}


def _is_nested(cells: pl.Series) -> bool:
    return cells.dtype.is_nested() or cells.dtype in {pl.Binary, pl.Object}


def _type(cells: pl.Series | None) -> str:
    if cells is None:
        return "nested"
    kind = cells.dtype
    if kind == pl.Boolean:
        return "boolean"
    if kind == pl.Date:
        return "date"
    if kind.is_temporal():
        return "datetime"
    return "integer" if kind.is_integer() else "number" if kind.is_numeric() else "string"


def _findings(cells: pl.Series) -> tuple[ColumnFinding, ...]:
    return () if _is_nested(cells) else personal.judge(personal.count(cells.to_frame()))


def _nothing(cells: pl.Series) -> list[str | None]:
    return [None if missing else NOTHING for missing in cells.is_null()]


def _cut(texts: pl.Series) -> list[str | None]:
    return [
        text if text is None or len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"
        for text in texts.to_list()
    ]


def _found(column: ColumnProfile, findings: tuple[ColumnFinding, ...], *, hidden: bool) -> ColumnFound:
    """The column at a glance; nothing of its values where it is hidden."""
    found = column_found(column)
    if hidden:
        return found.model_copy(update={"low": None, "middle": None, "high": None, "names": (), "bars": ()})
    if not found.names:
        return found
    named = zip(
        shown(pl.Series(column.name, found.names, dtype=pl.String), findings).to_list(), found.bars, strict=False
    )
    kept = [(text, count) for text, count in named if text is not None and count >= LEAST_SHARED]
    return found.model_copy(
        update={"names": tuple(text for text, _ in kept), "bars": tuple(count for _, count in kept)}
    )
