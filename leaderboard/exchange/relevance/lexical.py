"""TF-IDF over features, kept as postings that grow by segments.

A description weighs 1 + ln(how often) for each feature, over its Euclidean length; a need weighs the same times 1 +
ln((1 + n) / (1 + n_feature)). Rarity counts on the need's side only, so that a description's weights never change when
others come and go: an update touches one row, and gives to the last bit what building anew gives.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from leaderboard.exchange.relevance.features import features, names, runs, whole
from leaderboard.exchange.relevance.texts import Text

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bag:
    """The features (m,) of one description, ascending, and their weights (m,), whose squares add up to 1."""

    ids: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.float32]


def bag(text: Text) -> Bag:
    """What a description says; its key is in it as one word, so that a listing is found by its id."""
    found = np.fromiter((*features(text.whole()), whole(text.key)), dtype=np.uint32)
    ids, counts = np.unique(found, return_counts=True)
    weights = 1 + np.log(counts)
    return Bag(ids, (weights / np.sqrt((weights**2).sum())).astype(np.float32))


@dataclass(frozen=True, slots=True)
class Asked:
    """The features of a need: ids ascending (m,), how often each is there (0 for a name that only a listing's key can
    be), how many words it stands for (a word's features share it), which are names.
    """

    ids: npt.NDArray[np.uint32]
    counts: npt.NDArray[np.int64]
    words: Floats
    named: npt.NDArray[np.bool_]


def asked(query: Text | str) -> Asked | None:
    """What a need says, or None if it says nothing that can be compared: no letter, no digit, no sign."""
    said = query if isinstance(query, str) else query.whole()
    told = list(runs(said))
    ids, counts = np.unique(np.array([id for _, of_run in told for id in of_run], np.uint32), return_counts=True)
    if not len(ids):
        return None
    literal = np.array(sorted(names(said)), dtype=np.uint32)
    every = np.union1d(ids, literal)
    full, words = np.zeros(len(every), dtype=np.int64), np.zeros(len(every))
    full[np.searchsorted(every, ids)] = counts
    once = dict.fromkeys(told)  # what is said twice is asked once
    of_words = np.array([id for _, of_run in once for id in of_run], np.uint32)
    weights = np.repeat([count / len(of_run) for count, of_run in once], [len(of_run) for _, of_run in once])
    np.add.at(words, np.searchsorted(every, of_words), weights)
    return Asked(every, full, words, np.isin(every, literal))


@dataclass(frozen=True, slots=True)
class Words:
    """What words say of each row (n,): cosine; how many of the need's words are there, one that no other row has
    counting one and commoner ones less; which share of all its words that is; how rare its names there are, 0 to 1.
    Of several needs (k, n).
    """

    cosine: Floats
    shared: Floats
    share: Floats
    named: Floats

    def some(self, *at: Any) -> "Words":
        """Those at these places of every array."""
        return Words(self.cosine[at], self.shared[at], self.share[at], self.named[at])


@dataclass(frozen=True, slots=True)
class Postings:
    """By feature, in which rows it is: `rows[starts[i]:starts[i + 1]]` and the weights there belong to `ids[i]`, ids
    ascending.
    """

    ids: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int32]
    weights: npt.NDArray[np.float32]

    @classmethod
    def of(cls, bags: Sequence[Bag], first: int) -> "Postings":
        """The bags as rows from `first` on."""
        rows = np.repeat(np.arange(first, first + len(bags), dtype=np.int32), [len(one.ids) for one in bags])
        return cls.sorted(
            np.concatenate([one.ids for one in bags]), rows, np.concatenate([one.weights for one in bags])
        )

    @classmethod
    def sorted(
        cls, ids: npt.NDArray[np.uint32], rows: npt.NDArray[np.int32], weights: npt.NDArray[np.float32]
    ) -> "Postings":
        """From triples (p,) in any order."""
        order = np.argsort(ids, kind="stable")
        unique, starts = np.unique(ids[order], return_index=True)
        return cls(unique, np.append(starts, len(ids)), rows[order], weights[order])

    def with_(self, other: "Postings") -> "Postings":
        """Both in one."""
        ids = np.concatenate([self.spread(), other.spread()])
        rows, weights = np.concatenate([self.rows, other.rows]), np.concatenate([self.weights, other.weights])
        return self.sorted(ids, rows, weights)

    def moved(self, place: npt.NDArray[np.int32]) -> "Postings":
        """With row r at `place[r]`; rows whose place is negative are left out."""
        rows = place[self.rows]
        kept = rows >= 0
        return self.sorted(self.spread()[kept], rows[kept], self.weights[kept])

    def chosen(self, place: npt.NDArray[np.int32]) -> "Postings":
        """As `moved`, where few rows have a place."""
        kept = np.flatnonzero(place[self.rows] >= 0)
        ids = self.ids[np.searchsorted(self.starts, kept, side="right") - 1]
        return self.sorted(ids, place[self.rows[kept]], self.weights[kept])

    def spread(self) -> npt.NDArray[np.uint32]:
        """The feature of every posting (p,)."""
        return np.repeat(self.ids, np.diff(self.starts))

    def of_features(self, ids: npt.NDArray[np.uint32]) -> Iterator[tuple[int, slice]]:
        """For each of the ids that is here, its number among them and where its postings are, ascending."""
        at, there = self.places(ids)
        for place, number in zip(at.tolist(), there.tolist(), strict=True):
            yield number, slice(int(self.starts[place]), int(self.starts[place + 1]))

    def places(self, ids: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Where in `self.ids` those of the ids are that are here, and their numbers among the ids."""
        if not len(self.ids):
            return np.empty(0, np.intp), np.empty(0, np.intp)
        at = np.searchsorted(self.ids, ids)
        at[at == len(self.ids)] = 0
        there = np.flatnonzero(self.ids[at] == ids)
        return at[there], there

    def met(self, ids: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.intp], ...]:
        """Each of the ids with each row that has it: numbers among the ids, ascending, and numbers of postings."""
        at, there = self.places(ids)
        first, often = self.starts[at], self.starts[at + 1] - self.starts[at]
        within = np.arange(often.sum()) - np.repeat(np.cumsum(often) - often, often)
        return np.repeat(there, often), np.repeat(first, often) + within


NOTHING = Postings.sorted(np.empty(0, np.uint32), np.empty(0, np.int32), np.empty(0, np.float32))


class Lexical:
    """The postings of all rows, in segments that are joined as they grow: adding costs what is added, times a
    logarithm.
    """

    def __init__(self, postings: Postings | None = None) -> None:
        self._segments = [postings] if postings is not None and len(postings.rows) else []
        self._waiting: list[Bag] = []
        self._first_waiting = 0

    def append(self, bags: Sequence[Bag], first: int) -> None:
        """Rows from `first` on, which follow all rows so far."""
        if not self._waiting:
            self._first_waiting = first
        self._waiting.extend(bags)

    def joined(self, place: npt.NDArray[np.int32]) -> Postings:
        """All of it in one, with row r at `place[r]`, or left out where that is negative."""
        self._settle()
        one = NOTHING
        for segment in self._segments:
            one = one.with_(segment)
        return one.moved(place)

    def compare(self, query: Asked, alive: npt.NDArray[np.bool_]) -> Words:
        """What words say of all rows (n,); only those `alive` count towards how rare a feature is."""
        self._settle()
        found = [
            (number, segment.rows[at], segment.weights[at])
            for segment in self._segments
            for number, at in segment.of_features(query.ids)
        ]
        frequency, size = np.zeros(len(query.ids), dtype=np.int64), int(np.count_nonzero(alive))
        for number, rows, _ in found:
            frequency[number] += len(rows) if size == len(alive) else np.count_nonzero(alive[rows])
        weight, told, rare = weights(query, frequency, size)
        length, names = np.sqrt((weight**2).sum()), max(1, int(np.count_nonzero(query.named)))
        cosine, shared, named = _summed(found, len(alive), weight / length, told, rare / names)
        return Words(cosine, shared, shared / told.sum(), named)

    def frequency(self, ids: npt.NDArray[np.uint32], alive: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """In how many rows that are `alive` each of the features (m,) is."""
        self._settle()
        found = np.zeros(len(ids), dtype=np.int64)
        for segment in self._segments:
            before = segment.starts if alive.all() else np.append(0, np.cumsum(alive[segment.rows]))[segment.starts]
            at, there = segment.places(ids)
            found[there] += before[at + 1] - before[at]
        return found

    def part(self, rows: npt.NDArray[np.intp]) -> Postings:
        """The postings of these rows, which become 0, 1, 2 …"""
        self._settle()
        place = np.full(1 + max((int(one.rows.max()) for one in self._segments), default=0), -1, dtype=np.int32)
        place[rows] = np.arange(len(rows), dtype=np.int32)
        one = NOTHING
        for segment in self._segments:
            one = one.with_(segment.chosen(place))
        return one

    def _settle(self) -> None:
        if self._waiting:
            self._segments.append(Postings.of(self._waiting, self._first_waiting))
            self._waiting = []
        while len(self._segments) > 1 and 2 * len(self._segments[-1].rows) > len(self._segments[-2].rows):
            last = self._segments.pop()
            self._segments[-1] = self._segments[-1].with_(last)


def weights(query: Asked, frequency: npt.NDArray[np.int64], size: int) -> tuple[Floats, Floats, Floats]:
    """Of each feature (m,) that so many of `size` descriptions have: its part of the need before its length is made 1, how
    many words it stands for, the commoner the fewer, and how rare a name it is, 0 to 1.
    """
    rarity = 1 + np.log((1 + size) / (1 + frequency))
    weight = np.where(query.counts > 0, 1 + np.log(np.maximum(query.counts, 1)), 0) * rarity
    told = query.words * (1 - np.log(np.maximum(frequency, 1)) / np.log(2 + size))
    return weight, told, query.named * rarity / (1 + np.log1p(size))


def _summed(
    found: Sequence[tuple[int, npt.NDArray[np.int32], npt.NDArray[np.float32]]],
    size: int,
    cosine: Floats,
    shared: Floats,
    named: Floats,
) -> tuple[Floats, Floats, Floats]:
    """Per row, the sums of the postings' weights times `cosine`, of `shared` and of `named`, which are by feature (m,).

    A row is in one segment, whose features ascend: the order of the additions is that of the features, whatever the
    order of rows.
    """
    if not found:
        return np.zeros(size), np.zeros(size), np.zeros(size)
    every = np.concatenate([rows for _, rows, _ in found])
    weights = np.concatenate([weights for *_, weights in found])
    which, often = np.array([number for number, *_ in found]), [len(rows) for _, rows, _ in found]
    cosines: Floats = np.bincount(every, weights * np.repeat(cosine[which], often), size).astype(np.float64)
    words: Floats = np.bincount(every, np.repeat(shared[which], often), size).astype(np.float64)
    rare = np.zeros(size)
    for number, rows, _ in found:
        if named[number]:  # of few features
            rare[rows] += named[number]
    return cosines, words, rare
