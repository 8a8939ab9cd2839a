"""Text that was decoded with the wrong encoding: which characters are the rubble of it.

Six kinds of rubble are known: the replacement character U+FFFD; 锟斤拷 (U+FFFD written as UTF-8 and read as GBK), 烫烫 and 屯屯
(memory that was never filled); UTF-8 read as Latin-1 or Windows-1252 (ä½ å¥½, Ã©, ï¿½); UTF-8 read as GBK (浣犲ソ); GBK read as
Latin-1 (ÄãºÃ); and question marks that stand for characters which an encoding does not have (?款?子只能?).
"""

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.quality.text.characters import (
    HAN,
    LATIN,
    LINE,
    OTHER_LETTER,
    REPLACEMENT,
    SPACE,
    BoolArray,
    Flat,
    IntArray,
)

_KUN, _JIN, _KAO = (ord(one) for one in "锟斤拷")
_BYTE_ORDER_MARK: Final = ord("锘")  # the byte-order mark of UTF-8, read as GBK
_UNFILLED: Final = tuple(ord(one) for one in "烫屯")
_NOT_A_BYTE: Final = -1
_LEAST_OF_GBK: Final = 0.3  # of the Han characters; real texts have 0.004, UTF-8 read as GBK has 0.5
_LEAST_OF_LATIN: Final = 0.5  # of all characters; French has 0.05
_LEAST_OF_QUESTIONS: Final = 0.1  # of all characters, question marks between letters; reviews have 0.001
_FEWEST: Final = 4  # characters, before a text is judged by such a part


def mojibake(flat: Flat) -> IntArray:
    """(n,) how many characters of each text are rubble.

    >>> from scoring.quality.text.characters import flat_chunks
    >>> import polars as pl
    >>> texts = pl.Series(["caf\u00c3\u00a9", "café", "你好", "锟斤拷锟斤拷"])
    >>> [mojibake(flat).tolist() for flat in flat_chunks(texts)]
    [[2, 0, 0, 6]]
    """
    marks = flat.codes == REPLACEMENT
    _mark_lost_characters(flat, marks)
    _mark_utf8_as_latin1(flat, marks)
    counts = flat.count(marks)
    seen = flat.count((flat.kinds != SPACE) & (flat.kinds != LINE))
    han = flat.count(flat.kinds == HAN)
    gbk = flat.count(_typical_of_gbk()[np.minimum(flat.codes, 0xFFFF)])
    latin = flat.count((flat.codes >= 0xA1) & (flat.codes <= 0xFF))
    whole = (han >= _FEWEST) & (gbk >= _LEAST_OF_GBK * han)
    whole |= (seen >= _FEWEST) & (latin >= _LEAST_OF_LATIN * seen)
    questions = flat.count(_inner_questions(flat))
    whole |= (questions >= _FEWEST) & (questions >= _LEAST_OF_QUESTIONS * seen)
    return np.where(whole, seen, counts)


def _mark_lost_characters(flat: Flat, marks: BoolArray) -> None:
    codes = flat.codes
    marks |= codes == _BYTE_ORDER_MARK
    first = np.flatnonzero((codes[:-2] == _KUN) & (codes[1:-1] == _JIN) & (codes[2:] == _KAO))
    for step in range(3):
        marks[first + step] = True
    for code in _UNFILLED:
        first = np.flatnonzero((codes[:-2] == code) & (codes[1:-1] == code) & (codes[2:] == code))
        for step in range(3):
            marks[first + step] = True


def _inner_questions(flat: Flat) -> BoolArray:
    """Single question marks with a letter or Han character on both sides."""
    letter = (flat.kinds == HAN) | (flat.kinds == LATIN) | (flat.kinds == OTHER_LETTER)
    marks = np.zeros(len(letter), dtype=np.bool_)
    marks[1:-1] = (flat.codes[1:-1] == ord("?")) & letter[:-2] & letter[2:]
    return marks


def _mark_utf8_as_latin1(flat: Flat, marks: BoolArray) -> None:
    """Characters that, written as the bytes of Windows-1252, are well-formed UTF-8 of two or three bytes.

    Two bytes only where they stand for U+0080 … U+00FF or for Cyrillic, three only where they stand for punctuation,
    Chinese or Japanese: German and French put a closing quotation mark after ß and é, which are lead bytes too.
    """
    if not (flat.codes >= 0xC2).any():
        return
    byte = _bytes_of_windows_1252()[np.minimum(flat.codes, 0xFFFF)]
    follows = (byte >= 0x80) & (byte <= 0xBF)
    follows[1:] &= flat.rows[1:] == flat.rows[:-1]
    two = np.isin(byte[:-1], (0xC2, 0xC3, 0xD0, 0xD1)) & follows[1:]
    three = ((byte[:-2] >= 0xE2) & (byte[:-2] <= 0xE9)) | (byte[:-2] == 0xEF)
    three &= follows[1:-1] & follows[2:] & (flat.codes[1:-1] != 0xA0)
    for pair in (0, 1):
        marks[pair : len(marks) - 1 + pair] |= two
    for place in (0, 1, 2):
        marks[place : len(marks) - 2 + place] |= three


@cache
def _bytes_of_windows_1252() -> npt.NDArray[np.int16]:
    """(65536,) the byte that each character is in Windows-1252 or, where that has none, in Latin-1; -1: none."""
    table = np.full(0x10000, _NOT_A_BYTE, dtype=np.int16)
    table[:256] = np.arange(256)
    for byte in range(0x80, 0xA0):
        character = bytes([byte]).decode("cp1252", errors="ignore")
        if character:
            table[ord(character)] = byte
    table.flags.writeable = False
    return table


@cache
def _typical_of_gbk() -> BoolArray:
    """(65536,) characters that GBK reads where UTF-8 wrote Chinese, and that Chinese texts hardly use.

    Chinese characters in UTF-8 are a byte E4 … E9 and two bytes 80 … BF; GBK reads pairs of bytes. A pair with E4 … E9 in
    front is a rare character of its second level; one with E4 … E9 behind, and less than B0 in front, is outside of GB 2312.
    """
    table = np.zeros(0x10000, dtype=np.bool_)
    leads, follows = range(0xE4, 0xEA), range(0x80, 0xC0)
    pairs = [(lead, follow) for lead in leads for follow in follows]
    pairs += [(follow, lead) for follow in range(0x81, 0xB0) for lead in leads]
    for pair in pairs:
        character = bytes(pair).decode("gbk", errors="ignore")
        if len(character) == 1:
            table[ord(character)] = True
    table.flags.writeable = False
    return table
