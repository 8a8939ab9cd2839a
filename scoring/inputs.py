"""The columns that metrics compute on, made right or refused: metric functions check nothing of this again."""

from typing import Any, Final

import numpy as np

from scoring.errors import ScoringError
from scoring.lists import Lists
from scoring.metric import Kind, Metric
from scoring.sorting import BoolArray, FloatArray, IntArray
from scoring.uncertainty import Units

_SUM_TOLERANCE: Final = 1e-3  # class probabilities written with few digits; metrics divide by the sum
_NOT_FINITE: Final = {"truth": "scoring.truth_not_finite", "prediction": "scoring.prediction_not_finite"}
FEWEST_UNITS: Final = 2

Column = FloatArray | IntArray | Lists


def columns(metric: Metric, truth: object, prediction: object) -> tuple[Column, Column]:
    """Truth and prediction as the metric's function takes them; see `scoring.evaluate` for what is accepted and refused."""
    true, predicted = _MAKERS[metric.truth](truth, "truth"), _MAKERS[metric.inputs[0]](prediction, "prediction")
    if len(true) != len(predicted):
        raise ScoringError("scoring.lengths", truth=len(true), prediction=len(predicted))
    if not len(true):
        raise ScoringError("scoring.too_few", count=0, needed=FEWEST_UNITS)
    if isinstance(predicted, Lists):
        return true, predicted
    if true.ndim != 1:
        raise ValueError(f"the truth must be one column (n,), not {true.shape}")
    if predicted.ndim != 1 and not (metric.wide and predicted.ndim == 2):
        raise ScoringError("scoring.one_column", metric=metric.key, columns=_width(predicted))
    if metric.truth == "class" and "class" not in metric.inputs:
        _check_classes(metric, true, predicted)
    if metric.inputs == ("probability",):
        _check_probabilities(predicted)
    return true, predicted


def units(groups: object, rows: int) -> Units:
    """What is independent: the rows, or the groups that integer labels (rows,) name. ScoringError if fewer than two."""
    if groups is None:
        found = Units(rows)
    else:
        labels = np.asarray(groups)
        if labels.dtype.kind not in "iu":
            raise TypeError(f"groups must be integer labels, not {labels.dtype}")
        if labels.shape != (rows,):
            raise ScoringError("scoring.groups", groups=labels.size, rows=rows)
        found = _groups(labels)
    if found.count < FEWEST_UNITS:
        raise ScoringError("scoring.too_few", count=found.count, needed=FEWEST_UNITS)
    return found


def _groups(labels: IntArray) -> Units:
    """Groups numbered in the order of their labels."""
    largest = int(labels.max())
    if labels.min() < 0 or largest >= 2 * len(labels):
        distinct, of_row = np.unique(labels, return_inverse=True)
        return Units(len(distinct), of_row)
    occurs = np.bincount(labels) > 0
    return Units(int(occurs.sum()), (np.cumsum(occurs) - 1)[labels])


def _numbers(values: object, side: str) -> FloatArray:
    column = np.ascontiguousarray(values, dtype=np.float64)
    if column.size and not np.isfinite([column.min(), column.max()]).all():  # NaN is carried by both
        bad = _rows_with(~np.isfinite(column))
        raise ScoringError(_NOT_FINITE[side], count=int(bad.sum()), row=int(bad.argmax()))
    return column


def _codes(values: object, side: str) -> IntArray:
    column = np.asarray(values)
    if column.dtype.kind not in "iub" or column.ndim != 1:
        raise TypeError(f"the {side} must be integer class codes (n,), not {column.dtype} {column.shape}")
    if column.size and column.min() < 0:
        raise ValueError(f"the {side} holds a negative class code; codes count from 0")
    return column if column.dtype.kind == "i" else column.astype(np.int64)


def _lists(values: object, side: str) -> Lists:
    if not isinstance(values, Lists):
        raise TypeError(f"the {side} must be scoring.Lists, not {type(values).__name__}")
    indptr, items, gains = values.indptr, values.items, values.gains
    if len(indptr) == 0 or indptr[0] != 0 or indptr[-1] != len(items) or (np.diff(indptr) < 0).any():
        raise ValueError(f"the lists of the {side}: indptr must rise from 0 to the number of items, {len(items)}")
    if gains is not None and (gains.shape != items.shape or not np.isfinite(gains).all() or gains.min(initial=0) < 0):
        raise ValueError(f"the lists of the {side}: gains must be one finite number, 0 or more, for each item")
    lowest = {"truth": 0, "prediction": -1}[side]
    if items.min(initial=0) < lowest:
        raise ValueError(f"the lists of the {side} hold an item code below {lowest}")
    if side == "truth":
        _check_unrepeated(values)
    return values


_MAKERS: Final[dict[Kind, Any]] = {"number": _numbers, "probability": _numbers, "class": _codes, "list": _lists}


def _check_classes(metric: Metric, truth: IntArray, prediction: FloatArray) -> None:
    """Truth codes must be 0 or 1 for one column of predictions, and below k for k columns."""
    largest = int(truth.max())
    if prediction.ndim == 1 and largest > 1:
        raise ScoringError("scoring.not_binary", metric=metric.key, largest=largest)
    if prediction.ndim == 2 and largest >= _width(prediction):
        raise ScoringError("scoring.class_columns", largest=largest, columns=_width(prediction))


def _check_probabilities(values: FloatArray) -> None:
    if values.min() < 0 or values.max() > 1:
        outside = (values < 0) | (values > 1)
        bad = _rows_with(outside)
        value = str(values[outside][0])
        raise ScoringError("scoring.not_probability", count=int(outside.sum()), row=int(bad.argmax()), value=value)
    if values.ndim == 2:
        sums = values.sum(axis=1)
        bad = np.abs(sums - 1) > _SUM_TOLERANCE
        if bad.any():
            row = int(bad.argmax())
            raise ScoringError("scoring.not_a_sum", count=int(bad.sum()), row=row, value=f"{sums[row]:.6g}")


def _check_unrepeated(truth: Lists) -> None:
    queries = np.repeat(np.arange(len(truth)), np.diff(truth.indptr))
    pairs = np.sort(queries * (int(truth.items.max(initial=0)) + 2) + truth.items)
    repeated = pairs[1:] == pairs[:-1]
    if repeated.any():
        row = int(pairs[repeated.argmax()] // (int(truth.items.max()) + 2))
        raise ScoringError("scoring.repeated_item", count=int(repeated.sum()), row=row)


def _rows_with(marks: BoolArray) -> BoolArray:
    return np.asarray(marks.reshape(len(marks), -1).any(axis=1))


def _width(values: FloatArray | IntArray) -> int:
    return 1 if values.ndim == 1 else int(np.prod(values.shape[1:]))
