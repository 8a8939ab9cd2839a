"""How sure the places are: rank ranges from paired differences."""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from scoring.draws import Float32Array

_PAIRS: Final = 1 << 22  # pairs compared at once: 32 MB an array


def rank_ranges(
    values: Any,
    spreads: Sequence[Float32Array] | Float32Array,
    direction: Literal["max", "min"],
    level: float = 0.95,
) -> npt.NDArray[np.int64]:
    """The best and the worst place that each submission may truly deserve: int64 (n, 2), places from 1.

    values      (n,) finite scores of submissions on the same rows
    spreads     (n, m) their spreads, see `scoring.uncertainty`
    level       how often, at least, a submission's range holds its true place (on ever new data of the same kind)

    A submission is placed below another only if the difference of their scores, on the same rows, is too large to be chance.
    Each one is compared with n - 1 others, so the threshold of a single comparison is that of Bonferroni. The variance of
    the difference d is taken about zero, |z_i - z_j|² + d²/m, as in a score test: a few rows that all agree are no proof.
    Costs n²·m multiplications: meant for the submissions that share a board page, not for a hundred thousand.

    >>> z = np.random.default_rng(0).normal(0, 0.01 / 20, (3, 400)).astype(np.float32)
    >>> rank_ranges([0.9, 0.89, 0.7], z, "max").tolist()
    [[1, 2], [1, 2], [3, 3]]
    """
    scores = np.asarray(values, dtype=np.float64)
    z = np.asarray(spreads, dtype=np.float64)
    count = len(scores)
    if z.ndim != 2 or len(z) != count:
        raise ValueError(f"{count} scores need as many spreads of one length; got {z.shape}")
    if not (np.isfinite(scores).all() and np.isfinite(z).all()):
        raise ValueError("scores and spreads must be finite")
    upwards = scores if direction == "max" else -scores
    threshold = NormalDist().inv_cdf(1 - (1 - level) / 2 / max(count - 1, 1)) ** 2
    squares = np.einsum("ij,ij->i", z, z)
    ranges = np.empty((count, 2), dtype=np.int64)
    step = max(1, _PAIRS // max(count, 1))
    for start in range(0, count, step):
        these = slice(start, start + step)
        ahead = upwards - upwards[these, None]  # > 0: the other one is better
        variance = np.maximum(squares + squares[these, None] - 2 * (z[these] @ z.T), 0) + ahead**2 / z.shape[1]
        sure = ahead**2 > threshold * variance
        ranges[these, 0] = 1 + (sure & (ahead > 0)).sum(axis=1)
        ranges[these, 1] = count - (sure & (ahead < 0)).sum(axis=1)
    return ranges
