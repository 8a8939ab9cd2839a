"""How sure a score is: a 95 % interval, and a spread by which submissions on the same rows are compared in pairs.

A metric function returns one of two forms:

RowTerms   the error of the score is a sum of one small term for each row (means of rows, DeLong's placements, influence
           values). The variance is the sum of squares: closed form, no resampling.
Counted    the score is a function of counts (hits, class totals). Counts are tallied in blocks of rows once, then all
           bootstrap samples are one matrix product with the shared Poisson weights; the sums are whole numbers, so the
           result is the same to the last bit on every machine.

The **spread** of a score is a float32 vector z of at most `SPREAD_LENGTH` entries with Cov(score_i, score_j) ≈ z_i · z_j for
submissions scored on the same rows with the same metric and seed.

Intervals are made on a scale where they cannot leave the range of the metric: Wilson's for bounded means (so 100 % right is
not "certain"), logit for ranking metrics, logarithm of the distance to the best value where only one end is bounded.
Below about 50 rows, queries or groups, or 10 rows of a class that counts, every interval here is rough.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, isinf, log, sqrt, tanh
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.draws import HEAVIEST, Float32Array, PoissonWeights, blocks
from scoring.sorting import FloatArray

SPREAD_LENGTH: Final = 4096
SAMPLES: Final = 1000
_CHUNK: Final = 125  # bootstrap samples held at once: 2 MB of weights
_MOST_BLOCKS, _FEWEST_BLOCKS = 2048, 256
_TABLE_CELLS: Final = 1 << 22  # cells of a block table; with more classes there are fewer blocks
_EXACT_FLOAT32: Final = 1 << 24

CodeArray = npt.NDArray[np.integer]
Replicates = FloatArray
_NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class RowTerms:
    """A score and what each row adds to its error.

    value   the score
    terms   (n,) float64, mean about zero, with the sample-size correction already in: Var(score) = Σ terms²
    logit   make the interval on the logit scale
    at_end  rows that count where the terms say nothing (the best or worst score possible); None: all units
    blind   the terms miss a part of the error (a class with a single row), so only `at_end` can be relied on
    """

    value: float
    terms: FloatArray
    logit: bool = False
    at_end: float | None = None
    blind: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted: for each row its class 0 … size - 1, and the whole number it adds there (None: 1)."""

    codes: CodeArray
    size: int
    amounts: npt.NDArray[np.integer] | npt.NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """A score that is a function of counts.

    tallies   what is counted
    score     takes one float64 array (samples, size) for each tally; returns (samples,), NaN where it is not defined
    at_end    rows that count where all samples agree (the best or worst score possible)
    """

    tallies: tuple[Tally, ...]
    score: Callable[..., FloatArray]
    at_end: float

    @property
    def value(self) -> float:
        """The score of the rows as they are."""
        return self.of_blocks([_tabulate(tally, np.intp(0), 1) for tally in self.tallies])

    def of_blocks(self, tables: list[FloatArray]) -> float:
        """The score of all blocks together."""
        return float(self.score(*(table.sum(axis=0, keepdims=True) for table in tables))[0])


@dataclass(frozen=True, slots=True)
class Units:
    """What is independent of each other: `count` rows, or groups of rows (then `of_row` (n,) is each row's group)."""

    count: int
    of_row: npt.NDArray[np.intp] | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """The declared range of a metric; infinite where it has no bound."""

    low: float
    high: float


def row_mean(rows: FloatArray) -> RowTerms:
    """The mean of one number for each row, n ≥ 2."""
    value = float(rows.mean())
    return RowTerms(value, (rows - value) / sqrt(len(rows) * (len(rows) - 1)))


def from_terms(form: RowTerms, span: Range, units: Units, seed: int, level: float) -> tuple[float, float, Float32Array]:
    """Low and high end of the interval, and the spread."""
    sums = form.terms if units.of_row is None else _group_sums(form.terms, units.of_row, units.count)
    variance = float(sums @ sums)
    low, high = _closed_form(form, variance, span, units, _NORMAL.inv_cdf(0.5 + level / 2))
    if len(sums) > SPREAD_LENGTH:
        sums = totals(sums, blocks(len(sums), SPREAD_LENGTH, seed), SPREAD_LENGTH)
    return low, high, sums.astype(np.float32)


def from_counts(
    form: Counted, span: Range, units: Units, seed: int, level: float
) -> tuple[float, float, float, Float32Array]:
    """The score, low and high end of the interval, and the spread."""
    tables = _block_tables(form, units, seed)
    value = form.of_blocks(tables)
    replicates = _bootstrap(form, tables, seed)
    defined = replicates[~np.isnan(replicates)]
    spread = np.nan_to_num(replicates - defined.mean()) / sqrt(len(replicates) - 1)
    z = _NORMAL.inv_cdf(0.5 + level / 2)
    if value in {span.low, span.high} and defined.min() == defined.max():
        low, high = _wilson(value, span, min(form.at_end, units.count), z)
    else:
        low, high = _bias_corrected(value, np.sort(defined), z)
    return value, low, high, spread.astype(np.float32)


def totals(amounts: FloatArray | Float32Array, places: npt.NDArray[np.intp], count: int) -> FloatArray:
    """The amounts summed by place 0 … count - 1."""
    return np.bincount(places, amounts, count).astype(np.float64, copy=False)


def _group_sums(terms: FloatArray, of_row: npt.NDArray[np.intp], groups: int) -> FloatArray:
    """Terms summed within each group, with the correction for few groups that is usual for clustered errors."""
    return totals(terms, of_row, groups) * sqrt(groups / (groups - 1) * (len(terms) - 1) / len(terms))


def _closed_form(form: RowTerms, variance: float, span: Range, units: Units, z: float) -> tuple[float, float]:
    if isinf(span.low) or isinf(span.high):
        return _distance(form.value, span, sqrt(variance), z)
    width = span.high - span.low
    share = (form.value - span.low) / width
    certain = share * (1 - share)  # the variance of one 0/1 row with this mean
    if form.blind or certain <= 0:
        fewest = units.count if form.at_end is None else min(form.at_end, units.count)
        return _wilson(form.value, span, fewest, z)
    if variance <= 0:
        return form.value, form.value
    scaled = variance / width**2
    if form.logit:
        middle, reach = log(share / (1 - share)) / 2, z * sqrt(scaled) / certain / 2
        ends = (1 + tanh(middle - reach)) / 2, (1 + tanh(middle + reach)) / 2
        return span.low + ends[0] * width, span.low + ends[1] * width
    return _wilson(form.value, span, certain / scaled * units.count / (units.count - 1), z)


def _wilson(value: float, span: Range, rows: float, z: float) -> tuple[float, float]:
    """Wilson's score interval (1927, doi:10.2307/2276774) for a mean that is as uncertain as that of `rows` 0/1 rows."""
    width = span.high - span.low
    share = (value - span.low) / width
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    reach = z / (1 + z * z / rows) * sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    return max(span.low, span.low + (middle - reach) * width), min(span.high, span.low + (middle + reach) * width)


def _distance(value: float, span: Range, error: float, z: float) -> tuple[float, float]:
    """Normal on the logarithm of the distance to the bounded end; the distance never turns negative."""
    upwards = isinf(span.high)
    distance = value - span.low if upwards else span.high - value
    if distance <= 0:
        return value, value
    factor = exp(z * error / distance)
    near, far = distance / factor, distance * factor
    return (span.low + near, span.low + far) if upwards else (span.high - far, span.high - near)


def _block_tables(form: Counted, units: Units, seed: int) -> list[FloatArray]:
    """For each tally the counts by block and class: float64 (blocks, size), whole numbers. Few units are a block each."""
    widest = max(tally.size for tally in form.tallies)
    count = _MOST_BLOCKS
    while count > _FEWEST_BLOCKS and count * widest > _TABLE_CELLS:
        count //= 2
    if units.count <= count:
        count = units.count
        of_unit = np.arange(count)
    else:
        of_unit = blocks(units.count, count, seed)
    of_row = of_unit if units.of_row is None else of_unit[units.of_row]
    return [_tabulate(tally, of_row, count) for tally in form.tallies]


def _tabulate(tally: Tally, of_row: npt.NDArray[np.intp] | np.intp, count: int) -> FloatArray:
    cells = of_row * tally.size + tally.codes
    table = np.bincount(cells, tally.amounts, count * tally.size)
    return table.reshape(count, tally.size).astype(np.float64, copy=False)


def _bootstrap(form: Counted, tables: list[FloatArray], seed: int) -> Replicates:
    """The score of `SAMPLES` Poisson bootstrap samples of the blocks."""
    joined = np.hstack(tables)
    if joined.sum(axis=0).max() * HEAVIEST < _EXACT_FLOAT32:
        joined = joined.astype(np.float32)  # still exact, and twice as fast
    cuts = np.cumsum([table.shape[1] for table in tables])[:-1]
    weights = PoissonWeights(len(joined), seed)
    replicates = np.empty(SAMPLES)
    for start in range(0, SAMPLES, _CHUNK):
        totals = (weights.take(_CHUNK).astype(joined.dtype, copy=False) @ joined).astype(np.float64)
        replicates[start : start + _CHUNK] = form.score(*np.split(totals, cuts, axis=1))
    return replicates


def _bias_corrected(value: float, ordered: Replicates, z: float) -> tuple[float, float]:
    """Efron's bias-corrected percentile interval (1981, doi:10.2307/3314608); always holds the value."""
    size = len(ordered)
    below = (np.searchsorted(ordered, value, "left") + np.searchsorted(ordered, value, "right")) / 2
    shift = 2 * _NORMAL.inv_cdf(min(max(below, 1), size - 1) / size)
    low, high = np.quantile(ordered, [_NORMAL.cdf(shift - z), _NORMAL.cdf(shift + z)])
    return min(float(low), value), max(float(high), value)
