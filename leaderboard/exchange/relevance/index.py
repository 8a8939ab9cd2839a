"""The index: every listing's descriptions, compared with a need exactly, one by one."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import RLock

import numpy as np
import numpy.typing as npt

from leaderboard.exchange.relevance import fusion, saving
from leaderboard.exchange.relevance.documents import LANGUAGES, Documents, Rows, digest
from leaderboard.exchange.relevance.embedder import Embedder, model_of
from leaderboard.exchange.relevance.fusion import Found, Meant, Parts, Usual
from leaderboard.exchange.relevance.lexical import Lexical, Words, asked, bag
from leaderboard.exchange.relevance.meanings import Meanings
from leaderboard.exchange.relevance.one_listing import Needs, OneListing, Sampled, telling
from leaderboard.exchange.relevance.texts import Language, Text, language_of
from leaderboard.exchange.relevance.vectors import Vectors

Floats = npt.NDArray[np.float64]

FEWEST_DEAD = 1000
"""Dead rows are cleared away when they are more than this and a quarter of all."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model by its id, how many descriptions it has not read yet, and the memory of its vectors."""

    id: str
    prompt: bool
    without_vector: int
    vector_bytes: int


@dataclass(frozen=True, slots=True)
class Stats:
    """What the index holds. `models` is empty where words work alone."""

    listings: int
    descriptions: dict[Language, int]
    models: tuple[Model, ...]


class Index:
    """Descriptions of listings and what is needed to search them. One lock: verbs may be called from several threads.

    What a search finds depends on the descriptions and on which of their vectors are there, not on the order in which
    they came or on what was there before. A model that is not prompt reads descriptions when `complete` is called.
    """

    def __init__(self, embedders: Sequence[Embedder] = ()) -> None:
        self._documents = Documents()
        self._lexical = Lexical()
        self._meanings = [Meanings.none(embedder, 0) for embedder in embedders]
        self._lock = RLock()
        self._sampled: Sampled | None = None
        self._needs: tuple[list[Text], Needs] | None = None

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
            changed = [text for key, said in by_key.items() if not self._holds(key, said) for text in said.values()]
        new = {text.key for text in changed}
        if changed:
            self._replace(changed, new)
        kept = [text for key, said in by_key.items() if key not in new for text in said.values()]
        return len(new | self._fill(kept, [one for one in self._meanings if one.embedder.prompt]))

    def complete(self, texts: Iterable[Text]) -> int:
        """Encode what any model has not read of these descriptions; how many listings gained by it.

        Descriptions that are not here as they are given are passed over. Searches go on meanwhile.
        """
        return len(self._fill(list(texts), self._meanings))

    def incomplete(self, most: int | None = None) -> list[str]:
        """The keys of listings that some model has not read whole, in the order of rows, at most so many."""
        with self._lock:
            rows = np.flatnonzero(self._lacking())[: most and most * len(LANGUAGES)].tolist()
            return list(islice(dict.fromkeys(self._documents.keys[row] for row in rows), most))

    def adopt(self, folder: Path) -> int:
        """Take vectors that are missing here from the index saved in the folder, where it describes the same listing
        in the same words by the same model; how many. `Unreadable` as for `load`.
        """
        documents, stored = saving.read_vectors(folder, [one.model for one in self._meanings])
        taken = 0
        with self._lock:
            for meaning in self._meanings:
                if meaning.model not in stored:
                    continue
                rows, places = [], []
                for row in np.flatnonzero(self._documents.alive & ~meaning.vectors.there()).tolist():
                    place = documents.of(self._documents.keys[row]).get(LANGUAGES[self._documents.language[row]])
                    if place is not None and documents.digests[place] == self._documents.digests[row]:
                        rows.append(row)
                        places.append(place)
                found = stored[meaning.model][places]
                meaning.vectors.put(np.array(rows, dtype=np.intp), found)
                self._changed()
                taken += int(np.count_nonzero(found.any(axis=1)))
        return taken

    def delete(self, keys: Iterable[str]) -> int:
        """Take these listings out; how many were there."""
        with self._lock:
            gone = sum(self._documents.drop(key) for key in set(keys))
            self._changed()
            self._clear()
        return gone

    def search(
        self, query: Text | str, *, among: Collection[str] | None = None, top: int = 10, least: float = 0.0
    ) -> list[Found]:
        """The listings that fit best, the best first, at most `top`; of those `among` only, if given.

        Each once, with the better of its descriptions; equal ones by key. None whose relevance is below `least`, and
        none that has no evidence at all, so the list may be empty, and is for a query without a letter. A listing's relevance does not depend on who else is among.
        """
        said = asked(query)
        if said is None or top < 1:
            return []
        vectors = [meaning.asked(query) for meaning in self._meanings]
        language = language_of(query) if isinstance(query, str) else query.language
        with self._lock:
            rows = self._documents.among(among)
            words = self._lexical.compare(said, self._documents.alive)
            cosines = [self._cosines(one, vector, rows) for one, vector in zip(self._meanings, vectors, strict=True)]
            of = [rows[self._documents.language[rows] == number] for number in range(len(LANGUAGES))]
            found = [
                self._block(some, described, language, words, cosines)
                for some, described in zip(of, LANGUAGES, strict=True)
            ]
        best: dict[str, Found] = {}
        for one in sorted((one for block in found for one in block.best(top, least)), key=_order):
            best.setdefault(one.key, one)
        return list(best.values())[:top]

    def compared(self, key: str, queries: Iterable[Text]) -> OneListing | None:
        """One listing with many needs at once, as `search` compares it with each. None if it is not here, or no need says
        anything; needs that say nothing are left out.
        """
        said = telling(queries)
        for meaning in self._meanings:  # without the lock: encoding takes its time
            for query in said:
                meaning.asked(query)
        with self._lock:
            rows = self._documents.of(key)
            if not rows or not said:
                return None
            needs, sampled = self._prepared(said)
            of_language = {LANGUAGES.index(language): row for language, row in rows.items()}
            return OneListing.of(of_language, said, self._lexical, self._meanings, needs, sampled)

    def stats(self) -> Stats:
        """What the index holds now."""
        with self._lock:
            alive = self._documents.alive
            counts = {
                language: int(np.count_nonzero(alive & (self._documents.language == number)))
                for number, language in enumerate(LANGUAGES)
            }
            models = tuple(
                Model(
                    one.model,
                    one.embedder.prompt,
                    int(np.count_nonzero(alive & ~one.vectors.there())),
                    one.vectors.nbytes,
                )
                for one in self._meanings
            )
            return Stats(self._documents.listings, counts, models)

    def save(self, folder: Path) -> int:
        """Write the index into the folder, in the place of the one there; whoever reads meanwhile gets the old or the
        new one. The number of what was written, which `saved` gives from then on.
        """
        with self._lock:
            self._move_together()
            every = np.arange(len(self._documents))
            postings = self._lexical.joined(every.astype(np.int32))
            vectors = {one.model: one.vectors.taken(every) for one in self._meanings}
            return saving.write(folder, saving.Saved(self._documents, postings, vectors))

    @staticmethod
    def saved(folder: Path) -> int:
        """The number of the index in the folder, higher with every `save`; 0 if there is none."""
        return saving.number_in(folder)

    @staticmethod
    def unread(folder: Path, embedders: Sequence[Embedder]) -> set[str]:
        """The ids of those embedders that have not read all of the index in the folder; none if there is none."""
        return saving.unread_by(folder, [model_of(one) for one in embedders])

    @classmethod
    def load(cls, folder: Path, embedders: Sequence[Embedder] = ()) -> "Index":
        """The index that was saved; vectors stay on disk until they are read. `Unreadable` if there is none, or it is
        not sound.

        Vectors of other models than the embedders' are left out, and those of a model that it has not met are missing
        until an `upsert` of the descriptions, changed or not, or `complete` encodes them.
        """
        index = cls()
        loaded = [(one, Meanings.none(one, 0)) for one in embedders]
        saved = saving.read(folder, [meanings.model for _, meanings in loaded])
        index._documents = saved.documents
        index._lexical = Lexical(saved.postings)
        try:
            index._meanings = [
                Meanings(one, saved.vectors.get(none.model, none.waiting(len(saved.documents)))) for one, none in loaded
            ]
        except ValueError as fault:
            raise saving.Unreadable(str(fault)) from fault
        return index

    def _holds(self, key: str, said: dict[Language, Text]) -> bool:
        rows = self._documents.of(key)
        return {language: self._documents.digests[row] for language, row in rows.items()} == {
            language: digest(text) for language, text in said.items()
        }

    def _replace(self, texts: Sequence[Text], keys: Collection[str]) -> None:
        """Puts the descriptions in the place of what these listings had, encoded by the prompt models."""
        bags = [bag(text) for text in texts]
        encoded = [one.encoded(texts) if one.embedder.prompt else one.waiting(len(texts)) for one in self._meanings]
        with self._lock:
            for key in keys:
                self._documents.drop(key)
            self._lexical.append(bags, len(self._documents))
            self._documents.append(
                [text.key for text in texts], [text.language for text in texts], [digest(text) for text in texts]
            )
            for meaning, rows in zip(self._meanings, encoded, strict=True):
                meaning.vectors.append(rows)
            self._changed()
            self._clear()

    def _fill(self, texts: Sequence[Text], meanings: Sequence[Meanings]) -> set[str]:
        """Encodes what these models have not read of the descriptions, without holding the lock; whose were encoded."""
        keys: set[str] = set()
        for meaning in meanings:
            with self._lock:
                lacking = [text for text in texts if self._row_without(meaning, text) is not None]
            if not lacking:
                continue
            encoded = meaning.encoded(lacking)
            with self._lock:  # rows may have moved or died meanwhile
                found = {self._row_without(meaning, text): at for at, text in enumerate(lacking)}
                rows = sorted(row for row in found if row is not None)
                meaning.vectors.put(np.array(rows, dtype=np.intp), encoded[[found[row] for row in rows]])
                self._changed()
                keys.update(self._documents.keys[row] for row in rows)
        return keys

    def _row_without(self, meaning: Meanings, text: Text) -> int | None:
        """The row of this very description, if the model has not read it."""
        row = self._documents.of(text.key).get(text.language)
        if row is None or meaning.vectors.has(row) or self._documents.digests[row] != digest(text):
            return None
        return row

    def _lacking(self) -> npt.NDArray[np.bool_]:
        """Which rows (n,) are alive and some model has not read."""
        complete = np.ones(len(self._documents), dtype=np.bool_)
        for meaning in self._meanings:
            complete &= meaning.vectors.there()
        return self._documents.alive & ~complete

    def _cosines(self, meaning: Meanings, vector: npt.NDArray[np.int8], rows: Rows) -> Floats:
        """Cosines with the rows and with the samples, by row (n,); NaN elsewhere, and where there is no vector."""
        cosines = np.full(len(self._documents), np.nan)
        for wanted in (rows, *(np.sort(self._documents.sample(language)) for language in LANGUAGES)):
            lacking = wanted[np.isnan(cosines[wanted])]
            cosines[lacking] = meaning.vectors.cosines(vector, lacking)
        cosines[~meaning.vectors.there()] = np.nan
        return cosines

    def _block(
        self, rows: Rows, described: Language, asked: Language, words: Words, cosines: Sequence[Floats]
    ) -> "_Block":
        """What the rows, all described in one language, are worth for a need in the same or the other."""
        sample = self._documents.sample(described)
        meant = []
        for meaning, of in zip(self._meanings, cosines, strict=True):
            sampled, scale = of[sample], meaning.embedder.scale(asked, described)
            meant.append(Meant(scale, of[rows], Usual.of(sampled[~np.isnan(sampled)], scale)))
        usual = Usual.of(words.cosine[sample], fusion.WORDS_ALONE)
        parts = fusion.parts(words.some(rows), usual, meant, within=described == asked)
        return _Block(self._documents.keys, rows, described, parts)

    def _prepared(self, queries: list[Text]) -> tuple[Needs, Sampled]:
        """The same for the next listing of a supplier, as long as nothing has changed."""
        if self._sampled is None:
            self._sampled = Sampled.of(self._documents, self._lexical, self._meanings)
        if self._needs is None or self._needs[0] != queries:
            self._needs = queries, Needs.of(queries, self._lexical, self._documents.alive, len(self._meanings))
        return self._needs[1], self._sampled

    def _changed(self) -> None:
        """Forgets what was prepared of the index as it was."""
        self._sampled = self._needs = None

    def _clear(self) -> None:
        if self._documents.dead > max(FEWEST_DEAD, len(self._documents) // 4):
            self._move_together()

    def _move_together(self) -> None:
        alive = self._documents.alive
        if alive.all():
            return
        place = np.where(alive, np.cumsum(alive) - 1, -1).astype(np.int32)
        self._lexical = Lexical(self._lexical.joined(place))
        for one in self._meanings:
            one.vectors = Vectors(one.embedder.dimension, one.vectors.taken(np.flatnonzero(alive)))
        self._documents = self._documents.living()
        self._changed()


@dataclass(frozen=True, slots=True)
class _Block:
    """Rows (k,) of one language and what they are worth, and all keys by row."""

    keys: Sequence[str]
    rows: Rows
    language: Language
    parts: Parts

    def best(self, count: int, least: float) -> list[Found]:
        """All that are as good as the `count` best and reach `least`, and have evidence."""
        worth = fusion.relevances(self.parts.lexical, self.parts.dense, self.parts.reach)
        some = worth[(worth > 0) & (worth >= least)]
        least = np.partition(some, -count)[-count] if len(some) > count else least
        return [
            Found(
                self.keys[self.rows[at]],
                float(worth[at]),
                float(self.parts.lexical[at]),
                None if np.isnan(self.parts.dense[at]) else float(self.parts.dense[at]),
                float(self.parts.reach[at]),
                self.language,
            )
            for at in np.flatnonzero((worth >= least) & (worth > 0)).tolist()
        ]


def _order(found: Found) -> tuple[float, str, str]:
    return (-found.relevance, found.key, found.language)
