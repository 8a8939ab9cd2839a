"""Numbers to coordinates: axes, interval rails, time spans, step charts, histograms. Pure; knows no HTML.

Horizontal places are per cent of the width (so a drawing stretches without distortion), vertical ones pixels from the
top. The number line always runs left to right; ``Axis.better`` says on which side the better scores are. Only axes that
carry dots are truncated, bars always start at zero. All numbers must be finite; callers leave out what has no score.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from leaderboard.ui.axes import (
    HAIR,
    Anchor,
    Axis,
    Direction,
    Rail,
    Span,
    Tick,
    TimeAxis,
    axis,
    rail,
    rounded,
    span,
    time_axis,
    turned_in,
)
from leaderboard.ui.ticks import bin_of, extremes, label, labelled, opened, step_of, time_label, time_ticks

__all__ = [
    "Axis", "Bar", "Direction", "Dot", "Histogram", "Line", "Note", "Rail", "Series", "Span", "StepChart", "Tick",
    "TimeAxis", "axis", "histogram", "rail", "span", "step_chart", "time_axis",
]  # fmt: skip

_END_ROOM = 16.0  # per cent kept free of tick labels at both ends of a time chart


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
    runs = [(one, _best_so_far(one.points, direction)) for one in series if one.points]
    low, high = opened(*extremes([score for _, run in runs for _, score in run]))
    step = step_of(low, high)
    low, high = step / 2 * math.floor(low / step * 2 + 1e-9), step / 2 * math.ceil(high / step * 2 - 1e-9)
    plane = _Plane(time, low, high, height)
    hair = (high - low) * HAIR
    inside = [(when, score) for when, score in dots if low - hair <= score <= high + hair]
    return StepChart(
        height=height,
        x_ticks=_dated(plane, zone),
        y_ticks=tuple(Tick(plane.y(value), words) for value, words in labelled(low, high, step)),
        lines=tuple(_spread(_lines(runs, plane), gap=17, top=0, bottom=height)),
        dots=tuple(Dot(plane.x(when), plane.y(score)) for when, score in inside),
        notes=tuple(_note(plane.x(when), text) for when, text in notes if time.start <= when <= time.end),
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
    labels = [label(edge, width, max(abs(edges[0]), abs(edges[-1]))) for edge in edges]
    every = next(n for n in (1, 2, 5, 10) if (len(edges) - 1) / n <= 8)
    each = 100 / (len(edges) - 1)
    return Histogram(
        height=height,
        bars=tuple(_bars(values, mark, edges, labels, height)),
        ticks=tuple(
            turned_in(Tick(rounded(index * each), words))
            for index, words in enumerate(labels)
            if (first + index) % every == 0
        ),
        marks=tuple(
            _note(rounded(100 * (value - edges[0]) / (edges[-1] - edges[0])), text)
            for value, text in lines
            if edges[0] <= value <= edges[-1]
        ),
        total=len(values),
    )


def _bars(
    values: Sequence[float], mark: float | None, edges: Sequence[float], labels: Sequence[str], height: float
) -> Iterable[Bar]:
    counts = [0] * (len(edges) - 1)
    for value in values:
        counts[bin_of(value, edges)] += 1
    mine = bin_of(mark, edges) if mark is not None else -1
    each, unit = 100 / len(counts), 0.8 * height / max(counts)  # a fifth of the height is for words above the bars
    for index, count in enumerate(counts):
        yield Bar(
            x=rounded(index * each + each * 0.04),
            width=rounded(each * 0.92),
            y=rounded(height - unit * count),
            height=rounded(unit * count),
            low=labels[index],
            high=labels[index + 1],
            count=count,
            mine=index == mine,
        )


@dataclass(frozen=True)
class _Plane:
    """Where a moment and a score are in a step chart: per cent across, pixels down."""

    time: TimeAxis
    low: float
    high: float
    height: float

    def x(self, when: datetime) -> float:
        inside = min(max(when, self.time.start), self.time.end)
        return rounded(100 * (inside - self.time.start) / (self.time.end - self.time.start))

    def y(self, score: float) -> float:
        return rounded(self.height * (self.high - score) / (self.high - self.low))


def _lines(runs: Iterable[tuple[Series, Sequence[tuple[datetime, float]]]], plane: _Plane) -> list[Line]:
    hues = iter((2, 3, 4, 5))
    return [
        Line(
            label=one.label,
            path=_steps([(10 * plane.x(when), plane.y(score)) for when, score in run]),
            hue=1 if one.mine else next(hues, 0),
            mine=one.mine,
            end_y=plane.y(run[-1][1]),
            label_y=plane.y(run[-1][1]),
        )
        for one, run in runs
    ]


def _dated(plane: _Plane, zone: ZoneInfo) -> tuple[Tick, ...]:
    """Label both ends, and the round moments that leave their labels room."""
    start, end = plane.time.start, plane.time.end
    between = (Tick(plane.x(when), words) for when, words in time_ticks(start, end, zone))
    first, last = (time_label(when, start, end, zone) for when in (start, end))
    clear = (tick for tick in between if _END_ROOM < tick.at < 100 - _END_ROOM and tick.label not in {first, last})
    return (Tick(0.0, first, "start"), *clear, Tick(100.0, last, "end"))


def _note(x: float, text: str) -> Note:
    return Note(x, text, "start" if x < 60 else "end")


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
    moved = {index: rounded(place) for index, place in zip(ordered, places, strict=True)}
    return [replace(line, label_y=moved[index]) for index, line in enumerate(lines)]
