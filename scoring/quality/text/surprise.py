"""How surprising the characters of a text are, against a table of pairs of characters: perplexity without a model.

The table is counted from the corpus itself, or from a reference such as the raw bundle. Each text is judged without its own
share of the counts, so that a long strange text does not explain itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.text.characters import LINE, SPACE, Flat, IntArray, flat_chunks

_PAIR_BITS: Final = 22
_PAIRS: Final = 1 << _PAIR_BITS  # 32 MB of counts; 4 million different pairs are more than a language uses
_SMOOTHING: Final = 20.0  # pairs that the single characters are worth, where a pair is rare
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)
_CODE_POINTS: Final = 0x110000
_CODE_BITS: Final = 21
_CODE_MASK: Final = np.uint64((1 << _CODE_BITS) - 1)

FloatArray = npt.NDArray[np.float64]
KeyArray = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Reference:
    """How often characters follow each other. Tables of two parts of a corpus add up to the table of the whole.

    first   (0x110000,) int64: how often each character is followed by another
    second  (0x110000,) int64: how often each character follows another
    pairs   (2^22,) int64: by a hash of the pair
    """

    first: IntArray
    second: IntArray
    pairs: IntArray

    def __add__(self, other: "Reference") -> "Reference":
        return Reference(self.first + other.first, self.second + other.second, self.pairs + other.pairs)


@dataclass(frozen=True, slots=True)
class Surprise:
    """n texts, each (n,) float64; NaN for texts with fewer than two characters.

    bits      mean bits of a character when the one before is known
    alone     mean bits when it is not known
    squares   mean square of the bits, for their spread
    pairs     pairs counted
    """

    bits: FloatArray
    alone: FloatArray
    squares: FloatArray
    pairs: FloatArray


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Different pairs of each text: its number, both characters, how often the pair comes in this text."""

    rows: IntArray
    left: KeyArray
    right: KeyArray
    counts: IntArray

    @property
    def cells(self) -> KeyArray:
        """Where each pair is counted in `Reference.pairs`."""
        return _cells(self.left, self.right)


@dataclass(frozen=True, slots=True)
class _Own:
    """For each different pair of a text, how often that text has the left one followed, and the right one following."""

    left: IntArray
    right: IntArray


def count_reference(texts: pl.Series) -> Reference:
    """The table of these texts. Does not depend on their order."""
    return reference_of(flat_chunks(texts))


def reference_of(chunks: Iterable[Flat]) -> Reference:
    """As `count_reference`, for texts that are laid out already."""
    first, second = (np.zeros(_CODE_POINTS, dtype=np.int64) for _ in range(2))
    pairs = np.zeros(_PAIRS, dtype=np.int64)
    for flat in chunks:
        left, right = _neighbours(flat)[1:]
        np.add.at(first, left, 1)
        np.add.at(second, right, 1)
        np.add.at(pairs, _cells(left.astype(np.uint64), right), 1)
    return Reference(first, second, pairs)


def surprise(flat: Flat, reference: Reference, *, included: bool) -> Surprise:
    """Bits of each text. included: the texts are a part of the reference, and are judged without themselves.

    P(b | a) = (c(ab) + k·P(b)) / (c(a) + k), P(b) = (c(b) + 1) / (N + K) with K different characters: Dirichlet
    smoothing (MacKay and Peto 1995, doi:10.1017/S1351324900000218), k = 20.
    """
    texts = len(flat.lengths)
    rows, left, right = _neighbours(flat)
    found = _counted(rows, left, right)
    pairs = np.bincount(rows, minlength=texts)
    own = _own(found, rows, left, right) if included else _Own(*(np.zeros(1, dtype=np.int64),) * 2)
    together = reference.pairs[found.cells] - (found.counts if included else 0)
    followed = reference.first[found.left] - own.left
    total = reference.second.sum() - (pairs[found.rows] if included else 0)
    kinds = np.count_nonzero(reference.second) + 1
    single = (reference.second[found.right] - own.right + 1) / (total + kinds)
    bits = -np.log2((np.maximum(together, 0) + _SMOOTHING * single) / (followed + _SMOOTHING))
    scale = np.where(pairs > 0, pairs, np.nan)
    mean, alone, squares = (
        np.bincount(found.rows, found.counts * of, texts) / scale for of in (bits, -np.log2(single), bits**2)
    )
    return Surprise(mean, alone, squares, pairs.astype(np.float64))


def _cells(left: KeyArray, right: npt.NDArray[np.unsignedinteger]) -> KeyArray:
    return (left << np.uint64(_CODE_BITS) | right) * _ODD >> np.uint64(64 - _PAIR_BITS)


def _neighbours(flat: Flat) -> tuple[IntArray, npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Text, left and right character of each pair; white space is passed over."""
    seen = flat.kept((flat.kinds != SPACE) & (flat.kinds != LINE))
    same = seen.rows[1:] == seen.rows[:-1]
    return seen.rows[1:][same], seen.codes[:-1][same], seen.codes[1:][same]


def _counted(rows: IntArray, left: npt.NDArray[np.uint32], right: npt.NDArray[np.uint32]) -> _Pairs:
    keys = rows.astype(np.uint64) << np.uint64(2 * _CODE_BITS)
    keys |= left.astype(np.uint64) << np.uint64(_CODE_BITS)
    keys |= right
    keys.sort()
    starts = _starts(keys)
    counts = np.diff(starts, append=len(keys))
    keys = keys[starts]
    return _Pairs(
        (keys >> np.uint64(2 * _CODE_BITS)).astype(np.int64),
        keys >> np.uint64(_CODE_BITS) & _CODE_MASK,
        keys & _CODE_MASK,
        counts,
    )


def _own(found: _Pairs, rows: IntArray, left: npt.NDArray[np.uint32], right: npt.NDArray[np.uint32]) -> _Own:
    """Counts in the text itself, from the sorted pairs: sorting the characters again would cost as much as all the rest.

    A character follows another as often as it is followed, but for the first and the last one of the text.
    """
    if not len(rows):
        return _Own(rows, rows)
    keys = found.rows.astype(np.uint64) << np.uint64(_CODE_BITS) | found.left
    starts = _starts(keys)
    followed = np.add.reduceat(found.counts, starts)
    asked = found.rows.astype(np.uint64) << np.uint64(_CODE_BITS) | found.right
    place = np.minimum(np.searchsorted(keys[starts], asked), len(starts) - 1)
    follows = np.where(keys[starts][place] == asked, followed[place], 0)
    begin = _starts(rows.astype(np.uint64))
    first, last = (np.zeros(int(rows[-1]) + 1, dtype=np.uint64) for _ in range(2))
    first[rows[begin]] = left[begin]
    last[rows[begin]] = right[np.append(begin[1:], len(rows)) - 1]
    follows += (found.right == last[found.rows]).astype(np.int64) - (found.right == first[found.rows])
    return _Own(np.repeat(followed, np.diff(starts, append=len(keys))), follows)


def _starts(keys: KeyArray) -> IntArray:
    """Where each run of equal keys begins."""
    new = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    return np.flatnonzero(new)
