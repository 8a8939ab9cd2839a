"""The gap report: what was asked for and not found, by sector and kind of data, for everybody.

Demands that are not public are in it only where those of `service.CROWD` organizations meet in one cell, and then in fives: nobody
learns from it that somebody asked. A demand with several sectors or kinds of data is in each of their cells.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final

from sqlmodel import col

from challenges.facets import MODALITIES, SECTORS
from leaderboard.accounts.actor import Actor
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.demands import service
from leaderboard.exchange.demands.listing import rounded
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.demands.states import REASONS
from leaderboard.exchange.matching.constraints import CONSTRAINTS
from leaderboard.seasons.signals import Phrase

ANY: Final = "any"
"""The demand says nothing here."""
HEATS: Final = 4


@dataclass(frozen=True)
class Cell:
    """How many demands ended unmet, at least, and what was missing most often; ``heat`` from 1 to 4 against the fullest cell."""

    sector: str
    modality: str
    count: int
    missing: Phrase | None
    heat: int


@dataclass(frozen=True)
class GapPage:
    """The cells that may be shown, and the rows and columns that have any, in the order of the word lists."""

    cells: Mapping[tuple[str, str], Cell]
    sectors: tuple[tuple[str, Phrase], ...]
    modalities: tuple[tuple[str, Phrase], ...]
    crowd: int = service.CROWD


@dataclass
class _Found:
    public: list[DemandRow] = field(default_factory=list)
    hidden: list[DemandRow] = field(default_factory=list)

    def counted(self) -> list[DemandRow]:
        return self.public + (self.hidden if self.crowded else [])

    @property
    def crowded(self) -> bool:
        return len({row.organization_id for row in self.hidden}) >= service.CROWD

    @property
    def count(self) -> int:
        return len(self.public) + (rounded(len(self.hidden)) if self.crowded else 0)


def gaps(work: Work, actor: Actor) -> GapPage:
    """The report over everything that was open once and ended unmet or expired."""
    actor.demand("exchange.read")
    found: defaultdict[tuple[str, str], _Found] = defaultdict(_Found)
    for row, sectors, modalities in _ended(work):
        for cell in product(sectors, modalities):
            (found[cell].public if row.visibility == "public" else found[cell].hidden).append(row)
    most = max((one.count for one in found.values()), default=1) or 1
    cells = {
        key: Cell(*key, one.count, _missing(one.counted()), -(-HEATS * one.count // most))
        for key, one in found.items()
        if one.count
    }
    return GapPage(cells, _axis(SECTORS, {key[0] for key in cells}), _axis(MODALITIES, {key[1] for key in cells}))


def _ended(work: Work) -> Iterator[tuple[DemandRow, Sequence[str], Sequence[str]]]:
    ended = service.rows_of(work, col(DemandRow.state).in_(("unmet", "expired")), col(DemandRow.opened_at).is_not(None))
    for row, _, need in ended:
        yield row, need.document.sectors or (ANY,), need.document.modalities or (ANY,)


def _axis(names: Mapping[str, str], used: set[str]) -> tuple[tuple[str, Phrase], ...]:
    known = {**names, ANY: N_("Not said")}
    return tuple((key, Phrase(label)) for key, label in known.items() if key in used)


def _missing(rows: Sequence[DemandRow]) -> Phrase | None:
    """What most of them lacked; of two that are as common, the first by name. What the run found counts, else what was said."""
    said = Counter(label for row in rows if (label := _label(row)) is not None)
    return Phrase(min(said, key=lambda label: (-said[label], label))) if said else None


def _label(row: DemandRow) -> str | None:
    if not row.missing:
        return REASONS.get(row.outcome)
    first = row.missing[0].partition(".")[0]
    return CONSTRAINTS[first].title if first in CONSTRAINTS else N_("Quality floors") if first == "floor" else None


HEADER: Final = ("sector", "modality", "count", "missing")


def table(page: GapPage, locale: str) -> tuple[Sequence[str], list[Sequence[object]]]:
    """The report as a table: header and rows."""
    return HEADER, [
        (cell.sector, cell.modality, cell.count, cell.missing.said(locale) if cell.missing else "")
        for cell in in_order(page)
    ]


def in_order(page: GapPage) -> Iterator[Cell]:
    """Its cells, row by row."""
    for (sector, _), (modality, _) in product(page.sectors, page.modalities):
        if (sector, modality) in page.cells:
            yield page.cells[sector, modality]
