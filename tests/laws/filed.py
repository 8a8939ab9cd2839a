"""Where metrics are filed: for each one a way to make problems, a value with its source, an independent implementation."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from sklearn import metrics as sk

from scoring import Lists

Problem = tuple[Any, Any]


@dataclass(frozen=True)
class Law:
    """What one must know of a metric to judge it.

    problem     (rng, n, noise) → truth, and a prediction that is the worse the larger the noise, 0 to 1
    perfect     truth → a prediction that cannot be better
    golden      truth, prediction, options, value, and where the value is from
    oracle      (truth, prediction, **options) → the same score by other means
    symmetric   truth and prediction may change places
    odd         problems at the edge that must be scored too
    options     what the laws choose
    """

    problem: Callable[[np.random.Generator, int, float], Problem]
    perfect: Callable[[Any], Any]
    golden: tuple[Any, Any, dict[str, int], float, str]
    oracle: Callable[..., float]
    symmetric: bool = False
    odd: tuple[Problem, ...] = ()
    options: dict[str, int] = field(default_factory=dict)


# ---------------------------------------------------------------------------------------------------------------- problems


def binary(rng: np.random.Generator, n: int, noise: float) -> Problem:
    truth = (rng.random(n) < 0.3).astype(np.int64)
    truth[:2] = 0, 1
    return truth, np.round(rng.normal(size=n) * (0.3 + noise) + truth, 2)


def chances(rng: np.random.Generator, n: int, noise: float) -> Problem:
    truth, signal = binary(rng, n, noise)
    return truth, 1 / (1 + np.exp(-3 * (signal - 0.5)))


def classes(rng: np.random.Generator, n: int, noise: float) -> Problem:
    truth = rng.choice(4, n, p=[0.4, 0.3, 0.2, 0.1])
    truth[:2] = 0, 1
    return truth, np.where(rng.random(n) < 0.1 + noise / 2, rng.integers(0, 4, n), truth)


def steps(rng: np.random.Generator, n: int, noise: float) -> Problem:
    truth = rng.integers(0, 5, n)
    truth[:2] = 0, 1
    return truth, np.clip(truth + np.rint(rng.normal(size=n) * (0.3 + noise)).astype(np.int64), 0, 4)


def numbers(rng: np.random.Generator, n: int, noise: float) -> Problem:
    truth = rng.gamma(4, 2, n)
    return truth, truth + rng.normal(size=n) * (0.3 + noise)


def queries(rng: np.random.Generator, n: int, noise: float) -> Problem:
    """One to five wanted among 30 items; the first twelve by a score that knows them."""
    wanted = np.argsort(rng.random((n, 30)), axis=1).argsort(axis=1) < rng.integers(1, 6, n)[:, None]
    scores = rng.random((n, 30)) * (0.3 + noise) + wanted / 2
    truth = Lists(np.append(0, np.cumsum(wanted.sum(axis=1))), np.nonzero(wanted)[1])
    return truth, Lists(np.arange(n + 1) * 12, np.argsort(-scores, axis=1)[:, :12].ravel())


def lists(rows: Any, gains: Any = None) -> Lists:
    flat = np.array([item for row in rows for item in row], dtype=np.int64)
    indptr = np.cumsum([0, *(len(row) for row in rows)])
    return Lists(indptr, flat, None if gains is None else np.array([g for row in gains for g in row], dtype=np.float64))


def take(column: Any, rows: np.ndarray) -> Any:
    """These rows of a column of any kind."""
    if not isinstance(column, Lists):
        return column[rows]
    lengths = np.diff(column.indptr)[rows]
    indptr = np.append(0, np.cumsum(lengths))
    shift = np.repeat(column.indptr[rows] - indptr[:-1], lengths)
    return Lists(indptr, column.items[np.arange(indptr[-1]) + shift])


def one_hot(truth: np.ndarray) -> np.ndarray:
    return truth.astype(np.float64)


def same(truth: Any) -> Any:
    return truth


# ----------------------------------------------------------------------------------------------------------------- oracles


def macro(average: str) -> Callable[..., float]:
    return lambda truth, prediction: sk.f1_score(truth, prediction, average=average, zero_division=0)


def slow_smape(truth: np.ndarray, prediction: np.ndarray) -> float:
    pairs = zip(truth.tolist(), prediction.tolist(), strict=True)
    return math.fsum(2 * abs(t - p) / (abs(t) + abs(p)) if t or p else 0.0 for t, p in pairs) / len(truth)


def slow_map(truth: Lists, prediction: Lists, k: int = 10) -> float:
    total = 0.0
    for want, list_ in zip(rows_of(truth), rows_of(prediction), strict=True):
        found: list[int] = []
        gathered = 0.0
        for place, item in enumerate(list_[:k], 1):
            if item in want and item not in found:
                found.append(item)
                gathered += len(found) / place
        total += gathered / min(len(want), k)
    return total / len(truth)


def sklearn_ndcg(truth: Lists, prediction: Lists, k: int = 10) -> float:
    """scikit-learn wants a gain and a score for every item: what is given comes first, k worthless items, then the rest."""
    total = 0.0
    for query, (want, list_) in enumerate(zip(rows_of(truth), rows_of(prediction), strict=True)):
        gains = (
            np.ones(len(want)) if truth.gains is None else truth.gains[truth.indptr[query] : truth.indptr[query + 1]]
        )
        worth = dict(zip(want, gains.tolist(), strict=True))
        items = [worth.pop(item, 0.0) for item in list_] + [0.0] * k + list(worth.values())
        total += sk.ndcg_score([items], [range(len(items), 0, -1)], k=k, ignore_ties=True)
    return total / len(truth)


def rows_of(found: Lists) -> list[list[int]]:
    return [found.items[a:b].tolist() for a, b in zip(found.indptr[:-1], found.indptr[1:], strict=True)]


# ------------------------------------------------------------------------------------------------------------------- table

SCIKIT = "the example in scikit-learn's documentation"
TIED = (np.array([0, 1, 1, 0]), np.full(4, 0.5))
ONE_POSITIVE = (np.array([1, 0, 0, 0]), np.array([0.3, 0.1, 0.5, 0.3]))
ONE_CLASS_SAID = (np.array([0, 1, 2, 1]), np.full(4, 1))
ALL_WRONG = (np.array([0, 1, 0, 1]), np.array([1, 0, 1, 0]))
UNSEEN = (np.array([0, 1, 0, 1]), np.array([0, 1, 7, 1]))
TEN_CLASSES = np.array([0, 1, 2, 0, 1, 2]), np.array([0, 2, 1, 0, 0, 1])
REGRESSION = np.array([3, -0.5, 2, 7]), np.array([2.5, 0.0, 2, 8])
FIVE = lists([range(1, 6), range(1, 6)])
HAMNER = lists([[6, 4, 7, 1, 2], [1, 1, 1, 1, 1]])

LAWS: dict[str, Law] = {
    "roc_auc": Law(
        binary,
        same,
        (np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]), {}, 0.75, SCIKIT),
        sk.roc_auc_score,
        odd=(TIED, ONE_POSITIVE, ALL_WRONG),
    ),
    "average_precision": Law(
        binary,
        same,
        (np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]), {}, 5 / 6, SCIKIT),
        sk.average_precision_score,
        odd=(TIED, ONE_POSITIVE, ALL_WRONG),
    ),
    "accuracy": Law(
        classes,
        same,
        (np.array([0, 1, 2, 3]), np.array([0, 2, 1, 3]), {}, 0.5, SCIKIT),
        sk.accuracy_score,
        symmetric=True,
        odd=(ONE_CLASS_SAID, ALL_WRONG, UNSEEN),
    ),
    "balanced_accuracy": Law(
        classes,
        same,
        (np.array([0, 1, 0, 0, 1, 0]), np.array([0, 1, 0, 0, 0, 1]), {}, 0.625, SCIKIT),
        sk.balanced_accuracy_score,
        odd=(ONE_CLASS_SAID, ALL_WRONG, UNSEEN),
    ),
    "f1_macro": Law(
        classes,
        same,
        (*TEN_CLASSES, {}, 4 / 15, SCIKIT),
        macro("macro"),
        symmetric=True,
        odd=(ONE_CLASS_SAID, ALL_WRONG, UNSEEN),
    ),
    "f1_micro": Law(classes, same, (*TEN_CLASSES, {}, 1 / 3, SCIKIT), macro("micro"), symmetric=True, odd=(UNSEEN,)),
    "f1_weighted": Law(
        classes,
        same,
        (*TEN_CLASSES, {}, 4 / 15, SCIKIT),
        macro("weighted"),
        odd=(ONE_CLASS_SAID, ALL_WRONG, UNSEEN),
    ),
    "mcc": Law(
        classes,
        same,
        (np.array([1, 1, 1, 0]), np.array([1, 0, 1, 1]), {}, -1 / 3, SCIKIT),
        sk.matthews_corrcoef,
        symmetric=True,
        odd=(ONE_CLASS_SAID, ALL_WRONG, UNSEEN),
    ),
    "quadratic_kappa": Law(
        steps,
        same,
        (np.array([0, 1, 2, 2]), np.array([0, 1, 2, 1]), {}, 0.8, "Cohen 1968 by hand: 1 - (1/4) / (20/16)"),
        lambda truth, prediction: sk.cohen_kappa_score(truth, prediction, weights="quadratic", labels=range(8)),
        symmetric=True,
        odd=(ONE_CLASS_SAID, ALL_WRONG, UNSEEN),
    ),
    "log_loss": Law(
        chances,
        one_hot,
        (
            np.array([1, 0, 0, 1]),
            np.array([[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65]]),
            {},
            -(2 * math.log(0.9) + math.log(0.8) + math.log(0.65)) / 4,
            SCIKIT,
        ),
        lambda truth, prediction: sk.log_loss(truth, prediction, labels=range(max(2, prediction.ndim * 2 - 1))),
        odd=(TIED, (np.array([0, 1]), np.array([1.0, 0.0]))),
    ),
    "brier": Law(
        chances,
        one_hot,
        (np.array([0, 1, 1, 0]), np.array([0.1, 0.9, 0.8, 0.3]), {}, 0.0375, SCIKIT),
        lambda truth, prediction: sk.brier_score_loss(
            truth, prediction, labels=range(max(2, prediction.ndim * 2 - 1)), scale_by_half=True
        ),
        odd=(TIED, (np.array([0, 1]), np.array([1.0, 0.0]))),
    ),
    "mae": Law(numbers, same, (*REGRESSION, {}, 0.5, SCIKIT), sk.mean_absolute_error, symmetric=True),
    "rmse": Law(numbers, same, (*REGRESSION, {}, math.sqrt(0.375), SCIKIT), sk.root_mean_squared_error, symmetric=True),
    "r2": Law(numbers, same, (*REGRESSION, {}, 1 - 1.5 / 29.1875, SCIKIT), sk.r2_score),
    "mape": Law(
        numbers,
        same,
        (*REGRESSION, {}, (0.5 / 3 + 1 + 0 + 1 / 7) / 4, SCIKIT),
        sk.mean_absolute_percentage_error,
    ),
    "smape": Law(
        numbers,
        same,
        (np.array([1.0, 2, 0, 0]), np.array([3.0, 2, 0, 5]), {}, (1 + 0 + 0 + 2) / 4, "the M4 formula by hand"),
        slow_smape,
        symmetric=True,
        odd=((np.zeros(3), np.ones(3)), (np.zeros(3), np.zeros(3)), (np.full(2, 1.7e308), np.full(2, 1.7e308))),
    ),
    "map_at_k": Law(
        queries,
        same,
        (FIVE, HAMNER, {"k": 5}, 0.26, "the tests of B. Hamner's ml_metrics"),
        slow_map,
        options={"k": 4},
        odd=((FIVE, lists([[], []])), (FIVE, lists([[], [-1, 2, -1]])), (lists([[0], [1]]), lists([[0, 0], [1]]))),
    ),
    "ndcg_at_k": Law(
        queries,
        same,
        (
            lists([range(8)] * 2, [[3, 2, 3, 0, 1, 2, 3, 2]] * 2),
            lists([range(6)] * 2),
            {"k": 6},
            0.785,
            "the example in Wikipedia, Discounted cumulative gain (3 digits)",
        ),
        sklearn_ndcg,
        options={"k": 4},
        odd=((FIVE, lists([[], []])), (FIVE, lists([[], [-1, 2, -1]])), (lists([[0], [1]]), lists([[0, 0], [1]]))),
    ),
}
