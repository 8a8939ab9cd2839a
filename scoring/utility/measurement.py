"""How useful a set of rows is for training: fixed models are trained on it, again and again, and asked about hidden rows.

Two readings are taken, in the unit of the challenge's metric; the utility is a third of the first and two thirds of the second.

**small**   each model is trained K times on the same small number of rows (2,500, or a quarter of a small reference) and the
            results are averaged. This reads how good a row is. Few rows magnify it: the part of a model's error that wrong labels
            cause grows as 1 / rows, while its luck averages out over the refits.
**whole**   each model with one best fit is trained ten times, each time on all rows but another tenth (at most 100,000).
            This reads how much there is to learn in all rows together, and it is what half of a set has less of.

Every small refit has as many rows for a large submission as for a small one, so that more rows cannot help there, and the whole
reading gains nothing from what it has seen before: padding with copies, exact or disturbed, earns nothing. (Refits on a share of a
submission's rows would tell half from full much more sharply, and would be fooled by copies that fall into other refits.)

Rows are drawn by their content (`scoring.utility.rows`), so submissions are compared in pairs. **Errors**: the small reading is a
mean over balanced subsamples of the share f of all rows; its variance is at most s² · max(f / (1 - f), 1 / K) (delete-d
jackknife: Shao and Wu 1989, doi:10.1214/aos/1176347263; subsampled means: Mentch and Hooker 2016, JMLR 17:26). The whole reading is a
delete-a-group jackknife, (J - 1) / J · Σ (m_j - m̄)² (Tukey 1958). Both stand on the same rows, so their errors are added as if fully
correlated. The error due to the hidden rows comes from the spread of every refit (`scoring.uncertainty`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from math import sqrt
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import stdtrit

from scoring.evaluation import Estimate, evaluate
from scoring.metric import Direction, Metric
from scoring.metrics import find as find_metric
from scoring.one_thread import one_thread
from scoring.utility import models as reference_models
from scoring.utility.features import Encoded, Pipeline, as_texts, fitted, kinds_of
from scoring.utility.models import Features, Kind, ReferenceModel
from scoring.utility.refusals import Refused
from scoring.utility.rows import Hashes, around, hash_texts, lowest, mixed
from scoring.utility.tasks import FloatArray, IntArray, Task, constant, presented, targets, task_of, truth, usable

MOST_ROWS: Final = 100_000  # of a submission; of more, those with the smallest hashes
TEST_ROWS: Final = 10_000
SMALL_ROWS: Final = 2_500
FEWEST_ROWS: Final = 20
FEWEST_TEST_ROWS: Final = 20
GROUPS: Final = 10
REFITS: Final = 40
WEIGHT_OF_WHOLE: Final = 2 / 3
CURVE: Final = (0.125, 0.25, 0.5, 1.0)
_REFITS_BETWEEN: Final = (10, 1000)
_SALT_OF_CHOICE, _SALT_OF_GROUPS, _SALT_OF_CURVE, _SALT_OF_TEST, _SALT_OF_REFITS = 11, 12, 13, 14, 1000
_LEVEL: Final = 0.95
_MOST_FREEDOM: Final = 1e6
_MOST_OF_A_SET: Final = 0.8  # that a small refit takes; only a set too small for a full refit gets less than others

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Yardstick:
    """All that is fixed before any submission is seen; the same for everybody. Made by `prepare`.

    small        rows of a small refit
    starts       places on the circle of hashes where small refits of one round start
    most         rows of a submission that count at most
    key          the column that tells which rows correspond; None: their content does
    truth        (t,) the hidden target in the metric's unit
    digest       of everything here; results are comparable where it is equal
    """

    pipeline: Pipeline
    task: Task
    metric: Metric
    options: Mapping[str, object]
    models: tuple[ReferenceModel, ...]
    refits: int
    seed: int
    small: int
    starts: int
    most: int
    key: str | None
    truth: IntArray | FloatArray
    views: Mapping[Features, Any]
    digest: str

    @property
    def convex(self) -> tuple[ReferenceModel, ...]:
        """The models of the whole reading: those with one best fit, or all if none has."""
        return tuple(model for model in self.models if model.convex) or self.models


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What the models with one best fit reach on a share of the rows."""

    share: float
    rows: int
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Utility:
    """What a submission is worth, in the unit of the metric, with a 95 % interval low ≤ value ≤ high.

    error       standard error: of the rows that were submitted, the draw of the refits and the hidden rows together
    small       (models, K) what each model reached in each small refit
    whole       (models with one best fit, J) what each reached with all rows but a tenth
    fraction    the share of the rows that a small refit takes
    spread      of `value` over the hidden rows, as in `scoring.uncertainty`
    rows        labelled rows that counted; `left_out`: rows without a usable label or beyond the row budget
    curve       12.5, 25, 50 and 100 % of the rows; empty if not asked for
    """

    metric: str
    direction: Direction
    yardstick: str
    value: float
    low: float
    high: float
    error: float
    small: FloatArray
    whole: FloatArray
    fraction: float
    spread: FloatArray
    rows: int
    left_out: int
    curve: tuple[CurvePoint, ...]


def prepare(
    reference: pl.DataFrame,
    test: pl.DataFrame,
    *,
    target: str,
    metric: str,
    models: Sequence[str] | None = None,
    columns: Mapping[str, Kind] | None = None,
    key: str | None = None,
    options: Mapping[str, object] | None = None,
    refits: int = REFITS,
    seed: int = 0,
    row_budget: int | None = None,
) -> Yardstick:
    """Fix everything: features fitted on the reference, the hidden rows, the models, the draws.

    reference    the organizer's curated set; only it decides bins, categories, classes
    test         the hidden rows with their target; at most 10,000 of them are used
    metric       a key of `scoring.METRICS` that compares classes or numbers; AUC separates best, log loss worst
                 (docs/benchmarks.md)
    models       keys of `MODELS`; None: the first two that suit the columns and the target
    columns      the kind of each feature column; None: all columns that both frames hold, by their types
    key          a column that names a row (its value is not a feature); rows of two submissions with one key are paired
    refits       K, 10 to 1000; rounded up to whole rounds, in which every row is drawn about equally often
    row_budget   a submission with more rows counts with this many of them, chosen by hash

    Refused (ids in `scoring.utility.refusals`): what cannot be measured. ScoringError: an unknown metric or option.
    """
    record = find_metric(metric)
    chosen = record.choose(options or {})
    _check_option("refits", refits, *_REFITS_BETWEEN)
    if row_budget is not None:
        _check_option("row_budget", row_budget, FEWEST_ROWS, 10**9)
    task = task_of(reference, target, record)
    pipeline = _features(reference, test, columns, target, key)
    records = _chosen_models(models, pipeline, task, record)
    answers, encoded = _hidden(test, task, pipeline, seed)
    every = np.arange(len(answers))
    views = {model.features: encoded.view(model.features, every) for model in records}
    labelled = int(usable(targets(reference, task)).sum())
    if labelled < FEWEST_ROWS:
        raise Refused("utility.too_few_rows", rows=labelled, target=target, fewest=FEWEST_ROWS)
    most = min(row_budget or MOST_ROWS, MOST_ROWS)
    small = min(SMALL_ROWS, max(min(labelled, most) // 4, FEWEST_ROWS // 2))
    starts = min(max(min(labelled, most) // small, 2), refits)
    settings = (
        task,
        record.key,
        chosen,
        [(one.key, one.version) for one in records],
        refits,
        seed,
        small,
        starts,
        most,
        key,
    )
    digest = _digest(settings, pipeline, encoded, answers)
    return Yardstick(
        pipeline,
        task,
        record,
        chosen,
        records,
        refits,
        seed,
        small,
        starts,
        most,
        key,
        truth(answers, task),
        views,
        digest,
    )


def measure(train: pl.DataFrame, yardstick: Yardstick, *, curve: bool = True) -> Utility:
    """Train the reference models on a submission and ask them about the hidden rows. The same rows in another order, with
    their columns in another order, on any number of threads, give the same bytes.

    About (models · K) small fits and 10 fits of at most 100,000 rows for each convex model; memory linear in the rows.
    Refused: a missing column or target, fewer than 20 labelled rows, a single class.
    """
    loaded = {model.key: model.load() for model in yardstick.models}  # before the threads are counted
    with one_thread():
        rows = _Rows.of(train, yardstick)
        refit = _Refit(yardstick, rows, loaded)
        count = min(yardstick.small, int(len(rows.target) * _MOST_OF_A_SET))
        rounds = range(-(-yardstick.refits // yardstick.starts))
        circles = [mixed(rows.base, yardstick.seed + _SALT_OF_REFITS + one) for one in rounds]
        draws = [drawn for circle in circles for drawn in around(circle, yardstick.starts, count)]
        small = [[refit(model, drawn) for drawn in draws] for model in yardstick.models]
        group = mixed(rows.base, yardstick.seed + _SALT_OF_GROUPS) % np.uint64(GROUPS)
        kept = [np.flatnonzero(group != one) for one in range(GROUPS)]
        whole = [[refit(model, remaining) for remaining in kept] for model in yardstick.convex]
        points = tuple(_curve(yardstick, rows, refit)) if curve else ()
    spread = joined_readings(_mean_spread(small), _mean_spread(whole))
    small_values, whole_values = _values(small), _values(whole)
    fraction = count / len(rows.target)
    value = float(joined_readings(small_values.mean(), whole_values.mean()))
    error, freedom = error_of(
        deviations(small_values.mean(axis=0), fraction), whole_values.mean(axis=0), float(spread @ spread)
    )
    reach = error * float(stdtrit(freedom, 0.5 + _LEVEL / 2))
    low, high = max(value - reach, yardstick.metric.low), min(value + reach, yardstick.metric.high)
    return Utility(
        yardstick.metric.key,
        yardstick.metric.direction,
        yardstick.digest,
        value,
        low,
        high,
        error,
        small_values,
        whole_values,
        fraction,
        spread,
        len(rows.target),
        train.height - len(rows.target),
        points,
    )


def deviations(small: FloatArray, fraction: float) -> FloatArray:
    """(K,) how far each small refit is from their mean, scaled so that their sample variance is that of the mean.

    fraction   of the rows in a small refit, above 0 and below 1
    """
    scaled: FloatArray = (small - small.mean()) * sqrt(max(fraction / (1 - fraction), 1 / len(small)))
    return scaled


def error_of(small: Any, whole: Any, of_test: Any) -> tuple[Any, Any]:
    """The standard error of a utility, or of a contrast of several, and its degrees of freedom (Welch 1947,
    doi:10.2307/2332510).

    small     (…, K) `deviations` of the small reading, or a contrast of such
    whole     (…, J) one value for each group left out
    of_test   (…) the variance due to the hidden rows
    """
    refits, groups = np.shape(small)[-1], np.shape(whole)[-1]
    of_small = joined_readings(np.std(small, axis=-1, ddof=1), 0)
    of_whole = joined_readings(0, np.std(whole, axis=-1) * sqrt(groups - 1))
    variance = (of_small + of_whole) ** 2 + of_test
    doubtful = of_small**4 / (refits - 1) + of_whole**4 / (groups - 1)
    freedom = np.where(doubtful > 0, variance**2 / np.where(doubtful > 0, doubtful, 1), _MOST_FREEDOM)
    return np.sqrt(variance), np.clip(freedom, groups - 1, _MOST_FREEDOM)


def joined_readings(small: Any, whole: Any) -> Any:
    """The utility, or anything linear in it, from the two readings."""
    return (1 - WEIGHT_OF_WHOLE) * small + WEIGHT_OF_WHOLE * whole


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a submission that count, in an order that depends on their content alone."""

    encoded: Encoded
    place: Rows
    target: IntArray | FloatArray
    base: Hashes

    @classmethod
    def of(cls, train: pl.DataFrame, yardstick: Yardstick) -> "_Rows":
        task = yardstick.task
        target = targets(train, task)
        labelled = usable(target)
        train, target = train.filter(pl.Series(labelled)), target[labelled]
        if len(target) < FEWEST_ROWS:
            raise Refused("utility.too_few_rows", rows=len(target), target=task.target, fewest=FEWEST_ROWS)
        if target.min() == target.max():
            raise Refused("utility.one_class", target=task.target)
        if len(target) > yardstick.most:
            order, base = _ordered(train, target, yardstick.key, yardstick.pipeline.hashes(train))
            inside = order[lowest(mixed(base, yardstick.seed + _SALT_OF_CHOICE), yardstick.most)]
            train, target = train[inside], target[inside]
        encoded = yardstick.pipeline.encode(train)
        order, base = _ordered(train, target, yardstick.key, encoded.hashes)
        return cls(encoded, order, target[order], base)

    def view(self, features: Features, rows: Rows) -> Any:
        return self.encoded.view(features, self.place[rows])


@dataclass(frozen=True, slots=True)
class _Refit:
    """Train one model on some rows and score it on the hidden ones."""

    yardstick: Yardstick
    rows: _Rows
    functions: Mapping[str, Callable[..., Any]]

    def __call__(self, model: ReferenceModel, rows: Rows) -> Estimate:
        yardstick, target = self.yardstick, self.rows.target[rows]
        if len(target) < 2 or target.min() == target.max():
            prediction = constant(target, yardstick.task, len(yardstick.truth))
        else:
            train, asked = self.rows.view(model.features, rows), yardstick.views[model.features]
            prediction = self.functions[model.key](train, target, asked, yardstick.task)
        shown = presented(prediction, yardstick.task, yardstick.metric)
        return evaluate(
            yardstick.metric.key, yardstick.truth, shown, options=yardstick.options, seed=yardstick.seed, level=_LEVEL
        )


def _curve(yardstick: Yardstick, rows: _Rows, refit: _Refit) -> list[CurvePoint]:
    order = mixed(rows.base, yardstick.seed + _SALT_OF_CURVE)
    points = []
    for share in CURVE:
        count = max(round(share * len(order)), 1)
        drawn = lowest(order, count)
        value = float(np.mean([refit(model, drawn).value for model in yardstick.convex]))
        points.append(CurvePoint(share, count, value))
    return points


def _features(
    reference: pl.DataFrame, test: pl.DataFrame, columns: Mapping[str, Kind] | None, target: str, key: str | None
) -> Pipeline:
    kinds = dict(columns) if columns is not None else kinds_of(reference, test, {target, *([key] if key else [])})
    if target in kinds:
        raise Refused("utility.target_is_feature", target=target)
    absent = sorted(name for name in kinds if name not in reference.columns or name not in test.columns)
    if absent:
        raise Refused("utility.missing_columns", columns=", ".join(f"“{name}”" for name in absent[:5]))
    return fitted(reference, kinds)


def _chosen_models(
    keys: Sequence[str] | None, pipeline: Pipeline, task: Task, metric: Metric
) -> tuple[ReferenceModel, ...]:
    if keys is None:
        keys = reference_models.suited(pipeline.kinds, task.kind)[:2]
    if not keys:
        raise Refused("utility.no_model")
    found = tuple(reference_models.find(key) for key in dict.fromkeys(keys))
    for model in found:
        if task.kind not in model.targets:
            needed = {"regression": "numbers", "binary": "two classes", "multiclass": "several classes"}[task.kind]
            raise Refused("utility.model_target", model=model.key, metric=metric.key, target=needed)
        if not pipeline.kinds.intersection(model.inputs):
            raise Refused("utility.model_inputs", model=model.key, inputs=", ".join(model.inputs))
    return found


def _hidden(test: pl.DataFrame, task: Task, pipeline: Pipeline, seed: int) -> tuple[IntArray | FloatArray, Encoded]:
    """The hidden rows that are used, in an order that depends on their content alone."""
    answers = targets(test, task)
    labelled = usable(answers)
    if not labelled.all():
        missing = test.filter(pl.Series(~labelled))[task.target]
        if missing.null_count() == len(missing):
            raise Refused("utility.test_label", count=len(missing))
        raise Refused("utility.unknown_label", label=str(missing.drop_nulls()[0])[:50])
    if len(answers) < FEWEST_TEST_ROWS:
        raise Refused("utility.test_rows", rows=len(answers), fewest=FEWEST_TEST_ROWS)
    encoded = pipeline.encode(test)
    order = np.lexsort((answers, encoded.hashes))
    order = order[np.sort(lowest(mixed(encoded.hashes[order], seed + _SALT_OF_TEST), TEST_ROWS))]
    if answers[order].min() == answers[order].max():
        raise Refused("utility.one_class", target=task.target)
    return answers[order], pipeline.encode(test[order])


def _ordered(
    train: pl.DataFrame, target: IntArray | FloatArray, key: str | None, content: Hashes
) -> tuple[Rows, Hashes]:
    """An order of the rows that depends on what they hold alone, and the hashes that pair them, in that order."""
    base = content
    if key is not None and key in train.columns:
        names = as_texts(train[key])
        base = np.where(names.is_null().to_numpy(), content, hash_texts(names))
    order = np.lexsort((target, content, base))
    return order, base[order]


def _values(found: list[list[Estimate]]) -> FloatArray:
    return np.array([[one.value for one in of_model] for of_model in found])


def _mean_spread(found: list[list[Estimate]]) -> FloatArray:
    total = np.zeros(len(found[0][0].spread))
    for of_model in found:
        for one in of_model:
            total += one.spread
    return total / sum(len(of_model) for of_model in found)


def _check_option(name: str, value: int, low: int, high: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Refused("utility.option_value", option=name, value=str(value), low=low, high=high)


def _digest(settings: object, pipeline: Pipeline, encoded: Encoded, answers: IntArray | FloatArray) -> str:
    state = blake2b(repr(settings).encode(), digest_size=16)
    for name, column in pipeline.table.items():
        state.update(repr((name, type(column).__name__, column.size)).encode())
        state.update(column.edges.tobytes() if hasattr(column, "edges") else repr(column.known).encode())
    state.update(repr((pipeline.texts, pipeline.characters)).encode())
    for name, pictures in pipeline.images.items():
        state.update(repr((name, pictures.width)).encode())
        state.update(pictures.mean.tobytes())
    state.update(encoded.hashes.tobytes())
    state.update(answers.tobytes())
    return state.hexdigest()
