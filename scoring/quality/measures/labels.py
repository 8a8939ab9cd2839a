"""Whether labels are varied and balanced."""

from scoring.quality.balance import label_balance
from scoring.quality.check import Measured
from scoring.quality.diversity import label_diversity
from scoring.quality.evidence import Evidence


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
