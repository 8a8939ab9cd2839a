"""The state of a column of texts."""

from typing import Final

import numpy as np
import polars as pl

from scoring.quality.profile.buckets import LogBuckets
from scoring.quality.profile.columns import Block, Column, tallied
from scoring.quality.profile.hashing import HashArray
from scoring.quality.profile.looks import TextLooks
from scoring.quality.profile.sentinels import TEXTS
from scoring.quality.profile.settings import Kind, Settings
from scoring.quality.profile.tally import IntArray
from scoring.quality.profile.values import LONGEST_TEXT, CountedValues
from scoring.quality.profile.workspace import Workspace

_SENTINELS: Final = pl.Series(list(TEXTS), dtype=pl.String)


class TextCounts:
    """What is counted over texts."""

    def __init__(self, most_buckets: int) -> None:
        self.ends: tuple[str, ...] = ()
        """The first and the last in order of code points, shortened."""
        self.characters = 0
        self.shortest: int | None = None
        self.longest: int | None = None
        self.lengths = LogBuckets(most_buckets)
        self.sentinels: dict[str, int] = {}

    def add_ends(self, texts: pl.Series) -> None:
        """Texts (n,), some of which may be missing. Shortened, they are in the same order."""
        if self.ends:  # two comparisons are cheaper than the search for the first and the last
            beyond = (texts < self.ends[0]) | (texts > self.ends[1])
            if not beyond.any():
                return
            texts = texts.filter(beyond)
        if len(texts) > texts.null_count():
            self.extend(*(str(end)[:LONGEST_TEXT] for end in (texts.min(), texts.max())))

    def extend(self, *ends: str) -> None:
        ends += self.ends
        self.ends = (min(ends), max(ends)) if ends else ()

    def add_lengths(self, lengths: IntArray, counts: IntArray) -> None:
        """Distinct lengths (d,) ascending, each so often, d > 0."""
        low, high = int(lengths[0]), int(lengths[-1])
        self.shortest = low if self.shortest is None else min(low, self.shortest)
        self.longest = high if self.longest is None else max(high, self.longest)
        self.characters += int(lengths @ counts)
        self.lengths.add(lengths.astype(np.float64), counts=counts)

    def add_sentinel(self, text: str, count: int) -> None:
        self.sentinels[text] = self.sentinels.get(text, 0) + count

    def merge(self, other: "TextCounts") -> None:
        self.extend(*other.ends)
        both = [one for one in (self, other) if one.shortest is not None]
        self.shortest = min((one.shortest for one in both if one.shortest is not None), default=None)
        self.longest = max((one.longest for one in both if one.longest is not None), default=None)
        self.characters += other.characters
        self.lengths.merge(other.lengths)
        for text, count in other.sentinels.items():
            self.add_sentinel(text, count)


class TextColumn(Column[TextCounts]):
    """Texts; lists and records as the text of their JSON."""

    def __init__(self, position: int, kind: Kind, settings: Settings) -> None:
        super().__init__(position, kind, settings)
        self.looks = TextLooks(settings.waiting)
        self._kept_watch: _Watch | None = None

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_kept_watch": None}

    @property
    def _watch(self) -> "_Watch":
        if self._kept_watch is None:
            self._kept_watch = _Watch(_SENTINELS.hash(self.key).to_numpy(), list(TEXTS))
        return self._kept_watch

    def expressions(self, cells: pl.Series) -> list[pl.Expr]:
        return [pl.col(cells.name).hash(self.key).alias(f"{self.position}.hash")]

    def _nothing(self) -> TextCounts:
        return TextCounts(self.settings.buckets)

    def _texts(self, block: Block) -> pl.Series:
        return block.frame.to_series(self.position)

    def _hashed(self, block: Block) -> HashArray:
        hashes = block.room.array("hashes", block.size, np.uint64)
        np.copyto(hashes, block.cells[f"{self.position}.hash"].to_numpy())
        chosen, texts = self._chosen(block), self._texts(block)
        examined = texts if chosen is None else texts.gather(chosen)
        self.examined += len(examined)
        self.looks.add(examined)
        return hashes

    def _count_all(self, block: Block, hashes: HashArray, gaps: int) -> None:
        self._count(self._texts(block), hashes, gaps, block.room)

    def _count_some(self, block: Block, rows: IntArray) -> None:
        hashes = block.room.array("hashes", block.size, np.uint64)[rows]
        if len(rows):
            self._count(self._texts(block).gather(rows), hashes, 0, block.room)

    def _count(self, texts: pl.Series, hashes: HashArray, gaps: int, room: Workspace) -> None:
        self._counts.add_ends(texts)
        for text, count in self._watch.counts(hashes, room).items():
            self._counts.add_sentinel(text, count)
        length = pl.first().str.len_chars()
        if gaps:
            length = length.fill_null(strategy="max")
        lengths = texts.to_frame().select(length.cast(pl.Int64)).to_series().to_numpy()
        self._counts.add_lengths(*tallied(lengths, gaps, room))

    def _count_kept(self, counts: TextCounts, values: CountedValues) -> None:
        hashes, often = values.kept()
        if not len(hashes):
            return
        texts = values.texts()
        counts.extend(str(texts["text"].min()), str(texts["text"].max()))
        lengths = texts["length"].cast(pl.Int64).to_numpy()
        counts.add_lengths(*_summed(lengths, often))
        for text, count in zip(texts["text"].to_list(), often.tolist(), strict=True):
            if text in TEXTS:
                counts.add_sentinel(text, count)

    def merge(self, other: "Column[TextCounts]") -> None:
        assert isinstance(other, TextColumn)
        super().merge(other)
        self.looks.merge(other.looks)


def _summed(values: IntArray, counts: IntArray) -> tuple[IntArray, IntArray]:
    """The distinct values ascending, and the sums of their counts."""
    distinct, which = np.unique(values, return_inverse=True)
    sums = np.zeros(len(distinct), np.int64)
    np.add.at(sums, which, counts)
    return distinct, sums


class _Watch:
    """Finds a few given hashes among many: most others fall into slots of a small table that are not marked."""

    _SLOTS: Final = 1 << 13
    _SHIFT: Final = np.uint64(64 - 13)

    def __init__(self, hashes: HashArray, texts: list[str]) -> None:
        self._texts = dict(zip(hashes.tolist(), texts, strict=True))
        self._hashes = np.sort(hashes)
        self._marked = np.zeros(self._SLOTS, np.bool_)
        self._marked[(hashes >> self._SHIFT).view(np.int64)] = True

    def counts(self, hashes: HashArray, room: Workspace) -> dict[str, int]:
        """How often the texts come whose hashes are watched for, among the hashes (n,)."""
        slots = np.right_shift(hashes, self._SHIFT, out=room.array("slots", len(hashes), np.uint64)).view(np.int64)
        marked = np.take(self._marked, slots, out=room.array("equal", len(hashes), np.bool_), mode="clip")
        maybe = hashes[np.flatnonzero(marked)]
        found = self._hashes[np.searchsorted(self._hashes, maybe).clip(max=len(self._hashes) - 1)] == maybe
        if not found.any():
            return {}
        met, counts = np.unique(maybe[found], return_counts=True)
        return {self._texts[hashed]: count for hashed, count in zip(met.tolist(), counts.tolist(), strict=True)}
