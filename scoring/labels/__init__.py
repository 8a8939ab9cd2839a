"""Labels: which are likely wrong, what they should be, and what share of all is wrong, from the data alone.

    features_of(frame, kinds)                   columns as numbers                              → (n, d), dense or CSR
    out_of_fold(features, labels, seed=…)       what models that have not seen a row say of it   → (n, k) probabilities
    noise_rate(features, labels, seed=…)        the share of wrong labels, with an interval      → Rate
    rate_of(labels, probabilities)              the same from probabilities at hand             → Rate
    find_issues(labels, probabilities, …)       likely errors, the likely right label, order     → Issues
    suggest(features, labels, seed=…)           labels for rows that have none                  → codes, probabilities
    agreement_with_neighbours(features, …)      is it too good to be people's work?             → Agreement

    told, rate = out_of_fold(numbers, codes, seed=1), noise_rate(numbers, codes, seed=1)
    issues = find_issues(codes, told, confusion=rate.known_confusion)

Importing this package loads nothing; a name is loaded when it is first used (scikit-learn: 2.5 CPU-s).
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scoring.labels.features import features_of
    from scoring.labels.issues import Issues, find_issues
    from scoring.labels.neighbours import Agreement, agreement_with_neighbours
    from scoring.labels.probabilities import out_of_fold, suggest
    from scoring.labels.rate import Rate, noise_rate, rate_of

_HOME = {
    "Agreement": "neighbours",
    "Issues": "issues",
    "Rate": "rate",
    "agreement_with_neighbours": "neighbours",
    "features_of": "features",
    "find_issues": "issues",
    "noise_rate": "rate",
    "out_of_fold": "probabilities",
    "rate_of": "rate",
    "suggest": "probabilities",
}

__all__ = [
    "Agreement",
    "Issues",
    "Rate",
    "agreement_with_neighbours",
    "features_of",
    "find_issues",
    "noise_rate",
    "out_of_fold",
    "rate_of",
    "suggest",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'scoring.labels' has no attribute {name!r}")
    return getattr(import_module(f"scoring.labels.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
