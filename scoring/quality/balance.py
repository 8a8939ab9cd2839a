"""Balance of labels, difference of distributions, and the strata that a dataset must hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.columns import as_numbers, as_texts
from scoring.quality.shares import Share, share_of

_FLOOR: Final = 1e-4  # a share that is 0 counts as this in PSI
MOST_CATEGORIES: Final = 10_000

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def jensen_shannon(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Jensen-Shannon divergence of two distributions (k,), in bits: 0 (the same) … 1 (nothing in common) (Lin 1991,
    doi:10.1109/18.61115). Counts are turned into shares. ValueError for a negative or an all-zero side.

    >>> jensen_shannon([1, 0], [0, 1]), jensen_shannon([2, 2], [5, 5])
    (1.0, 0.0)
    """
    p, q = _shares(first), _shares(second)
    middle = (p + q) / 2
    return float(np.clip((_relative_entropy(p, middle) + _relative_entropy(q, middle)) / 2, 0, 1))


def _relative_entropy(p: FloatArray, q: FloatArray) -> float:
    positive = p > 0
    return float((p[positive] * np.log2(p[positive] / q[positive])).sum())


def stability_index(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Population stability index Σ (p - q)·ln(p / q) of two distributions (k,); a share below 0.0001 counts as that.

    Below 0.1 is usually called stable, above 0.25 a shift (Siddiqi 2006, Credit Risk Scorecards). ValueError as above.

    >>> round(stability_index([50, 50], [60, 40]), 4)
    0.0405
    """
    p, q = (np.maximum(_shares(side), _FLOOR) for side in (first, second))
    return float(((p - q) * np.log(p / q)).sum())


def _shares(counts: npt.ArrayLike) -> FloatArray:
    values = np.asarray(counts, dtype=np.float64)
    total = values.sum()
    if not (total > 0 and np.isfinite(total) and (values >= 0).all()):
        raise ValueError("a distribution needs finite counts ≥ 0, not all of them 0")
    return np.asarray(values / total)


def compare_columns(first: pl.Series, second: pl.Series, *, bins: int = 10) -> float:
    """Population stability index of two columns of one kind; missing values are a category of their own.

    Numbers are cut at quantiles of `second`, the reference; other types by value, at most 10,000 (the most frequent of the
    reference, the rest together). NaN where either has no rows.

    >>> same = pl.Series(range(1000))
    >>> compare_columns(same, same), compare_columns(same + 500, same) > 0.25
    (0.0, True)
    """
    if not len(first) or not len(second):
        return float("nan")
    codes, reference, size = _coded(first, second, bins)
    return stability_index(np.bincount(codes, minlength=size), np.bincount(reference, minlength=size))


def _coded(first: pl.Series, second: pl.Series, bins: int) -> tuple[IntArray, IntArray, int]:
    """Both columns as numbers of categories, the last for missing values."""
    if second.dtype.is_numeric() and first.dtype.is_numeric():
        one, two = (as_numbers(side) for side in (first, second))
        known = two[~np.isnan(two)]
        edges = np.unique(np.quantile(known, np.arange(1, bins) / bins)) if len(known) else np.zeros(0)
        codes = [
            np.where(np.isnan(side), len(edges) + 1, np.searchsorted(edges, side, side="right")) for side in (one, two)
        ]
        return codes[0], codes[1], len(edges) + 2
    texts = [as_texts(side) for side in (first, second)]
    counts = texts[1].drop_nulls().value_counts(name="rows")
    names = counts.sort("rows", counts.columns[0], descending=[True, False])[counts.columns[0]].head(MOST_CATEGORIES)
    table = pl.DataFrame({"text": names, "code": np.arange(len(names))})
    found = []
    for side in texts:
        joined = pl.DataFrame({"text": side}).join(table, on="text", how="left", maintain_order="left")
        missing = side.is_null()
        rest = joined["code"].fill_null(len(names)).to_numpy()
        found.append(np.where(missing.to_numpy(), len(names) + 1, rest))
    return found[0], found[1], len(names) + 2


@dataclass(frozen=True, slots=True)
class Balance:
    """Balance of the labels of n rows.

    counts      label → rows, for every label of the target, in its order, then any others by name
    likeness    1 - Jensen-Shannon divergence to the target: 1 is the target itself
    smallest    rows of the rarest label of the target
    ratio       rows of the most frequent label over those of the rarest; infinite where one does not come
    enough      share of the labels of the target that have at least `least` rows; NaN where no least is set
    short       labels below `least`
    """

    counts: dict[str, int]
    likeness: float
    smallest: int
    ratio: float
    enough: float
    short: tuple[str, ...]


def label_balance(labels: pl.Series, target: Mapping[str, float] | None = None, *, least: int | None = None) -> Balance:
    """Compare how often each label comes with a target distribution.

    labels  (n,) any type, compared as text; missing ones are not counted
    target  label → share, of any sum; None: all labels that come, equally often
    least   rows that every label needs

    ValueError without a known label, and for a target without a positive share.

    >>> found = label_balance(pl.Series(["a"] * 90 + ["b"] * 10), least=50)
    >>> round(found.likeness, 4), found.ratio, found.short
    (0.8532, 9.0, ('b',))
    """
    column = as_texts(labels).drop_nulls().value_counts(name="rows")
    rows = dict(sorted(column.iter_rows()))
    wanted = dict.fromkeys(rows, 1.0) if target is None else dict(target)
    counts = {name: rows.get(name, 0) for name in wanted} | {
        name: count for name, count in rows.items() if name not in wanted
    }
    if not rows:
        raise ValueError("no label is known")
    likeness = 1 - jensen_shannon(list(counts.values()), [wanted.get(name, 0.0) for name in counts])
    of_target = [counts[name] for name, share in wanted.items() if share > 0]
    smallest = min(of_target)
    short = tuple(name for name, share in wanted.items() if share > 0 and least is not None and counts[name] < least)
    enough = float("nan") if least is None else 1 - len(short) / len(of_target)
    ratio = max(counts.values()) / smallest if smallest else float("inf")
    return Balance(counts, likeness, smallest, ratio, enough, short)


@dataclass(frozen=True, slots=True)
class Strata:
    """Which required strata the rows hold.

    covered  share of the required strata with enough rows
    filled   mean over strata of min(1, rows / least): nearly full strata count nearly
    counts   (s,) int64 rows in each required stratum, in the order asked for
    missing  (k,) int64: places of the strata without enough rows
    """

    covered: Share
    filled: float
    counts: IntArray
    missing: IntArray


def strata_covered(table: pl.DataFrame, required: pl.DataFrame, *, least: str | int = 1) -> Strata:
    """Count the rows of each required combination of values.

    required  one row for each stratum, with columns that `table` has; values are compared as text, a missing one matches rows
              where it is missing
    least     rows that a stratum needs: a number, or the name of a column of `required` that holds it

    ValueError where no stratum is required, or `table` lacks a column.

    >>> rows = pl.DataFrame({"region": ["n", "n", "s"], "season": [1, 2, 1]})
    >>> found = strata_covered(rows, pl.DataFrame({"region": ["n", "s", "s"], "season": [1, 1, 2]}))
    >>> found.counts.tolist(), found.missing.tolist()
    ([1, 1, 0], [2])
    """
    names = [name for name in required.columns if name != least]
    if not names or not required.height:
        raise ValueError("no stratum is required")
    if missing := sorted(set(names) - set(table.columns)):
        raise ValueError(f"the table lacks {', '.join(missing)}")
    rows = pl.DataFrame([as_texts(table[name]) for name in names]).group_by(names).len(name="rows of the stratum")
    asked = pl.DataFrame([as_texts(required[name]) for name in names])
    joined = asked.join(rows, on=names, how="left", nulls_equal=True, maintain_order="left")
    counts = joined["rows of the stratum"].fill_null(0).cast(pl.Int64).to_numpy()
    needed = required[least].to_numpy() if isinstance(least, str) else np.full(len(counts), least)
    needed = np.maximum(needed, 1)
    short = np.flatnonzero(counts < needed)
    filled = float(np.minimum(counts / needed, 1).mean())
    return Strata(share_of(len(counts) - len(short), len(counts)), filled, counts, short)
