"""Simulated crowds and small tables that several test files of agreement use."""

import numpy as np

from scoring.agreement.labels import Labels
from scoring.agreement.simulate import Annotator, average, careful, hasty, simulate


def drawn(
    truth: np.ndarray, annotators: list[Annotator], *, per_item: int, seed: int = 0, hard_share: float = 0.0
) -> Labels:
    found = simulate(truth, annotators, per_item=per_item, seed=seed, hard_share=hard_share)
    return Labels.from_rows(found.items, found.annotators, found.labels)


def honest(classes: int) -> list[Annotator]:
    return [careful(classes)] * 2 + [average(classes)] * 4 + [hasty(classes)] * 2


def grid(table: list[list[float]] | np.ndarray, missing: float = -1) -> Labels:
    """Labels from a table with a row for each annotator and a column for each item."""
    values = np.asarray(table)
    annotators, items = np.nonzero(values != missing)
    return Labels.from_rows(items, annotators, values[annotators, items])


KRIPPENDORFF = grid(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, -1, -1, -1],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, -1, 3],
        [-1, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, -1],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, -1],
    ]
)
"""Four observers and twelve units: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, section C."""
