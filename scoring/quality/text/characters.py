"""Texts as one long row of code points, with the kind of each: what all signals of texts are counted from.

A table with a kind for every code point and whole-array counting is some 20 times faster than one regular expression for
each kind.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

MOST_CHARACTERS: Final = 50_000
"""Of a longer text only the beginning is looked at."""
CHUNK_CHARACTERS: Final = 1 << 20  # characters looked at together: a few arrays of 8 MB
CHUNK_TEXTS: Final = 1 << 20  # most texts looked at together, where they are empty

HAN, LATIN, OTHER_LETTER, DIGIT, STOP, PUNCTUATION, SYMBOL, SPACE, LINE, BAD = range(1, 11)
KINDS: Final = 11  # 0 is not used
REPLACEMENT: Final = 0xFFFD

CodeArray = npt.NDArray[np.uint32]
KindArray = npt.NDArray[np.uint8]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

_CODE_POINTS: Final = 0x110000
_STOPS: Final = "。！？!?….．｡"
_JOINERS: Final = (0x200C, 0x200D)
_LATIN: Final = ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x24F), (0x1E00, 0x1EFF), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
_HAN: Final = (
    (0x3005, 0x3005),
    (0x3007, 0x3007),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_EMOJI: Final = (0x1F000, 0x1FAFF)  # also those that this Python does not know yet


@dataclass(frozen=True, slots=True)
class Flat:
    """n texts laid end to end, m characters.

    codes     (m,) code points
    kinds     (m,) HAN, LATIN, …
    rows      (m,) the text that each character is of, 0 … n - 1
    starts    (n,) where each text begins
    lengths   (n,) how many characters it has here
    """

    codes: CodeArray
    kinds: KindArray
    rows: IntArray
    starts: IntArray
    lengths: IntArray

    def count(self, marks: BoolArray) -> IntArray:
        """(n,) marked characters of each text."""
        return np.bincount(self.rows[marks], minlength=len(self.lengths)).astype(np.int64, copy=False)

    def kept(self, marks: BoolArray) -> "Flat":
        """Only the marked characters."""
        lengths = self.count(marks)
        return Flat(self.codes[marks], self.kinds[marks], self.rows[marks], np.cumsum(lengths) - lengths, lengths)


def flat_chunks(texts: pl.Series) -> Iterator[Flat]:
    """All texts in order, as many at a time as have about a million characters; at least once. Missing texts are empty.

    >>> [flat.lengths.tolist() for flat in flat_chunks(pl.Series(["好!", None, "ab c"]))]
    [[2, 0, 4]]
    """
    texts = texts.fill_null("").str.head(MOST_CHARACTERS)
    lengths = texts.str.len_chars().to_numpy().astype(np.int64)
    ends = np.cumsum(lengths)
    first = 0
    if not len(texts):
        yield _flat(pl.Series([""]), lengths)
    while first < len(texts):
        before = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, before + CHUNK_CHARACTERS, side="right")))
        last = min(last, first + CHUNK_TEXTS)
        yield _flat(texts[first:last], lengths[first:last])
        first = last


def _flat(texts: pl.Series, lengths: IntArray) -> Flat:
    joined = str(texts.str.join("")[0])
    codes = np.frombuffer(joined.encode("utf-32-le"), dtype="<u4")
    rows = np.repeat(np.arange(len(lengths)), lengths)
    return Flat(codes, kinds_by_code()[codes], rows, np.cumsum(lengths) - lengths, lengths)


@cache
def kinds_by_code() -> KindArray:
    """(0x110000,) the kind of every code point, read-only."""
    kinds = np.full(_CODE_POINTS, BAD, dtype=np.uint8)
    by_category = {"Lm": OTHER_LETTER, "Lo": OTHER_LETTER, "Lu": OTHER_LETTER, "Ll": OTHER_LETTER, "Lt": OTHER_LETTER}
    by_category |= {"Mn": OTHER_LETTER, "Mc": OTHER_LETTER, "Me": SYMBOL, "Nd": DIGIT, "Nl": DIGIT, "No": DIGIT}
    by_category |= dict.fromkeys(("Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"), PUNCTUATION)
    by_category |= dict.fromkeys(("Sm", "Sc", "Sk", "So"), SYMBOL)
    by_category |= {"Zs": SPACE, "Zl": LINE, "Zp": LINE}
    kinds[:0x20000] = [by_category.get(unicodedata.category(chr(code)), BAD) for code in range(0x20000)]
    kinds[_EMOJI[0] : _EMOJI[1] + 1] = SYMBOL
    for kind, ranges in ((LATIN, _LATIN), (HAN, _HAN)):
        for low, high in ranges:
            kinds[low : high + 1] = kind
    kinds[[0xD7, 0xF7]] = SYMBOL  # × and ÷ lie among the Latin letters
    kinds[[ord(stop) for stop in _STOPS]] = STOP
    kinds[list(_JOINERS)] = SYMBOL
    kinds[[0x09, 0x0B, 0x0C]] = SPACE
    kinds[[0x0A, 0x0D, 0x85]] = LINE
    kinds[REPLACEMENT] = BAD
    kinds.flags.writeable = False
    return kinds
