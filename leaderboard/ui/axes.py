"""Horizontal axes: number lines with rails, time lines with spans. Places are per cent of the width. Pure."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from leaderboard.ui.ticks import labelled, leading_digit, multiples, step_of, time_ticks, without_stragglers

Direction = Literal["max", "min"]
Side = Literal["left", "right"]
Anchor = Literal["start", "middle", "end"]

EDGE = 3.0  # per cent left free at both ends of a rail, so that dots are not cut
_LABEL_SHARE = 1.1  # per cent of a narrow rail's width that half a digit of a tick label takes
_NOW_ROOM = 11.0  # per cent kept free of tick labels around "now"
HAIR = 1e-6  # of an axis' length: what rounding to ticks may cut off is still on the axis


@dataclass(frozen=True)
class Tick:
    """A labelled place on an axis: per cent on horizontal ones, pixels on vertical ones."""

    at: float
    label: str
    anchor: Anchor = "middle"


@dataclass(frozen=True)
class Axis:
    """A horizontal number line from ``low`` to ``high``; ``minor`` are the places of unlabelled ticks.

    ``name`` is the id of its grid in the page: give two axes of one page different names.
    """

    low: float
    high: float
    ticks: tuple[Tick, ...]
    minor: tuple[float, ...]
    better: Side
    name: str = "rail"

    def at(self, value: float) -> float:
        """Give the place of ``value`` in per cent; values outside stay at the end of the line."""
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return rounded(EDGE + share * (100 - 2 * EDGE))


@dataclass(frozen=True)
class Rail:
    """A dot with its interval on an axis, in per cent; ``off`` is the side on which the dot lies beyond the axis."""

    dot: float
    low: float | None
    high: float | None
    off: Side | None = None


@dataclass(frozen=True)
class Span:
    """A stretch of time on an axis, in per cent."""

    start: float
    end: float
    state: Literal["past", "now", "next"]


@dataclass(frozen=True)
class TimeAxis:
    """A horizontal time line; ``now`` is the place of this moment, ``None`` when it is outside.

    Ticks whose label would touch the word "now" are left out.
    """

    start: datetime
    end: datetime
    ticks: tuple[Tick, ...]
    now: float | None
    name: str = "time"

    def at(self, when: datetime) -> float:
        share = (min(max(when, self.start), self.end) - self.start) / (self.end - self.start)
        return rounded(EDGE + share * (100 - 2 * EDGE))


def axis(values: Iterable[float], *, direction: Direction, name: str = "rail") -> Axis:
    """Lay a rail's axis around finite ``values`` (scores and the ends of their intervals; at least one).

    Equal values get room on both sides. When a few values on the worse side are so far off that they would squeeze
    all others into less than half of the line, the axis leaves them out (:func:`rail` then marks them as off).
    """
    ordered = sorted(values)
    low, high = without_stragglers(ordered, direction)
    step = step_of(low, high)
    minor = step / 4 if leading_digit(step) != 5 else step / 5
    low, high = minor * math.floor(low / minor + 1e-9), minor * math.ceil(high / minor - 1e-9)
    made = Axis(low, high, (), (), "right" if direction == "max" else "left", name)
    return replace(
        made,
        ticks=tuple(turned_in(Tick(made.at(value), label)) for value, label in labelled(low, high, step)),
        minor=tuple(made.at(index * minor) for index in multiples(low, high, minor)),
    )


def rail(on: Axis, value: float, low: float | None = None, high: float | None = None) -> Rail:
    """Place a score and its interval on an axis."""
    hair = (on.high - on.low) * HAIR
    off: Side | None = "left" if value < on.low - hair else "right" if value > on.high + hair else None
    if low is None or high is None:
        return Rail(on.at(value), None, None, off)
    return Rail(on.at(value), on.at(low), on.at(high), off)


def time_axis(start: datetime, end: datetime, *, now: datetime, zone: ZoneInfo, name: str = "time") -> TimeAxis:
    """Lay a time line from ``start`` to ``end`` (aware; a minute is added when they are equal), labelled in ``zone``."""
    end = max(end, start + timedelta(minutes=1))
    made = TimeAxis(start, end, (), None, name)
    today = made.at(now) if start <= now <= end else None
    ticks = (turned_in(Tick(made.at(when), label)) for when, label in time_ticks(start, end, zone))
    clear = tuple(tick for tick in ticks if today is None or abs(tick.at - today) > _NOW_ROOM)
    return replace(made, ticks=clear, now=today)


def span(on: TimeAxis, start: datetime, end: datetime, *, now: datetime) -> Span:
    """Place a window of time on a time line."""
    return Span(on.at(start), on.at(end), "past" if end < now else "next" if start > now else "now")


def rounded(value: float) -> float:
    return round(value, 2) + 0.0  # no "-0.0" in the page


def turned_in(tick: Tick) -> Tick:
    """Turn labels inwards that would stick out at the ends."""
    half = _LABEL_SHARE * len(tick.label)
    if tick.at - half < -1:
        return replace(tick, anchor="start")
    return replace(tick, anchor="end") if tick.at + half > 101 else tick
