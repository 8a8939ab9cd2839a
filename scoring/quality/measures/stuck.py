"""Values that stay while time goes on, for tables whose records are readings one after the other."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from scoring.quality import issues
from scoring.quality.evidence import Evidence
from scoring.quality.outliers.runs import stuck_runs
from scoring.sorting import BoolArray, IntArray

IN_ORDER: Final = 0.9
"""Of the different records, the share whose moment (and group) is their own; with fewer there is no order in which a value could stay."""


@dataclass(frozen=True)
class StuckValues:
    """The records in which a value is stuck, (n,) in the order of the table, and where: column → how many."""

    rows: BoolArray
    columns: dict[str, int]
    issues: pl.DataFrame


def in_order_of_time(seen: Evidence) -> IntArray | None:
    """The different records that have a moment, group by group in the order of time; None where moments give no order."""
    roles = seen.roles
    if roles.time is None or roles.time not in seen.typed.columns or not seen.typed[roles.time].dtype.is_temporal():
        return None
    by = [name for name in (roles.group, roles.time) if name is not None and name in seen.typed.columns]
    frame = seen.typed.select(by).with_row_index("row").filter(pl.Series(seen.distinct)).drop_nulls(by)
    if not frame.height or frame.select(by).n_unique() < IN_ORDER * frame.height:
        return None
    return frame.sort(by, maintain_order=True)["row"].cast(pl.Int64).to_numpy()


def stuck_values(seen: Evidence, columns: list[str]) -> StuckValues | None:
    """Readings that stay the same for longer than their column lets values stay (`scoring.quality.outliers.runs`), of the numeric
    columns named; None where the records have no order. Of records of one moment it is left open which comes first.
    """
    order = in_order_of_time(seen)
    if order is None or not columns:
        return None
    group = seen.roles.group if seen.roles.group in seen.typed.columns else None
    tracks = None if group is None else seen.typed[group].gather(order)
    rows, counts, listed = np.zeros(seen.rows, np.bool_), dict[str, int](), list[pl.DataFrame]()
    for name in columns:
        cells = seen.typed[name].set(pl.Series(seen.missing(name)), None)
        found = np.sort(order[stuck_runs(cells.gather(order), tracks).rows])
        if len(found):
            rows[found] = True
            counts[name] = len(found)
            listed.append(issues.at(found, "stuck", column=name, values=seen.table[name].gather(found)))
    return StuckValues(rows, counts, issues.joined(listed))
