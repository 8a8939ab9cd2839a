"""What a submission costs from file to score, against the peers' way: two pandas reads, a merge by id, scikit-learn.

Both sides score ROC AUC on a public and a private part. Ours checks every id and value, and gives an interval and what the
comparison with other submissions needs; the peer checks that ids come once. Shuffled: the rows of the submission in another
order. Limits: polars' bare parse of the same file, and reading its bytes.
"""

import tempfile
from functools import partial
from pathlib import Path

import measure
import numpy as np
import pandas as pd
import polars as pl
from sklearn.metrics import roc_auc_score

from challenges import run
from challenges.definition import Definition
from challenges.package import Package
from challenges.preparation import prepare

SIZES = {"10k": 10_000, "1M": 1_000_000, "10M": 10_000_000}
GOALS = {"10k": ">= 2", "1M": ">= 4", "10M": ">= 8"}
DEFINITION = {
    "format": "jiebang/1",
    "slug": "benchmark",
    "version": "1.0.0",
    "kind": "prediction",
    "sector": "transport",
    "task": "binary-classification",
    "modality": ["table"],
    "title": {"en": "Benchmark", "zh": "基准"},
    "summary": {"en": "Made-up rows.", "zh": "模拟数据。"},
    "data": {
        "licence": "CC0-1.0",
        "source": "made up",
        "personal": "none",
        "files": [{"path": "public/x", "role": "test"}],
    },
    "submission": {"id": "id", "columns": [{"name": "prob", "type": "probability"}], "max_mb": 1000},
    "answers": {"path": "answers/truth.parquet", "truth": "label", "split": {"column": "usage"}},
    "scores": [{"key": "auc", "metric": "roc_auc"}],
}


def make(folder: Path, rows: int) -> None:
    """Answers as a package and as the peer's CSV; a submission in the order of the answers, and one shuffled."""
    rng = np.random.default_rng(7)
    ids, label = np.arange(1, rows + 1), (rng.random(rows) < 0.3).astype(np.int8)
    prob = np.round(1 / (1 + np.exp(0.8 - 1.2 * label - rng.normal(size=rows))), 6)
    usage = np.where(rng.random(rows) < 0.3, "public", "private")
    truth = pl.DataFrame({"id": ids, "label": label, "usage": usage})
    (folder / "answers").mkdir()
    truth.write_parquet(folder / "answers" / "truth.parquet")
    truth.write_csv(folder / "truth.csv")
    order = rng.permutation(rows)
    pl.DataFrame({"id": ids, "prob": prob}).write_csv(folder / "ordered.csv")
    pl.DataFrame({"id": ids[order], "prob": prob[order]}).write_csv(folder / "shuffled.csv")
    prepare(Package(folder, Definition.model_validate(DEFINITION)), folder / "prepared")


def ours(folder: Path, name: str) -> tuple[float, float]:
    report = run.score(folder / "prepared", folder / name, folder, filename=name)
    public, private = report.scores
    return public.value, private.value


def peer(folder: Path, name: str) -> tuple[float, float]:
    truth, submission = pd.read_csv(folder / "truth.csv"), pd.read_csv(folder / name)
    both = truth.merge(submission, on="id", validate="one_to_one")
    public = both["usage"] == "public"
    return tuple(roc_auc_score(both["label"][part], both["prob"][part]) for part in (public, ~public))


def parse(folder: Path, name: str) -> None:
    pl.read_csv(folder / name, schema={"id": pl.Int64, "prob": pl.Float64})


def compare(size: str, runs: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        make(folder, SIZES[size])
        for name in ("ordered.csv", "shuffled.csv"):
            found, expected = ours(folder, name), peer(folder, name)
            assert np.allclose(found, expected, rtol=0, atol=1e-12), (found, expected)
            spent = measure.in_turn(
                {
                    "ours": partial(ours, folder, name),
                    "peer": partial(peer, folder, name),
                    "parse": partial(parse, folder, name),
                    "bytes": (folder / name).read_bytes,
                },
                runs=runs,
            )
            order = name.removesuffix(".csv")
            print(
                f"{size} rows, {order}: of polars' bare parse {spent['ours'] / spent['parse']:.3g} times, of reading the bytes {spent['ours'] / spent['bytes']:.3g} times"
            )
            measure.ratio(f"score_predictions.{size}.{order}", ours=spent["ours"], peer=spent["peer"], goal=GOALS[size])


def main() -> None:
    options = measure.options(__doc__)
    for size in SIZES:
        if size != "10M" or not options.quick:
            compare(size, options.runs)


if __name__ == "__main__":
    main()
