"""Shares of right answers: intervals, exact tails, and many tests at once. Vectorised over any number of shares."""

from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from scoring.sorting import FloatArray, IntArray

_NORMAL = NormalDist()


def wilson(hits: Any, rows: Any, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """Wilson's score interval (1927, doi:10.2307/2276774) for hits of rows; 0 … 1 where there are no rows.

    hits    whole numbers or sums of probabilities, 0 ≤ hits ≤ rows

    >>> low, high = wilson(81, 263)
    >>> round(float(low), 4), round(float(high), 4)
    (0.2553, 0.3662)
    """
    z = _NORMAL.inv_cdf(0.5 + level / 2)
    trials = np.asarray(rows, dtype=np.float64)
    share = np.asarray(hits, dtype=np.float64) / np.maximum(trials, 1)
    middle = share * trials + z * z / 2
    reach = z * np.sqrt(np.maximum(share * (1 - share) * trials + z * z / 4, 0))
    low, high = (middle - reach) / (trials + z * z), (middle + reach) / (trials + z * z)
    return np.clip(np.where(trials > 0, low, 0.0), 0, 1), np.clip(np.where(trials > 0, high, 1.0), 0, 1)


def clopper_pearson(hits: Any, rows: Any, level: float = 0.95) -> tuple[FloatArray, FloatArray]:
    """The exact interval of Clopper and Pearson (1934, doi:10.1093/biomet/26.4.404): never less sure than it says.

    >>> low, high = clopper_pearson(10, 10)
    >>> round(float(low), 4), float(high)
    (0.6915, 1.0)
    """
    k, n = np.asarray(hits, dtype=np.float64), np.asarray(rows, dtype=np.float64)
    tail = (1 - level) / 2
    low = np.where(k > 0, special.betaincinv(np.maximum(k, 1), n - k + 1, tail), 0.0)
    high = np.where(k < n, special.betaincinv(k + 1, np.maximum(n - k, 1), 1 - tail), 1.0)
    return low, high


def at_least(hits: Any, rows: Any, chance: Any) -> FloatArray:
    """P(X ≥ hits) for X binomial with `rows` draws of the given chance, exactly.

    >>> float(at_least(8, 8, 0.5)) == 0.5**8
    True
    """
    k, n, p = np.broadcast_arrays(*(np.asarray(given, dtype=np.float64) for given in (hits, rows, chance)))
    inner = special.betainc(np.maximum(k, 1), np.maximum(n - k + 1, 1), np.clip(p, 0, 1))
    return np.where(k <= 0, 1.0, np.where(k > n, 0.0, inner))


def holm(chances: FloatArray, tests: int | None = None) -> FloatArray:
    """(t,) the p-values made safe for many tests at once: P(any false alarm) ≤ α when those ≤ α are believed.

    tests   how many tests were made, where some with p = 1 are not listed; None: all are listed

    Holm 1979, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6:65.

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(chances, kind="stable")
    left = (len(chances) if tests is None else tests) - np.arange(len(chances))
    safe = np.empty(len(chances))
    safe[order] = np.minimum(np.maximum.accumulate(chances[order] * left), 1)
    return safe


def sums_by(group: IntArray, groups: int, amounts: npt.NDArray[Any] | None = None) -> FloatArray:
    """(groups,) float64 sums of the amounts, or numbers of rows, of each group."""
    return np.bincount(group, amounts, groups).astype(np.float64, copy=False)
