"""Whether the dataset holds more than what teams start from."""

from typing import Final

import numpy as np
import polars as pl

from scoring.quality import issues
from scoring.quality.check import Measured, counted
from scoring.quality.duplicates import exact
from scoring.quality.duplicates.overlap import overlap
from scoring.quality.evidence import Evidence
from scoring.quality.measures.comparing import as_names, one_writing, shared
from scoring.sorting import BoolArray

FEWEST_COMPARED: Final = 4
"""Columns of content below which a record is known by its id alone: cleaning may well write all of one or two anew."""


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


def from_raw(seen: Evidence) -> Measured | None:
    """G9: records that are records of the raw bundle: the id stands there, no more often here than there, and at most half of the
    cells that both have say something else. The latter only with four columns of content or more. Without ids none is known.
    """
    raw, name = seen.reference.raw if seen.reference else None, seen.roles.id
    if raw is None or not seen.rows:
        return None
    if name is None or not all(name in frame.columns for frame in (seen.table, raw)):
        return counted(0, seen.rows, issues=issues.about_column(name or "id", "column_missing"))
    mine, theirs = (as_names(frame[name]).alias("id") for frame in (seen.table, raw))
    often = theirs.drop_nulls().value_counts(name="there")
    here = pl.DataFrame(mine).with_columns(seen=pl.int_range(pl.len()).over("id"))
    there = here.join(often, on="id", how="left", maintain_order="left")["there"].fill_null(0)
    known: BoolArray = (here["seen"] < there).to_numpy()
    other = known & _something_else(seen, raw, mine, theirs)
    found = [
        issues.at(np.flatnonzero(rows), kind, column=name, values=seen.table[name].gather(np.flatnonzero(rows)))
        for rows, kind in ((~known, "id_not_in_raw"), (other, "another_in_raw"))
    ]
    good = known & ~other
    return counted(int(good.sum()), seen.rows, issues=issues.joined(found))


def _something_else(seen: Evidence, raw: pl.DataFrame, mine: pl.Series, theirs: pl.Series) -> BoolArray:
    """(n,) records of which every record with this id in the raw bundle says something else in more than half of the columns."""
    columns = shared(seen, raw, without=[seen.roles.id])
    if len(columns) < FEWEST_COMPARED:
        return np.zeros(seen.rows, np.bool_)
    numbered = [pl.DataFrame(ids).with_row_index(at) for ids, at in ((mine, "here"), (theirs, "there"))]
    pairs = numbered[0].join(numbered[1], on="id")
    ours, raws = (one_writing(seen, frame, columns) for frame in (seen.table, raw))
    differ = np.zeros(pairs.height, np.int64)
    for column in columns:
        cells = ours[column].gather(pairs["here"]), raws[column].gather(pairs["there"])
        differ += (cells[0] != cells[1]).fill_null(value=False).to_numpy()
    fewest = np.zeros(seen.rows, np.int64)
    nearest = pairs.select("here", differ=pl.Series(differ)).group_by("here").agg(pl.col("differ").min())
    fewest[nearest["here"].to_numpy()] = nearest["differ"].to_numpy()
    other: BoolArray = 2 * fewest > len(columns)
    return other
