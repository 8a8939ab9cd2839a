"""What an injector is, what it makes, and the drawing of rows and cells that all of them share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal
from zlib import crc32

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.evidence import Evidence

IntArray = npt.NDArray[np.int64]
Need = Literal["label", "classes", "text", "numbers", "strings", "schema", "time", "window"]

FEWEST_VALUES: Final = 12
"""Different values that a column needs to be taken for a measurement."""


@dataclass(frozen=True, slots=True)
class Planted:
    """What an injector made.

    table   the changed table: the same columns, some perhaps as text now
    rows    (k,) int64 ascending: its rows that hold the defect
    rate    the planted share in the unit of the injector's first check (rows, cells, labels); NaN: it counts no defects
    """

    table: pl.DataFrame
    rows: IntArray
    rate: float


Plant = Callable[[Evidence, float, np.random.Generator], Planted | None]


@dataclass(frozen=True, slots=True)
class Injector:
    """One kind of defect, as data.

    title       English, for tables
    moves       the checks that it is about: the first must tell it, the others may
    severities  rising: shares of rows or cells; for "classes.thinned" how many times smaller than the largest class
    function    (evidence, severity, generator) → Planted, or None where the table has nothing to put it into
    needs       what the evidence cannot do without
    """

    key: str
    title: str
    moves: tuple[str, ...]
    severities: tuple[float, ...]
    function: Plant
    needs: frozenset[Need] = frozenset()

    def plant(self, seen: Evidence, severity: float, *, seed: int) -> Planted | None:
        """The table of `seen` with the defect in it. None: something is missing that `needs` names, or nothing can be
        spoiled.

        ValueError for a severity that is not positive.
        """
        if not severity > 0:
            raise ValueError(f"a severity is positive, not {severity}")
        if not seen.rows or not self.needs <= _there(seen):
            return None
        return self.function(seen, severity, np.random.default_rng([seed, crc32(self.key.encode())]))


def _there(seen: Evidence) -> frozenset[Need]:
    """What the evidence has of all that an injector can need."""
    has: dict[Need, bool] = {
        "label": seen.roles.label is not None,
        "classes": bool(seen.classes),
        "text": seen.roles.text is not None,
        "numbers": bool(measurements(seen)),
        "strings": bool(strings(seen)),
        "schema": seen.schema is not None,
        "time": seen.roles.time is not None,
        "window": seen.reference is not None and seen.reference.window is not None,
    }
    return frozenset(need for need, there in has.items() if there)


def features(seen: Evidence) -> list[str]:
    return [name for name in seen.content if name != seen.roles.label]


def measurements(seen: Evidence) -> list[str]:
    numeric = [name for name in features(seen) if seen.table.schema[name].is_numeric()]
    return [name for name in numeric if seen.table[name].drop_nulls().n_unique() >= FEWEST_VALUES]


def strings(seen: Evidence) -> list[str]:
    if seen.roles.text is not None:
        return [seen.roles.text]
    return [name for name in features(seen) if seen.table.schema[name] == pl.String]


def first(rng: np.random.Generator, count: int, wanted: float) -> IntArray:
    """The first of `count` places in a random order, at least one."""
    return rng.permutation(count)[: max(1, round(wanted))].astype(np.int64)


def put(table: pl.DataFrame, column: str, rows: IntArray, values: pl.Series) -> pl.DataFrame:
    """Other values at some rows (k,) of a column; the column takes the type of the values where they do not fit its
    own.
    """
    cells = table[column]
    if values.dtype != cells.dtype:
        cells = cells.cast(pl.String if values.dtype == pl.String else values.dtype)
    taken = np.full(table.height, len(values))
    taken[rows] = np.arange(len(rows))
    changed = pl.concat([values, pl.Series([None], dtype=values.dtype)]).gather(taken)
    return table.with_columns(
        pl.select(pl.when(pl.Series(taken < len(values))).then(changed).otherwise(cells)).to_series().alias(column)
    )


def cells(seen: Evidence, columns: list[str], severity: float, rng: np.random.Generator) -> dict[str, IntArray]:
    """Rows by column: the share `severity` of the cells of these columns that hold a value."""
    filled = np.column_stack([seen.table[name].is_not_null().to_numpy() for name in columns])
    places = np.flatnonzero(filled)
    picked = places[first(rng, len(places), severity * len(places))] if len(places) else places
    return {name: np.sort(picked[picked % len(columns) == at] // len(columns)) for at, name in enumerate(columns)}


def every(rows: Mapping[str, IntArray]) -> IntArray:
    return np.unique(np.concatenate(list(rows.values()))).astype(np.int64)
