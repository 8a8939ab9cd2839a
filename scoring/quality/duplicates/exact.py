"""Rows that are the same in every value, by a 64-bit hash of their canonical form; and what contradicts itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.duplicates.canonical import canonical_values, chosen
from scoring.quality.duplicates.groups import Groups
from scoring.quality.duplicates.hashing import HashArray, mix, salts
from scoring.quality.duplicates.rounding import MOST_DIGITS
from scoring.sorting import STRETCH, BoolArray, FloatArray, IntArray

HASHED_BY: Final = f"polars {pl.__version__}"  # hashes of text are the same within a version; a report names it
_NULL, _TEXT, _BINARY, _TIME, _FRACTION, _LARGE, _LIST, _STRUCT = salts(0, 8)


def row_hashes(
    frame: pl.DataFrame, columns: Sequence[str] | None = None, *, seed: int = 0, digits: int = MOST_DIGITS
) -> HashArray:
    """The hash of each row of `canonical(frame, columns, digits=…)`: (n,) uint64, spread evenly over 64 bits.

    Equal numbers are equal as integers, floats and booleans (below 2⁶³); null is equal to null and to nothing else; the
    order of columns does not matter, their names only by their order. Two different rows collide with probability 2⁻⁶⁴:
    in 10⁸ rows one pair in 3 700 runs. With a secret `seed` nobody can choose rows by their hashes.
    Memory: 8 bytes for each row beside one canonical column.

    >>> one = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    >>> other = pl.DataFrame({"b": [" x", ""], "a": [1.0, 2.0]})
    >>> bool((row_hashes(one) == row_hashes(other)).all())
    True
    """
    total = np.zeros(frame.height, dtype=np.uint64)
    for cells in cell_hashes(frame, columns, seed=seed, digits=digits):
        total += cells
    return mix(total ^ salts(seed, 1)[0])


def cell_hashes(
    frame: pl.DataFrame, columns: Sequence[str] | None = None, *, seed: int = 0, digits: int = MOST_DIGITS
) -> Iterator[HashArray]:
    """The hash of each cell, (n,) uint64 for each column, in the order of their names."""
    names = chosen(frame, columns)
    for name, salt in zip(names, salts(seed, len(names) + 1)[1:], strict=True):
        yield mix(value_codes(canonical_values(frame[name], digits=digits), seed) ^ salt)


def exact(hashes: npt.NDArray[np.integer]) -> Groups:
    """Rows with the same hash (n,) are a group; the first represents it. `rate` is 1 - distinct / N (Q13).

    >>> exact(np.array([5, 9, 5], dtype=np.uint64)).rate
    0.3333333333333333
    """
    return Groups.of(hashes)


@dataclass(frozen=True, slots=True)
class Contradictions:
    """Rows that are the same but for their label (Q11).

    rows        (n,) bool: the rows of groups with more than one label
    grouped     labelled rows that share a group with another labelled row
    fewest      the least number of labels to change until nothing contradicts
    """

    rows: BoolArray
    grouped: int
    fewest: int

    @property
    def count(self) -> int:
        return int(np.count_nonzero(self.rows))

    @property
    def rate(self) -> float:
        """Contradicting rows among `grouped`, 0 … 1; 0 where nothing is grouped. The measure Q11 is 1 - rate."""
        return self.count / self.grouped if self.grouped else 0.0


def contradictions(hashes_without_label: npt.NDArray[np.integer], labels: pl.Series) -> Contradictions:
    """Rows with equal hashes and different labels.

    hashes_without_label   (n,) whole numbers, equal for rows that are the same without their label: `row_hashes` of the
                           other columns, or `Groups.first` of near duplicates
    labels                 (n,) values of any kind, `canonical` makes them comparable; a row without a label contradicts nothing

    >>> found = contradictions(np.array([1, 1, 1, 2, 2]), pl.Series(["cat", "dog", "cat", "dog", "dog"]))
    >>> found.rows.tolist(), found.rate, found.fewest
    ([True, True, True, False, False], 0.6, 1)
    """
    if len(labels) != len(hashes_without_label):
        raise ValueError(f"There are {len(labels)} labels for {len(hashes_without_label)} rows.")
    labels = canonical_values(labels)
    labelled = np.flatnonzero(~labels.is_null().to_numpy())
    _, group = np.unique(hashes_without_label[labelled], return_inverse=True)
    label = np.unique(value_codes(labels.gather(labelled), 0), return_inverse=True)[1]
    pairs, counts = np.unique(group * (int(label.max(initial=0)) + 1) + label, return_counts=True)
    of_pair = pairs // (int(label.max(initial=0)) + 1)
    sizes, kinds = np.bincount(group), np.bincount(of_pair)
    most = np.zeros(len(sizes), dtype=np.int64)
    np.maximum.at(most, of_pair, counts)
    rows = np.zeros(len(labels), dtype=np.bool_)
    rows[labelled] = (kinds > 1)[group]
    return Contradictions(rows, int(sizes[sizes > 1].sum()), int((sizes - most).sum()))


def value_codes(values: pl.Series, seed: int) -> HashArray:
    """(n,) uint64, equal for equal values of a canonical column of any type; to be mixed with a salt before it is summed."""
    kind = values.dtype
    if isinstance(kind, pl.Struct):
        return _struct_codes(values, seed)
    if isinstance(kind, pl.List):
        return _list_codes(values, seed)
    missing = values.is_null().to_numpy()
    if kind == pl.Float64:
        hashes = _number_codes(values.fill_null(0.0).to_numpy())
    elif kind == pl.Int64:
        hashes = values.fill_null(0).to_numpy().view(np.uint64)
    elif kind == pl.Int128:
        hashes = _large_codes(values, seed)
    elif kind == pl.Null:
        hashes = np.empty(len(values), dtype=np.uint64)
    elif kind.is_temporal():
        hashes = values.to_physical().cast(pl.Int64).fill_null(0).to_numpy().view(np.uint64) ^ _TIME
    else:
        hashes = values.hash(_polars_seed(seed)).to_numpy() ^ (_BINARY if kind == pl.Binary else _TEXT)
    if missing.any():
        hashes = np.where(missing, _NULL, hashes)
    return hashes


def _number_codes(numbers: FloatArray) -> HashArray:
    """Whole numbers as the integers that they are, so that 1.0 and 1 are one value."""
    hashes = np.empty(len(numbers), dtype=np.uint64)
    for start in range(0, len(numbers), STRETCH):
        part = numbers[start : start + STRETCH]
        whole = (part == np.trunc(part)) & (np.abs(part) < 2.0**63)
        integers = np.where(whole, part, 0.0).astype(np.int64).view(np.uint64)
        hashes[start : start + STRETCH] = np.where(whole, integers, part.view(np.uint64) ^ _FRACTION)
    return hashes


def _large_codes(values: pl.Series, seed: int) -> HashArray:
    small = values.cast(pl.Int64, strict=False)
    hashes = small.fill_null(0).to_numpy().view(np.uint64).copy()
    large = np.flatnonzero((small.is_null() & values.is_not_null()).to_numpy())
    written = values.gather(large).cast(pl.String).hash(_polars_seed(seed)).to_numpy()
    hashes[large] = written ^ _LARGE
    return hashes


def _polars_seed(seed: int) -> int:
    return int(salts(seed, 1)[0])


def _struct_codes(values: pl.Series, seed: int) -> HashArray:
    fields = values.struct.unnest()
    total = np.full(len(values), _STRUCT, dtype=np.uint64)
    for name, salt in zip(sorted(fields.columns), salts(seed, len(fields.columns)), strict=True):
        total += mix(value_codes(fields[name], seed) ^ salt)
    return mix(total)


def _list_codes(values: pl.Series, seed: int) -> HashArray:
    sizes = values.list.len().fill_null(0).to_numpy().astype(np.int64)
    filled = np.flatnonzero(sizes)
    starts = np.cumsum(sizes) - sizes
    total = mix(sizes.astype(np.uint64) ^ _LIST)
    if len(filled):
        inner = value_codes(values.gather(filled).explode(), seed)
        position = np.arange(len(inner)) - np.repeat(starts[filled], sizes[filled])
        total[filled] += np.add.reduceat(mix(inner + mix(position.astype(np.uint64))), starts[filled])
    return np.where(values.is_null().to_numpy(), _NULL, mix(total))


def different(hashes: HashArray) -> IntArray:
    """The first row of each different hash, in the order of the hashes: what follows does not depend on the order of rows."""
    return np.unique(hashes, return_index=True)[1].astype(np.int64)
