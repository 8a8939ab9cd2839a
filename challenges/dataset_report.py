"""From a path to a quality report: what `jiebang quality` does, and what the scoring child will do with a submitted dataset."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import polars as pl
import polars.selectors as cs

from challenges import patches
from challenges.datasets import Bundle, DatasetRefused, claims, open_dataset
from challenges.datasets.table_schema import read_schema
from challenges.findings import Example, Finding
from challenges.quality import QualityReport, assessed
from challenges.quality_summary import masked
from scoring.quality.assessment import Assessment, assess
from scoring.quality.evidence import Evidence, Roles
from scoring.quality.issues import MOST
from scoring.quality.origin import Origin
from scoring.quality.reference import Reference
from scoring.quality.rubric import PRESETS
from scoring.quality.schema import Schema

MOST_PLACES: Final = 5
"""Places of a gate that is not passed that are named at once; the report lists them all."""
ROLES: Final = ("id", "label", "text", "time", "group", "annotator", "latitude", "longitude", "altitude")


@dataclass(frozen=True)
class Assessed:
    """A report with what goes beyond it: `issues` row by row (at most `MOST` of a kind), the `patch` that is proposed, and `gates`
    that are not passed, with the first places.
    """

    bundle: Bundle
    report: QualityReport
    issues: pl.DataFrame
    patch: pl.DataFrame
    gates: tuple[Finding, ...]


def assess_dataset(
    path: Path,
    *,
    roles: Mapping[str, str] | None = None,
    schema: Path | None = None,
    reference: Reference | None = None,
    preset: str = "competition",
    progress: Callable[[str], None] = lambda _: None,
) -> Assessed:
    """Opens a dataset and runs every check that applies without hidden parts.

    path       a table, a folder, or a zip: see `challenges.datasets`
    roles      column by role (`ROLES`), where the dataset's own description does not say it right
    schema     a Table Schema to hold the table against, instead of the one that the dataset brings
    reference  what a challenge gives to everybody, as `challenges.known_offline` reads it

    progress is told "open" and then the key of each check

    Raises DatasetRefused with every reason when the dataset or the schema cannot be read, or a role names no column.
    """
    tick = Stopwatch(progress)
    tick("open")
    bundle = open_dataset(path)
    asked, findings = (bundle.schema, ()) if schema is None else read_schema(schema.read_bytes(), schema.name)
    findings = (*findings, *unknown_columns(bundle, roles or {}))
    if any(finding.level == "error" for finding in findings):
        raise DatasetRefused(tuple(findings))
    seen = replace(evidence(bundle, asked, roles or {}), reference=reference)
    return assess_opened(bundle, seen, name=path.name, preset=preset, tick=tick)


def assess_opened(bundle: Bundle, seen: Evidence, *, name: str, preset: str, tick: "Stopwatch") -> Assessed:
    """The same of a dataset that is open already. `tick` goes on timing, and is stopped."""
    found = assess(seen, PRESETS[preset].weights, progress=tick)
    tick("report")
    report = assessed(seen, found, name=name, layout=bundle.layout, preset=preset, seconds={})
    tick("")
    return Assessed(
        bundle=bundle,
        report=report.model_copy(update={"seconds": {key: round(value, 3) for key, value in tick.seconds.items()}}),
        issues=listed(found),
        patch=patches.proposed(bundle.table, found.issues),
        gates=tuple(gate_failed(found, key) for key in found.failed),
    )


def evidence(bundle: Bundle, schema: Schema | None, roles: Mapping[str, str]) -> Evidence:
    """What the checks look at, from an opened dataset: all columns but those of lists, objects and bytes, which no check can read."""
    known = {role: roles.get(role) or getattr(bundle.roles, role) for role in ROLES}
    answers = bundle.documentation.answers
    why = {answer.item.key: answer.code for answer in answers if answer.code}
    why |= dict.fromkeys(_items_with_false_figures(bundle, known["label"]) - set(why), "document.contradicted")
    documentation = {
        group: {answer.item.key: answer.item.key not in why for answer in answers if answer.item.group == group}
        for group in ("D1", "D2", "D3", "D4")
    }
    return Evidence(
        bundle.table.select(~cs.by_dtype(pl.Binary, pl.Object) & ~cs.nested()),
        Roles(**known),
        schema,
        bundle.classes,
        documentation,
        why,
        origin=_origin(bundle),
        media=bundle.media,
    )


def _items_with_false_figures(bundle: Bundle, label: str | None) -> frozenset[str]:
    """The items of the documentation whose figures the table contradicts: such an answer is none."""
    measured: dict[tuple[claims.Kind, str | None], float | str] = {
        ("rows", None): bundle.table.height,
        ("columns", None): bundle.table.width,
    }
    if label in bundle.table.columns and not bundle.table[label].dtype.is_nested():
        counts = bundle.table[label].drop_nulls().value_counts()
        measured |= {("class", str(name)): count for name, count in counts.iter_rows()}
    wrong = {claim.kind for claim in claims.contradicted(bundle.documentation.claims, measured)}
    return frozenset(item for item, kinds in claims.SEARCHED.items() if wrong & set(kinds))


def _origin(bundle: Bundle) -> Origin:
    said = bundle.provenance
    licence = said.licences[0] if said.licences else None
    return Origin(
        licence=licence.written if licence else None,
        spdx=licence.spdx if licence else None,
        source=said.source,
        hashes_stated=len(said.hashes),
        hashes_held=sum(one.holds for one in said.hashes),
        columns=said.columns,
    )


def gate_failed(found: Assessment, key: str) -> Finding:
    """What is said of a gate that a dataset does not pass: how far it is from the limit, and the first places."""
    measured = found.measured[key]
    places = found.issues.filter(pl.col("check") == key).head(MOST_PLACES)
    return Finding(
        id="quality.gate_failed",
        key=key,
        params={"found": round(measured.value, 6), "asked": found.gates[key]},
        count=measured.bad or 1,
        examples=tuple(
            Example(
                row=None if row is None else row + 1, column=column or None, value=None if value is None else value[:60]
            )
            for row, column, value in zip(places["row"], places["column"], masked(places["value"]), strict=True)
            if row is not None or column or value
        ),
    )


def listed(found: Assessment) -> pl.DataFrame:
    """The issues as they are handed out: records counted from 1, at most `MOST` of a kind, personal data masked."""
    head = found.issues.filter(pl.int_range(pl.len()).over("check", "code", "column") < MOST)
    return head.select(
        "check",
        "code",
        (pl.col("row").cast(pl.Int64) + 1).alias("record"),
        "column",
        masked(head["value"]).alias("value"),
        masked(head["suggestion"]).alias("suggestion"),
        "confidence",
    )


class Stopwatch:
    """Hands progress on, and notes how long each step took."""

    def __init__(self, progress: Callable[[str], None], seconds: dict[str, float] | None = None) -> None:
        self.seconds, self._progress = {} if seconds is None else seconds, progress
        self._step, self._since = "", time.perf_counter()

    def __call__(self, step: str) -> None:
        now = time.perf_counter()
        if self._step:
            self.seconds[self._step] = now - self._since
        self._step, self._since = step, now
        if step:
            self._progress(step)


def unknown_columns(bundle: Bundle, roles: Mapping[str, str]) -> list[Finding]:
    """What is to be said of roles whose columns the table does not have."""
    columns = bundle.table.columns
    wrong = {role: name for role, name in roles.items() if name not in columns}
    if not wrong:
        return []
    examples = tuple(Example(column=role, value=name) for role, name in wrong.items())
    return [Finding(id="quality.no_column", examples=examples, params={"known": ", ".join(columns[:20])})]
