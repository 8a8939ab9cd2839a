"""How far apart the distributions of two tables are, column by column: for drift to the raw data, or to a target.

Both are binned alike: numbers and dates at the 20-quantiles of the reference, with a bin on either side of all it holds;
texts by the commonest values of both; and missing cells in a bin of their own. Population stability index Σ (p - q) ln(p / q) (Siddiqi 2006, Credit Risk Scorecards;
usual reading: below 0.1 stable, above 0.25 shifted), every bin half a row more so that none is empty; and the
Jensen-Shannon divergence in bits, 0 to 1 (Lin 1991, doi:10.1109/18.61115).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.quality.profile.result import Buckets, ColumnProfile, NumberProfile, TableProfile
from scoring.quality.profile.tally import IntArray, put_together

FloatArray = npt.NDArray[np.float64]

_QUANTILE_BINS: Final = 20


@dataclass(frozen=True, slots=True)
class Drift:
    """Of one column; None where one of the tables has no rows."""

    name: str
    bins: int
    psi: float | None
    jensen_shannon: float | None


def drifts(reference: TableProfile, other: TableProfile) -> tuple[Drift, ...]:
    """Every column of the reference that the other table has too, as the same kind."""
    there = {column.name: column for column in other.columns}
    return tuple(
        drift(column, there[column.name])
        for column in reference.columns
        if column.name in there and there[column.name].kind == column.kind
    )


def drift(reference: ColumnProfile, other: ColumnProfile) -> Drift:
    """Of two profiles of columns of the same kind."""
    one, two = _binned(reference, other)
    if not (one.sum() and two.sum()):
        return Drift(reference.name, len(one), None, None)
    return Drift(reference.name, len(one), stability_index(one, two), jensen_shannon(one, two))


def stability_index(reference: IntArray, other: IntArray) -> float:
    """PSI of two histograms (b,) of counts over the same bins.

    >>> round(stability_index(np.array([500, 500]), np.array([250, 750])), 3)
    0.274
    """
    p, q = ((counts + 0.5) / (counts.sum() + len(counts) / 2) for counts in (reference, other))
    return float(((p - q) * np.log(p / q)).sum())


def jensen_shannon(reference: IntArray, other: IntArray) -> float:
    """In bits, of two histograms (b,) of counts over the same bins, neither empty: 0 alike, 1 nothing in common.

    >>> jensen_shannon(np.array([1, 0]), np.array([0, 1]))
    1.0
    """
    p, q = reference / reference.sum(), other / other.sum()
    middle = (p + q) / 2
    return max(0.0, (_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2)


def _relative_entropy(p: FloatArray, q: FloatArray) -> float:
    some = p > 0
    return float((p[some] * np.log2(p[some] / q[some])).sum())


def _binned(reference: ColumnProfile, other: ColumnProfile) -> tuple[IntArray, IntArray]:
    """Counts over the same bins; the last bin holds the missing cells."""
    if reference.number is not None and other.number is not None:
        one, two = _numbers(reference.number, other.number)
    elif reference.date is not None and other.date is not None:
        one, two = _named(reference.date.months, other.date.months)
    elif reference.true is not None and other.true is not None:
        one, two = (np.array([one.true, one.rows - one.nulls - (one.true or 0)]) for one in (reference, other))
    else:
        one, two = _texts(reference, other)
    missing = (max(0, column.rows - int(counts.sum())) for column, counts in ((reference, one), (other, two)))
    return np.append(one, next(missing)), np.append(two, next(missing))


def _numbers(reference: NumberProfile, other: NumberProfile) -> tuple[IntArray, IntArray]:
    bits = min(reference.buckets.bits, other.buckets.bits)
    (keys, counts), (other_keys, other_counts) = (_at(one.buckets, bits) for one in (reference, other))
    if not len(keys):
        return np.array([0]), np.array([other.finite])
    cuts = _cuts(keys, counts)
    one, two = _into(keys, counts, cuts), _into(other_keys, other_counts, cuts)
    for place, ends in (
        (-1, (reference.infinite, other.infinite)),
        (0, (reference.minus_infinite, other.minus_infinite)),
    ):
        one[place] += ends[0]
        two[place] += ends[1]
    return one, two


def _at(buckets: Buckets, bits: int) -> tuple[IntArray, IntArray]:
    keys, counts = np.array(buckets.keys, np.int64), np.array(buckets.counts, np.int64)
    return put_together(keys >> (buckets.bits - bits), counts)


def _cuts(keys: IntArray, counts: IntArray) -> IntArray:
    """The keys with which a new bin begins: about 20 with equal counts, and one on either side of all keys."""
    upto = np.cumsum(counts)
    wanted = upto[-1] * np.arange(1, _QUANTILE_BINS) / _QUANTILE_BINS
    inner = keys[np.minimum(np.searchsorted(upto, wanted) + 1, len(keys) - 1)]
    used = keys[counts > 0]
    return np.unique(np.concatenate([used[:1], inner, used[-1:] + 1]))


def _into(keys: IntArray, counts: IntArray, cuts: IntArray) -> IntArray:
    found = np.zeros(len(cuts) + 1, np.int64)
    np.add.at(found, np.searchsorted(cuts, keys, side="right"), counts)
    return found


def _named(reference: Mapping[str, int], other: Mapping[str, int]) -> tuple[IntArray, IntArray]:
    """By month, the months of the reference put together to about 20 equal parts."""
    months = sorted({*reference, *other})
    keys = np.arange(len(months))
    one, two = (np.array([counts.get(month, 0) for month in months], np.int64) for counts in (reference, other))
    if not one.sum():
        return np.array([0]), np.array([int(two.sum())])
    cuts = _cuts(keys, one)
    return _into(keys, one, cuts), _into(keys, two, cuts)


def _texts(reference: ColumnProfile, other: ColumnProfile) -> tuple[IntArray, IntArray]:
    """By the values that are listed of either, and one bin for all others.

    A value that only one lists may be in the other too, only less often than what is listed there; then it is taken to be
    there as often as the least drift asks for.
    """
    values = sorted({str(value.value) for column in (reference, other) for value in column.top})
    listed = [{str(value.value): value.count for value in column.top} for column in (reference, other)]
    filled = [column.rows - column.nulls for column in (reference, other)]
    found = []
    for mine, column in enumerate((reference, other)):
        whole = column.distinct <= len(column.top)
        most = 0 if whole else min(listed[mine].values(), default=filled[mine] // 1000)
        alike = {value: count * filled[mine] // max(1, filled[1 - mine]) for value, count in listed[1 - mine].items()}
        counts = [listed[mine].get(value, min(most, alike.get(value, 0))) for value in values]
        found.append(np.array([*counts, max(0, filled[mine] - sum(counts))], np.int64))
    return found[0], found[1]
