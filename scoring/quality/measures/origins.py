"""Whether the dataset says truly where it comes from, and which of its records a machine made."""

from dataclasses import dataclass
from math import fsum
from typing import Final

import numpy as np
import polars as pl

from scoring.quality import issues
from scoring.quality.check import Measured
from scoring.quality.conformity import read
from scoring.quality.evidence import Evidence
from scoring.quality.fidelity import closeness
from scoring.quality.measures.comparing import as_names, read_alike, shared
from scoring.sorting import BoolArray

EARLIEST: Final = 1900
"""The year before which a time is more likely a default of some program than the time of a record."""
_FEWEST_REAL: Final = 3


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is said: how often it holds, and where it does not."""

    ok: int
    of: int
    issues: pl.DataFrame


def authenticity(seen: Evidence) -> Measured | None:
    """Q9: the mean, over what can be checked, of the share that holds.

    Always: a source and a licence are said (by record where columns say them). Where stated: hashes and sizes of files, the time of
    each record (ISO 8601, also a year or a month alone; not before 1900, not after the record's last change), and whether a
    machine made it (0 or 1). That a time is not in the future cannot be known here, for nothing here knows the time.
    """
    if seen.origin is None:
        return None
    said = {
        "source": source_said(seen), "licence": licence_accepted(seen), "hashes": _hashes(seen), "times": _times(seen),
        "generated": flags_said(seen),
    }  # fmt: skip
    parts = {name: part for name, part in said.items() if part is not None and part.of}
    value = fsum(part.ok / part.of for part in parts.values()) / len(parts)
    checked, ok = sum(part.of for part in parts.values()), sum(part.ok for part in parts.values())
    licence = parts["licence"]
    return Measured(
        value, value, value, checked, checked - ok,
        issues=issues.joined([part.issues for part in parts.values()]),
        details={
            "parts": {name: part.ok / part.of for name, part in parts.items()},
            "licence": seen.origin.spdx or seen.origin.licence, "licence_accepted": licence.ok == licence.of,
        },
    )  # fmt: skip


def column_of(seen: Evidence, what: str) -> pl.Series | None:
    """The column that says something of each record; None: there is none, or no record."""
    name = (seen.origin.columns if seen.origin else {}).get(what)
    return seen.table[name] if name in seen.table.columns and seen.rows else None


def _by_record(cells: pl.Series, bad: BoolArray, code: str) -> Part:
    rows = np.flatnonzero(bad)
    found = issues.at(rows, code, column=cells.name, values=cells.gather(rows))
    return Part(len(bad) - len(rows), len(bad), found)


def _of_whole(code: str, value: str | None = None) -> pl.DataFrame:
    """One issue of the dataset as a whole."""
    named = issues.about_column("", code)
    return named.with_columns(pl.lit(None, pl.String).alias("column"), pl.lit(value, pl.String).alias("value"))


def source_said(seen: Evidence) -> Part:
    cells = column_of(seen, "source")
    if seen.origin and seen.origin.source:
        return Part(1, 1, issues.none())
    if cells is None:
        return Part(0, 1, _of_whole("source_missing"))
    return _by_record(cells, as_names(cells).is_null().to_numpy(), "source_missing")


def licence_accepted(seen: Evidence) -> Part:
    """A licence of the dataset stands for the records that name none. Accepted are those that a challenge lists, else any known one;
    of records, whose licences nobody has looked up, any that is named.
    """
    origin = seen.origin
    accepted = seen.reference.licences if seen.reference else ()
    written = None if origin is None else origin.licence
    known = None if origin is None else origin.spdx
    held = known in accepted if accepted else known is not None
    cells = column_of(seen, "licence")
    if cells is None:
        code = "licence_unknown" if written else "licence_missing"
        return Part(1, 1, issues.none()) if held else Part(0, 1, _of_whole(code, written))
    names = as_names(cells)
    alike = (names == written).fill_null(value=True).to_numpy() & held
    fine = names.is_in(list(accepted)) if accepted else names.is_not_null()
    return _by_record(cells, ~(alike | fine.fill_null(value=False).to_numpy()), "licence_unknown")


def _hashes(seen: Evidence) -> Part | None:
    if seen.origin is None:
        return None
    stated, held = seen.origin.hashes_stated, seen.origin.hashes_held
    return Part(held, stated, issues.none() if held == stated else _of_whole("hash_differs"))


def _times(seen: Evidence) -> Part | None:
    cells, changed = column_of(seen, "original_time"), column_of(seen, "last_modified_time")
    if cells is None:
        return None
    moments = _moments(cells)
    wrong = moments.is_null() | (moments.dt.year() < EARLIEST)
    if changed is not None:
        wrong |= (moments > _last(changed)).fill_null(value=False)
    said = as_names(cells).is_not_null()
    part = _by_record(cells, (wrong & said).to_numpy(), "time_implausible")
    return Part(part.ok - int((~said).sum()), int(said.sum()), part.issues)


def _moments(cells: pl.Series) -> pl.Series:
    """The first moment that a time can mean: 2024 is the beginning of the year."""
    if cells.dtype.is_temporal():
        return read(cells, "datetime")
    texts = as_names(cells).str.replace(r"^(\d{4})$", "$1-01").str.replace(r"^(\d{4}-\d{2})$", "$1-01")
    return read(texts, "datetime")


def _last(cells: pl.Series) -> pl.Series:
    """The last moment that a time can mean: a day alone is its end; unknown where it is less exact than that."""
    moments = read(cells, "datetime")
    if cells.dtype == pl.Date:
        days = pl.Series([True]).new_from_index(0, len(cells))
    elif cells.dtype == pl.String:
        days = cells.str.strip_chars().str.contains(r"^\d{4}-\d{2}-\d{2}$")
    else:
        return moments
    return moments.dt.offset_by("1d").dt.offset_by("-1us").zip_with(days, moments)


def flags_said(seen: Evidence) -> Part | None:
    cells = column_of(seen, "generated")
    return None if cells is None else _by_record(cells, read(cells, "boolean").is_null().to_numpy(), "flag_unknown")


def generated_records(seen: Evidence) -> Measured | None:
    """A11: records said to be made by a machine that are a raw record again, or closer to one than 99 % of the raw records are to
    each other. By chance that is one in a hundred.
    """
    raw, cells = (seen.reference.raw if seen.reference else None), column_of(seen, "generated")
    if raw is None or cells is None or seen.origin is None or raw.height < _FEWEST_REAL:
        return None
    rows = np.flatnonzero(read(cells, "boolean").fill_null(value=False).to_numpy())
    columns = shared(seen, raw, without=[*seen.origin.columns.values()])
    if not len(rows) or not columns:
        return None
    found = closeness(read_alike(seen, raw, columns), seen.typed[rows].select(columns), seed=seen.seed)
    copies = rows[found.copies]
    return Measured(
        found.too_close.value, found.too_close.low, found.too_close.high, found.too_close.of, found.too_close.count,
        issues=issues.at(copies, "generated_copy", suggestions=pl.repeat(issues.DROP, len(copies), eager=True)),
        details={"copied": found.copied.value, "distances": list(found.distances), "usual": list(found.usual)},
    )  # fmt: skip
