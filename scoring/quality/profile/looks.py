"""What texts look like, and what characters they are made of.

Most texts can be told by their first byte not to be a number, a date or a truth value; only the others are matched.
"""

from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

ByteArray = npt.NDArray[np.uint8]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

_MONTH_DAY: Final = r"(0?[1-9]|1[0-2])[-/.](0?[1-9]|[12][0-9]|3[01])"
_TIME: Final = r"[0-2]?[0-9]:[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?"
NUMERIC: Final = {
    "integer": r"^[+-]?[0-9]+$",
    "number": r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+|[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?)([eE][+-]?[0-9]{1,3})?$",
    "date": rf"^([0-9]{{4}}[-/.]{_MONTH_DAY}|[0-9]{{4}}年[0-9]{{1,2}}月[0-9]{{1,2}}日|(19|20)[0-9]{{2}}[01][0-9][0-3][0-9])$",
    "datetime": rf"^[0-9]{{4}}[-/.]{_MONTH_DAY}[T ]{_TIME}$",
}
BOOLEAN: Final = ("true", "false", "yes", "no", "t", "f", "y", "n", "是", "否", "真", "假")
LOOKS: Final = (*NUMERIC, "boolean", "padded", "one_character")
"""A whole number (which is a number too), a number, a day, a moment, a truth value, once white space at the ends is taken off;
with white space at an end; three or more times the same character."""
CHARACTERS: Final = ("han", "latin", "digit", "space", "other_ascii", "other")
"""Chinese characters U+4000 to U+9FFF, A-Z and a-z, 0-9, space and controls, the rest of ASCII, the rest."""

_BYTES_AT_ONCE: Final = 1 << 16
_TEXTS_AT_ONCE: Final = 1 << 22
"""Bytes of texts that are copied to be looked at."""
_WIDTHS: Final = np.array([1] * 0xC0 + [2] * 0x20 + [3] * 0x10 + [4] * 0x10)
"""Bytes of a character in UTF-8 by its first byte."""


def _bytes(*which: int | str) -> BoolArray:
    """(256,) true at these first bytes."""
    found = np.zeros(256, np.bool_)
    found[[byte if isinstance(byte, int) else byte.encode()[0] for byte in which]] = True
    return found


_WHITE_FIRST: Final = _bytes(*"\t\n\v\f\r \x1c\x1d\x1e\x1f", 0xC2, 0xE1, 0xE2, 0xE3)
"""Of white space, and of some other characters."""
_WHITE_LAST: Final = _bytes(*"\t\n\v\f\r \x1c\x1d\x1e\x1f") | (np.arange(256) // 0x40 == 2)
_NUMERIC_FIRST: Final = _WHITE_FIRST | _bytes(*"0123456789+-.")
_BOOLEAN_FIRST: Final = _WHITE_FIRST | _bytes(*"tfynTFYN是否真假")


def _expressions() -> list[pl.Expr]:
    text = pl.col("text")
    numeric, boolean, padded, same = (
        text.filter(pl.col(which)) for which in ("numeric", "boolean", "padded", "one_character")
    )
    bare = numeric.str.strip_chars()
    return [
        *(bare.str.contains(pattern).sum().alias(look) for look, pattern in NUMERIC.items()),
        boolean.str.strip_chars().str.to_lowercase().is_in(BOOLEAN).sum().alias("boolean"),
        (padded.str.strip_chars() != padded).sum().alias("padded"),
        (same.str.strip_chars(same.str.head(1)) == "").sum().alias("one_character"),
    ]


_EXPRESSIONS: Final = _expressions()


class TextLooks:
    """Counts of texts by what they look like, and of their bytes.

    waiting   bytes of texts that are kept until there are enough to be worth the calls

    >>> looks = TextLooks()
    >>> looks.add(pl.Series(["12", " 3.5", "aaa", "质量"]))
    >>> looks.counts["number"], looks.counts["padded"], looks.counts["one_character"], looks.characters()["han"]
    (2, 1, 1, 2)
    """

    def __init__(self, waiting: int = 0) -> None:
        self._may_wait = waiting
        self._counts = dict.fromkeys(LOOKS, 0)
        self.bytes = np.zeros(256, np.int64)
        self._waiting: list[pa.LargeStringArray] = []
        self._bytes_waiting = 0

    def add(self, texts: pl.Series) -> None:
        """Count texts (n,), none of them missing."""
        if not len(texts):
            return
        upto = np.cumsum(texts.str.len_bytes().to_numpy().astype(np.int64))
        cuts = np.searchsorted(upto, np.arange(_TEXTS_AT_ONCE, upto[-1], _TEXTS_AT_ONCE), side="right")
        for start, stop in pairwise([0, *np.unique(cuts).tolist(), len(texts)]):
            self._waiting.append(texts[start:stop].to_arrow())
            self._bytes_waiting += self._waiting[-1].nbytes
            if self._bytes_waiting > self._may_wait:
                self._settle()

    @property
    def counts(self) -> dict[str, int]:
        """Texts by LOOKS."""
        self._settle()
        return self._counts

    def merge(self, other: "TextLooks") -> None:
        self._counts = {look: count + other.counts[look] for look, count in self.counts.items()}
        self.bytes += other.bytes

    def __getstate__(self) -> dict[str, object]:
        self._settle()
        return self.__dict__.copy()

    def _settle(self) -> None:
        if not self._waiting:
            return
        texts, self._waiting, self._bytes_waiting = pa.concat_arrays(self._waiting), [], 0
        _, offset_buffer, content = texts.buffers()
        offsets = np.frombuffer(offset_buffer, np.int64)[: len(texts) + 1]
        characters = np.frombuffer(content, np.uint8) if content is not None else np.empty(0, np.uint8)
        for start in range(int(offsets[0]), int(offsets[-1]), _BYTES_AT_ONCE):
            stop = min(start + _BYTES_AT_ONCE, int(offsets[-1]))
            self.bytes += np.bincount(characters[start:stop], minlength=256)
        some = np.flatnonzero(offsets[1:] > offsets[:-1])
        if len(some):
            self._look(pl.Series(texts), some, characters, offsets)

    def _look(self, texts: pl.Series, some: IntArray, characters: ByteArray, offsets: IntArray) -> None:
        """`some` are the positions of the texts that are not empty."""
        starts, ends = offsets[some], offsets[some + 1]
        first, last, width = characters[starts], characters[ends - 1], _WIDTHS[characters[starts]]
        same = np.zeros(len(some), np.bool_)
        long = np.flatnonzero(ends - starts >= 3 * width)
        second, third = starts[long] + width[long], starts[long] + 2 * width[long]
        same[long] = (characters[second] == first[long]) & (characters[third] == first[long])
        maybe = {
            "numeric": _NUMERIC_FIRST[first],
            "boolean": _BOOLEAN_FIRST[first] & (ends - starts < 32),
            "padded": _WHITE_FIRST[first] | _WHITE_LAST[last],
            "one_character": same,
        }
        found = pl.DataFrame({"text": texts.gather(some), **maybe}).select(_EXPRESSIONS)
        for look, count in found.row(0, named=True).items():
            self._counts[look] += count

    def characters(self) -> dict[str, int]:
        """Characters by class, told by the first byte of each in UTF-8."""
        self._settle()
        at = self.bytes
        counts = {
            "han": at[0xE4:0xEA].sum(),
            "latin": at[ord("A") : ord("Z") + 1].sum() + at[ord("a") : ord("z") + 1].sum(),
            "digit": at[ord("0") : ord("9") + 1].sum(),
            "space": at[:0x21].sum() + at[0x7F],
        }
        counts["other_ascii"] = at[:0x80].sum() - counts["latin"] - counts["digit"] - counts["space"]
        counts["other"] = at[0xC0:].sum() - counts["han"]
        return {name: int(counts[name]) for name in CHARACTERS}
