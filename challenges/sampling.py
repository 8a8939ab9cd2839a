"""Draws a marked sample from one file: personal columns masked, records chosen and ordered by a secret (see `challenges.watermark`).

Runs in the locked-down child. It writes `report.json` (*accepted*, or *refused* with every reason), and when accepted `sample.csv`
and `sample.json`.
"""

import csv
from heapq import nsmallest
from pathlib import Path

import polars as pl

from challenges.datasets import DatasetRefused, open_dataset
from challenges.findings import Finding
from challenges.preview import NOTHING
from challenges.preview_masking import hidden, shown
from challenges.quality_summary import SCORER
from challenges.report import Report
from challenges.sample import FACTS, SAMPLE, Facts
from challenges.watermark import REQUEST, rank
from scoring.quality import personal


def draw(path: Path, out_dir: Path, *, filename: str, rows: int, secret: str, request: str) -> Report:
    """Draws at most `rows` records from the file, which is to be read as one named `filename`. Never raises for what it holds."""
    try:
        bundle = open_dataset(path, name=filename)
    except DatasetRefused as refused:
        return _written(out_dir, "refused", 0, refused.findings)
    table, masked = _masked(bundle.table)
    drawn = nsmallest(rows, ((rank(secret, cells), cells) for cells in table.iter_rows()))
    if not drawn:
        return _written(out_dir, "refused", 0, (Finding(id="dataset.empty"),))
    with (out_dir / SAMPLE).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([REQUEST, *_harmless(pl.Series(table.columns, dtype=pl.String))])
        writer.writerows([request, *cells] for _, cells in drawn)
    facts = Facts(rows=len(drawn), of_rows=table.height, threshold=drawn[-1][0].hex(), masked=masked)
    (out_dir / FACTS).write_text(facts.model_dump_json(), "utf-8")
    return _written(out_dir, "accepted", table.height, ())


def _masked(table: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """All cells as texts, without null: personal and secret columns hidden whole, hits elsewhere starred."""
    columns, left_out = [], []
    for cells in table.iter_columns():
        findings = () if cells.dtype.is_nested() else personal.judge(personal.count(cells.to_frame()))
        if hidden(cells, findings):
            left_out.append(cells.name[:200])
            columns.append(pl.Series(cells.name, [NOTHING], dtype=pl.String).new_from_index(0, len(cells)))
        else:
            columns.append(shown(cells, findings).fill_null("").rename(cells.name))
    return pl.DataFrame(columns).with_columns(pl.all().map_batches(_harmless)), tuple(left_out)


def _harmless(texts: pl.Series) -> pl.Series:
    """Texts that a spreadsheet would run as formulas get an apostrophe in front; numbers stay as they are."""
    runs = texts.str.contains(r"^[=+\-@\t\r]") & texts.cast(pl.Float64, strict=False).is_null()
    return pl.select(pl.when(runs).then("'" + texts).otherwise(texts).alias(texts.name)).to_series()


def _written(out_dir: Path, outcome: str, rows: int, findings: tuple[Finding, ...]) -> Report:
    made_with = {"scorer": SCORER, "polars": pl.__version__}
    report = Report.model_validate({"outcome": outcome, "rows": rows, "findings": findings, "made_with": made_with})
    (out_dir / "report.json").write_text(report.model_dump_json(), "utf-8")
    return report
