"""Which rows belong together, whoever found it out."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from scoring.sorting import BoolArray, IntArray


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows in groups; a row that is like no other is a group by itself.

    first   (n,) int64: the first row of each row's group, which represents it. Rows are counted from 0.

    >>> groups = Groups.of(np.array([7, 3, 7, 7, 5]))
    >>> groups.first.tolist(), groups.copies, groups.rate
    ([0, 1, 0, 0, 4], 2, 0.4)
    """

    first: IntArray

    @classmethod
    def of(cls, labels: npt.NDArray[np.integer]) -> Self:
        """Rows with the same label (n,) are a group."""
        _, first, group = np.unique(labels, return_index=True, return_inverse=True)
        return cls(first.astype(np.int64)[group])

    @property
    def rows(self) -> int:
        return len(self.first)

    @property
    def kept(self) -> BoolArray:
        """(n,) bool: the rows that remain when every group keeps its first."""
        kept: BoolArray = self.first == np.arange(self.rows)
        return kept

    @property
    def distinct(self) -> int:
        """Groups, rows by themselves included."""
        return int(np.count_nonzero(self.kept))

    @property
    def copies(self) -> int:
        """Rows that are not kept."""
        return self.rows - self.distinct

    @property
    def rate(self) -> float:
        """The share of rows that are not kept: copies / rows = 1 - distinct / N, 0 … 1; 0 where there are no rows."""
        return self.copies / self.rows if self.rows else 0.0

    @property
    def sizes(self) -> IntArray:
        """(n,) int64: how many rows each row's group has."""
        sizes: IntArray = np.bincount(self.first, minlength=self.rows)[self.first] if self.rows else self.first
        return sizes

    def largest(self, count: int) -> list[tuple[int, int]]:
        """(first row, rows) of the `count` largest groups of at least two; the earlier of two equal ones comes first.

        >>> Groups.of(np.array([7, 3, 7, 3, 7, 5])).largest(5)
        [(0, 3), (1, 2)]
        """
        starts = np.flatnonzero(self.kept)
        sizes = self.sizes[starts]
        order = np.argsort(-sizes, kind="stable")[:count]
        return [(int(starts[place]), int(sizes[place])) for place in order if sizes[place] > 1]
