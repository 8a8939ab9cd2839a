"""Annotation challenges whose annotators are simulated, so that everything about them is known."""

import csv
import gzip
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from challenges import annotation_run
from challenges.annotation_report import NAME, AnnotationReport
from challenges.definition import Definition
from challenges.package import Package
from challenges.report import Report
from scoring.agreement.simulate import Annotator, simulate

CLASSES = ("shirt", "coat", "dress", "shoe")

SOURCE = {
    "format": "jiebang/1",
    "slug": "wardrobe",
    "version": "1.0.0",
    "kind": "annotation",
    "sector": "commerce",
    "task": "data-labelling",
    "modality": ["table"],
    "title": {"en": "Wardrobe", "zh": "衣橱"},
    "summary": {"en": "Say what it is.", "zh": "说出它是什么。"},
    "data": {
        "licence": "CC0-1.0",
        "source": "made up",
        "personal": "none",
        "files": [{"path": "public/items.csv", "role": "test"}],
    },
}


def definition(**annotation: Any) -> Definition:
    """A definition whose `[annotation]` says `annotation` beside what it must."""
    section = {"items": "public/items.csv", "labels": {"classes": CLASSES}, "gold": {"path": "answers/gold.csv"}}
    return Definition.model_validate({**SOURCE, "annotation": {**section, **annotation}})


def table(**columns: Sequence[Any]) -> pl.DataFrame:
    return pl.DataFrame({name: list(values) for name, values in columns.items()})


def packed(folder: Path, items: pl.DataFrame, gold: pl.DataFrame, /, **annotation: Any) -> Package:
    """A package with these tables as CSV."""
    for name, frame in (("public/items.csv", items), ("answers/gold.csv", gold)):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        frame.write_csv(path)
    return Package(folder, definition(**annotation))


@dataclass
class Job:
    """A prepared challenge; `hand_in` scores labels."""

    prepared: Path
    scratch: Path
    truth: np.ndarray

    def hand_in(
        self, data: bytes | str | pl.DataFrame, filename: str = "labels.csv", *, scoring: bool = True
    ) -> Report:
        file, out = self.scratch / "upload", self.scratch / "out"
        data = data.write_csv() if isinstance(data, pl.DataFrame) else data
        file.write_bytes(data.encode() if isinstance(data, str) else data)
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        report = annotation_run.run(self.prepared, file, out, filename, scoring=scoring)
        assert Report.parse((out / annotation_run.REPORT).read_bytes()) == report
        return report

    def said(self) -> bytes:
        """The annotation report of the last file, as it was written."""
        return (self.scratch / "out" / NAME).read_bytes()

    def report(self) -> AnnotationReport:
        return AnnotationReport.parse(self.said())

    def listed(self) -> list[dict[str, str]]:
        with gzip.open(self.scratch / "out" / annotation_run.LISTING, "rt", encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))


def ids(count: int) -> list[str]:
    return [f"i{number * 7919 % 100_003:06d}" for number in range(count)]


def truth_of(count: int, classes: int = len(CLASSES)) -> np.ndarray:
    return np.arange(count) * 7919 % 101 % classes


def handed(truth: np.ndarray, annotators: Sequence[Annotator], *, per_item: int = 3, seed: int = 1) -> pl.DataFrame:
    """What these annotators hand in, by the names a0, a1 …, with the seconds of each label."""
    drawn = simulate(truth, annotators, per_item=per_item, seed=seed)
    names = ids(len(truth))
    paces = [float(one.pace) for one in annotators]
    return table(
        item=[names[i] for i in drawn.items],
        annotator=[f"a{i}" for i in drawn.annotators],
        label=[CLASSES[i] for i in drawn.labels],
        seconds=[paces[i] for i in drawn.annotators],
    )


def scores(report: Report) -> dict[tuple[str, str], float]:
    return {(one.key, one.split): one.value for one in report.scores}
