"""Pure scoring: numbers in, numbers out.

    evaluate(key, truth, prediction)   a score with its interval          → Estimate
    rank_ranges(values, spreads, …)    how sure the places are
    combine(tasks)                     the mean of several tasks' scores
    place(table, columns)              official places
    rounded(value, digits)             the number that is shown and tied on
    METRICS                            what is known about each metric

Importing this package loads no NumPy: a page reads titles, directions and places without it. The names that need it
are loaded when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from scoring.errors import ScoringError
from scoring.messages import MESSAGES
from scoring.metric import Metric, Option
from scoring.metrics import METRICS
from scoring.placing import EARLIEST, Column, place, rounded

if TYPE_CHECKING:
    from scoring.evaluation import Estimate, combine, evaluate
    from scoring.lists import Lists
    from scoring.ranges import rank_ranges
    from scoring.uncertainty import SPREAD_LENGTH

_HOME = {
    "Estimate": "evaluation",
    "Lists": "lists",
    "SPREAD_LENGTH": "uncertainty",
    "combine": "evaluation",
    "evaluate": "evaluation",
    "rank_ranges": "ranges",
}

__all__ = [
    "EARLIEST",
    "MESSAGES",
    "METRICS",
    "SPREAD_LENGTH",
    "Column",
    "Estimate",
    "Lists",
    "Metric",
    "Option",
    "ScoringError",
    "combine",
    "evaluate",
    "place",
    "rank_ranges",
    "rounded",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'scoring' has no attribute {name!r}")
    return getattr(import_module(f"scoring.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
