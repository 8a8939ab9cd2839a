"""An index in a folder: plain arrays and JSON, nothing that runs code when it is read.

index.json              format, models, those that have not read everything, and the number of the files that belong
                        together; replaced last, in one step
documents-N.json        keys, languages, digests by row
postings-N.npz          features, starts, rows, weights
vectors-M-N.npy         int8 (rows, dimension) of model M of the list, read through a memory map
"""

import json
import zipfile
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from leaderboard.exchange.relevance.documents import LANGUAGES, Documents
from leaderboard.exchange.relevance.lexical import Postings

FORMAT = 2
"""Goes up when features, weights or files change: an index of another format is built anew."""


class Unreadable(Exception):
    """There is no index in the folder, or not one that this version reads: build it anew from the listings."""


Stored = Mapping[str, npt.NDArray[np.int8]]
"""Vectors (rows, dimension) by the id of their model; rows of zeros are still to be encoded."""


@dataclass(frozen=True, slots=True)
class Saved:
    """All of an index."""

    documents: Documents
    postings: Postings
    vectors: Stored


def write(folder: Path, saved: Saved) -> int:
    """Write the files of the next number, then point to them, then remove the others; that number."""
    folder.mkdir(parents=True, exist_ok=True)
    number = 1 + max((int(path.stem.rpartition("-")[2]) for path in folder.glob("documents-*.json")), default=0)
    said = saved.documents
    languages = said.language.tolist()
    _json(folder / f"documents-{number}.json", {"keys": said.keys, "languages": languages, "digests": said.digests})
    postings = saved.postings
    np.savez(
        folder / f"postings-{number}.npz",
        ids=postings.ids,
        starts=postings.starts,
        rows=postings.rows,
        weights=postings.weights,
    )
    for at, vectors in enumerate(saved.vectors.values()):
        np.save(folder / f"vectors-{at}-{number}.npy", vectors, allow_pickle=False)
    unread = [model for model, vectors in saved.vectors.items() if not vectors.any(axis=1).all()]
    head = {"format": FORMAT, "models": list(saved.vectors), "unread": unread, "number": number}
    _json(folder / "index.new", head)
    (folder / "index.new").replace(folder / "index.json")
    for path in folder.glob("*-*.*"):
        if path.stem.rpartition("-")[2] != str(number):
            path.unlink(missing_ok=True)
    return number


def number_in(folder: Path) -> int:
    """The number of the files that belong together now, which every `write` raises; 0 where there are none."""
    try:
        return int(json.loads((folder / "index.json").read_text(encoding="utf-8"))["number"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def unread_by(folder: Path, models: Collection[str]) -> set[str]:
    """Those of the models that have not read all that is in the folder; none where nothing is."""
    try:
        head = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        return set(models) - (set(head["models"]) - set(head.get("unread", ())))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()


def read(folder: Path, models: Collection[str]) -> Saved:
    """What was written, with the vectors of these models only. `Unreadable` if anything is missing or does not fit
    together.
    """
    try:
        documents, vectors, number = _vectors(folder, models)
        return Saved(documents, _postings(folder / f"postings-{number}.npz", len(documents)), vectors)
    except _FAULTS as fault:
        raise Unreadable(str(fault)) from fault


def read_vectors(folder: Path, models: Collection[str]) -> tuple[Documents, Stored]:
    """As `read`, without the words."""
    try:
        documents, vectors, _ = _vectors(folder, models)
        return documents, vectors
    except _FAULTS as fault:
        raise Unreadable(str(fault)) from fault


_FAULTS = (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile)


def _vectors(folder: Path, models: Collection[str]) -> tuple[Documents, Stored, int]:
    head = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    if head["format"] != FORMAT:
        raise Unreadable(f"format {head['format']}, not {FORMAT}")
    number = int(head["number"])
    documents = _documents(json.loads((folder / f"documents-{number}.json").read_text(encoding="utf-8")))
    found = {}
    for at, model in enumerate(head["models"]):
        if model in models:
            stored = np.load(folder / f"vectors-{at}-{number}.npy", mmap_mode="r", allow_pickle=False)
            if stored.dtype != np.int8 or stored.ndim != 2 or len(stored) != len(documents):
                raise Unreadable("vectors that do not fit the documents")
            found[model] = stored
    return documents, found, number


def _documents(said: dict[str, Any]) -> Documents:
    return Documents(said["keys"], [LANGUAGES[number] for number in said["languages"]], said["digests"])


def _postings(path: Path, rows: int) -> Postings:
    with path.open("rb") as opened, np.load(opened, allow_pickle=False) as stored:
        found = Postings(stored["ids"], stored["starts"], stored["rows"], stored["weights"])
    fits = len(found.starts) == len(found.ids) + 1 and found.starts[-1] == len(found.rows) == len(found.weights)
    if not fits or (len(found.rows) and not 0 <= found.rows.min() <= found.rows.max() < rows):
        raise Unreadable("postings that do not fit the documents")
    return found


def _json(path: Path, what: object) -> None:
    path.write_text(json.dumps(what, ensure_ascii=False), encoding="utf-8")
