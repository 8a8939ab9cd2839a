"""All offers by what they are sifted and ordered by, kept from one search to the next.

For every value of a facet the offers that have it are the bits of one number: what a click would show is an `and` and a count of
bits. Between two searches few offers change, so the next table is made from the last one; given-out tables stay as they are.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from threading import Lock
from typing import Any, Final

from leaderboard.exchange.matches.cards import Card
from leaderboard.exchange.matches.index import Entry
from leaderboard.seasons import faceting
from leaderboard.seasons.faceting import Rule

ORDERS: Final[Mapping[str, Callable[[Card], tuple[Any, ...]]]] = {
    "quality": lambda card: (*card.by_quality, card.key), "freshness": lambda card: (*card.by_freshness, card.key),
}  # fmt: skip
"""Equal ones by their key, so that pages do not depend on chance."""
ALIKE: Final = 60
"""Words of titles that share most pairs of signs with a word: only these are compared with it in full."""


@dataclass(frozen=True)
class Table:
    """``cards`` by row, with gaps where offers went; ``rows``: key → row; ``having``: facet → value → its rows as bits;
    ``ordered``: the rows, the best first, by each of `ORDERS`.
    """

    entries: Mapping[str, Entry]
    cards: list[Card]
    rows: dict[str, int]
    free: list[int]
    having: dict[str, dict[str, int]]
    ordered: dict[str, list[int]]

    @cached_property
    def all(self) -> int:
        """Every offer."""
        return bits(self.rows.values())

    def of(self, keys: Iterable[str]) -> int:
        """The offers with these keys; keys that are not offered are passed over."""
        return bits(row for key in keys if (row := self.rows.get(key)) is not None)

    def chosen(self, asked: object, *, but: str = "") -> int:
        """The offers that pass every facet chosen, one left out."""
        found = self.all
        for key, having in self.having.items():
            if key != but and (value := getattr(asked, key)):
                found &= having.get(value, 0)
        return found

    def counts(self, within: int, asked: object, facet: str) -> dict[str, int]:
        """By value of a facet, how many of the offers within have it and pass all other choices."""
        left = within & self.chosen(asked, but=facet)
        counted = ((value, (left & rows).bit_count()) for value, rows in self.having[facet].items())
        return {value: count for value, count in counted if count}

    def some(self, within: int, order: str, start: int, stop: int) -> list[Card]:
        """The offers within, from place ``start`` of an order on, without ``stop``."""
        found, has = [], within.to_bytes(len(self.cards) // 8 + 1, "little")
        for row in self.ordered[order]:
            if has[row >> 3] >> (row & 7) & 1:
                found.append(self.cards[row])
                if len(found) == stop:
                    break
        return found[start:]

    def one(self, rows: int) -> Card:
        """Any of these rows, which must not be empty."""
        return self.cards[(rows & -rows).bit_length() - 1]

    def alike(self, word: str) -> list[str]:
        """Words of titles that are written nearly as this one, the nearest first, at most two."""
        shared = Counter(other for pair in _pairs(word) for other in self._vocabulary.get(pair, ()) if other != word)
        nearest = sorted(shared, key=lambda other: (-shared[other], abs(len(other) - len(word)), other))[:ALIKE]
        return get_close_matches(word, nearest, n=2, cutoff=0.6)

    @cached_property
    def _vocabulary(self) -> Mapping[str, Sequence[str]]:
        """By pair of signs, the words of all titles that have it."""
        titles = (title for entry in self.entries.values() for title in (entry.card.title.en, entry.card.title.zh))
        found: defaultdict[str, list[str]] = defaultdict(list)
        for word in dict.fromkeys(word for title in titles for word in words_of(title)):
            for pair in _pairs(word):
                found[pair].append(word)
        return found


def bits(rows: Iterable[int]) -> int:
    """A number with these bits set."""
    known = list(rows)
    found = bytearray(max(known, default=0) // 8 + 1)
    for row in known:
        found[row >> 3] |= 1 << (row & 7)
    return int.from_bytes(found, "little")


def words_of(text: str) -> list[str]:
    """Pieces between spaces and signs, in one writing; single letters say nothing."""
    plain = "".join(sign if sign.isalnum() else " " for sign in faceting.plain(text))
    return [word for word in plain.split() if len(word) > 1]


def _pairs(word: str) -> set[str]:
    return {word[at : at + 2] for at in range(len(word) - 1)}


class Keeper:
    """The last table and what is made of it. One lock: threads bring it up to date one after the other."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._lock = Lock()
        self._last = Table({}, [], {}, [], {key: {} for key, *_ in rules}, {order: [] for order in ORDERS})

    def table(self, entries: Mapping[str, Entry]) -> Table:
        """The table of these offers."""
        with self._lock:
            if self._last.entries is not entries:
                self._last = self._next(self._last, entries)
            return self._last

    def _next(self, last: Table, entries: Mapping[str, Entry]) -> Table:
        gone = [key for key, entry in last.entries.items() if entries.get(key) is not entry]
        come = [entry.card for key, entry in entries.items() if last.entries.get(key) is not entry]
        cards, rows, free = list(last.cards), dict(last.rows), list(last.free)
        left = {row: cards[row] for row in map(rows.pop, gone)}
        free += left
        placed = {}
        for card in come:
            if not free:
                free.append(len(cards))
                cards.append(card)
            row = rows[card.key] = free.pop()
            cards[row] = placed[row] = card
        having = {key: _moved(last.having[key], left, placed, values) for key, _, _, values in self._rules}
        ordered = {name: _reordered(last.ordered[name], cards, left, placed, order) for name, order in ORDERS.items()}
        return Table(entries, cards, rows, free, having, ordered)


def _moved(
    before: Mapping[str, int],
    gone: Mapping[int, Card],
    come: Mapping[int, Card],
    values: Callable[[Card], Sequence[str]],
) -> dict[str, int]:
    """By value, its rows, after some were left and others taken; values that none has any more are left out."""
    found = dict(before)
    for value, rows in _by_value(gone, values):
        found[value] &= ~bits(rows)
    for value, rows in _by_value(come, values):
        found[value] = found.get(value, 0) | bits(rows)
    return {value: rows for value, rows in found.items() if rows}


def _by_value(
    cards: Mapping[int, Card], values: Callable[[Card], Sequence[str]]
) -> Iterator[tuple[str, Sequence[int]]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for row, card in cards.items():
        for value in values(card):
            found[value].append(row)
    yield from found.items()


def _reordered(
    before: Sequence[int],
    cards: Sequence[Card],
    gone: Mapping[int, Card],
    come: Mapping[int, Card],
    order: Callable[[Card], tuple[Any, ...]],
) -> list[int]:
    """The rows in order: what stayed is in order already, and what came is put between."""
    stayed = [row for row in before if row not in gone]
    found, at = [], 0
    for row in sorted(come, key=lambda row: order(come[row])):
        place = bisect_left(stayed, order(come[row]), at, key=lambda other: order(cards[other]))
        found += [*stayed[at:place], row]
        at = place
    return found + stayed[at:]
