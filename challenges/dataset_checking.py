"""What is found out about a dataset challenge once it is compiled: whether its yardstick tells good data from bad, and whether teams
can see what is hidden.
"""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from challenges import kept_utility, tables
from challenges.dataset_plan import DatasetPlan
from challenges.dataset_preparation import asked_schema, typed, yardstick
from challenges.findings import Finding
from challenges.package import Package
from challenges.plan import SPLITS
from scoring.quality.conformity import conform
from scoring.quality.duplicates import exact
from scoring.quality.schema import Schema
from scoring.utility import ladder


def findings(package: Package, prepared: Path) -> Iterator[Finding]:
    """Hidden rows in the raw bundle, and hidden values that the schema does not allow (warnings)."""
    plan = DatasetPlan.load(prepared)
    dataset = package.definition.dataset
    assert dataset is not None, "a plan of this kind was made from such a section"
    if plan.has_schema:
        schema = asked_schema(plan, prepared, None)
        for name in ("test", "curated"):
            if schema is not None and name in dataset.hidden_files:
                path = dataset.hidden_files[name]
                yield from _unfit(path, tables.read(package.folder / path), schema)
    if plan.has_test:
        yield from _shown_rows(plan, prepared, dataset.raw)


def self_test(package: Package, prepared: Path) -> Iterator[Finding]:
    """A planted ladder that is not recovered (error). Trains many models."""
    plan = DatasetPlan.load(prepared)
    dataset = package.definition.dataset
    if plan.utility is not None and dataset is not None:
        yield from _ladder(plan, prepared, dataset.hidden.curated)


def _ladder(plan: DatasetPlan, prepared: Path, file: str | None) -> Iterator[Finding]:
    curated = pl.read_parquet(prepared / "curated.parquet")
    stick = yardstick(plan, curated, pl.read_parquet(prepared / "test-private.parquet"))
    clean = kept_utility.load(prepared / "utility-private-curated.npz")
    for step in ladder(curated, stick, seed=plan.seed, information=False, clean=clean).missed:
        params = {
            "better": step.better,
            "worse": step.worse,
            "difference": round(step.difference.value, 5),
            "error": round(step.difference.error, 5),
        }
        yield Finding(id="package.ladder_missed", file=file, params=dict(params))


def _unfit(path: str, table: pl.DataFrame, schema: Schema) -> Iterator[Finding]:
    """Values that are read as missing, since the schema does not allow them; columns that are not there are left to the models."""
    for fit in conform(table, schema).fields:
        if fit.bad:
            yield Finding(
                id="package.hidden_unfit",
                level="warning",
                file=path,
                column=fit.name,
                count=fit.bad,
                params={"rows": fit.cells},
            )


def _shown_rows(plan: DatasetPlan, prepared: Path, file: str) -> Iterator[Finding]:
    """Rows of the hidden test that teams start from; ids and the added features left aside."""
    raw = pl.read_parquet(prepared / "raw.parquet")
    curated = pl.read_parquet(prepared / "curated.parquet") if "curated" in plan.frames else None
    raw = typed(raw, asked_schema(plan, prepared, curated))
    test = pl.concat([pl.read_parquet(prepared / f"test-{split}.parquet") for split in SPLITS])
    shared = [name for name in test.columns if name in raw.columns and name != plan.roles["id"]]
    if not shared:
        return
    there = pl.Series(exact.row_hashes(raw, shared, seed=plan.seed))
    count = int(pl.Series(exact.row_hashes(test, shared, seed=plan.seed)).is_in(there.implode()).sum())
    if count:
        yield Finding(id="package.test_in_raw", level="warning", file=file, count=count, params={"rows": test.height})
