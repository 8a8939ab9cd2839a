"""What happened in the loop, as plain facts, and how it is counted by sector and period. No database.

Demands and deals are their owners' business, so they are counted in threes, rounded down: neither a sector against all of them
nor a quarter against its year tells of a single one.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

SMALL: Final = 3
"""Counts of private things below this are not told, the others as multiples of it."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One demand, challenge, dataset, listing or deal, at the instant from which it counts.

    ``sources``: the things that it came from, as (kind, id).
    """

    kind: str
    id: int
    at: datetime
    sectors: tuple[str, ...]
    sources: tuple[tuple[str, int], ...] = ()
    marks: frozenset[str] = frozenset()


class Count(NamedTuple):
    """How many; ``small``: there are some, fewer than `SMALL`, and the number is not told."""

    number: int
    small: bool = False

    @property
    def told(self) -> int | None:
        """The number, None where it is not told."""
        return None if self.small else self.number


class Measure(NamedTuple):
    """One figure of the loop: which things it counts, and whether few of them are hidden."""

    key: str
    kind: str
    mark: str | None
    private: bool


MEASURES: Final[Sequence[Measure]] = (
    Measure("demands", "demand", None, True),
    Measure("demands_matched", "demand", "matched", True),
    Measure("demands_proposed", "demand", "proposed", True),
    Measure("demands_at_events", "demand", "event", True),
    Measure("challenges", "challenge", None, False),
    Measure("datasets", "dataset", None, False),
    Measure("datasets_measured", "dataset", "measured", False),
    Measure("listings", "listing", None, False),
    Measure("deals_begun", "deal", None, True),
    Measure("deals_agreed", "deal", "agreed", True),
    Measure("deals_settled", "deal", "settled", True),
    Measure("demands_met", "demand", "met", True),
)
STAGES: Final = ("demands", "challenges", "datasets", "listings", "deals_begun")
"""Those that the flow is drawn between."""


@dataclass(frozen=True)
class Loop:
    """``figures``: count by measure; ``flows``: (from stage, to stage) → how many of the latter came from the former."""

    figures: Mapping[str, Count]
    flows: Mapping[tuple[str, str], Count]
    by_sector: Mapping[str, Mapping[str, Count]] = field(default_factory=dict)


def counted(things: Sequence[Thing], *, sector: str = "", within: Callable[[datetime], bool] = lambda _: True) -> Loop:
    """The loop of one sector ("" for all) and of the things whose instant is ``within``.

    A thing of two sectors counts in both, and once in all.
    """
    held = [thing for thing in things if within(thing.at)]
    here = [thing for thing in held if not sector or sector in thing.sectors]
    sectors = sorted({name for thing in held for name in thing.sectors})
    return Loop(
        figures=_figures(here),
        flows=_flows(here),
        by_sector={name: _figures(thing for thing in held if name in thing.sectors) for name in sectors},
    )


def _figures(things: Iterable[Thing]) -> dict[str, Count]:
    held = tuple(things)
    return {
        measure.key: _told(
            sum(thing.kind == measure.kind and (measure.mark is None or measure.mark in thing.marks) for thing in held),
            private=measure.private,
        )
        for measure in MEASURES
    }


def _flows(things: Iterable[Thing]) -> dict[tuple[str, str], Count]:
    stage_of = {measure.kind: measure for measure in MEASURES if measure.key in STAGES}
    found: dict[tuple[str, str], int] = {}
    for thing in things:
        for kind in {kind for kind, _ in thing.sources}:
            way = (stage_of[kind].key, stage_of[thing.kind].key)
            found[way] = found.get(way, 0) + 1
    private = {measure.key for measure in MEASURES if measure.private}
    return {way: _told(number, private=not private.isdisjoint(way)) for way, number in sorted(found.items())}


def _told(number: int, *, private: bool) -> Count:
    if not private or number == 0:
        return Count(number)
    return Count(number, small=True) if number < SMALL else Count(number - number % SMALL)
