"""How varied the rows are: kinds of labels, effective number of different rows, and how much of a reference they reach."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.shares import Share, share_of

MOST_ROWS: Final = 1000
"""Rows of a kernel matrix, about 0.7 CPU-s for its eigenvalues; 2,000 rows cost 3.5 CPU-s."""
MOST_COLUMNS: Final = 512
GRID_ROWS: Final = 5000
_DIMENSIONS: Final = 64  # of a grid; wider features are projected
_ROUNDS: Final = 10
_DISTANCES: Final = 2000  # random pairs for the median distance
_FARTHEST: Final = 0.95  # of the reference rows of a cell lie within its radius
_TOGETHER: Final = 1 << 14  # rows compared with all centres at once
_PAIRS, _ROWS, _CENTRES, _PROJECTION = range(4)  # what a stream of random numbers is for

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class LabelDiversity:
    """Kinds of labels in n rows.

    present    labels that come
    possible   labels that there are
    richness   present / possible
    effective  exp(H), the number of equally frequent labels that are as varied (Hill number of order 1, Hill 1973,
               doi:10.2307/1934352)
    evenness   exp(H) / possible: 1 where all come equally often
    """

    present: int
    possible: int
    richness: float
    effective: float
    evenness: float


def label_diversity(labels: pl.Series, possible: int | None = None) -> LabelDiversity:
    """Count the labels; missing ones are not counted. possible: how many there should be; None: those that come.

    More labels than possible count as richness 1. All zero where no label is known.

    >>> found = label_diversity(pl.Series(["a", "a", "b", "b", None]), possible=4)
    >>> found.richness, round(found.effective, 6), round(found.evenness, 6)
    (0.5, 2.0, 0.5)
    """
    counts = np.sort(labels.drop_nulls().value_counts()["count"].to_numpy())
    kinds = max(possible or len(counts), len(counts))
    if not len(counts):
        return LabelDiversity(0, kinds, 0.0, 0.0, 0.0)
    effective = exp(_entropy(counts / counts.sum()))
    return LabelDiversity(len(counts), kinds, len(counts) / kinds, effective, effective / kinds)


def _entropy(shares: FloatArray) -> float:
    """Nats."""
    positive = shares[shares > 0]
    return max(0.0, float(-(positive * np.log(positive)).sum()))


@dataclass(frozen=True, slots=True)
class Vendi:
    """The Vendi score: the effective number of different rows.

    score  1 (all alike) … rows (all different)
    share  score / rows
    rows   that it was computed from
    exact  these were all rows; otherwise a sample, whose score is lower than that of all rows: compare samples of one size only
    """

    score: float
    share: float
    rows: int
    exact: bool


def vendi(
    features: FloatArray,
    *,
    seed: int,
    kernel: Literal["cosine", "rbf"] = "cosine",
    scale: float | None = None,
    most_rows: int = MOST_ROWS,
) -> Vendi:
    """Exponential of the entropy of the eigenvalues of K / n (Friedman and Dieng 2023, arXiv:2210.02410), K_ii = 1.

    features  (n, d) finite float64
    kernel    "cosine": of directions, exact for any number of rows up to 512 columns. "rbf": exp(-|x - y|² / (2·scale²)), for
              columns of one scale; exact up to `most_rows` rows
    scale     of "rbf"; None: the median distance of random pairs. Give it, to compare two sets of rows

    Beyond those limits a seeded sample of `most_rows` rows is scored. The score is rounded to 9 digits, so that it does not show
    how many threads multiplied. ValueError for features that are not finite, no rows or no columns.

    >>> vendi(np.eye(5), seed=0).score
    5.0
    >>> vendi(np.ones((7, 2)), seed=0).score
    1.0
    """
    if features.ndim != 2 or not features.size or not np.isfinite(features).all():
        raise ValueError("features must be a table of finite numbers with at least one row and one column")
    count = len(features)
    narrow = kernel == "cosine" and features.shape[1] <= MOST_COLUMNS
    rows = features if narrow or count <= most_rows else features[_sample(count, most_rows, seed, _ROWS)]
    if kernel == "rbf":
        matrix = _rbf(rows, scale or _median_distance(rows, seed)) / len(rows)
    else:
        matrix = _gram(_directions(rows), narrow=narrow and features.shape[1] < count) / len(rows)
    spectrum = np.clip(np.linalg.eigvalsh(matrix), 0, None)
    score = float(f"{exp(_entropy(spectrum / spectrum.sum())):.9g}")
    return Vendi(score, score / len(rows), len(rows), len(rows) == count)


def _directions(rows: FloatArray) -> FloatArray:
    """Rows of length 1; a row of zeros is a direction of its own, the same for all of them."""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    scaled = rows / np.where(largest > 0, largest, 1)
    length = np.sqrt(np.square(scaled).sum(axis=1, keepdims=True))
    zero = length == 0
    return np.hstack((scaled / np.where(zero, 1, length), zero))


def _gram(rows: FloatArray, *, narrow: bool) -> FloatArray:
    """K, or the smaller matrix with the same eigenvalues other than 0."""
    return np.asarray(rows.T @ rows if narrow else rows @ rows.T)


def _rbf(rows: FloatArray, scale: float) -> FloatArray:
    if scale <= 0:
        return np.ones((len(rows), len(rows)))
    lengths = np.square(rows).sum(axis=1)
    squares = np.maximum(lengths[:, None] + lengths - 2 * (rows @ rows.T), 0)
    matrix = np.asarray(np.exp(-squares / (2 * scale * scale)))
    np.fill_diagonal(matrix, 1)
    return matrix


def _median_distance(rows: FloatArray, seed: int) -> float:
    draws = _stream(seed, _PAIRS).random_raw(2 * _DISTANCES) % np.uint64(len(rows))
    pairs = draws.astype(np.int64).reshape(2, -1)
    distances = np.sqrt(np.square(rows[pairs[0]] - rows[pairs[1]]).sum(axis=1))
    return float(np.median(distances[distances > 0])) if (distances > 0).any() else 0.0


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of a reference: made once, published, and then the same for every submission.

    project     (d, p) float64, applied first; None: features are used as they are
    middle      (p,) float64
    scale       (p,) float64: features are (x - middle) / scale
    centres     (k, p) float64
    radius      (k,) float64: holds 95 % of the reference rows of the cell
    weight      (k,) float64: share of the reference rows of the cell
    """

    project: FloatArray | None
    middle: FloatArray
    scale: FloatArray
    centres: FloatArray
    radius: FloatArray
    weight: FloatArray


def make_grid(reference: FloatArray, *, cells: int = 64, seed: int) -> Grid:
    """k-means cells (Lloyd 1982; seeded as Arthur and Vassilvitskii 2007) of at most 5,000 sampled rows.

    reference   (m, d) finite float64, m ≥ 1. More than 64 columns are projected on 64 random directions (Johnson and Lindenstrauss
                1984). Columns are scaled by median and quartiles

    Fewer different rows than cells give fewer cells. About 0.5 CPU-s for 5,000 × 64. ValueError for features that are not finite.
    """
    if reference.ndim != 2 or not reference.size or not np.isfinite(reference).all():
        raise ValueError("the reference must be a table of finite numbers with at least one row and one column")
    rows = reference[_sample(len(reference), GRID_ROWS, seed, _ROWS)]
    project = _projection(rows.shape[1], seed) if rows.shape[1] > _DIMENSIONS else None
    rows = rows if project is None else np.einsum("ij,jk->ik", rows, project)
    middle = np.median(rows, axis=0)
    quartiles = np.subtract(*np.quantile(rows, (0.75, 0.25), axis=0))
    scale = np.where(quartiles > 0, quartiles, np.where(rows.std(axis=0) > 0, rows.std(axis=0), 1))
    rows = (rows - middle) / scale
    centres = _first_centres(rows, cells, seed)
    for _ in range(_ROUNDS):
        cell, _distance = _nearest(rows, centres)
        size = np.bincount(cell, minlength=len(centres))
        sums = np.column_stack([np.bincount(cell, column, len(centres)) for column in rows.T])
        centres = np.where(size[:, None] > 0, sums / np.maximum(size, 1)[:, None], centres)
    cell, distance = _nearest(rows, centres)
    size = np.bincount(cell, minlength=len(centres))
    kept = np.flatnonzero(size)
    radius = np.array([np.quantile(distance[cell == place], _FARTHEST) for place in kept])
    return Grid(project, middle, scale, centres[kept], radius, size[kept] / len(rows))


@dataclass(frozen=True, slots=True)
class GridCoverage:
    """How much of a grid the rows reach.

    covered   share of the cells with enough rows
    weighted  the same, each cell with the share of the reference that it holds
    inside    share of the rows that lie within the radius of their cell
    counts    (k,) int64: rows within each cell
    """

    covered: Share
    weighted: float
    inside: Share
    counts: IntArray


def grid_coverage(
    grid: Grid, features: FloatArray, *, seed: int, least: int = 1, most_rows: int = 20_000
) -> GridCoverage:
    """Which cells of the reference hold at least `least` of the rows, (n, d) finite float64; a sample of at most `most_rows`.

    >>> reference = np.random.default_rng(0).normal(size=(2000, 2))
    >>> grid = make_grid(reference, cells=16, seed=0)
    >>> grid_coverage(grid, reference, seed=0).weighted
    1.0
    >>> grid_coverage(grid, reference[reference[:, 0] > 0], seed=0).weighted < 0.7
    True
    """
    rows = features[_sample(len(features), most_rows, seed, _ROWS)]
    if not np.isfinite(rows).all():
        raise ValueError("features must be finite")
    placed = (rows if grid.project is None else np.einsum("ij,jk->ik", rows, grid.project)) - grid.middle
    cell, distance = _nearest(placed / grid.scale, grid.centres)
    within = distance <= grid.radius[cell] * (1 + 1e-9) + 1e-12
    counts = np.bincount(cell[within], minlength=len(grid.centres))
    reached = counts >= least
    covered = share_of(int(reached.sum()), len(reached))
    inside = share_of(int(within.sum()), len(rows), population=len(features))
    return GridCoverage(covered, float(np.round(grid.weight[reached].sum(), 12)), inside, counts)


def _first_centres(rows: FloatArray, cells: int, seed: int) -> FloatArray:
    """k-means++: each next centre at random, by the square of the distance to those there are."""
    draws = _uniform(_stream(seed, _CENTRES), cells)
    chosen = [int(draws[0] * len(rows))]
    nearest = np.square(rows - rows[chosen[0]]).sum(axis=1)
    for draw in draws[1:]:
        total = np.cumsum(nearest)
        if total[-1] <= 0:
            break
        chosen.append(min(int(np.searchsorted(total, draw * total[-1], side="right")), len(rows) - 1))
        nearest = np.minimum(nearest, np.square(rows - rows[chosen[-1]]).sum(axis=1))
    return rows[chosen]


def _nearest(rows: FloatArray, centres: FloatArray) -> tuple[IntArray, FloatArray]:
    """(n,) the nearest centre and the distance to it. Without BLAS, whose last digits depend on the number of threads."""
    cell, distance = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows))
    own = np.square(centres).sum(axis=1)
    for part in _stretches(len(rows)):
        squares = own - 2 * np.einsum("ij,kj->ik", rows[part], centres)
        cell[part] = squares.argmin(axis=1)
        distance[part] = np.sqrt(np.square(rows[part] - centres[cell[part]]).sum(axis=1))
    return cell, distance


def _stretches(count: int) -> Iterator[slice]:
    for start in range(0, count, _TOGETHER):
        yield slice(start, start + _TOGETHER)


def _projection(columns: int, seed: int) -> FloatArray:
    """(d, 64) signs, which keep distances as well as normal numbers do (Achlioptas 2003)."""
    signs = _stream(seed, _PROJECTION).random_raw(columns * _DIMENSIONS) >> np.uint64(63)
    return np.asarray((signs.astype(np.float64).reshape(columns, _DIMENSIONS) * 2 - 1) / np.sqrt(_DIMENSIONS))


def _sample(count: int, most: int, seed: int, purpose: int) -> IntArray:
    """At most `most` of `count` rows, ascending."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.argsort(_stream(seed, purpose).random_raw(count), kind="stable")[:most])


def _uniform(stream: np.random.PCG64, count: int) -> FloatArray:
    return np.asarray((stream.random_raw(count) >> np.uint64(11)).astype(np.float64) / 2.0**53)


def _stream(seed: int, purpose: int) -> np.random.PCG64:
    return np.random.PCG64(np.random.SeedSequence([seed, purpose]))
