"""Numbers to coordinates: a flow from stage to stage, drawn as bars joined by bands. Pure; knows no HTML.

Horizontal places are per cent of the width, vertical ones pixels from the top, bands are paths in a box 1000 wide that is
stretched without its line widths. One unit of count is equally high everywhere, so bars and bands can be compared.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

BAR: Final = 3.0
"""Width of a bar, per cent."""
THIN: Final = 2.0
"""Nothing that is there is drawn thinner, in pixels."""
DIP: Final = 26.0
"""So far below the bars runs a band that leaves stages out, in pixels."""


@dataclass(frozen=True)
class Stage:
    """A column: how many things there are. ``said``: the count as it is shown, which may be coarser."""

    key: str
    label: str
    count: int
    said: str


@dataclass(frozen=True)
class Link:
    """So many things of the stage ``end`` came from the stage ``start``, which stands further left."""

    start: str
    end: str
    count: int


@dataclass(frozen=True)
class Bar:
    """``middle`` is where its label stands; ``anchor`` keeps labels of the outer ones inside the drawing."""

    stage: Stage
    x: float
    middle: float
    anchor: str
    y: float
    height: float


@dataclass(frozen=True)
class Band:
    link: Link
    path: str
    width: float


@dataclass(frozen=True)
class Flow:
    """``height`` holds bars and bands alike."""

    height: float
    bars: tuple[Bar, ...]
    bands: tuple[Band, ...]


def flow(stages: Sequence[Stage], links: Iterable[Link], *, height: float = 180) -> Flow:
    """Lays out ``stages`` from left to right, at least two, and the links between them; links of no count are left out.

    Raises KeyError for a link between unknown stages.
    """
    unit = height / max(1, *(stage.count for stage in stages))
    bars = {stage.key: _bar(stage, at, len(stages), unit, height) for at, stage in enumerate(stages)}
    order = {stage.key: at for at, stage in enumerate(stages)}
    drawn = sorted(
        (link for link in links if link.count),
        key=lambda link: (order[link.end] - order[link.start], order[link.start]),
    )
    left: defaultdict[str, float] = defaultdict(float)
    right: defaultdict[str, float] = defaultdict(float)
    bands, lowest = [], height
    for link in drawn:
        width = max(THIN, link.count * unit)
        start, end = bars[link.start], bars[link.end]
        y1, y2 = _place(start, right, link.start, width), _place(end, left, link.end, width)
        skips = order[link.end] - order[link.start] > 1
        if skips:
            lowest = lowest + DIP + width
        bands.append(Band(link, _path(start, end, y1, y2, lowest - width / 2 if skips else None), round(width, 1)))
    return Flow(round(lowest + (DIP / 2 if lowest > height else 0), 1), tuple(bars.values()), tuple(bands))


def _bar(stage: Stage, at: int, stages: int, unit: float, height: float) -> Bar:
    x = at * (100 - BAR) / max(1, stages - 1)
    tall = max(THIN, stage.count * unit) if stage.count else 0.0
    anchor = "start" if at == 0 else "end" if at == stages - 1 else "middle"
    middle = {"start": 0.0, "middle": x + BAR / 2, "end": 100.0}[anchor]
    return Bar(stage, round(x, 3), round(middle, 3), anchor, round((height - tall) / 2, 1), round(tall, 1))


def _place(bar: Bar, used: defaultdict[str, float], key: str, width: float) -> float:
    """The middle of a band at a bar: below those that are there, and inside the bar as long as there is room."""
    y = min(bar.y + used[key], bar.y + max(0.0, bar.height - width)) + width / 2
    used[key] += width
    return y


def _path(start: Bar, end: Bar, y1: float, y2: float, below: float | None) -> str:
    x1, x2 = (start.x + BAR) * 10, end.x * 10
    bend = (x2 - x1) / (2 if below is None else 6)
    if below is None:
        return f"M{x1:.0f} {y1:.1f}C{x1 + bend:.0f} {y1:.1f} {x2 - bend:.0f} {y2:.1f} {x2:.0f} {y2:.1f}"
    a, b = x1 + 2 * bend, x2 - 2 * bend
    return (
        f"M{x1:.0f} {y1:.1f}C{x1 + bend:.0f} {y1:.1f} {x1 + bend:.0f} {below:.1f} {a:.0f} {below:.1f}"
        f"H{b:.0f}C{x2 - bend:.0f} {below:.1f} {x2 - bend:.0f} {y2:.1f} {x2:.0f} {y2:.1f}"
    )
