"""Texts as one array of small numbers, in which whole columns are searched at once and positions stay those of the text.

Each character becomes one byte, so the n-th byte is the n-th character whatever was folded: full-width letters, digits and
marks become ASCII, every space, dash, middle dot and invisible character becomes the space, hyphen or dot that it stands
for, the few ideographs that a rule needs get a number of their own, and all others share one. Not undone: numbers spelled
in ideographs (一三八), digits from other alphabets, keycaps and enclosed digits.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.personal.titles import WORDS, named_by

ByteArray = npt.NDArray[np.uint8]
IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

PROVINCES: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
PLATE_ENDS: Final = "警学挂港澳领试超"
ARMS: Final = "军士文武海空政后装参"
_WORDS: Final = "扣企鹅微薇信护照通行证回乡台胞字第北东经纬坐标"
_LINKING: Final = "号码是为名帐账户加我的同叫请这"  # may stand between a word and its number, as may the marks below
_LINKING_MARKS: Final = " :=/,.-+_()[]<>|'\"idnoIDNO"
_SPECIAL: Final = "".join(dict.fromkeys(PROVINCES + PLATE_ENDS + ARMS + _WORDS + _LINKING))
_REACH: Final = 10  # linking characters at most
_FIRST_SPECIAL: Final = 128
_IDEOGRAPH: Final = 1  # any ideograph without a number of its own
_BREAK: Final = "\n"  # stands between texts; belongs to no candidate
_CHUNK: Final = 1 << 20  # characters read at once, which bounds memory at 100 MB even where every second one is a digit
_PAUSES: Final = "\n。，！？；、,;!?"  # where a longer text is best cut

# What every candidate holds: three digits with at most two characters between, or an @, two near colons, or WeChat's name.
_PROMISING: Final = (
    r"[0-9０-９].{0,2}[0-9０-９].{0,2}[0-9０-９]|[@＠]|[:：][0-9A-Fa-f]{0,4}[:：]|微信|薇信"
    r"|(?i:[wvｗｖ][xｘ]|[wｗ][eｅ](?:[iｉ][xｘ]|[cｃ][hｈ])|[vｖ]信|加[vｖ])"
)


def code(character: str) -> int:
    """The byte of a character that has one of its own: ASCII, or an ideograph that a rule needs."""
    return ord(character) if character < "\x80" else _FIRST_SPECIAL + _SPECIAL.index(character)


def _alphabet() -> ByteArray:
    """(65537,) the byte of each code point of the basic plane, and last that of all others: 0, nothing of interest."""
    table = np.zeros(0x10001, dtype=np.uint8)
    table[0x20:0x7F] = np.arange(0x20, 0x7F)
    table[0xFF01:0xFF5F] = np.arange(0x21, 0x7F)
    table[0x4E00:0xA000] = _IDEOGRAPH
    spaces = [0xA0, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000, 0x09]
    hyphens = [*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63, 0xAD, *range(0x200B, 0x2010), 0x2060, 0xFEFF, 0xFE0F]
    dots = [0xB7, 0x2022, 0x2027, 0x30FB, 0x22C5]
    for folded, points in ((" ", spaces), ("-", hyphens), (".", dots), ("[", [0x3010]), ("]", [0x3011])):
        table[points] = ord(folded)
    table[[0x201C, 0x201D, 0x2018, 0x2019, 0x300C, 0x300D]] = ord("'")
    for character in _SPECIAL:
        table[ord(character)] = code(character)
    return table


def folded(points: npt.NDArray[np.uint32]) -> ByteArray:
    """(n,) the byte of each code point (n,)."""
    return np.take(_ALPHABET, points, mode="clip")


@cache
def members(characters: str) -> BoolArray:
    """(256,) which bytes are one of these characters."""
    table = np.zeros(256, dtype=np.bool_)
    table[[code(character) for character in characters]] = True
    table.flags.writeable = False
    return table


_ALPHABET: Final = _alphabet()
DIGITS: Final = "0123456789"
CAPITALS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LETTERS: Final = CAPITALS + CAPITALS.lower()
IS_DIGIT: Final = members(DIGITS)
IS_LETTER: Final = members(LETTERS)
IS_ALNUM: Final = IS_DIGIT | IS_LETTER
IS_IDEOGRAPH: Final = members("".join(_SPECIAL)) | (np.arange(256) == _IDEOGRAPH)
IS_LINKING: Final = members(_LINKING + _LINKING_MARKS)
_NOT_HEXADECIMAL: Final = members("GHIJKLMNOPQRSTUVWXYZghijklmnopqrstuvwxyz")
UPPER: Final = np.arange(256, dtype=np.uint8)
UPPER[ord("a") : ord("z") + 1] -= 32
UPPER.flags.writeable = False
_BEGINS_WORD: Final = members("".join(word[0] + word[0].upper() for kind in WORDS.values() for word in kind))


@dataclass(frozen=True, slots=True)
class Runs:
    """Stretches of characters of one class, in the order of the text: start and stop (r,) positions."""

    start: IntArray
    stop: IntArray

    @property
    def length(self) -> IntArray:
        return self.stop - self.start

    def where(self, keep: BoolArray) -> "Runs":
        return Runs(self.start[keep], self.stop[keep])

    def starting(self, at: IntArray) -> IntArray:
        """(k,) which run begins at each position; -1 where none does."""
        return _found(self.start, at)

    def stopping(self, at: IntArray) -> IntArray:
        """(k,) which run ends before each position; -1 where none does."""
        return _found(self.stop, at)


def _found(positions: IntArray, at: IntArray) -> IntArray:
    if not len(positions):
        return np.full(len(at), -1, dtype=np.int64)
    index = np.minimum(np.searchsorted(positions, at), len(positions) - 1)
    return np.where(positions[index] == at, index, -1)


class Reading:
    """Some texts, folded and joined.

    small         (n,) the characters, a break before, between and behind the texts
    first, last   (t,) where each text begins, and the break behind it
    rows          (t,) which row each text is of
    offsets       (t,) where in the row's text it begins; above 0 only for the later pieces of a long one
    named         what the column's title says that its cells are
    """

    def __init__(self, texts: pl.Series, rows: IntArray, offsets: IntArray, named: frozenset[str]) -> None:
        joined = _BREAK + str(texts.str.join(_BREAK).item() or "") + _BREAK
        points = np.frombuffer(joined.encode("utf-32-le"), dtype="<u4")
        self.small = folded(points)
        self.rows, self.offsets = rows, offsets
        self.last: IntArray = np.cumsum(texts.str.len_chars().to_numpy().astype(np.int64) + 1)
        self.first: IntArray = np.append(0, self.last[:-1]) + 1
        self.named = named
        self._ends_of: dict[str, IntArray] = {}

    def runs(self, of: BoolArray) -> Runs:
        """The longest stretches of characters of a class of bytes (256,)."""
        edges = np.flatnonzero(np.diff(of[self.small].view(np.int8))) + 1  # the first and the last are breaks
        return Runs(edges[::2], edges[1::2])

    @cached_property
    def words(self) -> Runs:
        """Stretches of ASCII letters and digits."""
        return self.runs(IS_ALNUM)

    @cached_property
    def hexadecimal(self) -> BoolArray:
        """(w,) which of the words have letters, and only those from a to f."""
        foreign = np.append(0, np.cumsum(_NOT_HEXADECIMAL[self.small]))
        letters = np.append(0, np.cumsum(IS_LETTER[self.small]))
        start, stop = self.words.start, self.words.stop
        return np.asarray((foreign[stop] == foreign[start]) & (letters[stop] > letters[start]))

    def word_at(self, at: IntArray) -> IntArray:
        """(k,) which word each position of a letter or digit is in."""
        return np.searchsorted(self.words.start, at, side="right") - 1

    def matrix(self, start: IntArray, width: int) -> ByteArray:
        """(k, width) the characters from each position on; 0 behind the end of all texts."""
        at = start[:, None] + np.arange(width)
        return np.where(at < len(self.small), self.small[np.minimum(at, len(self.small) - 1)], np.uint8(0))

    def mentions(self, kind: str) -> bool:
        """Whether a word for this kind is in any of the texts, or in the title."""
        return kind in self.named or bool(len(self._ends(kind)))

    def is_named(self, start: IntArray, stop: IntArray, kind: str) -> BoolArray:
        """(k,) whether a word for this kind stands before each candidate, or in the title when it fills the cell."""
        named = self._follow(start, kind)
        return named | self._fills_cell(start, stop) if kind in self.named else named

    def _follow(self, start: IntArray, kind: str) -> BoolArray:
        """(k,) whether a word for this kind stands before each position, with only linking characters between."""
        follows = np.zeros(len(start), dtype=np.bool_)
        ends = self._ends(kind)
        if not len(ends):
            return follows
        gap = start - ends[np.maximum(np.searchsorted(ends, start, side="right") - 1, 0)]
        near = np.flatnonzero((gap >= 0) & (gap <= _REACH))
        follows[near] = gap[near] <= self._linking_before(start[near])
        return follows

    def _ends(self, kind: str) -> IntArray:
        """Where the words for this kind have ended, ascending."""
        if kind not in self._ends_of:
            self._ends_of[kind] = np.sort(np.concatenate([self._ends_of_word(word) for word in WORDS[kind]]))
        return self._ends_of[kind]

    @cached_property
    def _first_characters(self) -> IntArray:
        """Where a character stands with which some word begins."""
        return np.flatnonzero(_BEGINS_WORD[self.small])

    def _ends_of_word(self, word: str) -> IntArray:
        """In any case of letters; a word in letters has no other letter before it."""
        wanted = [UPPER[code(character)] for character in word]
        starts = self._first_characters
        if not len(starts):
            return starts
        for offset, character in enumerate(wanted):
            starts = starts[UPPER[self.small[np.minimum(starts + offset, len(self.small) - 1)]] == character]
        if IS_LETTER[wanted[0]]:
            starts = starts[~IS_LETTER[self.small[starts - 1]]]
        return starts + len(word)

    def _linking_before(self, start: IntArray) -> IntArray:
        """(k,) how many linking characters stand directly before each position, counted up to 10."""
        before = self.small[np.maximum(start[:, None] - np.arange(1, _REACH + 1), 0)]
        other = ~IS_LINKING[before]
        return np.where(other.any(axis=1), other.argmax(axis=1), _REACH)

    def _fills_cell(self, start: IntArray, stop: IntArray) -> BoolArray:
        """(k,) whether there is nothing else in the text but up to ten linking characters before."""
        text = self.text_of(start)
        return np.asarray((stop == self.last[text]) & (start - self.first[text] <= self._linking_before(start)))

    def text_of(self, at: IntArray) -> IntArray:
        """(k,) which text each position is in."""
        return np.searchsorted(self.first, at, side="right") - 1


def readings(texts: pl.Series, title: str = "") -> Iterator[Reading]:
    """The promising rows of a column of strings, some at a time; rows that cannot hold a candidate are left out.

    texts   String; null is nothing
    title   what the column is called
    """
    named = named_by(title)
    promising = pl.Series(np.ones(len(texts), dtype=np.bool_)) if named else texts.str.contains(_PROMISING)
    rows = np.flatnonzero((promising & texts.is_not_null()).fill_null(value=False).to_numpy())
    pieces, rows, offsets = _cut(texts.gather(rows), rows)
    total = np.cumsum(pieces.str.len_chars().to_numpy().astype(np.int64) + 1)
    bounds = np.append(np.flatnonzero(np.diff(total // _CHUNK, prepend=-1)), len(rows))
    for low, high in pairwise(bounds.tolist()):
        yield Reading(pieces[low:high], rows[low:high], offsets[low:high], named)


def _cut(texts: pl.Series, rows: IntArray) -> tuple[pl.Series, IntArray, IntArray]:
    """Texts of more than a million characters in pieces, the row of each piece, and where in its text it begins."""
    long = np.flatnonzero(texts.str.len_chars().to_numpy() > _CHUNK).tolist()
    count = np.ones(len(rows), dtype=np.int64)
    begins = {place: _begins(str(texts[place])) for place in long}
    for place, starts in begins.items():
        count[place] = len(starts)
    of_text = np.repeat(np.arange(len(rows)), count)
    pieces, offsets = texts.gather(of_text), np.zeros(len(of_text), dtype=np.int64)
    for place, starts in begins.items():
        at = np.cumsum(count)[place] - len(starts) + np.arange(len(starts))
        offsets[at] = starts
        text = str(texts[place])
        written = [text[low:high] for low, high in pairwise([*starts, len(text)])]
        pieces = pieces.scatter(at, pl.Series(written, dtype=pl.String))
    return pieces, rows[of_text], offsets


def _begins(text: str) -> list[int]:
    """Where the pieces of a long text begin: behind a pause, or else a space, in the last thousand characters before.

    Where there is neither, what lies across the cut is not found; behind a space, a number in groups may not be.
    """
    begins = [0]
    while len(text) - begins[-1] > _CHUNK:
        end = begins[-1] + _CHUNK
        low = max(end - 1000, begins[-1])
        cut = max(text.rfind(mark, low, end) for mark in _PAUSES)
        cut = text.rfind(" ", low, end) if cut < 0 else cut
        begins.append(end if cut < 0 else cut + 1)
    return begins
