"""Nearly the same picture: perceptual hashes propose, hashes and small copies of the pictures decide."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import comb
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from scoring.quality.duplicates.buckets import TableKeys, link, link_across
from scoring.quality.duplicates.groups import Groups
from scoring.quality.duplicates.hashing import HashArray, mix
from scoring.sorting import BoolArray, FloatArray, IntArray

ImageArray = npt.NDArray[np.uint8]

FLAT: Final = 2.0  # grey levels of standard deviation: below, there is nothing to compare
FARTHEST: Final = 12
_SIDE: Final = 32  # what the cosine transform sees
_SMALL: Final = 16  # the copy that is kept
_FREQUENCIES: Final = 11
_QUANTA: Final = 4096.0  # cosines in whole numbers: sums of whole numbers are exact on every machine
_CORRELATED: Final = 0.985
_AT_ONCE: Final = 1 << 22  # pixels
_PAIRS_AT_ONCE: Final = 1 << 15
_BITS: Final = 64
_TABLES: Final = 256


@dataclass(frozen=True, slots=True)
class Prints:
    """What is kept of n pictures.

    pixels       (n,) uint64: hash of size and pixels, equal for equal pictures only
    frequencies  (n,) uint64: pHash (Zauner 2010): which of the 64 lowest frequencies of the cosine transform of a 32 × 32
                 copy, the mean left out, are above the median
    small        (n, 16, 16) uint8: a small copy
    flat         (n,) bool: the standard deviation of the 32 × 32 copy is below 2 grey levels
    """

    pixels: HashArray
    frequencies: HashArray
    small: ImageArray
    flat: BoolArray

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """The prints of several sets of pictures, one after the other."""
        return cls(
            np.concatenate([part.pixels for part in parts]),
            np.concatenate([part.frequencies for part in parts]),
            np.concatenate([part.small for part in parts]),
            np.concatenate([part.flat for part in parts]),
        )


def perceptual_hashes(images: ImageArray) -> Prints:
    """Prints of n decoded grey pictures (n, h, w) uint8 of one size, h and w ≥ 1; `Prints.joined` puts sizes together.

    All sums are of whole numbers, so no bit depends on the machine. Memory: some tens of MB beside the pictures.
    ValueError for other shapes and types.
    """
    if images.ndim != 3 or images.dtype != np.uint8 or 0 in images.shape[1:]:
        raise ValueError(f"Pictures are an array (n, h, w) of uint8, not {images.shape} of {images.dtype}.")
    step = max(_AT_ONCE // (images.shape[1] * images.shape[2]), 1)
    parts = [_prints(images[start : start + step]) for start in range(0, max(len(images), 1), step)]
    return Prints.joined(parts)


def near_images(prints: Prints, *, distance: int = 8) -> Groups:
    """Groups of pictures that hang together over verified pairs.

    A pair is verified when at most `distance` (0 … 12) of the 64 bits of `frequencies` differ and the small copies correlate
    by at least 0.985: changes of brightness, contrast, size and compression do not matter. (A gradient hash beside, or in
    place of, the first test joined four times as many different items of Fashion-MNIST for the same copies found.)
    Pictures that are the same pixel for pixel are one. Flat pictures have no structure that could be compared, only noise:
    they are duplicates only when they are the same pixel for pixel.
    Every pair within the distance is proposed (pigeonhole over blocks of bits); `buckets` bounds crowded blocks.
    Not found: copies that are mirrored, turned, cropped or moved. ValueError for another distance.
    """
    groups = Groups.of(prints.pixels)
    order = np.unique(prints.pixels, return_index=True)[1]
    chosen = order[~prints.flat[order]]
    pairs = _Pairs(prints, chosen, distance)
    roots = link(pairs.tables(), len(chosen), pairs.same)
    first = np.arange(len(prints.pixels))
    first[chosen] = chosen[roots]
    return Groups.of(first[groups.first])


def contained_images(mine: Prints, other: Prints, *, distance: int = 8) -> BoolArray:
    """Which of my pictures (n,) are near, as `near_images` verifies, to a picture of the other set: (n,) bool."""
    both = Prints.joined([mine, other])
    _, order, place = np.unique(both.pixels, return_index=True, return_inverse=True)
    found = np.zeros(len(order), dtype=np.bool_)
    found[place[len(mine.pixels) :]] = True
    comparable = np.flatnonzero(~both.flat[order])
    pairs = _Pairs(both, order[comparable], distance)
    found[comparable] |= link_across(pairs.tables(), ~found[comparable], pairs.same)
    return found[place[: len(mine.pixels)]]


class _Pairs:
    """The chosen pictures, with what proposes and verifies pairs of them."""

    def __init__(self, prints: Prints, chosen: IntArray, distance: int) -> None:
        if not 0 <= distance <= FARTHEST:
            raise ValueError(f"The distance of near pictures is {distance}; it must be from 0 to {FARTHEST}.")
        self.distance = distance
        self.frequencies = prints.frequencies[chosen]
        self.small = prints.small[chosen].reshape(len(chosen), _SMALL * _SMALL)

    def tables(self) -> Iterator[TableKeys]:
        return bit_tables(self.frequencies, self.distance)

    def same(self, one: IntArray, other: IntArray) -> BoolArray:
        near: BoolArray = np.bitwise_count(self.frequencies[one] ^ self.frequencies[other]) <= self.distance
        hopeful = np.flatnonzero(near)
        for start in range(0, len(hopeful), _PAIRS_AT_ONCE):
            part = hopeful[start : start + _PAIRS_AT_ONCE]
            near[part] = _correlation(self.small[one[part]], self.small[other[part]]) >= _CORRELATED
        return near


def bit_tables(words: HashArray, distance: int) -> Iterator[TableKeys]:
    """Tables in which any two words (n,) with at most `distance` different bits share a key.

    The 64 bits are cut into distance + q blocks; `distance` differences leave q blocks alike, so the tables are of all
    choices of q blocks. The more words, the larger q: keys stay selective while at most 256 tables are made.
    """
    alike, wanted = 1, np.log2(len(words) + 1)
    while comb(distance + alike + 1, alike + 1) <= _TABLES and alike * _BITS < wanted * (distance + alike):
        alike += 1
    edges = np.linspace(0, _BITS, distance + alike + 1).astype(int)
    masks = [((1 << int(high)) - 1) ^ ((1 << int(low)) - 1) for low, high in pairwise(edges)]
    for chosen in combinations(masks, alike):
        yield (mix(words & np.uint64(sum(chosen))) >> np.uint64(32)).astype(np.uint32)


def _prints(images: ImageArray) -> Prints:
    count, height, width = images.shape
    pixels = images.astype(np.float64)
    copies = np.rint(_reduced(pixels, _SIDE, _SIDE) / (height * width))
    flattened = copies.reshape(count, _SIDE * _SIDE)
    spread = _products(flattened, flattened) / float(_SIDE**4)
    small = np.rint(_reduced(pixels, _SMALL, _SMALL) / (height * width))
    return Prints(
        _pixel_hashes(images),
        _packed(_lowest(copies)),
        small.astype(np.uint8),
        spread < FLAT**2,
    )


def _reduced(pixels: FloatArray, height: int, width: int) -> FloatArray:
    """Sums of the pixels (n, h, w) over height × width equal boxes, in h · w-th parts of a pixel: whole numbers."""
    sums: FloatArray = np.matmul(np.matmul(_boxes(pixels.shape[1], height), pixels), _boxes(pixels.shape[2], width).T)
    return sums


def _boxes(size: int, boxes: int) -> FloatArray:
    """(boxes, size): how much of each pixel is in each box, pixels being `boxes` and boxes being `size` units long."""
    low = np.maximum(np.arange(boxes)[:, None] * size, np.arange(size) * boxes)
    high = np.minimum(np.arange(1, boxes + 1)[:, None] * size, np.arange(1, size + 1) * boxes)
    shares: FloatArray = np.maximum(high - low, 0).astype(np.float64)
    return shares


def _lowest(copies: FloatArray) -> BoolArray:
    """(n, 32, 32) whole grey levels → (n, 64): which of the lowest frequencies are above their median."""
    angles = np.pi * np.outer(np.arange(_FREQUENCIES), np.arange(_SIDE) + 0.5) / _SIDE
    cosines = np.rint(np.cos(angles) * _QUANTA)
    spectrum = np.matmul(np.matmul(cosines, copies), cosines.T).reshape(len(copies), _FREQUENCIES**2)
    row, column = np.divmod(np.arange(_FREQUENCIES**2), _FREQUENCIES)
    lowest = np.lexsort((row, row + column))[1 : _BITS + 1]  # along the antidiagonals, without the mean
    chosen = spectrum[:, lowest]
    above: BoolArray = chosen > np.median(chosen, axis=1, keepdims=True)
    return above


def _packed(bits: BoolArray) -> HashArray:
    """(n, 64) bool → (n,) uint64."""
    return np.packbits(np.ascontiguousarray(bits), axis=1).view(">u8").astype(np.uint64).reshape(len(bits))


def _pixel_hashes(images: ImageArray) -> HashArray:
    count, height, width = images.shape
    flat = images.reshape(count, height * width)
    padded = np.zeros((count, -(-flat.shape[1] // 8) * 8), dtype=np.uint8)
    padded[:, : flat.shape[1]] = flat
    words = padded.view("<u8")
    places = mix(np.arange(1, words.shape[1] + 1, dtype=np.uint64))
    size = np.array([height, width], dtype=np.uint64)
    start = mix(mix(size[:1]) + size[1:])
    return mix(start + mix(words ^ places).sum(axis=1, dtype=np.uint64))


def _correlation(one: ImageArray, other: ImageArray) -> FloatArray:
    """Of the pixels of small copies (m, 256), pair by pair: -1 … 1; 0 where one has no structure."""
    a, b = one.astype(np.float64), other.astype(np.float64)
    scale = np.sqrt(_products(a, a) * _products(b, b))
    return np.divide(_products(a, b), scale, out=np.zeros(len(scale)), where=scale > 0)


def _products(one: FloatArray, other: FloatArray) -> FloatArray:
    """size² times the covariance within each row of whole numbers (m, size): a whole number, so exact."""
    products: FloatArray = one.shape[1] * (one * other).sum(axis=1) - one.sum(axis=1) * other.sum(axis=1)
    return products
