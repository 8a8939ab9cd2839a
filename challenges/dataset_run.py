"""Reads and judges one submitted dataset; runs in the locked-down child, and offline in an organizer's or a team's hands.

Beside `report.json` it writes `quality-report.json` (a `challenges.quality.QualityReport`, whose hidden parts are those of the public
board), `findings.csv.gz` and `findings.parquet` (the places found, row by row), `patch.csv.gz` (what is proposed to mend them) and, of what is scored, the
marks by which submissions are compared (`challenges.marking`).
"""

import base64
import gzip
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from challenges import kept_utility, marking, marks, patches
from challenges.dataset_plan import DatasetPlan
from challenges.dataset_preparation import asked_schema, typed, with_features, yardstick
from challenges.dataset_report import Stopwatch, evidence, gate_failed, listed
from challenges.dataset_spread import composite_spread
from challenges.datasets import Bundle, DatasetRefused, open_dataset
from challenges.findings import Finding
from challenges.intake.ledger import guarded
from challenges.plan import SPLITS
from challenges.quality import assessed
from challenges.report import Report, Scored, SplitName
from scoring import ScoringError
from scoring.quality.assessment import Assessment, assess
from scoring.quality.check import Measured
from scoring.quality.checks import CHECKS
from scoring.quality.evidence import Evidence
from scoring.quality.gates import held
from scoring.quality.measures.labels import by_gold
from scoring.quality.reference import Reference, UnsafeWords, Usefulness
from scoring.quality.rubric import Points, Result, judge
from scoring.quality.schema import Schema
from scoring.quality.text.safety import Word
from scoring.utility import Refused, measure, usefulness

REPORT: Final = "report.json"
QUALITY: Final = "quality-report.json"
LISTING: Final = "findings.csv.gz"
ISSUES: Final = "findings.parquet"
PATCH: Final = "patch.csv.gz"
SCORER: Final = "2"
"""Goes up when the same dataset and hidden files would get another score."""
USEFUL, LABELS = "A8", "A6"
NOTHING: Final = Points(0.0, 0.0, 0.0)


def run(
    prepared: Path,
    submission: Path,
    out_dir: Path,
    filename: str,
    progress: Callable[[str], None] = lambda _: None,
    *,
    scoring: bool,
) -> Report:
    """Opens the dataset in `submission`, which its sender named `filename`, judges it, and with `scoring` scores it on both splits.

    Without `scoring` nothing hidden takes part: what a team is told is what `jiebang quality` would tell it. Outcome *refused*:
    the dataset cannot be opened, no model can be trained on it, or a gate that the team can see does not let it through; the
    quality report, without hidden parts, is written all the same. Never raises for anything that the file may hold.
    `progress` is told "open", "gates", "train" and then the key of each check.
    """
    started = time.perf_counter()
    progress("open")
    plan = DatasetPlan.load(prepared)
    try:
        bundle = open_dataset(submission, name=filename)
    except DatasetRefused as refused:
        return _written(
            out_dir, Report(outcome="refused", rows=0, findings=refused.findings, made_with=_made_with(plan))
        )
    opened = time.perf_counter()
    stages = {"open": opened - started}
    judged = _judged(prepared, plan, bundle, Stopwatch(progress, stages), scoring=scoring)
    findings = (*bundle.findings, *judged.findings)
    refused_by_gate = any(finding.level == "error" for finding in findings)
    seconds = {"open": round(opened - started, 3), "judge": round(time.perf_counter() - opened, 3)}
    quality = assessed(
        judged.seen, judged.public, name=filename, layout=bundle.layout, preset=plan.preset, seconds=stages
    )
    (out_dir / QUALITY).write_text(quality.model_dump_json(), "utf-8")
    issues = listed(judged.public)
    _zipped(issues, out_dir / LISTING)
    issues.write_parquet(out_dir / ISSUES)
    _zipped(patches.proposed(bundle.table, judged.public.issues), out_dir / PATCH)
    scored = scoring and not refused_by_gate
    if scored:
        (out_dir / marks.NAME).write_bytes(marking.marks_of(judged.seen))
    report = Report(
        outcome="refused" if refused_by_gate else "scored" if scoring else "accepted",
        rows=bundle.table.height,
        findings=findings,
        scores=tuple(_scores(judged)) if scored else (),
        spreads=_spreads(prepared, plan, judged) if scored else {},
        made_with=_made_with(plan),
        seconds=seconds,
    )
    return _written(out_dir, report)


@dataclass(frozen=True)
class _Judged:
    """What was found: the whole assessment with the public split, and the result with the private one."""

    seen: Evidence
    public: Assessment
    private: Result
    findings: tuple[Finding, ...]
    useful: Mapping[SplitName, Usefulness]

    @property
    def lost(self) -> bool:
        """Whether a gate that looks at hidden parts is not passed."""
        return any(_is_hidden(self.public, key) for key in self.public.failed)


def _judged(prepared: Path, plan: DatasetPlan, bundle: Bundle, tick: Stopwatch, *, scoring: bool) -> _Judged:
    """Hidden parts take part only in what is really scored: a refusal costs no quota, so its report must not tell of them."""
    frames = {name: pl.read_parquet(prepared / f"{name}.parquet") for name in plan.frames}
    schema = asked_schema(plan, prepared, frames.get("curated")) or bundle.schema
    asked = _asked(plan, frames)
    seen = _seen(plan, bundle, schema, asked)
    tick("gates")
    at_gates = _at_gates(seen, asked.gates)
    refused = any(not CHECKS[key].passes(one, held(asked.gates)[key]) for key, one in at_gates.items())
    useful: dict[SplitName, Usefulness] = {}
    found: tuple[Finding, ...] = ()
    if plan.utility is not None and not refused:
        tick("train")
        try:  # a check trains as well, for what could not be trained would be refused
            useful = _useful(prepared, plan, bundle.table, schema, frames, SPLITS if scoring else SPLITS[:1])
        except (Refused, ScoringError) as error:
            found = (Finding(id=error.id, params=dict(error.params)),)
    hidden = scoring and not refused and not found
    if hidden:
        tests = [pl.read_parquet(prepared / f"test-{split}.parquet") for split in SPLITS] if plan.has_test else []
        known = replace(
            asked, gold=_gold(prepared, plan, "public"), canaries=frames.get("canaries"), usefulness=useful.get("public"),
            test=pl.concat(tests) if tests else None, unsafe=_unsafe(plan),
        )  # fmt: skip
        seen = seen.knowing(known)
    public = assess(seen, plan.weights, known=at_gates, progress=tick)
    tick("")
    private = (
        _privately(public, plan, seen, useful.get("private"), _gold(prepared, plan, "private")) if hidden else None
    )
    return _Judged(seen, public, private or public.result, (*found, *_gates(public)), useful)


def _seen(plan: DatasetPlan, bundle: Bundle, schema: Schema | None, asked: Reference) -> Evidence:
    """The dataset in the challenge's roles: where a column that it names is not there, no other one plays its part."""
    named = {role: name for role, name in plan.roles.items() if name is not None}
    there = {role: name for role, name in named.items() if name in bundle.table.columns}
    seen = evidence(bundle, schema, there)
    roles = replace(seen.roles, **dict.fromkeys(named.keys() - there.keys()))
    return replace(seen, roles=roles, classes=plan.classes or bundle.classes, reference=asked, seed=plan.seed)


def _at_gates(seen: Evidence, moved: Mapping[str, float | None]) -> dict[str, Measured]:
    """What is found at the gates that the team can see; hidden parts change nothing about these."""
    found = {key: CHECKS[key].load()(seen) for key in held(moved) if not CHECKS[key].hidden}
    return {key: one for key, one in found.items() if one is not None}


def _asked(plan: DatasetPlan, frames: dict[str, pl.DataFrame]) -> Reference:
    return Reference(
        strata=plan.strata,
        quasi_identifiers=plan.quasi_identifiers,
        least_group=plan.least_group,
        code_lists=plan.code_lists,
        licences=plan.licences,
        window=None if plan.window is None else (datetime.fromisoformat(plan.window[0]), datetime.fromisoformat(plan.window[1])),
        sectors=plan.sectors,
        gates=plan.gates,
        raw=frames.get("raw"),
        unsafe=None if plan.safety is None or plan.safety.hidden else _unsafe(plan),
    )  # fmt: skip


def _unsafe(plan: DatasetPlan) -> UnsafeWords | None:
    """The words that must not be there, also those that teams do not know."""
    asked = plan.safety
    if asked is None:
        return None
    return UnsafeWords(tuple(Word(*word) for word in asked.words), asked.exceptions, asked.hidden)


def _useful(
    prepared: Path,
    plan: DatasetPlan,
    table: pl.DataFrame,
    schema: Schema | None,
    frames: dict[str, pl.DataFrame],
    splits: Sequence[SplitName],
) -> dict[SplitName, Usefulness]:
    """What reference models gain from the submission, on each of `splits`."""
    mine = with_features(typed(table, schema), frames.get("features"), plan.roles["id"])
    found: dict[SplitName, Usefulness] = {}
    for split in splits:
        stick = yardstick(plan, frames["curated"], pl.read_parquet(prepared / f"test-{split}.parquet"))
        utility = measure(mine, stick, curve=split == "public")
        raw, curated = (kept_utility.load(prepared / f"utility-{split}-{of}.npz") for of in ("raw", "curated"))
        found[split] = Usefulness(utility, usefulness(utility, raw, curated))
    return found


def _gold(prepared: Path, plan: DatasetPlan, split: SplitName) -> pl.DataFrame | None:
    return pl.read_parquet(prepared / f"gold-{split}.parquet") if plan.has_gold else None


def _privately(
    public: Assessment, plan: DatasetPlan, seen: Evidence, useful: Usefulness | None, gold: pl.DataFrame | None
) -> Result:
    """The result with usefulness and label errors of the private split; all else is the same."""
    measured: dict[str, Measured] = dict(public.measured)
    assert seen.reference is not None, "hidden parts take part"
    known = seen.knowing(replace(seen.reference, usefulness=useful, gold=gold))
    again = {USEFUL: CHECKS[USEFUL].load()(known), LABELS: by_gold(known)}
    measured |= {key: one for key, one in again.items() if one is not None}
    return judge({key: CHECKS[key].points(one) for key, one in measured.items()}, plan.weights)


def _gates(found: Assessment) -> Iterator[Finding]:
    """Gates that are not passed: an error where the team can see why, else a warning, which takes the rank without a quota back."""
    for key in found.failed:
        if _is_hidden(found, key):
            yield Finding(id="quality.gate_hidden", level="warning", key=key)
        else:
            yield gate_failed(found, key)


def _is_hidden(found: Assessment, key: str) -> bool:
    return CHECKS[key].hidden or found.measured[key].hidden


def _spreads(prepared: Path, plan: DatasetPlan, judged: _Judged) -> dict[SplitName, str]:
    """How the composite varies on each split; none where usefulness takes no part, or a hidden gate is not passed."""
    found: dict[SplitName, str] = {}
    results: dict[SplitName, Result] = {"public": judged.public.result, "private": judged.private}
    for split, useful in judged.useful.items():
        if USEFUL in results[split].points and not judged.lost:
            ends = (kept_utility.load(prepared / f"utility-{split}-{of}.npz") for of in ("raw", "curated"))
            spread = composite_spread(results[split].points, plan.weights, useful.utility, *ends)
            found[split] = base64.b64encode(spread.astype("<f4").tobytes()).decode("ascii")
    return found


def _scores(judged: _Judged) -> Iterator[Scored]:
    """Composite and blocks on both splits; nothing where a hidden gate is not passed."""
    for split, result in (("public", judged.public.result), ("private", judged.private)):
        numbers = {"composite": result.composite, **{key: result.blocks.get(key, NOTHING) for key in _BLOCKS}}
        for key, points in numbers.items():
            one = NOTHING if judged.lost else points
            yield Scored(task=None, key=key, metric=None, split=split, value=one.value, low=one.low, high=one.high)


_BLOCKS: Final = ("documentation", "quality", "application")


def _made_with(plan: DatasetPlan) -> dict[str, str | int]:
    return {
        "package": plan.package, "scorer": SCORER, "seed": plan.seed, "numpy": np.__version__, "polars": pl.__version__,
    }  # fmt: skip


def _zipped(table: pl.DataFrame, path: Path) -> None:
    """A CSV that a spreadsheet may open: cells that it would take for a formula begin with an apostrophe."""
    safe = table.with_columns(guarded(name) for name, kind in table.schema.items() if kind == pl.String)
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1, mtime=0, filename="") as zipped:
        zipped.write(safe.write_csv().encode())


def _written(out_dir: Path, report: Report) -> Report:
    (out_dir / REPORT).write_text(report.model_dump_json(), "utf-8")
    return report
