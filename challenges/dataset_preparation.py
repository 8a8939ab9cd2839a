"""Compiles a dataset challenge: reads what is hidden, holds it against the schema, and measures what submissions are compared with."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from challenges import kept_utility, splitting, tables
from challenges.dataset_definition import Dataset
from challenges.dataset_plan import FRAMES, NAME, RAW_POINTS, DatasetPlan, SafetyPlan, UtilityPlan
from challenges.dataset_report import evidence
from challenges.datasets import Bundle, DatasetRefused, open_dataset, read_schema
from challenges.findings import Example, Finding, PackageRefused
from challenges.package import Package
from challenges.plan import SPLITS
from challenges.report import SplitName
from challenges.word_lists import read_lines, read_words
from scoring import ScoringError
from scoring.quality.assessment import assess
from scoring.quality.conformity import conform
from scoring.quality.duplicates import exact
from scoring.quality.rubric import PRESETS, chosen_weights
from scoring.quality.schema import Schema
from scoring.quality.usual import usual_schema
from scoring.utility import Refused, Yardstick, measure, usefulness
from scoring.utility import prepare as prepare_yardstick

SEED = 0
"""The seed of every draw: the same for all submissions, so that they can be compared."""


@dataclass(frozen=True)
class Frames:
    """What is hidden and what is given, as tables; None: the challenge has none. `test` and `gold` are by split."""

    raw: pl.DataFrame
    canaries: pl.DataFrame | None
    curated: pl.DataFrame | None
    features: pl.DataFrame | None
    test: dict[SplitName, pl.DataFrame]
    gold: dict[SplitName, pl.DataFrame]


def prepare(package: Package, out_dir: Path) -> None:
    """Writes `plan.json` and the files it names (see `challenges.dataset_plan`) into `out_dir`, which is made if need be.

    Raises `PackageRefused` with everything that is wrong with the raw bundle, the schema and the hidden files: columns that are
    not there, ids that are empty, come twice or are not in the raw bundle, a test that no model can be asked about, a curated
    version that trains no better models than the raw one.
    """
    dataset = package.definition.dataset
    assert dataset is not None, "challenges.rules refuses a dataset challenge without its section"
    out_dir.mkdir(parents=True, exist_ok=True)
    schema, asked, code_lists = _asked(package, dataset)
    safety = _safety(package, dataset)
    bundle = _raw(package, dataset)
    frames = _frames(package, dataset, bundle.table, schema)
    plan = DatasetPlan(
        package=package.digest,
        slug=package.definition.slug,
        version=package.definition.version,
        max_mb=package.definition.submission.max_mb,
        seed=SEED,
        roles=dataset.roles.model_dump(),
        classes=dataset.classes,
        strata=dataset.strata,
        code_lists=code_lists,
        quasi_identifiers=dataset.quasi_identifiers,
        least_group=dataset.least_group,
        licences=dataset.licences,
        sectors=dataset.sectors or (package.definition.sector,),
        safety=safety,
        gates=dataset.limits,
        window=None if dataset.window is None else (dataset.window.first.isoformat(), dataset.window.last.isoformat()),
        preset=dataset.rubric.preset,
        weights=dict(chosen_weights(PRESETS[dataset.rubric.preset], dataset.rubric.weights)),
        utility=_utility_plan(dataset),
        frames=tuple(name for name in FRAMES if getattr(frames, name) is not None),
        has_schema=asked is not None,
        has_test=bool(frames.test),
        has_gold=bool(frames.gold),
    )
    (out_dir / NAME).write_text(plan.model_dump_json(indent=1), "utf-8")
    if asked is not None:
        shutil.copyfile(asked, out_dir / "schema.json")
    for name in plan.frames:
        getattr(frames, name).write_parquet(out_dir / f"{name}.parquet")
    for name, parts in (("test", frames.test), ("gold", frames.gold)):
        for split, rows in parts.items():
            rows.write_parquet(out_dir / f"{name}-{split}.parquet")
    if plan.utility is not None:
        _measure_ends(plan, out_dir, frames, dataset)
    (out_dir / RAW_POINTS).write_text(json.dumps(_raw_points(bundle, plan, out_dir, frames)), "utf-8")


def typed(table: pl.DataFrame, schema: Schema | None) -> pl.DataFrame:
    """The table with every value read as its column's type; null where it is missing or no such value."""
    return conform(table, schema or usual_schema(table)).table


def asked_schema(plan: DatasetPlan, prepared: Path, curated: pl.DataFrame | None) -> Schema | None:
    """What the organizer asks for; else what the curated version looks like; None where there is neither."""
    if plan.has_schema:
        return read_schema((prepared / "schema.json").read_bytes(), "schema.json")[0]
    if curated is None:
        return None
    features = prepared / "features.parquet"
    added = set(pl.read_parquet_schema(features)) - {plan.roles["id"]} if "features" in plan.frames else set()
    return usual_schema(curated.drop(added))


def with_features(table: pl.DataFrame, features: pl.DataFrame | None, id: str | None) -> pl.DataFrame:
    """The table with the features of its ids; rows whose id has none keep nulls."""
    if features is None or id is None or id not in table.columns:
        return table
    named = table.with_columns(pl.col(id).cast(pl.String))
    return named.join(features.with_columns(pl.col(id).cast(pl.String)), on=id, how="left", maintain_order="left")


def yardstick(plan: DatasetPlan, curated: pl.DataFrame, test: pl.DataFrame) -> Yardstick:
    """What every submission is measured with on one split. Raises `scoring.utility.Refused` and `ScoringError`."""
    assert plan.utility is not None
    asked = plan.utility
    return prepare_yardstick(
        curated,
        test,
        target=asked.target,
        metric=asked.metric,
        models=asked.models or None,
        key=plan.roles["id"] if plan.roles["id"] in test.columns else None,
        refits=asked.refits,
        seed=plan.seed,
        row_budget=asked.row_budget,
    )


def _asked(package: Package, dataset: Dataset) -> tuple[Schema | None, Path | None, dict[str, tuple[str, ...]]]:
    """The schema, the file it was read from, and the lists of codes."""
    lists = {column: read_lines(package.folder / path) for column, path in dataset.code_lists.items()}
    if dataset.table_schema is None:
        return None, None, lists
    path = package.folder / dataset.table_schema
    schema, findings = read_schema(path.read_bytes(), dataset.table_schema)
    errors = tuple(finding for finding in findings if finding.level == "error")
    if errors:
        raise PackageRefused(errors)
    return schema, path, lists


def _safety(package: Package, dataset: Dataset) -> SafetyPlan | None:
    """The words that must not be there. Raises PackageRefused with all that is wrong with their list."""
    asked = dataset.safety
    if asked is None:
        return None
    return SafetyPlan(
        words=tuple((word.text, word.category) for word in read_words(package.folder / asked.words, asked.words)),
        exceptions=() if asked.exceptions is None else read_lines(package.folder / asked.exceptions),
        hidden=asked.hidden,
    )


def _utility_plan(dataset: Dataset) -> UtilityPlan | None:
    asked = dataset.utility
    if asked is None:
        return None
    return UtilityPlan(
        target=asked.target, metric=asked.metric, models=asked.models, refits=asked.refits, row_budget=asked.row_budget
    )


def _frames(package: Package, dataset: Dataset, raw: pl.DataFrame, schema: Schema | None) -> Frames:
    """Everything read and found sound; raises PackageRefused with all findings."""
    read = {name: tables.read(package.folder / path) for name, path in dataset.hidden_files.items()}
    features_path = dataset.utility.features if dataset.utility else None
    features = None if features_path is None else tables.read(package.folder / features_path)
    found = list(_flaws(dataset, raw, read, features))
    if found:
        raise PackageRefused(tuple(found))
    held = schema or usual_schema(read.get("curated", raw))
    id = dataset.roles.id
    shown = (
        typed(read["test"], held).select(read["test"].columns) if "test" in read else None
    )  # no model reads the others
    test = None if shown is None else with_features(shown, features, id)
    return Frames(
        raw=raw,
        canaries=read.get("canaries"),
        curated=with_features(typed(read["curated"], held), features, id) if "curated" in read else None,
        features=features,
        test={} if test is None else _split(dataset, test, "test"),
        gold=_split(dataset, read["gold"], "gold") if "gold" in read else {},
    )


def _raw(package: Package, dataset: Dataset) -> Bundle:
    try:
        return open_dataset(package.folder / dataset.raw)
    except DatasetRefused as refused:
        raise PackageRefused(refused.findings) from refused


def _flaws(
    dataset: Dataset, raw: pl.DataFrame, read: dict[str, pl.DataFrame], features: pl.DataFrame | None
) -> Iterator[Finding]:
    """Columns that are not there, and ids that name no record or several."""
    id, label = dataset.roles.id, dataset.roles.label
    target = dataset.utility.target if dataset.utility else None
    needed = {"gold": [id, label], "canaries": [id], "test": [target], "curated": [target]}
    asked = [(dataset.hidden_files[name], table, needed[name]) for name, table in read.items()]
    asked.append((dataset.raw, raw, list(dataset.roles.model_dump().values())))
    if features is not None and dataset.utility is not None and dataset.utility.features is not None:
        asked.append((dataset.utility.features, features, [id]))
    for path, table, columns in asked:
        yield from (
            Finding(id="answers.no_column", file=path, column=name, params={"known": ", ".join(table.columns)[:500]})
            for name in columns
            if name is not None and name not in table.columns
        )
    for path, table, columns in asked:
        if id in columns and table is not raw and id in table.columns:
            within = raw[id] if table is not features and id in raw.columns else None
            yield from _id_flaws(path, table[id], within)


def _id_flaws(path: str, ids: pl.Series, raw: pl.Series | None) -> Iterator[Finding]:
    texts = ids.cast(pl.String)
    if texts.null_count() or (texts == "").any():
        yield Finding(
            id="answers.ids_empty", file=path, column=ids.name, count=texts.null_count() + int((texts == "").sum())
        )
    again = texts.filter(~texts.is_first_distinct())
    if len(again):
        yield Finding(
            id="answers.ids_repeated",
            file=path,
            column=ids.name,
            count=len(again),
            examples=(Example(value=str(again[0])[:60]),),
        )
    if raw is not None:
        unknown = texts.filter(~texts.is_in(raw.cast(pl.String).implode()))
        if len(unknown):
            yield Finding(
                id="package.id_not_in_raw", file=path, column=ids.name, count=len(unknown),
                examples=(Example(value=str(unknown[0])[:60]),),
            )  # fmt: skip


def _split(dataset: Dataset, test: pl.DataFrame, name: str) -> dict[SplitName, pl.DataFrame]:
    """Hidden rows in their two parts, by group, by id, or by what they hold: what is worn down on the public board by many
    submissions is not what decides in the end.
    """
    roles, hidden = dataset.roles, dataset.hidden
    by = next((column for column in (roles.group, roles.id) if column is not None and column in test.columns), None)
    if by is not None:
        units = test[by].cast(pl.String).fill_null("")
    else:
        units = pl.Series(exact.row_hashes(test, test.columns, seed=0)).cast(pl.String)
    public = pl.Series(splitting.draw(units, share=hidden.public, seed=hidden.seed))
    parts = dict(zip(SPLITS, (test.filter(public), test.filter(~public)), strict=True))
    for split, rows in parts.items():
        if rows.height == 0:
            raise PackageRefused(
                (Finding(id="answers.split_empty", file=dataset.hidden_files[name], params={"split": split}),)
            )
    return parts


def _raw_points(bundle: Bundle, plan: DatasetPlan, out_dir: Path, frames: Frames) -> dict[str, float]:
    """What the raw bundle gets without hidden parts, for teams to be compared with; its usefulness is 0 by definition."""
    roles = {role: name for role, name in plan.roles.items() if name is not None}
    seen = evidence(bundle, asked_schema(plan, out_dir, frames.curated), roles)
    found = assess(replace(seen, classes=plan.classes or bundle.classes, seed=plan.seed), plan.weights)
    useful = {"A8": 0.0} if plan.utility is not None else {}
    return {**{key: points.value for key, points in found.result.points.items()}, **useful}


def _measure_ends(plan: DatasetPlan, out_dir: Path, frames: Frames, dataset: Dataset) -> None:
    """What models gain from the raw bundle and from the curated version, on both splits; the scale of every submission."""
    assert frames.curated is not None
    raw = with_features(
        typed(frames.raw, asked_schema(plan, out_dir, frames.curated)), frames.features, plan.roles["id"]
    )
    for split in SPLITS:
        try:
            stick = yardstick(plan, frames.curated, frames.test[split])
            ends = {"raw": measure(raw, stick), "curated": measure(frames.curated, stick)}
            usefulness(ends["curated"], ends["raw"], ends["curated"])
        except (Refused, ScoringError) as refused:
            raise PackageRefused(
                (Finding(id=refused.id, file=dataset.hidden.curated, params={**refused.params, "split": split}),)
            ) from refused
        for name, utility in ends.items():
            kept_utility.save(out_dir / f"utility-{split}-{name}.npz", utility)
