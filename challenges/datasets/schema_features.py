"""What Table Schema (Frictionless v1 and v2) can say, and what becomes of it in `scoring.quality.schema`.

Much of what that schema lacks can be said in another way: a moment of the day is a pattern, an open bound is a rule, a code list of
true and false words is an enumeration. What cannot is named in a warning, and its field is read as text.
"""

import json
import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from scoring.quality.schema import Field, Rule

SCHEMA: Final = (
    "fields", "fieldsMatch", "missingValues", "primaryKey", "uniqueKeys", "foreignKeys", "$schema", "name", "title", "description",
    "examples", "example",
)  # fmt: skip
FIELD: Final = (
    "name", "type", "format", "title", "description", "example", "examples", "constraints", "rdfType", "categories", "categoriesOrdered",
    "missingValues", "decimalChar", "groupChar", "bareNumber", "trueValues", "falseValues", "delimiter", "itemType", "unit",
)  # fmt: skip
CONSTRAINTS: Final = (
    "required", "unique", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "pattern", "enum",
    "jsonSchema",
)  # fmt: skip

_SAME: Final[Mapping[str, str]] = MappingProxyType(
    {
        "required": "required", "unique": "unique", "minimum": "minimum", "maximum": "maximum", "minLength": "min_length",
        "maxLength": "max_length", "pattern": "pattern", "enum": "enum",
    }
)  # fmt: skip
_TYPES: Final = frozenset({"string", "integer", "number", "boolean", "date", "datetime"})
TYPE_UNKNOWN: Final = "dataset.schema_type_read_as_text"
_AS_PATTERN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "time": r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?",
        "yearmonth": r"\d{4}-(?:0[1-9]|1[0-2])",
        "duration": r"-?P(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?",
    }
)
"""Types that a text of one form stands for (XML Schema, ISO 8601)."""
_FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "email": r"[^\s@]+@[^\s@]+\.[^\s@]+",
        "uri": r"[A-Za-z][A-Za-z0-9+.-]*:\S+",
        "uuid": r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        "binary": r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
    }
)
_UNREAD: Final = frozenset({"object", "array", "list", "geopoint", "geojson"})
KNOWN_TYPES: Final = (*sorted(_TYPES), "any", "year", *_AS_PATTERN, *sorted(_UNREAD))
_TRUE: Final = frozenset({"true", "1", "yes", "是"})
_FALSE: Final = frozenset({"false", "0", "no", "否"})
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Note = tuple[tuple[str | int, ...], str]
"""The key path inside the field or schema, and the message."""
UNCHECKED: Final = "dataset.schema_unchecked"


def plain(value: Mapping[str, Any]) -> tuple[dict[str, Any], list[Note]]:
    """A field in plain terms, with `exclusive_minimum` and `exclusive_maximum` beside the keys of `Field`; and what was left out."""
    constraints = value.get("constraints")
    constraints = constraints if isinstance(constraints, Mapping) else {}
    found: dict[str, Any] = {ours: constraints[theirs] for theirs, ours in _SAME.items() if theirs in constraints}
    notes: list[Note] = []
    kind = value.get("type", "any")
    kind, odd = (kind, False) if isinstance(kind, str) else ("any", True)
    if odd or not (kind in _TYPES or kind in _AS_PATTERN or kind in _UNREAD or kind in {"any", "year"}):
        notes.append((("type",), TYPE_UNKNOWN))
    elif kind in _UNREAD:
        notes.append((("type",), UNCHECKED))
    found["type"] = "integer" if kind == "year" else kind if kind in _TYPES else "string"
    if kind in _AS_PATTERN:
        _pattern(found, _AS_PATTERN[kind], ("type",), notes)
    _format(value, kind, found, notes)
    _numbers(value, found, notes)
    _booleans(value, found, notes)
    _categories(value, found, notes)
    for key in ("minimum", "maximum"):
        exclusive = constraints.get("exclusive" + key.capitalize())
        if exclusive is not None:
            _exclusive(found, key, exclusive, notes)
    if "jsonSchema" in constraints:
        notes.append((("constraints", "jsonSchema"), UNCHECKED))
    if found["type"] == "string" and kind not in {"string", "any"}:
        _drop_bounds(found, notes)
    return found, notes


def places(value: Mapping[str, Any]) -> dict[str, tuple[str | int, ...]]:
    """Where each plain key of `plain` stands in the field."""
    constraints = value.get("constraints")
    there = constraints if isinstance(constraints, Mapping) else {}
    found: dict[str, tuple[str | int, ...]] = {
        ours: ("constraints", theirs) for theirs, ours in _SAME.items() if theirs in there
    }
    if "enum" not in found and "categories" in value:
        found["enum"] = ("categories",)
    return found


def _pattern(found: dict[str, Any], pattern: str, at: tuple[str | int, ...], notes: list[Note]) -> None:
    """A pattern that a type or format stands for; one that is written besides is kept and the other named."""
    if "pattern" in found:
        notes.append((at, UNCHECKED))
    else:
        found["pattern"] = pattern


def _format(value: Mapping[str, Any], kind: str, found: dict[str, Any], notes: list[Note]) -> None:
    form = value.get("format", "default")
    if form == "default" or kind in _UNREAD or kind in {"any", "year", "yearmonth", "duration"}:
        return
    if kind == "string" and form in _FORMATS:
        _pattern(found, _FORMATS[form], ("format",), notes)
        return
    notes.append((("format",), UNCHECKED))
    if kind in {"date", "datetime", "time"}:
        found["type"] = "string"
        found.pop("pattern", None)


def _numbers(value: Mapping[str, Any], found: dict[str, Any], notes: list[Note]) -> None:
    if found["type"] not in {"integer", "number"}:
        return
    odd = [
        key
        for key, usual in (("decimalChar", "."), ("groupChar", ""), ("bareNumber", True))
        if value.get(key, usual) != usual
    ]
    if odd:
        found["type"] = "string"
        notes.extend(((key,), UNCHECKED) for key in odd)


def _booleans(value: Mapping[str, Any], found: dict[str, Any], notes: list[Note]) -> None:
    if found["type"] != "boolean":
        return
    words: list[str] = []
    for key, usual in (("trueValues", _TRUE), ("falseValues", _FALSE)):
        given = value.get(key)
        if given is not None and not (isinstance(given, list) and all(isinstance(word, str) for word in given)):
            notes.append(((key,), UNCHECKED))
            continue
        words += given if given is not None else sorted(usual)
        if given is not None and not {word.lower() for word in given} <= usual:
            found["type"] = "string"
    if found["type"] == "string":
        found.setdefault("enum", words)


def _categories(value: Mapping[str, Any], found: dict[str, Any], notes: list[Note]) -> None:
    given = value.get("categories")
    if given is None:
        return
    values = (
        [one.get("value") if isinstance(one, Mapping) else one for one in given] if isinstance(given, list) else None
    )
    if values is None or any(one is None for one in values):
        notes.append((("categories",), UNCHECKED))
    else:
        found.setdefault("enum", values)


def _exclusive(found: dict[str, Any], key: str, bound: Any, notes: list[Note]) -> None:
    """A bound that is not reached itself: for whole numbers the next one, for others a rule."""
    if found["type"] == "integer" and isinstance(bound, int) and not isinstance(bound, bool) and key not in found:
        found[key] = bound + (1 if key == "minimum" else -1)
    elif (
        found["type"] in {"number", "date", "datetime"}
        and isinstance(bound, int | float | str)
        and not isinstance(bound, bool)
    ):
        found[f"exclusive_{key}"] = bound
    else:
        notes.append((("constraints", "exclusive" + key.capitalize()), UNCHECKED))


def _drop_bounds(found: dict[str, Any], notes: list[Note]) -> None:
    """Bounds and lengths of a field that is read as text although it is none."""
    theirs = {ours: key for key, ours in _SAME.items()}
    for key in ("minimum", "maximum", "min_length", "max_length"):
        if key in found:
            del found[key]
            notes.append((("constraints", theirs[key]), UNCHECKED))
    open_ones = [key for key in ("exclusive_minimum", "exclusive_maximum") if found.pop(key, None) is not None]
    notes.extend((("constraints", key.replace("_m", "M")), UNCHECKED) for key in open_ones)


def exclusive(name: str, key: str, bound: float | str) -> Rule:
    """The rule that stands for an open bound of a field; a bound of text is a date or moment.

    >>> exclusive("出发 时间", "exclusive_minimum", "2026-01-01").condition
    'col("出发 时间") > "2026-01-01"'
    """
    plain_name = _IDENTIFIER.fullmatch(name) and not keyword.iskeyword(name)
    column = name if plain_name else f"col({json.dumps(name, ensure_ascii=False)})"
    sign = ">" if key == "exclusive_minimum" else "<"
    return Rule(f"{name} {sign} {bound}"[:200], f"{column} {sign} {json.dumps(bound)}")


def whole(
    value: Mapping[str, Any], fields: tuple[Field, ...], missing: tuple[str, ...]
) -> tuple[tuple[Field, ...], list[Note]]:
    """The fields with single unique keys marked, and what about the table as a whole is not checked."""
    notes: list[Note] = []
    unique = set[str]()
    for number, key in enumerate(listed(value.get("uniqueKeys"))):
        names = [key] if isinstance(key, str) else key
        if isinstance(names, list) and len(names) == 1 and isinstance(names[0], str):
            unique.add(names[0])
        else:
            notes.append((("uniqueKeys", number), UNCHECKED))
    if value.get("fieldsMatch", "exact") in {"superset", "partial"}:
        notes.append((("fieldsMatch",), UNCHECKED))
    for number, field in enumerate(listed(value.get("fields"))):
        own = field.get("missingValues") if isinstance(field, Mapping) else None
        if own is not None and missing_words(own) != missing:
            notes.append((("fields", number, "missingValues"), UNCHECKED))
    return tuple(replace(field, unique=True) if field.name in unique else field for field in fields), notes


def missing_words(value: Any) -> tuple[str, ...] | None:
    """The words that stand for no value, in either form of the standard; None when they are neither."""
    if not isinstance(value, list) or len(value) > 100:
        return None
    given = [one.get("value") if isinstance(one, Mapping) else one for one in value]
    words = tuple(word for word in given if isinstance(word, str))
    return words if len(words) == len(given) else None


def listed(value: Any) -> Iterator[Any]:
    """The members of a list; nothing where there is none."""
    return iter(value if isinstance(value, list) else ())
