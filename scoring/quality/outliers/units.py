"""Values in another unit, and times in another zone: rows that are a known factor or a whole number of hours off."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.columns import as_numbers
from scoring.quality.shares import Share, share_of

FACTORS: Final = (10.0, 100.0, 1000.0, 1e6, 0.3048, 2.54, 25.4, 1.609344, 1.852, 3.6, 0.45359237)
"""Prefixes of units, and foot, inch, mile, nautical mile, m/s in km/h, pound. Each is looked for both ways."""
_FEWEST: Final = 20  # rows of a group
_APART: Final = 8.0  # standard deviations between the two units, below which they cannot be told apart
_NEAR: Final = 3.5  # standard deviations around the factor
_LEAST_NEAR: Final = 0.02  # of log10, 5 %: where most values of a group are equal the deviation says little
_VALLEY: Final = 0.25  # rows between the two units, as a part of the rows in the other unit
_NORMAL: Final = 1.4826022185056018
_CLUSTER: Final = 3  # rows of a column in another unit; fewer are single outliers, which tails show
_ONE_SIGN: Final = 0.95  # of the values of a column that is measured from 0
_OUTSIDE: Final = 0.4  # of a step from the median, within which no value is in the other unit
_HALF_HOUR: Final = 1800
_FARTHEST: Final = 14 * 3600  # seconds; no two zones used on one day are farther apart, but for a few islands
_STEADY: Final = 300.0  # seconds of spread at which half hours can still be told apart
_PROFILE_ROWS: Final = 100
_SURE: Final = 12.0  # log-likelihood gained by shifting a group's clock; 12 is odds of 160,000 to 1

POWERS: Final = (10.0, 100.0, 1000.0, 1e6)
"""Those of `FACTORS` that two natural kinds of values in one column are seldom apart by."""

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class UnitJumps:
    """Rows in another unit than the rest of their group.

    rows     (k,) int64, ascending
    factors  (k,) float64: how many times too large; 0.001 is a thousand times too small
    share    of the rows that could be judged: positive or negative, in a group that is large and even enough
    """

    rows: IntArray
    factors: FloatArray
    share: Share


def unit_jumps(
    values: pl.Series,
    groups: pl.Series | None = None,
    factors: Sequence[float] = FACTORS,
    *,
    population: int | None = None,
) -> UnitJumps:
    """Look for clusters of values at a known factor from the median of their group, on the logarithm.

    values   (n,) numeric; missing, zero and infinite ones are not judged, the sign is passed over
    groups   (n,) any type: what is comparable with each other (a product, a sensor); None: all rows

    A factor is asked only where it is at least 8 robust standard deviations of log10, so that both units can be told apart; values
    within 3.5 (or 5 %) of it are taken for the other unit if hardly any lie in the valley between. Below 20 rows a group is not
    judged. Where more than half of a group is in the other unit, the rest is called wrong.

    >>> found = unit_jumps(pl.Series([1.71 + place % 9 / 100 for place in range(40)] + [172.0, 168.0]))
    >>> found.rows.tolist(), found.factors.tolist()
    ([40, 41], [100.0, 100.0])
    """
    size = np.abs(as_numbers(values))
    known = pl.DataFrame({"row": np.arange(len(values)), "value": size})
    known = known.with_columns((groups if groups is not None else pl.lit(0)).alias("group"))
    known = known.filter(pl.col("value").is_finite() & (pl.col("value") > 0)).with_columns(pl.col("value").log10())
    known = known.with_columns(distance=pl.col("value") - pl.col("value").median().over("group"))
    known = known.with_columns(
        spread=(pl.col("distance").abs().median().over("group") * _NORMAL).clip(lower_bound=_LEAST_NEAR / _NEAR),
        count=pl.len().over("group"),
    ).filter(pl.col("count") >= _FEWEST)
    distance, spread = known["distance"].to_numpy(), known["spread"].to_numpy()
    both = {way * float(np.log10(factor)) for factor in factors for way in (1, -1)}
    _, group = np.unique(known["group"].rank("dense").to_numpy(), return_inverse=True)
    jump = np.zeros(len(known))
    for step in sorted(both, key=abs, reverse=True):  # the smaller step of two that are both near
        near = abs(step) >= _APART * spread
        near &= np.abs(distance - step) <= _NEAR * spread
        jump[near] = step
    jump *= _clusters(jump, distance, spread, group)
    rows = known["row"].to_numpy().astype(np.int64)[jump != 0]
    order = np.argsort(rows)
    found = 10.0 ** jump[jump != 0][order]
    most = None if population is None else max(len(known), round(population * len(known) / max(len(values), 1)))
    return UnitJumps(rows[order], np.round(found, 12), share_of(len(rows), len(known), population=most))


def powers_off(values: FloatArray) -> IntArray:
    """(k,) int64, ascending: rows of a column (n,), NaN where unknown, that are in a unit a power of ten (`POWERS`) from that of most.

    As `unit_jumps` without groups, but the middle and the spread are those of the rows that are nearer to the median than to the
    other unit, so that up to nearly half of all may be in that. One or two such rows are no cluster: `beyond_tails` is for them.
    Natural kinds of values are told from units by three signs: a column of both signs has no unit that multiplies it (fewer than
    5 % of one sign are passed over), one that holds mostly one value (prices of 1, 10 and 100) says nothing, and what is in another
    unit is as varied as the rest. A column that is wide by itself is not judged: ten times needs a spread below 33 % of the median.

    >>> powers_off(np.append(np.linspace(40, 60, 90), np.linspace(40_000, 60_000, 10))).tolist()
    [90, 91, 92, 93, 94, 95, 96, 97, 98, 99]
    """
    nothing = np.zeros(0, dtype=np.int64)
    known = np.isfinite(values) & (values != 0)
    sign = 1.0 if 2 * np.count_nonzero(values[known] > 0) >= np.count_nonzero(known) else -1.0
    rows = np.flatnonzero(known & (sign * values > 0))
    size = np.abs(values[rows])
    if len(rows) < max(_FEWEST, _ONE_SIGN * np.count_nonzero(known)):
        return nothing
    if np.count_nonzero(size == np.median(size)) > len(rows) / 2:
        return nothing
    distance = np.log10(size)
    distance -= np.median(distance)
    jumped = np.zeros(len(rows), dtype=np.bool_)
    for factor in POWERS:
        for way in (1, -1):
            jumped |= _apart(way * distance, float(np.log10(factor)), jumped)
    return rows[jumped].astype(np.int64)


def _apart(distance: FloatArray, step: float, jumped: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """(n,) rows at `step` from the bulk, if that can be told apart from it, hardly any lie between, and they are as varied.

    distance: (n,) from the median; jumped: (n,) rows in a unit found before, which are left aside.
    """
    near = np.zeros(len(distance), dtype=np.bool_)
    if distance.max() < _OUTSIDE * step:  # the usual case, told at once
        return near
    bulk = distance[~jumped & (np.abs(distance) <= step / 2)]
    middle = np.median(bulk)
    spread = max(_NORMAL * float(np.median(np.abs(bulk - middle))), _LEAST_NEAR / _NEAR)
    if step < _APART * spread:
        return near
    away = distance - middle
    near = ~jumped & (np.abs(away - step) <= _NEAR * spread)
    between = np.count_nonzero(~jumped & ~near & (away > _NEAR * spread) & (away < step))
    count = np.count_nonzero(near)
    kept = count >= _CLUSTER and between <= _VALLEY * count and _as_varied(distance[near], bulk)
    return near & kept


def _as_varied(some: FloatArray, bulk: FloatArray) -> bool:
    """Whether the commonest of some values comes no oftener than chance lets it when they are drawn from the bulk: once, and beyond
    that up to three standard deviations more than twice its share.
    """
    most, usual = (int(np.unique(values, return_counts=True)[1].max()) for values in (some, bulk))
    expected = 2 * len(some) * usual / len(bulk)
    return most <= 1 + expected + 3 * float(np.sqrt(expected))


def _clusters(jump: FloatArray, distance: FloatArray, spread: FloatArray, group: IntArray) -> npt.NDArray[np.bool_]:
    """(k,) rows whose step is a cluster of its own: hardly any value of the group lies between it and the bulk.

    jump: (k,) the step that each row is near, 0 for none. Rows that are near a smaller step do not count as between.
    """
    kept = np.zeros(len(jump), dtype=np.bool_)
    groups = int(group.max()) + 1 if len(group) else 0
    for step in np.unique(jump[jump != 0]):
        away, near = distance * np.sign(step), jump == step
        valley = (jump == 0) & (away > _NEAR * spread) & (away < abs(step))
        inside, between = (np.bincount(group[marks], minlength=groups) for marks in (near, valley))
        kept |= near & (between <= _VALLEY * inside)[group]
    return kept


@dataclass(frozen=True, slots=True)
class ZoneShifts:
    """Rows, or groups, whose clock is a number of half hours off.

    rows     (k,) int64, ascending
    minutes  (k,) int64: how much too late the time is
    share    of the rows that could be judged
    """

    rows: IntArray
    minutes: IntArray
    share: Share


def zone_shifts(times: pl.Series, reference: pl.Series, *, population: int | None = None) -> ZoneShifts:
    """Compare two times of the same event, such as when it was measured and when it was recorded.

    times, reference   (n,) Datetime, without zone or of one zone; rows where either is missing are not judged

    The usual delay is the median difference. A row is shifted where its delay is a whole number of half hours, up to 14, away
    from that. Nothing is judged where the usual delay scatters by more than 5 minutes (robust standard deviation).

    >>> import datetime as dt
    >>> clock = pl.datetime_range(dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 2), "1h", eager=True)
    >>> recorded = clock + pl.Series([dt.timedelta(hours=8)] * 2 + [dt.timedelta(seconds=20)] * 23)
    >>> found = zone_shifts(recorded, clock)
    >>> found.rows.tolist(), found.minutes.tolist()
    ([0, 1], [480, 480])
    """
    delay = (times - reference).dt.total_microseconds()
    rows = np.flatnonzero(delay.is_not_null().to_numpy())
    seconds = delay.drop_nulls().to_numpy() / 1e6
    distance = seconds - np.median(seconds) if len(seconds) else seconds
    spread = _NORMAL * float(np.median(np.abs(distance))) if len(seconds) else 0.0
    if len(seconds) < _FEWEST or spread > _STEADY:
        return ZoneShifts(rows[:0], rows[:0], share_of(0, 0))
    steps = np.round(distance / _HALF_HOUR).astype(np.int64)
    shifted = (steps != 0) & (np.abs(steps) * _HALF_HOUR <= _FARTHEST)
    shifted &= np.abs(distance - steps * _HALF_HOUR) <= np.maximum(_NEAR * spread, 60.0)
    most = None if population is None else max(len(rows), round(population * len(rows) / len(times)))
    found = share_of(int(np.count_nonzero(shifted)), len(rows), population=most)
    return ZoneShifts(rows[shifted], steps[shifted] * (_HALF_HOUR // 60), found)


def clock_shifts(times: pl.Series, groups: pl.Series) -> dict[object, int]:
    """Groups whose day runs as that of all others, but a number of hours later or earlier: {group: hours too late}.

    times    (n,) Datetime
    groups   (n,) a source, a station, a device

    The hours of a group are compared with those of the other groups, shifted by 0 … 23 hours; a shift is told where it is better
    than none by 12 in log-likelihood. Groups of fewer than 100 rows are not judged, nor are groups with a day of another shape.
    """
    table = pl.DataFrame({"hour": times.dt.hour(), "group": groups}).drop_nulls()
    counts = table.group_by("group", "hour").len().sort("group", "hour")
    names = counts["group"].unique().sort()
    place = dict(zip(names.to_list(), range(len(names)), strict=True))
    by_hour = np.zeros((len(names), 24))
    for name, hour, count in counts.iter_rows():
        by_hour[place[name], hour] = count
    shifts = {}
    for name, own in zip(names.to_list(), by_hour, strict=True):
        others = by_hour.sum(axis=0) - own
        if own.sum() < _PROFILE_ROWS or others.sum() < _PROFILE_ROWS:
            continue
        profile = np.log((others + 0.5) / (others + 0.5).sum())
        gained = np.array([own @ np.roll(profile, hours) for hours in range(24)])
        best = int(gained.argmax())
        observed = np.log(np.maximum(own, 0.5) / own.sum())
        misfit = (own @ observed - gained[best]) / own.sum()  # Kullback-Leibler divergence after the shift
        if gained[best] - gained[0] > _SURE and misfit < (own @ observed - gained[0]) / own.sum() / 2:
            shifts[name] = best if best <= 12 else best - 24
    return shifts
