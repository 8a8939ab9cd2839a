"""What a labelled table seems to be about: its id, its target, the kind of problem, how to hand in and how to score it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from challenges import tables
from challenges.association import as_numbers
from challenges.definition import Column, Score
from challenges.findings import Finding, PackageRefused

FEWEST_ROWS = 50
MOST_CLASSES = 100
MOST_NUMBER_CLASSES = 20
"""Whole numbers with more values than this are amounts, not classes."""
ROWS_A_CLASS = 5
_TARGETS = ("target", "label", "class", "y", "outcome", "answer", "truth", "标签", "目标", "类别")
_YES = ("1", "true", "yes", "y", "t", "positive", "是", "真", "有")
_SCORES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "binary-classification": (("auc", "roc_auc"), ("log-loss", "log_loss")),
    "multiclass-classification": (("f1", "f1_macro"), ("accuracy", "accuracy")),
    "regression": (("rmse", "rmse"), ("mae", "mae")),
}


@dataclass(frozen=True)
class Guess:
    """What `look` thinks of a table. `id` is None when no column names the rows."""

    target: str
    id: str | None
    task: str
    column: Column
    scores: tuple[Score, ...]


def look(path: Path, *, target: str | None = None, id: str | None = None) -> Guess:
    """What the labelled table in `path` seems to be about, as far as `target` and `id` do not say.

    Raises PackageRefused when the table cannot be read, a named column is not in it, or nothing can be predicted from it.
    """
    return guess(tables.read(path), path.name, target=target, id=id)


def guess(table: pl.DataFrame, file: str, *, target: str | None, id: str | None) -> Guess:
    """See `look`; `file` is the name that findings give to the table."""
    for name in (target, id):
        if name is not None and name not in table.columns:
            raise _refused("new.no_column", file, name, known=", ".join(table.columns)[:500])
    if table.height < FEWEST_ROWS or table.width < 2:
        raise _refused("new.too_small", file, None, rows=table.height, columns=table.width, least=FEWEST_ROWS)
    id = _id(table, target) if id is None else id
    if id is not None and (table[id].null_count() or table[id].n_unique() < table.height):
        raise _refused("new.id_not_unique", file, id)
    target = _target(table, id) if target is None else target
    if target == id:
        raise _refused("new.target_is_id", file, target)
    task, column = _problem(table[target], file)
    scores = tuple(Score(key=key, metric=metric) for key, metric in _SCORES[task])
    return Guess(target, id, task, column, scores)


def labels(column: pl.Series) -> pl.Series:
    """A column as class names: text; true and false are "1" and "0", whole floats lose their point."""
    if column.dtype == pl.Boolean:
        return column.cast(pl.Int8).cast(pl.String)
    if column.dtype.is_float() and (column.drop_nulls() == column.drop_nulls().floor()).all():
        return column.cast(pl.Int64).cast(pl.String)
    return column.cast(pl.String)


def _id(table: pl.DataFrame, target: str | None) -> str | None:
    """The column that names the rows: called so, or the first one; text or whole numbers, each value once."""

    def names_rows(name: str) -> bool:
        column = table[name]
        exact = column.dtype == pl.String or column.dtype.is_integer()
        if name == target or not exact or column.null_count() or column.n_unique() < table.height:
            return False
        numbers = as_numbers(column)
        return numbers is None or bool((numbers == numbers.round()).all())

    called = [
        name for name in table.columns if name.lower() in {"id", "key", "编号"} or name.lower().endswith(("_id", " id"))
    ]
    return next((name for name in (*called, table.columns[0]) if names_rows(name)), None)


def _target(table: pl.DataFrame, id: str | None) -> str:
    """The column called like a target, else the last one that is not the id."""
    others = [name for name in table.columns if name != id]
    return next((name for name in others if name.lower() in _TARGETS), others[-1])


def _problem(target: pl.Series, file: str) -> tuple[str, Column]:
    if target.dtype.is_nested() or target.dtype == pl.Binary:
        raise _refused("new.target_unclear", file, target.name)
    if target.null_count():
        raise _refused("new.target_missing", file, target.name, count=target.null_count())
    numbers, distinct = as_numbers(target), target.n_unique()
    if distinct < 2:
        raise _refused("new.target_constant", file, target.name)
    if distinct == 2:
        return "binary-classification", Column(name="probability", type="probability", of=_positive(labels(target)))
    whole = numbers is not None and bool((numbers == numbers.round()).all())
    if numbers is not None and not (whole and distinct <= MOST_NUMBER_CLASSES):
        return "regression", Column(name=target.name, type="number")
    if distinct > MOST_CLASSES or distinct * ROWS_A_CLASS > len(target):
        raise _refused("new.target_unclear", file, target.name, count=distinct)
    classes = labels(target).unique().sort() if numbers is None else target.cast(pl.Float64).unique().sort()
    return "multiclass-classification", Column(name=target.name, type="class", classes=tuple(labels(classes)))


def _positive(values: pl.Series) -> str:
    """Which of two classes is asked about: the one that means yes, else the rarer one."""
    counted = values.value_counts().sort("count", values.name)
    words: list[str] = counted[values.name].to_list()
    return next((word for word in words if word.lower() in _YES), words[0])


def _refused(message: str, file: str, column: str | None, **params: str | int) -> PackageRefused:
    return PackageRefused((Finding(id=message, file=file, column=column, params=dict(params)),))
