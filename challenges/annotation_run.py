"""Reads and scores the labels of one submission; runs in the locked-down child, and offline in an organizer's or a team's hands.

The scores, on each part of the gold:

accuracy    the share of gold items whose label in the consensus is right. The consensus is that of Dawid and Skene over all
            submitted labels, made without any gold: it weighs people by how they err, so a team gains by saying truly who
            labelled what
agreement   Krippendorff's alpha over all items; no gold takes part, so both parts have the same. Where it is not defined
            (all labels the same, no item with two) nothing speaks for agreement, and it counts as 0
weakest     the accuracy on gold of the annotator who has the lowest, drawn to the team's own: as if `PRIOR` labels more had
            been as good as usual. Those with fewer than `FEWEST_GOLD` gold labels count as one annotator together, so that
            neither a few labels decide nor many names hide anybody
cost        what all labels cost, over the items whose consensus is right as far as gold tells; where labels cost nothing,
            how many labels a right one takes

`cost` could be more precise if the model's certainty on the gold items took part. It must not: how certain the model is there
depends on which items are gold, and so the number would tell (see `challenges.annotation_report`).
"""

import base64
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from challenges.annotation_plan import AnnotationPlan
from challenges.annotation_reading import Given, read
from challenges.annotation_report import FEWEST_GOLD, NAME, AnnotationReport
from challenges.annotation_summary import Gold, Seen, summarized
from challenges.arrays import stored
from challenges.intake import Ledger
from challenges.plan import SPLITS
from challenges.report import Report, Scored, SplitName
from scoring import Estimate, ScoringError, evaluate
from scoring.agreement.coefficients import Agreement, krippendorff_alpha
from scoring.agreement.consensus import dawid_skene
from scoring.agreement.cost import cost_per_right_item
from scoring.agreement.labels import Labels
from scoring.agreement.shares import wilson

REPORT: Final = "report.json"
LISTING: Final = "findings.csv.gz"
SCORER: Final = "1"
"""Goes up when the same file and gold would be read or judged to another score."""
PRIOR: Final = 20.0
"""So many gold labels weigh as much in an annotator's accuracy as the team's own."""


@dataclass(frozen=True, slots=True)
class _Judged:
    scores: tuple[Scored, ...]
    spreads: dict[SplitName, str]
    report: AnnotationReport


def run(
    prepared: Path,
    submission: Path,
    out_dir: Path,
    filename: str,
    progress: Callable[[str], None] = lambda _: None,
    *,
    scoring: bool,
) -> Report:
    """Reads the file `submission`, which its sender named `filename`, and, if `scoring`, scores it on both parts of the gold.

    Writes `report.json` and `findings.csv.gz` (every finding by row or item) into `out_dir`, and `annotation.json` (an
    `AnnotationReport`) when it was scored. Never raises for anything that the file may hold: its outcome is then *refused*.
    `progress` is told "open" and "judge".
    """
    started = time.perf_counter()
    progress("open")
    plan = AnnotationPlan.load(prepared)
    judged = None
    with Ledger(out_dir / LISTING) as ledger:
        table = read(plan, prepared, submission, filename, ledger)
        done = time.perf_counter()
        if scoring and table.given is not None:
            progress("judge")
            try:
                judged = _judge(plan, prepared, table.given, ledger)
            except ScoringError as error:  # more annotators than can be told apart
                ledger.add(error.id, column=plan.labels.annotator, params=error.params)
        refused = bool(ledger.errors)
        findings = ledger.findings()
    report = Report(
        outcome="refused" if refused else "scored" if scoring else "accepted",
        rows=table.rows,
        findings=findings,
        scores=judged.scores if judged else (),
        spreads=judged.spreads if judged else {},
        made_with=_made_with(plan),
        seconds={"read": round(done - started, 6), "score": round(time.perf_counter() - done, 6)},
    )
    if judged:
        (out_dir / NAME).write_text(judged.report.model_dump_json(), "utf-8")
    (out_dir / REPORT).write_text(report.model_dump_json(), "utf-8")
    return report


def _made_with(plan: AnnotationPlan) -> dict[str, str | int]:
    return {
        "package": plan.package,
        "scorer": SCORER,
        "seed": plan.seed,
        "numpy": np.__version__,
        "polars": pl.__version__,
    }


def _judge(plan: AnnotationPlan, prepared: Path, given: Given, ledger: Ledger) -> _Judged:
    labels = Labels.from_rows(given.item, given.annotator, given.label)
    consensus = dawid_skene(labels, len(plan.labels.classes))
    alpha = _alpha(plan, labels, ledger)
    gold = {split: _gold(prepared, split) for split in SPLITS}
    right = {
        split: evaluate("accuracy", one.labels, consensus.label[labels.positions(one.items)], seed=plan.seed)
        for split, one in gold.items()
    }
    scores = tuple(one for split in SPLITS for one in _scores(plan, labels, split, right[split], alpha, gold[split]))
    seen = Seen(plan, given, labels, consensus, alpha, gold["public"])
    return _Judged(
        scores,
        {split: _packed(right[split]) for split in SPLITS},
        summarized(seen, _ids(plan, prepared), _made_with(plan)),
    )


def _alpha(plan: AnnotationPlan, labels: Labels, ledger: Ledger) -> Agreement | None:
    """None where it is not defined; a note says why."""
    try:
        return krippendorff_alpha(labels, "ordinal" if plan.labels.type == "ordinal" else "nominal")
    except ScoringError as error:
        ledger.add(error.id, level="note", column=plan.labels.label, params=error.params)
        return None


def _gold(prepared: Path, split: SplitName) -> Gold:
    return Gold(stored(prepared / f"gold-{split}-items.npy"), stored(prepared / f"gold-{split}-labels.npy"))


def _ids(plan: AnnotationPlan, prepared: Path) -> pl.Series:
    """The ids of all items, as text, by their codes."""
    if plan.ids.kind == "text":
        return pl.read_ipc(prepared / "ids.arrow").to_series()
    return pl.Series(stored(prepared / "ids.npy")).cast(pl.String)


def _scores(
    plan: AnnotationPlan, labels: Labels, split: SplitName, right: Estimate, alpha: Agreement | None, gold: Gold
) -> Iterator[Scored]:
    yield _scored("accuracy", split, right.value, right.low, right.high)
    if alpha is None:
        yield _scored("agreement", split, 0.0, -1.0, 1.0)
    else:
        yield _scored("agreement", split, alpha.value, alpha.low, alpha.high)
    yield _scored("weakest", split, *_weakest(labels, gold, len(plan.labels.classes)))
    yield _scored("cost", split, *_cost(plan, labels, right.value, len(gold.items)))


def _scored(key: str, split: SplitName, value: float, low: float, high: float) -> Scored:
    return Scored(task=None, key=key, metric=None, split=split, value=value, low=low, high=high)


def _weakest(labels: Labels, gold: Gold, classes: int) -> tuple[float, float, float]:
    """Value, low, high: the Wilson interval is that of so many labels with those that were added."""
    rows, right, _ = gold.by_annotator(labels, classes)
    few = rows < FEWEST_GOLD
    faced = np.append(rows[~few], rows[few].sum())
    hits = np.append(right[~few], right[few].sum())
    faced, hits = faced[faced > 0], hits[faced > 0]
    usual = right.sum() / rows.sum()
    drawn, of = hits + PRIOR * usual, faced + PRIOR
    worst = np.lexsort((-of, drawn / of))[0]
    low, high = wilson(drawn[worst], of[worst])
    value = float(drawn[worst] / of[worst])
    return value, min(float(low), value), max(float(high), value)


def _cost(plan: AnnotationPlan, labels: Labels, accuracy: float, gold: int) -> tuple[float, float, float]:
    """Value, low, high. Where not one item may be right, the end is that of half an item, so that it is a number."""
    paid = (plan.cost or 1.0) * len(labels.item)
    found = cost_per_right_item(paid, len(labels.items), right=round(accuracy * gold), gold=gold)
    most = 2.0 * paid
    return min(found.value, most), min(found.low, most), min(found.high, most)


def _packed(one: Estimate) -> str:
    return base64.b64encode(np.ascontiguousarray(one.spread, "<f4").tobytes()).decode("ascii")
