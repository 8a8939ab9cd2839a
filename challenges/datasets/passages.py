"""The passages of a README, by the item that their heading, label or table row names.

One pass over the lines, in time linear in the text: nothing of Markdown is rendered, so a hostile README costs what its bytes cost.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from challenges.datasets.items import ITEMS

MOST_ITEMS: Final = 3
"""Items that one heading may name; a heading that names more is a list, not a heading."""
MOST_PASSAGES: Final = 2_000
"""Passages of one document that are kept; a hundred would be a long README."""
COVERED: Final = 0.4
"""Share of a heading's letters that the words of items must make up."""
_LONGEST_HEADING, _LONGEST_LABEL = 120, 40
_LABEL: Final = 7
"""The level of labels: below every heading."""

_HEADING: Final = re.compile(r"^ {0,3}(#{1,6})[ \t]*([^#\s].*)$")
_UNDERLINE: Final = re.compile(r"^ {0,3}(=+|-{2,})[ \t]*$")
_FENCE: Final = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_MARKER: Final = re.compile(
    r"^\s*(?:[-*+•·]\s+|\(?\d{1,3}[.)、．]\s*|[（(]?[一二三四五六七八九十]{1,3}[)）]?[、.．]\s*)"
)
_NUMBERING: Final = re.compile(
    r"^(?:第?\d{1,3}(?:\.\d{1,3}){0,5}(?:[.)、．章节]\s*|\s+|(?=[\u4e00-\u9fff]))|[（(]?[一二三四五六七八九十]{1,3}[)）]?[、.．]\s*|[ivxIVX]{1,5}[.)]\s*)"
)
_JOINERS: Final = re.compile(
    r"(?<![a-z])(?:and|or|of|the|a|an|in|on|this|our|dataset|data|set|information|details|description|overview)(?![a-z])|数据集|数据|说明|情况|信息|介绍|概述|描述|[与和及的之]"
)
_DEAD: Final = re.compile(r"[\W_]+")


def _plain(text: str) -> str:
    """A heading without markup, numbering, width and case."""
    text = unicodedata.normalize("NFKC", text.replace("*", "").replace("`", "")).strip()
    return _NUMBERING.sub("", text.strip("# \t_")).strip().casefold()


_OF_WORD: Final[Mapping[str, str]] = {word: item.key for item in ITEMS for word in item.words}
_WORDS: Final = re.compile(
    "|".join(
        rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word.isascii() else re.escape(word)
        for word in sorted(_OF_WORD, key=len, reverse=True)
    )
)


def items_of(heading: str, covered: float = COVERED) -> tuple[str, ...]:
    """Keys of the items that a heading names, in its order; none when other words make up most of it.

    >>> items_of("3.1 数据来源与采集过程"), items_of("**Label distribution**"), items_of("What our customers say")
    (('source', 'collection'), ('label_statistics',), ())
    """
    if len(heading) > _LONGEST_HEADING:
        return ()
    text = _plain(heading)
    found = list(_WORDS.finditer(text))
    keys = tuple(dict.fromkeys(_OF_WORD[match[0]] for match in found))
    rest = _WORDS.sub(" ", text)
    beside = len(_DEAD.sub("", _JOINERS.sub("", rest)))
    inside = sum(len(_DEAD.sub("", match[0])) for match in found)
    return keys if found and len(keys) <= MOST_ITEMS and inside >= covered * (inside + beside) else ()


@dataclass(slots=True)
class Passage:
    """Text under a heading that names `items`; `line` (from 1) is where it begins."""

    items: tuple[str, ...]
    file: str
    line: int
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text as it stands, without empty lines around it."""
        return "\n".join(self.parts).strip()


def passages(text: str, file: str) -> list[Passage]:
    """All passages of a README that have any text, in their order."""
    reader = _Reader(file)
    lines = _without_comments(text).split("\n")
    for number, line in enumerate(lines):
        reader.take(number + 1, line, lines[number + 1] if number + 1 < len(lines) else "")
    return [passage for passage in reader.found if passage.text]


def _without_comments(text: str) -> str:
    """The text without HTML comments; their line ends stay, so that lines keep their numbers."""
    parts, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        parts.append(text[at:start])
        end = text.find("-->", start + 4)
        stop = len(text) if end < 0 else end + 3
        parts.append("\n" * text.count("\n", start, stop))
        at = stop
    return "".join([*parts, text[at:]])


class _Reader:
    """Goes through the lines; `open` holds the headings around the line at hand, outermost first."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Passage] = []
        self._open: list[tuple[int, Passage | None]] = []
        self._fence = ""
        self._blank = True
        self._skip = False
        self._one_line = False

    def take(self, number: int, line: str, following: str) -> None:
        if self._skip:  # the line under a heading
            self._skip = False
            return
        if fence := _FENCE.match(line):
            self._fence = "" if self._fence and fence[1][0] == self._fence else self._fence or fence[1][0]
            return
        if self._fence:
            self._add(line)
            return
        if not line.strip():
            self._blank_line()
            return
        if not self._heading(number, line, following) and not self._labelled(number, line):
            self._add(line)
        self._blank = False

    def _blank_line(self) -> None:
        self._blank = True
        if self._one_line:
            self._one_line = False
            self._close(_LABEL)
        self._add("")

    def _heading(self, number: int, line: str, following: str) -> bool:
        if heading := _HEADING.match(line):
            self._begin(len(heading[1]), items_of(heading[2].rstrip("# \t")), number)
            return True
        under = _UNDERLINE.match(following)
        if under and self._blank and not line.lstrip().startswith(("|", "-", "---")):
            self._begin(1 if under[1][0] == "=" else 2, items_of(line.strip()), number)
            self._skip = True
            return True
        if self._blank and len(line.strip()) <= _LONGEST_LABEL and (items := items_of(line, 1.0)):
            self._begin(_LABEL, items, number)
            return True
        return False

    def _labelled(self, number: int, line: str) -> bool:
        """A line such as `- **Scale**: 1,000 rows`, or a table row whose first cell is the label."""
        bare = line.strip()
        if bare.startswith("|"):
            label, _, rest = bare.strip("|").partition("|")
            rest = rest.replace("|", " ").strip()
        else:
            bare = _MARKER.sub("", bare, count=1)
            at = min((place for mark in ":：" if (place := bare.find(mark, 0, _LONGEST_LABEL)) >= 0), default=-1)
            label, rest = bare[: max(at, 0)], bare[at + 1 :].strip().lstrip("*").strip()
        items = items_of(label, 1.0) if 0 < len(label.strip()) <= _LONGEST_LABEL else ()
        if not items or (bare.startswith("|") and not rest.strip("-: ")):
            return False
        self._begin(_LABEL, items, number)
        self._one_line = bool(rest)
        self._add(rest)
        return True

    def _begin(self, level: int, items: tuple[str, ...], number: int) -> None:
        self._close(level)
        self._one_line = False
        passage = Passage(items, self.file, number) if items and len(self.found) < MOST_PASSAGES else None
        if passage is not None:
            self.found.append(passage)
        self._open.append((level, passage))

    def _close(self, level: int) -> None:
        while self._open and self._open[-1][0] >= level:
            self._open.pop()

    def _add(self, line: str) -> None:
        """A line belongs to the innermost heading around it that names an item."""
        passage = next((passage for _, passage in reversed(self._open) if passage is not None), None)
        if passage is not None:
            passage.parts.append(line.strip())


def without_headings(text: str) -> str:
    """A text in small letters without the words that are headings of items: they alone answer nothing."""
    return _WORDS.sub(" ", unicodedata.normalize("NFKC", text).casefold())
