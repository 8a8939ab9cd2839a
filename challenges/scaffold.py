"""A new package from a labelled table: split, described in both languages, with a baseline, and passing `check`.

What cannot be known from data is asked of the caller; what only a person can write stands in the READMEs as a line with a
pencil (✎), of which `check` reminds.
"""

import secrets
import shutil
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError

from challenges import expected, splitting, starter_text, tables
from challenges.checking import check
from challenges.contents import EXPECTED
from challenges.definition import FORMAT, Definition
from challenges.findings import Finding, PackageRefused
from challenges.guess import Guess, guess, labels
from challenges.package import Package, load
from challenges.preparation import prepare
from challenges.reading import FILE, Source, model_findings
from challenges.starter_text import BASELINE, Starter
from challenges.strict import Words
from challenges.writing import write

TEST_SHARE = 0.25
PUBLIC_SHARE = 0.3
SEED_BITS = 40
LICENCE_FILE = "public/LICENCE.txt"


def new(
    folder: Path,
    data: Path,
    *,
    slug: str,
    title: Words,
    sector: str,
    licence: str,
    source: str,
    personal: str = "none",
    licence_file: Path | None = None,
    test: Path | None = None,
    target: str | None = None,
    id: str | None = None,
    seed: int | None = None,
) -> Package:
    """Writes a package into `folder`, which must not be there yet, and gives it back sound: it passes `check`.

    `data` is a labelled table. Without `test`, another labelled table, a quarter of its rows is kept back as test data. What
    `target` and `id` do not say is guessed (`challenges.guess.look`); rows without an id get one, in shuffled order. `seed`
    draws both splits and must not become known to teams: by default it is a random number.

    Raises PackageRefused with all that stands in the way, FileExistsError when `folder` is there; then nothing is written.
    """
    if folder.exists():
        raise FileExistsError(folder)
    seed = secrets.randbits(SEED_BITS) if seed is None else seed
    starter = _starter(data, test, target, id, seed)
    said: dict[str, Any] = {"licence": licence, "source": source, "personal": personal}
    if licence_file is not None:
        said["licence_file"] = LICENCE_FILE
    definition = _definition(starter, {"slug": slug, "title": title.model_dump(), "sector": sector, "data": said}, seed)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as scratch:
        inside = Path(scratch) / "package"
        _write(inside, definition, starter)
        if licence_file is not None:
            shutil.copyfile(licence_file, inside / LICENCE_FILE)
        _expect(inside)
        inside.rename(folder)
    return load(folder)


def _starter(data: Path, test: Path | None, target: str | None, id: str | None, seed: int) -> Starter:
    """The rows for training and those kept back, shuffled, each with an id."""
    table = tables.read(data)
    guessed = guess(table, data.name, target=target, id=id)
    if test is None:
        strata = None if guessed.task == "regression" else labels(table[guessed.target])
        names = pl.Series(range(table.height)) if guessed.id is None else table[guessed.id]
        # another seed than that of the public split: with the same one, nearly all rows kept back would be public
        kept = splitting.draw(names.cast(pl.String), share=TEST_SHARE, seed=seed + 1, stratify=strata)
        train, held = table.filter(pl.Series(~kept)), table.filter(pl.Series(kept))
    else:
        train, held = table, tables.read(test)
        _refuse_other_columns(train, held, test.name)
    train, held = (rows.sample(fraction=1, shuffle=True, seed=seed) for rows in (train, held))
    name = guessed.id
    if name is None:
        name = next(name for name in ("id", "row_id", "row_key", "row_number") if name not in table.columns)
        held = held.with_row_index(name, offset=1)
        train = train.with_row_index(name, offset=held.height + 1)
    return Starter(guessed, name, train, held, "csv" if data.suffix in {".csv", ".tsv"} else "parquet")


def _refuse_other_columns(train: pl.DataFrame, held: pl.DataFrame, file: str) -> None:
    found = [
        Finding(id="new.no_column", file=file, column=name, params={"known": ", ".join(held.columns)[:500]})
        for name in train.columns
        if name not in held.columns
    ]
    if found:
        raise PackageRefused(tuple(found))


def _definition(starter: Starter, said: dict[str, Any], seed: int) -> Definition:
    """The definition from what was said and what was guessed."""
    guessed = starter.guess
    split: dict[str, Any] = {"public": PUBLIC_SHARE, "seed": seed}
    if guessed.task != "regression":
        split["stratify"] = guessed.target
    raw = {
        "format": FORMAT,
        "version": "1.0.0",
        "kind": "prediction",
        "task": guessed.task,
        "modality": ["table"],
        **said,
        "summary": starter_text.summary(starter),
        "data": {**said["data"], "files": starter_text.files(starter)},
        "submission": {"id": starter.id, "columns": [_column(guessed)]},
        "answers": {"path": starter.answers, "truth": guessed.target, "split": split},
        "scores": [score.model_dump(include={"key", "metric", "digits"}) for score in guessed.scores],
        "board": {"ties": [guessed.scores[1].key, "earliest"]},
    }
    try:
        return Definition.model_validate(raw)
    except ValidationError as refused:
        raise PackageRefused(model_findings(Source.of_values(raw, FILE), refused)) from refused


def _column(guessed: Guess) -> dict[str, Any]:
    column = guessed.column.model_dump(exclude_none=True)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in column.items()}


def _write(folder: Path, definition: Definition, starter: Starter) -> None:
    """All files of the package but `expected.json`."""
    for name in ("public", "answers", "baseline"):
        (folder / name).mkdir(parents=True)
    (folder / FILE).write_text(write(definition, comments=True), "utf-8")
    target = starter.guess.target
    _save(starter.train, folder / starter.path("train"))
    _save(starter.held.drop(target), folder / starter.path("test"))
    _save(starter.held.select(starter.id, target), folder / starter.answers)
    starter.sample().write_csv(folder / starter_text.SAMPLE)
    starter.baseline().write_csv(folder / BASELINE)
    for name, text in starter_text.texts(starter, definition).items():
        (folder / name).write_text(text, "utf-8")


def _save(table: pl.DataFrame, path: Path) -> None:
    if path.suffix == ".csv":
        table.write_csv(path)
    else:
        table.write_parquet(path)


def _expect(folder: Path) -> None:
    """Scores the baseline, writes down what it got, and makes sure that the package is sound."""
    with tempfile.TemporaryDirectory() as scratch:
        prepare(load(folder), Path(scratch))
        scored, found = expected.score(folder, Path(scratch), BASELINE)
    if found:
        raise PackageRefused(found)
    (folder / EXPECTED).write_text(expected.written((scored,)), "utf-8")
    errors = tuple(finding for finding in check(folder).findings if finding.level == "error")
    if errors:
        raise PackageRefused(errors)
