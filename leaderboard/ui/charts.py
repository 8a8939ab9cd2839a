"""Numbers to coordinates: axes, interval rails, time spans, step charts, histograms. Pure; knows no HTML.

Horizontal places are per cent of the width (so a drawing stretches without distortion), vertical ones pixels from the
top. The number line always runs left to right; ``Axis.better`` says on which side the better scores are. Only axes that
carry dots are truncated, bars always start at zero. All numbers must be finite; callers leave out what has no score.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo

from leaderboard.ui.ticks import (
    bin_of,
    extremes,
    label,
    labelled,
    leading_digit,
    multiples,
    opened,
    step_of,
    time_label,
    time_ticks,
    without_stragglers,
)

Direction = Literal["max", "min"]
Side = Literal["left", "right"]
Anchor = Literal["start", "middle", "end"]

EDGE = 3.0  # per cent left free at both ends of a rail, so that dots are not cut
_LABEL_SHARE = 1.1  # per cent of a narrow rail's width that half a digit of a tick label takes
_END_ROOM = 16.0  # per cent kept free of tick labels at both ends of a time chart
_NOW_ROOM = 11.0  # per cent kept free of tick labels around "now"
_HAIR = 1e-6  # of an axis' length: what rounding to ticks may cut off is still on the axis


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
        return _round(EDGE + share * (100 - 2 * EDGE))


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
        return _round(EDGE + share * (100 - 2 * EDGE))


@dataclass(frozen=True)
class Series:
    """What a team got and when: ``points`` in any order."""

    label: str
    points: Sequence[tuple[datetime, float]]
    mine: bool = False


@dataclass(frozen=True)
class Line:
    """A drawn series: ``path`` in a box 1000 wide, the colour ``hue`` 1 to 5 (0 is grey), where it and its label end."""

    label: str
    path: str
    hue: int
    mine: bool
    end_y: float
    label_y: float


@dataclass(frozen=True)
class Dot:
    x: float
    y: float


@dataclass(frozen=True)
class Note:
    """A vertical rule with a word, for a change of rules; written to the side that has room."""

    x: float
    text: str
    anchor: Anchor


@dataclass(frozen=True)
class StepChart:
    """Best-so-far lines over time. ``hidden`` counts dots beyond the truncated axis, which goes from ``low`` to ``high``."""

    height: float
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]
    dots: tuple[Dot, ...]
    notes: tuple[Note, ...]
    hidden: int
    low: str
    high: str


@dataclass(frozen=True)
class Bar:
    """One bin: from ``low`` up to, but not including, ``high`` (the last includes it)."""

    x: float
    width: float
    y: float
    height: float
    low: str
    high: str
    count: int
    mine: bool


@dataclass(frozen=True)
class Histogram:
    height: float
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Note, ...]
    total: int


# Horizontal axes


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
        ticks=tuple(_anchored(Tick(made.at(value), label)) for value, label in labelled(low, high, step)),
        minor=tuple(made.at(index * minor) for index in multiples(low, high, minor)),
    )


def rail(on: Axis, value: float, low: float | None = None, high: float | None = None) -> Rail:
    """Place a score and its interval on an axis."""
    hair = (on.high - on.low) * _HAIR
    off: Side | None = "left" if value < on.low - hair else "right" if value > on.high + hair else None
    if low is None or high is None:
        return Rail(on.at(value), None, None, off)
    return Rail(on.at(value), on.at(low), on.at(high), off)


def time_axis(start: datetime, end: datetime, *, now: datetime, zone: ZoneInfo, name: str = "time") -> TimeAxis:
    """Lay a time line from ``start`` to ``end`` (aware; a minute is added when they are equal), labelled in ``zone``."""
    end = max(end, start + timedelta(minutes=1))
    made = TimeAxis(start, end, (), None, name)
    today = made.at(now) if start <= now <= end else None
    ticks = (_anchored(Tick(made.at(when), label)) for when, label in time_ticks(start, end, zone))
    clear = tuple(tick for tick in ticks if today is None or abs(tick.at - today) > _NOW_ROOM)
    return replace(made, ticks=clear, now=today)


def span(on: TimeAxis, start: datetime, end: datetime, *, now: datetime) -> Span:
    """Place a window of time on a time line."""
    return Span(on.at(start), on.at(end), "past" if end < now else "next" if start > now else "now")


# Charts


def step_chart(
    series: Sequence[Series],
    *,
    start: datetime,
    end: datetime,
    zone: ZoneInfo,
    direction: Direction,
    dots: Sequence[tuple[datetime, float]] = (),
    notes: Iterable[tuple[datetime, str]] = (),
    height: float = 300,
) -> StepChart:
    """Draw the best-so-far score of each series from its first point to ``end``; at least one must have a point.

    ``mine`` takes the accent hue, the next four series the hues 2 to 5, all later ones grey.
    """
    time = time_axis(start, end, now=end, zone=zone)
    best = [_best_so_far(one.points, direction) for one in series if one.points]
    low, high = opened(*extremes([score for run in best for _, score in run]))
    step = step_of(low, high)
    low, high = step / 2 * math.floor(low / step * 2 + 1e-9), step / 2 * math.ceil(high / step * 2 - 1e-9)

    def x(when: datetime) -> float:
        return _round(100 * (min(max(when, time.start), time.end) - time.start) / (time.end - time.start))

    def y(score: float) -> float:
        return _round(height * (high - score) / (high - low))

    hues = iter((2, 3, 4, 5))
    lines = [
        Line(
            label=one.label,
            path=_steps([(10 * x(when), y(score)) for when, score in run]),
            hue=1 if one.mine else next(hues, 0),
            mine=one.mine,
            end_y=y(run[-1][1]),
            label_y=y(run[-1][1]),
        )
        for one, run in zip((one for one in series if one.points), best, strict=True)
    ]
    hair = (high - low) * _HAIR
    inside = [(when, score) for when, score in dots if low - hair <= score <= high + hair]
    labels = dict(labelled(low, high, step))
    return StepChart(
        height=height,
        x_ticks=_dated(time, zone, x),
        y_ticks=tuple(Tick(y(value), label) for value, label in labels.items()),
        lines=tuple(_spread(lines, gap=17, top=0, bottom=height)),
        dots=tuple(Dot(x(when), y(score)) for when, score in inside),
        notes=tuple(_note(x(when), text) for when, text in notes if time.start <= when <= time.end),
        hidden=len(dots) - len(inside),
        low=label(low, step, max(abs(low), abs(high))),
        high=label(high, step, max(abs(low), abs(high))),
    )


def histogram(
    values: Sequence[float],
    *,
    mark: float | None = None,
    lines: Iterable[tuple[float, str]] = (),
    height: float = 180,
) -> Histogram:
    """Count finite ``values`` (at least one) in bins of round width; ``mark`` tells which bar is the reader's own.

    ``lines`` are vertical rules (value, words), such as a prize line; those outside the bins are left out.
    """
    low, high = opened(*extremes(values))
    width = step_of(low, high, most=16)
    first, last = math.floor(low / width + 1e-9), math.ceil(high / width - 1e-9)
    edges = [index * width for index in range(first, last + 1)]
    counts = [0] * (len(edges) - 1)
    for value in values:
        counts[bin_of(value, edges)] += 1
    mine = bin_of(mark, edges) if mark is not None else -1
    each, top = 100 / len(counts), max(counts)
    every = next(n for n in (1, 2, 5, 10) if len(counts) / n <= 8)
    largest = max(abs(edges[0]), abs(edges[-1]))
    labels = [label(edge, width, largest) for edge in edges]
    return Histogram(
        height=height,
        bars=tuple(
            Bar(
                x=_round(index * each + each * 0.04),
                width=_round(each * 0.92),
                y=_round(height - 0.8 * height * count / top),
                height=_round(0.8 * height * count / top),
                low=labels[index],
                high=labels[index + 1],
                count=count,
                mine=index == mine,
            )
            for index, count in enumerate(counts)
        ),
        ticks=tuple(
            _anchored(Tick(_round(index * each), labels[index]))
            for index in range(len(edges))
            if (first + index) % every == 0
        ),
        marks=tuple(
            _note(_round(100 * (value - edges[0]) / (edges[-1] - edges[0])), text)
            for value, text in lines
            if edges[0] <= value <= edges[-1]
        ),
        total=len(values),
    )


# Places


def _round(value: float) -> float:
    return round(value, 2) + 0.0  # no "-0.0" in the page


def _anchored(tick: Tick) -> Tick:
    """Turn labels inwards that would stick out at the ends."""
    half = _LABEL_SHARE * len(tick.label)
    if tick.at - half < -1:
        return replace(tick, anchor="start")
    return replace(tick, anchor="end") if tick.at + half > 101 else tick


def _note(x: float, text: str) -> Note:
    return Note(x, text, "start" if x < 60 else "end")


# Lines


def _dated(time: TimeAxis, zone: ZoneInfo, x: Callable[[datetime], float]) -> tuple[Tick, ...]:
    """Label both ends, and the round moments that leave their labels room."""
    between = (Tick(x(when), label) for when, label in time_ticks(time.start, time.end, zone))
    first, last = (time_label(when, time.start, time.end, zone) for when in (time.start, time.end))
    clear = (tick for tick in between if _END_ROOM < tick.at < 100 - _END_ROOM)
    return (Tick(0.0, first, "start"), *clear, Tick(100.0, last, "end"))


def _best_so_far(points: Sequence[tuple[datetime, float]], direction: Direction) -> list[tuple[datetime, float]]:
    better = max if direction == "max" else min
    run: list[tuple[datetime, float]] = []
    for when, score in sorted(points):
        if not run or (better(score, run[-1][1]) == score and score != run[-1][1]):
            run.append((when, score))
    return run


def _steps(places: Sequence[tuple[float, float]]) -> str:
    head, *rest = places
    return f"M{head[0]:g} {head[1]:g}" + "".join(f"H{x:g}V{y:g}" for x, y in rest) + "H1000"


def _spread(lines: Sequence[Line], *, gap: float, top: float, bottom: float) -> list[Line]:
    """Move end labels apart so that none overlap, each as near to its line as the others allow."""
    ordered = sorted(range(len(lines)), key=lambda index: lines[index].end_y)
    places = [lines[index].end_y for index in ordered]
    for upper, lower in pairwise(range(len(places))):
        places[lower] = max(places[lower], places[upper] + gap)
    limit = max(bottom, top + gap * (len(places) - 1))
    for position in reversed(range(len(places))):
        places[position] = min(places[position], limit)
        limit = places[position] - gap
    moved = {index: _round(place) for index, place in zip(ordered, places, strict=True)}
    return [replace(line, label_y=moved[index]) for index, line in enumerate(lines)]
