"""Reads the relevance probe: what is on offer, what is needed, and what should answer what."""

import hashlib
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from challenges.facets import MODALITIES, SECTORS, TASKS
from leaderboard.core.i18n import translate
from leaderboard.exchange.relevance import Scale, Text, installed_embedder
from leaderboard.exchange.relevance.embedder import model_of
from leaderboard.exchange.relevance.semantic import UniversalSentenceEncoder
from leaderboard.exchange.relevance.vectors import whole_numbers

HERE = Path(__file__).parent
VECTORS = HERE / "probe_vectors.npz"
LANGUAGES = ("zh", "en")
PAIRS = (("zh", "zh"), ("en", "en"), ("zh", "en"), ("en", "zh"))
"""Language of the need, language of the descriptions."""


@dataclass(frozen=True)
class Need:
    """What an enterprise asks for, in both languages, and the grade (2 or 1) of each listing that answers it."""

    key: str
    said: Mapping[str, str]
    grades: Mapping[str, int]

    @property
    def tuning(self) -> bool:
        """Weights were chosen on these needs; figures are of the others."""
        return hashlib.sha256(self.key.encode()).digest()[0] % 2 == 0


def _table(name: str) -> Any:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


@cache
def texts() -> tuple[Text, ...]:
    """Every description of every listing, facets named in its own language."""
    return tuple(
        _text(one, language) for one in _table("listings.toml")["listing"] for language in LANGUAGES if language in one
    )


def _text(listing: Mapping[str, Any], language: str) -> Text:
    said = listing[language]
    names = (TASKS[listing["task"]], MODALITIES[listing["modality"]], SECTORS[listing["sector"]])
    task, modality, sector = (translate(language, name) for name in names)
    return Text(
        key=listing["key"],
        language=language,
        title=said["title"],
        task=task,
        modality=modality,
        sector=sector,
        summary=said["summary"],
        fields=tuple(said["fields"]),
    )


@cache
def needs() -> tuple[Need, ...]:
    """All needs, of both halves."""
    return tuple(
        Need(
            need["key"],
            {language: need[language] for language in LANGUAGES},
            {**dict.fromkeys(need["right"], 2), **dict.fromkeys(need["fair"], 1)},
        )
        for need in _table("needs.toml")["need"]
    )


def asked(asking: str, described: str, *, tuning: bool) -> list[tuple[str, Mapping[str, int]]]:
    """Of one half, what is asked in one language that some description in the other answers rightly; grades of those
    there."""
    there = {text.key for text in texts() if text.language == described}
    found = []
    for need in needs():
        grades = {key: grade for key, grade in need.grades.items() if key in there}
        if need.tuning is tuning and 2 in grades.values():
            found.append((need.said[asking], grades))
    return found


def ndcg(ranked: Sequence[str], grades: Mapping[str, int], top: int = 10) -> float:
    """Normalised discounted gain of the first `top` keys, gains 2^grade − 1: 1 is the best order possible."""
    gained = sum((2 ** grades.get(key, 0) - 1) / math.log2(place + 2) for place, key in enumerate(ranked[:top]))
    best = sorted(grades.values(), reverse=True)[:top]
    return gained / sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(best))


def recall(ranked: Sequence[str], grades: Mapping[str, int], top: int = 5) -> float:
    """The share of the right listings (grade 2) among the first `top` keys."""
    right = {key for key, grade in grades.items() if grade == 2}
    return len(right & set(ranked[:top])) / len(right)


def spoken() -> list[str]:
    """Every text of the probe that an encoder is given, in the order of the stored vectors."""
    described = [part for text in texts() for part in (text.embedded(), text.heading())]
    return list(dict.fromkeys([*described, *(said for need in needs() for said in need.said.values())]))


def fingerprint(said: Sequence[str]) -> str:
    """Of texts: stored vectors are of these and no others."""
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


class StoredVectors:
    """An `Embedder` that knows the probe's texts only, by vectors that the model they name gave, rounded to int8."""

    def __init__(self) -> None:
        with np.load(VECTORS, allow_pickle=False) as stored:
            self.name, _, self.version = str(stored["model"]).partition("@")
            vectors = stored["vectors"].astype(np.float32)
            made_of = str(stored["words"])
        self._vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        said = spoken()
        assert made_of == fingerprint(said), (
            "the probe has changed: `python -m tests.exchange.probe.reading` renews its vectors"
        )
        self._row = {one: row for row, one in enumerate(said)}

    @property
    def dimension(self) -> int:
        return self._vectors.shape[1]

    @property
    def scale(self) -> Scale:
        return UniversalSentenceEncoder.scale

    def encode(self, texts: Sequence[str], /) -> npt.NDArray[np.float32]:
        """The stored vectors (n, dimension); KeyError for a text that is not in the probe."""
        return self._vectors[[self._row[text] for text in texts]]


def renew() -> None:
    """Store the vectors anew, by the model that is installed."""
    embedder = installed_embedder()
    assert embedder is not None, "the package of the semantic model is not installed"
    said = spoken()
    np.savez_compressed(
        VECTORS,
        model=np.array(model_of(embedder)),
        words=np.array(fingerprint(said)),
        vectors=whole_numbers(embedder.encode(said)),
    )


if __name__ == "__main__":
    renew()
