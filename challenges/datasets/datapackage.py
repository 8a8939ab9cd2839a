"""Frictionless data packages (v1 and v2): resources with their Table Schema, hashes and sizes verified, foreign keys followed.

The records are those of the first table that no other table's foreign keys lead to; the others are looked up. What the standard
allows and nothing here reads is named: addresses on the network, dialects beyond a delimiter, inline data of another form.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import polars as pl

from challenges.datasets.bundle import HashClaim, Part
from challenges.datasets.card import Card
from challenges.datasets.describing import Described
from challenges.datasets.desk import Desk, Draft, stacked, text_of
from challenges.datasets.hashes import claim
from challenges.datasets.kinds import TABLES, suffix
from challenges.datasets.noting import listed
from challenges.datasets.table_schema import read_described
from challenges.datasets.tabular import check_names
from challenges.intake.jsonl import _text as cell_text
from challenges.intake.ledger import Unreadable
from challenges.intake.text import csv_reader
from challenges.toml_lines import KeyPath
from challenges.values import is_inner_path
from scoring.quality.schema import Schema

NAME: Final = "datapackage.json"
MOST_RESOURCES: Final = 2_000
_PACKAGE: Final = frozenset(
    {"resources", "$schema", "name", "id", "licenses", "title", "description", "homepage", "image", "version", "created", "keywords",
     "contributors", "sources", "profile"}
)  # fmt: skip
_RESOURCE: Final = frozenset(
    {"name", "path", "url", "data", "type", "$schema", "profile", "title", "description", "format", "mediatype", "encoding", "bytes", "hash",
     "sources", "licenses", "dialect", "schema"}
)  # fmt: skip
_REMOTE: Final = re.compile(r"(?i)^[a-z][a-z0-9+.-]*://")
_FOLLOWED: Final = 20
"""Foreign keys that are followed."""


@dataclass
class _Resource:
    """One resource; `paths` are files of the dataset that it names. `tabular` says that rows are expected in it."""

    name: str
    at: KeyPath
    value: dict[str, Any]
    paths: tuple[str, ...]
    tabular: bool
    schema: Schema | None = None
    keys: list[dict[str, Any]] = field(default_factory=list)


def read(desk: Desk, card: Card) -> Draft | None:  # noqa: ARG001 - the form of every layout
    """The records of the package."""
    described = desk.described(NAME)
    if described is None:
        return None
    value = described.value
    listed_ones = value.get("resources") if isinstance(value, dict) else None
    if not isinstance(listed_ones, list) or not listed_ones:
        desk.notes.put([described.finding("dataset.package_no_resources", ("resources",))])
        return None
    if len(listed_ones) > MOST_RESOURCES:
        desk.notes.put([described.finding("dataset.list_long", ("resources",), most=MOST_RESOURCES)])
        return None
    reader = _Reader(desk, described)
    resources = [
        one
        for number, raw in enumerate(listed_ones)
        if (one := reader.resource(("resources", number), raw)) is not None
    ]
    draft = reader.draft(resources)
    if draft is None:
        return None
    _describe(draft, described, resources)
    draft.hashes = reader.hashes
    reader.report_unused()
    return draft


class _Reader:
    def __init__(self, desk: Desk, described: Described) -> None:
        self._desk, self._described = desk, described
        self.hashes: list[HashClaim] = []
        self._tables: dict[str, pl.DataFrame | None] = {}
        self._parts: dict[str, tuple[Part, ...]] = {}

    def resource(self, at: KeyPath, raw: Any) -> _Resource | None:
        if not isinstance(raw, dict):
            self._say("package.want_table", at)
            return None
        name = raw.get("name")
        if not isinstance(name, str) or not name.strip():
            self._say("package.want_text" if "name" in raw else "package.missing", (*at, "name"))
            name = str(at[-1])
        paths = tuple(self._paths(at, raw))
        tabular = (
            raw.get("type") == "table"
            or "schema" in raw
            or "data" in raw
            or any(suffix(path) in TABLES for path in paths)
        )
        one = _Resource(name, at, raw, paths, tabular)
        self._check(one)
        if tabular:
            self._schema(one)
        return one

    def _paths(self, at: KeyPath, raw: dict[str, Any]) -> Iterator[str]:
        """The files that a resource names; whatever else it names is said."""
        key = "path" if "path" in raw or "url" not in raw else "url"
        value = raw.get(key)
        if ("data" in raw) == (value is not None):
            self._say("dataset.package_path_or_data", at)
            return
        names = [] if value is None else value if isinstance(value, list) else [value]
        for number, name in enumerate(names):
            path = (*at, key, number) if isinstance(value, list) else (*at, key)
            if not isinstance(name, str) or not name:
                self._say("package.want_text", path)
            elif _REMOTE.match(name):
                self._say("dataset.package_remote", path)
            elif not is_inner_path(name.removeprefix("./")):
                self._say("dataset.path_outside", path)
            elif (inside := name.removeprefix("./")) not in self._desk.holding.sizes:
                near = self._described.nearest(inside, self._desk.paths[:1000])
                self._say("dataset.no_file_near" if near else "dataset.no_file", path, nearest=near)
            else:
                yield inside

    def _check(self, one: _Resource) -> None:
        """Size and hash, and what of the dialect is not read."""
        self._desk.use(*one.paths)
        stated = {"bytes": one.value.get("bytes"), "hash": one.value.get("hash")}
        for key, value in stated.items():
            if value is None:
                continue
            if len(one.paths) != 1:
                self._say("dataset.hash_of_several", (*one.at, key), level="warning")
                continue
            place = f"{NAME} {'.'.join(map(str, one.at))}.{key}"
            found = claim(
                self._desk, one.paths[0], value if key == "hash" else None, value if key == "bytes" else None, place
            )
            if found is None:
                self._say("dataset.hash_form", (*one.at, key))
            else:
                self.hashes.append(found)
        dialect = one.value.get("dialect")
        for key, value in dialect.items() if isinstance(dialect, dict) else ():
            if key not in _DIALECT or value not in _DIALECT[key]:
                self._say("dataset.package_dialect", (*one.at, "dialect", key), level="warning")

    def _schema(self, one: _Resource) -> None:
        value = one.value.get("schema")
        if value is None:
            return
        described, at = self._described, (*one.at, "schema")
        if isinstance(value, str):
            inside = value.removeprefix("./")
            if not is_inner_path(inside) or inside not in self._desk.holding.sizes:
                self._say("dataset.package_remote" if _REMOTE.match(value) else "dataset.no_file", at)
                return
            found = self._desk.described(inside)
            if found is None:
                return
            described, at = found, ()
        one.schema, found_ones = read_described(described, at, "table-schema", strict=False)
        self._desk.notes.put(found_ones)
        raw = described.at((*at, "foreignKeys"))
        one.keys = [key for key in raw if isinstance(key, dict)] if isinstance(raw, list) else []

    def draft(self, resources: list[_Resource]) -> Draft | None:
        """The records of the first table that no foreign key leads to, one with keys of its own if possible; they are followed."""
        tables = [one for one in resources if one.tabular]
        if not tables:
            self._say("dataset.package_no_table", ("resources",))
            return None
        leading = [(one, str(_reference(key).get("resource"))) for one in tables for key in one.keys]
        referred = {target for one, target in leading if target != one.name}
        heads = sorted([one for one in tables if one.name not in referred] or tables, key=lambda one: not one.keys)
        head = heads[0]
        if len(heads) > 1:
            self._say(
                "dataset.resources_unread",
                ("resources",),
                level="warning",
                read=head.name,
                others=listed(one.name for one in heads[1:]),
            )
        table = self.table(head)
        if table is None:
            return None
        for key in head.keys[:_FOLLOWED]:
            self._follow(head, table, key, {one.name: one for one in tables})
        return Draft(table, self._parts[head.name], schema=head.schema)

    def table(self, one: _Resource) -> pl.DataFrame | None:
        """The rows of a resource, read once."""
        if one.name not in self._tables:
            self._tables[one.name] = self._inline(one) if "data" in one.value else self._filed(one)
        return self._tables[one.name]

    def _filed(self, one: _Resource) -> pl.DataFrame | None:
        tables = {path: table for path in one.paths if (table := self._desk.table(path)) is not None}
        if not tables or len(tables) < len(one.paths):
            return None
        stack = stacked(tables, self._desk.notes)
        if stack is None:
            return None
        self._parts[one.name] = stack[1]
        return stack[0]

    def _inline(self, one: _Resource) -> pl.DataFrame | None:
        """Rows that stand in the description: objects, lists below a list of names, or CSV as text."""
        data = one.value["data"]
        if isinstance(data, str):
            data = _cut(data)
        at = (*one.at, "data")
        rows = data if isinstance(data, list) else []
        lists = bool(rows) and all(isinstance(row, list) for row in rows)
        if (
            not rows
            or not (lists or all(isinstance(row, dict) for row in rows))
            or (lists and any(len(row) != len(rows[0]) for row in rows))
        ):
            self._say("dataset.package_data", at)
            return None
        if lists:
            rows = [dict(zip(map(str, rows[0]), row, strict=True)) for row in rows[1:]]
        try:
            names = check_names(tuple(dict.fromkeys(str(name) for row in rows for name in row)), self._desk.limits)
        except Unreadable as stop:
            self._desk.notes.stop(stop, NAME)
            return None
        self._parts[one.name] = (Part(NAME, 0, len(rows)),)
        return pl.DataFrame(
            [pl.Series(name, [cell_text(row.get(name)) for row in rows], dtype=pl.String) for name in names]
        )

    def _follow(
        self, one: _Resource, table: pl.DataFrame, key: dict[str, Any], others: Mapping[str, _Resource]
    ) -> None:
        """Values of a foreign key that are not in the table it leads to."""
        reference = _reference(key)
        here, there = _names(key.get("fields")), _names(reference.get("fields"))
        target = str(reference.get("resource") or one.name)
        other = one if target == one.name else others.get(target)
        lookup = None if other is None else self.table(other)
        named: dict[str, Any] = {"fields": ", ".join(here), "resource": target}
        at = (*one.at, "schema", "foreignKeys")
        if not here or len(here) != len(there) or lookup is None or not _has(table, here) or not _has(lookup, there):
            self._say("dataset.foreign_key_nowhere", at, level="warning", **named)
            return
        lost = _lost(table, here, lookup, there)
        if not lost.height:
            self._say("dataset.foreign_key_held", at, level="note", **named)
            return
        shown = lost.select(pl.concat_str(pl.exclude("row"), separator=", ")).to_series()
        self._desk.notes.add_rows(
            "dataset.foreign_key",
            lost["row"].to_numpy().astype(np.int64) + 1,
            shown,
            column=", ".join(here),
            level="warning",
            params={"resource": target[:200]},
        )

    def report_unused(self) -> None:
        """Keys of one's own, which the standard allows and nothing here reads."""
        value = self._described.value
        unused = [key for key in value if key not in _PACKAGE]
        for number, one in enumerate(value["resources"]):
            unused += (
                [f"resources[{number}].{key}" for key in one if key not in _RESOURCE] if isinstance(one, dict) else []
            )
        if unused:
            self._desk.notes.about("dataset.keys_unused", NAME, level="note", count=len(unused), found=listed(unused))

    def _say(self, message: str, path: KeyPath, *, level: Any = "error", **params: Any) -> None:
        self._desk.notes.put([self._described.finding(message, path, level=level, **params)])


_DIALECT: Final[Mapping[str, tuple[Any, ...]]] = {
    "delimiter": (",", ";", "\t", "|"),
    "header": (True,),
    "headerRows": ([1],),
    "quoteChar": ('"',),
    "doubleQuote": (True,),
    "lineTerminator": ("\n", "\r\n", "\r"),
    "skipInitialSpace": (False,),
    "caseSensitiveHeader": (True, False),
    "csvddfVersion": (1, 1.0, 1.2, "1.2"),
    "$schema": (),
}
"""What of a table dialect needs nothing done, by key; the delimiter is found by itself."""


def _has(table: pl.DataFrame, names: list[str]) -> bool:
    return all(name in table.columns and not table.schema[name].is_nested() for name in names)


def _lost(table: pl.DataFrame, here: list[str], lookup: pl.DataFrame, there: list[str]) -> pl.DataFrame:
    """The rows (from 0) of a key that is there and has no partner, with its values as text."""
    columns = [f"key {number}" for number in range(len(here))]
    texts = [
        pl.col(name).cast(pl.String, strict=False).alias(column) for name, column in zip(here, columns, strict=True)
    ]
    known = [
        pl.col(name).cast(pl.String, strict=False).alias(column) for name, column in zip(there, columns, strict=True)
    ]
    wanted = table.select(texts).with_row_index("row")
    given = wanted.filter(pl.all_horizontal((pl.col(name).is_not_null() & (pl.col(name) != "")) for name in columns))
    return given.join(lookup.select(known).unique(), on=columns, how="anti").sort("row")


def _reference(key: Mapping[str, Any]) -> Mapping[str, Any]:
    """Where a foreign key leads."""
    reference = key.get("reference")
    return reference if isinstance(reference, dict) else {}


def _names(value: Any) -> list[str]:
    names = [value] if isinstance(value, str) else value
    return names if isinstance(names, list) and all(isinstance(name, str) for name in names) else []


def _describe(draft: Draft, described: Described, resources: list[_Resource]) -> None:
    """What the description says about items of the documentation."""
    value = described.value
    every = [value, *(one.value for one in resources)]
    draft.licences += [(text_of(one), f"{NAME} licenses") for part in every for one in _list(part.get("licenses"))]
    sources = "; ".join(
        dict.fromkeys(text for part in every for one in _list(part.get("sources")) if (text := text_of(one)))
    )
    draft.source = sources or None
    formats = dict.fromkeys(text_of(one.value.get("mediatype") or one.value.get("format")) for one in resources)
    fields = [
        f"{field['name']}: {text_of(field.get('description') or field.get('title'))}"
        for one in resources
        for field in _list(
            (one.value.get("schema") or {}).get("fields") if isinstance(one.value.get("schema"), dict) else None
        )
        if isinstance(field, dict)
        and isinstance(field.get("name"), str)
        and (field.get("description") or field.get("title"))
    ]
    contributors = "; ".join(text_of(one) for one in _list(value.get("contributors")))
    pairs = (
        ("licence", "\n".join(text for text, _ in draft.licences), "licenses"),
        ("source", sources, "sources"),
        ("support", contributors, "contributors"),
        ("access", text_of(value.get("homepage")), "homepage"),
        ("versioning", text_of(value.get("version")), "version"),
        ("format", ", ".join(text for text in formats if text), "resources"),
        ("structure", "\n".join(fields), "resources.schema.fields"),
    )
    draft.facts += [(item, text, f"{NAME} {key}") for item, text, key in pairs if text]
    draft.prose += [(text_of(part.get("description")), f"{NAME} description") for part in every]


def _cut(text: str) -> list[list[str]]:
    """The cells of a table that is text; none where it cannot be cut."""
    try:
        return list(csv_reader(io.StringIO(text, newline="")))
    except csv.Error:
        return []


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def is_one(desk: Desk) -> bool:
    """Whether there is a description of a data package at the root."""
    return NAME in desk.holding.sizes
