"""Which row of the index is which description."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import astuple
from itertools import chain

import numpy as np
import numpy.typing as npt

from leaderboard.exchange.relevance.fusion import SAMPLE
from leaderboard.exchange.relevance.texts import Language, Text

LANGUAGES: tuple[Language, ...] = ("zh", "en")

Rows = npt.NDArray[np.intp]


def digest(text: Text) -> str:
    """By which an unchanged description is known."""
    return hashlib.sha256(repr(astuple(text)).encode()).hexdigest()[:32]


class Documents:
    """Keys, languages and digests by row. Rows are added at the end and die where they are, until they are moved
    together.
    """

    def __init__(
        self, keys: Sequence[str] = (), languages: Sequence[Language] = (), digests: Sequence[str] = ()
    ) -> None:
        self.keys: list[str] = []
        self.digests: list[str] = []
        self.language = np.empty(0, dtype=np.int8)  # the number in LANGUAGES
        self.alive = np.empty(0, dtype=np.bool_)
        self._lot = np.empty(0, dtype=np.uint64)  # decides who is in the sample
        self._of: dict[str, list[int]] = {}
        self._samples: dict[Language, Rows] = {}
        self.append(keys, languages, digests)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def listings(self) -> int:
        return len(self._of)

    @property
    def dead(self) -> int:
        return len(self.keys) - int(np.count_nonzero(self.alive))

    def append(self, keys: Sequence[str], languages: Sequence[Language], digests: Sequence[str]) -> None:
        """Rows at the end."""
        numbers = [LANGUAGES.index(language) for language in languages]
        lots = [_lot(key, language) for key, language in zip(keys, languages, strict=True)]
        for row, key in enumerate(keys, len(self.keys)):
            self._of.setdefault(key, []).append(row)
        self.keys.extend(keys)
        self.digests.extend(digests)
        self.language = np.append(self.language, np.array(numbers, dtype=np.int8))
        self.alive = np.append(self.alive, np.ones(len(keys), dtype=np.bool_))
        self._lot = np.append(self._lot, np.array(lots, dtype=np.uint64))
        self._samples.clear()

    def of(self, key: str) -> dict[Language, int]:
        """The living rows of a listing by language."""
        return {LANGUAGES[self.language[row]]: row for row in self._of.get(key, ())}

    def drop(self, key: str) -> bool:
        """Lets the rows of a listing die; whether there were any."""
        rows = self._of.pop(key, [])
        self.alive[rows] = False
        self._samples.clear()
        return bool(rows)

    def among(self, keys: Iterable[str] | None) -> Rows:
        """The living rows of these listings, or of all, ascending; keys that are not here are passed over."""
        if keys is None:
            return np.flatnonzero(self.alive)
        rows = chain.from_iterable(filter(None, map(self._of.get, keys)))
        chosen = np.zeros(len(self), dtype=np.bool_)
        chosen[np.fromiter(rows, dtype=np.intp)] = True
        return np.flatnonzero(chosen)

    def sample(self, language: Language) -> Rows:
        """At most 1,000 living rows of a language, drawn by lot of their keys, in the order of the lots: the same for
        the same listings.
        """
        if language not in self._samples:
            rows = np.flatnonzero(self.alive & (self.language == LANGUAGES.index(language)))
            if len(rows) > SAMPLE:
                rows = rows[np.argpartition(self._lot[rows], SAMPLE)[:SAMPLE]]
            self._samples[language] = rows[np.argsort(self._lot[rows])]
        return self._samples[language]

    def living(self) -> "Documents":
        """The living rows alone, in their order."""
        rows = np.flatnonzero(self.alive)
        languages = [LANGUAGES[self.language[row]] for row in rows]
        return Documents([self.keys[row] for row in rows], languages, [self.digests[row] for row in rows])


def _lot(key: str, language: Language) -> int:
    return int.from_bytes(hashlib.sha256(f"{language} {key}".encode()).digest()[:8], "big")
