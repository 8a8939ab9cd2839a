"""From the state of a profile to its result."""

from collections.abc import Mapping
from datetime import date, timedelta
from math import isinf, sqrt
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from scoring.quality.profile.buckets import FloatArray
from scoring.quality.profile.classes import Pair
from scoring.quality.profile.columns import BooleanColumn, Column
from scoring.quality.profile.dates import EPOCH, DateColumn
from scoring.quality.profile.drawing import histogram, ranked
from scoring.quality.profile.hashing import NAN_HASH, HashArray
from scoring.quality.profile.numbers import NumberColumn, NumberCounts
from scoring.quality.profile.result import (
    QUANTILES,
    VERSION,
    Buckets,
    ClassCount,
    ColumnProfile,
    DateProfile,
    Disguised,
    NumberProfile,
    Scalar,
    TableProfile,
    TextProfile,
    Value,
)
from scoring.quality.profile.rows import Cells
from scoring.quality.profile.sentinels import DAYS, NUMBERS, TEXTS
from scoring.quality.profile.tally import IntArray
from scoring.quality.profile.texts import TextColumn

if TYPE_CHECKING:
    from scoring.quality.profile.state import Profile

MOST_TOP: Final = 64
_FEWEST_IN_SAMPLE: Final = 8


def finished(profile: "Profile", as_of: date | None) -> TableProfile:
    """The result of what the profile has seen so far."""
    settings = profile.settings
    uniform = profile.uniform.kept()
    return TableProfile(
        version=VERSION,
        seed=settings.seed,
        rows=profile.rows,
        examine_one_in=settings.examine_one_in,
        columns=tuple(
            _column(column, name, uniform, profile.runs.column(column.position), as_of)
            for name, column in zip(settings.names, profile.columns, strict=True)
        ),
        missing_together=tuple(map(tuple, profile.missing.whole().tolist())),
        label=settings.label,
        classes=None if settings.label is None else _classes(profile.classes.classes),
        strata={name: _classes(counts) for name, counts in zip(settings.strata, profile.classes.strata, strict=True)},
        sample=tuple(np.sort(profile.distinct_rows.kept()[1]).tolist()),
    )


def _column(
    column: Column[Any], name: str, uniform: Cells | None, runs: tuple[int, int, int], as_of: date | None
) -> ColumnProfile:
    repeats, longest, at = runs if column.nulls < column.rows else (0, 0, 0)
    there = column.rows - column.nulls - column.not_numbers
    return ColumnProfile(
        name=name,
        kind=column.kind,
        rows=column.rows,
        nulls=column.nulls,
        examined=column.examined,
        distinct=min(round(column.values.distinct()), there),
        distinct_error=column.values.relative_error(),
        once=min(round(column.values.once()), there),
        top=_top(column, uniform),
        repeats=repeats,
        longest_run=longest,
        longest_run_at=at,
        **_own(column, as_of),
    )


def _own(column: Column[Any], as_of: date | None) -> dict[str, Any]:
    """What only this kind of column has."""
    if isinstance(column, NumberColumn):
        return _of_numbers(column)
    if isinstance(column, TextColumn):
        return _of_texts(column)
    if isinstance(column, DateColumn):
        return _of_dates(column, as_of)
    assert isinstance(column, BooleanColumn)
    hashes, counts = column.values.kept()
    found = dict(zip(column.value(hashes), counts.tolist(), strict=True))
    return {
        "smallest": min(found, default=None),
        "largest": max(found, default=None),
        "disguised": (),
        "true": found.get(True, 0),
    }


def _of_numbers(column: NumberColumn) -> dict[str, Any]:
    total = column.counts()
    values, counts, error = _spread(column, total)
    low, high = (0.0, 0.0) if total.smallest is None or total.largest is None else (total.smallest, total.largest)
    usual = column.digits.usual_decimals()
    buckets = total.buckets
    number = NumberProfile(
        finite=total.sums.count,
        zeros=total.zeros,
        negatives=total.negatives,
        not_numbers=column.not_numbers,
        infinite=total.infinite,
        minus_infinite=total.minus_infinite,
        mean=total.sums.mean,
        variance=total.sums.variance,
        quantiles=tuple(ranked(values, counts, QUANTILES).clip(low, high).tolist()) if len(values) else (),
        quantile_error=error,
        decimals=tuple(column.digits.decimals.tolist()),
        usual_decimals=usual,
        last_digits=tuple(column.digits.last[usual].tolist()),
        first_digits=tuple(column.digits.first.tolist()),
        histogram=histogram(values.clip(low, high), counts, float(low), float(high)),
        buckets=Buckets(buckets.bits, tuple(buckets.keys.tolist()), tuple(buckets.counts.tolist())),
    )
    disguised = (
        Disguised(NUMBERS[value], value, count, _stands_apart(value, count, values, counts))
        for value, count in sorted(total.sentinels.items())
    )
    return {
        "smallest": total.smallest,
        "largest": total.largest,
        "disguised": tuple(disguised),
        "number": number,
    }


def _spread(column: NumberColumn, total: NumberCounts) -> tuple[FloatArray, IntArray, float]:
    """Finite values (d,) ascending and their counts: all of them where they are few, else buckets; the relative error."""
    if not column.values.complete:
        return total.buckets.middles(), total.buckets.counts, total.buckets.relative_error
    hashes, counts = column.values.kept()
    values = np.array(column.value(hashes), np.float64)
    finite = np.isfinite(values)
    order = np.argsort(values[finite], kind="stable")
    return values[finite][order], counts[finite][order], 0.0


def _stands_apart(value: float, count: int, values: FloatArray, counts: IntArray) -> bool:
    near = np.abs(values / value - 1.25) <= 0.75  # between half and twice, on the same side of zero
    return 4 * (int(counts[near].sum()) - count) < count


def _of_texts(column: TextColumn) -> dict[str, Any]:
    total = column.counts()
    lengths, counts = np.rint(total.lengths.middles()), total.lengths.counts
    shortest, longest = total.shortest or 0, total.longest or 0
    texts = int(counts.sum())
    text = TextProfile(
        shortest=shortest,
        longest=longest,
        mean_length=total.characters / texts if texts else None,
        length_quantiles=tuple(int(length) for length in ranked(lengths, counts, QUANTILES)) if texts else (),
        lengths=histogram(lengths.clip(shortest, longest), counts, float(shortest), float(longest)),
        looks=column.looks.counts,
        characters=column.looks.characters(),
    )
    disguised = sorted(total.sentinels.items())
    return {
        "smallest": total.ends[0] if total.ends else None,
        "largest": total.ends[1] if total.ends else None,
        "disguised": tuple(Disguised(TEXTS[value], value, count) for value, count in disguised),
        "text": text,
    }


def _of_dates(column: DateColumn, as_of: date | None) -> dict[str, Any]:
    total = column.counts()
    days, counts = total.days()
    future = None
    if as_of is not None:
        future = int(counts[days > (as_of - EPOCH).days].sum())
    quantiles = ranked(days.astype(np.float64), counts, QUANTILES) if len(days) else np.empty(0)
    dates = DateProfile(
        outside=column.outside,
        months=total.months(),
        by_month=total.by_month,
        quantiles=tuple(_day(int(day)) for day in quantiles),
        future=future,
    )
    disguised = (
        Disguised(DAYS[EPOCH + timedelta(days=day)], _day(day), count) for day, count in sorted(total.sentinels.items())
    )
    return {
        "smallest": None if total.smallest is None else column.said(total.smallest),
        "largest": None if total.largest is None else column.said(total.largest),
        "disguised": tuple(disguised),
        "date": dates,
    }


def _day(since_1970: int) -> str:
    return (EPOCH + timedelta(days=since_1970)).isoformat()


def _top(column: Column[Any], uniform: Cells | None) -> tuple[Value, ...]:
    """The commonest values, from all values where they are known, else from the uniform sample."""
    if column.values.complete:
        hashes, counts = column.values.kept()
        chosen = np.lexsort((hashes, -counts))[:MOST_TOP]
        if len(hashes) > MOST_TOP:
            chosen = chosen[counts[chosen] > 1]
        texts = dict(column.values.texts().select("hash", "text").iter_rows())
        values = _said(column, hashes[chosen], texts)
        return tuple(Value(value, count) for value, count in zip(values, counts[chosen].tolist(), strict=True))
    assert uniform is not None  # there are many values, hence rows
    sampled = uniform.hashes[column.position]
    hashes, first, counts = np.unique(sampled, return_index=True, return_counts=True)
    chosen = np.lexsort((hashes, -counts))
    chosen = chosen[(counts[chosen] >= _FEWEST_IN_SAMPLE) & (hashes[chosen] < NAN_HASH)][:MOST_TOP]
    texts = {}
    if isinstance(column, TextColumn):
        texts = {int(hashes[one]): uniform.texts[column.position][int(first[one])] for one in chosen}
    found = []
    for value, count in zip(_said(column, hashes[chosen], texts), counts[chosen].tolist(), strict=True):
        share = count / len(sampled)
        error = sqrt(share * (1 - share) / len(sampled)) * column.rows
        found.append(Value(value, round(share * column.rows), error))
    return tuple(found)


def _said(column: Column[Any], hashes: HashArray, texts: Mapping[int, str]) -> list[Scalar]:
    if isinstance(column, TextColumn):
        return [texts[hashed] for hashed in hashes.tolist()]
    assert isinstance(column, NumberColumn | BooleanColumn | DateColumn)
    return [str(value) if isinstance(value, float) and isinf(value) else value for value in column.value(hashes)]


def _classes(counts: Mapping[Pair, int] | None) -> tuple[ClassCount, ...] | None:
    if counts is None:
        return None
    in_order = sorted(counts.items(), key=lambda one: tuple((part is not None, part or "") for part in one[0]))
    return tuple(ClassCount(label, stratum, count) for (label, stratum), count in in_order)
