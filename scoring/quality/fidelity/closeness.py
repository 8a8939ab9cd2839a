"""How close synthetic rows come to real ones: copies, and distances to the closest record.

Rows that are copied, or that lie nearer to real rows than real rows do to each other, give real people away, and are no new data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.columns import as_numbers, as_texts
from scoring.quality.shares import Share, share_of

MOST_SYNTHETIC: Final = 2000
MOST_REAL: Final = 10_000
MOST_CATEGORIES: Final = 50  # of one column; the rest are one category
QUANTILES: Final = (0.01, 0.05, 0.25, 0.5, 0.75)
_TOGETHER: Final = 500  # rows compared with all real rows at once: 40 MB

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Closeness:
    """Distances of synthetic rows to real ones.

    copied        share of all synthetic rows that are equal to a real row in every column compared
    copies        (n,) bool: those rows
    distances     quantiles 1, 5, 25, 50 and 75 % of the distance from a synthetic row to the closest real one
    usual         the same from a real row to the closest other real one
    too_close     share of the sampled synthetic rows that are closer to a real row than 99 % of the real rows are to each other; by
                  chance 1 %
    ratio         median over rows of closest / second closest distance: near 0 for rows that single out one real row, near 1
                  otherwise; NaN where no distance is positive
    """

    copied: Share
    copies: BoolArray
    distances: tuple[float, ...]
    usual: tuple[float, ...]
    too_close: Share
    ratio: float


def closeness(
    real: pl.DataFrame, synthetic: pl.DataFrame, columns: Sequence[str] | None = None, *, seed: int
) -> Closeness:
    """Compare the rows of two tables; copies in all rows, distances in seeded samples of 2,000 synthetic and 10,000 real rows.

    columns   to compare; None: all columns of `real`. Leave out numbers of rows and keys

    Distance: root of the mean over columns of the squared difference, of numbers over their range between the 1 % and the 99 %
    quantile of `real` (at most 1), of categories and missing values 1 or 0. With so many real rows the closest of the sample is
    farther than the closest of all, on both sides of the comparison alike. About 1.5 CPU-s for 17 columns. ValueError for missing
    columns and tables of fewer than one synthetic or three real rows.

    >>> real = pl.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": ["x", "x", "y", "y"]})
    >>> found = closeness(real, pl.DataFrame({"a": [2.0, 2.5], "b": ["x", "y"]}), seed=0)
    >>> found.copied.count, found.copies.tolist(), found.distances[0] < found.usual[0]
    (1, [True, False], True)
    """
    names = list(columns if columns is not None else real.columns)
    if missing := sorted(set(names) - (set(real.columns) & set(synthetic.columns))):
        raise ValueError(f"both tables need the columns {', '.join(missing)}")
    if not names or real.height < 3 or not synthetic.height:
        raise ValueError("distances need a column, three real rows and one synthetic row")
    copies = _copies(real.select(names), synthetic.select(names))
    rows = real[_sample(real.height, MOST_REAL, seed)]
    asked = synthetic[_sample(synthetic.height, MOST_SYNTHETIC, seed + 1)]
    place_real, place_asked = _placed(rows, asked, names)
    others = _sample(rows.height, MOST_SYNTHETIC, seed + 2)
    nearest = _two_nearest(place_asked, place_real, None)
    usual = _two_nearest(place_real[others], place_real, others)[:, 0]
    bound = float(np.quantile(usual, 0.01))
    close = int(np.count_nonzero((nearest[:, 0] < bound) | (nearest[:, 0] == 0)))
    positive = nearest[:, 1] > 0
    ratio = float(np.median(nearest[positive, 0] / nearest[positive, 1])) if positive.any() else float("nan")
    return Closeness(
        share_of(int(copies.sum()), len(copies)),
        copies,
        tuple(float(value) for value in np.quantile(nearest[:, 0], QUANTILES)),
        tuple(float(value) for value in np.quantile(usual, QUANTILES)),
        share_of(close, asked.height, population=synthetic.height),
        ratio,
    )


def _copies(real: pl.DataFrame, synthetic: pl.DataFrame) -> BoolArray:
    """Which synthetic rows are equal to a real one, whatever the types: 1, 1.0 and "1" are equal."""
    texts = []
    for table in (real, synthetic):
        numbers = [name for name, kind in table.schema.items() if kind.is_numeric()]
        plain = table.with_columns(pl.col(numbers).cast(pl.Float64) + 0.0) if numbers else table
        texts.append(pl.DataFrame([as_texts(column) for column in plain]))
    names = real.columns
    known = texts[0].unique().with_columns(pl.lit(value=True).alias("\0known"))
    joined = texts[1].join(known, on=names, how="left", nulls_equal=True, maintain_order="left")
    return joined["\0known"].fill_null(value=False).to_numpy()


def _placed(real: pl.DataFrame, synthetic: pl.DataFrame, names: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Both tables as points, whose Euclidean distance is the distance of the rows."""
    parts: tuple[list[FloatArray], list[FloatArray]] = ([], [])
    for name in names:
        sides = (real[name], synthetic[name])
        if all(side.dtype.is_numeric() or side.dtype.is_temporal() for side in sides):
            for part, column in zip(parts, _numbers(*sides), strict=True):
                part.append(column)
        else:
            for part, column in zip(parts, _categories(*sides), strict=True):
                part.append(column)
    width = float(np.sqrt(len(names)))
    return np.hstack(parts[0]) / width, np.hstack(parts[1]) / width


def _numbers(real: pl.Series, synthetic: pl.Series) -> list[FloatArray]:
    """Two columns: the number, and whether it is missing."""
    one, two = (as_numbers(side) for side in (real, synthetic))
    known = one[np.isfinite(one)]
    low, high = np.quantile(known, (0.01, 0.99)) if len(known) else (0.0, 1.0)
    width = high - low if high > low else 1.0
    found = []
    for side in (one, two):
        missing = ~np.isfinite(side)
        scaled = np.where(missing, 0.5, np.clip((side - low) / width, -0.5, 1.5))
        found.append(np.column_stack((scaled, missing)))
    return found


def _categories(real: pl.Series, synthetic: pl.Series) -> list[FloatArray]:
    """One column for each category, at √½, so that two different ones are 1 apart."""
    one, two = (as_texts(side).fill_null("\0missing").alias("text") for side in (real, synthetic))
    counts = one.value_counts(name="rows").sort("rows", "text", descending=[True, False])
    kept = counts["text"].head(MOST_CATEGORIES)
    table = pl.DataFrame({"text": kept, "code": np.arange(len(kept))})
    found = []
    for side in (one, two):
        codes = side.to_frame().join(table, on="text", how="left", maintain_order="left")["code"]
        place = np.zeros((len(side), len(kept) + 1))
        place[np.arange(len(side)), codes.fill_null(len(kept)).to_numpy()] = np.sqrt(0.5)
        found.append(place)
    return found


def _two_nearest(asked: FloatArray, real: FloatArray, own: npt.NDArray[np.int64] | None) -> FloatArray:
    """(n, 2) distances to the closest and the second closest real row; `own`: the real row that each asked row is itself.

    Rounded to 1e-7: distances from a matrix product are not surer than that, and a copy shall be at distance 0.
    """
    found: FloatArray = np.zeros((len(asked), 2))
    lengths = np.square(real).sum(axis=1)
    for start in range(0, len(asked), _TOGETHER):
        part = asked[start : start + _TOGETHER]
        squares = lengths - 2 * (part @ real.T) + np.square(part).sum(axis=1)[:, None]
        if own is not None:
            squares[np.arange(len(part)), own[start : start + _TOGETHER]] = np.inf
        found[start : start + _TOGETHER] = np.partition(squares, 1, axis=1)[:, :2]
    found[found < 1e-12] = 0
    return np.asarray(np.round(np.sqrt(found), 7), dtype=np.float64)


def _sample(count: int, most: int, seed: int) -> npt.NDArray[np.int64]:
    if count <= most:
        return np.arange(count)
    return np.sort(np.argsort(np.random.PCG64(seed).random_raw(count), kind="stable")[:most])
