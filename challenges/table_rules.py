"""Rules about one table that is handed in: its columns, the truth it is held against, the scores that read both."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from pydantic import JsonValue

from challenges.definition import Answers, Column, Columns, Score, scorable
from challenges.toml_lines import KeyPath
from challenges.values import guess
from scoring.metric import Metric
from scoring.metrics import METRICS

TABLE_SUFFIXES = (".csv", ".tsv", ".jsonl", ".parquet")
OPTIONS_OF: Mapping[str, frozenset[str]] = {
    "probability": frozenset({"of", "sums_to_one_with"}),
    "number": frozenset({"min", "max", "of"}),
    "integer": frozenset({"min", "max", "of"}),
    "class": frozenset({"classes"}),
    "text": frozenset({"max_length"}),
    "list": frozenset({"max_length"}),
}
"""Which optional keys a column of each type may hold, beside `required`."""
NEEDED_BY: Mapping[str, str] = {"class": "classes", "text": "max_length", "list": "max_length"}
FITS: Mapping[str, frozenset[str]] = {
    "probability": frozenset({"probability"}),
    "number": frozenset({"number", "integer"}),
    "class": frozenset({"class"}),
    "list": frozenset({"list"}),
}
"""Which types of column each kind of metric input can be read from."""
RESERVED_KEYS = ("earliest", "combined")


class Found(NamedTuple):
    """What a rule found: a message id, the key path, params, and how bad it is."""

    message: str
    path: KeyPath
    params: Mapping[str, JsonValue] = MappingProxyType({})
    level: Literal["error", "warning"] = "error"


@dataclass(frozen=True)
class Table:
    """One table as the file describes it, nothing filled in."""

    submission: Columns
    answers: Answers | None
    scores: tuple[Score, ...]


def findings(table: Table) -> Iterator[Found]:
    """Everything wrong with one table; paths are relative to where the table stands."""
    found = [*_columns(table.submission), *_scores(table)]
    if table.answers is not None:
        found += _answers(table.answers)
    yield from found or _unread(table)


def _columns(table: Columns) -> Iterator[Found]:
    names = [column.name for column in table.columns]
    for number, column in enumerate(table.columns):
        path: KeyPath = ("submission", "columns", number)
        if column.name in names[:number] or column.name == table.id:
            yield Found("package.repeated", (*path, "name"))
        for one in (*_options(column), *_range(column), *_classes(column), *_sum(column, table)):
            yield one._replace(path=(*path, *one.path))


def _options(column: Column) -> Iterator[Found]:
    allowed = OPTIONS_OF[column.type]
    for key in Column.model_fields:
        optional = any(key in options for options in OPTIONS_OF.values())
        if optional and key in column.model_fields_set and key not in allowed:
            yield Found(
                "package.option_of_other_type", (key,), {"type": column.type, "known": ", ".join(sorted(allowed))}
            )
    needed = NEEDED_BY.get(column.type)
    if needed and not getattr(column, needed):
        yield Found("package.missing", (needed,))


def _range(column: Column) -> Iterator[Found]:
    if column.min is not None and column.max is not None and column.min > column.max:
        yield Found("package.min_above_max", ("min",), {"max": column.max})
    if column.type == "integer":
        for key in ("min", "max"):
            bound = getattr(column, key)
            if bound is not None and not float(bound).is_integer():
                yield Found("package.want_integer", (key,))


def _classes(column: Column) -> Iterator[Found]:
    for number, name in enumerate(column.classes):
        if name in column.classes[:number]:
            yield Found("package.repeated", ("classes", number))
        if not name or name != name.strip() or not name.isprintable():
            yield Found("package.not_a_name", ("classes", number))
    if len(column.classes) == 1:
        yield Found("package.one_class", ("classes",))


def _sum(column: Column, table: Columns) -> Iterator[Found]:
    others = {other.name: other for other in table.columns if other is not column}
    for number, name in enumerate(column.sums_to_one_with):
        path: KeyPath = ("sums_to_one_with", number)
        if name not in others:
            yield _no_column(path, name, tuple(others))
        elif others[name].type != "probability":
            yield Found("package.sum_of_no_probability", path, {"column": name})


def _answers(answers: Answers) -> Iterator[Found]:
    path = answers.path
    if not path.startswith("answers/"):
        yield Found("package.not_below", ("answers", "path"), {"folder": "answers/"})
    if not path.endswith(TABLE_SUFFIXES):
        yield Found("package.not_a_table", ("answers", "path"), {"known": ", ".join(TABLE_SUFFIXES)})
    if not answers.truth:
        yield Found("package.empty_list", ("answers", "truth"))
    for number, name in enumerate(answers.truth):
        if name in answers.truth[:number]:
            yield Found("package.repeated", ("answers", "truth", number))
    yield from _split(answers)


def _split(answers: Answers) -> Iterator[Found]:
    split, at = answers.split, ("answers", "split")
    if (split.column is None) == (split.public is None):
        yield Found("package.split_either", at)
        return
    if split.public is not None and split.seed is None:
        yield Found("package.missing", (*at, "seed"))
    if split.column is not None:
        for key in ("seed", "stratify", "group"):
            if getattr(split, key) is not None:
                yield Found("package.only_with_share", (*at, key))
    if split.column is not None and split.column in answers.truth:
        yield Found("package.split_is_truth", (*at, "column"))


def _scores(table: Table) -> Iterator[Found]:
    keys = [score.key for score in table.scores]
    for number, score in enumerate(table.scores):
        path: KeyPath = ("scores", number)
        if score.key in keys[:number]:
            yield Found("package.repeated", (*path, "key"))
        if score.key in RESERVED_KEYS:
            yield Found("package.reserved", (*path, "key"), {"known": ", ".join(RESERVED_KEYS)})
        metric = METRICS.get(score.metric)
        if metric is None:
            yield _no_metric(path, score.metric)
        else:
            yield from (one._replace(path=(*path, *one.path)) for one in _metric_options(score, metric))
        yield from _truth(table, number)
        yield from _prediction(table, number, metric)


def _no_metric(path: KeyPath, metric: str) -> Found:
    if metric.endswith(".py"):
        return Found("package.metric_py_not_yet", (*path, "metric"))
    message, params = guess("package.metric_unknown", metric, METRICS)
    return Found(message, (*path, "metric"), params)


def _truth(table: Table, number: int) -> Iterator[Found]:
    if table.answers is None:
        return
    score, path = table.scores[number], ("scores", number, "truth")
    if score.truth is None and number == 0 and len(table.answers.truth) > 1:
        yield Found("package.name_one", path, {"known": ", ".join(table.answers.truth)})
    if score.truth is not None and score.truth not in table.answers.truth:
        yield _no_column(path, score.truth, table.answers.truth)


def _prediction(table: Table, number: int, metric: Metric | None) -> Iterator[Found]:
    score, path = table.scores[number], ("scores", number, "prediction")
    offered = scorable(table.submission)
    names = score.prediction
    if not names and number == 0 and len(offered) != 1:
        yield Found("package.name_one", path, {"known": ", ".join(column.name for column in offered)})
    columns = {column.name: column for column in table.submission.columns}
    for position, name in enumerate(names):
        if name not in columns:
            yield _no_column((*path, position), name, tuple(columns))
        elif not columns[name].required:
            yield Found("package.reads_optional", (*path, position), {"column": name})
        elif name in names[:position]:
            yield Found("package.repeated", (*path, position))
    read = names or table.scores[0].prediction or tuple(column.name for column in offered[:1])
    known = [columns[name] for name in read if name in columns]
    if metric is not None and len(known) == len(read) > 0:
        where = path if names else ("scores", number, "metric")
        yield from (one._replace(path=where) for one in _fit(metric, known))


def _fit(metric: Metric, columns: list[Column]) -> Iterator[Found]:
    """Whether the metric can read these columns."""
    fits = frozenset().union(*(FITS[kind] for kind in metric.inputs))
    for column in columns:
        if column.type not in fits:
            params: dict[str, JsonValue] = {"metric": metric.key, "fits": ", ".join(sorted(fits)), "type": column.type}
            yield Found("package.metric_reads_other", (), {**params, "column": column.name})
            return
    if len(columns) == 1:
        return
    if not metric.wide:
        yield Found("package.metric_reads_one", (), {"metric": metric.key})
        return
    if other := [column.name for column in columns if column.type != "probability"]:
        yield Found("package.sum_of_no_probability", (), {"column": other[0]})
    if len({column.of for column in columns}) < len(columns):
        yield Found("package.same_class_twice", (), {"columns": ", ".join(column.name for column in columns)})
    names = {column.name for column in columns}
    if not any({column.name, *column.sums_to_one_with} >= names for column in columns):
        yield Found("package.sum_not_declared", (), {"columns": ", ".join(column.name for column in columns)})


def _metric_options(score: Score, metric: Metric) -> Iterator[Found]:
    """Options are those that the metric offers, each within its range."""
    offered = {option.name: option for option in metric.options}
    for name, value in score.options.items():
        option = offered.get(name)
        if option is None:
            known: dict[str, JsonValue] = {"metric": metric.key, "known": ", ".join(offered) or "–"}
            yield Found("package.option_unknown", ("options", name), known)
        elif not option.low <= value <= option.high:
            yield Found("package.option_range", ("options", name), {"low": option.low, "high": option.high})


def _unread(table: Table) -> Iterator[Found]:
    """Columns that no score reads are handed in for nothing: allowed, but worth a word."""
    if not table.scores:
        return
    read = {name for score in table.scores for name in score.prediction} | {
        column.name for column in scorable(table.submission)[:1] if not table.scores[0].prediction
    }
    for number, column in enumerate(table.submission.columns):
        if column.required and column.name not in read:
            yield Found("package.column_unread", ("submission", "columns", number, "name"), level="warning")
    if table.answers is None:
        return
    truths = {table.scores[0].truth or table.answers.truth[:1][0], *(score.truth for score in table.scores)}
    for number, name in enumerate(table.answers.truth):
        if name not in truths:
            path: KeyPath = ("answers", "truth", number)
            yield Found("package.truth_unread", path, {"column": name}, level="warning")


def _no_column(path: KeyPath, name: str, known: tuple[str, ...]) -> Found:
    message, params = guess("package.no_such_column", name, known)
    return Found(message, path, params)
