"""The desk on which one dataset is opened: its files, the limits, what was found so far; and what the reader of a layout hands over."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal, TypeVar

import polars as pl

from challenges.datasets import holding as files
from challenges.datasets.bundle import HashClaim, Part
from challenges.datasets.claims import Claim
from challenges.datasets.describing import Described, read_json, read_toml
from challenges.datasets.holding import FileFact, Holding
from challenges.datasets.kinds import IMAGES, SOUNDS, TABLES, suffix
from challenges.datasets.limits import Limits
from challenges.datasets.noting import Notebook, listed
from challenges.datasets.roles import Roles
from challenges.datasets.tabular import looks_like_table, read_table
from challenges.findings import Finding
from challenges.intake.ledger import Ledger, Unreadable
from challenges.intake.unpacking import Body
from scoring.quality.schema import Schema

_LOOKED_AT: Final = 64 * 1024
Taken = TypeVar("Taken")
Fact = tuple[str, str, str]
"""Key of an item of documentation, what is said about it, and where."""


@dataclass
class Draft:
    """A dataset as the reader of its layout leaves it; `opening` completes it to a bundle.

    facts      what the description says about items of the documentation
    prose      texts in Markdown that the description holds, with their places
    licences   as they are written, with their places
    columns    which columns tell where a record comes from, as in `bundle.Provenance`
    media      kind and paths (one a row) of images or sounds
    """

    table: pl.DataFrame
    parts: tuple[Part, ...] = ()
    roles: Roles = field(default_factory=Roles)
    schema: Schema | None = None
    classes: tuple[str, ...] = ()
    facts: list[Fact] = field(default_factory=list)
    prose: list[tuple[str, str]] = field(default_factory=list)
    licences: list[tuple[str, str]] = field(default_factory=list)
    source: str | None = None
    source_details: str | None = None
    original_time: str | None = None
    hashes: list[HashClaim] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    columns: Mapping[str, str] = field(default_factory=dict)
    media: tuple[Literal["image", "audio"], pl.Series] | None = None


class Desk:
    """Reads files of a holding; what is wrong with one goes to `notes`, and its reader gets None."""

    def __init__(self, holding: Holding, limits: Limits, notes: Notebook, facts: Mapping[str, FileFact]) -> None:
        self.holding, self.limits, self.notes, self.facts = holding, limits, notes, facts
        self.used: set[str] = set()
        self.digests: dict[tuple[str, str], str | None] = {}
        self._tables: dict[str, pl.DataFrame | None] = {}
        self._odd = self.paths if len(self.paths) == 1 and self._is_odd_table(self.paths[0]) else ()
        self._described: dict[str, Described | None] = {}

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of all files, sorted."""
        return tuple(self.holding.sizes)

    @cached_property
    def by_name(self) -> Mapping[str, tuple[str, ...]]:
        """The paths of files by their last name, the first two of each."""
        found: dict[str, tuple[str, ...]] = {}
        for path in self.paths:
            name = path.rpartition("/")[2]
            found[name] = (*found.get(name, ())[:1], path)
        return found

    def ending(self, *endings: str) -> tuple[str, ...]:
        """The files whose names end so, .gz left aside."""
        return tuple(path for path in self.paths if suffix(path) in endings)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables; a single file is one whatever its name is, if it looks like one."""
        return self.ending(*TABLES) or self._odd

    def _is_odd_table(self, path: str) -> bool:
        return suffix(path) not in {".md", ".json", ".toml"} and looks_like_table(self.head(path, _LOOKED_AT))

    def head(self, path: str, most: int) -> bytes:
        """The first bytes of a file, with gzip taken off."""
        return files.head(self.holding, path, most)

    @property
    def images(self) -> tuple[str, ...]:
        return self.ending(*IMAGES)

    @property
    def sounds(self) -> tuple[str, ...]:
        return self.ending(*SOUNDS)

    def use(self, *paths: str) -> None:
        """Files that are part of the dataset as it was understood."""
        self.used.update(paths)

    def body(self, path: str) -> Body | None:
        """The bytes of a table."""
        self.use(path)
        try:
            return files.body(self.holding, path, self.limits)
        except Unreadable as stop:
            self.notes.stop(stop, path)
            return None

    def table(self, path: str) -> pl.DataFrame | None:
        """A table, read once; findings about it name the file."""
        self.use(path)
        if path not in self._tables:
            body = self.body(path)
            read = None if body is None else self.taken(path, lambda ledger: read_table(body, self.limits, ledger))
            self._tables[path] = read
        return self._tables[path]

    def taken(self, path: str, read: Callable[[Ledger], Taken]) -> Taken | None:
        """What `read` makes of a file, its findings being about that file."""
        before, self.notes.file = self.notes.file, path
        try:
            return read(self.notes)
        except Unreadable as stop:
            self.notes.add_stop(stop)
            return None
        finally:
            self.notes.file = before

    def text(self, path: str, most: int) -> str | None:
        """A short text for people."""
        self.use(path)
        try:
            return files.text_of(files.read(self.holding, path, most))
        except Unreadable as stop:
            self.notes.stop(stop, path)
            return None

    def described(self, path: str, most: int | None = None) -> Described | None:
        """A description in JSON or TOML, read once."""
        self.use(path)
        if path not in self._described:
            self._described[path] = self._describe(path, self.limits.description_bytes if most is None else most)
        return self._described[path]

    def _describe(self, path: str, most: int) -> Described | None:
        try:
            data = files.read(self.holding, path, most)
        except Unreadable as stop:
            self.notes.stop(stop, path)
            return None
        found = read_toml(data, path) if path.lower().endswith(".toml") else read_json(data, path)
        if isinstance(found, Finding):
            self.notes.put([found])
            return None
        return found


def stacked(tables: Mapping[str, pl.DataFrame], notes: Notebook) -> tuple[pl.DataFrame, tuple[Part, ...]] | None:
    """Tables of the same columns as one, in the order of their paths, and which rows are whose.

    Columns may stand in another order. Other columns, or types that have nothing in common, are errors.
    """
    first_path = next(iter(tables))
    first = tables[first_path]
    if not _same_columns(tables, first_path, notes):
        return None
    for name, kind in first.schema.items():
        path = next((path for path, table in tables.items() if table.schema[name] != kind), None)
        if path is not None:
            found, expected = str(tables[path].schema[name]), str(kind)
            params: dict[str, Any] = {"found": found, "other": first_path, "expected": expected}
            notes.about("dataset.types_differ", path, level="warning", column=name, **params)
    try:
        whole = pl.concat([table.select(first.columns) for table in tables.values()], how="vertical_relaxed")
    except pl.exceptions.PolarsError:
        notes.about("dataset.types_clash", None, names=list(tables))
        return None
    parts, start = list[Part](), 0
    for path, table in tables.items():
        parts.append(Part(path, start, table.height))
        start += table.height
    return whole, tuple(parts)


def _same_columns(tables: Mapping[str, pl.DataFrame], first_path: str, notes: Notebook) -> bool:
    """Whether all tables have the columns of the first; the others are told by what they lack and have beyond it."""
    first, same = tables[first_path].columns, True
    for path, table in tables.items():
        lacking = [name for name in first if name not in table.columns]
        beyond = [name for name in table.columns if name not in first]
        if lacking or beyond:
            same = False
            params: dict[str, Any] = {"lacking": listed(lacking) or "-", "beyond": listed(beyond) or "-"}
            notes.about("dataset.columns_differ", path, other=first_path, **params)
    return same


def text_of(value: Any) -> str:
    """A value of a description as text for a reader: texts, numbers, lists of them, and what an object is called."""
    match value:
        case str():
            return value.strip()
        case bool() | None:
            return ""
        case int() | float():
            return str(value)
        case list():
            return "; ".join(text for one in value[:100] if (text := text_of(one)))
        case dict():
            keys = ("title", "name", "description", "path", "url", "@id", "email", "@value", "en", "zh")
            return ", ".join(text for key in keys if (text := text_of(value.get(key))))
    return ""
