"""A shipped challenge that attacks are handed in to: prepared once, and scored offline, with honest documentation, as a submission is."""

import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from math import isclose
from pathlib import Path
from typing import Self

import polars as pl

import challenges
from challenges import kept_utility
from challenges.dataset_plan import NAME as PLAN
from challenges.dataset_plan import DatasetPlan
from challenges.dataset_preparation import asked_schema, typed, yardstick
from challenges.datasets import open_dataset
from challenges.plan import SPLITS
from challenges.quality import MeasureFound, QualityReport
from challenges.report import Report
from challenges.run import score
from scoring.quality.checks import CHECKS
from scoring.quality.evidence import Evidence, Roles
from scoring.quality.measures import labels
from scoring.quality.reference import Reference
from scoring.quality.rubric import Points, judge
from scoring.utility import Utility, compare, measure, usefulness
from tests.hostile.dataset_attacks import HONEST, SHIPPED, Attack, baselines_of


@dataclass(frozen=True, slots=True)
class Gain:
    """Points of the private composite that an attack wins over what it starts from: below 0 it loses.

    `low` and `high` are the 95 % interval of the paired difference in usefulness, carried through the rubric. All else is counted, or
    stands on the same gold, and has no error of its own.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Judged:
    """A scored submission. `scores` by score and split, empty where it was refused; `utility` is that on the private split, `labels`
    the points of A6 by the private gold.
    """

    report: Report
    quality: QualityReport | None
    scores: Mapping[tuple[str, str], float]
    utility: Utility | None = None
    labels: float | None = None

    def measure(self, key: str) -> MeasureFound | None:
        """One measure; None where it did not apply."""
        return next((one for one in (self.quality.measures if self.quality else ()) if one.key == key), None)

    def points(self, key: str) -> float:
        """Points of one measure; 0 where it did not apply."""
        found = self.measure(key)
        return found.points.value if found else 0.0

    @property
    def gates_failed(self) -> tuple[str, ...]:
        return self.quality.gates_failed if self.quality else ()


class Arena:
    """A shipped challenge, prepared once, that tables are handed in to."""

    def __init__(self, slug: str, folder: Path, without: Collection[str] = ()) -> None:
        """`without`: gates that are off here, so that it is seen what the measures behind them stop."""
        self.slug, self.folder = slug, folder
        self.public = SHIPPED / slug / "public"
        self.baselines = baselines_of(slug)
        self.prepared = folder / "prepared"
        challenges.prepare(challenges.load(SHIPPED / slug), self.prepared)
        plan = DatasetPlan.load(self.prepared)
        self._plan = plan.model_copy(update={"gates": plan.gates | dict.fromkeys(without)})
        (self.prepared / PLAN).write_text(self._plan.model_dump_json(), encoding="utf-8")
        curated, test = (pl.read_parquet(self.prepared / f"{name}.parquet") for name in ("curated", "test-private"))
        self._schema = asked_schema(self._plan, self.prepared, curated)
        self._stick = yardstick(self._plan, curated, test)
        raw, best = (kept_utility.load(self.prepared / f"utility-private-{of}.npz") for of in ("raw", "curated"))
        self._ends = (raw, best)

    def honest(self) -> pl.DataFrame:
        """The table of the honest team."""
        table: pl.DataFrame = self.baselines.SUBMISSIONS[HONEST](self.public)
        return table

    def raw(self) -> pl.DataFrame:
        """The raw bundle as text."""
        table: pl.DataFrame = self.baselines.raw(self.public)
        return table

    def handed_in(self, table: pl.DataFrame) -> Judged:
        """The table with the honest team's documentation, its figures brought up to date, scored on both splits."""
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            return self.judged(self.baselines.write(HONEST, table, Path(place)))

    def judged(self, file: Path, *, suspects: bool = False) -> Judged:
        """A file as it is, scored on both splits; with `suspects`, records whose label models doubt are listed too."""
        with tempfile.TemporaryDirectory(dir=self.folder) as out, without_suspects(leave=not suspects):
            report = score(self.prepared, file, Path(out), filename=file.name)
            written = Path(out, "quality-report.json")
            quality = QualityReport.parse(written.read_bytes()) if written.exists() else None
        scores = {(one.key, str(one.split)): one.value for one in report.scores}
        if not scores:
            return Judged(report, quality, scores)
        table = open_dataset(file).table
        return Judged(report, quality, scores, self._utility(table), self._labels(table))

    def gain(self, attack: Judged, honest: Judged) -> Gain:
        """What the attack wins on the private split. A refused one has no score, which is as little as 0."""
        before = honest.scores["composite", "private"]
        value = attack.scores.get(("composite", "private"), 0.0)
        if attack.utility is None or honest.utility is None or not value:
            return Gain(value - before, value - before, value - before)
        found = compare(attack.utility, honest.utility)
        start, scale = usefulness(honest.utility, *self._ends).unclipped, compare(*reversed(self._ends)).value
        ends = [self._composite(attack, start + 100 * end / scale) for end in (found.value, found.low, found.high)]
        assert isclose(ends[0], value, abs_tol=1e-6), "the rubric gives what the report says"
        return Gain(value - before, ends[1] - before, ends[2] - before)

    def _composite(self, judged: Judged, useful: float) -> float:
        assert judged.quality is not None
        exact = {one.key: one.points.value for one in judged.quality.measures}
        exact["A8"] = min(max(useful, 0.0), 100.0)
        if judged.labels is not None:
            exact["A6"] = judged.labels
        return judge(
            {key: Points(value, value, value) for key, value in exact.items()}, self._plan.weights
        ).composite.value

    def _utility(self, table: pl.DataFrame) -> Utility:
        return measure(typed(table, self._schema), self._stick, curve=False)

    def _labels(self, table: pl.DataFrame) -> float | None:
        gold, raw = (pl.read_parquet(self.prepared / f"{name}.parquet") for name in ("gold-private", "raw"))
        roles = Roles(id=self._plan.roles["id"], label=self._plan.roles["label"])
        found = labels.by_gold(Evidence(table, roles, reference=Reference(gold=gold, raw=raw)))
        return None if found is None else CHECKS["A6"].points(found).value


@dataclass(frozen=True)
class Started:
    """A prepared challenge with its honest submission."""

    arena: Arena
    honest: pl.DataFrame
    raw: pl.DataFrame
    judged: Judged

    @classmethod
    def on(cls, slug: str, folder: Path, without: Collection[str] = ()) -> Self:
        """Prepares a shipped challenge in a folder, some of its gates off, and hands in the honest table."""
        arena = Arena(slug, folder, without)
        honest = arena.honest()
        return cls(arena, honest, arena.raw(), arena.handed_in(honest))

    def start_of(self, attack: Attack) -> Judged:
        """What an attack is compared with, scored."""
        return self.judged if attack.start == "honest" else self.raw_judged

    @cached_property
    def raw_judged(self) -> Judged:
        """The raw bundle with the honest team's documentation."""
        return self.arena.handed_in(self.raw)

    def leaked(self) -> pl.DataFrame:
        """The hidden test, as somebody had it who should not."""
        return pl.concat([pl.read_parquet(self.arena.prepared / f"test-{split}.parquet") for split in SPLITS])


class Told:
    """What a team is told of its label errors (A6) for each submission, and nothing else; the real check with the real gold."""

    def __init__(self, there: Started) -> None:
        gold, raw = (pl.read_parquet(there.arena.prepared / f"{name}.parquet") for name in ("gold-public", "raw"))
        self._reference = Reference(gold=gold, raw=raw)
        self.submissions = 0

    def __call__(self, table: pl.DataFrame) -> float:
        self.submissions += 1
        only = table.select("record", "outcome")  # with nothing else to look at, models list nothing
        found = CHECKS["A6"].load()(Evidence(only, Roles(id="record", label="outcome"), reference=self._reference))
        assert found is not None
        return float(found.value)


@contextmanager
def without_suspects(*, leave: bool = True) -> Iterator[None]:
    """Leaves out the list of doubtful labels. It takes two thirds of the time, and no part in the score where gold decides: see
    `test_nothing_but_the_rows_decides`.
    """
    found = labels._by_models
    if leave:
        labels._by_models = lambda seen: None  # noqa: ARG005
    try:
        yield
    finally:
        labels._by_models = found
