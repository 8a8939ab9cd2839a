"""What must be said before a dataset may be ranked: licence and source, which records a machine made, and all of the documentation.

No points come from these; they are measured where their gate holds (`scoring.quality.gates`).
"""

import numpy as np
import polars as pl

from scoring.quality import issues
from scoring.quality.check import Measured, counted
from scoring.quality.conformity import read
from scoring.quality.duplicates import exact
from scoring.quality.evidence import Evidence
from scoring.quality.measures.comparing import one_writing, shared
from scoring.quality.measures.origins import column_of, flags_said, licence_accepted, source_said
from scoring.sorting import BoolArray


def licence_and_source(seen: Evidence) -> Measured | None:
    """G3: the smaller of the shares of records whose licence is accepted and whose source is said, as Q9 has them."""
    if seen.origin is None:
        return None
    parts = (licence_accepted(seen), source_said(seen))
    value = min(part.ok / part.of for part in parts)
    return Measured(
        value, value, value, sum(part.of for part in parts), sum(part.of - part.ok for part in parts),
        issues=issues.joined([part.issues for part in parts]),
    )  # fmt: skip


def flags_true(seen: Evidence) -> Measured | None:
    """G7: records that say whether a machine made them, and say it as far as can be known truly. Only where a column says so.

    What can be known: a record that stands in the raw bundle as it is has the flag that it has there, and 0 where the raw bundle
    flags nothing. That a record without a flag was generated cannot be known from the record.
    """
    cells, said = column_of(seen, "generated"), flags_said(seen)
    if cells is None or said is None:
        return None
    flags = read(cells, "boolean")
    false = np.flatnonzero((flags.is_not_null().to_numpy()) & _against_raw(seen, cells.name, flags))
    return counted(
        said.ok - len(false), said.of,
        issues=issues.joined([said.issues, issues.at(false, "flag_false", column=cells.name, values=cells.gather(false))]),
    )  # fmt: skip


def _against_raw(seen: Evidence, name: str, flags: pl.Series) -> BoolArray:
    """(n,) records that stand in the raw bundle, and nowhere there with their flag or without one."""
    raw = seen.reference.raw if seen.reference else None
    columns = [] if raw is None or seen.origin is None else shared(seen, raw, without=[*seen.origin.columns.values()])
    if raw is None or not columns:
        return np.zeros(seen.rows, np.bool_)
    mine, there = (exact.row_hashes(one_writing(seen, frame, columns), seed=seen.seed) for frame in (seen.table, raw))
    theirs = read(raw[name], "boolean") if name in raw.columns else pl.Series([False]).new_from_index(0, raw.height)
    as_made, as_found = (
        np.isin(mine, there[(theirs == flag).fill_null(value=True).to_numpy()]) for flag in (True, False)
    )
    as_flagged = np.where(flags.fill_null(value=False).to_numpy(), as_made, as_found)
    against: BoolArray = np.isin(mine, there) & ~as_flagged
    return against


def documentation_whole(seen: Evidence) -> Measured | None:
    """G8: of all the items that documentation is asked for, those that are answered."""
    if seen.documentation is None:
        return None
    items = [pair for asked in seen.documentation.values() for pair in asked.items()]
    unanswered = [issues.about_column(item, "item_open") for item, answered in items if not answered]
    return counted(len(items) - len(unanswered), len(items), issues=issues.joined(unanswered))
