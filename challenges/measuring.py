"""Opens one file as a dataset for its own sake, without a challenge: its columns, and where asked its quality report and a preview.

Runs in the locked-down child. It writes `report.json` (a `challenges.report.Report`: *accepted*, or *refused* with every reason),
`columns.json` and, as asked, `quality-report.json` and `preview.json`. The columns of such a report are read as what they usually
are, and nothing is said of the values of those that must not be shown: nobody else has seen the file.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import polars as pl

from challenges.dataset_report import Stopwatch, assess_opened, evidence, unknown_columns
from challenges.datasets import DatasetRefused, open_dataset
from challenges.findings import Finding
from challenges.preview import COLUMNS, PREVIEW
from challenges.preview_making import columns_seen, looked_at, preview
from challenges.quality_summary import SCORER
from challenges.report import Report

REPORT = "report.json"
QUALITY = "quality-report.json"


def measure(
    path: Path,
    out_dir: Path,
    *,
    filename: str,
    roles: Mapping[str, str],
    with_report: bool,
    with_preview: bool,
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Opens the file, which is to be read as one named `filename`, with columns by role (`dataset_report.ROLES`) where it does not say
    itself. Never raises for anything that the file may hold: its outcome is then *refused*.
    """
    tick = Stopwatch(progress)
    tick("open")
    try:
        bundle = open_dataset(path, name=filename)
    except DatasetRefused as refused:
        return _written(out_dir, "refused", 0, refused.findings)
    if unknown := unknown_columns(bundle, roles):
        return _written(out_dir, "refused", bundle.table.height, tuple(unknown))
    seen = evidence(bundle, bundle.schema, roles)
    whole = replace(seen, table=bundle.table)
    (out_dir / COLUMNS).write_text(columns_seen(whole).model_dump_json(), "utf-8")
    looked = looked_at(whole) if with_report or with_preview else ()
    if with_preview:
        (out_dir / PREVIEW).write_text(preview(whole, looked).model_dump_json(), "utf-8")
    if with_report:
        assessed = assess_opened(bundle, seen, name=filename, preset="competition", tick=tick)
        columns = tuple(one.column.found for one in looked if one.column.hidden != "nested")
        report = assessed.report.model_copy(update={"columns": columns})
        (out_dir / QUALITY).write_text(report.model_dump_json(), "utf-8")
    return _written(out_dir, "accepted", bundle.table.height, bundle.findings)


def _written(out_dir: Path, outcome: str, rows: int, findings: tuple[Finding, ...]) -> Report:
    made_with = {"scorer": SCORER, "polars": pl.__version__}
    report = Report.model_validate({"outcome": outcome, "rows": rows, "findings": findings, "made_with": made_with})
    (out_dir / REPORT).write_text(report.model_dump_json(), "utf-8")
    return report
