"""`dataset.toml` (or `dataset.json`): what a team says about its dataset in fields, strictly read.

title   = "Late trains"
licence = "CC-BY-4.0"
source  = "Published timetables of 2025"
data    = ["trains.csv"]            # the tables that are the data, where there are others
[roles]
id = "train"
label = "late"
[schema]                            # see `table_schema`; or path = "schema.json"
keys = ["train"]
[claims]                            # see `claims`
rows = 12000
[documentation]                     # the 20 items of `items`
scale = "12,000 rows, 8 columns"
"""

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final

from challenges.datasets import claims, roles
from challenges.datasets.claims import Claim
from challenges.datasets.describing import Described
from challenges.datasets.desk import Desk, Fact
from challenges.datasets.items import BY_KEY
from challenges.datasets.table_schema import read_described
from challenges.toml_lines import KeyPath
from scoring.quality.schema import Schema

NAMES: Final = ("dataset.toml", "dataset.json")
SCHEMA: Final = "schema.json"
_TEXTS: Final = ("title", "description", "licence", "source", "source_details", "original_time", "version")
KEYS: Final = (*_TEXTS, "data", "roles", "schema", "claims", "documentation")
LANGUAGES: Final = ("en", "zh")


@dataclass(frozen=True)
class Card:
    """What the card says. `texts` are its plain keys; `data` the paths that are the data (empty: not said); `roles` by name."""

    described: Described | None = None
    texts: dict[str, str] = field(default_factory=dict)
    data: tuple[str, ...] = ()
    roles: dict[str, str] = field(default_factory=dict)
    schema: Schema | None = None
    facts: tuple[Fact, ...] = ()
    claims: tuple[Claim, ...] = ()

    def where(self, key: str) -> str:
        """The place of a key for people."""
        return "" if self.described is None else f"{self.described.file} {key}"


def read(desk: Desk) -> Card:
    """The card at the root, if there is one; without a schema of its own, the one in `schema.json` counts."""
    there = [name for name in NAMES if name in desk.holding.sizes]
    if len(there) > 1:
        desk.notes.about("dataset.two_cards", None, names=there)
    described = desk.described(there[0]) if there else None
    if described is None or not isinstance(described.value, dict):
        if described is not None:
            desk.notes.put([described.finding("package.want_table")])
        return Card(schema=_schema_file(desk, SCHEMA) if SCHEMA in desk.holding.sizes else None)
    reader = _Reader(desk, described)
    return reader.card()


def _schema_file(desk: Desk, path: str, base: Schema | None = None) -> Schema | None:
    described = desk.described(path)
    if described is None:
        return None
    schema, found = read_described(described, (), "table-schema", base=base, strict=False)
    desk.notes.put(found)
    return schema


class _Reader:
    def __init__(self, desk: Desk, described: Described) -> None:
        self._desk, self._described = desk, described

    def card(self) -> Card:
        for key in self._described.value:
            if key not in KEYS:
                self._desk.notes.put([self._described.unknown((key,), KEYS)])
        stated, bad = claims.in_fields(self._described, ("claims",))
        self._desk.notes.put(bad)
        texts = {key: text for key in _TEXTS if (text := self._text((key,)))}
        return Card(
            self._described,
            texts,
            self._data(),
            self._roles(),
            self._schema(),
            (*self._facts(), *self._plain_facts(texts)),
            tuple(stated),
        )

    def _text(self, path: KeyPath) -> str:
        """A text; a list of texts, or one in each language, is several lines of one."""
        value = self._described.at(path)
        if value is None or isinstance(value, str):
            return (value or "").strip()
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            return "\n".join(value).strip()
        if (
            isinstance(value, dict)
            and value
            and all(key in LANGUAGES and isinstance(one, str) for key, one in value.items())
        ):
            return "\n".join(value.values()).strip()
        if hasattr(value, "isoformat"):
            return str(value.isoformat())
        self._say("package.want_text", path)
        return ""

    def _data(self) -> tuple[str, ...]:
        value = self._described.at(("data",))
        names = [value] if isinstance(value, str) else [] if value is None else value
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self._say("package.want_list", ("data",))
            return ()
        for number, name in enumerate(names):
            if name not in self._desk.holding.sizes:
                path = ("data",) if isinstance(value, str) else ("data", number)
                near = self._described.nearest(name, self._desk.paths[:1000])
                self._say("dataset.no_file_near" if near else "dataset.no_file", path, nearest=near)
        return tuple(name for name in names if name in self._desk.holding.sizes)

    def _roles(self) -> dict[str, str]:
        value = self._table("roles")
        found: dict[str, str] = {}
        for role, column in value.items():
            if role not in roles.NAMES:
                self._desk.notes.put([self._described.unknown(("roles", role), roles.NAMES)])
            elif not isinstance(column, str):
                self._say("package.want_text", ("roles", role))
            else:
                found[role] = column
        return found

    def _schema(self) -> Schema | None:
        desk, value = self._desk, self._table("schema")
        base = None
        path = value.get("path", SCHEMA if SCHEMA in desk.holding.sizes and "fields" not in value else None)
        if path is not None:
            if not isinstance(path, str) or path not in desk.holding.sizes:
                self._say("dataset.no_file", ("schema", "path"))
                return None
            base = _schema_file(desk, path)
            if base is None or not value:
                return base
        if not value:
            return None
        schema, found = read_described(self._described, ("schema",), "ours", base=base)
        desk.notes.put(found)
        return schema

    def _facts(self) -> list[Fact]:
        found: list[Fact] = []
        for key in self._table("documentation"):
            path = ("documentation", key)
            if key not in BY_KEY:
                self._desk.notes.put([self._described.unknown(path, tuple(BY_KEY))])
            elif text := self._text(path):
                found.append((key, text, f"{self._described.file} documentation.{key}"))
        return found

    def _plain_facts(self, texts: dict[str, str]) -> list[Fact]:
        items = {"licence": "licence", "source": "source", "source_details": "source", "version": "versioning"}
        return [(item, texts[key], f"{self._described.file} {key}") for key, item in items.items() if key in texts]

    def _table(self, key: str) -> dict[str, Any]:
        value = self._described.at((key,))
        if value is None or isinstance(value, dict):
            return value or {}
        self._say("package.want_table", (key,))
        return {}

    def _say(self, message: str, path: KeyPath, **params: Any) -> None:
        self._desk.notes.put([self._described.finding(message, path, **params)])


def is_document(path: str) -> bool:
    """Whether a file is about the dataset instead of being part of it: a README, a licence, a list of changes."""
    name = PurePosixPath(path).name.lower()
    return name.startswith(
        (
            "readme",
            "license",
            "licence",
            "changelog",
            "contributing",
            "datasheet",
            "citation",
            "notice",
            "说明",
            "数据说明",
        )
    ) or (name == "dataset_card.md")
