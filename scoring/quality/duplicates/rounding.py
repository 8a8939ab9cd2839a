"""Rounding float64 to significant decimal digits, with the same result on every machine."""

from typing import Final

import numpy as np

from scoring.sorting import STRETCH, FloatArray

MOST_DIGITS: Final = 15  # every decimal number of so many digits survives the way through float64 and back
_EXACT: Final = 22  # the largest power of ten that float64 holds exactly
_SMALLEST, _LARGEST = 1e-8, 1e22  # outside, numbers are rounded by way of their decimal writing, one by one
_EASY_DECIMALS: Final = 1e6
_POWERS: Final = np.array([float(f"1e{exponent}") for exponent in range(-_EXACT, _EXACT + 2)])


def rounded(values: FloatArray, digits: int = MOST_DIGITS) -> FloatArray:
    """(n,) float64 to `digits` (1 … 15) significant decimal digits, each the float64 nearest to its decimal.

    Whole numbers up to 2⁵³, NaN and infinities stay as they are; -0.0 becomes 0.0. A cell's result depends on the cell alone.
    No logarithm of a cell is taken: its last bit differs between machines.

    >>> rounded(np.array([0.1 + 0.2, 1 / 3, 123456.0, -0.0])).tolist()
    [0.3, 0.333333333333333, 123456.0, 0.0]
    >>> rounded(np.array([0.123456, 98765.4321, 2e-7]), 3).tolist()
    [0.123, 98800.0, 2e-07]
    """
    if not 1 <= digits <= MOST_DIGITS:
        raise ValueError(f"Numbers can be rounded to 1 to {MOST_DIGITS} significant digits, not to {digits}.")
    result = np.empty_like(values)
    for start in range(0, len(values), STRETCH):
        result[start : start + STRETCH] = _rounded(values[start : start + STRETCH] + 0.0, digits)
    return result


def _rounded(values: FloatArray, digits: int) -> FloatArray:
    whole = (values == np.trunc(values)) & (np.abs(values) <= 2**53)
    with np.errstate(all="ignore"):  # hostile numbers overflow on the way and are put back below
        scaled = np.rint(values * _EASY_DECIMALS)
        result: FloatArray = scaled / _EASY_DECIMALS
        easy = (np.abs(result - values) <= np.abs(values) * 1e-15) & (np.abs(scaled) < 10.0**digits)
        hard = np.flatnonzero(~(easy | whole))
        result[hard] = _rounded_any(values[hard], digits)
    np.copyto(result, values, where=whole)
    return result


def _rounded_any(values: FloatArray, digits: int) -> FloatArray:
    size = np.abs(values)
    usual = (size >= _SMALLEST) & (size < _LARGEST)
    size = np.where(usual, size, 1.0)
    exponent = np.floor((np.frexp(size)[1] - 1) * np.log10(2)).astype(np.int64)  # too low by at most one
    exponent += size >= _POWERS[exponent + 1 + _EXACT]
    shift = digits - 1 - exponent
    up, down = _POWERS[np.maximum(shift, 0) + _EXACT], _POWERS[np.maximum(-shift, 0) + _EXACT]
    result: FloatArray = np.copysign(np.rint(size * up / down) / up * down, values)
    rest = np.flatnonzero(~usual)
    result[rest] = [float(f"{value:.{digits - 1}e}") for value in values[rest]]
    np.copyto(result, values, where=np.isinf(result))  # the largest numbers would be rounded out of the range
    return result
