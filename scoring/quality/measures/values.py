"""Whether values and labels are there, and whether they can be."""

import numpy as np
import polars as pl

from scoring.quality import issues
from scoring.quality.check import Measured, counted, counted_bad
from scoring.quality.duplicates import exact
from scoring.quality.evidence import Evidence
from scoring.quality.measures.stuck import stuck_values
from scoring.quality.measures.tracks import false_points
from scoring.quality.outliers.plausible import find_outliers
from scoring.quality.shares import share_of
from scoring.sorting import BoolArray


def completeness(seen: Evidence) -> Measured | None:
    """Q7: cells with a value; one that stands for a missing value ("NA", -999 far from all others) counts as missing."""
    if not seen.rows:
        return None
    missing, found = dict[str, int](), list[pl.DataFrame]()
    for name in seen.asked:
        gaps = seen.missing(name)
        missing[name] = int(np.count_nonzero(gaps))
        found += _stand_ins(seen.table[name], gaps)
    gone = [issues.about_column(name, "empty_column") for name, count in missing.items() if count == seen.rows]
    cells = seen.rows * len(missing)
    return counted(
        cells - sum(missing.values()),
        cells,
        issues=issues.joined([*gone, *found]),
        details={"missing": {name: count for name, count in missing.items() if count}},
    )


def _stand_ins(cells: pl.Series, missing: BoolArray) -> list[pl.DataFrame]:
    """What looks like a value and is none."""
    rows = np.flatnonzero(missing & cells.is_not_null().to_numpy())
    if not len(rows):
        return []
    nothing = pl.repeat("", len(rows), eager=True)
    return [issues.at(rows, "disguised_missing", column=cells.name, values=cells.gather(rows), suggestions=nothing)]


def labels_agree(seen: Evidence) -> Measured | None:
    """Q11: records that are equal to one of another label, of all labelled records with content."""
    if seen.labels is None or not seen.described:
        return None
    found = exact.contradictions(seen.alike.first, seen.labels)
    labelled = int(np.count_nonzero(seen.labels.is_not_null().to_numpy() & ~seen.empty))
    rows = np.flatnonzero(found.rows)
    return counted_bad(
        found.count,
        labelled,
        issues=issues.at(rows, "label_contradicts", column=seen.roles.label, values=seen.labels.gather(rows)),
        details={"fewest": found.fewest, "grouped": found.grouped},
    )


def outliers(seen: Evidence) -> Measured | None:
    """Q18: records with a number that is far from all others of its column, or a power of ten off as in another unit, as many of
    them as are likely to be wrong; and points of a track where the craft cannot have been, which the other points of the track
    tell, so that places are not held against those of other tracks; and readings at which a sensor is stuck. What is beyond declared
    bounds is format's (Q1), and what stands for a missing value is completeness's (Q7): neither is counted twice, nor is a record
    that several ways find.
    """
    numbers = seen.typed.select(pl.col(seen.content).exclude([pl.String, pl.Boolean, pl.Date, pl.Datetime, pl.Binary]))
    false = false_points(seen)
    places = () if false is None else (seen.roles.latitude, seen.roles.longitude)
    numeric = [name for name, kind in numbers.schema.items() if kind.is_numeric() and name not in places]
    if not seen.rows or not (numeric or false):
        return None
    apart = np.zeros(seen.rows, np.bool_) if false is None else false.rows
    stuck = stuck_values(seen, numeric)
    if stuck is not None:
        apart = apart | stuck.rows
    found = find_outliers(
        pl.DataFrame([numbers[name].set(pl.Series(seen.missing(name) | apart), None) for name in numeric])
    )
    wrong = share_of(int(np.count_nonzero(apart)) + (found.plausible.rest.count if numeric else 0), seen.rows)
    return Measured(
        wrong.value, wrong.low, wrong.high, seen.rows, int(np.count_nonzero(apart)) + found.flagged.count,
        issues=issues.joined(
            [*(part.issues for part in (false, stuck) if part is not None),
             *(issues.at(one.rows, one.reason, column=one.column, values=seen.table[one.column].gather(one.rows))
               for one in found.findings)]
        ),
        details={"precision": None if np.isnan(found.precision) else found.precision,
                 "plausible": {one.column: [one.low, one.high] for one in found.findings},
                 **({} if false is None else {"tracks": false.reasons}), **({} if stuck is None else {"stuck": stuck.columns})},
    )  # fmt: skip
