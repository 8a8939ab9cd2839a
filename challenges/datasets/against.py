"""The opened dataset, as answers of its documentation are held against it: its files, its columns, its labels, its records.

An answer agrees when it says one thing that is so; what cannot be looked up speaks against nothing. Tables are looked at column by
column, never record by record, and each column only for items that ask for it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final, Literal

import polars as pl

from challenges.datasets import claims
from challenges.datasets.holding import FileFact
from challenges.datasets.kinds import IMAGES, SOUNDS, UNREAD_MEDIA, suffix
from challenges.datasets.roles import Roles

MOST_LABELS: Final = 1_000
MOST_VALUES: Final = 500
"""Values that are looked for in the table, of those that an answer holds."""
QUOTE: Final = 16
"""Letters of a text from which on quoting it shows a record; a Chinese character counts as two."""
MOST_QUOTES: Final = 20
_MOST_CELLS: Final = 8
_LOOKED_AT: Final = 10_000

_FORMATS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        r"csv": (".csv",),
        r"tsv|tab-separated": (".tsv",),
        r"jsonl|ndjson|json[ -]?lines": (".jsonl", ".ndjson"),
        r"json|croissant|coco": (".json", ".jsonl", ".ndjson"),
        r"parquet": (".parquet",),
        r"png": (".png",),
        r"jpe?g": (".jpg", ".jpeg"),
        r"webp": (".webp",),
        r"gif": (".gif",),
        r"wav|wave": (".wav",),
        r"txt|text/plain|plain text|text files?|文本文件": (".txt",),
        r"md|markdown": (".md",),
        r"xml": (".xml",),
    }
)
_KINDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "table": r"(?<![a-z])(?:tables?|tabular|time[ -]series|trajector(?:y|ies)|graphs?)(?![a-z])|表格|时序|时间序列|轨迹|图数据|[图圖]谱",
        "text": r"(?<![a-z])(?:texts?|textual|reviews?|sentences)(?![a-z])|文本|文字|语料",
        "image": r"(?<![a-z])(?:images?|photos?|pictures?|photographs?)(?![a-z])|图像|图片|照片",
        "audio": r"(?<![a-z])(?:audio|sounds?|speech|recordings?)(?![a-z])|音频|语音|录音",
        "video": r"(?<![a-z])videos?(?![a-z])|视频",
        "points": r"(?<![a-z])point clouds?(?![a-z])|点云",
    }
)
_NEGATED: Final = re.compile(
    r"(?i)\b(?:no|not|without|neither|nor)\b[^,.;:\n]*|(?:没有|不含|不包括|并非|无)[^，。；、\n]*"
)
_TOKEN: Final = re.compile(r"[^\s,;|\t，；、。（）()\[\]{}`\"'“”]+")
_QUOTED: Final = re.compile(r"`([^`\n]+)`|\"([^\"\n]+)\"|“([^”\n]+)”|([^\n|,，;；\t`\"“”]+)")
_WIDE: Final = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True)
class Opened:
    """What there is.

    table   the records
    files   every file but those that are about the data: to name a README or a datapackage.json says nothing about this dataset
    bytes   of all files, with those
    roles   which column is what
    media   the kind of its images or sounds
    """

    table: pl.DataFrame = field(repr=False)
    files: Sequence[FileFact] = field(default=(), repr=False)
    bytes: int = 0
    roles: Roles = field(default_factory=Roles)
    media: Literal["image", "audio"] | None = None

    def agrees(self, key: str, text: str) -> bool | None:
        """Whether an answer to the item `key` says what is so; None where that cannot be looked up.

        scale               the number of records or of files, or a size of all files or of one, unless another number
                            of records is stated
        format              a format that a file is in
        structure           a file or folder by its name; two columns; one in backticks, before a colon or a line of a table
        modality            of the kinds that it names, half or more are there; what follows a “no” or “without” is not named
        label_statistics    a label with its number of records or its share; where nobody says which column is the label, a value of
                            any column of few
        samples             of one record, half of the cells (at least two, at most eight are asked for), or a quotation from a text
        """
        asked = _ASKED.get(key)
        return None if asked is None else asked(self, text)

    @staticmethod
    def looks_up(key: str) -> bool:
        """Whether an item is one of those that can be held against the data."""
        return key in _ASKED

    @cached_property
    def names(self) -> frozenset[str]:
        """Words of the dataset in small letters: those in the names of columns and files, and its labels."""
        labels = [] if self._label is None else [str(label) for label in self._label.head(_LOOKED_AT).unique()]
        whole = [
            *self.table.columns,
            *(PurePosixPath(one.path).name for one in self.files[:MOST_LABELS]),
            *labels[:MOST_LABELS],
        ]
        return frozenset(
            word for name in whole for word in (name.casefold(), *re.findall(r"[^\W\d_]+", name.casefold()))
        )

    @property
    def _label(self) -> pl.Series | None:
        name = self.roles.label
        return None if name is None or name not in self.table.columns or _nests(self.table[name]) else self.table[name]

    def scale(self, text: str) -> bool | None:
        """See `agrees`."""
        counts = {self.table.height, len(self.files)} - {0, 1}
        rows = [claim for claim in claims.in_text("scale", text, "") if claim.kind == "rows"]
        if rows and not any(claim.agrees(count) for claim in rows for count in counts):
            return False
        sizes = {self.bytes, sum(one.bytes for one in self.files), *(one.bytes for one in self.files)}
        return any(
            _near(value, counted, precision)
            for found, there in ((claims.figures(text), counts or {self.table.height}), (claims.sizes(text), sizes))
            for value, precision in found
            for counted in there
        )

    def format(self, text: str) -> bool | None:
        """See `agrees`."""
        there = {suffix(one.path) for one in self.files}
        if not there & {ending for endings in _FORMATS.values() for ending in endings}:
            return None
        named = (
            endings for word, endings in _FORMATS.items() if re.search(rf"(?i)(?<![a-z])(?:{word})(?![a-z])", text)
        )
        return any(there & {*endings} for endings in named)

    def structure(self, text: str) -> bool | None:
        """See `agrees`."""
        low = text.casefold()
        paths = [PurePosixPath(one.path.casefold()) for one in self.files]
        places = {str(path) for path in paths} | {path.name for path in paths}
        places |= {str(folder) for path in paths for folder in path.parents if str(folder) != "."}
        if any(_holds(low, place) for place in places):
            return True
        columns = [name.casefold() for name in self.table.columns if name.strip()]
        marked = (re.search(rf"`{re.escape(name)}`|(?:^|[\s|/]){re.escape(name)}\s*[:：|]", low) for name in columns)
        return any(marked) or sum(_holds(low, name) for name in columns) >= min(2, len(columns))

    def modality(self, text: str) -> bool | None:
        """See `agrees`."""
        there = {"table"}
        endings = {suffix(one.path) for one in self.files}
        if self.media or endings & {*IMAGES, *SOUNDS, *UNREAD_MEDIA}:
            there |= {"image"} if self.media == "image" or endings & {*IMAGES} else set()
            there |= {"audio"} if self.media == "audio" or endings & {*SOUNDS} else set()
            there |= {"image", "audio", "video"} if endings & {*UNREAD_MEDIA} else set()
        if self.roles.text is not None:
            there.add("text")
        named = {kind for kind, words in _KINDS.items() if re.search(f"(?i){words}", _NEGATED.sub(" ", text))}
        return None if not named else 2 * len(named & there) >= len(named)

    def label_statistics(self, text: str) -> bool | None:
        """See `agrees`."""
        if self._label is not None:
            return _counts_agree(self._label, text)
        found = [found for name in self.table.columns if (found := _counts_agree(self.table[name], text)) is not None]
        return any(found) if found else None

    def samples(self, text: str) -> bool | None:
        """See `agrees`."""
        flat = [
            cells.cast(pl.String, strict=False)
            for cells in self.table
            if not cells.dtype.is_nested() and cells.dtype != pl.Binary
        ]
        if not flat or not self.table.height:
            return None
        values = [value for value in dict.fromkeys(_values(text)) if value][:MOST_VALUES]
        quotes = [value for value in values if _letters(value) >= QUOTE][:MOST_QUOTES]
        if quotes and any(bool(cells.str.contains_any(quotes).any()) for cells in flat):
            return True
        if not values:
            return False
        hits = [cells.is_in(values).fill_null(value=False).cast(pl.UInt32) for cells in flat]
        most = reduce(lambda one, other: one + other, hits).max()
        return isinstance(most, int) and most >= min(max(2, (len(flat) + 1) // 2), _MOST_CELLS, len(flat))


_ASKED: Final[Mapping[str, Callable[[Opened, str], bool | None]]] = MappingProxyType(
    {
        "scale": Opened.scale,
        "format": Opened.format,
        "structure": Opened.structure,
        "modality": Opened.modality,
        "label_statistics": Opened.label_statistics,
        "samples": Opened.samples,
    }
)


def _nests(cells: pl.Series) -> bool:
    """Whether cells hold lists, objects or bytes."""
    return cells.dtype.is_nested() or cells.dtype == pl.Binary


def _near(value: float, counted: float, precision: float) -> bool:
    return abs(value - counted) <= max(claims.TOLERANCE * counted, precision) * (1 + 1e-9)


def _holds(text: str, name: str) -> bool:
    """Whether a text holds a name as a word of its own. Between Chinese characters nothing parts words."""
    if not name:
        return False
    before = r"(?<![a-z0-9_])" if name[0].isascii() and name[0].isalnum() else ""
    after = r"(?![a-z0-9_])" if name[-1].isascii() and name[-1].isalnum() else ""
    return re.search(before + re.escape(name) + after, text) is not None


def _counts_agree(labels: pl.Series, text: str) -> bool | None:
    """Whether a label stands in the text whose number of records, or whose share in per cent, does too; None: too many labels."""
    if _nests(labels) or labels.head(_LOOKED_AT).n_unique() > MOST_LABELS:
        return None
    counts = labels.drop_nulls().value_counts()
    if not 0 < counts.height <= MOST_LABELS:
        return None
    figures, shares = list(claims.figures(text)), list(claims.shares(text))
    low = text.casefold()
    for label, count in counts.iter_rows():
        told = any(_near(value, count, precision) for value, precision in figures)
        told |= any(abs(share - count / len(labels)) <= claims.TOLERANCE + precision for share, precision in shares)
        if told and _holds(low, str(label).strip().casefold()):
            return True
    return False


def _values(text: str) -> Iterator[str]:
    """What may be cells of a record: whole lines, what stands between delimiters or quotation marks, and single words."""
    for line in text.split("\n"):
        yield line.strip(" `|")
        for part in re.split(r"[,|\t]", line):
            yield part.strip(" `\"'“”.。")
    for match in _QUOTED.finditer(text):
        yield next(part for part in match.groups() if part is not None).strip()
    for token in _TOKEN.findall(text):
        yield token
        yield token.rstrip(".:：")


def _letters(text: str) -> int:
    """Letters, those of Chinese and its like as two: a moment or a long number is no quotation."""
    return sum(map(str.isalpha, text)) + len(_WIDE.findall(text))
