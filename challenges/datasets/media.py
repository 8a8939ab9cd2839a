"""Images and sounds: which file belongs to which row, and datasets that are made of such files with a manifest, or in folders."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Final, Literal

import numpy as np
import polars as pl

from challenges.datasets.bundle import Part
from challenges.datasets.card import Card, is_document
from challenges.datasets.desk import Desk, Draft, stacked
from challenges.datasets.kinds import IMAGES, SOUNDS, UNREAD_MEDIA, suffix
from challenges.datasets.roles import Roles, guess, paths_of

Kind = Literal["image", "audio"]
ENDINGS: Final[Mapping[Kind, tuple[str, ...]]] = {"image": IMAGES, "audio": SOUNDS}
SPLITS: Final = frozenset(
    {"train", "training", "test", "testing", "val", "valid", "validation", "dev", "训练集", "测试集", "验证集"}
)
_REMOTE: Final = r"(?i)^(?:[a-z][a-z0-9+.-]{1,20}://|data:)"
_OUTSIDE: Final = r"(?:^|/)\.\.(?:/|$)|^/|^[A-Za-z]:"
_FILE_COLUMN: Final[Mapping[Kind, str]] = {"image": "image", "audio": "audio"}


def located(cells: pl.Series, manifest: str, kind: Kind, desk: Desk) -> pl.Series:
    """The file that each cell names: seen from the manifest's folder, else from the root, else by its name alone if that is unique.

    Cells that lead outside, or to no file, are errors; addresses on the network are warned of and not fetched. Null where there is
    no file.
    """
    files = desk.images if kind == "image" else desk.sounds
    texts = cells.cast(pl.String).str.strip_chars().str.replace_all("\\", "/", literal=True).str.strip_prefix("./")
    texts = texts.set(texts == "", None)
    remote = texts.str.contains(_REMOTE).fill_null(value=False)
    outside = texts.str.contains(_OUTSIDE).fill_null(value=False) & ~remote
    wanted = texts.set(remote | outside, None)
    found = pl.Series(cells.name, [None] * len(cells), dtype=pl.String)
    for prefix in dict.fromkeys((_folder(manifest), "")):
        known = {path.removeprefix(prefix): path for path in files if path.startswith(prefix)}
        found = found.zip_with(found.is_not_null(), _replaced(wanted, known))
    if found.null_count() > wanted.null_count():
        found = found.zip_with(found.is_not_null(), _replaced(wanted, _by_name(files)))
    _report(
        cells,
        {"dataset.media_outside": outside, "dataset.media_missing": wanted.is_not_null() & found.is_null()},
        manifest,
        desk,
    )
    if remote.any():
        desk.notes.about("dataset.media_remote", manifest, level="warning", column=cells.name, count=int(remote.sum()))
    desk.use(*found.drop_nulls().unique().to_list())
    return found


def _folder(path: str) -> str:
    head, slash, _ = path.rpartition("/")
    return head + slash


def _replaced(texts: pl.Series, known: Mapping[str, str]) -> pl.Series:
    if not known:
        return pl.Series(texts.name, [None] * len(texts), dtype=pl.String)
    return texts.replace_strict(list(known), list(known.values()), default=None, return_dtype=pl.String)


def _by_name(files: tuple[str, ...]) -> Mapping[str, str]:
    """Files by their last name, where no two have the same."""
    names = [PurePosixPath(path).name for path in files]
    return dict(zip(names, files, strict=True)) if len(set(names)) == len(names) else {}


def _report(cells: pl.Series, faults: Mapping[str, pl.Series], manifest: str, desk: Desk) -> None:
    before, desk.notes.file = desk.notes.file, manifest or None
    for message, mask in faults.items():
        rows = np.flatnonzero(mask.to_numpy())
        if len(rows):
            desk.notes.add_rows(message, rows + 1, cells.gather(rows).cast(pl.String), column=cells.name)
    desk.notes.file = before


def attached(draft: Draft, desk: Desk) -> Draft:
    """The draft with the images or sounds that its columns name, if it has none yet."""
    if draft.media is not None:
        return draft
    for kind in ENDINGS:
        name = getattr(draft.roles, kind)
        if name is None or name not in draft.table.columns:
            continue
        if not (desk.images if kind == "image" else desk.sounds):
            if not draft.table[name].is_null().all():
                desk.notes.about("dataset.media_none", None, level="warning", column=name)
            continue
        manifest = draft.parts[0].path if draft.parts else ""
        return replace(draft, media=(kind, located(draft.table[name], manifest, kind, desk)))
    return draft


def read(kind: Kind, desk: Desk, card: Card) -> Draft | None:
    """A dataset of images or sounds: with a manifest (a table with a column of files), else by the folders they are in."""
    files = desk.images if kind == "image" else desk.sounds
    paths = card.data or tuple(path for path in desk.tables if not is_document(path))
    if not paths:
        return _by_folder(kind, desk, files)
    fitting = manifests(kind, desk, card, paths)
    desk.used.difference_update({*paths} - {*fitting})
    return _by_manifest(kind, desk, card, fitting)


def manifests(kind: Kind, desk: Desk, card: Card, paths: tuple[str, ...]) -> dict[str, pl.DataFrame]:
    """The tables that have a column of files of the kind."""
    found: dict[str, pl.DataFrame] = {}
    for path in paths:
        head = desk.head(path, 1 << 20).lower()
        if head[:4] != b"par1" and not any(ending.encode() in head for ending in ENDINGS[kind]):
            continue
        table = desk.table(path)
        if table is not None and _file_column(table, kind, card) is not None:
            found[path] = table
    return found


def _file_column(table: pl.DataFrame, kind: Kind, card: Card) -> str | None:
    """The column that names the files: as the card says, as its name suggests, or the only one whose cells all look like it."""
    if (said := card.roles.get(kind)) is not None:
        return said if said in table.columns else None
    if (guessed := getattr(guess(Roles(), table), kind)) is not None:
        return str(guessed)
    looking = [name for name in table.columns if paths_of(table[name].head(1000), ENDINGS[kind])]
    return looking[0] if len(looking) == 1 else None


def _by_manifest(kind: Kind, desk: Desk, card: Card, tables: Mapping[str, pl.DataFrame]) -> Draft | None:
    stack = stacked(tables, desk.notes)
    if stack is None:
        return None
    table, parts = stack
    name = _file_column(table, kind, card)
    assert name is not None, "each of the tables has it"
    paths = pl.concat([located(table[name].slice(part.start, part.rows), part.path, kind, desk) for part in parts])
    unlisted = sorted({*(desk.images if kind == "image" else desk.sounds)} - {*paths.drop_nulls().to_list()})
    if unlisted:
        desk.notes.about("dataset.media_unlisted", None, level="warning", names=unlisted)
    role = Roles(image=name) if kind == "image" else Roles(audio=name)
    return Draft(table, parts, role, media=(kind, paths))


def _by_folder(kind: Kind, desk: Desk, files: tuple[str, ...]) -> Draft:
    """One row a file; the folder that holds it is its label, and a folder above named train, test or so the split."""
    desk.use(*files)
    steps = [path.split("/")[:-1] for path in files]
    shared = _shared(steps)
    steps = [parts[shared:] for parts in steps]
    columns: dict[str, pl.Series] = {"file": pl.Series("file", files, dtype=pl.String)}
    known: dict[str, Any] = {kind: "file"}
    if steps and all(parts and parts[0].lower() in SPLITS for parts in steps):
        columns["split"] = pl.Series("split", [parts[0] for parts in steps], dtype=pl.String)
        known["split"] = "split"
        steps = [parts[1:] for parts in steps]
    if steps and all(len(parts) == 1 for parts in steps):
        columns["label"] = pl.Series("label", [parts[0] for parts in steps], dtype=pl.String)
        known["label"] = "label"
    elif any(steps):
        desk.notes.about(
            "dataset.folders_uneven",
            None,
            level="warning",
            names=[path for path, parts in zip(files, steps, strict=True) if len(parts) != 1],
        )
    table = pl.DataFrame(list(columns.values()))
    parts = tuple(Part(path, row, 1) for row, path in enumerate(files))
    return Draft(table, parts, Roles(**known), media=(kind, columns["file"].alias(kind)))


def _shared(steps: list[list[str]]) -> int:
    """How many folders all files are in that tell nothing about them: `images/` around the folders of the classes."""
    shared = 0
    while steps and all(len(parts) > shared + 1 and parts[shared] == steps[0][shared] for parts in steps):
        if steps[0][shared].lower() in SPLITS:
            break
        shared += 1
    return shared


def has(kind: Kind, desk: Desk) -> bool:
    """Whether there are files of the kind that are more than the pictures of a README."""
    files = desk.images if kind == "image" else desk.sounds
    return any(not path.lower().startswith(("docs/", "doc/", "figures/", "assets/")) for path in files)


def unread(desk: Desk) -> tuple[str, ...]:
    """Images, sounds and videos in formats that nothing here reads."""
    return tuple(path for path in desk.paths if suffix(path) in UNREAD_MEDIA)
