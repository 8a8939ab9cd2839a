"""Rows by class, and by class and stratum."""

from typing import Final

import polars as pl

from scoring.quality.profile.settings import Settings
from scoring.quality.profile.values import LONGEST_TEXT

MOST_CLASSES: Final = 10_000
"""Pairs of class and stratum; a label column with more holds no classes."""

Pair = tuple[str | None, str | None]


class ClassCounts:
    """Exact counts of the classes of the label column alone, and with each declared stratum column.

    Classes and strata are the texts of their cells, shortened to 80 characters; None where the cell is missing. Once there
    are more than 10,000 pairs nothing is counted: whether that happens follows from the rows, not from their order.
    """

    def __init__(self, settings: Settings) -> None:
        self._label = None if settings.label is None else settings.names.index(settings.label)
        self._strata = [settings.names.index(name) for name in settings.strata]
        self.classes: dict[Pair, int] | None = {}
        self.strata: list[dict[Pair, int] | None] = [{} for _ in settings.strata]

    def add(self, frame: pl.DataFrame) -> None:
        """A block whose columns are named by position."""
        if self._label is not None:
            self.classes = _together(self.classes, _pairs(frame, self._label, None))
            self.strata = [
                _together(so_far, _pairs(frame, self._label, stratum))
                for so_far, stratum in zip(self.strata, self._strata, strict=True)
            ]

    def merge(self, other: "ClassCounts") -> None:
        self.classes = _together(self.classes, other.classes)
        self.strata = [_together(one, two) for one, two in zip(self.strata, other.strata, strict=True)]


def _pairs(frame: pl.DataFrame, label: int, stratum: int | None) -> dict[Pair, int]:
    said = pl.col(str(label)).cast(pl.String).str.head(LONGEST_TEXT)
    beside = pl.lit(None, pl.String) if stratum is None else pl.col(str(stratum)).cast(pl.String).str.head(LONGEST_TEXT)
    found = frame.select(said.alias("label"), beside.alias("stratum")).group_by("label", "stratum").len()
    return {(one, two): count for one, two, count in found.rows()}


def _together(one: dict[Pair, int] | None, two: dict[Pair, int] | None) -> dict[Pair, int] | None:
    if one is None or two is None:
        return None
    both = dict(one)
    for pair, count in two.items():
        both[pair] = both.get(pair, 0) + count
    return both if len(both) <= MOST_CLASSES else None
