"""Frictionless data packages, versions 1 and 2: what of one fits on a card."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from leaderboard.core.i18n import N_
from leaderboard.datasets.columns import Column
from leaderboard.datasets.fields import CardWords
from leaderboard.datasets.standards.reading import values
from leaderboard.datasets.standards.reading.notes import Notes, Properties, Understood

_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "string": "string", "duration": "string", "time": "string", "number": "number", "integer": "integer", "year": "integer",
        "boolean": "boolean", "date": "date", "datetime": "datetime", "object": "nested", "array": "nested", "list": "nested",
        "geojson": "nested",
    }
)  # fmt: skip
"""Types of fields there → types of columns; others are left unsaid."""


def is_one(document: Mapping[str, Any]) -> bool:
    """Whether this has resources, which is what every data package must have."""
    return "resources" in document


def read(document: Mapping[str, Any]) -> Understood:
    """The draft in a data package."""
    notes = Notes()
    root = Properties(document, "", notes)
    for _ in root.take("$schema", "profile"):
        pass  # which of the two versions it is makes no difference to what is read
    file = _file(root, notes)
    given: dict[str, Any] = {
        **values.texts(root.take("title", "name"), "title", notes),
        **values.texts(root.take("description"), "summary", notes),
        **values.texts(_sources(root, notes), "provenance", notes),
        **values.keywords(root.take("keywords"), notes),
    }
    licence = values.licence(root.take("licenses", "license"), notes)
    words = CardWords(**given, licence=licence, own=values.terms(root.take("odrl:hasPolicy"), licence, notes))
    root.leave()
    return notes.understood("Frictionless", words, **file)


def _sources(root: Properties, notes: Notes) -> Iterator[tuple[str, Any]]:
    """All sources in one text."""
    for path, value in root.take("sources"):
        listed = [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
        parts = [part for one in listed for key in ("title", "path") if isinstance(part := one.get(key), str)]
        if parts:
            yield path, " ".join(parts)
        else:
            notes.complain(path, values.WRONG_TYPE)


def _file(root: Properties, notes: Notes) -> dict[str, Any]:
    """The first resource; a card is about one file, so the others are not used."""
    chosen: dict[str, Any] = {}
    for path, value in root.take("resources"):
        for number, one in enumerate(value if isinstance(value, list) else [value]):
            at = f"{path}.{number}"
            if not isinstance(one, Mapping):
                notes.complain(at, values.WRONG_TYPE)
            elif chosen:
                notes.unused.append(at)
            else:
                parts = Properties(one, f"{at}.", notes)
                chosen = {
                    "address": values.of_reference("address", parts.take("path"), notes),
                    "sha256": _sha256(parts, notes),
                    "media_type": values.of_reference("media_type", parts.take("mediatype"), notes),
                    "size": values.size(parts.take("bytes"), notes),
                    "columns": _columns(parts.take("schema"), notes),
                }
                parts.leave()
    return chosen


def _sha256(parts: Properties, notes: Notes) -> str:
    """A hash without the name of its kind is MD5, says the standard."""
    for path, value in parts.take("hash"):
        if isinstance(value, str) and value.lower().startswith("sha256:"):
            return values.of_reference("sha256", [(path, value[len("sha256:") :])], notes)
        notes.complain(path, N_("only a hash that begins with sha256: can be used"))
    return ""


def _columns(found: Iterator[tuple[str, Any]], notes: Notes) -> tuple[Column, ...]:
    """The fields of a table schema; one that is kept elsewhere is not fetched."""
    for path, value in found:
        if isinstance(value, str):
            notes.complain(path, N_("this refers to something that is not in the description; nothing is fetched"))
        elif not isinstance(value, Mapping):
            notes.complain(path, values.WRONG_TYPE)
        else:
            parts = Properties(value, f"{path}.", notes)
            columns = [one for at, fields in parts.take("fields") for one in _fields(fields, at, notes)]
            parts.leave()
            return values.each_once(columns, path, notes)
    return ()


def _fields(value: Any, path: str, notes: Notes) -> Iterator[Column | None]:
    for number, one in enumerate(value if isinstance(value, list) else [value]):
        at = f"{path}.{number}"
        if not isinstance(one, Mapping):
            notes.complain(at, values.WRONG_TYPE)
            continue
        parts = Properties(one, f"{at}.", notes, quiet=True)
        about = values.about(parts.take("description", "title"), notes)
        name, kind, unit = (next((text for _, text in parts.take(key)), "") for key in ("name", "type", "unit"))
        if not all(isinstance(text, str) for text in (name, kind, unit)):
            notes.complain(at, values.WRONG_TYPE)
            continue
        parts.leave()
        yield values.column(name, _TYPES.get(kind, ""), unit, about, at, notes)
