"""Cells that are empty, stand for nothing, do not fit, or were measured wrongly."""

from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl

from scoring.quality.evidence import Evidence
from scoring.quality.injectors.planting import Planted, cells, every, features, first, measurements, put, strings
from scoring.quality.measures.stuck import in_order_of_time

STAND_INS: Final = ("N/A", "未知", "-", "NULL")
FILLER: Final = -999


def emptied(seen: Evidence, severity: float, rng: np.random.Generator) -> Planted | None:
    """Cells lose their value, whatever it was and whatever stands beside it."""
    rows, table = cells(seen, features(seen), severity, rng), seen.table
    for name, places in rows.items():
        table = put(table, name, places, pl.Series([None] * len(places), dtype=table.schema[name]))
    return Planted(table, every(rows), sum(map(len, rows.values())) / (seen.rows * table.width))


def disguised(seen: Evidence, severity: float, rng: np.random.Generator) -> Planted | None:
    """Cells hold what stands for nothing: a word in texts, -999 in numbers."""
    columns = [name for name in features(seen) if name in strings(seen) or seen.table.schema[name].is_numeric()]
    if not columns:
        return None
    table, rows = seen.table, cells(seen, columns, severity, rng)
    words = pl.Series(STAND_INS).gather(rng.integers(0, len(STAND_INS), seen.rows))
    for name, places in rows.items():
        kind = table.schema[name]
        filler = pl.repeat(FILLER, len(places), dtype=pl.Int64 if kind.is_integer() else pl.Float64, eager=True)
        table = put(table, name, places, words.gather(places) if kind == pl.String else filler)
    return Planted(table, every(rows), sum(map(len, rows.values())) / (seen.rows * table.width))


def out_of_schema(seen: Evidence, severity: float, rng: np.random.Generator) -> Planted | None:
    """Numbers beyond their declared maximum, words that are not on their declared list."""
    fields = {field.name: field for field in (seen.schema.fields if seen.schema else ())}
    limited = [
        name
        for name in features(seen)
        if name in fields and (fields[name].enum or isinstance(fields[name].maximum, float))
    ]
    if not limited:
        return None
    table, rows = seen.table, cells(seen, limited, severity, rng)
    for name, places in rows.items():
        top = fields[name].maximum
        if isinstance(top, float):
            beyond = top + 1 + abs(top) * (0.1 + rng.random(seen.rows))[places]
            whole = table.schema[name].is_integer()
            table = put(table, name, places, pl.Series(np.round(beyond).astype(np.int64) if whole else beyond))
        else:
            table = put(table, name, places, "other " + table[name].cast(pl.String).gather(places))
    filled = sum(seen.rows - table[name].null_count() for name in fields if name in table.columns)
    return Planted(table, every(rows), sum(map(len, rows.values())) / filled)


def swapped(seen: Evidence, severity: float, rng: np.random.Generator) -> Planted | None:
    """Rows in which the values of two columns of different kind have changed places."""
    words = [name for name in strings(seen) if name in features(seen)]
    numbers = measurements(seen)
    if not words or not numbers:
        return None
    one, other = words[rng.integers(len(words))], numbers[rng.integers(len(numbers))]
    texts = seen.table.select(pl.col(one, other).cast(pl.String))
    filled = np.flatnonzero(texts.select(pl.all_horizontal(pl.all().is_not_null())).to_series().to_numpy())
    if not len(filled):
        return None
    rows = np.sort(filled[first(rng, len(filled), severity * len(filled))])
    table = put(seen.table, one, rows, texts[other].gather(rows))
    table = put(table, other, rows, texts[one].gather(rows))
    return Planted(table, rows, 2 * len(rows) / sum(seen.rows - table[name].null_count() for name in table.columns))


def wrong_unit(seen: Evidence, severity: float, rng: np.random.Generator, *, factor: int) -> Planted | None:
    """Some values of one column are given in a unit that makes them so many times larger."""
    columns = measurements(seen)
    name = columns[rng.integers(len(columns))]
    cells = seen.table[name]
    there = np.flatnonzero((cells.is_not_null() & (cells != 0)).fill_null(value=False).to_numpy())
    rows = np.sort(there[first(rng, len(there), severity * seen.rows)])
    wide = cells.cast(pl.Int64 if cells.dtype.is_integer() else pl.Float64)
    return Planted(put(seen.table, name, rows, wide.gather(rows) * factor), rows, len(rows) / seen.rows)


def stuck(seen: Evidence, severity: float, rng: np.random.Generator) -> Planted | None:
    """One measurement stays at its value from some moment on."""
    columns, order = measurements(seen), in_order_of_time(seen)
    if order is None:
        return None
    cells = seen.table[name := columns[rng.integers(len(columns))]]
    begin = int(rng.choice(np.flatnonzero(cells.is_not_null().to_numpy()[order])))
    count = min(max(2, round(severity * seen.rows)), len(order))
    rows, start = np.sort(order[(begin + np.arange(count)) % len(order)]), int(order[begin])
    return Planted(
        put(seen.table, name, rows, pl.repeat(cells[start], len(rows), dtype=cells.dtype, eager=True)),
        rows,
        len(rows) / seen.rows,
    )


def late(seen: Evidence, severity: float, rng: np.random.Generator) -> Planted | None:
    """Records are dated years after the window that is asked for."""
    name = str(seen.roles.time)
    cells = seen.table[name]
    if not cells.dtype.is_temporal():
        return None
    there = np.flatnonzero(cells.is_not_null().to_numpy())
    rows = np.sort(there[first(rng, len(there), severity * seen.rows)])
    return Planted(
        put(seen.table, name, rows, cells.gather(rows) + timedelta(days=5 * 366)), rows, len(rows) / seen.rows
    )
