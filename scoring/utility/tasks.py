"""What is predicted: the classes or the scale of the target, fixed by the organizer's reference, never by a submission."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.metric import Metric
from scoring.utility.models import Target
from scoring.utility.refusals import Refused

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MOST_CLASSES: Final = 100
_FARTHEST: Final = 1e3  # standard deviations; a number farther out would only overflow sums
_SMALLEST_SHARE: Final = 1e-6  # of probability; keeps the logarithm of a wrong certainty finite
_FEWEST_NUMBERS: Final = 2


@dataclass(frozen=True, slots=True)
class Task:
    """A target column and what its values mean.

    classes          labels in order, the last one positive where there are two; empty for numbers
    numeric          labels are compared as numbers ("1", 1 and 1.0 are one class)
    mean, scale      of the reference's numbers; 0 and 1 for classes
    low, high        the smallest and largest number of the reference: predictions are kept between them
    """

    target: str
    classes: tuple[str, ...] = ()
    numeric: bool = False
    mean: float = 0.0
    scale: float = 1.0
    low: float = 0.0
    high: float = 0.0

    @property
    def kind(self) -> Target:
        """What a model has to learn."""
        if not self.classes:
            return "regression"
        return "binary" if len(self.classes) == 2 else "multiclass"


def task_of(reference: pl.DataFrame, target: str, metric: Metric) -> Task:
    """The task that a metric asks of a reference's target column. Refused: absent, fewer than two values, too many classes."""
    if metric.truth == "list":
        raise Refused("utility.metric", metric=metric.key)
    column = _column(reference, target)
    if metric.truth == "number":
        numbers = _numbers(column)
        numbers = numbers[np.isfinite(numbers)]
        if len(np.unique(numbers)) < _FEWEST_NUMBERS:
            raise Refused("utility.one_class", target=target)
        scale = float(numbers.std()) or 1.0
        return Task(target, (), True, float(numbers.mean()), scale, float(numbers.min()), float(numbers.max()))
    values = _texts(column).drop_nulls().unique()
    numbers = _numbers(values)
    numeric = bool(len(numbers)) and bool(np.isfinite(numbers).all())
    labels = [_plain(number) for number in np.unique(numbers)] if numeric else sorted(values.to_list())
    if not 2 <= len(labels) <= MOST_CLASSES:
        raise Refused("utility.classes", target=target, count=len(labels), most=MOST_CLASSES)
    return Task(target, tuple(labels), numeric)


def targets(frame: pl.DataFrame, task: Task) -> IntArray | FloatArray:
    """(n,) class codes with -1 where the label is missing or unknown, or numbers in standard deviations with NaN there."""
    column = _column(frame, task.target)
    if not task.classes:
        numbers = _numbers(column)
        numbers[~np.isfinite(numbers)] = np.nan
        found: FloatArray = np.clip((numbers - task.mean) / task.scale, -_FARTHEST, _FARTHEST)
        return found
    if task.numeric:
        known, given = np.array([float(label) for label in task.classes]), _numbers(column)
        place = np.searchsorted(known, given).clip(0, len(known) - 1)
        return np.where(known[place] == given, place, -1).astype(np.int64)
    codes = {label: code for code, label in enumerate(task.classes)}
    coded = _texts(column).replace_strict(codes, default=-1, return_dtype=pl.Int64)
    return coded.fill_null(-1).to_numpy().astype(np.int64)


def usable(target: IntArray | FloatArray) -> npt.NDArray[np.bool_]:
    """(n,) which rows have a label that can be learned from."""
    return np.asarray(target >= 0 if target.dtype.kind == "i" else ~np.isnan(target))


def constant(target: IntArray | FloatArray, task: Task, rows: int) -> FloatArray:
    """The prediction of a model that has seen too little: the shares of the classes, or the mean."""
    if not task.classes:
        return np.full(rows, float(target.mean()) if len(target) else 0.0)
    shares = np.bincount(target.astype(np.int64), minlength=len(task.classes)) + 1.0
    return np.tile(shares / shares.sum(), (rows, 1))


def presented(prediction: FloatArray, task: Task, metric: Metric) -> FloatArray | IntArray:
    """A model's prediction as the metric takes it: numbers in the target's own unit, class codes, one or all probabilities."""
    if not task.classes:
        return np.asarray(np.clip(prediction * task.scale + task.mean, task.low, task.high))
    if "class" in metric.inputs:
        return np.asarray(prediction.argmax(axis=1), dtype=np.int64)
    shares = np.clip(prediction, _SMALLEST_SHARE, None)
    shares /= shares.sum(axis=1, keepdims=True)
    return np.ascontiguousarray(shares[:, 1]) if len(task.classes) == 2 else shares


def truth(target: IntArray | FloatArray, task: Task) -> IntArray | FloatArray:
    """The hidden target in the metric's unit."""
    return target if task.classes else np.asarray(target * task.scale + task.mean, dtype=np.float64)


def _column(frame: pl.DataFrame, target: str) -> pl.Series:
    if target not in frame.columns:
        raise Refused("utility.missing_target", target=target)
    return frame[target]


def _texts(column: pl.Series) -> pl.Series:
    if column.dtype.is_nested() or column.dtype in {pl.Binary, pl.Object}:
        return pl.Series(column.name, [None] * len(column), dtype=pl.String)
    return column.cast(pl.String, strict=False).str.strip_chars().replace("", None)


def _numbers(column: pl.Series) -> FloatArray:
    if column.dtype.is_nested() or column.dtype in {pl.Binary, pl.Object}:
        return np.full(len(column), np.nan)
    if column.dtype == pl.String:
        column = column.str.strip_chars()
    numbers = column.cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()
    return np.array(numbers, dtype=np.float64)


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(float(number))
