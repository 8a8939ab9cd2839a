"""Where each key of a TOML text stands: `tomllib` gives the values, this gives the lines.

The scanner only has to find its way through text that `tomllib` has accepted, so it checks nothing and decodes nothing but
keys. It knows every form that can move a key to another line: multi-line strings and arrays, inline tables, dotted and
quoted keys, tables, arrays of tables and tables inside their last element.
"""

import re
import tomllib
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t]*")
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_QUOTED_KEY = re.compile(r'"(?:[^"\\]|\\.)*"' + r"|'[^']*'")
_STRING = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}' + r"|'''(?:[^']|'(?!''))*'{3,5}" + r'|"(?:[^"\\]|\\.)*"' + r"|'[^']*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\r\n]*")


def key_lines(text: str) -> Mapping[KeyPath, int]:
    r"""The line (from 1) on which each key path of a valid TOML text is first named.

    Tables count where their header is, implied parents where their first child is, elements of arrays where they begin.

    >>> key_lines('a = 1\n[b]\nc.d = [\n  2,\n]')[("b", "c", "d", 0)]
    4
    """
    scanner = _Scanner(text)
    scanner.document()
    return scanner.lines


class _Scanner:
    """One pass over the text; `at` is the next character, `lines` what is known so far."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[KeyPath, int] = {}
        self._elements: dict[KeyPath, int] = {}
        self._line, self._counted = 1, 0

    def document(self) -> None:
        table: KeyPath = ()
        self._skip(_GAP)
        while self.at < len(self.text):
            if self.text.startswith("[[", self.at):
                table = self._element_header()
            elif self.text[self.at] == "[":
                table = self._table_header()
            else:
                self._pair(table)
            self._skip(_GAP)

    def _table_header(self) -> KeyPath:
        line = self._line_here()
        self.at += 1
        path = self._resolved((), self._keys(), line)
        self._skip(_SPACE)
        self.at += 1  # ]
        return path

    def _element_header(self) -> KeyPath:
        line = self._line_here()
        self.at += 2
        *parents, last = self._keys()
        array = (*self._resolved((), parents, line), last)
        number = self._elements.get(array, 0)
        self._elements[array] = number + 1
        self._note(array, line)
        self._note((*array, number), line)
        self._skip(_SPACE)
        self.at += 2  # ]]
        return (*array, number)

    def _resolved(self, base: KeyPath, keys: list[str], line: int) -> KeyPath:
        """The path that `keys` name from `base`: through an array of tables it goes into the last element."""
        path = base
        for key in keys:
            path = (*path, key)
            self._note(path, line)
            if path in self._elements:
                path = (*path, self._elements[path] - 1)
        return path

    def _pair(self, table: KeyPath) -> None:
        line = self._line_here()
        path = table
        for key in self._keys():
            path = (*path, key)
            self._note(path, line)
        self._skip(_SPACE)
        self.at += 1  # =
        self._skip(_SPACE)
        self._value(path)

    def _keys(self) -> list[str]:
        keys = []
        while True:
            self._skip(_SPACE)
            keys.append(self._key())
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                return keys
            self.at += 1

    def _key(self) -> str:
        if bare := _BARE_KEY.match(self.text, self.at):
            self.at = bare.end()
            return bare[0]
        quoted = _QUOTED_KEY.match(self.text, self.at)
        assert quoted is not None, "tomllib accepted this text"
        self.at = quoted.end()
        return str(tomllib.loads(f"key = {quoted[0]}")["key"])

    def _value(self, path: KeyPath) -> None:
        opening = self.text[self.at]
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            self._skip(_STRING if opening in "\"'" else _SCALAR)

    def _array(self, path: KeyPath) -> None:
        self.at += 1
        number = 0
        self._skip(_GAP)
        while self.text[self.at] != "]":
            if self.text[self.at] == ",":
                self.at += 1
            else:
                self._note((*path, number), self._line_here())
                self._value((*path, number))
                number += 1
            self._skip(_GAP)
        self.at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        self._skip(_GAP)
        while self.text[self.at] != "}":
            if self.text[self.at] == ",":
                self.at += 1
            else:
                self._pair(path)
            self._skip(_GAP)
        self.at += 1

    def _skip(self, pattern: re.Pattern[str]) -> None:
        matched = pattern.match(self.text, self.at)
        assert matched is not None, "tomllib accepted this text"
        self.at = matched.end()

    def _line_here(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line

    def _note(self, path: KeyPath, line: int) -> None:
        self.lines.setdefault(path, line)
