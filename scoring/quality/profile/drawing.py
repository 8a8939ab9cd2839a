"""Quantiles and drawable histograms from distinct values with their counts."""

from math import ceil
from typing import Final

import numpy as np

from scoring.quality.profile.buckets import FloatArray
from scoring.quality.profile.result import Histogram
from scoring.quality.profile.tally import IntArray

_INNER_BINS: Final = 30
_INNER: Final = (0.01, 0.99)
"""Shares of the values between which bins are equally wide; two more bins reach to the ends."""
_HALVES: Final = 2.0**51
"""Below it float64 tells halves apart."""


def ranked(values: FloatArray, counts: IntArray, shares: tuple[float, ...]) -> FloatArray:
    """The smallest value that at least each share of all is below or equal to, to a thousandth.

    `values` (d,) ascending, d > 0.
    """
    upto = np.cumsum(counts)
    total = int(upto[-1])
    ranks = [max(1, -(-total * round(1000 * share) // 1000)) for share in shares]  # 0.07 * 100 is more than 7 in floats
    found: FloatArray = values[np.searchsorted(upto, ranks)]
    return found


def histogram(values: FloatArray, counts: IntArray, low: float, high: float) -> Histogram:
    """At most 32 bins over [low, high], which holds the values (d,), ascending. A value on an edge is in the bin above.

    Of whole numbers the edges are half-way between them, and all inner bins hold equally many.

    >>> histogram(np.array([1.0, 2.0]), np.array([5, 6]), 1.0, 2.0)
    Histogram(edges=(0.5, 1.5, 2.5), counts=(5, 6))
    """
    if not len(values) or low == high:
        return Histogram((low, high), (int(counts.sum()),))
    left, right = ranked(values, counts, _INNER).tolist()
    if left == right:
        left, right = low, high
    if max(-low, high) < _HALVES and bool((values == np.rint(values)).all()):
        low, high, left, right = low - 0.5, high + 0.5, left - 0.5, right + 0.5
        inner = left + ceil((right - left) / _INNER_BINS) * np.arange(_INNER_BINS + 1)
        inner = inner[: int(np.searchsorted(inner, right)) + 1]
    else:
        steps = np.arange(_INNER_BINS + 1) / _INNER_BINS
        inner = left * (1 - steps) + right * steps
    edges = np.unique(np.concatenate([[low], inner, [high]]).clip(low, high))
    found = np.zeros(len(edges) - 1, np.int64)
    np.add.at(found, np.searchsorted(edges[1:-1], values, side="right"), counts)
    return Histogram(tuple(edges.tolist()), tuple(found.tolist()))
