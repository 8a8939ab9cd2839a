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
    """Q13: of the records with content, those that are equal to one before, ids left aside.

    Details say beside it which share of the records is in the raw data as it is (A10, novelty). That is no measure of its own: who
    cleans raw data well leaves most of its records alone.
    """
    found = seen.copies
    return counted_bad(
        found.copies, int(np.count_nonzero(~seen.empty)), issues=_copies(found, ~seen.empty, "exact_copy"),
        details={"distinct": int(np.count_nonzero(seen.distinct)), "largest": int(found.sizes.max(initial=0)), **_unchanged(seen)},
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
    """Q14: of the records that differ in more than their label, those that are nearly another one: texts that share half of their
    short strings of characters, rows of tables that differ in one column. Labels are left aside: records that are equal but for
    them are consistency's (Q11), and not counted twice. What several annotators labelled counts once.
    """
    if not seen.described:
        return None
    among = _one_of_each_label(seen) & ~seen.empty & _once(seen)
    kept = np.flatnonzero(among)
    columns = [name for name in seen.described if name != seen.roles.annotator]
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


def _one_of_each_label(seen: Evidence) -> BoolArray:
    """(n,) records that are no exact copies, and of those that differ in their label alone, the first. One that has no label
    contradicts nothing, so it stays and may be a near copy: else copies would cost nothing once their labels are taken off.
    """
    if seen.labels is None:
        return seen.copies.kept
    labelled = np.flatnonzero(seen.labels.is_not_null().to_numpy())
    kept: BoolArray = seen.copies.kept & seen.labels.is_null().to_numpy()
    kept[labelled[Groups.of(seen.alike.first[labelled]).kept]] = True
    return kept


def _once(seen: Evidence) -> BoolArray:
    """(n,) the first record of each item, where there is one for each label of an annotator; else all."""
    if seen.roles.annotator is None or seen.roles.id is None:
        return np.ones(seen.rows, np.bool_)
    return as_names(seen.table[seen.roles.id]).is_first_distinct().to_numpy()


def _copies(groups: Groups, among: BoolArray, code: str) -> pl.DataFrame:
    rows = np.flatnonzero(~groups.kept & among)
    first = "#" + pl.Series(groups.first[rows] + 1).cast(pl.String)  # records are shown counted from 1
    return issues.at(rows, code, values=first, suggestions=pl.repeat(issues.DROP, len(rows), eager=True))
