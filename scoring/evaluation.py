"""A score and how sure it is: what the rest of the house calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from scoring.draws import Float32Array
from scoring.inputs import columns, units
from scoring.metrics import find
from scoring.uncertainty import Range, estimate, fold


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """A score, finite and in its metric's range, with the interval low ≤ value ≤ high and its spread.

    spread   float32 (m,), m ≤ SPREAD_LENGTH: Cov(score_i, score_j) ≈ spread_i · spread_j for submissions on the same rows
             with the same metric and seed
    """

    value: float
    low: float
    high: float
    spread: Float32Array


def evaluate(
    key: str,
    truth: Any,
    prediction: Any,
    *,
    groups: Any = None,
    options: Mapping[str, object] | None = None,
    seed: int = 0,
    level: float = 0.95,
) -> Estimate:
    """Score a prediction against the truth, row by row in the same order.

    truth, prediction   as `METRICS[key]` says: "number" float64 (n,); "probability" float64 (n,) of class 1, or (n, k) in class
                        order where the metric is `wide`; "class" integer codes (n,) from 0, one code book for both;
                        "list" `Lists`
    groups              integer labels (n,) of rows that are not independent (a carrier, a patient); None: rows are
    options             what the metric lets one choose, such as k
    seed                any whole number ≥ 0; the same for all submissions of a challenge, and then so are all draws
    level               how often the interval should hold the score on new data of the same kind

    ScoringError (message id and params): NaN or infinity, values out of range, rows that do not fit, a truth for which the
    metric is not defined (one class, constant, zero), fewer than two independent units. TypeError and ValueError: arrays of
    a wrong kind, which only a mistake in the calling code can bring.

    >>> found = evaluate("accuracy", np.array([1, 0, 1, 1]), np.array([1, 0, 1, 1]))
    >>> found.value, round(found.low, 3), found.high
    (1.0, 0.51, 1.0)
    """
    if not 0 < level < 1:
        raise ValueError(f"level is {level}; it lies between 0 and 1")
    record = find(key)
    chosen = record.choose(options or {})
    true, predicted = columns(record, truth, prediction)
    independent = units(groups, len(true))
    span = Range(record.low, record.high)
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused, in words
        form = record.load()(true, predicted, **chosen)
        value, low, high, spread = estimate(form, span, independent, seed, level)
    value = min(max(value, span.low), span.high) + 0.0  # rounding may step over an end, and -0.0 is never shown
    return Estimate(value, min(low, value) + 0.0, max(high, value) + 0.0, spread)


def combine(tasks: Sequence[Estimate]) -> Estimate:
    """The mean of several tasks' scores with its interval and spread; ValueError if there is none.

    Each side of the interval is √Σ(value - end)² / tasks (variance estimates recovery, Zou and Donner 2008,
    doi:10.1002/sim.3095), which keeps the skew of each task's own interval. Tasks count as independent.

    >>> one = Estimate(0.8, 0.7, 0.85, np.array([0.03], np.float32))
    >>> both = combine([one, one])
    >>> round(both.value, 3), round(both.low, 3), round(both.high, 3)
    (0.8, 0.729, 0.835)
    """
    if not tasks:
        raise ValueError("a mean needs at least one task")
    count = len(tasks)
    value = sum(task.value for task in tasks) / count
    below = sqrt(sum((task.value - task.low) ** 2 for task in tasks)) / count
    above = sqrt(sum((task.high - task.value) ** 2 for task in tasks)) / count
    joined = np.concatenate([task.spread for task in tasks]) / count
    return Estimate(value, value - below, value + above, fold(joined, seed=0).astype(np.float32))
