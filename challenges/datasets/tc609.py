"""Records in the form of TC609-5-2025-02: JSON Lines with `data_content`, `annotation` and where each record comes from.

One row a record: the texts of its content joined, the file that it names, its labels, and the other fields as they stand. What
departs from the form is counted and shown; the records are read all the same where their content can be told.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import polars as pl

from challenges.datasets.bundle import Part
from challenges.datasets.desk import Desk, Draft, stacked
from challenges.datasets.kinds import IMAGES, SOUNDS
from challenges.datasets.limits import LONGEST_NAME
from challenges.datasets.media import Kind, located
from challenges.datasets.noting import listed
from challenges.datasets.roles import Roles, paths_of
from challenges.datasets.tabular import blocks_of, check_names, check_size
from challenges.intake.jsonl import _object
from challenges.intake.jsonl import _text as cell_text
from challenges.intake.ledger import Ledger, Unreadable
from challenges.intake.text import in_utf8
from challenges.intake.unpacking import Body
from scoring.quality.schema import Field, Schema

FIELDS: Final = (
    "id", "rid", "data_content", "annotation", "original_time", "last_modified_time", "version", "license", "source", "source_details",
    "generated_data_indicator",
)  # fmt: skip
METHODS: Final = ("人工标注", "自动标注", "半自动标注", "其他")
ANNOTATORS: Final = ("普通标注员", "专业标注员", "行业领域专家", "其他")
MEDIA_TYPES: Final = ("text", "image", "audio", "video", "文本", "图像", "图片", "音频", "视频")
INDICATORS: Final = ("0", "1")
SCHEMA: Final = Schema(
    fields=(
        Field("id", required=True, unique=True),
        Field("annotation_method", enum=METHODS),
        Field("annotator", enum=ANNOTATORS),
        Field("original_time", "datetime"),
        Field("last_modified_time", "datetime"),
        Field("version", required=True),
        Field("license", required=True),
        Field("source", required=True),
        Field("source_details", required=True),
        Field("generated_data_indicator", required=True, enum=INDICATORS),
    ),
    primary_key=("id",),
)
"""What the form asks of a record, as a schema of the table that is made of it."""
PROVENANCE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "licence": "license",
        "source": "source",
        "source_details": "source_details",
        "original_time": "original_time",
        "last_modified_time": "last_modified_time",
        "version": "version",
        "generated": "generated_data_indicator",
    }
)
_ROLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "label": "label",
        "text": "text",
        "time": "original_time",
        "annotator": "annotator",
        "annotation_method": "annotation_method",
    }
)
_TEXT_TYPES: Final = frozenset({"text", "文本"})
_PLAIN: Final = ("id", *FIELDS[4:])
_MADE: Final = ("id", "rid", "media_type", "text", "file", "label", "annotation_method", "annotator", *FIELDS[4:])
_ENUMERATIONS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"annotation_method": METHODS, "annotator": ANNOTATORS, "generated_data_indicator": INDICATORS}
)


def is_one(head: bytes) -> bool:
    """Whether the first record of JSON Lines has the form; `head` holds at least one line."""
    first = next((line for line in head.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()), b"")
    record = _object(first.decode(errors="replace"))
    return record is not None and "data_content" in record


@dataclass
class _Faults:
    """What departs from the form: message and column → rows (from 1) and values; and keys that the form does not know."""

    rows: defaultdict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    values: defaultdict[tuple[str, str], list[str | None]] = field(default_factory=lambda: defaultdict(list))
    keys: dict[str, None] = field(default_factory=dict)

    def add(self, message: str, column: str, row: int, value: Any) -> None:
        self.rows[message, column].append(row)
        self.values[message, column].append(None if value is None else (cell_text(value) or "")[:LONGEST_NAME])

    def key(self, name: str) -> None:
        if len(self.keys) < 1000:
            self.keys[name[:LONGEST_NAME]] = None


def read(desk: Desk, paths: Sequence[str]) -> Draft | None:
    """All records of some files as one table."""
    tables: dict[str, pl.DataFrame] = {}
    for path in paths:
        if (body := desk.body(path)) is None:
            continue
        table = desk.taken(path, lambda ledger, body=body: _table(body, desk, ledger))  # type: ignore[misc]
        if table is not None:
            tables[path] = table
    if not tables:
        return None
    every = list(dict.fromkeys(name for table in tables.values() for name in table.columns))
    filled = {
        path: table.with_columns(pl.lit(None, pl.String).alias(name) for name in every if name not in table.columns)
        for path, table in tables.items()
    }
    stack = stacked(filled, desk.notes)
    if stack is None:
        return None
    table, parts = stack
    return _draft(table, parts, desk)


def _table(body: Body, desk: Desk, ledger: Ledger) -> pl.DataFrame:
    faults, blocks = _Faults(), list[pl.DataFrame]()
    every = dict.fromkeys(_MADE)
    for start, held in blocks_of(in_utf8(body, ledger), desk.limits, ledger):
        rows = [_row(record, start + number, faults) for number, record in enumerate(held, 1)]
        names = dict.fromkeys(_MADE) | dict.fromkeys(name for row in rows for name in row)
        every |= names
        check_names(tuple(every), desk.limits)
        check_size(start + len(rows), len(every), desk.limits)
        blocks.append(_frame(rows, names))
    _report(faults, ledger)
    if not blocks:
        raise Unreadable("intake.json_none")
    return pl.concat(blocks, how="diagonal")


def _frame(rows: Sequence[dict[str, str | None]], names: Iterable[str]) -> pl.DataFrame:
    return pl.DataFrame([pl.Series(name, [row.get(name) for row in rows], dtype=pl.String) for name in names])


def _row(record: dict[str, Any], number: int, faults: _Faults) -> dict[str, str | None]:
    found: dict[str, str | None] = {name: cell_text(record.get(name)) for name in _PLAIN}
    for name in FIELDS:
        if name not in record:
            faults.add("dataset.tc609_lacking", name, number, None)
    rid = record.get("rid")
    if rid is not None and not isinstance(rid, list):
        faults.add("dataset.tc609_rid", "rid", number, rid)
    found["rid"] = cell_text(rid)
    found |= _content(record.get("data_content"), number, faults)
    found |= _annotation(record.get("annotation"), number, faults)
    for name, known in _ENUMERATIONS.items():
        value = found.get(name)
        if value not in {None, "", *known}:
            faults.add("dataset.tc609_enumeration", name, number, value)
    for name, value in record.items():
        if name not in FIELDS:
            found[f"{name}_" if name in found else name] = cell_text(value)
    return found


def _content(content: Any, number: int, faults: _Faults) -> dict[str, str | None]:
    parts = content if isinstance(content, list) else []
    kinds, texts, named = list[str](), list[str](), list[str]()
    sound = bool(parts)
    for part in parts:
        value = part.get("content") if isinstance(part, dict) else None
        given = part.get("media_type") if isinstance(part, dict) else None
        types = [given] if isinstance(given, str) else given if isinstance(given, list) else []
        if not isinstance(value, str) or not types or not all(isinstance(kind, str) for kind in types):
            sound = False
            continue
        kinds += types
        if unknown := [kind for kind in types if kind not in MEDIA_TYPES]:
            faults.add("dataset.tc609_media_type", "media_type", number, unknown[0])
        (texts if _TEXT_TYPES & {*types} else named).append(value)
        for key in part:
            if key not in {"media_type", "content"}:
                faults.key(f"data_content.{key}")
    if not sound:
        faults.add("dataset.tc609_content", "data_content", number, content)
    if len(named) > 1:
        faults.add("dataset.tc609_files", "file", number, ", ".join(named))
    return {
        "media_type": "|".join(dict.fromkeys(kinds)) or None,
        "text": "\n".join(texts) if texts else None,
        "file": named[0] if named else None,
    }


def _annotation(annotation: Any, number: int, faults: _Faults) -> dict[str, str | None]:
    if annotation is None:
        return {}
    labels = annotation.get("label") if isinstance(annotation, dict) else None
    if not isinstance(annotation, dict) or not (labels is None or isinstance(labels, list)):
        faults.add("dataset.tc609_annotation", "annotation", number, annotation)
        return {}
    for key in annotation:
        if key not in {"label", "annotation_method", "annotator"}:
            faults.key(f"annotation.{key}")
    return {
        "label": _label(labels or []),
        "annotation_method": cell_text(annotation.get("annotation_method")),
        "annotator": cell_text(annotation.get("annotator")),
    }


def _label(labels: list[Any]) -> str | None:
    """One plain label as it is, anything else as JSON with its keys in order, so that equal labels are equal texts."""
    if not labels:
        return None
    if len(labels) == 1 and not isinstance(labels[0], dict | list):
        return cell_text(labels[0])
    return json.dumps(labels[0] if len(labels) == 1 else labels, ensure_ascii=False, sort_keys=True)


def _report(faults: _Faults, ledger: Ledger) -> None:
    for (message, column), rows in faults.rows.items():
        known = _ENUMERATIONS.get(column, MEDIA_TYPES if column == "media_type" else ())
        ledger.add_rows(
            message,
            np.array(rows),
            pl.Series(faults.values[message, column], dtype=pl.String),
            column=column,
            level="error" if message == "dataset.tc609_content" else "warning",
            params={"known": ", ".join(known)} if known else {},
        )
    if faults.keys:
        ledger.add("dataset.keys_unused", level="note", params={"found": listed(faults.keys)}, count=len(faults.keys))


def _draft(table: pl.DataFrame, parts: tuple[Part, ...], desk: Desk) -> Draft:
    there = [name for name in table.columns if not table[name].is_null().all()]
    roles: dict[str, Any] = {"id": "id"}
    roles |= {role: name for role, name in _ROLES.items() if name in there}
    media: tuple[Kind, pl.Series] | None = None
    if "file" in there:
        cells = table["file"]
        kind: Kind | None = "image" if paths_of(cells, IMAGES) else "audio" if paths_of(cells, SOUNDS) else None
        if kind is None or not (desk.images or desk.sounds):
            desk.notes.about(
                "dataset.media_mixed" if kind is None else "dataset.media_none", None, level="warning", column="file"
            )
        else:
            roles[kind] = "file"
            pieces = [located(cells.slice(part.start, part.rows), part.path, kind, desk) for part in parts]
            media = (kind, pl.concat(pieces))
    empty = [name for name in _MADE if name not in there and name not in FIELDS]
    licences = [
        (text, "license") for text in table["license"].drop_nulls().unique(maintain_order=True).head(20).to_list()
    ]
    return Draft(
        table.drop(empty),
        parts,
        Roles(**roles),
        schema=_schema(table),
        licences=licences,
        columns=PROVENANCE,
        media=media,
    )


def _schema(table: pl.DataFrame) -> Schema:
    """The form, without what nothing in the table is about."""
    bare = [name for name in ("annotation_method", "annotator") if table[name].is_null().all()]
    return Schema(tuple(one for one in SCHEMA.fields if one.name not in bare), SCHEMA.primary_key)
