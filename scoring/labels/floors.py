"""How often labels are wrong where a model is surest: the floor under the curve of disagreement.

Take the rows that a model puts into one class, from the surest (place u near 0) to the least sure (u near 1). A wrong label is as
frequent at every place; the model's own mistakes vanish towards the surest rows. So the share of rows whose label disagrees is

    floor + (1 - floor) · height · u^steepness

and the floor is the rate of wrong labels in that class. That a place exists where the class is certain is the anchor-point
assumption without which no rate of wrong labels can be known (Scott, Blanchard and Handy 2013; Liu and Tao 2016,
doi:10.1109/TPAMI.2015.2456899; Patrini et al. 2017, doi:10.1109/CVPR.2017.240).

The three numbers of each class have a posterior distribution on a fixed grid. Its prior is learnt from all classes together
(empirical Bayes: Efron 2010, doi:10.1017/CBO9780511761362), so classes that behave alike lend each other strength.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

BINS: Final = 32  # places that are told apart
SUREST: Final = 0.1  # the share of a class that is looked at for what may be hidden under the floor
_FLOORS: Final = np.concatenate([np.arange(0, 0.02, 0.001), np.arange(0.02, 0.1, 0.0025), np.arange(0.1, 0.613, 0.006)])
_CELLS: Final = np.gradient(_FLOORS)  # the width of what each floor stands for
_STEEPNESSES: Final = np.array([0.12, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 9, 14, 20])
_HEIGHTS: Final = np.array(
    [0, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1]
)
_ROUNDS: Final = 15
_WEIGHT: Final = 8.0  # of the flat prior, in classes: with few classes there is little to learn a prior from


@dataclass(frozen=True, slots=True)
class Floors:
    """What is known of c classes.

    mean, deviation   (c,) posterior mean and standard deviation of the floor, 0 … 0.61, the width of the grid included
    edge              (c,) the model's own mistakes at the edge of the surest tenth: what the floor would hide if the curve
                      stopped falling there
    wrong             (c, 32) of the rows that disagree at each place, the share whose label is wrong
    """

    mean: FloatArray
    deviation: FloatArray
    edge: FloatArray
    wrong: FloatArray


def floors(disagreeing: FloatArray, rows: FloatArray) -> Floors:
    """Fit the curve to counts (c, 32), c ≥ 1: how many rows of each class at each place disagree, of how many.

    Deterministic; time and memory 32,000 × (100 + 3 · c) numbers. Floors beyond 0.61 are not looked for: a class most of whose
    labels are wrong is not recognized by any method that sees the labels alone.

    >>> place = (np.arange(32) + 0.5) / 32
    >>> found = floors(np.round(100 * (0.1 + 0.5 * place**9))[None], np.full((1, 32), 100.0))
    >>> round(float(found.mean[0]), 2)
    0.1
    """
    curve, of_disagreeing, of_agreeing = _curves()
    likelihood = disagreeing @ of_disagreeing.T + (rows - disagreeing) @ of_agreeing.T
    likelihood = np.exp(likelihood - likelihood.max(axis=1, keepdims=True))
    posterior = _posterior(likelihood.reshape(len(rows), len(_FLOORS), len(_STEEPNESSES), len(_HEIGHTS)))
    of_floor = posterior.sum(axis=(2, 3))
    mean = of_floor @ _FLOORS
    deviation = np.sqrt(np.maximum(of_floor @ (_FLOORS**2 + _CELLS**2 / 12) - mean**2, 0))
    edge = np.einsum("crsh,sh->c", posterior, _HEIGHTS * SUREST ** _STEEPNESSES[:, None])
    expected = posterior.reshape(len(rows), -1) @ curve
    return Floors(mean, deviation, edge, np.minimum(mean[:, None] / expected, 1))


@lru_cache(maxsize=1)
def _curves() -> tuple[FloatArray, FloatArray, FloatArray]:
    """(floors · steepnesses · heights, 32) the share that disagrees, strictly between 0 and 1; its logarithm; that of the rest."""
    place = (np.arange(BINS) + 0.5) / BINS
    mistakes = _HEIGHTS[None, :, None] * place[None, None, :] ** _STEEPNESSES[:, None, None]
    found = _FLOORS[:, None, None, None] + (1 - _FLOORS[:, None, None, None]) * mistakes
    curves = np.clip(found, 1e-9, 1 - 1e-6).reshape(-1, BINS)
    tables = curves, np.log(curves), np.log1p(-curves)
    for table in tables:
        table.flags.writeable = False
    return tables


def _posterior(likelihood: FloatArray) -> FloatArray:
    """(c, f, s, h) posteriors, each under the product of three priors that all classes share and that are learnt from them."""
    flat = [_CELLS, np.ones(len(_STEEPNESSES)), np.ones(len(_HEIGHTS))]
    flat = [prior / prior.sum() for prior in flat]
    learnt = flat
    for _ in range(_ROUNDS):
        floor, steepness, height = learnt
        seen = [
            np.einsum("cfsh,s,h->cf", likelihood, steepness, height, optimize=True) * floor,
            np.einsum("cfsh,f,h->cs", likelihood, floor, height, optimize=True) * steepness,
            np.einsum("cfsh,f,s->ch", likelihood, floor, steepness, optimize=True) * height,
        ]
        learnt = [
            ((one / one.sum(axis=1, keepdims=True)).sum(axis=0) + _WEIGHT * prior) / (len(likelihood) + _WEIGHT)
            for one, prior in zip(seen, flat, strict=True)
        ]
    floor, steepness, height = learnt
    found: FloatArray = likelihood * floor[:, None, None] * steepness[:, None] * height
    found /= found.sum(axis=(1, 2, 3), keepdims=True)
    return found
