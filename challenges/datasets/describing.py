"""Descriptions in JSON and TOML, read strictly: every key keeps its path, and its line where the file is TOML."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import JsonValue

from challenges.datasets.limits import DEEPEST, LONGEST_NAME
from challenges.datasets.noting import Level, named
from challenges.findings import Finding
from challenges.intake.ledger import shown
from challenges.reading import Source, _source, _text, key_path
from challenges.toml_lines import KeyPath
from challenges.values import nearest

_LONGEST_VALUE: Final = 60
_MOST_GUESSES: Final = 200


@dataclass(frozen=True)
class Described:
    """What a file says: its values, and the line on which each key path stands, as far as known."""

    file: str
    value: Any
    lines: Mapping[KeyPath, int | None] = field(default_factory=dict)
    _guesses: Iterator[int] = field(default_factory=lambda: iter(range(_MOST_GUESSES)), repr=False, compare=False)

    def at(self, path: KeyPath) -> Any:
        """What stands at a key path; None where nothing does."""
        value = self.value
        for step in path:
            inside = isinstance(value, dict) and step in value
            if not inside and not (isinstance(value, list) and isinstance(step, int) and step < len(value)):
                return None
            value = value[step]
        return value

    def finding(self, message: str, path: KeyPath = (), *, level: Level = "error", **params: Any) -> Finding:
        """A finding at a key path, with its line or that of the nearest key around it."""
        written = path
        while written and written not in self.lines:
            written = written[:-1]
        return Finding(
            id=message,
            level=level,
            params=named(params),
            file=shown(self.file),
            line=self.lines.get(written),
            key=key_path(path)[:LONGEST_NAME] or None,
            value=_shown(self.at(path)) if path else None,
        )

    def nearest(self, word: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
        """The known word most like `word`; empty when none is, or when as many have been looked for as anybody reads."""
        return nearest(word[:LONGEST_NAME], known) if next(self._guesses, None) is not None else ""

    def unknown(
        self, path: KeyPath, known: Mapping[str, object] | tuple[str, ...], *, level: Level = "error"
    ) -> Finding:
        """A key that nobody knows, with the likeliest one meant."""
        near = self.nearest(str(path[-1]), known)
        message = "dataset.unknown_key_near" if near else "dataset.unknown_key"
        return self.finding(message, path, level=level, nearest=near, known=", ".join(known))


def _shown(value: Any) -> str | None:
    if value is None or isinstance(value, dict | list):
        return None
    text = json.dumps(value, ensure_ascii=False, default=str)
    clean = "".join(c if c.isprintable() else "\ufffd" for c in text[:_LONGEST_VALUE])
    return clean if len(text) <= _LONGEST_VALUE else f"{clean[:-1]}…"


def read_toml(data: bytes, file: str) -> Described | Finding:
    """The values of a TOML file, or the first thing that is wrong with it."""
    text = _text(data)
    found = text if isinstance(text, Finding) else _source(text)
    if isinstance(found, Source):
        return Described(file, found.raw, found.lines)
    return found.model_copy(update={"file": shown(file), "value": shown(found.value)})


class _Refused(ValueError):
    """JSON that other readers would understand in another way: the message and its params."""

    def __init__(self, message: str, **params: JsonValue) -> None:
        super().__init__(message)
        self.message, self.params = message, params


def read_json(data: bytes, file: str) -> Described | Finding:
    """The values of a JSON file, or the first thing that is wrong with it: also keys given twice, NaN, and halves of characters.

    Raises nothing, whatever the bytes are. `data` is limited by the caller.
    """
    place = shown(file)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Finding(id="package.not_utf8", file=place, line=data.count(b"\n", 0, error.start) + 1)
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_constant)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode()
        _check_depth(value)
    except (ValueError, RecursionError) as error:
        return _fault(error, place)
    return Described(file, value)


def _fault(error: ValueError | RecursionError, place: str | None) -> Finding:
    match error:
        case _Refused():
            return Finding(id=error.message, file=place, params=named(error.params))
        case json.JSONDecodeError():
            return Finding(id="dataset.json_damaged", file=place, line=error.lineno, params={"place": error.colno})
        case UnicodeEncodeError():
            return Finding(id="dataset.json_half_character", file=place)
        case RecursionError():
            return Finding(id="dataset.json_deep", file=place, params={"most": DEEPEST})
    return Finding(id="dataset.json_number", file=place)  # a whole number of thousands of digits


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Refused("dataset.json_twice", name=twice)
    return found


def _constant(word: str) -> Any:
    raise _Refused("dataset.json_nan", word=word)


def _check_depth(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = (
            [
                inner
                for outer in level
                for inner in (outer.values() if isinstance(outer, dict) else outer)
                if isinstance(inner, dict | list)
            ]
            if all(isinstance(outer, dict | list) for outer in level)
            else []
        )
        if not level:
            return
    raise _Refused("dataset.json_deep", most=DEEPEST)
