"""An index in a folder: plain arrays and JSON, nothing that runs code when it is read.

index.json              format, model, and the number of the files that belong together; replaced last, in one step
documents-N.json        keys, languages, digests by row
postings-N.npz          features, starts, rows, weights
vectors-N.npy           int8 (rows, dimension), read through a memory map; missing where words work alone
"""

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from leaderboard.exchange.relevance.documents import LANGUAGES, Documents
from leaderboard.exchange.relevance.lexical import Postings

FORMAT = 1
"""Goes up when features, weights or files change: an index of another format is built anew."""


class Unreadable(Exception):
    """There is no index in the folder, or not one that this version reads: build it anew from the listings."""


@dataclass(frozen=True, slots=True)
class Saved:
    """All of an index. Vectors (rows, dimension) are None where there are none, or are of another model than asked
    for.
    """

    documents: Documents
    postings: Postings
    vectors: npt.NDArray[np.int8] | None
    model: str | None


def write(folder: Path, saved: Saved) -> None:
    """Write the files of the next number, then point to them, then remove the others."""
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
    if saved.vectors is not None:
        np.save(folder / f"vectors-{number}.npy", saved.vectors, allow_pickle=False)
    _json(folder / "index.new", {"format": FORMAT, "model": saved.model, "number": number})
    (folder / "index.new").replace(folder / "index.json")
    for path in folder.glob("*-*.*"):
        if path.stem.rpartition("-")[2] != str(number):
            path.unlink(missing_ok=True)


def read(folder: Path, model: str | None) -> Saved:
    """What was written, with vectors only if they are of this model. `Unreadable` if anything is missing or does not
    fit together.
    """
    try:
        head = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        if head["format"] != FORMAT:
            raise Unreadable(f"format {head['format']}, not {FORMAT}")
        number = int(head["number"])
        documents = _documents(json.loads((folder / f"documents-{number}.json").read_text(encoding="utf-8")))
        postings = _postings(folder / f"postings-{number}.npz", len(documents))
        vectors = None
        if model is not None and head["model"] == model:
            vectors = np.load(folder / f"vectors-{number}.npy", mmap_mode="r", allow_pickle=False)
            if vectors.dtype != np.int8 or vectors.ndim != 2 or len(vectors) != len(documents):
                raise Unreadable("vectors that do not fit the documents")
        return Saved(documents, postings, vectors, head["model"])
    except (OSError, ValueError, KeyError, TypeError, IndexError, EOFError, zipfile.BadZipFile) as fault:
        raise Unreadable(str(fault)) from fault


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
