"""Prepared arrays, read from disk: small ones whole, large ones mapped, so that a warm scorer touches only what it needs."""

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SMALL: Final = 1 << 20
"""Bytes below which reading a file is cheaper than mapping it."""


def stored(path: Path) -> NDArray[Any]:
    """The array in a .npy file, not to be written to. Pickled objects are refused with ValueError."""
    large = path.stat().st_size > SMALL
    array: NDArray[Any] = np.load(path, mmap_mode="r" if large else None, allow_pickle=False)
    return np.asarray(array)  # a plain view: arithmetic on the mapped kind drags its class along
