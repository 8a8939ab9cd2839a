"""Features that give the target away: what makes a challenge trivial, or a submission look better than it is.

Four signs, each found column by column, in one pass of sorting:

gives-away   one column alone predicts the target almost perfectly (AUC ≥ 0.99, for numbers R² ≥ 0.98). Judged by cross-fitting: the
             rows are halved by content, and each half is predicted from the mean target of its value (or bin) in the other half,
             so a column of identifiers, each occurring once, is not mistaken for a leak.
label-text   the cells of a text or category column hold the words of their own row's label, and not those of other labels
absent       a column that the hidden test does not have; models do not read it
differs      a column is distributed otherwise in the hidden test (population stability index ≥ 0.25)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.metrics import find as find_metric
from scoring.thresholds import roc_auc
from scoring.utility.features import Numbers, Pipeline, as_numbers, as_texts, fitted, kinds_of
from scoring.utility.refusals import Refused
from scoring.utility.rows import lowest, mixed
from scoring.utility.tasks import FloatArray, IntArray, Task, targets, task_of, usable

Sign = Literal["gives-away", "label-text", "absent", "differs"]

SENTENCES: Final[Mapping[Sign, str]] = MappingProxyType(
    {
        "gives-away": "“{column}” alone predicts the target almost perfectly ({train:.3f} in these rows, {test:.3f} in the hidden test; 1 is perfect).",
        "label-text": "“{column}” holds the text of the row's own label in {train:.0%} of the rows, and that of another label in {test:.0%}.",
        "absent": "The hidden test has no column “{column}”; no model reads it.",
        "differs": "“{column}” is distributed otherwise in the hidden test (population stability index {train:.2f}; from 0.25 it counts).",
    }
)
STRONG_AUC: Final = 0.99
STRONG_R2: Final = 0.98
STRONG_INDEX: Final = 0.25
_OWN_SHARE, _OWN_EXCESS = 0.5, 0.3  # of cells with a label's text
_SHORTEST_LABEL: Final = 2  # characters; shorter labels occur in any text
_MOST_ROWS: Final = 50_000
_FEWEST_ROWS: Final = 50
_CELLS: Final = 10
_SALT_OF_HALVES, _SALT_OF_ROWS = 201, 202
_WEIGHT: Final = 1.0  # of the overall mean in the mean of a value


@dataclass(frozen=True, slots=True)
class Leak:
    """One sign in one column; `train` and `test` are the numbers that its sentence speaks of."""

    column: str
    sign: Sign
    train: float
    test: float

    @property
    def sentence(self) -> str:
        """English."""
        return SENTENCES[self.sign].format(column=self.column, train=self.train, test=self.test)


def scan(
    train: pl.DataFrame, test: pl.DataFrame, *, target: str, metric: str, ignore: Iterable[str] = ()
) -> tuple[Leak, ...]:
    """All signs of leakage, ordered by column. At most 50,000 rows of each frame are looked at, chosen by their content.

    Works on a submission (train) and on an organizer's own package (its curated set). `metric` says whether the target is a class
    or a number; `ignore` names columns that are no features. Refused: no target, no common column, fewer than 50 labelled rows.
    """
    task = task_of(train, target, find_metric(metric))
    left_out = {target, *ignore}
    kinds = kinds_of(train, test, left_out)
    found = [
        Leak(name, "absent", 0.0, 0.0) for name in train.columns if name not in test.columns and name not in left_out
    ]
    table = {name: kind for name, kind in kinds.items() if kind in {"number", "category"}}
    if table:
        pipeline = fitted(train, table)
        sides = _Side.of(train, task, pipeline), _Side.of(test, task, pipeline)
        for name in table:
            found += _in_table(name, *sides, task, pipeline)
    words = [name for name, kind in kinds.items() if kind in {"category", "text"}]
    if task.classes and not task.numeric:
        found += [leak for name in words if (leak := _label_text(name, train, task))]
    return tuple(sorted(found, key=lambda leak: (leak.column, leak.sign)))


@dataclass(frozen=True, slots=True)
class _Side:
    """Labelled rows with their codes."""

    frame: pl.DataFrame
    target: IntArray | FloatArray
    codes: Mapping[str, IntArray]
    half: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, frame: pl.DataFrame, task: Task, pipeline: Pipeline) -> "_Side":
        target = targets(frame, task)
        known = usable(target)
        frame, target = frame.filter(pl.Series(known)), target[known]
        if len(target) < _FEWEST_ROWS:
            raise Refused("utility.too_few_rows", rows=len(target), target=task.target, fewest=_FEWEST_ROWS)
        encoded = pipeline.encode(frame)
        order = np.lexsort((target, encoded.hashes))
        order = order[lowest(mixed(encoded.hashes[order], _SALT_OF_ROWS), _MOST_ROWS)]
        codes = {name: encoded.codes[order, place].astype(np.int64) for place, name in enumerate(pipeline.table)}
        half = mixed(encoded.hashes[order], _SALT_OF_HALVES) >> np.uint64(63) == 1
        return cls(frame[order], target[order], codes, half)


def _in_table(name: str, train: _Side, test: _Side, task: Task, pipeline: Pipeline) -> list[Leak]:
    found = []
    index = _stability_index(train.codes[name], test.codes[name], pipeline.table[name].size)
    if index >= STRONG_INDEX:
        found.append(Leak(name, "differs", index, 0.0))
    values, asked = _exact(name, train, test, pipeline)
    limit = STRONG_AUC if task.classes else STRONG_R2
    strength = _strength(train.target, _crossfit(values, train, task), task)
    if strength >= limit:
        in_test = _strength(test.target, _means(values, train.target, task)[asked], task)
        found.append(Leak(name, "gives-away", strength, in_test))
    return found


def _exact(name: str, train: _Side, test: _Side, pipeline: Pipeline) -> tuple[IntArray, IntArray]:
    """Codes of a column in both frames: bins of numbers, every distinct category (and not only the frequent ones)."""
    column = pipeline.table[name]
    if isinstance(column, Numbers):
        few = np.unique(as_numbers(train.frame[name], temporal=column.temporal))
        if len(few) > _MOST_ROWS // 2:
            return train.codes[name], test.codes[name]
        sides = [as_numbers(side.frame[name], temporal=column.temporal) for side in (train, test)]
        if len(few) <= 2 * column.size:  # few distinct numbers: each its own value
            exact = [np.searchsorted(few, np.nan_to_num(side, nan=np.inf)).clip(0, len(few)) for side in sides]
            return exact[0], exact[1]
        return train.codes[name], test.codes[name]
    both = pl.concat([as_texts(side.frame[name]).alias("value") for side in (train, test)]).fill_null("")
    codes = both.rank("dense").to_numpy().astype(np.int64)
    return codes[: len(train.target)], codes[len(train.target) :]


def _outcomes(target: IntArray | FloatArray, task: Task) -> FloatArray:
    """(n, k): indicators of the classes (of the last one where there are two), or the number."""
    if not task.classes:
        return target[:, None].astype(np.float64)
    member = np.eye(len(task.classes))[target.astype(np.int64)]
    return member[:, 1:] if len(task.classes) == 2 else member


def _means(codes: IntArray, target: IntArray | FloatArray, task: Task) -> FloatArray:
    """(largest possible code + 1, k) mean outcome of each code, drawn a little to the overall mean."""
    outcomes = _outcomes(target, task)
    size = int(codes.max(initial=0)) + _MOST_ROWS + 2
    counts = np.bincount(codes, minlength=size) + _WEIGHT
    sums = [np.bincount(codes, one, size) + _WEIGHT * one.mean() for one in outcomes.T]
    return np.asarray(np.stack(sums, axis=1) / counts[:, None])


def _crossfit(codes: IntArray, side: _Side, task: Task) -> FloatArray:
    """(n, k) for each row the mean outcome of its code in the other half."""
    found = np.zeros((len(codes), _outcomes(side.target[:1], task).shape[1]))
    for half in (side.half, ~side.half):
        if half.any() and not half.all():
            found[half] = _means(codes[~half], side.target[~half], task)[codes[half]]
    return found


def _strength(target: IntArray | FloatArray, predicted: FloatArray, task: Task) -> float:
    """The mean AUC of the classes, or R²; 0 where it is not defined."""
    outcomes = _outcomes(target, task)
    if not task.classes:
        total = float(np.var(outcomes)) * len(outcomes)
        return max(1 - float(((outcomes - predicted) ** 2).sum()) / total, 0.0) if total > 0 else 0.0
    both = [place for place, one in enumerate(outcomes.T) if 0 < one.sum() < len(one)]
    if not both:
        return 0.0
    return float(np.mean([roc_auc(outcomes[:, one].astype(np.int64), predicted[:, one]).value for one in both]))


def _stability_index(train: IntArray, test: IntArray, size: int) -> float:
    """Σ (p - q) · ln(p / q) over ten groups of codes (Lewis 1994, An introduction to credit scoring), missing apart."""
    cells = min(_CELLS, size)
    group = np.concatenate([[0], 1 + np.arange(size - 1) * cells // max(size - 1, 1)])
    p, q = ((np.bincount(group[side], minlength=cells + 1) + 0.5) for side in (train, test))
    p, q = p / p.sum(), q / q.sum()
    return float(((p - q) * np.log(p / q)).sum())


def _label_text(name: str, train: pl.DataFrame, task: Task) -> Leak | None:
    """Whether cells hold their own label's text much more often than the label of another row, two rows further on."""
    pair = pl.DataFrame(
        {"cell": as_texts(train[name]).str.to_lowercase(), "label": as_texts(train[task.target]).str.to_lowercase()}
    )
    pair = pair.drop_nulls().filter(pl.col("label").str.len_chars() >= _SHORTEST_LABEL).head(_MOST_ROWS)
    if pair.height < _FEWEST_ROWS:
        return None
    labels = pair["label"].unique().sort()
    following = dict(zip(labels.to_list(), [*labels.to_list()[1:], labels[0]], strict=True))
    pair = pair.with_columns(pl.col("label").replace_strict(following).alias("other"))
    own, other = (
        float(pair.select(pl.col("cell").str.contains(pl.col(label), literal=True).mean()).item())
        for label in ("label", "other")
    )
    return Leak(name, "label-text", own, other) if own >= _OWN_SHARE and own - other >= _OWN_EXCESS else None
