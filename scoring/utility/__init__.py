"""How useful a submitted set of rows is for training: fixed reference models, trained on it, are asked about hidden rows.

    MODELS                                  what is known about each reference model
    prepare(reference, test, …)             fix features, hidden rows, models and draws           → Yardstick
    measure(train, yardstick)               what a submission is worth, with its error            → Utility
    compare(a, b)                           the paired difference of two submissions              → Difference
    spread_of(a)                            a vector by which many submissions are compared       → (m,)
    usefulness(entry, raw, reference)       from 0 (as raw) to 100 (as the reference)             → Points
    ladder(curated, yardstick)              does the yardstick tell planted good from planted bad → LadderReport
    scan(train, test, target)               features that give the target away                    → tuple of Leak

Importing this package loads neither NumPy nor scikit-learn; the names that need them are loaded when first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from scoring.utility.models import MODELS, ReferenceModel
from scoring.utility.refusals import REFUSALS, Refused

if TYPE_CHECKING:
    from scoring.utility.comparison import Difference, Points, compare, spread_of, usefulness
    from scoring.utility.leaks import Leak, scan
    from scoring.utility.measurement import CurvePoint, Utility, Yardstick, measure, prepare
    from scoring.utility.planted_ladder import LadderReport, Step, ladder

_HOME = {
    "CurvePoint": "measurement",
    "Difference": "comparison",
    "LadderReport": "planted_ladder",
    "Leak": "leaks",
    "Points": "comparison",
    "Step": "planted_ladder",
    "Utility": "measurement",
    "Yardstick": "measurement",
    "compare": "comparison",
    "ladder": "planted_ladder",
    "measure": "measurement",
    "prepare": "measurement",
    "scan": "leaks",
    "spread_of": "comparison",
    "usefulness": "comparison",
}

__all__ = [
    "MODELS",
    "REFUSALS",
    "CurvePoint",
    "Difference",
    "LadderReport",
    "Leak",
    "Points",
    "ReferenceModel",
    "Refused",
    "Step",
    "Utility",
    "Yardstick",
    "compare",
    "ladder",
    "measure",
    "prepare",
    "scan",
    "spread_of",
    "usefulness",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'scoring.utility' has no attribute {name!r}")
    return getattr(import_module(f"scoring.utility.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
