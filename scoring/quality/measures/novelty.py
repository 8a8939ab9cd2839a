"""Whether the dataset holds more than what teams start from."""

import numpy as np

from scoring.quality.check import Measured, counted
from scoring.quality.duplicates import exact
from scoring.quality.duplicates.overlap import overlap
from scoring.quality.evidence import Evidence
from scoring.quality.measures.comparing import one_writing, shared


def novelty(seen: Evidence) -> Measured | None:
    """A10: of the different records with content, those that do not stand in the raw bundle as they are, ids left aside.

    It carries no points: who cleans raw data well leaves most of its records alone.
    """
    raw = seen.reference.raw if seen.reference else None
    columns = [] if raw is None else shared(seen, raw)
    rows = np.flatnonzero(seen.distinct)
    if raw is None or not columns or not len(rows):
        return None
    mine, theirs = (
        exact.row_hashes(one_writing(seen, frame, columns), seed=seen.seed) for frame in (seen.table[rows], raw)
    )
    found = overlap(mine, theirs)
    return counted(found.rows - found.exact, found.rows, details={"unchanged_from_raw": found.exact_share})
