"""Which rows are drawn: by what a row holds, never by where it stands.

Every row has a 64-bit hash of its features (or of its key, where the challenge has one), without the target. Refits take rows by
their hashes. So two submissions that hold the same row draw it in the same
refits, whatever else they hold: their scores differ by the rows and not by the luck of the draw. Copies of a row share its hash
and are drawn together, so they take up places and bring nothing. The arithmetic is our own and stays the same for ever
(SplitMix64: Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195; strings: BLAKE2b, RFC 7693).
"""

from hashlib import blake2b
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

Hashes = npt.NDArray[np.uint64]

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
_MISSING: Final = np.uint64(0x6D697373696E6721)
_PIXELS: Final = 4_000_000  # hashed at once


def mixed(values: Hashes, salt: int) -> Hashes:
    """SplitMix64's finisher of values + salt: every bit of the result depends on every bit of both."""
    x = values + np.uint64((salt + 1) * int(_GOLDEN) & (2**64 - 1))
    x = (x ^ (x >> np.uint64(30))) * _FIRST
    x = (x ^ (x >> np.uint64(27))) * _SECOND
    return np.asarray(x ^ (x >> np.uint64(31)))


def salt_of(name: str) -> int:
    """A number that stands for a name."""
    return int.from_bytes(blake2b(name.encode(errors="surrogatepass"), digest_size=8).digest(), "little")


def hash_numbers(values: npt.NDArray[np.float64]) -> Hashes:
    """(n,) hashes of float64 numbers; -0 is 0, and every NaN is the same missing value."""
    bits = (values + 0.0).view(np.uint64).copy()
    bits[np.isnan(values)] = _MISSING
    return mixed(bits, 0)


def hash_texts(values: pl.Series) -> Hashes:
    """(n,) hashes of strings; a null is the missing value. Each distinct string is hashed once."""
    codes = values.rank("dense").fill_null(0).to_numpy().astype(np.int64)
    distinct = values.drop_nulls().unique().sort().to_list()
    table = np.empty(len(distinct) + 1, dtype=np.uint64)
    table[0] = _MISSING
    table[1:] = [salt_of(text) for text in distinct]
    return mixed(table[codes], 0)


def hash_vectors(values: npt.NDArray[np.float32]) -> Hashes:
    """(n,) hashes of rows of numbers (n, w)."""
    weights = mixed(np.arange(values.shape[1], dtype=np.uint64), 1) | np.uint64(1)
    step = max(1, _PIXELS // max(values.shape[1], 1))
    found = np.empty(len(values), dtype=np.uint64)
    for start in range(0, len(values), step):
        block = np.ascontiguousarray(values[start : start + step] + np.float32(0)).view(np.uint32).astype(np.uint64)
        found[start : start + step] = mixed(block, 2) @ weights
    return found


def joined(columns: dict[str, Hashes], rows: int) -> Hashes:
    """(n,) the hash of whole rows from the hashes of their columns; the order of the columns does not matter."""
    total = np.zeros(rows, dtype=np.uint64)
    for name, values in columns.items():
        total += mixed(values, salt_of(name))
    return mixed(total, 3)


def around(hashes: Hashes, starts: int, count: int) -> list[npt.NDArray[np.intp]]:
    """For each of `starts` evenly spaced places on the circle of all hashes, the next `count` ≤ n rows from there on.

    Together they hold every row about equally often; where starts · count = n they part the rows. Two sets of rows draw
    what they have in common at the same places.
    """
    order = np.argsort(hashes, kind="stable")
    begins = [np.uint64((place << 64) // starts) for place in range(starts)]
    firsts = np.searchsorted(hashes[order], np.array(begins, dtype=np.uint64))
    return [order[(first + np.arange(count)) % len(order)] for first in firsts]


def lowest(hashes: Hashes, count: int) -> npt.NDArray[np.intp]:
    """The rows with the `count` smallest hashes, in the order of the hashes; of equal hashes the earlier row comes first."""
    if count >= len(hashes):
        return np.argsort(hashes, kind="stable")
    bound = np.partition(hashes, count)[count]
    inside = np.flatnonzero(hashes <= bound)
    return np.asarray(inside[np.argsort(hashes[inside], kind="stable")][:count])
