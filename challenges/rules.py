"""Rules that need more than one key of a `challenge.toml`, or the table of metrics.

Each function looks at one section and yields what it finds; nothing stops at the first. The paths are those of the file as it
is written, so that a finding can name its line.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from challenges import annotation_rules, dataset_rules, facets, table_rules
from challenges.board_columns import COLUMNS
from challenges.definition import Definition, Limits, Phase
from challenges.findings import Finding
from challenges.reading import Source
from challenges.table_rules import Found
from challenges.toml_lines import KeyPath
from challenges.values import guess, utc
from scoring.metrics import METRICS

EARLIEST = "earliest"
OWN_SECTION = ("dataset", "annotation")
"""Kinds that have a section of their own, named like them."""


def findings(source: Source, definition: Definition) -> tuple[Finding, ...]:
    """Everything that these rules find in a definition that fits the model, in order of lines."""
    found = [
        source.finding(one.message, one.path, one.params, one.level)
        for section in (_data, _kind, _shape, _tables, _board, _limits, _phases)
        for one in section(definition)
    ]
    return tuple(sorted(found, key=lambda finding: finding.line or 0))


def tables(definition: Definition) -> Iterator[tuple[KeyPath, table_rules.Table]]:
    """Each table that is handed in with its truth and scores as written, and the path it stands under."""
    if not definition.tasks:
        yield (), table_rules.Table(definition.submission, definition.answers, definition.scores)
    for number, task in enumerate(definition.tasks):
        yield ("tasks", number), table_rules.Table(task.submission, task.answers, task.scores)


def repeated(words: Iterable[str]) -> Iterator[int]:
    """The positions of words that stood before."""
    seen: set[str] = set()
    for number, word in enumerate(words):
        if word in seen:
            yield number
        seen.add(word)


def _data(definition: Definition) -> Iterator[Found]:
    data = definition.data
    if data.licence == "custom" and data.licence_file is None:
        yield Found("package.licence_file_missing", ("data", "licence_file"))
    if data.licence != "custom" and data.licence_file is not None:
        yield Found("package.licence_file_unused", ("data", "licence_file"), {"licence": data.licence})
    if data.licence_file is not None and not data.licence_file.startswith("public/"):
        yield Found("package.not_below", ("data", "licence_file"), {"folder": "public/"})
    if data.personal == "personal":
        yield Found("package.personal_agreement", ("data", "personal"), level="warning")
    for number, file in enumerate(data.files):
        if not file.path.startswith("public/") or file.path == "public/":
            yield Found("package.not_below", ("data", "files", number, "path"), {"folder": "public/"})
    for number in repeated(file.path for file in data.files):
        yield Found("package.repeated", ("data", "files", number, "path"))


def _kind(definition: Definition) -> Iterator[Found]:
    """The sections of its kind, and of no other."""
    for kind in OWN_SECTION:
        there = getattr(definition, kind) is not None
        if definition.kind == kind and not there:
            yield Found("package.missing", (kind,))
        elif definition.kind != kind and there:
            yield Found("package.only_with_kind", (kind,), {"kind": kind})
    if definition.kind == "prediction":
        return
    written = {
        ("submission", "id"): "id" in definition.submission.model_fields_set,
        ("submission", "columns"): "columns" in definition.submission.model_fields_set,
        ("submission", "formats"): "formats" in definition.submission.model_fields_set,
        ("answers",): definition.answers is not None,
        ("scores",): bool(definition.scores),
        ("tasks",): bool(definition.tasks),
    }
    yield from (
        Found("package.only_with_kind", path, {"kind": "prediction"}) for path, there in written.items() if there
    )
    if definition.dataset is not None:
        yield from dataset_rules.findings(definition.dataset)
    yield from annotation_rules.findings(definition)


def _shape(definition: Definition) -> Iterator[Found]:
    """A single-task challenge writes its table at the top, a multi-task one inside each task."""
    if definition.kind != "prediction":
        if "combine" in definition.board.model_fields_set:
            yield Found("package.only_with_tasks", ("board", "combine"))
        return
    top = {
        ("submission", "id"): definition.submission.id is not None,
        ("submission", "columns"): bool(definition.submission.columns),
        ("answers",): definition.answers is not None,
        ("scores",): bool(definition.scores),
    }
    if not definition.tasks:
        yield from (Found("package.missing", path) for path, written in top.items() if not written)
        if "combine" in definition.board.model_fields_set:
            yield Found("package.only_with_tasks", ("board", "combine"))
        return
    yield from (Found("package.belongs_in_tasks", path) for path, written in top.items() if written)
    for number in repeated(task.key for task in definition.tasks):
        yield Found("package.repeated", ("tasks", number, "key"))
    for number, task in enumerate(definition.tasks):
        if task.submission.id is None:
            yield Found("package.missing", ("tasks", number, "submission", "id"))
        if not task.submission.columns:
            yield Found("package.missing", ("tasks", number, "submission", "columns"))
        if "weight" in task.model_fields_set and definition.board.combine != "mean":
            yield Found("package.weight_unused", ("tasks", number, "weight"), {"combine": definition.board.combine})


def _tables(definition: Definition) -> Iterator[Found]:
    if definition.kind != "prediction":
        return
    for path, table in tables(definition):
        for one in table_rules.findings(table):
            yield one._replace(path=(*path, *one.path))


def score_keys(definition: Definition) -> tuple[str, ...]:
    """The keys of all scores as `board.ties` and `expected.json` name them: `auc`, or `task/auc` with tasks."""
    if definition.kind != "prediction":
        return tuple(column.key for column in COLUMNS[definition.kind])
    if not definition.tasks:
        return tuple(score.key for score in definition.scores)
    return tuple(f"{task.key}/{score.key}" for task in definition.tasks for score in task.scores)


def _board(definition: Definition) -> Iterator[Found]:
    board, keys = definition.board, score_keys(definition)
    for number, tie in enumerate(board.ties):
        path = ("board", "ties", number)
        if tie not in {*keys, EARLIEST}:
            message, params = guess("package.tie_unknown", tie, (*keys, EARLIEST))
            yield Found(message, path, params)
        elif not definition.tasks and keys[:1] == (tie,):
            yield Found("package.tie_first", path)
        elif EARLIEST in board.ties[:number]:
            yield Found("package.tie_after_earliest", path)
    for number in repeated(board.ties):
        yield Found("package.repeated", ("board", "ties", number))
    for number in repeated(line.key for line in board.lines):
        yield Found("package.repeated", ("board", "lines", number, "key"))
    for number, (above, line) in enumerate(pairwise(board.lines), start=1):
        if line.upto <= above.upto:
            yield Found("package.line_order", ("board", "lines", number, "upto"), {"above": above.upto})
    yield from _combination(definition)


def _combination(definition: Definition) -> Iterator[Found]:
    """A mean over tasks needs scores that point the same way."""
    first = [METRICS[task.scores[0].metric] for task in definition.tasks if task.scores[0].metric in METRICS]
    directions = Counter(metric.direction for metric in first)
    if definition.board.combine == "mean" and len(directions) > 1:
        ways = ", ".join(f"{metric.key} ({metric.direction})" for metric in first)
        yield Found("package.mean_of_both_directions", ("board", "combine"), {"metrics": ways})


def _limits(definition: Definition) -> Iterator[Found]:
    limits = definition.limits
    if limits.per_day > limits.total:
        path = "per_day" if "per_day" in limits.model_fields_set else "total"
        yield Found("package.day_above_total", ("limits", path), {"per_day": limits.per_day, "total": limits.total})
    picked = definition.board.final.picked
    if picked > limits.total:
        yield Found("package.picked_above_total", ("board", "final", "picked"), {"total": limits.total})


def _phases(definition: Definition) -> Iterator[Found]:
    for number in repeated(phase.key for phase in definition.phases):
        yield Found("package.repeated", ("phases", number, "key"))
    for number, phase in enumerate(definition.phases):
        yield from _phase(number, phase, definition.limits)
    for number, (before, phase) in enumerate(pairwise(definition.phases), start=1):
        if phase.opens < before.closes:
            yield Found(
                "package.phase_overlaps",
                ("phases", number, "opens"),
                {"before": before.key, "closes": utc(before.closes), "opens": utc(phase.opens)},
            )


def _phase(number: int, phase: Phase, limits: Limits) -> Iterator[Found]:
    if phase.closes <= phase.opens:
        path = ("phases", number, "closes")
        yield Found("package.phase_backwards", path, {"opens": utc(phase.opens), "closes": utc(phase.closes)})
    if phase.title is None and phase.key not in facets.PHASES:
        path = ("phases", number, "title")
        yield Found("package.phase_untitled", path, {"phase": phase.key, "known": ", ".join(facets.PHASES)})
    per_day = limits.per_day if phase.per_day is None else phase.per_day
    total = limits.total if phase.total is None else phase.total
    if per_day > total and limits.per_day <= limits.total:
        path = ("phases", number, "per_day" if phase.per_day is not None else "total")
        yield Found("package.day_above_total", path, {"per_day": per_day, "total": total})
