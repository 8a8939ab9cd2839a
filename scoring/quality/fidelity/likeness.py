"""How like a synthetic table is to the real one: column by column, and pair of columns by pair.

The definitions are those of SDMetrics' quality report (Patki et al. 2016, doi:10.1109/DSAA.2016.49; KSComplement, TVComplement,
CorrelationSimilarity, ContingencySimilarity), written anew: 1 is the same, 0 has nothing in common.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.columns import as_numbers, as_texts

MOST_COLUMNS: Final = 100
MOST_CATEGORIES: Final = 1000
_BINS: Final = 10

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Likeness:
    """What two tables have in common.

    shapes   column → 0 … 1: 1 - Kolmogorov-Smirnov distance of numbers, 1 - total variation distance of categories
    pairs    (column, column) → 0 … 1: 1 - |difference of correlations| / 2 of two numbers, otherwise 1 - total variation distance
             of the contingency tables, numbers in ten bins over the range of `real`, open at both ends; pairs that cannot be told (a
             constant column) are left out
    shape    mean of shapes
    pair     mean of pairs; NaN without pairs
    overall  mean of both, or `shape` where there are no pairs
    """

    shapes: dict[str, float]
    pairs: dict[tuple[str, str], float]
    shape: float
    pair: float
    overall: float


def likeness(real: pl.DataFrame, synthetic: pl.DataFrame, columns: Sequence[str] | None = None) -> Likeness:
    """Compare two tables of any lengths ≥ 1.

    columns   to compare, at most 100; None: all columns of `real`. Numbers (also times) count as numbers where both tables have
              them as such; all else as categories, of which the 1,000 most frequent of `real` are kept apart. Missing values are
              left out of numbers and are a category of their own among categories

    About 0.3 CPU-s for 20,000 × 17. ValueError for missing columns, too many, or a table without rows.

    >>> table = pl.DataFrame({"a": [1.0, 2, 3, 4], "b": [2.0, 4, 6, 8], "c": ["x", "y", "x", "y"]})
    >>> likeness(table, table).overall
    1.0
    >>> reversed_pairs = table.with_columns(pl.col("b").reverse())
    >>> likeness(table, reversed_pairs).pairs["a", "b"]
    0.0
    """
    names = list(columns if columns is not None else real.columns)
    _check(real, synthetic, names)
    sides = [_Side.of(real[name], synthetic[name]) for name in names]
    shapes = {name: side.shape() for name, side in zip(names, sides, strict=True)}
    pairs = {}
    for (one, first), (two, second) in combinations(zip(names, sides, strict=True), 2):
        alike = _pair(first, second)
        if not np.isnan(alike):
            pairs[one, two] = alike
    shape = float(np.mean([value for value in shapes.values() if not np.isnan(value)] or [np.nan]))
    pair = float(np.mean(list(pairs.values()))) if pairs else float("nan")
    return Likeness(shapes, pairs, shape, pair, (shape + pair) / 2 if pairs else shape)


def _check(real: pl.DataFrame, synthetic: pl.DataFrame, names: Sequence[str]) -> None:
    if missing := sorted(set(names) - (set(real.columns) & set(synthetic.columns))):
        raise ValueError(f"both tables need the columns {', '.join(missing)}")
    if not 1 <= len(names) <= MOST_COLUMNS:
        raise ValueError(f"{len(names)} columns are compared; it must be 1 to {MOST_COLUMNS}")
    if not real.height or not synthetic.height:
        raise ValueError("a table has no rows")


@dataclass(frozen=True, slots=True)
class _Side:
    """One column in both tables.

    numbers  of `real` and `synthetic`, NaN where missing; None for categories
    codes    categories 0 … size - 1 of `real` and `synthetic`; numbers by bin
    """

    numbers: tuple[FloatArray, FloatArray] | None
    codes: tuple[IntArray, IntArray]
    size: int

    @classmethod
    def of(cls, real: pl.Series, synthetic: pl.Series) -> "_Side":
        if all(side.dtype.is_numeric() or side.dtype.is_temporal() for side in (real, synthetic)):
            one, two = (as_numbers(side) for side in (real, synthetic))
            known = one[np.isfinite(one)]
            low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
            edges = np.linspace(low / 2, high / 2, _BINS + 1)[1:-1] * 2  # halves, for the range of huge numbers
            codes = [np.where(np.isnan(side), _BINS, np.searchsorted(edges, side, side="right")) for side in (one, two)]
            return cls((one, two), (codes[0], codes[1]), _BINS + 1)
        texts = [as_texts(side) for side in (real, synthetic)]
        counts = texts[0].drop_nulls().alias("text").value_counts(name="rows")
        kept = counts.sort("rows", "text", descending=[True, False])["text"].head(MOST_CATEGORIES)
        table = pl.DataFrame({"text": kept, "code": np.arange(len(kept))})
        codes = [_looked_up(side, table) for side in texts]
        return cls(None, (codes[0], codes[1]), len(kept) + 2)

    def shape(self) -> float:
        if self.numbers is None:
            shares = [np.bincount(side, minlength=self.size) / len(side) for side in self.codes]
            return float(1 - np.abs(shares[0] - shares[1]).sum() / 2)
        one, two = (np.sort(side[~np.isnan(side)]) for side in self.numbers)
        if not len(one) or not len(two):
            return 1.0 if len(one) == len(two) else 0.0
        steps = np.concatenate((one, two))
        reached = [np.searchsorted(side, steps, side="right") / len(side) for side in (one, two)]
        return float(1 - np.abs(reached[0] - reached[1]).max())


def _looked_up(texts: pl.Series, table: pl.DataFrame) -> IntArray:
    """Numbers of the categories; the last but one for rare ones, the last for missing ones."""
    joined = pl.DataFrame({"text": texts}).join(table, on="text", how="left", maintain_order="left")
    codes = joined["code"].fill_null(table.height).to_numpy()
    return np.where(texts.is_null().to_numpy(), table.height + 1, codes).astype(np.int64)


def _pair(first: _Side, second: _Side) -> float:
    if first.numbers is not None and second.numbers is not None:
        rho = [_correlation(first.numbers[side], second.numbers[side]) for side in (0, 1)]
        return float(1 - abs(rho[0] - rho[1]) / 2)
    one, two = (_cells(first.codes[side], second.codes[side], second.size) for side in (0, 1))
    every = np.union1d(one[0], two[0])
    shares = [np.zeros(len(every)) for _ in range(2)]
    for share, (cells, counts) in zip(shares, (one, two), strict=True):
        share[np.searchsorted(every, cells)] = counts / counts.sum()
    return float(1 - np.abs(shares[0] - shares[1]).sum() / 2)


def _cells(first: IntArray, second: IntArray, size: int) -> tuple[IntArray, IntArray]:
    cells, counts = np.unique(first * size + second, return_counts=True)
    return cells, counts.astype(np.int64)


def _correlation(one: FloatArray, two: FloatArray) -> float:
    """Pearson's; NaN for a constant column. Columns are brought to size 1 first, so that huge numbers do not overflow."""
    known = np.isfinite(one) & np.isfinite(two)
    if np.count_nonzero(known) < 2:
        return float("nan")
    x, y = _centred(one[known]), _centred(two[known])
    scale = float(np.sqrt((x * x).sum() * (y * y).sum()))
    return float(np.clip((x * y).sum() / scale, -1, 1)) if scale > 0 else float("nan")


def _centred(values: FloatArray) -> FloatArray:
    largest = float(np.abs(values).max())
    scaled = values / largest if largest > 0 else values
    centred: FloatArray = scaled - scaled.mean()
    centred[np.abs(centred) < 1e-12] = 0
    return centred
