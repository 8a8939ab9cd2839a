"""What certainty costs: intervals and rank ranges of a whole board, against point scores and against resampling loops.

Peers: scikit-learn's point score of every team (no interval at all), and the usual way to an interval, a thousand resamples
of the rows scored by scikit-learn (two are run and scaled up, which is said). Limit: sorting one team's scores once.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: one thread for both sides

import measure
import numpy as np
from sklearn.metrics import f1_score, log_loss, roc_auc_score

from scoring import METRICS, evaluate, rank_ranges

RESAMPLES = 1000


def binary(rows: int, teams: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    truth = (rng.random(rows) < 0.3).astype(np.int32)
    signal = rng.normal(size=rows) + 1.2 * truth
    scores = (signal + rng.normal(size=rows) / 2 + 0.003 * team for team in range(teams))
    return truth, np.array([np.round(1 / (1 + np.exp(0.8 - score)), 6) for score in scores])


def classes(rows: int, teams: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 10, rows).astype(np.int32)
    return truth, np.array([np.where(rng.random(rows) < 0.8, truth, rng.integers(0, 10, rows)) for _ in range(teams)])


def board(metric: str, truth: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Every team's interval and every pair's comparison."""
    found = [evaluate(metric, truth, prediction) for prediction in predictions]
    return rank_ranges([one.value for one in found], [one.spread for one in found], METRICS[metric].direction)


def compare_boards(metric, truth, predictions, point, *, goals, runs) -> None:
    """`goals`: against the point scores, and against the resampling loop."""
    teams, rows = predictions.shape
    picks = np.random.default_rng(5).integers(0, rows, (2, rows))

    def resample_twice() -> None:
        for pick in picks:
            point(truth[pick], predictions[0][pick])

    spent = measure.in_turn(
        {
            "board": lambda: board(metric, truth, predictions),
            "points": lambda: [point(truth, prediction) for prediction in predictions],
            "resamples": resample_twice,
        },
        runs=runs,
    )
    loop = spent["resamples"] / len(picks) * RESAMPLES * teams
    print(f"{metric}: {teams} teams, {rows} rows; the loop of {RESAMPLES} resamples is scaled from {len(picks)}")
    measure.ratio(f"uncertainty.{metric}.points", ours=spent["board"], peer=spent["points"], goal=goals[0])
    measure.ratio(f"uncertainty.{metric}.resampling", ours=spent["board"], peer=loop, goal=goals[1])


def compare_with_sorting(truth: np.ndarray, prediction: np.ndarray, runs: int) -> None:
    """One team: AUC with interval and spread, against a sort of its scores and against the bare score."""
    spent = measure.in_turn(
        {
            "ours": lambda: evaluate("roc_auc", truth, prediction),
            "sort": lambda: np.sort(prediction),
            "peer": lambda: roc_auc_score(truth, prediction),
        },
        runs=runs,
    )
    print(f"roc_auc: one team, {len(truth)} rows")
    measure.ratio("uncertainty.one_auc.point", ours=spent["ours"], peer=spent["peer"], goal=">= 4")
    measure.ratio("uncertainty.one_auc.sort", ours=spent["ours"], peer=spent["sort"], goal="<= 10")


def main() -> None:
    asked = measure.options(__doc__)
    rows, teams = (20_000, 20) if asked.quick else (100_000, 100)
    compare_boards("roc_auc", *binary(rows, teams), roc_auc_score, goals=(">= 10", ">= 5000"), runs=asked.runs)
    compare_boards("log_loss", *binary(rows, teams), log_loss, goals=(">= 10", ">= 10000"), runs=asked.runs)
    compare_boards(
        "f1_macro",
        *classes(rows // 2, teams // 2),
        lambda truth, prediction: f1_score(truth, prediction, average="macro"),
        goals=(">= 1", ">= 1000"),
        runs=asked.runs,
    )
    truth, predictions = binary(1_000_000 if asked.quick else 10_000_000, 1)
    compare_with_sorting(truth, predictions[0], asked.runs)


if __name__ == "__main__":
    main()
