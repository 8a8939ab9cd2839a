"""Numbers as they are written: digits in one piece or in groups, found in a reading by the lengths of the groups."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from scoring.quality.personal.reading import IS_DIGIT, BoolArray, ByteArray, IntArray, Reading, members

_MARKS: Final = " -."
_BRACKET: Final = ord(")")
_DOT, _HYPHEN, _SPACE = ord("."), ord("-"), ord(" ")


@dataclass(frozen=True, slots=True)
class Figures:
    """Some numbers: the first and last run (k,) of their digits, and where they begin and end (k,) in the reading."""

    first: IntArray
    last: IntArray
    start: IntArray
    stop: IntArray

    def where(self, keep: BoolArray) -> "Figures":
        return Figures(self.first[keep], self.last[keep], self.start[keep], self.stop[keep])


class DigitRuns:
    """The runs of digits of a reading, and what joins each to the next.

    start, stop, length   (r,)
    joint                 (r,) the mark (space, hyphen, dot, closing bracket) that alone stands between a run and the next; else 0
    """

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        runs = reading.runs(IS_DIGIT)
        self.start, self.stop, self.length = runs.start, runs.stop, runs.stop - runs.start
        self.joint = self._joints()
        self._of_length: dict[int, IntArray] = {}

    def _joints(self) -> ByteArray:
        small = self.reading.small
        following = np.append(self.start[1:], len(small) + 9)[: len(self.start)]
        mark, second = small[self.stop], small[np.minimum(self.stop + 1, len(small) - 1)]
        gap = following - self.stop
        plain = (gap == 1) & members(_MARKS + ")")[mark]
        bracket = (gap == 2) & (mark == _BRACKET) & members(_MARKS)[second]
        return np.asarray(np.where(plain | bracket, mark, np.uint8(0)))

    @cached_property
    def joined_before(self) -> ByteArray:
        """(r,) the mark that joins a run to the one before; 0 if none."""
        return np.append(np.uint8(0), self.joint)[: len(self.joint)]

    @cached_property
    def _digits_before(self) -> IntArray:
        return np.append(0, np.cumsum(self.length))[: len(self.length)]

    @cached_property
    def _digits(self) -> ByteArray:
        small = self.reading.small
        return small[IS_DIGIT[small]] - np.uint8(ord("0"))

    def digits(self, first: IntArray, count: int, skip: int = 0) -> ByteArray:
        """(k, count) the digits from the first of a run on, whatever is between, after leaving out the first `skip`."""
        if not len(first):
            return np.zeros((0, count), dtype=np.uint8)
        at = self._digits_before[first][:, None] + np.arange(skip, skip + count)
        return np.asarray(self._digits[np.minimum(at, len(self._digits) - 1)])

    def shaped(self, *shape: int, marks: str = _MARKS, telephone: bool = False) -> Figures:
        """Numbers in groups of these lengths, with one of the marks between each two.

        Not those inside a decimal number, a chain of more groups with hyphens or dots, a row of numbers with spaces (a group
        on both sides), or a hexadecimal word. The mark is everywhere the same; only in a telephone number it may change, and
        an extension may follow.
        """
        first = self._with_length(shape[0])
        if len(shape) > 1:
            first = first[self.joint[first] > 0]
        allowed = members(marks)
        for place, length in enumerate(shape[1:], 1):
            mark = self.joint[first + place - 1]
            joined = allowed[mark] & ((mark == self.joint[first]) | telephone)
            first = first[joined]
            first = first[self.length[first + place] == length]
        return self._sound(first, first + len(shape) - 1, extension=telephone)

    def _with_length(self, length: int) -> IntArray:
        if length not in self._of_length:
            self._of_length[length] = np.flatnonzero(self.length == length)
        return self._of_length[length]

    def of_length(self, fewest: int, most: int) -> Figures:
        """Numbers in one piece of some lengths."""
        first = np.flatnonzero((self.length >= fewest) & (self.length <= most))
        return self._sound(first, first)

    def in_three(self, count: int, mark: str) -> Figures:
        """Numbers of so many digits in three groups of any lengths."""
        joined = self.joint == ord(mark)
        first = np.flatnonzero(joined[:-2] & joined[1:-1])
        first = first[self.length[first] + self.length[first + 1] + self.length[first + 2] == count]
        return self._sound(first, first + 2)

    def _sound(self, first: IntArray, last: IntArray, *, extension: bool = False) -> Figures:
        if not len(first):
            return Figures(first, first, first, first)
        keep = ~self._chained(first, last, extension=extension)
        first, last = first[keep], last[keep]
        figures = Figures(first, last, self.start[first], self.stop[last])
        return figures.where(~self._in_hexadecimal(figures))

    def _in_hexadecimal(self, figures: Figures) -> BoolArray:
        """(k,) whether the ends are parts of longer hexadecimal words, or such a word stands beside with a hyphen (UUIDs)."""
        first, last = self.reading.word_at(figures.start), self.reading.word_at(figures.stop - 1)
        words, hexadecimal = self.reading.words, self.reading.hexadecimal
        inside = (hexadecimal[first] & (words.start[first] < figures.start)) | (
            hexadecimal[last] & (words.stop[last] > figures.stop)
        )
        return np.asarray(inside | self._hyphened(first, -1) | self._hyphened(last, 1))

    def _hyphened(self, word: IntArray, step: int) -> BoolArray:
        """(k,) whether a hyphen joins a hexadecimal word of four characters or more before (-1) or behind (1) a word."""
        words = self.reading.words
        beside = np.clip(word + step, 0, len(words.start) - 1)
        low, high = (beside, word) if step < 0 else (word, beside)
        joined = (words.start[high] == words.stop[low] + 1) & (self.reading.small[words.stop[low]] == _HYPHEN)
        return np.asarray(joined & self.reading.hexadecimal[beside] & (words.length[beside] >= 4))

    def _chained(self, first: IntArray, last: IntArray, *, extension: bool) -> BoolArray:
        """(k,) whether a number is a part of a decimal number, of a longer chain, or stands amid a row of numbers."""
        before, after = self.joined_before[first].copy(), self.joint[last]
        chained = before == _DOT
        dotted = np.flatnonzero(after == _DOT)
        chained[dotted] |= ~self._is_zero(last[dotted] + 1)
        mark = np.where(first < last, self.joint[first], 0)  # a number in one piece may stand in any list
        joined = np.flatnonzero((mark > 0) & (before > 0))
        before[joined[self._is_china(first[joined] - 1)]] = 0
        chained |= (mark == _HYPHEN) & ((before == _HYPHEN) | ((after == _HYPHEN) & (not extension)))
        chained |= (mark == _SPACE) & (before == _SPACE) & (after == _SPACE)
        return np.asarray(chained)

    def _is_china(self, run: IntArray) -> BoolArray:
        """(k,) whether a run of digits is the country code 86 or 0086."""
        length, four = self.length[run], self.digits(run, 4)
        short = (length == 2) & (four[:, 0] == 8) & (four[:, 1] == 6)
        return np.asarray(short | ((length == 4) & (four == [0, 0, 8, 6]).all(axis=1)))

    def _is_zero(self, run: IntArray) -> BoolArray:
        """(k,) whether a run is 0 or 00: what a float column leaves behind the point of a whole number."""
        length, two = self.length[run], self.digits(run, 2)
        return np.asarray((two[:, 0] == 0) & ((length == 1) | ((length == 2) & (two[:, 1] == 0))))

    def behind_country_code(self, code: bytes, count: int) -> Figures:
        """Numbers in one piece of so many digits that a country code is written on to; from behind the code on."""
        found = self.shaped(len(code) + count)
        begins = (self.digits(found.first, len(code)) == np.frombuffer(code, dtype=np.uint8) - ord("0")).all(axis=1)
        found = found.where(begins)
        return Figures(found.first, found.last, found.start + len(code), found.stop)

    def behind_plus(self, fewest: int, most: int) -> Figures:
        """Numbers behind a +, each with as many groups, of up to six and without dots, as fit in `most` digits."""
        first = np.flatnonzero(self.reading.small[self.start - 1] == ord("+"))
        last, total = first.copy(), self.length[first]
        growing = total <= most
        for _ in range(5):
            following = np.minimum(last + 1, len(self.length) - 1)
            growing &= (self.joint[last] > 0) & (self.joint[last] != _DOT) & (total + self.length[following] <= most)
            total = np.where(growing, total + self.length[following], total)
            last = np.where(growing, following, last)
        fits = (total >= fewest) & (total <= most) & (self.joint[last] != _DOT)
        return Figures(first, last, self.start[first] - 1, self.stop[last]).where(fits)
