"""Frictionless data packages, versions 1 and 2: what of one fits on a card."""

from collections.abc import Iterator, Mapping
from typing import Any

from leaderboard.core.i18n import N_
from leaderboard.datasets.fields import CardWords
from leaderboard.datasets.standards.reading import values
from leaderboard.datasets.standards.reading.notes import Notes, Properties, Understood


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
    words = CardWords(**given, licence=values.licence(root.take("licenses", "license"), notes))
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
