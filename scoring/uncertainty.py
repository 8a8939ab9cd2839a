"""How sure a score is: a 95 % interval, and a spread by which submissions on the same rows are compared in pairs.

A metric function returns one of two forms:

RowTerms   the error of the score is a sum of one small term for each row (means of rows, DeLong's placements, influence
           values). The variance is the sum of squares: closed form, no resampling.
Counted    the score is a function of counts (hits, class totals). Counts are tallied in blocks of rows once, then all
           bootstrap samples are one matrix product with the shared Poisson weights; the sums are whole numbers, so the
           replicates are the same on every machine.

The **spread** of a score is a float32 vector z of at most `SPREAD_LENGTH` entries with Cov(score_i, score_j) ≈ z_i · z_j for
submissions scored on the same rows with the same metric and seed.

Intervals are made on a scale where they cannot leave the range of the metric: Wilson's for bounded means (so 100 % right is
not "certain"), logit for rankings and counts (for a correlation that is Fisher's z), logarithm of the distance to the best
value where only one end is bounded. Below about 50 rows, queries or groups, or 10 rows of a class that counts, every
interval here is rough.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import exp, isfinite, isinf, log, sqrt, tanh
from statistics import NormalDist
from typing import ClassVar, Final

import numpy as np
import numpy.typing as npt

from scoring.draws import HEAVIEST, Float32Array, blocks, poisson_weights
from scoring.errors import ScoringError
from scoring.sorting import STRETCH, FloatArray, IntArray

SPREAD_LENGTH: Final = 4096
SAMPLES: Final = 1000
_CHUNK: Final = 125  # bootstrap samples counted at once
_MOST_BLOCKS, _FEWEST_BLOCKS = 2048, 256
_TABLE_CELLS: Final = 1 << 22  # cells of a block table; with more classes there are fewer blocks
_EXACT_FLOAT32: Final = 1 << 24

CodeArray = npt.NDArray[np.integer]
_NORMAL: Final = NormalDist()


@dataclass(frozen=True, slots=True)
class RowTerms:
    """A score and what each row adds to its error.

    value   the score
    terms   (n,) float64, mean about zero, with the sample-size correction already in: Var(score) = Σ terms²
    rows    (n,) the row of each term, where they are not in the order of the rows
    logit   make the interval on the logit scale
    at_end  rows that count where the terms say nothing (the best or worst score possible); None: all units
    blind   the terms miss a part of the error (a class with a single row), so only `at_end` can be relied on
    """

    value: float
    terms: FloatArray
    rows: IntArray | None = None
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
    at_end    rows that count where samples say nothing (the best or worst score possible)
    """

    tallies: tuple[Tally, ...]
    score: Callable[..., FloatArray]
    at_end: float
    logit: ClassVar[bool] = True
    blind: ClassVar[bool] = False

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


def estimate(
    form: RowTerms | Counted, span: Range, units: Units, seed: int, level: float
) -> tuple[float, float, float, Float32Array]:
    """The score, the low and the high end of its interval, and its spread; ScoringError if they are not finite."""
    if isinstance(form, RowTerms):
        value, (variance, spread) = form.value, _add_up(form, units, seed)
    else:
        value, spread = _resample(form, units, seed)
        variance = float(spread @ spread)
    if not (isfinite(value) and isfinite(variance)):
        raise ScoringError("scoring.overflow")
    low, high = _interval(form, value, variance, span, units, _NORMAL.inv_cdf(0.5 + level / 2))
    return value, low, high, spread.astype(np.float32)


def fold(terms: FloatArray, seed: int, rows: IntArray | None = None) -> FloatArray:
    """Sums of the terms in `SPREAD_LENGTH` random blocks of rows; as they are where there are no more than that."""
    if len(terms) <= SPREAD_LENGTH:
        sums = np.empty(len(terms))
        sums[slice(None) if rows is None else rows] = terms
        return sums
    block = blocks(len(terms), SPREAD_LENGTH, seed)
    sums = np.zeros(SPREAD_LENGTH)
    for start in range(0, len(terms), STRETCH):
        part = slice(start, start + STRETCH)
        sums += np.bincount(block[part if rows is None else rows[part]], terms[part], SPREAD_LENGTH)
    return sums


def _add_up(form: RowTerms, units: Units, seed: int) -> tuple[float, FloatArray]:
    """The variance, and the spread; terms of a group are added first, with the usual correction for few groups."""
    if units.of_row is None:
        return float(form.terms @ form.terms), fold(form.terms, seed, form.rows)
    rows, groups = len(form.terms), units.count
    of_term = units.of_row if form.rows is None else units.of_row[form.rows]
    sums: FloatArray = np.bincount(of_term, form.terms, groups).astype(np.float64, copy=False)
    sums *= sqrt(groups / (groups - 1) * (rows - 1) / rows)
    return float(sums @ sums), fold(sums, seed)


def _interval(
    form: RowTerms | Counted, value: float, variance: float, span: Range, units: Units, z: float
) -> tuple[float, float]:
    if isinf(span.low) or isinf(span.high):
        return _distance(value, span, sqrt(variance), z)
    width = span.high - span.low
    share, scaled = (value - span.low) / width, variance / width**2
    certain = share * (1 - share)  # the variance of one 0/1 row with this mean
    if form.blind or certain <= 0:
        return _wilson(value, span, units.count if form.at_end is None else min(form.at_end, units.count), z)
    if variance <= 0:
        return value, value
    if form.logit:
        middle, reach = log(share / (1 - share)) / 2, z * sqrt(scaled) / certain / 2
        return span.low + width * (1 + tanh(middle - reach)) / 2, span.low + width * (1 + tanh(middle + reach)) / 2
    return _wilson(value, span, certain / scaled * units.count / (units.count - 1), z)


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
        of_unit = blocks(units.count, count, seed).astype(np.intp)
    of_row = of_unit if units.of_row is None else of_unit[units.of_row]
    return [_tabulate(tally, of_row, count) for tally in form.tallies]


def _tabulate(tally: Tally, of_row: npt.NDArray[np.intp] | np.intp, count: int) -> FloatArray:
    cells = of_row * tally.size + tally.codes
    table = np.bincount(cells, tally.amounts, count * tally.size)
    return table.reshape(count, tally.size).astype(np.float64, copy=False)


def _resample(form: Counted, units: Units, seed: int) -> tuple[float, FloatArray]:
    """The score, and how far `SAMPLES` Poisson bootstrap samples of the blocks are from their mean, scaled as a spread."""
    tables = _block_tables(form, units, seed)
    value = form.of_blocks(tables)
    joined = np.hstack(tables)
    if joined.sum(axis=0).max() * HEAVIEST < _EXACT_FLOAT32:
        joined = joined.astype(np.float32)  # still exact, and twice as fast
    cuts = np.cumsum([table.shape[1] for table in tables])[:-1]
    weights = poisson_weights(SAMPLES, len(joined), seed)
    scores = np.empty(SAMPLES)
    for start in range(0, SAMPLES, _CHUNK):
        part = slice(start, start + _CHUNK)
        counts = (weights[part].astype(joined.dtype) @ joined).astype(np.float64)
        scores[part] = form.score(*np.split(counts, cuts, axis=1))
    defined = scores[~np.isnan(scores)]
    return value, np.nan_to_num(scores - defined.mean()) / sqrt(max(len(defined) - 1, 1))
