"""Whether labels are right, varied and balanced."""

from math import ceil
from typing import Final

import numpy as np
import polars as pl

from scoring.labels import features_of, find_issues, noise_rate, out_of_fold
from scoring.quality import issues
from scoring.quality.balance import label_balance
from scoring.quality.check import Measured
from scoring.quality.diversity import label_diversity
from scoring.quality.evidence import Evidence

FEWEST_ROWS: Final = 200
FEWEST_OF_A_CLASS: Final = 20
MOST_CLASSES: Final = 64
TOLD_APART: Final = 0.02
"""The most that the models' own mistakes may make up of an estimated error rate; beyond it, it is not one of the labels."""


def diversity(seen: Evidence) -> Measured | None:
    """A1: of the classes there are, how many equally frequent ones would be as varied."""
    if seen.labels is None or seen.labels.null_count() == len(seen.labels):
        return None
    found = label_diversity(seen.labels, len(seen.classes) or None)
    if found.possible < 2:
        return None
    value = found.evenness
    return Measured(
        value, value, value, len(seen.labels), details={"present": found.present, "possible": found.possible}
    )


def balance(seen: Evidence) -> Measured | None:
    """A2: likeness of the labels' frequencies to equal ones."""
    if seen.labels is None or seen.labels.n_unique() < 2 or seen.labels.n_unique() > len(seen.labels) / 2:
        return None
    target = dict.fromkeys(seen.classes, 1.0) if seen.classes else None
    found = label_balance(seen.labels, target)
    value = found.likeness
    return Measured(value, value, value, len(seen.labels), details={"counts": dict(list(found.counts.items())[:100])})


def label_errors(seen: Evidence) -> Measured | None:
    """A6: the estimated share of wrong labels, and the records whose label is most likely wrong, with the likely right one.

    Models that have not seen a record say what its label should be; how often they err themselves is found by adding known
    errors. Not measured where there are too few records, or where no model can tell the classes apart.
    """
    studied = _studied(seen)
    if studied is None:
        return None
    rows, names, codes = studied
    content = [name for name in seen.content if name != seen.roles.label]
    features = features_of(seen.typed[rows].select(content))
    rate = noise_rate(features, codes, seed=seen.seed)
    if rate.hidden > TOLD_APART:
        return None
    found = find_issues(codes, out_of_fold(features, codes, seed=seen.seed), confusion=rate.known_confusion)
    order = found.order[found.suggested[found.order] != codes[found.order]][: ceil(rate.value * len(rows))]
    suggested = pl.Series(names).gather(found.suggested[order])
    return Measured(
        rate.value, rate.low, rate.high, rate.rows, len(order),
        issues=issues.at(
            rows[order], "label_doubtful", column=seen.roles.label, values=pl.Series(names).gather(codes[order]),
            suggestions=suggested, confidence=found.confidence[order],
        ),
        details={"hidden": rate.hidden},
    )  # fmt: skip


def _studied(seen: Evidence) -> tuple[np.ndarray, list[str], np.ndarray] | None:
    """The records that are looked at (no copies), the names of the classes and the codes of the records' labels."""
    if seen.labels is None or len(seen.content) < 2:
        return None
    there = seen.labels.is_not_null().to_numpy() & seen.copies.kept
    rows = seen.sample[there[seen.sample]]
    counts = seen.labels.gather(rows).value_counts(sort=True).filter(pl.col("count") >= FEWEST_OF_A_CLASS)
    names = sorted(counts.to_series(0).to_list())
    if not 2 <= len(names) <= MOST_CLASSES:
        return None
    rows = rows[seen.labels.gather(rows).is_in(names).to_numpy()]
    if len(rows) < FEWEST_ROWS:
        return None
    codes = seen.labels.gather(rows).replace_strict(names, list(range(len(names))), return_dtype=pl.Int32)
    return rows, names, codes.to_numpy()
