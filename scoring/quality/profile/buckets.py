"""A histogram of float64 that merges exactly and gives quantiles to a known relative error.

Buckets are stretches of neighbouring floats: all that share sign, exponent and the first bits of the mantissa, so that a
bucket is found by one shift of the bits and its width is at most 2^-bits of its values. (A DDSketch, Masson, Rim and Lee 2019,
arXiv:1908.10693, with its logarithm read off the float itself.) It begins with 16 bits; whenever more than `most` buckets
are in use every two neighbours are put together. How many bits remain follows from the values alone, since fewer values
never use more buckets, so order and shards do not matter.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.quality.profile.tally import IntArray, Tally, put_together
from scoring.quality.profile.workspace import Workspace

FloatArray = npt.NDArray[np.float64]

_MOST_BITS: Final = 16
_MANTISSA: Final = 52
_FIRST_LOOK: Final = 1 << 14
_MAGNITUDE: Final = np.int64(2**63 - 1)
_LARGEST: Final = (2047 << _MANTISSA) - 1
"""The place of the largest finite float64."""


class LogBuckets:
    """Counts of finite values by bucket.

    >>> buckets = LogBuckets()
    >>> buckets.add(np.array([1.0, 2.0, 3.0, 1000.0]))
    >>> buckets.middles().round(2).tolist(), buckets.counts.tolist()
    ([1.0, 2.0, 3.0, 1000.0], [1, 1, 1, 1])
    """

    def __init__(self, most: int = 4096) -> None:
        self._most = most
        self._tally = Tally("places")
        self.bits = _MOST_BITS
        """Bits of the mantissa that tell buckets apart: the relative error of a quantile is at most 2^-(bits + 1)."""

    @property
    def relative_error(self) -> float:
        """How far the middle of a bucket may be from its values, as a share of them."""
        return 0.5 ** (self.bits + 1) if self.bits >= 0 else 0.5 * 2.0 ** min(1000, 2**-self.bits)

    @property
    def size(self) -> int:
        """Buckets in use."""
        return len(self._tally)

    @property
    def keys(self) -> IntArray:
        """(b,) the buckets in use, ascending: the value's place among all floats, without its last bits."""
        return self._tally.keys

    @property
    def counts(self) -> IntArray:
        """(b,) values in each."""
        return self._tally.counts

    def add(self, values: FloatArray, room: Workspace | None = None, counts: IntArray | None = None) -> None:
        """Count finite float64 (n,) in which zeros are positive; with `counts` each so often, the values ascending."""
        if not len(values):
            return
        room = Workspace() if room is None else room
        if not self.size and len(values) > _FIRST_LOOK:
            self.bits = _bits_for(values[:_FIRST_LOOK], self._most, room)
        keys = _places(values, _MANTISSA - self.bits, room)
        if counts is not None:
            keys, counts = put_together(keys, counts)
        while len(keys):
            left = self._tally.add(keys, room, counts=counts, most=self._most)
            before = self.bits
            self._coarsen()
            keys = keys[left] >> (before - self.bits)
            if counts is not None:
                keys, counts = put_together(*_in_order(keys, counts[left]))

    def repeat(self, value: float, times: int) -> None:
        """Count a value that is there already more often, or less often but not never."""
        key = _places(np.array([value]), _MANTISSA - self.bits, Workspace())
        self._tally.include(key, np.array([times]))

    def holding(self, values: FloatArray) -> npt.NDArray[np.bool_]:
        """(n,) whether each value's bucket is in use."""
        if not (len(values) and self.size):
            return np.zeros(len(values), np.bool_)
        keys, used = _places(values, _MANTISSA - self.bits, Workspace()), self._tally.keys
        found: npt.NDArray[np.bool_] = used[np.searchsorted(used, keys).clip(max=len(used) - 1)] == keys
        return found

    def merge(self, other: "LogBuckets") -> None:
        bits = min(self.bits, other.bits)
        self._use(bits)
        self._tally.include(*put_together(other.keys >> (other.bits - bits), other.counts))
        self._coarsen()

    def middles(self) -> FloatArray:
        """(b,) the middle of each bucket in use."""
        return middles(self.keys, self.bits)

    def _coarsen(self) -> None:
        while len(self._tally) > self._most:
            self._use(self.bits - 1)

    def _use(self, bits: int) -> None:
        if bits < self.bits:
            self._tally.replace(self._tally.keys >> (self.bits - bits))
            self.bits = bits


def _places(values: FloatArray, shift: int, room: Workspace) -> IntArray:
    """(n,) whole numbers in the order of the values, without their last bits."""
    bits = values.view(np.int64)
    places = room.array("places", len(values), np.int64)
    if values.min() < 0:
        np.right_shift(bits, 63, out=places)  # -1 for negative values
        np.bitwise_and(places, _MAGNITUDE, out=places)
        bits = np.bitwise_xor(places, bits, out=places)
    return np.right_shift(bits, shift, out=places)


def _bits_for(values: FloatArray, most: int, room: Workspace) -> int:
    """With how many bits these values use no more than so many buckets: no fewer than all values together will have."""
    places = np.sort(_places(values, _MANTISSA - _MOST_BITS, room))
    for fewer in range(64 - _MANTISSA + _MOST_BITS):
        keys = places >> fewer
        if np.count_nonzero(keys[1:] != keys[:-1]) < most:
            return _MOST_BITS - fewer
    raise AssertionError("without any bits there is one bucket")


def _in_order(keys: IntArray, counts: IntArray) -> tuple[IntArray, IntArray]:
    order = np.argsort(keys, kind="stable")
    return keys[order], counts[order]


def edges(keys: IntArray, bits: int) -> tuple[FloatArray, FloatArray]:
    """The smallest and the largest float64 (b,) of each bucket."""
    shift = _MANTISSA - bits
    low, high = keys << shift, (keys << shift) | ((1 << shift) - 1)
    high[high == -1] = -2  # -0.0, which no value is, gives way to the one before
    return _values(low.clip(-_LARGEST - 1)), _values(high.clip(max=_LARGEST))


def middles(keys: IntArray, bits: int) -> FloatArray:
    """(b,) between the two ends of each bucket; 0 for the one that begins with 0."""
    low, high = edges(keys, bits)
    return np.where(keys == 0, 0.0, low / 2 + high / 2)


def _values(places: IntArray) -> FloatArray:
    return (places ^ ((places >> 63) & _MAGNITUDE)).view(np.float64)
