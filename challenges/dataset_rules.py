"""Rules between the keys of `[dataset]`. Each function yields what it finds; nothing stops at the first."""

from collections.abc import Iterator
from math import fsum

from challenges.dataset_definition import Dataset
from challenges.table_rules import Found
from challenges.toml_lines import KeyPath
from challenges.values import guess
from scoring.metrics import METRICS
from scoring.quality.gates import POSSIBLE
from scoring.quality.rubric import PARTS, PRESETS, REACH
from scoring.utility.models import MODELS

AT: KeyPath = ("dataset",)
PUBLIC, ANSWERS = "public/", "answers/"


def findings(dataset: Dataset) -> Iterator[Found]:
    """Everything wrong with the section, with paths from the top of the file."""
    for section in (_places, _needs, _utility, _weights, _gates, _window):
        for found in section(dataset):
            yield found._replace(path=(*AT, *found.path))


def _places(dataset: Dataset) -> Iterator[Found]:
    """What teams get is below public/, what they must not see below answers/."""
    given: dict[KeyPath, str | None] = {("raw",): dataset.raw, ("table_schema",): dataset.table_schema}
    given |= {("code_lists", column): path for column, path in dataset.code_lists.items()}
    for key, path in given.items():
        if path is not None and (not path.startswith(PUBLIC) or path == PUBLIC):
            yield Found("package.not_below", key, {"folder": PUBLIC})
    for name, path in dataset.hidden_files.items():
        if not path.startswith(ANSWERS) or path == ANSWERS:
            yield Found("package.not_below", ("hidden", name), {"folder": ANSWERS})
    safety = dataset.safety
    if safety is not None and not _below(safety.words, PUBLIC, ANSWERS):
        yield Found("package.not_below", ("safety", "words"), {"folder": PUBLIC})
    if safety is not None and safety.exceptions is not None:
        folders = (PUBLIC, ANSWERS) if safety.hidden else (PUBLIC,)
        if not _below(safety.exceptions, *folders):
            yield Found("package.not_below", ("safety", "exceptions"), {"folder": PUBLIC})
    features = dataset.utility.features if dataset.utility else None
    if features is not None and not features.startswith((PUBLIC, ANSWERS)):
        yield Found("package.not_below", ("utility", "features"), {"folder": PUBLIC})


def _below(path: str, *folders: str) -> bool:
    """Whether a path names one file below one of the folders."""
    return path.startswith(folders) and not path.endswith("/")


def _needs(dataset: Dataset) -> Iterator[Found]:
    """Keys that another one is of no use without."""
    if dataset.roles.id is None:
        for name in ("gold", "canaries"):
            if name in dataset.hidden_files:
                yield Found("package.dataset_needs_id", ("roles", "id"), {"by": f"dataset.hidden.{name}"})
        if dataset.utility and dataset.utility.features:
            yield Found("package.dataset_needs_id", ("roles", "id"), {"by": "dataset.utility.features"})
    if dataset.hidden.gold is not None and dataset.roles.label is None:
        yield Found("package.dataset_needs_label", ("roles", "label"))
    if dataset.utility is None:
        if dataset.hidden.curated is not None:
            yield Found("package.dataset_unused", ("hidden", "curated"), level="warning")
        return
    for name in ("test", "curated"):
        if name not in dataset.hidden_files:
            yield Found("package.missing", ("hidden", name))


def _utility(dataset: Dataset) -> Iterator[Found]:
    asked = dataset.utility
    if asked is None:
        return
    if asked.metric not in METRICS:
        message, params = guess("package.metric_unknown", asked.metric, tuple(METRICS))
        yield Found(message, ("utility", "metric"), params)
    for number, key in enumerate(asked.models):
        if key not in MODELS:
            message, params = guess("package.not_listed", key, tuple(MODELS))
            yield Found(message, ("utility", "models", number), params)


def _weights(dataset: Dataset) -> Iterator[Found]:
    """Every part within reach of its preset, and the sum still 100."""
    preset = PRESETS[dataset.rubric.preset]
    weights = dict(preset.weights)
    for key, weight in dataset.rubric.weights.items():
        path: KeyPath = ("rubric", "weights", key)
        if key not in PARTS:
            message, params = guess("package.not_listed", key, tuple(PARTS))
            yield Found(message, path, params)
            continue
        low, high = max(0.0, preset.weights[key] - REACH), preset.weights[key] + REACH
        if not low <= weight <= high:
            yield Found("package.weight_out_of_reach", path, {"low": round(low, 2), "high": round(high, 2)})
        weights[key] = weight
    total = fsum(weights.values())
    if abs(total - 100) > 1e-9:
        yield Found("package.weights_sum", ("rubric", "weights"), {"sum": round(total, 4)})


def _gates(dataset: Dataset) -> Iterator[Found]:
    """Only measures that can have a gate, and only where they are measured."""
    needs = {
        "Q2": (dataset.table_schema or dataset.hidden.curated, "dataset.table_schema"),
        "Q4": (dataset.safety, "dataset.safety"),
        "A9": (dataset.hidden.test, "dataset.hidden.test"),
        "G9": (dataset.roles.id, "dataset.roles.id"),
    }
    for key, limit in dataset.gates.items():
        if key not in POSSIBLE:
            message, params = guess("package.not_listed", key, POSSIBLE)
            yield Found(message, ("gates", key), params)
        elif limit is not False and key in needs and needs[key][0] is None:
            yield Found("package.gate_unmeasured", ("gates", key), {"needs": needs[key][1]})


def _window(dataset: Dataset) -> Iterator[Found]:
    if dataset.window is None:
        return
    if dataset.window.last <= dataset.window.first:
        yield Found("package.window_backwards", ("window", "last"))
    if dataset.roles.time is None:
        yield Found("package.dataset_needs_time", ("roles", "time"))
