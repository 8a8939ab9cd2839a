"""Whether records are there more than once."""

import numpy as np
import polars as pl

from scoring.quality import issues
from scoring.quality.check import Measured, counted_bad
from scoring.quality.duplicates.groups import Groups
from scoring.quality.duplicates.tables import MOST_DIFFERING, near_rows
from scoring.quality.duplicates.texts import near_texts
from scoring.quality.evidence import Evidence
from scoring.quality.measures.comparing import as_names
from scoring.sorting import BoolArray

WIDE = 4
"""Columns from which on rows that differ in one of them are looked for; with fewer that says nothing."""
SHARE = 3
"""Beside raw data, rows may differ in one of so many columns, at most `MOST_DIFFERING`: times, numbers and codes are moved together."""
NATURAL = 0.0025
"""The share of raw rows up to which it is no matter that they are like others for a reason: it costs two or three points."""


def exact_copies(seen: Evidence) -> Measured | None:
    """Q13: of the records with content, those that are equal to one before, ids left aside."""
    found = seen.copies
    return counted_bad(
        found.copies, int(np.count_nonzero(~seen.empty)), issues=_copies(found, ~seen.empty, "exact_copy"),
        details={"distinct": int(np.count_nonzero(seen.distinct)), "largest": int(found.sizes.max(initial=0))},
    )  # fmt: skip


def near_copies(seen: Evidence) -> Measured | None:
    """Q14: of the records that differ in more than their label, those that are nearly another one: texts that share half of their
    short strings of characters, rows of tables that differ in one column, or in a few more if raw rows do not. Labels are left aside: records that are equal but for
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
        found = _near_rows(seen, seen.comparable[kept], columns)
    else:
        return None
    whole = np.arange(seen.rows)
    whole[kept] = kept[found.first]
    return counted_bad(
        found.copies, len(kept), issues=_copies(Groups(whole), among, "near_copy"),
        details={"largest": int(found.sizes.max(initial=0))},
    )  # fmt: skip


def _near_rows(seen: Evidence, rows: pl.DataFrame, columns: list[str]) -> Groups:
    """Rows that differ in as many columns as copies are told from what repeats for a reason: the same customer orders again, the same
    flight leaves daily. Only raw data, which no team has made, say how much of that there is; without them it is one column.
    """
    raw = seen.reference.raw if seen.reference else None
    most = 1 if raw is None or not set(columns) <= set(raw.columns) else min(len(columns) // SHARE, MOST_DIFFERING)
    for differing in range(most, 1, -1):
        found = near_rows(rows, columns, differing=differing, seed=seen.seed)
        if found.rate <= NATURAL or _repeating(seen, columns, differing) <= NATURAL:
            return found
    return near_rows(rows, columns, seed=seen.seed)


def _repeating(seen: Evidence, columns: list[str], differing: int) -> float:
    """The share of raw rows that are like another one in all but so many columns, beyond those that are in all but one."""
    assert seen.reference is not None
    assert seen.reference.raw is not None
    raw = Evidence(seen.reference.raw, seen.roles, seen.schema).comparable
    many, one = (near_rows(raw, columns, differing=count, seed=seen.seed).rate for count in (differing, 1))
    return many - one


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
