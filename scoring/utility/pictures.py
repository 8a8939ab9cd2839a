"""Images as principal components of their pixels, fitted on the reference."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.utility.refusals import Refused
from scoring.utility.rows import hash_vectors, lowest

COMPONENTS: Final = 64
_MOST_VALUES: Final = 1024  # of an image; larger ones are averaged over neighbouring values
_MOST_PIXELS: Final = 1 << 22
_FITTED_ON: Final = 5000  # rows
_BLOCK: Final = 2000  # rows

Floats = npt.NDArray[np.float32]


def pixels(column: pl.Series, width: int | None = None) -> Floats:
    """(n, width) float32; what is not a finite number is 0. Refused: not a list of `width` numbers in every row."""
    dtype: Any = column.dtype
    if not isinstance(dtype, (pl.List, pl.Array)) or not dtype.inner.is_numeric():
        raise Refused("utility.unlike_images", column=column.name, width=width or 0)
    lengths = column.arr.len() if isinstance(dtype, pl.Array) else column.list.len()
    width = int(lengths.drop_nulls().head(1).sum()) if width is None else width
    if not 0 < width <= _MOST_PIXELS or column.null_count() or bool((lengths != width).any()):
        raise Refused("utility.unlike_images", column=column.name, width=width)
    flat = column.explode().cast(pl.Float32).fill_null(0).to_numpy().reshape(len(column), width)
    return np.asarray(np.nan_to_num(flat, nan=0.0, posinf=0.0, neginf=0.0).clip(-1e9, 1e9), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Pictures:
    """How images of `width` values become components: averaged over `step` neighbours, centred, turned, scaled."""

    width: int
    step: int
    mean: npt.NDArray[np.float64]
    turn: npt.NDArray[np.float64]

    @classmethod
    def fitted(cls, column: pl.Series) -> "Pictures":
        """Fitted on a reference (at most 5,000 of its rows), each component with variance one there."""
        values = pixels(column)
        values = values[lowest(hash_vectors(values), _FITTED_ON)]
        width = values.shape[1]
        step = -(-width // _MOST_VALUES)
        small = _averaged(values, step)
        mean = small.mean(axis=0)
        small -= mean
        variances, directions = np.linalg.eigh(small.T @ small / max(len(small), 1))
        kept = np.argsort(-variances, kind="stable")[: min(COMPONENTS, len(small) - 1)]
        kept = kept[variances[kept] > 1e-9 * max(variances.max(), 1e-300)]
        turn = directions[:, kept]
        turn = turn * np.where(
            turn[np.abs(turn).argmax(axis=0), np.arange(len(kept))] < 0, -1, 1
        )  # one sign everywhere
        return cls(width, step, mean, turn / np.sqrt(variances[kept]))

    def components(self, values: Floats) -> npt.NDArray[np.float64]:
        """(n, p) float64."""
        blocks = (values[start : start + _BLOCK] for start in range(0, len(values), _BLOCK))
        found = [(_averaged(block, self.step) - self.mean) @ self.turn for block in blocks]
        return np.vstack(found) if found else np.empty((0, self.turn.shape[1]))


def _averaged(values: Floats, step: int) -> npt.NDArray[np.float64]:
    starts = np.arange(0, values.shape[1], step)
    counts = np.diff(np.append(starts, values.shape[1]))
    return np.asarray(np.add.reduceat(values, starts, axis=1, dtype=np.float64) / counts)
