"""Values that are decimal numbers of few digits, as most files hold them, are cells of a grid: counted, they need no sorting."""

from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.sorting import STRETCH, FloatArray

CodeArray = npt.NDArray[np.int64]

LEAST_ROWS: Final = 1 << 17
"""With fewer rows a sort in the cache is as fast."""
MOST_CELLS: Final = 4
"""Cells for each row up to which counting is faster than sorting."""
_DIGITS: Final = 9
_TRIED: Final = 256


def cells(values: FloatArray) -> tuple[CodeArray, int] | None:
    """The cell of each value on the coarsest decimal grid that holds all of them exactly, and how many cells there are.

    values   (n,) finite float64

    Cells count from 0 and rise with the values; equal values (also 0.0 and -0.0) share one, different values never do. None
    where there is no such grid, it has more than `MOST_CELLS` cells a row, or rows are too few to gain anything.

    >>> cells(np.tile([0.25, 0.5, 0.27], 60_000))[0][:3].tolist()
    [0, 25, 2]
    """
    if len(values) < LEAST_ROWS:
        return None
    low, high = float(values.min()), float(values.max())
    scale = next((10**digits for digits in range(_DIGITS + 1) if _fits(values[:_TRIED], 10**digits)), 0)
    count = (high - low) * scale + 1
    if not scale or max(-low, high) * scale > 2**52 or count > MOST_CELLS * len(values):
        return None
    codes = np.empty(len(values), np.int64)
    first = np.rint(low * scale)
    for start in range(0, len(values), STRETCH):
        part = values[start : start + STRETCH]
        whole = np.rint(part * scale)
        if (whole / scale != part).any():
            return None
        codes[start : start + STRETCH] = whole - first
    return codes, int(np.rint(high * scale) - first) + 1


def _fits(values: FloatArray, scale: int) -> bool:
    """Whether each value is the float64 nearest to some whole number over `scale`: what reading its decimals gives."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool((np.rint(values * scale) / scale == values).all())
