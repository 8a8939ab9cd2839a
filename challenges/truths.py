"""Truth and predictions in the forms that metrics read: numbers, codes of classes, lists of item codes.

One reading for both sides: the cells of the answers are judged like those of a submission.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from challenges.arrays import stored
from challenges.definition import Column
from challenges.intake.cells import Judged, judge
from challenges.plan import Truth
from scoring import Lists
from scoring.metric import Metric

Coded = NDArray[np.float64] | NDArray[np.int32] | Lists
_TRUE = ("1", "true")


def plan_truth(metric: Metric, column: str, predicted: Sequence[Column]) -> Truth:
    """The form of the truth `column` that `metric` reads beside the `predicted` columns.

    Beside classes its codes are their places; beside one probability or number, 1 where the truth is the column's `of`; beside
    one probability per class, the place of the column whose `of` it is.
    """
    if metric.truth == "number":
        return Truth(column=column, form="number")
    if metric.truth == "list":
        return Truth(column=column, form="lists")
    if predicted[0].type == "class":
        return Truth(column=column, form="codes", labels=predicted[0].classes)
    if len(predicted) == 1:
        return Truth(column=column, form="binary", labels=(predicted[0].of,))
    return Truth(column=column, form="codes", labels=tuple(one.of for one in predicted))


def judge_truth(truth: Truth, cells: pl.Series) -> Judged:
    """The truth in `cells`, coded, with its flaws. Lists come as lists of text."""
    if truth.form == "number":
        return judge(Column(name=truth.column, type="number"), cells)
    if truth.form == "lists":
        return judge(Column(name=truth.column, type="list"), cells)
    if truth.form == "codes":
        labels = (*truth.labels, "true") if "1" in truth.labels and "true" not in truth.labels else truth.labels
        judged = judge(Column(name=truth.column, type="class", classes=labels), _small(cells))
        codes = np.asarray(judged.values)
        if labels is not truth.labels:
            codes = np.where(codes == len(truth.labels), truth.labels.index("1"), codes)
        return Judged(codes.astype(np.int32), judged.flaws)
    judged = judge(Column(name=truth.column, type="text"), cells)
    texts = _small(cells).cast(pl.String).str.strip_chars()
    whole = texts.cast(pl.Float64, strict=False)
    names = _TRUE if truth.labels == ("1",) else truth.labels
    same = texts.is_in(names)
    for name in names:
        number = pl.Series([name]).cast(pl.Float64, strict=False)[0]
        if number is not None:
            same |= (whole == number).fill_null(value=False)
    return Judged(same.fill_null(value=False).to_numpy().astype(np.int32), judged.flaws)


def _small(cells: pl.Series) -> pl.Series:
    """Truth values as they are compared: text in which true and True are the same."""
    texts = cells.cast(pl.String)
    lower = texts.str.to_lowercase()
    return lower.zip_with(lower.is_in(["true", "false"]).fill_null(value=False), texts)


def known_items(lists: pl.Series) -> pl.Series:
    """The distinct items of all lists, in order; the place of an item is its code."""
    return lists.explode().drop_nulls().unique().sort().alias("item")


def code_lists(lists: pl.Series, items: pl.Series) -> Lists:
    """Lists of text as lists of codes; an item that is not among `items` is -1."""
    lengths = lists.list.len().fill_null(0).to_numpy()
    flat = lists.filter(lists.list.len() > 0).explode()
    book = items.to_frame("item").with_row_index("code")
    codes = flat.to_frame("item").join(book, on="item", how="left", maintain_order="left")["code"]
    starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    return Lists(starts, codes.cast(pl.Int64).fill_null(-1).to_numpy())


def perfect(truth: Truth, part: Coded, width: int) -> Any:
    """The prediction of someone who knows the truth, in the form that a metric reads beside it."""
    if isinstance(part, Lists) or truth.form == "number":
        return part
    if truth.form == "binary":
        return part.astype(np.float64)
    if width == 1:
        return part
    certain = np.zeros((len(part), width))
    certain[np.arange(len(part)), part] = 1.0
    return certain


def save(folder: Path, name: str, part: Coded) -> None:
    """Writes a coded column so that `load` finds it."""
    if isinstance(part, Lists):
        np.save(folder / f"{name}-starts.npy", part.indptr)
        np.save(folder / f"{name}.npy", part.items)
    else:
        np.save(folder / f"{name}.npy", part)


def load(folder: Path, name: str, truth: Truth) -> Coded:
    """A coded column as `save` wrote it."""
    values: Any = stored(folder / f"{name}.npy")
    if truth.form != "lists":
        coded: Coded = values
        return coded
    return Lists(stored(folder / f"{name}-starts.npy"), values)
