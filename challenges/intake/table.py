"""What readers of every format hand over: a table's column names, and its rows in blocks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from challenges.intake.columns import Layout
from challenges.intake.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows in a row, `size` of them, the first being row number `start` of the data, from 0.

    `cells` maps the names asked for to the cells of the rows at the places `whole` (None: all rows); rows that are not whole
    have been reported, but `ids` holds the id cell of every row (null where there is none). `lines` are the lines of the file
    on which the rows begin, from 1.
    """

    start: int
    size: int
    ids: pl.Series | None
    cells: Mapping[str, pl.Series]
    whole: NDArray[np.int64] | None = None
    lines: NDArray[np.int64] | None = None


class Sheet(Protocol):
    """An opened table.

    `blocks` yields at most `most_rows` rows and raises `Unreadable` at the first thing that makes the rest unreadable;
    `swift` gives all rows as one block, typed, when the file is free of any doubt, and None otherwise.
    """

    names: tuple[str, ...]

    def swift(self, layout: Layout, most_rows: int) -> Block | None: ...

    def blocks(self, layout: Layout, most_rows: int, ledger: Ledger) -> Iterator[Block]: ...
