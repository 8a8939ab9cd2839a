"""What decides a place, as numbers that a database can sort: less is better on every board.

``weakness`` is the ranking score, rounded to its declared digits and negated where higher is better. ``tiebreak`` is the
declared chain after it, as one text whose order is the chain's order. Rows equal in both share a place, exactly as
:func:`scoring.place` says; the board is recomputed with it by ``jiebang rebuild --check``.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite

from scoring import EARLIEST, Column, rounded


def column_key(task: str, key: str) -> str:
    """A score's name among all of a submission's, as in ``board.ties``: ``auc``, or ``north/auc`` where there are tasks."""
    return f"{task}/{key}" if task else key


_WORST = "f" * 16  # an invalid tie-break comes after every valid one
BUCKET_SHIFT = 42
"""Sign, exponent and ten bits of mantissa name a bucket: 1,024 slices in each doubling of a score."""


@dataclass(frozen=True, slots=True)
class Order:
    """How one phase's board is sorted: the ranking column, then the chain (which may hold ``earliest``)."""

    ranking: Column
    chain: tuple[Column, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        return (self.ranking, *self.chain)

    def weakness(self, value: float) -> float:
        """The sort number of a ranking score; finite in, finite out, never -0.0."""
        shown = value if self.ranking.digits is None else rounded(value, self.ranking.digits)
        return (shown if self.ranking.direction == "min" else -shown) + 0.0

    def tiebreak(self, values: Mapping[str, float], handed_in: datetime) -> str:
        """The sort text of the chain: 16 hex digits a link."""
        return "".join(
            sortable(handed_in.timestamp()) if column == EARLIEST else _link(column, values.get(column.key))
            for column in self.chain
        )

    @classmethod
    def of(cls, ranking: Column, ties: Sequence[str], columns: Mapping[str, Column]) -> "Order":
        return cls(ranking, tuple(EARLIEST if key == EARLIEST.key else columns[key] for key in ties))


def _link(column: Column, value: float | None) -> str:
    if value is None or not isfinite(value):
        return _WORST
    shown = value if column.digits is None else rounded(value, column.digits)
    return sortable(shown if column.direction == "min" else -shown)


def _ordered_bits(value: float) -> int:
    """A whole number of 64 bits that grows with ``value`` (IEEE 754: flip all bits of negatives, the sign of others)."""
    bits = int(struct.unpack(">Q", struct.pack(">d", value + 0.0))[0])
    return bits ^ 0xFFFFFFFFFFFFFFFF if bits >> 63 else bits | 1 << 63


def sortable(value: float) -> str:
    """Sixteen hex digits whose text order is the number order.

    >>> sorted([2.5, -1.0, 0.0, -3.0], key=sortable)
    [-3.0, -1.0, 0.0, 2.5]
    """
    return f"{_ordered_bits(value):016x}"


def bucket(weakness: float) -> int:
    """The slice of the scale that ``weakness`` falls into; grows with it, below 2**22."""
    return _ordered_bits(weakness) >> BUCKET_SHIFT


def first_of(slice_: int) -> float:
    """The least weakness of a slice: the other way round from :func:`bucket`.

    >>> first_of(bucket(0.75)) <= 0.75, bucket(first_of(bucket(-0.7123))) == bucket(-0.7123)
    (True, True)
    """
    ordered = slice_ << BUCKET_SHIFT
    bits = ordered ^ (1 << 63) if ordered >> 63 else ordered ^ 0xFFFFFFFFFFFFFFFF
    return float(struct.unpack(">d", struct.pack(">Q", bits))[0])
