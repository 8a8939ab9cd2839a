"""Repetition inside a text: runs of one character, sentences said again, and strings of words that come again and again.

As the rules of Gopher (Rae et al. 2021, arXiv:2112.11446, table A1), with one change: Chinese is written without spaces, so
the unit is one Han character or one word of letters and digits.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.text.characters import (
    CHUNK_CHARACTERS,
    DIGIT,
    HAN,
    LATIN,
    LINE,
    MOST_CHARACTERS,
    OTHER_LETTER,
    STOP,
    Flat,
    IntArray,
)

LONG_GRAM: Final = 10  # units; about the five words of Gopher in Chinese
SHORT_GRAM: Final = 4  # units; about two words
_SHORTEST_SENTENCE: Final = 4  # units; "谢谢！谢谢！" is no defect

HashArray = npt.NDArray[np.uint64]
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)  # odd, so it has an inverse modulo 2^64
_INVERSE: Final = np.uint64(pow(int(_BASE), -1, 1 << 64))
_MIX: Final = np.uint64(0xD6E8FEB86659FD93)
_ROW_BITS: Final = 21  # of a key; the other 43 are of the hash
_PLACES: Final = CHUNK_CHARACTERS + MOST_CHARACTERS + 1


@dataclass(frozen=True, slots=True)
class Repetition:
    """n texts, each (n,).

    units        int64: Han characters and words
    longest_run  int64: of one letter, digit or Han character
    longest_word int64: letters and digits
    sentences    float64: share of units in sentences or lines that came before in this text; NaN without units
    long_grams   float64: share of units in strings of `LONG_GRAM` units that came before
    top_gram     float64: share of units in the most frequent string of `SHORT_GRAM` units, 0 if none comes twice
    """

    units: IntArray
    longest_run: IntArray
    longest_word: IntArray
    sentences: npt.NDArray[np.float64]
    long_grams: npt.NDArray[np.float64]
    top_gram: npt.NDArray[np.float64]


def repetition(flat: Flat) -> Repetition:
    """Count how much of each text is said again."""
    word = (flat.kinds == LATIN) | (flat.kinds == OTHER_LETTER) | (flat.kinds == DIGIT)
    han = flat.kinds == HAN
    begins = han | word
    begins[1:] &= han[1:] | ~word[:-1] | (flat.rows[1:] != flat.rows[:-1])
    letters = flat.kept(han | word)
    first = np.flatnonzero(begins[han | word])
    units = np.bincount(letters.rows[first], minlength=len(flat.lengths))
    text = _Hashed(letters, first)
    sentence = np.cumsum((flat.kinds == STOP) | (flat.kinds == LINE))[han | word][first]
    scale = np.where(units > 0, units, np.nan)
    return Repetition(
        units,
        _longest_runs(letters),
        _longest_words(letters, first),
        _said_again(text, sentence, len(units)) / scale,
        _covered(text, LONG_GRAM, len(units)) / scale,
        np.minimum(_most_frequent(text, SHORT_GRAM, len(units)) * SHORT_GRAM / scale, 1),
    )


class _Hashed:
    """Hashes of any stretch of units, by differences of one running sum (Karp and Rabin 1987)."""

    def __init__(self, letters: Flat, first: IntArray) -> None:
        """`first`: where in the letters each of the u units begins."""
        self.rows = letters.rows[first]
        ends = np.append(first, len(letters.codes))
        values = (letters.codes.astype(np.uint64) + np.uint64(1)) * _MIX
        values ^= values >> np.uint64(29)
        sums = np.zeros(len(values) + 1, dtype=np.uint64)
        np.cumsum(values * _powers(_BASE, len(values)), out=sums[1:])
        self._sums = sums[ends]
        self._back = _powers(_INVERSE, len(letters.codes) + 1)[ends]

    def stretches(self, start: IntArray, stop: IntArray) -> HashArray:
        """A hash for units `start` … `stop` - 1; equal stretches of one text have equal hashes."""
        found: HashArray = (self._sums[stop] - self._sums[start]) * self._back[start]
        found ^= found >> np.uint64(32)
        found *= _MIX
        keys: HashArray = self.rows[start].astype(np.uint64) << np.uint64(64 - _ROW_BITS)
        keys |= found >> np.uint64(_ROW_BITS)
        return keys

    def grams(self, length: int) -> tuple[IntArray, HashArray]:
        """Where each string of `length` units of one text begins, and its hash."""
        start = np.arange(max(len(self.rows) - length + 1, 0))
        start = start[self.rows[start] == self.rows[start + length - 1]]
        return start, self.stretches(start, start + length)


def _powers(base: np.uint64, count: int) -> HashArray:
    powers = np.full(count, base, dtype=np.uint64)
    powers[:1] = 1
    return np.multiply.accumulate(powers)


def _longest_runs(letters: Flat) -> IntArray:
    longest = np.zeros(len(letters.lengths), dtype=np.int64)
    if len(letters.codes):
        new = np.ones(len(letters.codes), dtype=np.bool_)
        new[1:] = (letters.codes[1:] != letters.codes[:-1]) | (letters.rows[1:] != letters.rows[:-1])
        starts = np.flatnonzero(new)
        np.maximum.at(longest, letters.rows[starts], np.diff(starts, append=len(new)))
    return longest


def _longest_words(letters: Flat, first: IntArray) -> IntArray:
    longest = np.zeros(len(letters.lengths), dtype=np.int64)
    word = letters.kinds[first] != HAN
    np.maximum.at(longest, letters.rows[first][word], np.diff(first, append=len(letters.codes))[word])
    return longest


def _said_again(text: _Hashed, sentence: IntArray, texts: int) -> IntArray:
    """(texts,) units of sentences that came before. sentence: (u,) a number for each unit, growing."""
    new = np.ones(len(sentence), dtype=np.bool_)
    new[1:] = (sentence[1:] != sentence[:-1]) | (text.rows[1:] != text.rows[:-1])
    starts = np.flatnonzero(new)
    stops = np.append(starts[1:], len(sentence))
    long = stops - starts >= _SHORTEST_SENTENCE
    starts, stops = starts[long], stops[long]
    again = ~_first_of_its_kind(text.stretches(starts, stops))
    counts = np.bincount(text.rows[starts[again]], (stops - starts)[again], minlength=texts)
    return counts.astype(np.int64)


def _covered(text: _Hashed, length: int, texts: int) -> IntArray:
    """(texts,) units in a string of `length` units that came before."""
    start, keys = text.grams(length)
    again = start[~_first_of_its_kind(keys)]
    edges = np.zeros(len(text.rows) + 1, dtype=np.int64)
    edges[again] += 1
    np.subtract.at(edges, again + length, 1)
    covered = np.cumsum(edges[:-1]) > 0
    return np.bincount(text.rows[covered], minlength=texts)


def _most_frequent(text: _Hashed, length: int, texts: int) -> IntArray:
    """(texts,) how often the most frequent string of `length` units comes; 0 if none comes twice."""
    _, keys = text.grams(length)
    most = np.zeros(texts, dtype=np.int64)
    if len(keys):
        keys.sort()
        starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
        counts = np.diff(starts, append=len(keys))
        often = counts > 1
        np.maximum.at(most, (keys[starts[often]] >> np.uint64(64 - _ROW_BITS)).astype(np.int64), counts[often])
    return most


def _first_of_its_kind(keys: HashArray) -> npt.NDArray[np.bool_]:
    return pl.Series(keys).is_first_distinct().to_numpy()
