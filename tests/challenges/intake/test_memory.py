"""A large file full of errors is explained in little memory: measured in a process of its own."""

import gzip
import json
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

pytestmark = pytest.mark.system

ROWS = 1_000_000
MOST_MB = 120
"""Fifty are used: the block at hand, and about 30 bytes a row; ten million rows stay below half a gigabyte."""
CHILD = """
import json, sys
import pytest

from pathlib import Path
from challenges import run

def memory(field):
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1]) / 1024

prepared, small, large, out = map(Path, sys.argv[1:])
run.check(prepared, small, out, filename="a.csv")
Path("/proc/self/clear_refs").write_text("5")
before = memory("VmRSS")
report = run.check(prepared, large, out, filename="a.csv")
print(json.dumps({"grown": memory("VmHWM") - before, "counts": {f.id: f.count for f in report.findings}}))
"""


def test_half_a_million_errors_in_a_million_rows(challenge_in, tmp_path):
    ids = np.arange(ROWS)
    usage = np.where(ids % 3 == 0, "public", "private")
    challenge = challenge_in(
        tmp_path / "package",
        pl.DataFrame({"id": ids, "y": ids % 2, "usage": usage}),
        submission={"id": "id", "columns": [{"name": "p", "type": "probability"}]},
        answers={"path": "answers/truth.parquet", "truth": "y", "split": {"column": "usage"}},
        scores=[{"key": "auc", "metric": "roc_auc"}],
    )
    small, large = tmp_path / "small.csv", tmp_path / "large.csv"
    small.write_text("id,p\n1,x\n")
    lines = np.array(["0.25", "x" * 10, "0.5", "7.5", "0.75", "nan", "0.125", "=1+1", "0.1", ""])[ids % 10]
    pl.DataFrame({"id": np.where(ids % 5, ids, ids + ROWS), "p": lines}).write_csv(large)
    arguments = [challenge.prepared, small, large, challenge.scratch]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *map(str, arguments)], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    assert found["counts"] == {
        "intake.ids_unknown": 200_000,
        "intake.ids_missing": 200_000,
        "intake.not_a_number": 200_000,
        "intake.out_of_range": 100_000,
        "intake.not_finite": 100_000,
        "intake.value_empty": 100_000,
    }
    assert found["grown"] < MOST_MB
    with gzip.open(challenge.scratch / "findings.csv.gz") as listed:
        assert sum(1 for _ in listed) == 1 + 900_000
