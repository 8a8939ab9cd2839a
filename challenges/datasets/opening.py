"""Opening whatever a team hands in as a dataset: which layout it is, its records, and everything it says about itself."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, Final

import polars as pl

from challenges.datasets import card as cards
from challenges.datasets import coco, croissant, croissant_records, datapackage, hashes, media, tables, tc609
from challenges.datasets.against import Opened
from challenges.datasets.bundle import Bundle, HashClaim, Layout, Licence, Media, Provenance
from challenges.datasets.card import Card
from challenges.datasets.desk import Desk, Draft
from challenges.datasets.documentation import DOCUMENTS, Documentation, document
from challenges.datasets.holding import facts, hold
from challenges.datasets.kinds import suffix
from challenges.datasets.licensing import spdx
from challenges.datasets.limits import Limits
from challenges.datasets.noting import DatasetRefused, Notebook
from challenges.datasets.passages import Passage, passages
from challenges.datasets.roles import NAMES, Roles, guess
from challenges.intake.limits import LINE
from challenges.values import nearest
from scoring.quality.schema import Schema

PROVENANCE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "licence": ("license", "licence", "许可", "许可证"),
        "source": ("source", "来源", "数据来源"),
        "source_details": ("source_details", "source_url", "来源详情"),
        "original_time": ("original_time", "采集时间"),
        "last_modified_time": ("last_modified_time", "修改时间"),
        "version": ("version", "版本"),
        "generated": ("generated_data_indicator", "generated", "synthetic", "是否生成"),
    }
)
"""What a record says about where it comes from → names of columns, exactly as written but for case."""
DESCRIPTIONS: Final = frozenset({*cards.NAMES, cards.SCHEMA, datapackage.NAME, *croissant.NAMES})
"""Files that most datasets have: none is told by its having one."""
_MOST_LICENCES: Final = 50
_LANGUAGE_NAMES: Final = tuple(name.lower() for name in DOCUMENTS)


def open_dataset(path: Path, *, name: str | None = None, limits: Limits | None = None) -> Bundle:
    """Opens a folder, a zip or a single file, which its sender named `name` (default: the name that it has).

    Nothing is written to disk, executed or fetched; nothing outside `path` is read. Raises DatasetRefused with every reason at
    once when the dataset cannot be used; what looks odd is among the `findings` of the bundle.
    """
    limits, notes = limits or Limits(), Notebook()
    holding = hold(path, name or path.name, limits, notes)
    if not holding.sizes:
        notes.about("dataset.empty", None)
        raise DatasetRefused(notes.findings())
    desk = Desk(holding, limits, notes, facts(holding, limits, notes))
    card = cards.read(desk)
    layout = layout_of(desk, card)
    draft = None if layout is None else READERS[layout](desk, card)
    if draft is None or layout is None:
        if not notes.errors:
            notes.about("dataset.no_layout", None, found=_what_is_there(desk))
        raise DatasetRefused(notes.findings())
    return _completed(layout, draft, card, desk)


def layout_of(desk: Desk, card: Card) -> Layout | None:
    """Which layout the files are in; None when in none. A description that names the files goes before what their kinds suggest."""
    return next((layout for layout, is_one in SIGNS if is_one(desk, card)), None)


def tables_of(desk: Desk, card: Card) -> tuple[str, ...]:
    """The tables that hold the records."""
    return card.data or tuple(path for path in desk.tables if not cards.is_document(path))


def _tc609_files(desk: Desk, card: Card) -> tuple[str, ...]:
    lines = [path for path in tables_of(desk, card) if suffix(path) in {".jsonl", ".ndjson"}]
    return tuple(path for path in lines if tc609.is_one(desk.head(path, LINE)))


def _made_of(kind: media.Kind, desk: Desk, card: Card) -> bool:
    """Whether the records are files of the kind: there is no table, or it is their manifest."""
    paths = tables_of(desk, card)
    return media.has(kind, desk) and (not paths or media.manifests(kind, desk, card, paths) != {})


def _what_is_there(desk: Desk) -> str:
    kinds: dict[str, int] = {}
    for path in desk.paths:
        kind = PurePosixPath(path.lower()).suffix or "?"
        kinds[kind] = kinds.get(kind, 0) + 1
    return ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items(), key=lambda one: (-one[1], one[0]))[:10])


SIGNS: Final[tuple[tuple[Layout, Callable[[Desk, Card], bool]], ...]] = (
    ("croissant", lambda desk, _card: croissant_records.is_one(desk)),
    ("datapackage", lambda desk, _card: datapackage.is_one(desk)),
    ("coco", lambda desk, _card: bool(coco.find(desk))),
    ("tc609", lambda desk, card: bool(_tc609_files(desk, card))),
    ("images", lambda desk, card: _made_of("image", desk, card)),
    ("audio", lambda desk, card: _made_of("audio", desk, card)),
    ("table", lambda desk, card: bool(tables_of(desk, card))),
    ("texts", lambda desk, _card: bool(tables.documents(desk))),
)
"""Layouts in the order in which they are looked for, and what shows them."""
READERS: Final[Mapping[Layout, Callable[[Desk, Card], Draft | None]]] = MappingProxyType(
    {
        "table": tables.read,
        "datapackage": datapackage.read,
        "croissant": croissant_records.read,
        "tc609": lambda desk, card: tc609.read(desk, _tc609_files(desk, card)),
        "images": lambda desk, card: media.read("image", desk, card),
        "audio": lambda desk, card: media.read("audio", desk, card),
        "coco": lambda desk, _card: coco.read(desk, coco.find(desk)),
        "texts": lambda desk, _card: tables.read_texts(desk, tables.documents(desk)),
    }
)


def _completed(layout: Layout, draft: Draft, card: Card, desk: Desk) -> Bundle:
    """The bundle: roles, media, documentation and provenance added to what the layout's reader found."""
    draft.roles = _roles(draft, card, desk)
    draft = media.attached(draft, desk)
    if layout == "table" and tables.is_corpus(draft):
        layout = "texts"
    if draft.table.height == 0 and not desk.notes.errors:
        desk.notes.about("dataset.no_rows", draft.parts[0].path if draft.parts else None)
    documentation = _documentation(draft, card, desk)
    provenance = _provenance(draft, card, documentation, desk)
    _check(draft, provenance, desk)
    if desk.notes.errors:
        raise DatasetRefused(desk.notes.findings())
    return Bundle(
        layout=layout,
        table=draft.table,
        parts=draft.parts,
        roles=draft.roles,
        schema=_schema(draft, card),
        classes=draft.classes or _classes(draft, card),
        documentation=documentation,
        provenance=provenance,
        files=tuple(desk.facts.values()),
        media=None if draft.media is None else Media(*draft.media, desk.holding),
        findings=desk.notes.findings(),
    )


def _roles(draft: Draft, card: Card, desk: Desk) -> Roles:
    """What the card says goes before what the description says; names of columns suggest the rest."""
    known = draft.roles
    for role, column in card.roles.items():
        if column in draft.table.columns:
            known = replace(known, **{role: column}, guessed=known.guessed - {role})
        elif card.described is not None:
            near = nearest(column[:200], tuple(draft.table.columns))
            message = "package.no_such_column_near" if near else "package.no_such_column"
            params: dict[str, Any] = {"name": column, "nearest": near, "known": ", ".join(draft.table.columns[:10])}
            desk.notes.put([card.described.finding(message, ("roles", role), **params)])
    for name in NAMES:
        if (column := getattr(known, name)) is not None and column not in draft.table.columns:
            known = replace(known, **_nobody(name))
    return guess(known, draft.table)


def _nobody(role: str) -> dict[str, Any]:
    return {role: None}


def _documentation(draft: Draft, card: Card, desk: Desk) -> Documentation:
    found: list[Passage] = []
    for path in _documents(desk):
        text = desk.text(path, desk.limits.document_bytes)
        found += passages(text or "", path)
    for text, where in draft.prose:
        found += passages(text[: desk.limits.document_bytes], where)
    if description := card.texts.get("description"):
        found += passages(description, card.where("description"))
    own = [
        fact for path, fact in desk.facts.items() if not cards.is_document(path) and path.lower() not in DESCRIPTIONS
    ]
    opened = Opened(
        draft.table, own, sum(desk.holding.sizes.values()), draft.roles, None if draft.media is None else draft.media[0]
    )
    return document(found, [*card.facts, *draft.facts], [*card.claims, *draft.claims], _documents(desk), opened)


def _documents(desk: Desk) -> tuple[str, ...]:
    """The documents at the root, in the order of `DOCUMENTS`."""
    there = {path.lower(): path for path in desk.paths if path.lower() in _LANGUAGE_NAMES}
    return tuple(there[name] for name in _LANGUAGE_NAMES if name in there)


def _provenance(draft: Draft, card: Card, documentation: Documentation, desk: Desk) -> Provenance:
    written = [(card.texts["licence"], card.where("licence"))] if "licence" in card.texts else []
    written += [one for one in draft.licences if one[0]]
    if not written and (answer := documentation.answer("licence")).reason in {"", "foreign"} and answer.text:
        written.append((answer.text[:500], answer.where[0]))
    licences = tuple(Licence(text[:500], spdx(text), where) for text, where in dict.fromkeys(written[:_MOST_LICENCES]))
    stated = [*draft.hashes, *hashes.from_lists(desk), *_claimed_hashes(documentation, desk)]
    plain = {name.lower(): name for name in draft.table.columns}
    named = {key: [plain[word] for word in words if word in plain] for key, words in PROVENANCE.items()}
    columns = dict(draft.columns) or {key: names[0] for key, names in named.items() if names}
    return Provenance(
        licences,
        card.texts.get("source") or draft.source,
        card.texts.get("source_details") or draft.source_details,
        card.texts.get("original_time") or draft.original_time,
        tuple(stated),
        columns,
    )


def _claimed_hashes(documentation: Documentation, desk: Desk) -> list[HashClaim]:
    """Hashes that fields state for files by path."""
    return [
        HashClaim(
            claim.subject,
            "sha256",
            str(claim.value),
            desk.facts[claim.subject].sha256 if claim.subject in desk.facts else None,
            claim.where,
        )
        for claim in documentation.claims
        if claim.kind == "sha256" and claim.certain and claim.subject is not None
    ]


def _check(draft: Draft, provenance: Provenance, desk: Desk) -> None:
    """Hashes that do not hold are errors; the rest is said for the sake of the team."""
    for one in provenance.hashes:
        if not one.holds:
            message = (
                "dataset.hash_nothing"
                if one.found is None
                else "dataset.size_differs"
                if one.algorithm == "bytes"
                else "dataset.hash_differs"
            )
            desk.notes.about(
                message, one.path, algorithm=one.algorithm, claimed=one.claimed, found=one.found or "", where=one.where
            )
    if not provenance.licences:
        desk.notes.about("dataset.no_licence", None, level="warning")
    elif not any(one.spdx for one in provenance.licences):
        desk.notes.about("dataset.licence_unknown", None, level="note", written=provenance.licences[0].written)
    nested = [
        name
        for name, kind in draft.table.schema.items()
        if (kind.is_nested() or kind == pl.Binary) and name != draft.roles.boxes
    ]
    if nested:
        desk.notes.about("dataset.columns_nested", None, level="warning", names=nested)
    if spare := media.unread(desk):
        desk.notes.about("dataset.media_unread", None, level="warning", names=spare)
    used = {*desk.used, *_documents(desk), *spare}
    rest = [path for path in desk.paths if path not in used and not cards.is_document(path)]
    if rest:
        desk.notes.about("dataset.files_unread", None, level="note", names=rest)


def _schema(draft: Draft, card: Card) -> Schema | None:
    """The schema that is said: by the card, else by the description; without fields whose columns are lists or objects."""
    schema = card.schema or draft.schema
    if schema is None:
        return None
    nested = {name for name, kind in draft.table.schema.items() if kind.is_nested() or kind == pl.Binary}
    kept = tuple(field for field in schema.fields if field.name not in nested)
    return replace(schema, fields=kept, primary_key=tuple(name for name in schema.primary_key if name not in nested))


def _classes(draft: Draft, card: Card) -> tuple[str, ...]:
    schema = card.schema or draft.schema
    field = None if schema is None or draft.roles.label is None else schema.field(draft.roles.label)
    return () if field is None else field.enum
