"""What a board shows: the rows and lines that the macro ``board`` of ``templates/ui/board.html`` draws."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from leaderboard.ui.charts import Axis, Direction, Rail
from leaderboard.ui.paging import Sort

Zone = Literal["", "advance", "gold", "silver", "bronze"]


@dataclass(frozen=True)
class Column:
    """A column of scores; the first of a board ranks and has the rail. ``title`` is in the reader's language."""

    key: str
    title: str
    digits: int
    direction: Direction


@dataclass(frozen=True)
class Row:
    """A team or a baseline. ``best`` and ``worst`` are the ends of its rank range, ``move`` places gained (+) or lost (−).

    ``place`` is ``None`` for baselines and for teams without a valid score; ``note`` then says why.
    """

    kind: ClassVar[str] = "row"
    team: str
    scores: tuple[float | None, ...]
    path: str | None = None
    place: int | None = None
    shared: bool = False
    best: int | None = None
    worst: int | None = None
    rail: Rail | None = None
    low: float | None = None
    high: float | None = None
    move: int | None = None
    new: bool = False
    entries: int | None = None
    latest: datetime | None = None
    mine: bool = False
    baseline: bool = False
    zone: Zone = ""
    prize: str = ""
    note: str = ""


@dataclass(frozen=True)
class Divider:
    """A labelled line between rows, such as a cut: a bold head and a sentence on whether the order there is settled."""

    kind: ClassVar[str] = "divider"
    title: str
    text: str = ""
    zone: Zone = "advance"


@dataclass(frozen=True)
class Board:
    """A whole table. ``sortable`` names the columns whose headers are links: place, team, move, entries, latest, keys."""

    columns: tuple[Column, ...]
    axis: Axis | None
    rows: tuple[Row | Divider, ...]
    sort: Sort = Sort("place")  # noqa: RUF009 - frozen
    sortable: frozenset[str] = frozenset()
    move_days: int = 7
