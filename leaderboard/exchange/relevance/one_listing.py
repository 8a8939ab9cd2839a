"""One listing compared with many needs: the numbers that searching with each of them gives, for far less.

A search compares a need with every description, though of the others it only uses how a sample of them lies. Here words
and vectors of that sample stand together (`Sampled`), needs are taken apart once (`Needs`) and compared with the listing
all at a time, and the sample is looked at for those needs only that have evidence.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from leaderboard.exchange.relevance import fusion
from leaderboard.exchange.relevance.documents import LANGUAGES, Documents, Rows
from leaderboard.exchange.relevance.fusion import Meant, Usual
from leaderboard.exchange.relevance.lexical import Asked, Lexical, Postings, Words, asked, weights
from leaderboard.exchange.relevance.meanings import Meanings
from leaderboard.exchange.relevance.texts import Language, Text

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

KEPT = 8192
"""Needs that stay in memory as they were taken apart, some three kilobytes each."""
TOGETHER = 64
"""Needs that are compared with the sample at a time: some ten thousand postings each."""

_apart = lru_cache(KEPT)(asked)


def telling(queries: Iterable[Text]) -> list[Text]:
    """Those that say anything, each once."""
    return [query for query in dict.fromkeys(queries) if _apart(query) is not None]


@dataclass(frozen=True, slots=True)
class Needs:
    """Needs (n,) and their features, one after the other (e,), those of need i from `starts[i]` on. `weight`: a feature's
    part of the need's unit vector; `told`: how many words it stands for; `named`: how rare a name it is.
    """

    starts: npt.NDArray[np.int64]
    ids: npt.NDArray[np.uint32]
    weight: Floats
    told: Floats
    named: Floats
    words: Floats  # (n,) of all that a need says
    usual: Floats  # (n, languages, words and models, mean and spread), NaN until somebody asks

    @classmethod
    def of(cls, queries: Sequence[Text], lexical: Lexical, alive: npt.NDArray[np.bool_], models: int) -> "Needs":
        """The queries, each of which says something."""
        said = [_apart(query) for query in queries]
        every = [one for one in said if one is not None]
        starts = np.concatenate([[0], np.cumsum([len(one.ids) for one in every], dtype=np.int64)])
        joined = Asked(*(np.concatenate([getattr(one, name) for one in every]) for name in Asked.__slots__))
        frequency = lexical.frequency(joined.ids, alive)
        weight, told, named = weights(joined, frequency, int(np.count_nonzero(alive)))
        total = np.empty(len(every))
        for number, (a, b) in enumerate(pairwise(starts.tolist())):
            weight[a:b] /= np.sqrt((weight[a:b] ** 2).sum())
            named[a:b] /= max(1, int(np.count_nonzero(joined.named[a:b])))
            total[number] = told[a:b].sum()
        usual = np.full((len(every), len(LANGUAGES), 1 + models, 2), np.nan)
        return cls(starts, joined.ids, weight, told, named, total, usual)

    def cosines(self, need: int, postings: Postings, count: int) -> Floats:
        """Of one need with the rows of the postings: (count,)."""
        at = slice(self.starts[need], self.starts[need + 1])
        found = list(postings.of_features(self.ids[at]))
        if not found:
            return np.zeros(count)
        rows = np.concatenate([postings.rows[of] for _, of in found])
        often = [of.stop - of.start for _, of in found]
        parts = np.repeat(self.weight[at][[number for number, _ in found]], often)
        parts *= np.concatenate([postings.weights[of] for _, of in found])
        return np.asarray(np.bincount(rows, parts, count))

    def words_of(self, postings: Postings, count: int) -> Words:
        """What words say of every need (n,) and the rows of the postings (count,), each (n, count)."""
        which, at = postings.met(self.ids)
        whose = np.repeat(np.arange(len(self.words)), np.diff(self.starts))
        cells, shape = whose[which] * count + postings.rows[at], (len(self.words), count)
        cosine, shared, named = (
            np.bincount(cells, weights, len(self.words) * count).astype(np.float64).reshape(shape)
            for weights in (postings.weights[at] * self.weight[which], self.told[which], self.named[which])
        )
        return Words(cosine, shared, shared / self.words[:, None], named)


@dataclass(frozen=True, slots=True)
class Sampled:
    """The rows of the samples of both languages, ascending, with their words; `places`: where each language's are among them,
    in the order of its sample. Of each model, their vectors.
    """

    rows: Rows
    places: tuple[Rows, ...]
    postings: Postings
    vectors: tuple[npt.NDArray[np.int8], ...]

    @classmethod
    def of(cls, documents: Documents, lexical: Lexical, meanings: Sequence[Meanings]) -> "Sampled":
        samples = [documents.sample(language) for language in LANGUAGES]
        rows = np.unique(np.concatenate(samples))
        places = tuple(np.searchsorted(rows, sample) for sample in samples)
        return cls(rows, places, lexical.part(rows), tuple(one.vectors.taken(rows) for one in meanings))


@dataclass(frozen=True, slots=True)
class OneListing:
    """The descriptions (r,) of a listing, by numbers of their languages, and needs (n,) of which each says something.

    `words` holds (n, r), and `cosines` of each model (n, r); a model's `vectors` are those of the needs (n, dimension).
    """

    described: tuple[int, ...]
    queries: Sequence[Text]
    needs: Needs
    words: Words
    meanings: Sequence[Meanings]
    vectors: Sequence[Singles]
    cosines: Sequence[Floats]
    sampled: Sampled

    @classmethod
    def of(
        cls,
        rows: Mapping[int, int],
        queries: Sequence[Text],
        lexical: Lexical,
        meanings: Sequence[Meanings],
        needs: Needs,
        sampled: Sampled,
    ) -> "OneListing":
        """The listing's row by the number of its language, and what it is compared by, as they are now."""
        own = np.array(sorted(rows.values()))
        described = tuple(sorted(rows, key=rows.__getitem__))
        vectors = [np.stack([one.asked(query) for query in queries]).astype(np.float32) for one in meanings]
        cosines = [_cosines(said, one.vectors.taken(own)) for said, one in zip(vectors, meanings, strict=True)]
        words = needs.words_of(lexical.part(own), len(own))
        return cls(described, queries, needs, words, meanings, vectors, cosines, sampled)

    def reach(self) -> dict[Text, float]:
        """By need, how much evidence there is that the listing answers it: its relevance is no greater."""
        found = np.zeros(len(self.queries))
        for language, chosen in self._by_language(range(len(self.queries))):
            for at, described in enumerate(self.described):
                meant = [
                    (one.embedder.scale(language, LANGUAGES[described]), cosines[chosen, at])
                    for one, cosines in zip(self.meanings, self.cosines, strict=True)
                ]
                found[chosen] = np.maximum(found[chosen], fusion.reach(self.words.some(chosen, at), meant))
        return dict(zip(self.queries, found.tolist(), strict=True))

    def relevances(self, among: Collection[Text] | None = None) -> dict[Text, float]:
        """By need, those among or all, what searching with it finds the listing worth; 0 where it would not be found."""
        chosen = [at for at, query in enumerate(self.queries) if among is None or query in among]
        found = np.zeros(len(self.queries))
        for language, of_language in self._by_language(chosen):
            found[of_language] = self._relevances(language, of_language)
        return {self.queries[at]: float(found[at]) for at in chosen}

    def _relevances(self, language: Language, chosen: Rows) -> Floats:
        new = chosen[np.isnan(self.needs.usual[chosen, 0, 0, 0])]
        for start in range(0, len(new), TOGETHER):
            self._look(language, new[start : start + TOGETHER])
        found = np.zeros(len(chosen))
        for at, described in enumerate(self.described):
            words, *models = (
                Usual(*pair) for pair in self.needs.usual[chosen, described].transpose(1, 2, 0)[..., None]
            )
            meant = [
                Meant(one.embedder.scale(language, LANGUAGES[described]), cosines[chosen, at][:, None], usual)
                for one, cosines, usual in zip(self.meanings, self.cosines, models, strict=True)
            ]
            within = LANGUAGES[described] == language
            parts = fusion.parts(self.words.some(chosen[:, None], [at]), words, meant, within=within)
            found = np.maximum(found, fusion.relevances(parts.lexical, parts.dense, parts.reach)[:, 0])
        return found

    def _look(self, language: Language, some: Rows) -> None:
        """Finds how the samples of both languages lie for these needs, all asked in one language."""
        held = self.sampled
        words = np.stack([self.needs.cosines(need, held.postings, len(held.rows)) for need in some.tolist()])
        meant = [_cosines(said[some], vectors) for said, vectors in zip(self.vectors, held.vectors, strict=True)]
        for number, (described, places) in enumerate(zip(LANGUAGES, held.places, strict=True)):
            scales = [one.embedder.scale(language, described) for one in self.meanings]
            for at, (scores, scale) in enumerate(zip((words, *meant), (fusion.WORDS_ALONE, *scales), strict=True)):
                usual = Usual.of(_known(scores[:, places]), scale)
                self.needs.usual[some, number, at] = np.concatenate([usual.mean, usual.spread], axis=1)

    def _by_language(self, chosen: Iterable[int]) -> Iterator[tuple[Language, Rows]]:
        for language in LANGUAGES:
            of = [at for at in chosen if self.queries[at].language == language]
            if of:
                yield language, np.array(of)


def _cosines(needs: Singles, vectors: npt.NDArray[np.int8]) -> Floats:
    """Cosines (k, n) of whole numbers (k, dimension) and (n, dimension): NaN where a row is zeros, 0 where a need is."""
    held = vectors.astype(np.float32)
    sums = np.asarray(needs @ held.T, dtype=np.float64)  # exact: no sum is rounded, whatever the order
    lengths = np.sqrt(np.square(held).sum(axis=1).astype(np.float64))
    of_needs = np.sqrt(np.square(needs).sum(axis=1).astype(np.float64))
    cosines: Floats = sums / (np.maximum(lengths, 1) * np.maximum(of_needs, 1)[:, None])
    cosines[:, lengths == 0] = np.nan
    return cosines


def _known(sample: Floats) -> Floats:
    """Without the columns of descriptions that have no vector."""
    return np.ascontiguousarray(sample[:, ~np.isnan(sample[0])])
