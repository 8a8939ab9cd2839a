"""Whether values and labels are there, and whether they can be."""

import numpy as np
import polars as pl

from scoring.quality import issues
from scoring.quality.check import Measured, counted, counted_bad
from scoring.quality.duplicates import exact
from scoring.quality.evidence import Evidence
from scoring.quality.outliers.plausible import find_outliers
from scoring.quality.profile.result import ColumnProfile, Disguised


def completeness(seen: Evidence) -> Measured | None:
    """Q7: cells with a value; one that stands for a missing value ("NA", -999 far from all others) counts as missing."""
    if not seen.rows:
        return None
    missing = {
        column.name: column.nulls + sum(one.count for one in _disguised(column)) for column in seen.profile.columns
    }
    found = [
        issue for column in seen.profile.columns for one in _disguised(column) for issue in _cells(seen, column, one)
    ]
    gone = [issues.about_column(name, "empty_column") for name, count in missing.items() if count == seen.rows]
    cells = seen.rows * len(missing)
    return counted(
        cells - sum(missing.values()),
        cells,
        issues=issues.joined([*gone, *found]),
        details={"missing": {name: count for name, count in missing.items() if count}},
    )


def _disguised(column: ColumnProfile) -> list[Disguised]:
    return [one for one in column.disguised if one.apart is not False]


def _cells(seen: Evidence, column: ColumnProfile, one: Disguised) -> list[pl.DataFrame]:
    cells = seen.table[column.name]
    same = cells.cast(pl.String, strict=False) == str(one.value) if cells.dtype == pl.String else cells == one.value
    rows = np.flatnonzero(same.fill_null(value=False).to_numpy())
    if not len(rows):
        return []
    nothing = pl.repeat("", len(rows), eager=True)
    return [issues.at(rows, "disguised_missing", column=column.name, values=cells.gather(rows), suggestions=nothing)]


def labels_there(seen: Evidence) -> Measured | None:
    """Q8: records with a label."""
    if seen.labels is None or not seen.rows:
        return None
    rows = np.flatnonzero(seen.labels.is_null().to_numpy())
    return counted(seen.rows - len(rows), seen.rows, issues=issues.at(rows, "label_missing", column=seen.roles.label))


def labels_agree(seen: Evidence) -> Measured | None:
    """Q11: records that are equal but for their label, of all labelled records with an equal one."""
    if seen.labels is None:
        return None
    others = [name for name in seen.content if name != seen.roles.label]
    if not others:
        return None
    hashes = exact.row_hashes(seen.table, others, seed=seen.seed)
    found = exact.contradictions(hashes, seen.labels)
    labelled = len(seen.labels) - seen.labels.null_count()
    rows = np.flatnonzero(found.rows)
    return counted_bad(
        found.count,
        labelled,
        issues=issues.at(rows, "label_contradicts", column=seen.roles.label, values=seen.labels.gather(rows)),
        details={"fewest": found.fewest, "grouped": found.grouped},
    )


def outliers(seen: Evidence) -> Measured | None:
    """Q18: records with a number that is far from all others of its column, as many of them as are likely to be wrong. What is
    beyond declared bounds is format's (Q1), and not counted twice.
    """
    numbers = seen.typed.select(pl.col(seen.content).exclude([pl.String, pl.Boolean, pl.Date, pl.Datetime, pl.Binary]))
    numeric = [name for name, kind in numbers.schema.items() if kind.is_numeric()]
    if not numeric or not seen.rows:
        return None
    found = find_outliers(numbers.select(numeric))
    wrong = found.plausible.rest
    return Measured(
        wrong.value, wrong.low, wrong.high, seen.rows, found.flagged.count,
        issues=issues.joined(
            [issues.at(one.rows, one.reason, column=one.column, values=seen.table[one.column].gather(one.rows))
             for one in found.findings]
        ),
        details={"precision": None if np.isnan(found.precision) else found.precision,
                 "plausible": {one.column: [one.low, one.high] for one in found.findings}},
    )  # fmt: skip
