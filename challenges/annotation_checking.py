"""What is found out about an annotation challenge once it is compiled: whether what teams get says which items are gold, or their
labels. Who knows the gold can label it with care, and the rest without.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from challenges import contents, tables
from challenges.annotation_plan import AnnotationPlan
from challenges.arrays import stored
from challenges.association import FEWEST_ROWS, as_numbers, auc, tells
from challenges.findings import Finding, PackageRefused
from challenges.leaks import CHANCE, GIVES_AWAY, ORDER_TELLS
from challenges.package import Package
from challenges.plan import SPLITS

LARGEST_SEARCHED: Final = 256 * 2**20
"""Bytes of a table beyond which it is not searched."""


def findings(package: Package, prepared: Path) -> Iterator[Finding]:
    """Warnings about the order and the columns of the items, and about other public tables that name items."""
    annotation = package.definition.annotation
    assert annotation is not None, "a plan of this kind was made from such a section"
    plan = AnnotationPlan.load(prepared)
    ids = pl.read_ipc(prepared / "ids.arrow").to_series() if plan.ids.kind == "text" else _numbers(prepared)
    labels = np.full(plan.items, -1)
    for split in SPLITS:
        labels[stored(prepared / f"gold-{split}-items.npy")] = stored(prepared / f"gold-{split}-labels.npy")
    is_gold = labels >= 0
    yield from _order(np.arange(plan.items, dtype=float), is_gold, "annotation.leak_rows", annotation.items)
    numbers = as_numbers(ids)
    in_order = ids.rank("ordinal").cast(pl.Float64).to_numpy() if numbers is None else numbers
    yield from _order(in_order, is_gold, "annotation.leak_ids", annotation.items)
    survey = contents.survey(package.folder)
    for path in survey.below("public/"):
        if path.endswith(tables.SUFFIXES) and survey.sizes[path] <= LARGEST_SEARCHED:
            yield from _table(package.folder / path, path, plan, ids, labels)


def _numbers(prepared: Path) -> pl.Series:
    return pl.Series(stored(prepared / "ids.npy")).cast(pl.String)


def _order(order: NDArray[np.float64], is_gold: NDArray[np.bool_], message: str, file: str) -> Iterator[Finding]:
    """Whether gold items stand elsewhere in the order than others, by much and by more than chance."""
    least = min(int(is_gold.sum()), int((~is_gold).sum()))
    if least < FEWEST_ROWS:
        return
    told = abs(2 * auc(order, is_gold) - 1)
    if told >= ORDER_TELLS and told * np.sqrt(least) >= CHANCE:
        yield _warning(message, file, told)


def _table(file: Path, path: str, plan: AnnotationPlan, ids: pl.Series, labels: NDArray[np.int64]) -> Iterator[Finding]:
    """Columns of one public table that say which of its items are gold, or what they are."""
    try:
        table = tables.read(file)
    except PackageRefused:  # teams get files of every kind; only tables that can be read can be searched
        return
    name = plan.labels.item
    if name not in table.columns or table[name].dtype.is_nested():
        return
    book = pl.DataFrame({"id": ids, "label": labels})
    known = table.with_columns(pl.col(name).cast(pl.String).str.strip_chars().alias("id")).select(
        "id", *(pl.col(other).alias(f"c{number}") for number, other in enumerate(table.columns))
    )
    joined = known.join(book, on="id", how="inner", maintain_order="left")
    true = joined["label"].to_numpy()
    is_gold = true >= 0
    for number, other in enumerate(table.columns):
        column = joined[f"c{number}"]
        if other == name or column.dtype.is_nested() or column.dtype == pl.Binary:
            continue
        if (told := tells(column, is_gold.astype(float), classes=True)) >= GIVES_AWAY:
            yield _warning("annotation.leak_gold", path, told, column=other)
        told = tells(column.filter(pl.Series(is_gold)), true[is_gold].astype(float), classes=True)
        if told >= GIVES_AWAY:
            yield _warning("annotation.leak_labels", path, told, column=other)


def _warning(message: str, file: str, told: float, column: str | None = None) -> Finding:
    return Finding(id=message, level="warning", file=file, column=column, params={"tells": f"{told:.0%}"})
