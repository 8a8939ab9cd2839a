"""How much one column alone gives away about another: 0 nothing, 1 everything."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST_ROWS = 20
_ROWS_A_VALUE = 5
"""A column whose values are mostly its own (names, ids) tells everything about the rows at hand and nothing about others."""


def tells(column: pl.Series, truth: Floats, *, classes: bool) -> float:
    """How much `column` (n,) gives away about `truth` (n,): numbers, or codes when `classes`. 0 when nothing can be said.

    Numbers about numbers: the size of Spearman's rank correlation. About classes: the larger of what is gained by guessing the
    commonest class for each value of the column over always guessing the commonest (Goodman and Kruskal's lambda), and, with
    two classes, of |2 AUC - 1|. Rows without a value are left out; too few rows, or a constant side, tell nothing.
    """
    known = column.is_not_null().to_numpy()
    column, truth = column.filter(pl.Series(known)), truth[known]
    if len(truth) < FEWEST_ROWS or column.n_unique() < 2 or np.unique(truth).size < 2:
        return 0.0
    numbers = as_numbers(column)
    if not classes:
        return 0.0 if numbers is None else abs(correlation(numbers, truth))
    best = gain(column, truth)
    if numbers is not None and np.unique(truth).size == 2:
        best = max(best, abs(2 * auc(numbers, truth == truth.max()) - 1))
    return best


def as_numbers(column: pl.Series) -> Floats | None:
    """The column as numbers, when every value in it is one."""
    if column.dtype == pl.Boolean or column.dtype.is_numeric() or column.dtype == pl.String:
        numbers = column.cast(pl.Float64, strict=False)
        if numbers.null_count() == column.null_count() and numbers.is_finite().all():
            return numbers.to_numpy()
    return None


def ranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of theirs."""
    return pl.Series(values).rank("average").to_numpy()


def auc(values: Floats, positive: NDArray[np.bool_]) -> float:
    """How often a positive row has the larger value; ties count one half. Both kinds of rows must be there."""
    count = int(positive.sum())
    above = ranks(values)[positive].sum() - count * (count + 1) / 2
    return float(above / (count * (len(values) - count)))


def correlation(one: Floats, other: Floats) -> float:
    """Spearman's rank correlation; neither side may be constant."""
    return float(np.corrcoef(ranks(one), ranks(other))[0, 1])


def gain(column: pl.Series, codes: Floats) -> float:
    """The share of wrong guesses that knowing the column's value saves; 0 for a column of mostly distinct values."""
    if column.n_unique() * _ROWS_A_VALUE > len(codes):
        return 0.0
    counts = pl.DataFrame({"value": column, "code": codes}).group_by("value", "code").len()
    right = int(counts.group_by("value").agg(pl.col("len").max())["len"].sum())
    commonest = int(counts.group_by("code").agg(pl.col("len").sum())["len"].max())  # type: ignore[arg-type]
    return (right - commonest) / (len(codes) - commonest)
