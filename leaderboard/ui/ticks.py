"""Round places on an axis, for numbers and for time, with their labels. Pure."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

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


def time_ticks(start: datetime, end: datetime, zone: ZoneInfo, most: int = 5) -> list[tuple[datetime, str]]:
    """Choose at most ``most`` round moments of ``zone``: by minutes, hours, days, weeks, months or years."""
    step = next((step for step in _TIME_STEPS if (end - start) / step <= most), None)
    return _month_ticks(start, end, zone, most) if step is None else _even_ticks(start, end, zone, step)


def _even_ticks(start: datetime, end: datetime, zone: ZoneInfo, step: timedelta) -> list[tuple[datetime, str]]:
    midnight = start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    whole_days = step >= _DAY
    found, count = [], 0
    # Wall-clock arithmetic on naive times: a day stays a day where the zone changes its clocks.
    while (when := (midnight + count * step).replace(tzinfo=zone)) <= end:
        if when >= start:
            found.append((when, f"{when:%m-%d}" if whole_days else f"{when:%H:%M}"))
        count += 1
    return found


def _month_ticks(start: datetime, end: datetime, zone: ZoneInfo, most: int) -> list[tuple[datetime, str]]:
    first, last = start.astimezone(zone), end.astimezone(zone)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    step = next((step for step in _MONTH_STEPS if months / step <= most), _MONTH_STEPS[-1])
    found = []
    for month in range(first.year * 12, last.year * 12 + 12, step):
        when = datetime(month // 12, month % 12 + 1, 1, tzinfo=zone)
        if start <= when <= end:
            found.append((when, f"{when:%Y-%m}"))
    return found
