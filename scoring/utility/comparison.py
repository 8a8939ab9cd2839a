"""Utilities beside each other: which of two submissions trains better models, and how far one is from raw to reference.

Both are statements on differences of results that were drawn in pairs (`scoring.utility.rows`), so what the draws and the
hidden rows have in common falls out.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import numpy as np
from scipy.special import stdtrit

from scoring.sorting import FloatArray
from scoring.utility.measurement import Utility, deviations, error_of, joined_readings
from scoring.utility.refusals import Refused

_LEVEL: Final = 0.95
_ONE_SIDED: Final = 1.6449  # standard errors; 95 % one-sided
_MOST_BLOCKS: Final = 2048  # of hidden rows in a spread
_STEPS: Final = 1000  # the interval of points is found to a tenth of a point, rounded outwards


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better a is than b: positive is better, whatever the metric's direction; low ≤ value ≤ high at 95 %.

    error   standard error, of rows, draws and hidden rows together
    tie     the interval holds zero
    """

    value: float
    low: float
    high: float
    error: float
    tie: bool


@dataclass(frozen=True, slots=True)
class Points:
    """Usefulness from 0 (no better than the raw data) to 100 (as good as the organizer's reference).

    value       what counts, in [0, 100]
    low, high   95 % interval, in [0, 100]
    unclipped   the same before it was cut off: below 0 is worse than raw, above 100 better than the reference
    """

    value: float
    low: float
    high: float
    unclipped: float


def compare(a: Utility, b: Utility) -> Difference:
    """The paired difference of two results. Refused: they were not measured with one yardstick."""
    value, error, freedom = (float(part) for part in _contrast([a, b], np.array([1.0, -1.0])))
    reach = error * float(stdtrit(freedom, 0.5 + _LEVEL / 2))
    return Difference(value, value - reach, value + reach, error, value - reach <= 0 <= value + reach)


def usefulness(entry: Utility, raw: Utility, reference: Utility) -> Points:
    """100 · (entry - raw) / (reference - raw), cut off at 0 and 100.

    The interval is Fieller's (1954, doi:10.1111/j.2517-6161.1954.tb00159.x): all p for which entry - p · reference -
    (1 - p) · raw is not significantly different from zero. It stays right where the scale itself is uncertain.

    Refused: the reference is not significantly better than raw (one-sided 95 %), or the yardsticks differ.
    """
    scale = compare(reference, raw)
    if scale.value <= _ONE_SIDED * scale.error:
        raise Refused(
            "utility.no_scale",
            reference=round(reference.value, 5),
            raw=round(raw.value, 5),
            metric=entry.metric,
            gain=round(scale.value, 5),
            error=round(scale.error, 5),
        )
    unclipped = 100 * compare(entry, raw).value / scale.value
    value = min(max(unclipped, 0.0), 100.0)
    share = np.linspace(0, 1, _STEPS + 1)
    weights = np.stack([np.ones_like(share), -share, share - 1])
    found, error, freedom = _contrast([entry, reference, raw], weights)
    possible = np.flatnonzero(np.abs(found) <= stdtrit(freedom, 0.5 + _LEVEL / 2) * error)
    if len(possible):
        low, high = max(int(possible[0]) - 1, 0), min(int(possible[-1]) + 1, _STEPS)
        return Points(value, min(100 * low / _STEPS, value), max(100 * high / _STEPS, value), unclipped)
    return Points(value, value, value, unclipped)  # significantly below raw, or significantly above the reference


def spread_of(one: Utility) -> FloatArray:
    """(m,) z such that the variance of a - b is about, and never below, |z_a - z_b|², for results of one yardstick.

    The hidden rows (in blocks where they are many), the small refits and the groups left out stand behind one another. The two
    readings' standard errors add up (`error_of`), which no sum of squares does: (s + t)² ≤ 2 s² + 2 t² is taken.
    """
    rows = one.spread
    if len(rows) > _MOST_BLOCKS:
        rows = np.add.reduceat(rows, np.linspace(0, len(rows), _MOST_BLOCKS, endpoint=False).astype(np.int64))
    small, whole = deviations(one.small.mean(axis=0), one.fraction), one.whole.mean(axis=0)
    of_small = joined_readings(small / sqrt(len(small) - 1), 0)
    of_whole = joined_readings(0, (whole - whole.mean()) * sqrt((len(whole) - 1) / len(whole)))
    return np.concatenate([rows, sqrt(2) * of_small, sqrt(2) * of_whole])


def _contrast(utilities: list[Utility], weights: Any) -> tuple[Any, Any, Any]:
    """Value, standard error and degrees of freedom of Σ weight · utility, signed so that more is better.

    weights   (u,) or (u, p): p contrasts of u utilities
    """
    if len({one.yardstick for one in utilities}) > 1:
        raise Refused("utility.other_yardstick")
    sign = 1.0 if utilities[0].direction == "max" else -1.0
    scattered = np.stack([deviations(one.small.mean(axis=0), one.fraction) for one in utilities])
    whole = np.tensordot(weights.T, np.stack([one.whole.mean(axis=0) for one in utilities]), 1)
    spreads = np.stack([one.spread for one in utilities])
    of_test = np.einsum("u...,uv,v...->...", weights, spreads @ spreads.T, weights)
    error, freedom = error_of(np.tensordot(weights.T, scattered, 1), whole, np.maximum(of_test, 0))
    return sign * np.tensordot(weights.T, np.array([one.value for one in utilities]), 1), error, freedom
