"""Digits of numbers as people write them: how many decimals, which last digit, which first digit.

Made-up figures show here: last digits of measurements are nearly even, first digits of amounts that span several powers of
ten follow Benford's law (Benford 1938, https://www.jstor.org/stable/984802).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_DECIMALS: Final = 15
_PRECISIONS: Final = 10
_AT_ONCE: Final = 1 << 13
_EXACT: Final = float(1 << 53)
_FIRST_DIGITS: Final = np.array([float(f"{digit}e{power}") for power in range(-300, 301) for digit in range(1, 10)])
"""Where a new first digit begins."""
_USUAL_SHARE: Final = 0.95


class DigitCounts:
    """Counts over finite numbers.

    decimals   (17,) numbers by the fewest decimals that say them exactly, 0 to 15, as far as float64 can tell (the digits
               together below 2^53); at 16 the others
    last       (10, 10) by number of decimals p, then digit: the p-th decimal (the unit for p = 0) of those that need at
               most p; these digits are the last ones where the column is written with p decimals
    first      (10,) by first significant digit, at 0 the numbers without one: 0 and those beyond 1e-300 … 1e301

    waiting    bytes of values that are kept until there are enough to be worth the calls

    >>> digits = DigitCounts()
    >>> digits.add(np.array([1.25, 30.0, 1 / 3]))
    >>> digits.decimals[[0, 2, 16]].tolist(), digits.first[[1, 3]].tolist()
    ([1, 1, 1], [1, 2])
    """

    def __init__(self, waiting: int = 0) -> None:
        self._may_wait = waiting
        self._decimals = np.zeros(MOST_DECIMALS + 2, np.int64)
        self._last = np.zeros((_PRECISIONS, 10), np.int64)
        self._first = np.zeros(10, np.int64)
        self._waiting: list[FloatArray] = []

    @property
    def decimals(self) -> IntArray:
        self._settle()
        return self._decimals

    @property
    def last(self) -> IntArray:
        self._settle()
        return self._last

    @property
    def first(self) -> IntArray:
        self._settle()
        return self._first

    def add(self, values: FloatArray) -> None:
        """Count finite float64 (n,)."""
        self._waiting.append(values)
        if sum(values.nbytes for values in self._waiting) > self._may_wait:
            self._settle()

    def __getstate__(self) -> dict[str, object]:
        self._settle()
        return self.__dict__.copy()

    def _settle(self) -> None:
        if not self._waiting:
            return
        values, self._waiting = np.concatenate(self._waiting), []
        for start in range(0, len(values), _AT_ONCE):
            self._count(values[start : start + _AT_ONCE])

    def _count(self, values: FloatArray) -> None:
        sizes = np.abs(values)
        place = np.searchsorted(_FIRST_DIGITS, sizes, side="right")
        digit = np.where((place > 0) & (sizes < 1e301), (place - 1) % 9 + 1, 0)
        self._first += np.bincount(digit, minlength=10)
        said, left = sizes[:0], sizes[sizes < _EXACT]
        self._decimals[0] += len(sizes) - len(left)  # floats from there on are whole numbers
        for places in range(MOST_DECIMALS + 1):
            power = 10.0**places
            whole = np.rint(left * power)
            here = (whole / power == left) & (whole < _EXACT)
            self._decimals[places] += np.count_nonzero(here)
            if places < _PRECISIONS:
                said = np.concatenate([said, left[here]])
                self._count_last(said, places)
            left = left[~here]
            if not len(left) and places >= _PRECISIONS:
                break
        self._decimals[-1] += len(left)

    def _count_last(self, said: FloatArray, places: int) -> None:
        whole = np.rint(said * 10.0**places)
        digits = whole[whole < _EXACT].astype(np.int64) % 10
        self._last[places] += np.bincount(digits, minlength=10)

    def merge(self, other: "DigitCounts") -> None:
        self._decimals += other.decimals
        self._last += other.last
        self._first += other.first

    def usual_decimals(self) -> int:
        """The fewest decimals that say 95 % of the numbers, at most 9."""
        upto = np.cumsum(self.decimals)
        return int(min(np.searchsorted(upto, _USUAL_SHARE * upto[-1]), _PRECISIONS - 1)) if upto[-1] else 0
