"""Small challenges made on the spot, and files handed in to them."""

import csv
import gzip
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from challenges import run
from challenges.definition import Definition
from challenges.package import Package
from challenges.preparation import prepare
from challenges.report import Report

SOURCE = {
    "format": "jiebang/1",
    "slug": "small",
    "version": "1.0.0",
    "kind": "prediction",
    "sector": "transport",
    "task": "binary-classification",
    "modality": ["table"],
    "title": {"en": "Small", "zh": "小"},
    "summary": {"en": "Small.", "zh": "小。"},
    "data": {
        "licence": "CC0-1.0",
        "source": "made up",
        "personal": "none",
        "files": [{"path": "public/x.csv", "role": "test"}],
    },
}


@dataclass
class Challenge:
    """A prepared challenge; `hand_in` scores a file, `check` only reads it."""

    package: Package
    prepared: Path
    scratch: Path

    def hand_in(self, data: bytes | str, filename: str = "a.csv") -> Report:
        return self._run(run.score, data, filename)

    def check(self, data: bytes | str, filename: str = "a.csv") -> Report:
        return self._run(run.check, data, filename)

    def _run(self, verb: Callable[..., Report], data: bytes | str, filename: str) -> Report:
        file, out = self.scratch / "upload", self.scratch / "out"
        file.write_bytes(data.encode() if isinstance(data, str) else data)
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        report = verb(self.prepared, file, out, filename=filename)
        assert Report.parse((out / run.REPORT).read_bytes()) == report
        return report

    def listed(self) -> list[dict[str, str]]:
        """The full list of findings of the last file."""
        with gzip.open(self.scratch / "out" / run.LISTING, "rt", encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))


@pytest.fixture(scope="session")
def challenge_in() -> Callable[..., Challenge]:
    """Makes a challenge in a folder from its answers and the rest of its definition."""

    def make(folder: Path, truth: pl.DataFrame | dict[str, pl.DataFrame], **definition: object) -> Challenge:
        tables = truth if isinstance(truth, dict) else {"truth.parquet": truth}
        (folder / "answers").mkdir(parents=True)
        for name, table in tables.items():
            path = folder / "answers" / name
            table.write_csv(path) if name.endswith(".csv") else table.write_parquet(path)
        package = Package(folder, Definition.model_validate({**SOURCE, **definition}))
        prepare(package, folder / "prepared")
        (folder / "scratch").mkdir()
        return Challenge(package, folder / "prepared", folder / "scratch")

    return make


@pytest.fixture(scope="session")
def flights(tmp_path_factory: pytest.TempPathFactory, challenge_in: Callable[..., Challenge]) -> Challenge:
    """Twelve flights by number, the probability that each is late."""
    truth = pl.DataFrame(
        {
            "flight": list(range(101, 113)),
            "late": [0, 1] * 6,
            "usage": ["public"] * 6 + ["private"] * 6,
        }
    )
    return challenge_in(
        tmp_path_factory.mktemp("flights") / "package",
        truth,
        submission={
            "id": "flight",
            "columns": [{"name": "delayed", "type": "probability"}],
            "formats": ["csv", "jsonl", "parquet"],
            "max_mb": 5,
        },
        answers={"path": "answers/truth.parquet", "truth": "late", "split": {"column": "usage"}},
        scores=[{"key": "auc", "metric": "roc_auc"}, {"key": "logloss", "metric": "log_loss"}],
    )
