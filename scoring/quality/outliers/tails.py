"""How far a column goes by itself: which values are farther out than its own tail explains.

A fixed bound on robust z calls a tenth of all delays, prices or amounts outliers, because their tails are long. Here the tail of
each column, on each side, is carried on from its quantiles, and a value counts as an outlier only where a clean column of that
length and tail would hardly ever reach. The same curve says how many of the flagged values are expected to be sound.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

FEWEST: Final = 100
"""Known values that a column needs before any is called an outlier."""
_TAIL: Final = (0.9, 0.95, 0.975)  # quantiles of the distance from the median, on one side
_CHANCE: Final = 0.1  # clean columns in which such a value comes, on either side
_LEAST_Z: Final = 5.0
_STEEPEST: Final = 1.0  # shape of the tail; with more than that even the mean is infinite
_LARGEST: Final = 1e300  # so that differences and sums of larger values do not overflow
_NORMAL: Final = 1.4826022185056018  # standard deviations in a median absolute deviation
_NORMAL_MEAN: Final = 1.2533141373155003  # standard deviations in a mean absolute deviation


@dataclass(frozen=True, slots=True)
class Tails:
    """What one column may reach.

    rows       (k,) int64, ascending: the outliers
    low, high  sound values lie between them, both ends included
    expected   values outside that a clean column would have: k - expected are estimated to be wrong
    """

    rows: IntArray
    low: float
    high: float
    expected: float


def robust_z(values: FloatArray) -> FloatArray:
    """(n,) distance from the median over the median absolute deviation × 1.4826; NaN where a value is NaN.

    Where more than half of the values are equal the deviation is 0, and the mean absolute deviation × 1.2533 stands for it
    (Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers); where that is 0 too, all known values get 0.

    >>> robust_z(np.array([1.0, 2.0, 3.0, 4.0, 100.0])).round(2).tolist()
    [-1.35, -0.67, 0.0, 0.67, 65.43]
    >>> robust_z(np.array([5.0, 5.0, 5.0, 5.0, 9.0])).round(2).tolist()
    [0.0, 0.0, 0.0, 0.0, 3.99]
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return np.full(len(values), np.nan)
    bounded = np.clip(values, -_LARGEST, _LARGEST)
    distance = bounded - np.median(np.clip(known, -_LARGEST, _LARGEST))
    spread = _spread(distance[~np.isnan(distance)])
    with np.errstate(over="ignore"):  # infinite is right for what is 1e308 deviations away
        return distance / spread if spread > 0 else np.where(np.isnan(values), np.nan, 0.0)


def _spread(distance: FloatArray) -> float:
    absolute = np.abs(distance)
    middle = float(np.median(absolute))
    return _NORMAL * middle if middle > 0 else _NORMAL_MEAN * float((absolute / len(absolute)).sum())


def beyond_tails(values: FloatArray) -> Tails:
    """Outliers of finite or NaN float64 (n,). Does not depend on the order, nor on the unit.

    The upper tenth of the distances is taken for a generalised Pareto distribution, its shape from the quantiles 90, 95 and
    97.5 % (Pickands 1975, doi:10.1214/aos/1176343003), not below 0 (exponential) and not above 1. A value is an outlier where
    fewer than 0.1 values are expected beyond it and robust z is above 5. Where one value fills more than half of the column
    (no rain), the others are judged as a column of their own. Below 100 known values nothing is called an outlier. Up to
    about 2 % outliers on each side; more of them are taken for the tail.

    >>> clean = np.random.default_rng(0).gamma(2, size=10_000)
    >>> beyond_tails(clean).rows.size, beyond_tails(np.append(clean, [900.0, -50.0])).rows.tolist()
    (0, [10000, 10001])
    """
    rows = np.flatnonzero(~np.isnan(values))
    known = np.clip(values[rows], -_LARGEST, _LARGEST)
    if len(known) >= FEWEST:
        middle = float(np.median(known))
        if np.count_nonzero(known == middle) > len(known) / 2:
            rows, known = rows[known != middle], known[known != middle]
    if len(known) < FEWEST:
        return Tails(np.zeros(0, dtype=np.int64), -np.inf, np.inf, 0.0)
    middle = float(np.median(known))
    distance = known - middle
    least = _LEAST_Z * _spread(distance)
    above, below = (_reach(np.maximum(way * distance, 0), least) for way in (1, -1))
    outside = (distance > above) | (distance < -below)
    expected = _CHANCE * sum(bool((way * distance > reach).any()) for way, reach in ((1, above), (-1, below)))
    return Tails(rows[outside], middle - below, middle + above, expected)


def _reach(distance: FloatArray, least: float) -> float:
    """How far from the median values on one side may go. distance: (n,), 0 for values on the other side."""
    first, second, third = np.quantile(distance, _TAIL)
    near, far = second - first, third - second
    beyond = len(distance) * (1 - _TAIL[0]) / _CHANCE  # how many times fewer values than in the tail
    if near <= 0 or far <= 0:  # few different values: exponential, with a scale that is surely not too small
        return float(third + max(third, least) * np.log2(beyond))
    shape = float(np.clip(np.log2(far / near), 0, _STEEPEST))
    if shape < 1e-3:
        reach = first + near / np.log(2) * np.log(beyond)
    else:
        reach = first + near / (2**shape - 1) * (beyond**shape - 1)
    return max(float(reach), least)
