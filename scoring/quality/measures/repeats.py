"""Whether records are there more than once."""

import numpy as np
import polars as pl

from scoring.quality import issues
from scoring.quality.check import Measured, counted_bad
from scoring.quality.duplicates import exact
from scoring.quality.duplicates.groups import Groups
from scoring.quality.duplicates.overlap import overlap
from scoring.quality.duplicates.tables import near_rows
from scoring.quality.duplicates.texts import near_texts
from scoring.quality.evidence import Evidence
from scoring.quality.measures.comparing import as_names, read_alike, shared
from scoring.sorting import BoolArray

WIDE = 4
"""Columns from which on rows that differ in one of them are looked for; with fewer that says nothing."""


def exact_copies(seen: Evidence) -> Measured | None:
    """Q13: records that are equal to one before, ids left aside.

    Details say beside it which share of the records is in the raw data as it is (A10, novelty). That is no measure of its own: who
    cleans raw data well leaves most of its records alone.
    """
    found = seen.copies
    return counted_bad(
        found.copies, seen.rows, issues=_copies(found, np.ones(seen.rows, np.bool_), "exact_copy"),
        details={"distinct": found.distinct, "largest": int(found.sizes.max(initial=0)), **_unchanged(seen)},
    )  # fmt: skip


def _unchanged(seen: Evidence) -> dict[str, float]:
    raw = seen.reference.raw if seen.reference else None
    columns = [] if raw is None else shared(seen, raw)
    if raw is None or not columns or not seen.rows:
        return {}
    mine, theirs = (
        exact.row_hashes(frame, columns, seed=seen.seed) for frame in (seen.typed, read_alike(seen, raw, columns))
    )
    return {"unchanged_from_raw": overlap(mine, theirs).exact_share}


def near_copies(seen: Evidence) -> Measured | None:
    """Q14: of the records that are no exact copies, those that are nearly one: texts that share half of their short
    strings of characters, rows of tables that differ in one column. What several annotators labelled counts once.
    """
    among = seen.copies.kept & _once(seen)
    kept = np.flatnonzero(among)
    columns = [name for name in seen.content if name != seen.roles.annotator]
    if seen.roles.text is not None:
        texts = seen.table[seen.roles.text].gather(kept).cast(pl.String, strict=False)
        found = near_texts(texts, seed=seen.seed)
    elif len(columns) >= WIDE:
        found = near_rows(seen.table[kept], columns, seed=seen.seed)
    else:
        return None
    whole = np.arange(seen.rows)
    whole[kept] = kept[found.first]
    return counted_bad(
        found.copies, len(kept), issues=_copies(Groups(whole), among, "near_copy"),
        details={"largest": int(found.sizes.max(initial=0))},
    )  # fmt: skip


def _once(seen: Evidence) -> BoolArray:
    """(n,) the first record of each item, where there is one for each label of an annotator; else all."""
    if seen.roles.annotator is None or seen.roles.id is None:
        return np.ones(seen.rows, np.bool_)
    return as_names(seen.table[seen.roles.id]).is_first_distinct().to_numpy()


def _copies(groups: Groups, among: BoolArray, code: str) -> pl.DataFrame:
    rows = np.flatnonzero(~groups.kept & among)
    first = "#" + pl.Series(groups.first[rows] + 1).cast(pl.String)  # records are shown counted from 1
    return issues.at(rows, code, values=first, suggestions=pl.repeat(issues.DROP, len(rows), eager=True))
