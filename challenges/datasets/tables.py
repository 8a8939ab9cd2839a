"""Datasets of one table, or of several of the same columns; and corpora of texts, as files or as JSON Lines."""

from pathlib import PurePosixPath
from typing import Final

import polars as pl

from challenges.datasets import holding as files
from challenges.datasets.bundle import Part
from challenges.datasets.card import Card, is_document
from challenges.datasets.desk import Desk, Draft, stacked
from challenges.datasets.kinds import TEXTS, suffix
from challenges.datasets.roles import Roles
from challenges.intake.ledger import Ledger, Unreadable
from challenges.intake.text import in_utf8
from challenges.intake.unpacking import Body

_LINES: Final = (".jsonl", ".ndjson")
_MOST_OF_IT: Final = 0.5
"""Share of a JSON Lines dataset's characters that its texts make up when it is a corpus."""


def read(desk: Desk, card: Card) -> Draft | None:
    """All tables as one."""
    paths = card.data or tuple(path for path in desk.tables if not is_document(path))
    tables = {path: table for path in paths if (table := desk.table(path)) is not None}
    if len(tables) < len(paths) or not tables:
        return None
    stack = stacked(tables, desk.notes)
    return None if stack is None else Draft(stack[0], stack[1])


def is_corpus(draft: Draft) -> bool:
    """Whether a table of JSON Lines is a corpus of texts: most of what is in it stands in the column of the texts."""
    name = draft.roles.text
    if name is None or not draft.parts or not all(suffix(part.path) in _LINES for part in draft.parts):
        return False
    sizes = {
        cells.name: int(cells.str.len_chars().sum()) for cells in draft.table.head(1000) if cells.dtype == pl.String
    }
    return sizes.get(name, 0) > _MOST_OF_IT * sum(sizes.values())


def documents(desk: Desk) -> tuple[str, ...]:
    """The files of a corpus: texts that are not about the dataset itself."""
    return tuple(path for path in desk.ending(*TEXTS) if not is_document(path) and not path.lower().endswith(".gz"))


def read_texts(desk: Desk, paths: tuple[str, ...]) -> Draft | None:
    """One row a file; where each stands in one folder, the folders are taken for labels."""
    texts, other = list[str](), list[str]()
    large = [path for path in paths if desk.holding.sizes[path] > desk.limits.cell_bytes]
    if large:
        desk.notes.about("dataset.text_large", None, names=large, most=desk.limits.cell_bytes)
        return None
    if sum(desk.holding.sizes[path] for path in paths) > desk.limits.table_bytes:
        desk.notes.about("dataset.memory_large", None, most=desk.limits.table_bytes)
        return None
    for path in paths:
        text = _text(desk, path, other)
        if text is not None:
            texts.append(text)
    if other:
        desk.notes.about("dataset.texts_recoded", None, level="note", names=other)
    if len(texts) < len(paths):
        return None
    columns = [pl.Series("file", paths, dtype=pl.String), pl.Series("text", texts, dtype=pl.String)]
    folders = [PurePosixPath(path).parts[:-1] for path in paths]
    roles = Roles(id="file", text="text")
    if all(len(parts) == 1 for parts in folders) and len({*folders}) > 1:
        columns.append(pl.Series("label", [parts[0] for parts in folders], dtype=pl.String))
        roles = Roles(id="file", text="text", label="label", guessed=frozenset({"label"}))
    return Draft(pl.DataFrame(columns), tuple(Part(path, row, 1) for row, path in enumerate(paths)), roles)


def _text(desk: Desk, path: str, other: list[str]) -> str | None:
    desk.use(path)
    own = Ledger()
    try:
        data = files.read(desk.holding, path, desk.limits.cell_bytes)
        body = in_utf8(Body(path, data), own) if data else Body(path, b"")
    except Unreadable as stop:
        desk.notes.stop(stop, path)
        return None
    if own.findings():
        other.append(path)
    return bytes(body.data).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
