"""The figures of the scorecard as SVG, written out by hand: no fonts, no scripts, a white ground so that they can be
read anywhere."""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Final

Found = Sequence[Mapping[str, Any]]
INK, SOFT, GRID = "#1c2733", "#5b6b7a", "#d8dee4"
BLUE, ORANGE = "#1f5fa8", "#b4530a"
PANEL_WIDTH, PANEL_HEIGHT, ACROSS = 210, 150, 4
CELL, LEFT, TOP = 44, 210, 60
FAR: Final = 2.0


def svg(width: float, height: float, title: str, body: Iterable[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}"'
        f' width="{width:g}" height="{height:g}"'
        ' role="img" font-family="sans-serif" font-size="11">'
    )
    ground = f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", ground, *body, "</svg>"]) + "\n"


def text(x: float, y: float, words: str, *, anchor: str = "start", fill: str = INK, size: int = 11) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" font-size="{size}">{escape(words)}</text>'
    )


def line(x1: float, y1: float, x2: float, y2: float, *, stroke: str = GRID, width: float = 1) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{stroke}" stroke-width="{width:g}"/>'


def points_against_severity(panels: Mapping[str, Found]) -> str:
    """A panel for each defect: the median over sets and seeds, and the range of their middle half, at each severity."""
    body: list[str] = []
    for place, (title, found) in enumerate(panels.items()):
        left, top = place % ACROSS * PANEL_WIDTH, place // ACROSS * PANEL_HEIGHT
        body += [f'<g transform="translate({left},{top})">', *_panel(title, found), "</g>"]
    rows = -(-len(panels) // ACROSS)
    return svg(
        ACROSS * PANEL_WIDTH, rows * PANEL_HEIGHT, "Points of the check against the severity of the defect", body
    )


def _panel(title: str, found: Found) -> list[str]:
    left, right, top, bottom = 32.0, PANEL_WIDTH - 12.0, 28.0, PANEL_HEIGHT - 26.0
    by_severity: dict[float, list[float]] = {}
    for one in found:
        for step in one["steps"]:
            if "points" in step:
                by_severity.setdefault(step["severity"], []).append(step["points"])
    severities = sorted(by_severity)
    across = [left + (right - left) * place / max(1, len(severities) - 1) for place in range(len(severities))]
    parts = [text(left, 16, title)]
    for mark in (0, 50, 100):
        at = _height(mark, top, bottom)
        parts += [line(left, at, right, at), text(left - 4, at + 4, str(mark), anchor="end", fill=SOFT, size=9)]
    ends = [_quartiles(by_severity[one]) for one in severities]
    band = [f"{x:.1f},{_height(low, top, bottom):.1f}" for x, (low, _, _) in zip(across, ends, strict=True)]
    band += [
        f"{x:.1f},{_height(high, top, bottom):.1f}"
        for x, (_, _, high) in reversed(list(zip(across, ends, strict=True)))
    ]
    middle = [f"{x:.1f},{_height(one, top, bottom):.1f}" for x, (_, one, _) in zip(across, ends, strict=True)]
    parts += [
        f'<polygon points="{" ".join(band)}" fill="{BLUE}" fill-opacity="0.2"/>',
        f'<polyline points="{" ".join(middle)}" fill="none" stroke="{BLUE}" stroke-width="2"/>',
        text(left, bottom + 14, "0", fill=SOFT, size=9),
        text(right, bottom + 14, _amount(severities[-1]), anchor="end", fill=SOFT, size=9),
    ]
    return parts


def _amount(severity: float) -> str:
    return f"{severity:.0%}".replace("%", " %") if severity < 1 else f"1:{severity:.0f}"


def _height(points: float, top: float, bottom: float) -> float:
    return bottom - (bottom - top) * points / 100


def _quartiles(values: list[float]) -> tuple[float, float, float]:
    if len(values) < 2:
        return values[0], values[0], values[0]
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, middle, high


def rates(found: Found, titles: Mapping[str, str]) -> str:
    """The estimated rate of wrong labels against the planted one; on the line both are equal."""
    side, edge, most = 380.0, 50.0, 0.45

    def place(rate: float) -> float:
        return edge + (side - 2 * edge) * rate / most

    body: list[str] = []
    for mark in (0.0, 0.1, 0.2, 0.3, 0.4):
        at, words = place(mark), f"{mark:.0%}".replace("%", " %")
        body += [line(at, edge, at, side - edge), line(edge, side - at, side - edge, side - at)]
        body += [
            text(at, side - edge + 16, words, anchor="middle", fill=SOFT),
            text(edge - 6, side - at + 4, words, anchor="end", fill=SOFT),
        ]
    body.append(line(edge, side - edge, side - edge, edge, stroke=SOFT))
    for number, (key, title) in enumerate(titles.items()):
        colour = (BLUE, ORANGE)[number % 2]
        for step in (step for one in found if one["injector"] == key for step in one["steps"] if "estimate" in step):
            x, y = place(step["rate"]), side - place(min(most, max(0.0, step["estimate"])))
            body.append(_mark(x, y, colour, square=bool(number % 2)))
        body += [
            _mark(edge + 10, edge + 12 + 16 * number, colour, square=bool(number % 2)),
            text(edge + 20, edge + 16 + 16 * number, title),
        ]
    body.append(text(side / 2, side - 8, "planted", anchor="middle", fill=SOFT))
    body.append(text(8, edge - 12, "estimated, less what the untouched set has", fill=SOFT))
    return svg(side, side, "Estimated against planted rates of wrong labels", body)


def _mark(x: float, y: float, colour: str, *, square: bool) -> str:
    if square:
        return f'<rect x="{x - 3:.1f}" y="{y - 3:.1f}" width="6" height="6" fill="{colour}" fill-opacity="0.7"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}" fill-opacity="0.7"/>'


def moved(found: Found, titles: Mapping[str, str], own: Mapping[str, Sequence[str]]) -> str:
    """Rows: defects; columns: checks; each cell the most points that the check moved in any set. Grey: what the
    defect is about."""
    checks = list(dict.fromkeys(one["check"] for one in found))
    most: dict[tuple[str, str], float] = {}
    for one in found:
        at = (one["injector"], one["check"])
        most[at] = max(most.get(at, 0.0), abs(one["moved"]))
    keys = [key for key in titles if any(one["injector"] == key for one in found)]
    body = [text(LEFT + CELL * (column + 0.5), TOP - 8, check, anchor="middle") for column, check in enumerate(checks)]
    for row, key in enumerate(keys):
        y = TOP + 24 * row
        body.append(text(LEFT - 8, y + 16, titles[key], anchor="end"))
        for column, check in enumerate(checks):
            x = LEFT + CELL * column
            if check in own[key]:
                body.append(_cell(x, y, GRID, ""))
            elif (key, check) in most:
                size = most[key, check]
                shade = "#ffffff" if size < FAR else "#f3c9a5" if size < 10 else "#e08a4a"
                body.append(_cell(x, y, shade, f"{size:.0f}" if size >= FAR else "·"))
    return svg(LEFT + CELL * len(checks) + 10, TOP + 24 * len(keys) + 10, "Points that other checks move", body)


def _cell(x: float, y: float, fill: str, words: str) -> str:
    box = f'<rect x="{x:.0f}" y="{y:.0f}" width="{CELL - 2}" height="22" fill="{fill}" stroke="{GRID}"/>'
    return box + text(x + CELL / 2 - 1, y + 15, words, anchor="middle")
