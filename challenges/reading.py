"""From the bytes of a `challenge.toml` to a `Definition`, or to findings that name line, key path, value and what was expected."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal, Self

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails

from challenges import reference, values
from challenges.definition import Definition
from challenges.findings import Finding
from challenges.toml_lines import KeyPath, key_lines

FILE = "challenge.toml"
MOST_BYTES = 256 * 1024
LONGEST_VALUE = 60
_DOTS = re.compile(r"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){24}""")
"""Dotted keys deeper than any that the format knows; reading them costs the square of their depth."""
_AT_LINE = re.compile(r"\(at line (\d+), column (\d+)\)$")
_FULL_WIDTH = "＝［］｛｝“”‘’，．＃：　"
_SYNTAX: tuple[tuple[str, str], ...] = (
    ("Expected '='", "package.toml_no_equals"),
    ("Invalid initial character", "package.toml_bad_key"),
    ("Invalid statement", "package.toml_bad_key"),
    ("Expected newline", "package.toml_one_a_line"),
    ("Expected ']'", "package.toml_unclosed"),
    ("Expected ']]'", "package.toml_unclosed"),
    ("Unclosed", "package.toml_unclosed"),
    ("Unterminated", "package.toml_unclosed"),
    ("Cannot", "package.toml_twice"),
    ("Duplicate", "package.toml_twice"),
    ("Unescaped", "package.toml_backslash"),
    ("Invalid hex", "package.toml_backslash"),
    ("Escaped character", "package.toml_backslash"),
    ("Invalid date", "package.not_a_date"),
    ("Invalid value", "package.toml_bad_value"),
    ("Illegal character '\\n'", "package.toml_unclosed"),
)


@dataclass(frozen=True)
class Source:
    """A file that holds keys and values: what it says, and on which line each key path stands (None: not known)."""

    raw: Mapping[str, Any]
    lines: Mapping[KeyPath, int | None]
    file: str = FILE

    @classmethod
    def of_values(cls, raw: Any, file: str) -> Self:
        """Values whose lines are not known."""
        return cls(raw, dict.fromkeys(_paths(raw, ())), file)

    def finding(
        self,
        message: str,
        path: KeyPath,
        params: Mapping[str, JsonValue] = MappingProxyType({}),
        level: Literal["error", "warning", "note"] = "error",
    ) -> Finding:
        """A finding at a key path: with its line, or that of the nearest table around it when the key is not written."""
        if path not in self.lines and path[:-1] in self.lines and isinstance(path[-1], int):
            path = path[:-1]  # a single value that stands for a list of one
        written = path
        while written and written not in self.lines:
            written = written[:-1]
        return Finding(
            id=message,
            level=level,
            params=dict(params),
            file=self.file,
            line=self.lines.get(written),
            key=key_path(path) or None,
            value=self._shown(path) if written == path else None,
        )

    def has(self, path: KeyPath) -> bool:
        """Whether the key is written."""
        return path in self.lines

    def at(self, path: KeyPath) -> Any:
        """What is written at a key path that `lines` knows."""
        value: Any = self.raw
        for step in path:
            value = value[step]
        return value

    def _shown(self, path: KeyPath) -> str | None:
        value = self.at(path)
        if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value)):
            return None
        text = reference.toml(value)
        return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


@dataclass(frozen=True)
class Reading:
    """What became of a file: `source` once it is TOML, `definition` once it fits the model; findings in order of lines."""

    definition: Definition | None
    source: Source | None
    findings: tuple[Finding, ...]


def key_path(path: KeyPath) -> str:
    """A key path as people write it.

    >>> key_path(("scores", 1, "metric"))
    'scores[1].metric'
    """
    steps = (f"[{step}]" if isinstance(step, int) else f".{reference.bare(step)}" for step in path)
    return "".join(steps).removeprefix(".")


def read(data: bytes) -> Reading:
    """Reads a `challenge.toml`: never raises, whatever the bytes are. The rules between keys are not looked at here."""
    text = _text(data)
    source = text if isinstance(text, Finding) else _source(text)
    if isinstance(source, Finding):
        return Reading(None, None, (source,))
    try:
        definition = Definition.model_validate(source.raw)
    except ValidationError as refused:
        return Reading(None, source, (*model_findings(source, refused), *_dates(source)))
    return Reading(definition, source, _dates(source))


def model_findings(source: Source, refused: ValidationError) -> tuple[Finding, ...]:
    """The errors of a model in order of lines."""
    found = [_finding(source, error) for error in refused.errors(include_url=False, include_input=False)]
    return tuple(sorted(found, key=lambda finding: finding.line or 0))


def _text(data: bytes) -> str | Finding:
    if len(data) > MOST_BYTES:
        return Finding(id="package.toml_too_large", file=FILE, params={"most": MOST_BYTES // 1024})
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        return Finding(id="package.not_utf8", file=FILE, line=data.count(b"\n", 0, error.start) + 1)


def _source(text: str) -> Source | Finding:
    if deep := _DOTS.search(text):
        return Finding(id="package.toml_too_deep", file=FILE, line=text.count("\n", 0, deep.start()) + 1)
    try:
        return Source(tomllib.loads(text), key_lines(text))
    except RecursionError:
        return Finding(id="package.toml_too_deep", file=FILE)
    except ValueError as error:  # also an integer of thousands of digits, which is no TOMLDecodeError
        return _syntax(text, str(error))


def _syntax(text: str, reason: str) -> Finding:
    lines = text.split("\n")
    at = _AT_LINE.search(reason)
    line = int(at[1]) if at else len(lines) if "end of document" in reason else None
    written = lines[line - 1].strip() if line else ""
    wide = "".join(dict.fromkeys(c for c in written.partition("#")[0] if c in _FULL_WIDTH))
    if wide and '"' not in written:
        return Finding(id="package.toml_full_width", file=FILE, line=line, params={"characters": wide})
    message = next((known for start, known in _SYNTAX if reason.startswith(start)), "package.toml_bad_value")
    column = int(at[2]) if at else None
    place: dict[str, JsonValue] = {"column": column} if column else {}
    return Finding(id=message, file=FILE, line=line, params=place, value=written[:LONGEST_VALUE] or None)


def _finding(source: Source, error: ErrorDetails) -> Finding:
    """One error of the model in the words of this room."""
    path, kind, context = error["loc"], error["type"], error.get("ctx", {})
    if kind == "missing":
        return source.finding("package.missing", path)
    if kind == "extra_forbidden":
        return _unknown(source, path)
    while path and path not in source.lines:
        path = path[:-1]
    if kind.startswith("package."):
        return source.finding(kind, path, context)
    message, params = _MODEL[kind](context)
    return source.finding(message, path, params)


def _unknown(source: Source, path: KeyPath) -> Finding:
    """A key that the format does not know: never ignored, with the likeliest one meant."""
    *table, name = (step for step in path if isinstance(step, str))
    near = values.nearest(name, reference.known(tuple(table)))
    if near:
        return source.finding("package.unknown_key_near", path, {"nearest": near})
    if homes := reference.places().get(name):
        return source.finding(
            "package.unknown_key_here",
            path,
            {"places": ", ".join(f"{home}.{name}".removeprefix(".") for home in homes)},
        )
    return source.finding("package.unknown_key", path, {"known": ", ".join(reference.known(tuple(table)))})


def _dates(source: Source) -> tuple[Finding, ...]:
    """How each date was understood, so that nobody has to guess."""
    found = []
    for path in source.lines:
        value = source.at(path)
        if isinstance(value, datetime) and value.tzinfo is not None and value.year in values.YEARS:
            found.append(source.finding("package.date_understood", path, {"utc": values.utc(value)}, "note"))
    return tuple(found)


def _paths(value: Any, at: KeyPath) -> Iterator[KeyPath]:
    """The key paths of everything inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in inner:
        yield (*at, step)
        yield from _paths(item, (*at, step))


_Words = tuple[str, dict[str, JsonValue]]


def _plain(message: str) -> Callable[[dict[str, Any]], _Words]:
    return lambda _context: (message, {})


def _bound(message: str, bound: str) -> Callable[[dict[str, Any]], _Words]:
    return lambda context: (message, {"bound": context[bound]})


_MODEL: Mapping[str, Callable[[dict[str, Any]], _Words]] = {
    "string_type": _plain("package.want_text"),
    "int_type": _plain("package.want_integer"),
    "float_type": _plain("package.want_number"),
    "bool_type": _plain("package.want_boolean"),
    "finite_number": _plain("package.want_number"),
    "model_type": _plain("package.want_table"),
    "dict_type": _plain("package.want_table"),
    "tuple_type": _plain("package.want_list"),
    "too_short": _plain("package.empty_list"),
    "greater_than": _bound("package.above", "gt"),
    "greater_than_equal": _bound("package.at_least", "ge"),
    "less_than_equal": _bound("package.at_most", "le"),
    "literal_error": lambda context: (
        "package.not_one_of",
        {"known": ", ".join(re.findall(r"'([^']*)'", context["expected"]))},
    ),
}
"""Every kind of error that the model can give (a test walks the model), as message id and params."""
