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
from leaderboard.exchange.relevance import Language, Scale, Text, installed_embedders
from leaderboard.exchange.relevance.embedder import model_of
from leaderboard.exchange.relevance.semantic import MultilingualE5, UniversalSentenceEncoder
from leaderboard.exchange.relevance.vectors import whole_numbers

HERE = Path(__file__).parent
VECTORS = {
    UniversalSentenceEncoder: HERE / "probe_vectors.npz",
    MultilingualE5: HERE / "probe_vectors_fine.npz",
}
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


def off_topic(*, tuning: bool) -> list[Mapping[str, str]]:
    """Of one half (every other one), searches by language that nothing in the probe answers."""
    return [said for place, said in enumerate(_table("off_topic.toml")["search"]) if (place % 2 == 0) is tuning]


def described() -> list[str]:
    """Every text of a description that an encoder is given, in the order of the stored vectors."""
    return list(dict.fromkeys(part for text in texts() for part in (text.embedded(), text.heading())))


def searched() -> list[str]:
    """Every need and every search that nothing answers, in the order of the stored vectors, which come after those."""
    off = [*off_topic(tuning=True), *off_topic(tuning=False)]
    return list(dict.fromkeys(one for said in (*(need.said for need in needs()), *off) for one in said.values()))


def fingerprint() -> str:
    """Of the texts: stored vectors are of these and no others."""
    return hashlib.sha256("\0".join([*described(), *searched()]).encode()).hexdigest()


class StoredVectors:
    """An `Embedder` that knows the probe's texts only, by vectors that its model gave, rounded to int8. KeyError for
    any other text.
    """

    def __init__(self, of: type[UniversalSentenceEncoder] | type[MultilingualE5] = UniversalSentenceEncoder) -> None:
        with np.load(VECTORS[of], allow_pickle=False) as stored:
            self.name, _, self.version = str(stored["model"]).partition("@")
            vectors = stored["vectors"].astype(np.float32)
            assert str(stored["words"]) == fingerprint(), "`python -m tests.exchange.probe.reading` renews the vectors"
        self.dimension, self.prompt = of.dimension, of.prompt
        self._of = of(self.version)
        self._vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        self._described = {one: row for row, one in enumerate(described())}
        self._searched = {one: row for row, one in enumerate(searched(), len(self._described))}

    def scale(self, asked: Language, described: Language, /) -> Scale:
        return self._of.scale(asked, described)

    def encode(self, texts: Sequence[str], /) -> npt.NDArray[np.float32]:
        """The stored vectors (n, dimension) of descriptions."""
        return self._vectors[[self._described[text] for text in texts]]

    def encode_need(self, text: str, /) -> npt.NDArray[np.float32]:
        """The stored vector (dimension,) of a need."""
        row = self._searched.get(text)
        return self._vectors[self._described[text] if row is None else row]


def stored_both() -> tuple[StoredVectors, StoredVectors]:
    """As `installed_embedders` where both packages are installed."""
    return StoredVectors(), StoredVectors(MultilingualE5)


def renew() -> None:
    """Store the vectors anew, by the models that are installed."""
    for embedder in installed_embedders():
        assert isinstance(embedder, UniversalSentenceEncoder | MultilingualE5)
        needs_said = np.stack([embedder.encode_need(one) for one in searched()])
        np.savez_compressed(
            VECTORS[type(embedder)],
            model=np.array(model_of(embedder)),
            words=np.array(fingerprint()),
            vectors=whole_numbers(np.concatenate([embedder.encode(described()), needs_said])),
        )


if __name__ == "__main__":
    renew()
