"""Whether the data for teams and the answers are about the same rows, and the sample submission is one that could be handed in."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from challenges import run, tables
from challenges.definition import Task
from challenges.findings import Finding, PackageRefused
from challenges.leaks import SAMPLE
from challenges.package import Package


def findings(package: Package, prepared: Path) -> Iterator[Finding]:
    """Samples that would be refused (errors), and ids that are on one side only (warnings)."""
    yield from samples(package, prepared)
    files = package.definition.data.files
    tests = [file.path for file in files if file.role == "test" and file.path.endswith(tables.SUFFIXES)]
    for part in package.definition.parts:
        yield from _ids(package.folder, part, tests)


def samples(package: Package, prepared: Path) -> Iterator[Finding]:
    """Sample submissions that would be refused."""
    for number, file in enumerate(package.definition.data.files):
        if file.role == SAMPLE and not file.path.endswith("/"):
            yield from _sample(package, prepared, number)


def _sample(package: Package, prepared: Path, number: int) -> Iterator[Finding]:
    """What intake says of a sample submission."""
    path = package.definition.data.files[number].path
    with tempfile.TemporaryDirectory() as scratch:
        source = package.folder / path
        report = run.check(prepared, source, Path(scratch), filename=source.name)
    if report.outcome == "refused":
        yield Finding(id="package.sample_refused", file=path)
        yield from (one.model_copy(update={"file": path}) for one in report.findings if one.level == "error")


def _ids(folder: Path, part: Task, tests: list[str]) -> Iterator[Finding]:
    """Ids of the answers that no test table has, and the other way round; only where test tables have the id column."""
    found = [ids for path in tests if (ids := _id_column(folder / path, str(part.submission.id))) is not None]
    if not found:
        return
    shown = pl.concat(found).unique()
    answers = tables.read(folder / part.answers.path)[str(part.answers.id)].cast(pl.String).unique()
    for message, ids in (
        ("package.ids_not_shown", answers.filter(~answers.is_in(shown.implode()))),
        ("package.ids_not_answered", shown.filter(~shown.is_in(answers.implode()))),
    ):
        if len(ids):
            yield Finding(
                id=message,
                level="warning",
                file=part.answers.path,
                count=len(ids),
                column=part.answers.id,
                value=str(ids.sort()[0])[:100],
            )


def _id_column(path: Path, name: str) -> pl.Series | None:
    """The ids of a table as text; None when it has none, or cannot be read (`challenges.leaks` says so)."""
    try:
        table = tables.read(path)
    except PackageRefused:
        return None
    if name not in table.columns or table[name].dtype.is_nested():
        return None
    return table[name].cast(pl.String).drop_nulls().rename("id")
