"""One JSON object out of bytes, or the sentence that says why not."""

import json
from typing import Any, NoReturn

from leaderboard.core.errors import Malformed
from leaderboard.core.i18n import N_

DEEPEST = 60
"""Levels of objects and lists in one another; real descriptions have fewer than ten."""


def parsed(data: bytes) -> dict[str, Any]:
    """The object in ``data`` (UTF-8, with or without a byte order mark).

    Raises Malformed for anything else, and for what JSON leaves open: a key twice in one object, NaN and infinity.
    """
    try:
        found = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_not_finite)
    except UnicodeDecodeError:
        refuse("import.not_text", N_("This is no text in UTF-8."))
    except json.JSONDecodeError as error:
        refuse(
            "import.not_json",
            N_("This is no JSON: see line {line}, column {column}."),
            line=error.lineno,
            column=error.colno,
        )
    except RecursionError:
        refuse("import.too_deep", N_("The document is nested too deeply."))
    except ValueError:  # Python refuses whole numbers of thousands of digits
        refuse("import.number", N_("There is a number with thousands of digits in the document."))
    if not isinstance(found, dict):
        refuse("import.no_object", N_("A description is one JSON object, and this is something else."))
    if _too_deep(found):
        refuse("import.too_deep", N_("The document is nested too deeply."))
    return found


def refuse(id: str, message: str, **params: Any) -> NoReturn:
    """Raises Malformed about the document as a whole."""
    raise Malformed(id, message, **params)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            message = N_("The key “{key}” stands twice in one object; it is not clear which of the two is meant.")
            refuse("import.twice", message, key=key[:60])
        found[key] = value
    return found


def _not_finite(value: str) -> NoReturn:
    refuse("import.number", N_("“{value}” is no number in JSON."), value=value)


def _too_deep(document: dict[str, Any]) -> bool:
    level: list[Any] = [document]
    for _ in range(DEEPEST):
        inner: list[Any] = []
        for node in level:
            children = node.values() if isinstance(node, dict) else node
            inner += [child for child in children if isinstance(child, dict | list)]
        if not inner:
            return False
        level = inner
    return True
