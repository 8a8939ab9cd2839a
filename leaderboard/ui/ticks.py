"""Round places on an axis, for numbers and for time, with their labels. Pure."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

FENCE = 1.5  # interquartile ranges beyond the worse quartile after which a score may leave the axis
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_TIME_STEPS = (
    *(n * _MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * _HOUR for n in (1, 2, 3, 6, 12)),
    *(n * _DAY for n in (1, 2, 7, 14)),
)
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)


def extremes(values: Sequence[float]) -> tuple[float, float]:
    if not all(map(math.isfinite, values)):
        raise ValueError("a chart is drawn from finite numbers only")
    return min(values), max(values)


def opened(low: float, high: float) -> tuple[float, float]:
    """Make room around a range of no width: a tenth of its size, or one around zero."""
    if high - low > 1e-12 * max(abs(low), abs(high)):
        return low, high
    half = abs(low) / 20 or 1.0
    return low - half, high + half


def step_of(low: float, high: float, *, most: int = 5) -> float:
    """Give the smallest of 1, 2, 5 times a power of ten that divides the range into at most ``most`` parts."""
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    return next(power * n for n in (1, 2, 5, 10) if power * n >= raw * (1 - 1e-9))


def without_stragglers(ordered: Sequence[float], direction: str) -> tuple[float, float]:
    """Give the range of ``ordered`` values, without those so far off on the worse side that they squeeze the rest.

    Off is beyond ``FENCE`` interquartile ranges; nothing is left out unless the others gain half of the line by it.
    """
    low, high = opened(*extremes(ordered))
    if len(ordered) < 5:
        return low, high
    first, third = ordered[len(ordered) // 4], ordered[3 * len(ordered) // 4]
    fence = FENCE * (third - first)
    kept = [v for v in ordered if (v >= first - fence if direction == "max" else v <= third + fence)]
    near = opened(kept[0], kept[-1])
    return near if fence and near[1] - near[0] < (high - low) / 2 else (low, high)


def leading_digit(step: float) -> int:
    return round(step / 10.0 ** math.floor(math.log10(step) + 1e-9))


def multiples(low: float, high: float, step: float) -> range:
    return range(math.ceil(low / step - 1e-6), math.floor(high / step + 1e-6) + 1)


def labelled(low: float, high: float, step: float) -> list[tuple[float, str]]:
    """List the multiples of ``step`` with their labels; long labels are set on every second one."""
    largest = max(abs(low), abs(high))
    found = [(index, label(index * step, step, largest)) for index in multiples(low, high, step)]
    if len(found) > 3 and max(len(label) for _, label in found) > 6:
        found = [(index, label) for index, label in found if index % 2 == 0]
    return [(index * step, label) for index, label in found]


def label(value: float, step: float, largest: float) -> str:
    """Write a tick: plain with as many places as the step needs, or as m×10ⁿ when that would be long."""
    places = max(0, -math.floor(math.log10(step) + 1e-9))
    if largest < 1e7 and places <= 6:
        text = f"{value:,.{places}f}"
    else:
        exponent = math.floor(math.log10(largest) + 1e-9)
        mantissa = max(0, exponent - math.floor(math.log10(step) + 1e-9))
        text = f"{value / 10.0**exponent:.{mantissa}f}×10{str(exponent).translate(_SUPERSCRIPTS)}" if value else "0"
    return text.replace("-", "−") if any(digit in text for digit in "123456789") else text.removeprefix("-")


def bin_of(value: float, edges: Sequence[float]) -> int:
    """Give the number of the bin that holds ``value``; those outside count to the nearest."""
    tolerance = 1e-9 * (edges[1] - edges[0])
    return min(max(bisect_right(edges, value + tolerance) - 1, 0), len(edges) - 2)


def time_ticks(start: datetime, end: datetime, zone: ZoneInfo, most: int = 5) -> list[tuple[datetime, str]]:
    """Choose at most ``most`` round moments of ``zone``: by minutes, hours, days, weeks, months or years."""
    step = _time_step(start, end, most)
    moments = _month_ticks(start, end, zone, most) if step is None else _even_ticks(start, end, zone, step)
    return [(when, time_label(when, start, end, zone, most)) for when in moments if start <= when <= end]


def time_label(when: datetime, start: datetime, end: datetime, zone: ZoneInfo, most: int = 5) -> str:
    """Write a moment as the ticks between ``start`` and ``end`` are written: an hour, a day or a month."""
    step = _time_step(start, end, most)
    pattern = "%Y-%m" if step is None else "%m-%d" if step >= _DAY else "%H:%M"
    return when.astimezone(zone).strftime(pattern)


def _time_step(start: datetime, end: datetime, most: int) -> timedelta | None:
    return next((step for step in _TIME_STEPS if (end - start) / step <= most), None)


def _even_ticks(start: datetime, end: datetime, zone: ZoneInfo, step: timedelta) -> list[datetime]:
    midnight = start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    first = math.floor((start.astimezone(zone).replace(tzinfo=None) - midnight) / step)
    # Wall-clock arithmetic on naive times: a day stays a day where the zone changes its clocks.
    count = math.ceil((end - start) / step) + 2
    return [(midnight + (first + index) * step).replace(tzinfo=zone) for index in range(count)]


def _month_ticks(start: datetime, end: datetime, zone: ZoneInfo, most: int) -> list[datetime]:
    first, last = start.astimezone(zone), end.astimezone(zone)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    step = next((step for step in _MONTH_STEPS if months / step <= most), _MONTH_STEPS[-1])
    return [
        datetime(month // 12, month % 12 + 1, 1, tzinfo=zone)
        for month in range(first.year * 12, last.year * 12 + 12, step)
    ]
