"""The keys of the format, read off the model: a table for people, known names for suggestions, values written as TOML."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from challenges.definition import Definition

Names = tuple[str, ...]


@dataclass(frozen=True)
class KeyEntry:
    """One key: `path` such as `answers.split.public` (`[]` marks a list of tables), its type, default and meaning.

    `default` is TOML; "" means that the key may be left out and holds nothing then; None means that it is required.
    """

    path: str
    type: str
    default: str | None
    description: str


def entries() -> tuple[KeyEntry, ...]:
    """Every key of a `challenge.toml` in the order of the model, tables before their keys."""
    return tuple(_entries(Definition, ""))


def known(table: Names) -> Names:
    """The keys that the table with this path (list positions left out) may hold; empty for a path that is no table."""
    model: type[BaseModel] | None = Definition
    for name in table:
        field = model.model_fields.get(name) if model else None
        model = _model(field.annotation) if field else None
    return tuple(model.model_fields) if model else ()


@cache
def places() -> Mapping[str, Names]:
    """For each key name, the tables it may stand in, such as `metric` → `("scores", "tasks.scores")`."""
    found: dict[str, list[str]] = {}
    for entry in entries():
        table, _, name = entry.path.removesuffix("[]").replace("[]", "").rpartition(".")
        found.setdefault(name, []).append(table)
    return {name: tuple(tables) for name, tables in found.items()}


def toml(value: Any) -> str:
    """A value as it would be written in TOML on one line.

    >>> toml({"a": [1, "x", True]})
    '{ a = [1, "x", true] }'
    """
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _quoted(value)
        case dict() if not value:
            return "{}"
        case dict():
            return "{ " + ", ".join(f"{bare(key)} = {toml(item)}" for key, item in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(map(toml, value)) + "]"
        case _:
            return value.isoformat() if hasattr(value, "isoformat") else str(value)


def bare(key: str) -> str:
    """A key as TOML writes it: quoted only when it must be."""
    return key if key and all(c.isascii() and (c.isalnum() or c in "-_") for c in key) else _quoted(key)


def _quoted(text: str) -> str:
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f"}
    inner = "".join(
        escapes.get(c, c) if c in escapes or (c >= " " and c != "\x7f") else f"\\u{ord(c):04x}" for c in text
    )
    return f'"{inner}"'


def _entries(model: type[BaseModel], prefix: str) -> Iterator[KeyEntry]:
    for name, field in model.model_fields.items():
        inner = _model(field.annotation)
        listed = inner is not None and _is_list(field.annotation)
        path = f"{prefix}{name}{'[]' if listed else ''}"
        yield KeyEntry(path, _type(field.annotation), _default(field), field.description or "")
        if inner is not None:
            yield from _entries(inner, f"{path}.")


def _default(field: FieldInfo) -> str | None:
    if field.is_required():
        return None
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined or value is None or value in ((), {}) or isinstance(value, BaseModel):
        return ""
    return toml(value)


def _is_list(annotation: Any) -> bool:
    if get_origin(annotation) is tuple:
        return True
    return any(
        _is_list(inner) for inner in get_args(annotation) if get_origin(annotation) in {Annotated, Union, UnionType}
    )


def _model(annotation: Any) -> type[BaseModel] | None:
    """The model inside an annotation, if its table has keys of its own."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for inner in get_args(annotation) if (model := _model(inner))), None)


_TYPE_NAMES = {
    "str": "text", "int": "integer", "float": "number", "bool": "true or false", "AwareDatetime": "date and time with offset", "dict": "table",
}  # fmt: skip


def _type(annotation: Any) -> str:
    """The type in words: text, integer, number, table, list of …, or the words allowed."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if _model(annotation):
        return "list of tables" if _is_list(annotation) else "table"
    if origin is Annotated:
        return _type(inner[0])
    if origin in {Union, UnionType}:
        return " or ".join(_type(choice) for choice in inner if choice is not NoneType)
    if origin is Literal:
        return " | ".join(toml(word) for word in inner)
    return f"list of {_type(inner[0])}" if origin is tuple else _TYPE_NAMES[(origin or annotation).__name__]
