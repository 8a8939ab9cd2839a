"""Texts as hashed character n-grams: no dictionary, any language, bounded size."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

BUCKETS: Final = 1 << 15
_LENGTHS: Final = (1, 2, 3)
_ROWS: Final = 4096  # texts cut up at once
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)


def ngrams(columns: list[pl.Series], characters: int) -> Any:
    """Sparse float64 (n, BUCKETS): the square root of how often each n-gram occurs, rows scaled to length one.

    Only the first `characters` of each text are read, in lower case; n-grams do not reach over the end of a text.
    """
    blocks = []
    for start in range(0, len(columns[0]), _ROWS):
        parts = [_counted(column.slice(start, _ROWS), characters, place) for place, column in enumerate(columns)]
        blocks.append(sum(parts[1:], parts[0]))
    if not blocks:
        return sparse.csr_matrix((0, BUCKETS))
    grams = sparse.vstack(blocks, format="csr")
    grams.data = np.sqrt(grams.data)
    lengths = np.sqrt(np.asarray(grams.multiply(grams).sum(axis=1)).ravel())
    grams.data /= np.repeat(np.where(lengths > 0, lengths, 1.0), np.diff(grams.indptr))
    return grams


def _counted(texts: pl.Series, characters: int, place: int) -> Any:
    """Sparse float64 (n, BUCKETS) of counts."""
    cut = texts.fill_null("").str.slice(0, characters).str.to_lowercase().str.slice(0, characters)
    lengths = cut.str.len_chars().to_numpy().astype(np.int64)
    points = np.frombuffer("".join(cut.to_list()).encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    left = np.repeat(np.cumsum(lengths), lengths) - np.arange(
        len(points)
    )  # characters from here to the end of the text
    row = np.repeat(np.arange(len(cut)), lengths)
    buckets, of_row = [], []
    state: npt.NDArray[np.uint64] = np.full(len(points), place + 1, dtype=np.uint64)
    for length in _LENGTHS:
        count = max(len(points) - length + 1, 0)
        state = (state[:count] ^ (points[length - 1 :] + np.uint64(1))) * _FACTOR
        state ^= state >> np.uint64(29)
        whole = left[:count] >= length
        buckets.append((state >> np.uint64(40))[whole] % np.uint64(BUCKETS))
        of_row.append(row[:count][whole])
    places, rows = np.concatenate(buckets).astype(np.int32), np.concatenate(of_row)
    return sparse.coo_matrix((np.ones(len(places)), (rows, places)), shape=(len(cut), BUCKETS)).tocsr()
