"""Marks of the records that a team changed or added, so that a copy of a rival's work is seen without reading either.

A mark is the seeded hash of a record that does not stand in the raw bundle as it is, its id left aside. Of all records the same share is
marked in every submission to a challenge: those with the smallest hashes. So of two submissions the share of one's marks that
the other has too estimates the share of its changed records that are the other's as well, with a standard error of at most
0.5 / √marks. The seed is hidden: nobody can make records that are never marked.
"""

from typing import Final

import numpy as np

from challenges.marks import MOST
from scoring.quality.duplicates import exact
from scoring.quality.evidence import Evidence
from scoring.quality.measures.comparing import one_writing, shared

AIMED: Final = 1024
"""Of a submission in which every record of a bundle's size is changed, about so many are marked."""


def marks_of(seen: Evidence) -> bytes:
    """The marks, ascending, as little-endian unsigned integers of 8 bytes; nothing where there is no raw bundle to compare with."""
    raw = seen.reference.raw if seen.reference else None
    columns = [] if raw is None else shared(seen, raw)
    if raw is None or not columns or not raw.height:
        return b""
    mine, theirs = (
        np.unique(exact.row_hashes(one_writing(seen, frame, columns), seed=seen.seed)) for frame in (seen.table, raw)
    )
    marked = mine[mine <= np.uint64(min(1.0, AIMED / raw.height) * (2**64 - 2**12))]
    return marked[~np.isin(marked, theirs)][:MOST].astype("<u8").tobytes()
