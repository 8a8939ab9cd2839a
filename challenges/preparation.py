"""Compiles the answers of a package into the arrays that the scorer maps into memory: everything it needs, nothing else.

What the other kinds than predictions need is compiled by a module of their own, `challenges.<kind>_preparation`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from challenges import splitting, tables, truths
from challenges.definition import Score, Split, Task
from challenges.findings import MOST_EXAMPLES, Example, Finding, PackageRefused
from challenges.intake import Values
from challenges.intake.ledger import shown
from challenges.package import Package
from challenges.plan import NAME, SPLITS, Ids, Plan, ScorePlan, TaskPlan, Truth
from challenges.report import SplitName
from challenges.truths import Coded
from scoring import ScoringError, evaluate
from scoring.metrics import METRICS

SEED = 0
"""The seed of every draw that a metric's interval takes: the same for all submissions, so that they can be compared."""
SPARSE = 4
"""Times the number of ids that their range may be for a table of it to be smaller than a sorted list."""
USAGE = ("public", "private", "ignored")
_WHOLE = r"^(0|-?[1-9]\d{0,17})$"

Rows = NDArray[np.int64]


def prepare(package: Package, out_dir: Path) -> None:
    """Writes `plan.json` and what it names (see `challenges.plan`) into `out_dir`, which is made if need be.

    Raises `PackageRefused` with everything that is wrong with the answers: columns that are not there, ids that are empty or
    come twice, truth that is not what the metric reads or that no submission could be scored on, a part of the split
    without rows.
    """
    definition = package.definition
    if definition.kind != "prediction":
        import_module(f"challenges.{definition.kind}_preparation").prepare(package, out_dir)
        return
    out_dir.mkdir(parents=True, exist_ok=True)
    tasks: list[TaskPlan] = []
    findings: list[Finding] = []
    for number, part in enumerate(definition.parts):
        folder = out_dir / f"task-{number}"
        folder.mkdir(exist_ok=True)
        try:
            tasks.append(_Compiler(package.folder, part, folder).compile())
        except PackageRefused as refused:
            findings += refused.findings
    if findings:
        raise PackageRefused(tuple(findings))
    plan = Plan(
        package=package.digest,
        slug=definition.slug,
        version=definition.version,
        formats=definition.submission.formats,
        max_mb=definition.submission.max_mb,
        combine=definition.board.combine,
        seed=SEED,
        tasks=tuple(tasks),
    )
    (out_dir / NAME).write_text(plan.model_dump_json(indent=1), "utf-8")


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A truth as the scorer gets it: its plan, and its rows by split."""

    plan: Truth
    parts: Mapping[SplitName, Coded]


class _Compiler:
    """Compiles one task, gathering findings; `compile` raises them all at the end."""

    def __init__(self, package: Path, task: Task, folder: Path) -> None:
        self._task, self._folder = task, folder
        self._file = task.answers.path
        self._findings: list[Finding] = []
        self._table = tables.read(package / task.answers.path)
        self._truths: list[_Prepared] = []
        self._groups: list[str] = []

    def compile(self) -> TaskPlan:
        task = self._task
        self._check_columns()
        ids = self._ids(self._table[str(task.answers.id)])
        rows = self._split(task.answers.split)
        self._stop_if_found()
        scores = tuple(self._score(number, score, rows) for number, score in enumerate(task.scores))
        self._stop_if_found()
        return TaskPlan(
            key=task.key,
            folder=self._folder.name,
            weight=task.weight,
            rows=self._table.height,
            splits={split: len(rows[split]) for split in SPLITS},
            ids=ids,
            columns=task.submission.columns,
            truths=tuple(truth.plan for truth in self._truths),
            groups=tuple(self._groups),
            scores=scores,
        )

    def _find(self, message: str, **fields: Any) -> None:
        self._findings.append(Finding(id=message, file=self._file, **fields))

    def _stop_if_found(self) -> None:
        if self._findings:
            raise PackageRefused(tuple(self._findings))

    def _check_columns(self) -> None:
        answers = self._task.answers
        split = answers.split
        labels = [answers.id, split.column, split.stratify, split.group]
        labels += [score.group for score in self._task.scores]
        for name in dict.fromkeys(name for name in [*labels, *answers.truth] if name is not None):
            if name in self._table.columns:
                kind = self._table[name].dtype
                if name in labels and (kind.is_nested() or kind in {pl.Binary, pl.Object}):
                    self._find("intake.column_type", column=name, params={"found": str(kind)[:60], "expected": "text"})
            else:
                self._find("answers.no_column", column=name, params={"known": ", ".join(self._table.columns)[:500]})
        if not self._table.height:
            self._find("answers.no_rows")
        self._stop_if_found()

    def _ids(self, cells: pl.Series) -> Ids:
        name = str(self._task.submission.id)
        if cells.dtype.is_float() and cells.is_finite().all() and (cells == cells.floor()).all():
            cells = cells.cast(pl.Int64)
        texts = cells.cast(pl.String, strict=False).str.strip_chars()
        empty = texts.fill_null("") == ""
        if empty.any():
            self._find_rows("answers.ids_empty", cells.name, np.flatnonzero(empty.to_numpy()), texts)
        again = ~texts.is_first_distinct() & ~empty
        if again.any():
            self._find_rows("answers.ids_repeated", cells.name, np.flatnonzero(again.to_numpy()), texts)
        self._stop_if_found()
        if not texts.str.contains(_WHOLE).all():
            texts.alias("id").to_frame().write_ipc(self._folder / "ids.arrow", compression="uncompressed")
            return Ids(name=name, kind="text", index="hashed")
        return self._integer_ids(name, texts.cast(pl.Int64).to_numpy())

    def _integer_ids(self, name: str, ids: Rows) -> Ids:
        self._save("ids", ids)
        low, high = int(ids.min()), int(ids.max())
        if high - low == len(ids) - 1 and (np.diff(ids) == 1).all():
            return Ids(name=name, kind="integer", index="range", low=low)
        if high - low < SPARSE * len(ids) + 1024:
            table = np.full(high - low + 1, -1, np.int32)
            table[ids - low] = np.arange(len(ids), dtype=np.int32)
            self._save("positions", table)
            return Ids(name=name, kind="integer", index="dense", low=low)
        order = np.argsort(ids)
        self._save("sorted", ids[order])
        self._save("order", order)
        return Ids(name=name, kind="integer", index="sorted")

    def _split(self, split: Split) -> dict[SplitName, Rows]:
        """The positions of the rows of each part."""
        if split.column is not None:
            public, private = self._split_by_column(self._table[split.column].cast(pl.String))
        else:
            assert split.public is not None
            assert split.seed is not None
            ids = self._table[str(self._task.answers.id)].cast(pl.String)
            strata, groups = self._labels(split.stratify), self._labels(split.group)
            self._stop_if_found()
            public = splitting.draw(ids, share=split.public, seed=split.seed, stratify=strata, group=groups)
            private = ~public
        rows: dict[SplitName, Rows] = {"public": np.flatnonzero(public), "private": np.flatnonzero(private)}
        for name, positions in rows.items():
            if not len(positions):
                self._find("answers.split_empty", params={"split": name})
            self._save(name, positions)
        return rows

    def _split_by_column(self, usage: pl.Series) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        strange = ~usage.fill_null("").is_in(USAGE)
        if strange.any():
            params = {"known": ", ".join(USAGE)}
            self._find_rows("answers.split_value", usage.name, np.flatnonzero(strange.to_numpy()), usage, params)
            self._stop_if_found()
        return (usage == "public").to_numpy(), (usage == "private").to_numpy()

    def _labels(self, column: str | None) -> pl.Series | None:
        """The values of a column as text; empty ones are reported."""
        if column is None:
            return None
        texts = self._table[column].cast(pl.String)
        empty = texts.fill_null("") == ""
        if empty.any():
            self._find_rows("intake.value_empty", column, np.flatnonzero(empty.to_numpy()), texts)
        return texts

    def _score(self, number: int, score: Score, rows: Mapping[SplitName, Rows]) -> ScorePlan:
        columns = {column.name: column for column in self._task.submission.columns}
        metric = METRICS[score.metric]
        plan = truths.plan_truth(metric, str(score.truth), [columns[name] for name in score.prediction])
        truth = self._truth(plan, rows)
        group = None if score.group is None else self._group(score.group, rows)
        if not self._findings:
            self._try(number, score, self._truths[truth], group)
        return ScorePlan(
            key=score.key,
            metric=score.metric,
            prediction=score.prediction,
            truth=truth,
            group=group,
            options=score.options,
        )

    def _truth(self, plan: Truth, rows: Mapping[SplitName, Rows]) -> int:
        """The number of the prepared truth; made when no score before read the same."""
        known = [truth.plan for truth in self._truths]
        if plan in known:
            return known.index(plan)
        number = len(known)
        counted = np.sort(np.concatenate([rows[split] for split in SPLITS]))
        cells = self._table[plan.column]
        judged = truths.judge_truth(plan, cells.gather(counted))
        for flaw in judged.flaws:
            if flaw.where is None:
                self._find(flaw.message, column=plan.column, params=dict(flaw.params))
            else:
                self._find_rows(flaw.message, plan.column, counted[flaw.where], cells, flaw.params)
        if judged.flaws or judged.values is None:
            self._truths.append(_Prepared(plan, {}))
            return number
        parts = self._parts(number, judged.values, {split: np.searchsorted(counted, rows[split]) for split in SPLITS})
        for split, part in parts.items():
            truths.save(self._folder, f"truth-{number}-{split}", part)
        self._truths.append(_Prepared(plan, parts))
        return number

    def _parts(self, number: int, values: Values, places: Mapping[SplitName, Rows]) -> dict[SplitName, Coded]:
        if not isinstance(values, pl.Series):
            return {split: values[places[split]] for split in SPLITS}
        items = truths.known_items(values)
        items.to_frame().write_ipc(self._folder / f"items-{number}.arrow", compression="uncompressed")
        return {split: truths.code_lists(values.gather(places[split]), items) for split in SPLITS}

    def _group(self, column: str, rows: Mapping[SplitName, Rows]) -> int:
        """The number of the prepared groups; made when no score before read the same."""
        if column in self._groups:
            return self._groups.index(column)
        number = len(self._groups)
        self._groups.append(column)
        texts = self._labels(column)
        assert texts is not None
        codes = texts.fill_null("").rank("dense").cast(pl.Int64).to_numpy() - 1
        for split in SPLITS:
            self._save(f"group-{number}-{split}", codes[rows[split]])
        return number

    def _try(self, number: int, score: Score, truth: _Prepared, group: int | None) -> None:
        """Scores someone who knows the truth: what fails then would fail for everybody."""
        for split in SPLITS:
            part = truth.parts[split]
            groups = None if group is None else np.load(self._folder / f"group-{group}-{split}.npy")
            ideal = truths.perfect(truth.plan, part, len(score.prediction))
            try:
                evaluate(score.metric, part, ideal, groups=groups, options=score.options, seed=SEED)
            except ScoringError as error:
                example = Example(params={"split": split})
                self._find(error.id, key=f"scores.{number}", params=dict(error.params), examples=(example,))

    def _find_rows(
        self, message: str, column: str, places: Rows, cells: pl.Series, params: Mapping[str, Any] | None = None
    ) -> None:
        first = places[:MOST_EXAMPLES]
        texts = cells.gather(first).cast(pl.String, strict=False).to_list()
        examples = [Example(row=int(i) + 1, value=shown(text)) for i, text in zip(first, texts, strict=True)]
        self._find(message, column=column, params=dict(params or {}), count=len(places), examples=tuple(examples))

    def _save(self, name: str, array: NDArray[Any]) -> None:
        np.save(self._folder / f"{name}.npy", array)
