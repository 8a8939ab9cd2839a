"""Random draws that are the same on every machine, for every submission, for ever.

They depend on a seed and on the position of a row alone, never on data, so all submissions of a challenge are resampled
alike and can be compared in pairs. Only the raw 64-bit stream of PCG64 is used: NumPy promises never to change it (NEP 19),
which it does not promise for distributions.
"""

from functools import lru_cache
from math import exp, factorial
from typing import Final

import numpy as np
import numpy.typing as npt

_LANES: Final = 4  # 16-bit draws in one 64-bit draw
_BLOCKS, _WEIGHTS = 1, 2  # what a stream is for
HEAVIEST: Final = 8
_STARTS: Final = [  # the first of the 65536 equally likely draws that stands for 1, for 2, … for HEAVIEST
    np.uint16(round(65536 * sum(exp(-1) / factorial(count) for count in range(weight))))
    for weight in range(1, HEAVIEST + 1)
]

Float32Array = npt.NDArray[np.float32]


def blocks(length: int, count: int, seed: int) -> npt.NDArray[np.uint16]:
    """The block 0 … count - 1 of each of `length` rows, drawn independently. `count` is a power of two up to 65536."""
    drawn: npt.NDArray[np.uint16] = _lanes(_stream(seed, _BLOCKS), 1, length)[0] & np.uint16(count - 1)
    return drawn


@lru_cache(maxsize=4)  # a warm worker scores one submission after the other of a challenge; 2 MB each
def poisson_weights(samples: int, length: int, seed: int) -> npt.NDArray[np.uint8]:
    """How often each of `length` rows occurs in each bootstrap sample: (samples, length), read-only.

    Poisson(1) to the resolution of 16 bits: mean and variance are 1 to 1e-4, and no weight is above `HEAVIEST`.
    """
    lanes = _lanes(_stream(seed, _WEIGHTS), samples, length)
    weights = np.zeros(lanes.shape, dtype=np.uint8)
    for start in _STARTS:  # eight comparisons of 16-bit numbers are cheaper than a look-up in a table
        weights += lanes >= start
    weights.flags.writeable = False
    return weights


def _stream(seed: int, purpose: int) -> np.random.PCG64:
    return np.random.PCG64(np.random.SeedSequence([seed, purpose]))


def _lanes(stream: np.random.PCG64, rows: int, length: int) -> npt.NDArray[np.uint16]:
    """The next uint16 draws (rows, length); every row starts at a fresh 64-bit draw."""
    whole = -(-length // _LANES)
    raw = np.asarray(stream.random_raw(rows * whole), dtype="<u8")  # little-endian lanes everywhere
    return raw.view("<u2").reshape(rows, whole * _LANES)[:, :length]
