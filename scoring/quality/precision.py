"""Are numbers written as finely as the task needs, and do their digits look measured or made up?"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import chdtrc

from scoring.quality.columns import as_numbers
from scoring.quality.shares import Share, share_of

MOST_DECIMALS: Final = 12
_TYPICAL: Final = 0.95  # of the values have no more decimals than the column is said to have
_FEWEST_DIGITS: Final = 100
_WIDE: Final = 20  # steps between the quartiles, below which the last digit need not be even
_FEWEST_FIRST: Final = 300
_ORDERS: Final = 100.0  # the 99 % quantile over the 1 % one, below which Benford's law is not expected

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Precision:
    """Decimals of one column against those that are needed.

    needed     decimals
    found      decimals that 95 % of the values do not exceed
    fine       share of known values that have at least the needed decimals
    estimated  `fine` is an estimate, and `rows` is empty: numbers do not keep the zeros at their end
    rows       (k,) int64, ascending: texts with too few decimals
    """

    needed: int
    found: int
    fine: Share
    estimated: bool
    rows: IntArray


def decimals(values: pl.Series) -> npt.NDArray[np.int8]:
    """(n,) digits after the point, 0 … 12; -1 for what is no finite number.

    Of a String column the digits as written, "1.50" has 2. Of a float column the fewest with which the value is written exactly,
    to the precision of its type; of integers 0.

    >>> decimals(pl.Series(["1.50", "7", "-0.125", "1e3", "x"])).tolist()
    [2, 0, 3, -1, -1]
    >>> decimals(pl.Series([1.5, 7.0, 0.1 + 0.2, float("nan")])).tolist()
    [1, 0, 1, -1]
    """
    if values.dtype == pl.String:
        digits = values.str.strip_chars().str.extract(r"^[+-]?[0-9]*\.?([0-9]*)$", 1)
        has_digit = values.str.contains("[0-9]")
        length = digits.str.len_chars().cast(pl.Int64)
        length = length.zip_with(values.str.contains(".", literal=True).fill_null(value=False), length * 0)
        return _clipped(length.zip_with(has_digit.fill_null(value=False), pl.Series([None], dtype=pl.Int64)))
    if values.dtype.is_integer():
        return np.where(values.is_null().to_numpy(), -1, 0).astype(np.int8)
    single = values.dtype == pl.Float32
    return _fewest(as_numbers(values), 1e-6 if single else 1e-12)


def _clipped(lengths: pl.Series) -> npt.NDArray[np.int8]:
    return lengths.clip(0, MOST_DECIMALS).fill_null(-1).to_numpy().astype(np.int8)


def _fewest(values: FloatArray, accuracy: float) -> npt.NDArray[np.int8]:
    """accuracy: relative error with which the values are known."""
    found = np.full(len(values), MOST_DECIMALS, dtype=np.int8)
    found[~np.isfinite(values)] = -1
    left = np.flatnonzero(np.isfinite(values))
    for count in range(MOST_DECIMALS):
        with np.errstate(over="ignore"):
            scaled = np.abs(values[left]) * 10.0**count
        exact = np.abs(scaled - np.round(scaled)) <= scaled * accuracy
        exact |= ~np.isfinite(scaled)
        found[left[exact]] = count
        left = left[~exact]
    return found


def check_precision(values: pl.Series, needed: int, *, population: int | None = None) -> Precision:
    """Compare with the decimals that the task needs.

    A number such as 12.3 may have been 12.30. So of numbers a tenth is expected to look one decimal too short, and only what goes
    beyond a tenth counts: coarse = (s - 0.1) / 0.9 with s the share that looks too short.

    >>> check_precision(pl.Series(["1.25", "3.50", "7.1"]), 2).rows.tolist()
    [2]
    >>> rounded = pl.Series([place / 100 for place in range(1000)] + [place / 10 for place in range(1000)])
    >>> round(check_precision(rounded, 2).fine.value, 3)
    0.5
    """
    found = decimals(values)
    known = found[found >= 0]
    short = (found >= 0) & (found < needed)
    count = int(np.count_nonzero(short))
    typical = int(np.quantile(known, _TYPICAL, method="inverted_cdf")) if len(known) else 0
    exact = values.dtype == pl.String
    coarse = count if exact else round(max(0.0, count - len(known) / 10) / 0.9)
    most = None if population is None else max(len(known), round(population * len(known) / max(len(values), 1)))
    fine = share_of(len(known) - min(coarse, len(known)), len(known), population=most)
    return Precision(needed, typical, fine, not exact, np.flatnonzero(short) if exact else np.zeros(0, dtype=np.int64))


@dataclass(frozen=True, slots=True)
class Digits:
    """How often each digit comes, against how often it should.

    counts      int64, by digit: ten last digits from 0, or nine first digits from 1
    distance    total variation distance from what is expected, 0 … 1: the share of values that would have to change their digit
    effect      Cohen's w: 0.1 is small, 0.3 medium, 0.5 large (1988, Statistical Power Analysis)
    p_value     of Pearson's chi-squared: with many rows tiny for differences that do not matter, so look at `effect`
    """

    counts: IntArray
    distance: float
    effect: float
    p_value: float


@dataclass(frozen=True, slots=True)
class LastDigits:
    """Digit preference of one column.

    decimals  where the last digit stands
    digits    ten counts against a tenth each
    tens      share of values that were rounded to ten of the last digit, beyond the tenth that ends in 0 by itself
    fives     the same for multiples of five
    """

    decimals: int
    digits: Digits
    tens: float
    fives: float


def last_digits(values: pl.Series) -> LastDigits | None:
    """Look at the last digit of numbers as they are written; None where it need not be even: below 100 known values, or where
    the quartiles are less than 20 steps apart.

    Even digits are expected of measured values that vary over many steps (Mosimann et al. 1995,
    doi:10.1080/08989629508573866). Prices that end in 99 and readings of a coarse scale are uneven for honest reasons.

    >>> last_digits(pl.Series([place * 5 for place in range(400)])).fives
    1.0
    """
    numbers = as_numbers(values)
    written = decimals(values)
    known = (written >= 0) & np.isfinite(numbers)
    if np.count_nonzero(known) < _FEWEST_DIGITS:
        return None
    place = int(np.quantile(written[known], _TYPICAL, method="inverted_cdf"))
    steps = np.abs(numbers[known]) * 10.0**place
    steps = np.round(steps[steps < 2.0**53])
    if len(steps) < _FEWEST_DIGITS or np.subtract(*np.quantile(steps, (0.75, 0.25))) < _WIDE:
        return None
    counts = np.bincount((steps % 10).astype(np.int64), minlength=10)
    share = counts / counts.sum()
    tens, fives = float(share[0]), float(share[0] + share[5])
    return LastDigits(
        place, _compared(counts, np.full(10, 0.1)), max(0.0, (tens - 0.1) / 0.9), max(0.0, (fives - 0.2) / 0.8)
    )


def first_digits(values: pl.Series) -> Digits | None:
    """Compare first digits with Benford's law, log10(1 + 1/d) (Benford 1938); None where it is not expected: below 300 values
    other than 0, or where the 99 % quantile is less than 100 times the 1 % one. A mean absolute deviation above 0.015 is what
    auditors call nonconforming (Nigrini 2012); that is a `distance` of 0.0675.

    >>> found = first_digits(pl.Series([1.05 ** place for place in range(400)]))
    >>> found.counts.tolist()[:3], round(found.distance, 3)
    ([128, 74, 47], 0.029)
    """
    numbers = as_numbers(values)
    size = np.abs(numbers[np.isfinite(numbers) & (numbers != 0)])
    if len(size) < _FEWEST_FIRST or np.quantile(size, 0.99) < _ORDERS * np.quantile(size, 0.01):
        return None
    first = size / 10.0 ** np.floor(np.log10(size))
    digit = np.clip(np.floor(first * (1 + 1e-15)), 1, 9).astype(np.int64)
    return _compared(np.bincount(digit, minlength=10)[1:10], np.log10(1 + 1 / np.arange(1, 10)))


def _compared(counts: IntArray, expected: FloatArray) -> Digits:
    share = counts / counts.sum()
    squares = float(((share - expected) ** 2 / expected).sum())
    p_value = float(chdtrc(len(expected) - 1, squares * counts.sum()))
    return Digits(counts, float(np.abs(share - expected).sum() / 2), float(np.sqrt(squares)), p_value)
