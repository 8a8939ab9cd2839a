"""A whole submission of 10,000 rows in a warm, locked child against a fresh process that imports pandas and scikit-learn.

    python benchmarks/warm_pool.py [--quick]

Ours: staging, hand-over, intake with every id check, both scores with their intervals on both parts, the report copied out;
CPU of the host and of the child. The peer reads both files, merges by id and computes one AUC, as runners of other
platforms do for each submission.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import measure

import challenges
from leaderboard.core.sandbox import Task
from leaderboard.core.settings import Settings
from leaderboard.submissions.executors import LocalExecutor

sys.path.insert(0, str(Path(__file__).parent.parent))  # the tests' factories are not part of the product
from tests.submissions import factories

ROWS = 10_000
PEER = """
import sys
import pandas as pd
from sklearn.metrics import roc_auc_score
truth, sent = pd.read_csv(sys.argv[1]), pd.read_csv(sys.argv[2])
both = truth.merge(sent, on="flight", validate="one_to_one")
print(roc_auc_score(both["late"], both["delayed"]))
"""


def main() -> None:
    asked = measure.options(__doc__)
    jobs = 50 if asked.quick else 200
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        package = factories.package_folder(place / "package", rows=ROWS)
        challenges.prepare(challenges.load(package), place / "prepared")
        files = [place / f"{number}.csv" for number in range(jobs)]
        for number, file in enumerate(files):
            file.write_bytes(factories.predictions(ROWS, seed=number))
        ours = warm(place, files, asked.runs)
        command = [sys.executable, "-c", PEER, str(package / "answers/truth.csv"), str(files[0])]
        peer = statistics.median(measure.process(command).cpu for _ in range(asked.runs))
        measure.ratio("warm_pool.submission", ours=ours, peer=peer, goal=">= 100")


def warm(place: Path, files: list[Path], runs: int) -> float:
    """CPU seconds a submission: host and child together, the median of the runs."""
    executor = LocalExecutor(Settings(_env_file=None, data_dir=place / "data", workers=1))
    try:
        executor.guards()
        score(executor, place, files[:5])
        found = []
        for _ in range(runs):
            (child,) = executor.children()
            before = time.process_time() + cpu(child)
            score(executor, place, files[:30])
            assert executor.children() == [child], "the child was exchanged in the middle of a run"
            found.append((time.process_time() + cpu(child) - before) / 30)
        return statistics.median(found)
    finally:
        executor.close()


def score(executor: LocalExecutor, place: Path, files: list[Path]) -> None:
    for file in files:
        task = Task("score", {"prepared": place / "prepared", "submission": file}, {"file_name": file.name})
        assert b'"scored"' in executor.submit(task, "challenge:1").result().report


def cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
