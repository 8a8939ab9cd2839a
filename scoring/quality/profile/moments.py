"""Exact sums and sums of squares of float64: mean and variance that do not depend on the order of the rows.

A float is a whole number times a power of two. Values are cut into digits of at most 20 bits on a common grid; sums of
8192 digits, and of products of two digits, are whole numbers below 2⁵³, so float arithmetic adds them without rounding,
in any order. They are carried on in Python's integers, which are as wide as they need be (Kulisch's long accumulator;
the cutting is that of Rump, Ogita and Oishi 2008, doi:10.1137/050645671).
"""

from fractions import Fraction
from math import frexp
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from scoring.quality.profile.workspace import Workspace

FloatArray = npt.NDArray[np.float64]
NumberArray = npt.NDArray[Any]
"""float64, int64 or uint64."""

_GRID: Final = 1126  # totals count in units of 2^-1126, squares in units of 2^-2252: fine enough for every float64
_STRETCH: Final = 1 << 13
_AT_ONCE: Final = 4 * _STRETCH
_TOP_BITS, _DIGIT_BITS, _MOST_DIGITS = 18, 20, 6  # rounding to nearest makes digits of ±2^18 at the top, ±2^19 below
_EXACT_INTEGERS: Final = 1 << 53


class ExactSums:
    """Count, Σx and Σx² of finite numbers, exact.

    >>> sums = ExactSums()
    >>> sums.add(np.array([1e308, 1.0, 1e308, -1e308, -1e308]))
    >>> sums.mean
    0.2
    """

    __slots__ = ("count", "squares", "total")

    def __init__(self) -> None:
        self.count = 0
        self.total = 0
        self.squares = 0

    @property
    def mean(self) -> float | None:
        """The float64 nearest to the mean; None of nothing."""
        return _nearest(Fraction(self.total, self.count << _GRID)) if self.count else None

    @property
    def variance(self) -> float | None:
        """The float64 nearest to the sample variance (divisor n - 1); None below two values or beyond float64."""
        if self.count < 2:
            return None
        centred = self.count * self.squares - self.total * self.total
        return _nearest(Fraction(centred, self.count * (self.count - 1) << 2 * _GRID))

    def merge(self, other: "ExactSums") -> None:
        self.count += other.count
        self.total += other.total
        self.squares += other.squares

    def repeat(self, value: float, times: int) -> None:
        """Add one value many times, or take it away again when `times` is negative."""
        numerator, denominator = value.as_integer_ratio()
        units = (numerator << _GRID) // denominator  # exact: the denominator is a power of two up to 2^1074
        self.count += times
        self.total += times * units
        self.squares += times * units * units

    def add(self, values: FloatArray, room: Workspace | None = None) -> None:
        """Add finite float64 (n,)."""
        self.count += len(values)
        if not len(values):
            return
        exponent = frexp(max(float(values.max()), -float(values.min())))[1]
        slow: list[FloatArray] = [values]
        if -980 <= exponent <= 1000:
            slow = self._by_digits(values, exponent, Workspace() if room is None else room)
        for rest in slow:
            self._by_exponent(rest)

    def add_counted(self, values: NumberArray, counts: npt.NDArray[np.int64]) -> None:
        """Add finite float64, int64 or uint64 (n,), each so often: for each bit of the counts those that have it, at once."""
        for bit in range(int(counts.max()).bit_length() if len(counts) else 0):
            once = ExactSums()
            some = values[(counts >> bit) & 1 == 1]
            if some.dtype == np.float64:
                once.add(some)
            else:
                once.add_integers(some)
            self.count += once.count << bit
            self.total += once.total << bit
            self.squares += once.squares << bit

    def add_integers(
        self,
        values: NumberArray,
        floats: FloatArray | None = None,
        room: Workspace | None = None,
    ) -> None:
        """Add int64 or uint64 (n,). `floats` are the same values as float64, rounded beyond 2^53, where they are at hand."""
        if not len(values):
            return
        if max(int(values.max()), -int(values.min())) <= _EXACT_INTEGERS:
            self.add(values.astype(np.float64) if floats is None else floats, room)
            return
        self.count += len(values)
        for start in range(0, len(values), _STRETCH):
            part = values[start : start + _STRETCH]
            digits = np.zeros((4, _STRETCH))
            for place in range(4):
                digit = part >> part.dtype.type(16 * place)
                digits[place, : len(part)] = digit & part.dtype.type(0xFFFF) if place < 3 else digit
            self._include(digits, [0, 16, 32, 48])

    def _by_digits(self, values: FloatArray, exponent: int, room: Workspace) -> list[FloatArray]:
        """Add values below 2^exponent; those that need more than the digits at hand come back."""
        digits = room.array("digits", _MOST_DIGITS * _AT_ONCE, np.float64).reshape(_MOST_DIGITS, _AT_ONCE)
        rest = room.array("rest of digits", _AT_ONCE, np.float64)
        exponents = [exponent - _TOP_BITS - _DIGIT_BITS * place for place in range(_MOST_DIGITS)]
        scale, expected = 2.0 ** (_TOP_BITS - exponent), 1
        slow: list[FloatArray] = []
        for start in range(0, len(values), _AT_ONCE):
            part = values[start : start + _AT_ONCE]
            try:
                with np.errstate(under="raise"):
                    left = np.multiply(part, scale, out=rest[: len(part)])
            except FloatingPointError:  # a value so much smaller than the largest that it loses bits
                slow.append(part)
                continue
            used = _cut(left, digits[:, : len(part)], expected)
            expected = min(used, _MOST_DIGITS)
            if used > _MOST_DIGITS:
                unfinished = np.flatnonzero(left)
                digits[:, unfinished] = 0.0
                slow.append(part[unfinished])
            whole = -(-len(part) // _STRETCH) * _STRETCH
            digits[:expected, len(part) : whole] = 0.0
            self._include(digits[:expected, :whole], exponents[:expected])
        return slow

    def _include(self, digits: FloatArray, exponents: list[int]) -> None:
        """Add rows given as digits (d, m x 8192): x = Σ digit × 2^exponent. The sums of 8192 are whole numbers below 2^53."""
        places = digits.reshape(len(digits), -1, _STRETCH)
        totals = _whole(np.vecdot(places, np.ones(_STRETCH)))
        for place, total in enumerate(totals):
            self.total += total << (exponents[place] + _GRID)
            for beyond, squares in enumerate(_whole(np.vecdot(places[place], places[place:]))):
                twice = 1 if beyond else 0
                self.squares += squares << (exponents[place] + exponents[place + beyond] + 2 * _GRID + twice)

    def _by_exponent(self, values: FloatArray) -> None:
        """Add values of any size, in several times the time: sums for each exponent apart."""
        for start in range(0, len(values), 1 << 16):
            mantissa, exponent = np.frexp(values[start : start + (1 << 16)])
            whole = np.ldexp(mantissa, 53).astype(np.int64)
            lowest = int(exponent.min())
            place = (exponent - lowest).astype(np.int64)
            pieces = [(whole >> shift & 0x3FFFF).astype(np.float64) for shift in (0, 18)]
            pieces.append((whole >> 36).astype(np.float64))
            for one, left in enumerate(pieces):
                sums = np.bincount(place, weights=left)
                for found in np.flatnonzero(sums).tolist():
                    self.total += _shifted(sums[found], found + lowest - 53 + 18 * one + _GRID)
                for two in range(one, 3):
                    sums = np.bincount(place, weights=left * pieces[two])
                    for found in np.flatnonzero(sums).tolist():
                        shift = 2 * (found + lowest - 53 + _GRID) + 18 * (one + two) + (one != two)
                        self.squares += _shifted(sums[found], shift)


def _cut(left: FloatArray, digits: FloatArray, expected: int) -> int:
    """Write the digits of `left` (n,), which keeps what remains; how many were needed, one more than there is room for
    when something remains. Whether something remains is asked from the expected number on.
    """
    for place in range(len(digits)):
        np.rint(left, out=digits[place])
        np.subtract(left, digits[place], out=left)
        if place + 1 >= expected and left.max() == 0.0 == left.min():
            return place + 1
        np.multiply(left, float(1 << _DIGIT_BITS), out=left)
    return len(digits) + 1


def _whole(sums: FloatArray) -> list[int]:
    """(k,) the sums over the last axis (k, m) of few whole numbers below 2^53."""
    found: list[int] = sums.astype(np.int64).sum(axis=-1).tolist()
    return found


def _shifted(whole: np.float64, shift: int) -> int:
    return int(whole) << shift


def _nearest(exact: Fraction) -> float | None:
    try:
        return float(exact)
    except OverflowError:
        return None
