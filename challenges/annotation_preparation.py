"""Compiles the items and the gold of an annotation challenge into the arrays that the scorer reads."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from challenges import splitting, tables
from challenges.annotation_definition import Annotation
from challenges.annotation_plan import AnnotationPlan
from challenges.definition import Column
from challenges.findings import MOST_EXAMPLES, Example, Finding, PackageRefused
from challenges.intake.cells import judge
from challenges.intake.ledger import shown
from challenges.package import Package
from challenges.plan import NAME, SPLITS, Ids
from challenges.report import SplitName
from scoring import ScoringError, evaluate
from scoring.agreement.habits import MOST_CELLS

SEED: Final = 0
"""The seed of every draw of the scorer: the same for all submissions, so that they can be compared."""
CROWD: Final = 20
"""Annotators who use every class and must be scorable, or the challenge is refused as too large."""
_WHOLE: Final = r"^(0|-?[1-9]\d{0,17})$"

Places = NDArray[np.int64]
Codes = NDArray[np.int32]


def prepare(package: Package, out_dir: Path) -> None:
    """Writes `plan.json` and the arrays it names (see `challenges.annotation_plan`) into `out_dir`, which is made if need be.

    Raises `PackageRefused` with everything that is wrong with the items and the gold: columns that are not there, ids that are
    empty or come twice, gold items that are no items, gold labels that are no classes, a column of the items that gives the
    gold away, a part of the gold too small to be scored, more items and classes than the scorer can hold.
    """
    definition = package.definition
    annotation = definition.annotation
    assert annotation is not None, "challenges.rules refuses an annotation challenge without its section"
    out_dir.mkdir(parents=True, exist_ok=True)
    compiler = _Compiler(package.folder, annotation, out_dir)
    ids, items, gold = compiler.compile()
    plan = AnnotationPlan(
        package=package.digest,
        slug=definition.slug,
        version=definition.version,
        max_mb=definition.submission.max_mb,
        seed=SEED,
        labels=annotation.labels,
        items=items,
        ids=ids,
        gold=gold,
        per_item=annotation.per_item,
        cost=annotation.cost,
        currency=annotation.currency,
        inspection=annotation.inspection,
    )
    (out_dir / NAME).write_text(plan.model_dump_json(indent=1), "utf-8")


class _Compiler:
    """Gathers findings about both tables; `compile` raises them all at the end."""

    def __init__(self, package: Path, annotation: Annotation, out_dir: Path) -> None:
        self._annotation, self._labels, self._out = annotation, annotation.labels, out_dir
        self._findings: list[Finding] = []
        self._items = self._read(package, annotation.items)
        self._gold = self._read(package, annotation.gold.path)
        self._stop_if_found()

    def compile(self) -> tuple[Ids, int, dict[SplitName, int]]:
        """The form of the ids, the number of items, and that of the gold items of each part; the arrays are written."""
        item, label = self._labels.item, self._labels.label
        has_items = self._has(self._items, self._annotation.items, (item,), "annotation.items_no_column")
        has_gold = self._has(self._gold, self._annotation.gold.path, (item, label), "answers.no_column")
        known = self._ids(self._items, self._annotation.items, "annotation.items") if has_items else None
        gold = self._ids(self._gold, self._annotation.gold.path, "answers.ids") if has_gold else None
        codes = self._codes() if has_gold else None
        places = self._places(known, gold) if known is not None and gold is not None else None
        self._stop_if_found()
        assert known is not None
        assert gold is not None
        assert codes is not None
        assert places is not None
        self._check_size(len(known))
        self._check_columns(places, codes)
        counts = self._split(gold, places, codes)
        self._stop_if_found()
        return self._save_ids(known), len(known), counts

    def _read(self, package: Path, path: str) -> pl.DataFrame:
        try:
            return tables.read(package / path)
        except PackageRefused as refused:
            self._findings += refused.findings
            return pl.DataFrame()

    def _find(self, message: str, file: str, **fields: Any) -> None:
        self._findings.append(Finding(id=message, file=file, **fields))

    def _stop_if_found(self) -> None:
        if self._findings:
            raise PackageRefused(tuple(self._findings))

    def _has(self, table: pl.DataFrame, file: str, names: tuple[str, ...], missing: str) -> bool:
        """Whether the table has rows and all these columns, each of single values."""
        before = len(self._findings)
        for name in names:
            if name not in table.columns:
                self._find(missing, file, column=name, params={"known": ", ".join(table.columns)[:500]})
            elif not _is_single(table[name]):
                params = {"found": str(table[name].dtype)[:60], "expected": "text"}
                self._find("intake.column_type", file, column=name, params=params)
        if table.width and not table.height:
            self._find("annotation.items_none" if file == self._annotation.items else "answers.no_rows", file)
        return len(self._findings) == before

    def _ids(self, table: pl.DataFrame, file: str, kind: str) -> pl.Series:
        """The ids as text; empty and repeated ones are reported as `<kind>_empty` and `<kind>_repeated`."""
        texts = _as_text(table[self._labels.item])
        empty = texts.fill_null("") == ""
        again = ~texts.is_first_distinct() & ~empty
        self._find_rows(f"{kind}_empty", file, texts, empty)
        self._find_rows(f"{kind}_repeated", file, texts, again)
        return texts

    def _codes(self) -> Codes:
        """The gold labels as places in the classes, read as those of a submission are."""
        name, file = self._labels.label, self._annotation.gold.path
        cells = self._gold[name]
        judged = judge(Column(name=name, type="class", classes=self._labels.classes), cells)
        for flaw in judged.flaws:
            if flaw.where is None:
                self._find(flaw.message, file, column=name, params=dict(flaw.params))
                continue
            wrong = np.zeros(len(cells), np.bool_)
            wrong[flaw.where] = True
            self._find_rows(flaw.message, file, cells.cast(pl.String), pl.Series(wrong), flaw.params)
        return np.empty(0, np.int32) if judged.values is None else np.asarray(judged.values, np.int32)

    def _places(self, known: pl.Series, gold: pl.Series) -> Places:
        """The code of each gold item."""
        book = known.to_frame("id").with_row_index("place").unique("id", keep="first")
        places = gold.to_frame("id").join(book, on="id", how="left", maintain_order="left")["place"]
        strange = places.is_null() & (gold.fill_null("") != "")
        self._find_rows("annotation.gold_unknown", self._annotation.gold.path, gold, strange)
        return places.cast(pl.Int64).fill_null(-1).to_numpy()

    def _check_size(self, items: int) -> None:
        classes = len(self._labels.classes)
        cells = (items + (CROWD + 1) * classes) * classes
        if cells > MOST_CELLS:
            params = {"items": items, "classes": classes, "cells": cells, "most": MOST_CELLS}
            self._find("annotation.too_many_classes", self._annotation.items, params=params)

    def _check_columns(self, places: Places, codes: Codes) -> None:
        """No column of what teams get may say the gold label of every gold item."""
        if len(np.unique(codes)) == 1:
            return
        for name in self._items.columns:
            if name == self._labels.item or not _is_single(self._items[name]):
                continue
            cells = self._items[name].gather(places)
            said = judge(Column(name=name, type="class", classes=self._labels.classes), cells).values
            if said is not None and np.array_equal(np.asarray(said), codes):
                self._find("annotation.items_tell_gold", self._annotation.items, column=name)

    def _split(self, gold: pl.Series, places: Places, codes: Codes) -> dict[SplitName, int]:
        """Each class keeps its share in both parts, so that their boards are about the same work; classes too rare to be in
        both are drawn together.
        """
        drawn = self._annotation.gold
        counts = np.bincount(codes, minlength=len(self._labels.classes))
        rare = counts * min(drawn.public, 1 - drawn.public) < 1
        strata = pl.Series(np.where(rare[codes], -1, codes)).cast(pl.String)
        public = splitting.draw(gold, share=drawn.public, seed=drawn.seed, stratify=strata)
        parts: Mapping[SplitName, NDArray[np.bool_]] = {"public": public, "private": ~public}
        for split in SPLITS:
            self._try(split, codes[parts[split]])
            order = np.argsort(places[parts[split]])
            np.save(self._out / f"gold-{split}-items.npy", places[parts[split]][order])
            np.save(self._out / f"gold-{split}-labels.npy", codes[parts[split]][order])
        return {split: int(parts[split].sum()) for split in SPLITS}

    def _try(self, split: SplitName, codes: Codes) -> None:
        """Scores someone who knows the gold: what fails then would fail for everybody."""
        file = self._annotation.gold.path
        if not len(codes):
            self._find("answers.split_empty", file, params={"split": split})
            return
        try:
            evaluate("accuracy", codes, codes, seed=SEED)
        except ScoringError as error:
            self._find(error.id, file, params=dict(error.params), examples=(Example(params={"split": split}),))

    def _find_rows(
        self, message: str, file: str, cells: pl.Series, wrong: pl.Series, params: Mapping[str, Any] | None = None
    ) -> None:
        places = np.flatnonzero(wrong.to_numpy())
        if not len(places):
            return
        first = places[:MOST_EXAMPLES]
        texts = cells.gather(first).cast(pl.String, strict=False).to_list()
        examples = tuple(Example(row=int(i) + 1, value=shown(text)) for i, text in zip(first, texts, strict=True))
        self._find(message, file, column=cells.name, count=len(places), examples=examples, params=dict(params or {}))

    def _save_ids(self, texts: pl.Series) -> Ids:
        name = self._labels.item
        if not texts.str.contains(_WHOLE).all():
            texts.alias("id").to_frame().write_ipc(self._out / "ids.arrow", compression="uncompressed")
            return Ids(name=name, kind="text", index="hashed")
        numbers = texts.cast(pl.Int64).to_numpy()
        order = np.argsort(numbers)
        for file, array in (("ids", numbers), ("sorted", numbers[order]), ("order", order)):
            np.save(self._out / f"{file}.npy", array)
        return Ids(name=name, kind="integer", index="sorted")


def _is_single(cells: pl.Series) -> bool:
    return not cells.dtype.is_nested() and cells.dtype not in {pl.Binary, pl.Object}


def _as_text(cells: pl.Series) -> pl.Series:
    """Ids as text without outer spaces; whole numbers that are stored as floats (7.0) are written 7."""
    if cells.dtype.is_float() and cells.is_finite().all() and (cells == cells.floor()).all():
        cells = cells.cast(pl.Int64)
    return cells.cast(pl.String, strict=False).str.strip_chars()
