"""Official places: who stands where, and who shares a place.

Scores are compared as they are shown, at their declared digits, so two rows that look alike are tied and two that are
tied look alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from itertools import groupby
from math import inf, isfinite
from typing import Final, Literal

_EXACT: Final = Context(prec=400, rounding=ROUND_HALF_EVEN)  # room for every float64, whatever the digits
_STEPS: Final = [Decimal((0, (1,), -digits)) for digits in range(31)]


@dataclass(frozen=True, slots=True)
class Column:
    """A column that decides places: "max" or "min" is better; `digits` after the point count, None compares exactly."""

    key: str
    direction: Literal["max", "min"]
    digits: int | None


EARLIEST: Final = Column("earliest", "min", None)
"""The tie-break by time: the table's column "earliest" holds a number that grows with time."""


def rounded(value: float, digits: int) -> float:
    """`value` as it is shown: rounded to `digits` after the point, from its shortest decimal form, half to even.

    This is the one rounding of the house: `f"{rounded(v, d):.{d}f}"` is what is shown and `rounded(v, d)` is what is tied
    on. Never -0.0. NaN and infinities come back as they are. ValueError for digits outside 0 to 30.

    >>> rounded(0.125, 2), rounded(2.675, 2), round(2.675, 2)
    (0.12, 2.68, 2.67)
    >>> rounded(-0.0001, 3)
    0.0
    """
    if not 0 <= digits < len(_STEPS):
        raise ValueError(f"digits is {digits}; it goes from 0 to {len(_STEPS) - 1}")
    if not isfinite(value):
        return value
    return (
        float(Decimal(repr(float(value))).quantize(_STEPS[digits], context=_EXACT)) + 0.0
    )  # + 0.0 turns -0.0 into 0.0


def place(table: Mapping[str, Sequence[float | None]], columns: Sequence[Column]) -> list[int]:
    """Places 1-2-2-4, one for each row of the table.

    table     column key → n values; None, NaN and infinities are invalid
    columns   the ranking column, then the tie-breaks in order; rows equal in all of them share a place

    A row whose ranking value is invalid shares the last place with its like, whatever its tie-breaks. In a tie-break an
    invalid value comes after every valid one. ValueError if a column is missing or columns differ in length.

    >>> auc, loss = Column("auc", "max", 3), Column("loss", "min", 2)
    >>> table = {"auc": [0.7101, 0.7099, None, 0.9], "loss": [0.3, 0.4, 0.1, 0.5], "earliest": [9, 8, 7, 6]}
    >>> place(table, [auc])
    [2, 2, 4, 1]
    >>> place(table, [auc, loss, EARLIEST])
    [2, 3, 4, 1]
    """
    if not columns:
        raise ValueError("places need at least one column")
    missing = [column.key for column in columns if column.key not in table]
    if missing:
        raise ValueError(f"the table has no column {', '.join(missing)}")
    keys = [[_key(value, column) for value in table[column.key]] for column in columns]
    if len({len(values) for values in keys}) > 1:
        raise ValueError("the columns of the table differ in length")
    rows = [row if row[0] < inf else (inf,) for row in zip(*keys, strict=True)]
    places = [0] * len(rows)
    above = 0
    for _, tied in groupby(sorted(range(len(rows)), key=rows.__getitem__), key=rows.__getitem__):
        members = list(tied)
        for member in members:
            places[member] = above + 1
        above += len(members)
    return places


def _key(value: float | None, column: Column) -> float:
    """Smaller is better; invalid is infinite."""
    if value is None or not isfinite(value):
        return inf
    shown = value if column.digits is None else rounded(value, column.digits)
    return shown if column.direction == "min" else -shown
