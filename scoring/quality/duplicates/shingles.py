"""Texts as sets of shingles: what near-duplication of texts is measured on."""

from typing import Final

import numpy as np
import polars as pl

from scoring.quality.duplicates.hashing import HashArray
from scoring.sorting import IntArray

LONGEST: Final = 10_000  # characters of a text that are looked at
SHORTEST: Final = 3  # characters of a shingle
_LONG_SHINGLE: Final = 5
_ALPHABETIC: Final = 0x1000  # Latin, Greek, Cyrillic, Hebrew, Arabic and the scripts of India lie below
_LONG_BITS: Final = 12
_CHARACTER_BITS: Final = 21
_LONG_MARK: Final = np.uint64(1 << 63)


def near_form(texts: pl.Series) -> pl.Series:
    """What remains of texts when near-duplication does not ask for it: a String series, null stays null.

    NFKC; lower case; without white space, punctuation, control characters and characters that no one sees (zero width,
    variation selectors), so that nothing is hidden by spacing a text out; a text of nothing else (“！！！”) keeps its
    punctuation. Then the first `LONGEST` characters: two texts that only differ later on are the same here.

    >>> near_form(pl.Series(["Ｇｏｏｄ，　很 好！", "?!", " ", None])).to_list()
    ['good很好', '?!', '', None]
    """
    folded = pl.col("text").str.normalize("NFKC").str.to_lowercase()
    bare = folded.str.replace_all(r"[\s\p{P}\p{Z}\p{Cc}\p{DI}]+", "").str.slice(0, LONGEST)
    forms = texts.cast(pl.String).to_frame("text").select(bare).to_series()
    emptied = (forms.str.len_bytes() == 0).fill_null(False).arg_true()  # a few: all was punctuation
    with_punctuation = folded.str.replace_all(r"[\s\p{Z}\p{Cc}\p{DI}]+", "").str.slice(0, LONGEST)
    rest = texts.cast(pl.String).gather(emptied).to_frame("text").select(with_punctuation).to_series()
    return forms.scatter(emptied, rest) if len(emptied) else forms


def shingles(texts: pl.Series) -> tuple[HashArray, IntArray]:
    """The shingles of near forms (n,) without nulls and without empty texts.

    Returns codes (t,) uint64, text after text, repetitions included, and offsets (n + 1,) int64 of the texts in them.
    At every place of a text stands one shingle: the five characters from there on where all five are of alphabets (below
    U+1000), otherwise the three; a shorter text is a shingle by itself. Three Chinese characters say about as much as five
    letters: with three letters, long unrelated English texts would share half of their shingles. Different shingles
    have different codes (the characters are packed, not hashed).

    >>> codes, offsets = shingles(pl.Series(["便宜又好用", "好", "kindle"]))
    >>> offsets.tolist(), len(set(codes.tolist()))
    ([0, 3, 4, 8], 8)
    """
    padded = texts.str.pad_end(SHORTEST, "\0")  # near forms hold no NUL
    lengths = padded.str.len_chars().to_numpy().astype(np.int64)
    joined = str(padded.str.join("")[0]) if len(padded) else ""
    characters = np.frombuffer(joined.encode("utf-32-le"), dtype="<u4")
    ends = np.cumsum(lengths)
    starts = np.ones(len(characters), dtype=np.bool_)
    for back in range(1, SHORTEST):
        starts[ends - back] = False
    codes = _short_codes(characters)
    _set_long_codes(codes, characters, ends)
    offsets = np.concatenate([[0], np.cumsum(lengths - (SHORTEST - 1))]).astype(np.int64)
    return codes[starts[: len(codes)]], offsets


def _short_codes(characters: np.ndarray) -> HashArray:
    wide = characters.astype(np.uint64)
    codes: HashArray = wide[: max(len(wide) - SHORTEST + 1, 0)].copy()
    for ahead in range(1, SHORTEST):
        codes <<= np.uint64(_CHARACTER_BITS)
        codes |= wide[ahead : ahead + len(codes)]
    return codes


def _set_long_codes(codes: HashArray, characters: np.ndarray, ends: IntArray) -> None:
    """Put the long shingles in place of the short ones, where a text has one."""
    places = max(len(characters) - _LONG_SHINGLE + 1, 0)
    if not places:
        return
    narrow = characters < _ALPHABETIC
    narrow &= characters > 0
    narrow[ends - 1] = False  # for now: a long shingle does not go beyond its text …
    inside = narrow[:places].copy()
    for ahead in range(1, _LONG_SHINGLE - 1):
        inside &= narrow[ahead : ahead + places]
    inside &= characters[_LONG_SHINGLE - 1 :] < _ALPHABETIC  # … but may end with it
    at = np.flatnonzero(inside)
    long = np.full(len(at), 0, dtype=np.uint64)
    for ahead in range(_LONG_SHINGLE):
        long <<= np.uint64(_LONG_BITS)
        long |= characters[at + ahead].astype(np.uint64)
    codes[at] = long | _LONG_MARK
