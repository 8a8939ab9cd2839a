"""The records of a Croissant description as one table.

The main record set is the first that no other one refers to. Its rows are those of the file, or files, that its key or first field
comes from: rows of tables, or the files themselves. Columns from other files are joined along `references`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final, Literal

import numpy as np
import polars as pl

from challenges.datasets import holding as files
from challenges.datasets import patterns
from challenges.datasets.bundle import Part
from challenges.datasets.card import Card
from challenges.datasets.croissant import LISTS, Description, Node, Resource, fields_of, find
from challenges.datasets.croissant import read as read_description
from challenges.datasets.croissant_meaning import Named, meaning
from challenges.datasets.croissant_prose import describe
from challenges.datasets.desk import Desk, Draft, stacked
from challenges.datasets.kinds import TABLES, TEXTS, suffix
from challenges.datasets.noting import listed
from challenges.datasets.tabular import check_names
from challenges.intake.jsonl import _text as cell_text
from challenges.intake.ledger import Unreadable

_DEEPEST: Final = 8
_FILE: Final = "\0file"


@dataclass
class _Origin:
    """Where the values of a field come from: a resource, and what is taken of it."""

    resource: Resource
    node: Node
    kind: Literal["column", "file"]
    taken: str
    regex: str | None = None


@dataclass
class _Column:
    """A field of the main record set; `origin` is None for one that cannot be read."""

    name: str
    node: Node
    origin: _Origin | None


def read(desk: Desk, card: Card) -> Draft | None:  # noqa: ARG001 - the form of every layout
    """The records of the description at the root."""
    path = find(desk)
    found = None if path is None else read_description(desk, path)
    if found is None:
        return None
    builder = _Builder(found, desk)
    draft = builder.draft()
    if draft is not None:
        describe(draft, found, desk)
    return draft


class _Builder:
    def __init__(self, found: Description, desk: Desk) -> None:
        self._found, self._desk = found, desk
        self._fields = {node.id: (records, node) for records in found.record_sets for node in fields_of(records)}
        self._frames: dict[str, tuple[pl.DataFrame, tuple[Part, ...]] | None] = {}
        self._size = 0
        self._links: dict[str, tuple[_Origin, _Origin] | None] = {}

    def draft(self) -> Draft | None:
        """The main record set with its rows, and what its fields mean."""
        main = self._main()
        if main is None:
            return None
        columns = self._columns(main)
        if len(columns) > self._desk.limits.columns:
            most = self._desk.limits.columns
            self._desk.notes.about("dataset.columns_many", main.described.file, found=len(columns), most=most)
            return None
        if main.get("data") is not None:
            table = self._inline(main)
            parts: tuple[Part, ...] = () if table is None else (Part(main.described.file, 0, table.height),)
        else:
            columns = [column for column in columns if column.origin is not None]
            table, parts = self._built(main, columns)
        if table is None:
            return None
        named = [Named(column.name, column.node) for column in columns if column.name in table.columns]
        return meaning(main, table, parts, named, self._fields, self._desk)

    def _built(self, main: Node, columns: list[_Column]) -> tuple[pl.DataFrame | None, tuple[Part, ...]]:
        if not columns:
            self._say("dataset.croissant_nothing", main, "field")
            return None, ()
        base = self._base(main, columns)
        frame = self._frame(base)
        if frame is None:
            return None, ()
        series = [cells for column in columns if (cells := self._cells(column, base, frame[0], columns)) is not None]
        try:
            check_names(tuple(cells.name for cells in series), self._desk.limits)
        except Unreadable as stop:
            self._desk.notes.stop(stop, main.described.file)
        return (None if self._desk.notes.errors else pl.DataFrame(series)), frame[1]

    # which records

    def _main(self) -> Node | None:
        """The first record set with rows that no other one refers to."""
        sets = [one for one in self._found.record_sets if not LISTS & {*one.types()}]
        candidates = [
            one
            for one in sets
            if one.get("data") is not None or any(node.get("source") is not None for node in fields_of(one))
        ]
        if not candidates:
            self._desk.notes.put([self._found.root.described.finding("dataset.croissant_no_records", ("recordSet",))])
            return None
        referred = {
            self._fields[target][0].id
            for one in candidates
            for target in self._targets(one)
            if target in self._fields and self._fields[target][0] is not one
        }
        heads = [one for one in candidates if one.id not in referred] or candidates
        if len(heads) > 1:
            others = listed(one.id for one in heads[1:])
            self._desk.notes.about(
                "dataset.resources_unread", heads[0].described.file, level="warning", read=heads[0].id, others=others
            )
        return heads[0]

    def _targets(self, records: Node) -> Iterator[str]:
        for node in fields_of(records):
            yield from node.ids("references")
            yield from (one for one in node.ids("source") if one in self._fields)

    def _columns(self, main: Node) -> list[_Column]:
        found = []
        for node in fields_of(main):
            name = node.id.removeprefix(f"{main.id}/").replace("/", ".")
            if not node.id.startswith(f"{main.id}/"):
                name = node.text("name") or node.id
            if node.get("source") is None and (node.get("value") is not None or node.node("subField") is not None):
                continue
            found.append(_Column(name, node, None if main.get("data") is not None else self._origin(node, 0)))
        return found

    def _origin(self, node: Node, depth: int) -> _Origin | None:
        """Where a field's values come from, through other fields if need be; what cannot be read is said."""
        source = node.node("source")
        target = _target(node, source)
        if target in self._fields and depth < _DEEPEST:
            return self._origin(self._fields[target][1], depth + 1)
        if source is not None and target:
            return self._extracted(node, source, target)
        self._lost(node, "source", level="warning" if node.get("source") is None else "error")
        return None

    def _extracted(self, node: Node, source: Node, target: str) -> _Origin | None:
        resource = self._found.resources.get(target)
        if resource is None:
            self._desk.notes.put([node.described.finding("dataset.croissant_no_resource", source.path, id=target)])
            return None
        if not resource.paths:
            self._desk.notes.put([node.described.finding("dataset.croissant_no_file", resource.node.path, id=target)])
            return None
        extract = source.node("extract")
        column = extract.text("column") if extract else ""
        wanted = extract.text("fileProperty") if extract else "content"
        path = (extract.text("jsonPath") if extract else "").removeprefix("$").removeprefix("[*]").removeprefix(".")
        regex = self._regex(source)
        if column or (path and path.isidentifier()):
            return _Origin(resource, node, "column", column or path, regex)
        if wanted in {"content", "filename", "fullpath"} and not path:
            return _Origin(resource, node, "file", wanted, regex)
        self._lost(node, "source")
        return None

    def _regex(self, source: Node) -> str | None:
        """The pattern of a transform; other transforms are named and not applied."""
        for transform in source.nodes("transform"):
            for key in transform.value:
                if key.rpartition(":")[2] not in {"regex", "@type", "unArchive"}:
                    self._desk.notes.put(
                        [
                            transform.described.finding(
                                "dataset.croissant_transform", (*transform.path, key), level="warning"
                            )
                        ]
                    )
            if pattern := transform.text("regex"):
                fault = self._fault(pattern)
                if fault is None and "(" in pattern:
                    return pattern
                self._desk.notes.put(
                    [transform.described.finding(fault or "dataset.croissant_regex", transform.at("regex"))]
                )
        return None

    def _fault(self, pattern: str) -> str | None:
        self._size += patterns.size_of(pattern)
        return "dataset.schema_pattern_large" if self._size > patterns.MOST_SIZE else patterns.fault_of(pattern)

    def _lost(self, node: Node, name: str, level: Literal["error", "warning"] = "error") -> None:
        self._desk.notes.put(
            [node.described.finding("dataset.croissant_field", node.at(name), level=level, field=node.id)]
        )

    # their rows

    def _base(self, main: Node, columns: list[_Column]) -> Resource:
        keys = {*main.ids("key")}
        first = next((one for one in columns if one.node.id in keys or one.name in keys), columns[0])
        assert first.origin is not None, "only such columns are here"
        return first.origin.resource

    def _frame(self, resource: Resource) -> tuple[pl.DataFrame, tuple[Part, ...]] | None:
        """The rows of a resource, read once: those of its tables, or one for each of its files."""
        if resource.id not in self._frames:
            self._frames[resource.id] = self._rows(resource)
        return self._frames[resource.id]

    def _rows(self, resource: Resource) -> tuple[pl.DataFrame, tuple[Part, ...]] | None:
        if not all(suffix(path) in TABLES for path in resource.paths):
            parts = tuple(Part(path, row, 1) for row, path in enumerate(resource.paths))
            return pl.DataFrame([pl.Series(_FILE, resource.paths, dtype=pl.String)]), parts
        tables = {path: table for path in resource.paths if (table := self._desk.table(path)) is not None}
        if len(tables) < len(resource.paths):
            return None
        stack = stacked(tables, self._desk.notes)
        if stack is None:
            return None
        table, parts = stack
        places = np.repeat(np.arange(len(parts)), [part.rows for part in parts])
        return table.with_columns(
            pl.Series([part.path for part in parts], dtype=pl.String).gather(places).alias(_FILE)
        ), parts

    def _cells(self, column: _Column, base: Resource, frame: pl.DataFrame, columns: list[_Column]) -> pl.Series | None:
        origin = column.origin
        assert origin is not None, "only such columns are here"
        if origin.resource is base:
            return self._taken(origin, frame, column.name)
        other = self._frame(origin.resource)
        if other is None:
            return None
        link = self._link(base, origin.resource, columns)
        if link is None:
            self._unjoined(column)
            return None
        here, there = self._taken(link[0], frame, "key"), self._taken(link[1], other[0], "key")
        values = self._taken(origin, other[0], "value")
        if here is None or there is None or values is None:
            return None
        if here.dtype.is_nested() or there.dtype.is_nested():
            self._unjoined(column)
            return None
        lookup = pl.DataFrame([there.cast(pl.String), values]).unique("key", keep="first", maintain_order=True)
        joined = pl.DataFrame([here.cast(pl.String)]).join(lookup, on="key", how="left", maintain_order="left")
        lost = int(here.is_not_null().sum()) - int(here.cast(pl.String).is_in(lookup["key"].implode()).sum())
        if lost:
            self._desk.notes.about(
                "dataset.croissant_no_partner",
                column.node.described.file,
                level="warning",
                column=column.name,
                count=lost,
            )
        return joined["value"].alias(column.name)

    def _unjoined(self, column: _Column) -> None:
        finding = column.node.described.finding(
            "dataset.croissant_no_join", column.node.at("source"), field=column.node.id
        )
        self._desk.notes.put([finding])

    def _link(self, base: Resource, other: Resource, columns: list[_Column]) -> tuple[_Origin, _Origin] | None:
        """Two origins of the same key: one in the rows at hand, one in the other resource, as `references` says."""
        if other.id not in self._links:
            self._links[other.id] = self._linked(base, other, columns)
        return self._links[other.id]

    def _linked(self, base: Resource, other: Resource, columns: list[_Column]) -> tuple[_Origin, _Origin] | None:
        for column in columns:
            here = column.origin
            for target in column.node.ids("references"):
                if target not in self._fields or self._fields[target][0].get("data") is not None:
                    continue  # a list of values in the description itself
                there = self._origin(self._fields[target][1], 0)
                if here is None or there is None:
                    continue
                if here.resource is base and there.resource is other:
                    return here, there
                if here.resource is other and there.resource is base:
                    return there, here
        return None

    def _taken(self, origin: _Origin, frame: pl.DataFrame, name: str) -> pl.Series | None:
        """The values of an origin for the rows of its resource."""
        if origin.kind == "column":
            if origin.taken not in frame.columns:
                known = [column for column in frame.columns if column != _FILE]
                near = origin.node.described.nearest(origin.taken, tuple(known))
                message = "package.no_such_column_near" if near else "package.no_such_column"
                finding = origin.node.described.finding(
                    message, origin.node.at("source"), name=origin.taken, nearest=near, known=listed(known)
                )
                self._desk.notes.put([finding])
                return None
            cells = frame[origin.taken]
        else:
            of_files = self._of_files(origin, frame[_FILE])
            if of_files is None:
                return None
            cells = of_files
        if origin.regex is not None and not cells.dtype.is_nested():
            cells = cells.cast(pl.String).str.extract(origin.regex, 1)
        return cells.alias(name)

    def _of_files(self, origin: _Origin, paths: pl.Series) -> pl.Series | None:
        """What is taken of files as such: their path, their name, or their content: the text, or for images and sounds the path."""
        if origin.taken == "filename":
            return pl.Series([PurePosixPath(path).name for path in paths], dtype=pl.String)
        if origin.taken == "fullpath" or not all(suffix(path) in TEXTS for path in origin.resource.paths):
            return paths
        texts = []
        for path in paths:
            try:
                texts.append(files.text_of(files.read(self._desk.holding, path, self._desk.limits.cell_bytes)))
            except Unreadable as stop:
                self._desk.notes.stop(stop, path)
                return None
        return pl.Series(texts, dtype=pl.String)

    def _inline(self, records: Node) -> pl.DataFrame | None:
        """The rows that stand in the description itself."""
        rows = records.get("data")
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            self._say("dataset.package_data", records, "data")
            return None
        names = [node.id for node in fields_of(records)]
        short = [name.removeprefix(f"{records.id}/") for name in names]
        return pl.DataFrame(
            [
                pl.Series(brief, [cell_text(row.get(name, row.get(brief))) for row in rows], dtype=pl.String)
                for name, brief in zip(names, short, strict=True)
            ]
        )

    def _say(self, message: str, node: Node, name: str) -> None:
        self._desk.notes.put([node.described.finding(message, node.at(name))])


def _target(node: Node, source: Node | None) -> str:
    """The id of the file, files or field that a field's source refers to."""
    if source is None:
        return next(iter(node.ids("source")), "")
    named = [one for key in ("fileObject", "fileSet", "field") for one in source.ids(key)]
    return next(iter(named), source.id)


def is_one(desk: Desk) -> bool:
    """Whether there is a Croissant description at the root."""
    return find(desk) is not None
