"""Whether records are there more than once."""

import numpy as np
import polars as pl

from scoring.quality import issues
from scoring.quality.check import Measured, counted_bad
from scoring.quality.duplicates.groups import Groups
from scoring.quality.duplicates.tables import near_rows
from scoring.quality.duplicates.texts import near_texts
from scoring.quality.evidence import Evidence
from scoring.sorting import BoolArray

WIDE = 4
"""Columns from which on rows that differ in one of them are looked for; with fewer that says nothing."""


def exact_copies(seen: Evidence) -> Measured | None:
    """Q13: records that are equal to one before, ids left aside."""
    found = seen.copies
    return counted_bad(
        found.copies, seen.rows, issues=_copies(found, np.ones(seen.rows, np.bool_), "exact_copy"),
        details={"distinct": found.distinct, "largest": int(found.sizes.max(initial=0))},
    )  # fmt: skip


def near_copies(seen: Evidence) -> Measured | None:
    """Q14: of the records that are no exact copies, those that are nearly one: texts that share half of their short
    strings of characters, rows of tables that differ in one column.
    """
    kept = np.flatnonzero(seen.copies.kept)
    if seen.roles.text is not None:
        texts = seen.table[seen.roles.text].gather(kept).cast(pl.String, strict=False)
        found = near_texts(texts, seed=seen.seed)
    elif len(seen.content) >= WIDE:
        found = near_rows(seen.table[kept], list(seen.content), seed=seen.seed)
    else:
        return None
    whole = np.arange(seen.rows)
    whole[kept] = kept[found.first]
    return counted_bad(
        found.copies, len(kept), issues=_copies(Groups(whole), seen.copies.kept, "near_copy"),
        details={"largest": int(found.sizes.max(initial=0))},
    )  # fmt: skip


def _copies(groups: Groups, among: BoolArray, code: str) -> pl.DataFrame:
    rows = np.flatnonzero(~groups.kept & among)
    first = "#" + pl.Series(groups.first[rows] + 1).cast(pl.String)  # records are shown counted from 1
    return issues.at(rows, code, values=first, suggestions=pl.repeat(issues.DROP, len(rows), eager=True))
