"""The search for answers where teams can see them. All that it finds are warnings: a person decides what was meant.

It looks for copies of hidden files, for ids and truth of hidden rows in any public table (joined by id, or row by row), for a
column that repeats the target, for real answers in the sample submission, and for an order of ids or rows that tells the split
or the truth. Truth that is a list is not compared with columns.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from challenges import contents, tables
from challenges.association import FEWEST_ROWS, Floats, as_numbers, auc, correlation, tells
from challenges.findings import Finding, PackageRefused
from challenges.package import Package
from challenges.plan import SPLITS, Plan, TaskPlan

MOST_BYTES = 512 * 10**6
MOST_ROWS = 100_000
"""Rows that a column is compared on; more would change no verdict."""
GIVES_AWAY = 0.98
"""From here on a column is taken for the truth in another dress."""
ORDER_TELLS = 0.3
"""From here on an order says too much: |2 AUC - 1|, or the size of a rank correlation."""
CHANCE = 4.0
"""Standard deviations, about, that an order must lie beyond chance."""
MOST_CLASSES = 50
LEARNING_ROLES = frozenset({"train", "validation"})
NAMING_ROLES = frozenset({"test", "metadata"})
"""Roles of files that name the hidden rows, as they must."""
SAMPLE = "sample-submission"
_AT, _ID = "\0at", "\0id"
"""Names that no column has."""


@dataclass(frozen=True)
class Hidden:
    """The rows of a task that count, one element each: id, row in the answers, whether public, truth by column.

    `height` counts all rows of the answers. The truth is numbers, or codes for the columns in `classes`; `targets` names all
    columns of the truth, also those of lists.
    """

    id: str
    ids: pl.Series
    rows: NDArray[np.int64]
    public: NDArray[np.bool_]
    height: int
    truths: dict[str, Floats]
    classes: frozenset[str]
    targets: frozenset[str]


def findings(package: Package, prepared: Path) -> Iterator[Finding]:
    """Every leak found in a package that has been compiled into `prepared`."""
    files = contents.survey(package.folder)
    hidden = [_hidden(prepared, task) for task in Plan.load(prepared).tasks]
    yield from copies(package.folder)
    for task in hidden:
        yield from _order(task, np.arange(len(task.ids)), _id_order(task.ids), "ids", column=task.id)
    for path in files.below("public/"):
        if not path.endswith(tables.SUFFIXES):
            continue
        if files.sizes[path] > MOST_BYTES:
            yield _warning("package.leak_not_searched", path, most=MOST_BYTES // 10**6)
            continue
        try:
            table = tables.read(package.folder / path)
        except PackageRefused as refused:
            yield from (one.model_copy(update={"file": path, "level": "warning"}) for one in refused.findings)
            continue
        for task in hidden:
            yield from _table(task, table, path, _role(package, path))


def _hidden(prepared: Path, task: TaskPlan) -> Hidden:
    folder = prepared / task.folder
    if task.ids.kind == "integer":
        ids = pl.Series("id", np.load(folder / "ids.npy"))
    else:
        ids = pl.read_ipc(folder / "ids.arrow").to_series().cast(pl.String)
    places = [np.load(folder / f"{split}.npy") for split in SPLITS]
    truths = {
        truth.column: np.concatenate([np.load(folder / f"truth-{number}-{split}.npy") for split in SPLITS]).astype(
            float
        )
        for number, truth in enumerate(task.truths)
        if truth.form != "lists"
    }
    rows = np.concatenate(places)
    return Hidden(
        id=task.ids.name,
        ids=ids[rows],
        rows=rows,
        public=np.repeat([True, False], [len(part) for part in places]),
        height=task.rows,
        truths=truths,
        classes=frozenset(truth.column for truth in task.truths if truth.form != "number"),
        targets=frozenset(truth.column for truth in task.truths),
    )


def copies(folder: Path) -> Iterator[Finding]:
    """Public files with the bytes of a hidden one."""
    files = contents.survey(folder)
    hidden = {contents.file_digest(files.folder / path): path for path in files.below("answers/") if files.sizes[path]}
    sizes = {files.sizes[path] for path in hidden.values()}
    for path in files.below("public/"):
        if files.sizes[path] in sizes and (digest := contents.file_digest(files.folder / path)) in hidden:
            yield _warning("package.leak_same_file", path, hidden=hidden[digest])


def _role(package: Package, path: str) -> str:
    files = package.definition.data.files
    return next((file.role for file in files if file.path == path or path.startswith(f"{file.path.rstrip('/')}/")), "")


def _table(task: Hidden, table: pl.DataFrame, path: str, role: str) -> Iterator[Finding]:
    """Leaks in one public table."""
    if role in LEARNING_ROLES:
        yield from _target_copies(task, table, path)
    if task.id in table.columns:
        found = _found(task, table)
        if found.height and role not in {*NAMING_ROLES, SAMPLE}:
            yield _warning("package.leak_ids", path, column=task.id, count=found.height)
        at = found[_AT].to_numpy()
        if role == "test":
            yield from _order(task, at, np.arange(found.height, dtype=float), "rows", file=path)
        message = "package.leak_sample" if role == SAMPLE else "package.leak_answers"
        yield from _answers(task, found.drop(task.id), path, message)
    elif table.height == task.height:
        by_row = table[task.rows].with_columns(pl.int_range(pl.len()).alias(_AT))
        yield from _answers(task, by_row, path, "package.leak_answers_by_row")


def _found(task: Hidden, table: pl.DataFrame) -> pl.DataFrame:
    """The rows of a table whose id is that of a hidden row, in the table's order; `_AT` is the place of that row."""
    if table[task.id].dtype.is_nested():
        return table.clear().with_columns(pl.lit(0).alias(_AT))
    ids = pl.DataFrame({_ID: task.ids.cast(pl.String), _AT: np.arange(len(task.ids))})
    return (
        table.with_columns(pl.col(task.id).cast(pl.String).alias(_ID))
        .join(ids, on=_ID, how="inner", maintain_order="left")
        .drop(_ID)
    )


def _answers(task: Hidden, rows: pl.DataFrame, path: str, message: str) -> Iterator[Finding]:
    """Columns beside the ids of hidden rows that give their truth away."""
    rows = _some(rows)
    at = rows[_AT].to_numpy()
    for name, truth in task.truths.items():
        for column in _comparable(rows.drop(_AT)):
            told = tells(column, truth[at], classes=name in task.classes)
            if told >= GIVES_AWAY:
                yield _warning(message, path, column=column.name, truth=name, tells=f"{told:.0%}")


def _target_copies(task: Hidden, table: pl.DataFrame, path: str) -> Iterator[Finding]:
    """Features of the training data that repeat the target."""
    for name in task.truths:
        if name not in table.columns or table[name].dtype.is_nested():
            continue
        rows = _some(table.filter(pl.col(name).is_not_null()))
        classes = name in task.classes
        truth = rows[name].rank("dense").cast(pl.Float64).to_numpy() if classes else as_numbers(rows[name])
        if truth is None:
            continue
        features = rows.select(pl.exclude(*task.targets, task.id))
        for column in _comparable(features):
            told = tells(column, truth, classes=classes)
            if told >= GIVES_AWAY:
                yield _warning("package.leak_target_copy", path, column=column.name, truth=name, tells=f"{told:.0%}")


def _order(task: Hidden, at: NDArray[np.int64], order: Floats, what: str, **place: str) -> Iterator[Finding]:
    """Whether an order of the hidden rows `at` says which of them are public, or what their truth is."""
    file, params = place.pop("file", None), dict(place)
    public = task.public[at]
    if _says(told := _class_order(order, public.astype(float)), len(at)):
        yield _warning(f"package.leak_split_{what}", file, **params, tells=f"{told:.0%}")
    for name, truth in task.truths.items():
        told = _class_order(order, truth[at]) if name in task.classes else _number_order(order, truth[at])
        if _says(told, len(at)):
            yield _warning(f"package.leak_truth_{what}", file, **params, truth=name, tells=f"{told:.0%}")


def _says(told: float, rows: int) -> bool:
    """Whether an order says much, and more than it would by chance."""
    return told >= ORDER_TELLS and told * np.sqrt(rows) >= CHANCE


def _class_order(order: Floats, codes: Floats) -> float:
    """The largest |2 AUC - 1| of the order for any class against the others that has enough rows."""
    values, counts = np.unique(codes, return_counts=True)
    if len(values) < 2:
        return 0.0
    enough = values[(counts >= FEWEST_ROWS) & (len(codes) - counts >= FEWEST_ROWS)]
    return max((abs(2 * auc(order, codes == value) - 1) for value in enough[:MOST_CLASSES]), default=0.0)


def _number_order(order: Floats, truth: Floats) -> float:
    return abs(correlation(order, truth)) if len(truth) >= FEWEST_ROWS and np.ptp(truth) > 0 else 0.0


def _id_order(ids: pl.Series) -> Floats:
    """Ids in their natural order: numbers by size, texts by letters."""
    numbers = as_numbers(ids)
    return ids.rank("ordinal").cast(pl.Float64).to_numpy() if numbers is None else numbers


def _comparable(rows: pl.DataFrame) -> Iterator[pl.Series]:
    return (column for column in rows.iter_columns() if not column.dtype.is_nested() and column.dtype != pl.Binary)


def _some(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.sample(MOST_ROWS, seed=0) if rows.height > MOST_ROWS else rows


def _warning(message: str, file: str | None, **params: str | int) -> Finding:
    return Finding(id=message, level="warning", file=file, params=dict(params))
