"""The index: every listing's descriptions, compared with a need exactly, one by one."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock

import numpy as np
import numpy.typing as npt

from leaderboard.exchange.relevance import fusion, saving
from leaderboard.exchange.relevance.documents import LANGUAGES, Documents, Rows, digest
from leaderboard.exchange.relevance.embedder import Embedder, model_of
from leaderboard.exchange.relevance.fusion import Found, ramp, standing_out
from leaderboard.exchange.relevance.lexical import Lexical, Words, asked, bag
from leaderboard.exchange.relevance.texts import LONGEST_EMBEDDED, Language, Text, language_of
from leaderboard.exchange.relevance.vectors import Vectors, whole_numbers

Floats = npt.NDArray[np.float64]

FEWEST_DEAD = 1000
"""Dead rows are cleared away when they are more than this and a quarter of all."""


@dataclass(frozen=True, slots=True)
class Stats:
    """What the index holds. `model` is None where words work alone; `without_vector` counts the descriptions still to
    be encoded.
    """

    listings: int
    descriptions: dict[Language, int]
    model: str | None
    without_vector: int
    vector_bytes: int


class Index:
    """Descriptions of listings and what is needed to search them. One lock: verbs may be called from several threads.

    What a search finds depends on the descriptions alone, not on the order in which they came or on what was there
    before.
    """

    def __init__(self, embedder: Embedder | None = None) -> None:
        self._embedder = embedder
        self._documents = Documents()
        self._lexical = Lexical()
        self._vectors = Vectors(embedder.dimension) if embedder else None
        self._lock = RLock()

    def upsert(self, texts: Iterable[Text]) -> int:
        """Put these descriptions in the place of all that their listings had; how many listings changed.

        Listings that stay the same, and have their vectors, cost nothing, so an index may be brought up to date by
        giving it everything. ValueError if a listing is described twice in one language, or in another than zh and en.
        """
        by_key: dict[str, dict[Language, Text]] = {}
        for text in texts:
            if by_key.setdefault(text.key, {}).setdefault(text.language, text) is not text:
                raise ValueError(f"{text.key} is described twice in {text.language}")
            if text.language not in LANGUAGES:
                raise ValueError(f"{text.key} is described in {text.language}, which is neither zh nor en")
        with self._lock:
            changed = [text for key, said in by_key.items() if not self._has(key, said) for text in said.values()]
        if not changed:
            return 0
        rows = _described(changed, self._embedder) if self._embedder else None
        bags = [bag(text) for text in changed]
        with self._lock:
            for key in {text.key for text in changed}:
                self._documents.drop(key)
            self._lexical.append(bags, len(self._documents))
            self._documents.append(
                [text.key for text in changed], [text.language for text in changed], [digest(text) for text in changed]
            )
            if self._vectors is not None and rows is not None:
                self._vectors.append(rows)
            self._clear()
        return len({text.key for text in changed})

    def delete(self, keys: Iterable[str]) -> int:
        """Take these listings out; how many were there."""
        with self._lock:
            gone = sum(self._documents.drop(key) for key in set(keys))
            self._clear()
        return gone

    def search(self, query: Text | str, *, among: Collection[str] | None = None, top: int = 10) -> list[Found]:
        """The listings that fit best, the best first, at most `top`; of those `among` only, if given.

        Each once, with the better of its descriptions; equal ones by key. None that has no evidence at all, so the list
        may be empty, and is for a query without a letter. A listing's relevance does not depend on who else is among.
        """
        said = asked(query)
        if said is None or top < 1:
            return []
        vector = self._encoded(query)
        language = language_of(query) if isinstance(query, str) else query.language
        with self._lock:
            rows = self._documents.among(among)
            words = self._lexical.compare(said, self._documents.alive)
            cosines = self._cosines(vector, rows)
            found = [
                self._block(
                    rows[self._documents.language[rows] == number], described, described == language, words, cosines
                )
                for number, described in enumerate(LANGUAGES)
            ]
        best: dict[str, Found] = {}
        for one in sorted((one for block in found for one in block.best(top)), key=_order):
            best.setdefault(one.key, one)
        return list(best.values())[:top]

    def stats(self) -> Stats:
        """What the index holds now."""
        with self._lock:
            alive = self._documents.alive
            counts = {
                language: int(np.count_nonzero(alive & (self._documents.language == number)))
                for number, language in enumerate(LANGUAGES)
            }
            lacking = alive & ~self._vectors.there() if self._vectors is not None else alive
            return Stats(
                self._documents.listings,
                counts,
                model_of(self._embedder) if self._embedder else None,
                int(np.count_nonzero(lacking)),
                self._vectors.nbytes if self._vectors is not None else 0,
            )

    def save(self, folder: Path) -> None:
        """Write the index into the folder, in the place of the one there; whoever reads meanwhile gets the old or the
        new one.
        """
        with self._lock:
            self._move_together()
            postings = self._lexical.joined(np.arange(len(self._documents), dtype=np.int32))
            vectors = self._vectors.taken(np.arange(len(self._documents))) if self._vectors is not None else None
            model = model_of(self._embedder) if self._embedder else None
            saving.write(folder, saving.Saved(self._documents, postings, vectors, model))

    @classmethod
    def load(cls, folder: Path, embedder: Embedder | None = None) -> "Index":
        """The index that was saved; vectors stay on disk until they are read. `Unreadable` if there is none, or it is
        not sound.

        Vectors of another model than the embedder's are left out: those descriptions are found by words alone until an
        `upsert` of them, changed or not, encodes them.
        """
        index = cls(embedder)
        saved = saving.read(folder, model_of(embedder) if embedder else None)
        index._documents = saved.documents
        index._lexical = Lexical(saved.postings)
        if embedder:
            stored = (
                saved.vectors
                if saved.vectors is not None
                else np.zeros((len(saved.documents), embedder.dimension), np.int8)
            )
            index._vectors = Vectors(embedder.dimension, stored)
        return index

    def _has(self, key: str, said: dict[Language, Text]) -> bool:
        rows = self._documents.of(key)
        if {language: self._documents.digests[row] for language, row in rows.items()} != {
            language: digest(text) for language, text in said.items()
        }:
            return False
        return self._vectors is None or all(self._vectors.has(row) for row in rows.values())

    def _encoded(self, query: Text | str) -> npt.NDArray[np.int8] | None:
        if self._embedder is None:
            return None
        said = query[:LONGEST_EMBEDDED] if isinstance(query, str) else query.embedded()
        encoded: npt.NDArray[np.int8] = whole_numbers(self._embedder.encode([said]))[0]
        return encoded

    def _cosines(self, vector: npt.NDArray[np.int8] | None, rows: Rows) -> Floats:
        """Cosines with the rows and with the samples, by row (n,); NaN elsewhere, and where there is no vector."""
        cosines = np.full(len(self._documents), np.nan)
        if self._vectors is not None and vector is not None:
            for wanted in (rows, *(np.sort(self._documents.sample(language)) for language in LANGUAGES)):
                lacking = wanted[np.isnan(cosines[wanted])]
                cosines[lacking] = self._vectors.cosines(vector, lacking)
            cosines[~self._vectors.there()] = np.nan
        return cosines

    def _block(self, rows: Rows, described: Language, within: bool, words: Words, cosines: Floats) -> "_Block":
        """What the rows, all of one language, are worth for the need."""
        sample = self._documents.sample(described)
        weight = fusion.WITHIN if within else fusion.ACROSS
        outstanding = standing_out(words.cosine[rows], words.cosine[sample], fusion.WORDS_ALONE)
        named = fusion.NAMED * words.named[rows]
        reach = ramp(words.share[rows], fusion.WORDS_ALONE.floor, fusion.WORDS_ALONE.clear)
        dense = np.full(len(rows), np.nan)
        lexical = outstanding + named
        has = ~np.isnan(cosines[rows])
        if self._embedder is not None and has.any():
            scale, sampled = self._embedder.scale, cosines[sample]
            dense = (1 - weight) * standing_out(cosines[rows], sampled[~np.isnan(sampled)], scale)
            lexical = np.where(has, weight * outstanding, outstanding) + named
            meaning = ramp(cosines[rows], scale.floor, scale.clear)
            reach = np.where(has, np.maximum(meaning, ramp(words.share[rows], *fusion.WORDS_BESIDE)), reach)
        reach = np.maximum(reach, ramp(words.named[rows], *fusion.NAME_ALONE))
        return _Block(self._documents.keys, rows, described, lexical, dense, reach)

    def _clear(self) -> None:
        if self._documents.dead > max(FEWEST_DEAD, len(self._documents) // 4):
            self._move_together()

    def _move_together(self) -> None:
        alive = self._documents.alive
        if alive.all():
            return
        place = np.where(alive, np.cumsum(alive) - 1, -1).astype(np.int32)
        self._lexical = Lexical(self._lexical.joined(place))
        if self._vectors is not None:
            self._vectors = Vectors(self._vectors.dimension, self._vectors.taken(np.flatnonzero(alive)))
        self._documents = self._documents.living()


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows (k,) of one language and what they are worth, and all keys by row."""

    keys: Sequence[str]
    rows: Rows
    language: Language
    lexical: Floats
    dense: Floats
    reach: Floats

    def best(self, count: int) -> list[Found]:
        """All that are as good as the `count` best, and have evidence."""
        worth = fusion.relevances(self.lexical, self.dense, self.reach)
        some = worth[worth > 0]
        least = np.partition(some, -count)[-count] if len(some) > count else 0
        return [
            Found(
                self.keys[self.rows[at]],
                float(worth[at]),
                float(self.lexical[at]),
                None if np.isnan(self.dense[at]) else float(self.dense[at]),
                float(self.reach[at]),
                self.language,
            )
            for at in np.flatnonzero((worth >= least) & (worth > 0)).tolist()
        ]


def _described(texts: Sequence[Text], embedder: Embedder) -> npt.NDArray[np.int8]:
    """The vectors (n, dimension) of descriptions: three parts of the whole, one of its heading."""
    vectors = embedder.encode([text.embedded() for text in texts]) * (1 - fusion.HEADING)
    return whole_numbers(vectors + embedder.encode([text.heading() for text in texts]) * fusion.HEADING)


def _order(found: Found) -> tuple[float, str, str]:
    return (-found.relevance, found.key, found.language)
