"""Reads and scores one submission file; runs in the locked-down child, and offline in an organizer's or a team's hands."""

import base64
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl

from challenges import intake, truths
from challenges.arrays import stored
from challenges.package import Package, load
from challenges.plan import SPLITS, Plan, ScorePlan, TaskPlan, kind_of
from challenges.preparation import prepare
from challenges.report import COMBINED, Report, Scored, SplitName
from scoring import Estimate, ScoringError, combine, evaluate

REPORT: Final = "report.json"
LISTING: Final = "findings.csv.gz"
SCORER: Final = "1"
"""Goes up when the same file and answers would be read or aligned to another score."""


Progress = Callable[[str], None]
"""Is told which step begins, where the work takes long enough to be waited for: that on datasets."""


def score(
    prepared_dir: Path, submission: Path, out_dir: Path, *, filename: str, progress: Progress = lambda _: None
) -> Report:
    """Reads the file `submission`, which its sender named `filename`, and scores it on both parts of the rows.

    Writes `report.json` and `findings.csv.gz` (every finding by row) into `out_dir`. Never raises for anything that the file
    may hold: its outcome is then *refused*.
    """
    return _run(prepared_dir, submission, out_dir, filename, progress, scoring=True)


def check(
    prepared_dir: Path, submission: Path, out_dir: Path, *, filename: str, progress: Progress = lambda _: None
) -> Report:
    """Reads the file as `score` does, without scoring it: the outcome is *accepted* or *refused*."""
    return _run(prepared_dir, submission, out_dir, filename, progress, scoring=False)


def score_offline(package: Package | Path, submission: Path) -> Report:
    """Scores a file against a package, or the package in a folder, leaving nothing behind.

    Raises `PackageRefused` when the package or its answers cannot be used.
    """
    package = package if isinstance(package, Package) else load(package)
    with tempfile.TemporaryDirectory(prefix="jiebang-") as scratch:
        prepared, out_dir = Path(scratch, "prepared"), Path(scratch, "out")
        out_dir.mkdir()
        prepare(package, prepared)
        return score(prepared, submission, out_dir, filename=submission.name)


def _run(
    prepared: Path, submission: Path, out_dir: Path, filename: str, progress: Progress, *, scoring: bool
) -> Report:
    kind = kind_of(prepared)
    if kind != "prediction":
        report: Report = import_module(f"challenges.{kind}_run").run(
            prepared, submission, out_dir, filename, progress, scoring=scoring
        )
        return report
    started = time.perf_counter()
    plan = Plan.load(prepared)
    estimates: dict[tuple[str, str, SplitName], Estimate] = {}
    with intake.Ledger(out_dir / LISTING) as ledger:
        tables = intake.read(plan, prepared, submission, filename, ledger)
        read = time.perf_counter()
        if scoring and not ledger.errors:
            for task in plan.tasks:
                columns = tables[task.key].columns
                assert columns is not None, "a table without errors has its columns"
                ledger.file = task.key or None
                estimates |= _evaluate(plan, task, prepared / task.folder, columns, ledger)
            ledger.file = None
        if ledger.errors:
            estimates = {}
        findings = ledger.findings()
    scored, spreads = _scores(plan, estimates) if estimates else ((), {})
    report = Report(
        outcome="refused" if ledger.errors else "scored" if scoring else "accepted",
        rows=sum(table.rows for table in tables.values()),
        findings=findings,
        scores=scored,
        spreads=spreads,
        made_with={
            "package": plan.package,
            "scorer": SCORER,
            "seed": plan.seed,
            "numpy": np.__version__,
            "polars": pl.__version__,
        },
        seconds={"read": round(read - started, 6), "score": round(time.perf_counter() - read, 6)},
    )
    (out_dir / REPORT).write_text(report.model_dump_json(), "utf-8")
    return report


def _evaluate(
    plan: Plan, task: TaskPlan, folder: Path, columns: Mapping[str, intake.Values], ledger: intake.Ledger
) -> dict[tuple[str, str, SplitName], Estimate]:
    """Every score of a task on both parts, by task, score and split."""
    found: dict[tuple[str, str, SplitName], Estimate] = {}
    for split in SPLITS:
        rows = stored(folder / f"{split}.npy")
        for one in task.scores:
            truth = truths.load(folder, f"truth-{one.truth}-{split}", task.truths[one.truth])
            groups = None if one.group is None else stored(folder / f"group-{one.group}-{split}.npy")
            prediction = _prediction(folder, one, columns, rows)
            try:
                found[task.key, one.key, split] = evaluate(
                    one.metric, truth, prediction, groups=groups, options=one.options, seed=plan.seed
                )
            except ScoringError as error:
                ledger.add(error.id, column=", ".join(one.prediction)[:200], params=error.params)
    return found


def _prediction(folder: Path, one: ScorePlan, columns: Mapping[str, intake.Values], rows: Any) -> Any:
    """What a score reads, on the rows of one part, in the form that its metric takes."""
    parts = [columns[name] for name in one.prediction]
    if isinstance(parts[0], pl.Series):
        items = pl.read_ipc(folder / f"items-{one.truth}.arrow").to_series()
        return truths.code_lists(parts[0].gather(rows), items)
    arrays = [part[rows] for part in parts if isinstance(part, np.ndarray)]
    return arrays[0] if len(arrays) == 1 else np.column_stack(arrays)


def _scores(
    plan: Plan, estimates: Mapping[tuple[str, str, SplitName], Estimate]
) -> tuple[tuple[Scored, ...], dict[SplitName, str]]:
    """The scores as a report holds them, and the spread of the first, or the combined, one."""
    metrics = {(task.key, one.key): one.metric for task in plan.tasks for one in task.scores}
    scores = [
        _scored(task or None, key, metrics[task, key], split, estimate)
        for (task, key, split), estimate in estimates.items()
    ]
    firsts = {split: [estimates[task.key, task.scores[0].key, split] for task in plan.tasks] for split in SPLITS}
    if not plan.several:
        return tuple(scores), {split: _packed(first) for split, (first,) in firsts.items()}
    if plan.combine != "mean":
        return tuple(scores), {}
    share = len(plan.tasks) / sum(task.weight for task in plan.tasks)
    means = {
        split: combine([_times(one, task.weight * share) for one, task in zip(parts, plan.tasks, strict=True)])
        for split, parts in firsts.items()
    }
    combined = [_scored(None, COMBINED, None, split, mean) for split, mean in means.items()]
    return (*combined, *scores), {split: _packed(mean) for split, mean in means.items()}


def _times(one: Estimate, factor: float) -> Estimate:
    return replace(
        one,
        value=one.value * factor,
        low=one.low * factor,
        high=one.high * factor,
        spread=one.spread * np.float32(factor),
    )


def _scored(task: str | None, key: str, metric: str | None, split: SplitName, one: Estimate) -> Scored:
    return Scored(task=task, key=key, metric=metric, split=split, value=one.value, low=one.low, high=one.high)


def _packed(one: Estimate) -> str:
    return base64.b64encode(np.ascontiguousarray(one.spread, "<f4").tobytes()).decode("ascii")
