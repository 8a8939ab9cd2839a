"""How often each 64-bit key comes: exact counts that do not depend on the order of the keys.

Most keys of a column have been seen before. Those are counted by one look into a table that is addressed by bits of the
key itself, and one `bincount`; sorting, the usual way, costs ten times as much. What the table does not know is sorted,
counted and learnt. The tables are a short cut and no part of the state: the counts are the same without them.
"""

from collections.abc import Callable
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from scoring.quality.profile.workspace import Workspace

IntArray = npt.NDArray[np.int64]
KeyArray = npt.NDArray[Any]
"""uint64 (hashes) or int64 (places), all of one tally alike."""

_FEWEST_SLOTS: Final = 1 << 10
_MOST_SLOTS: Final = 1 << 16
_LEARNT_AT_ONCE: Final = 1 << 12
"""Keys that are sorted before the tables are asked again: few, because tables that know these know most of the rest."""
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
_UNSPREAD: Final = np.uint64(pow(0x9E3779B97F4A7C15, -1, 2**64))


class Tally:
    """Counts of keys: hashes (uint64) or places on a line (int64).

    >>> tally = Tally("places")
    >>> tally.add(np.array([5, 7, 5])).tolist()
    []
    >>> tally.keys.tolist(), tally.counts.tolist()
    ([5, 7], [2, 1])
    """

    def __init__(self, of: Literal["hashes", "places"]) -> None:
        self._of = of
        self._keys: KeyArray = np.empty(0, np.uint64 if of == "hashes" else np.int64)
        self._counts: IntArray = np.empty(0, np.int64)
        self._tables: list[_Table] = []

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def keys(self) -> KeyArray:
        """(d,) the distinct keys, ascending."""
        return self._keys

    @property
    def fast(self) -> bool:
        """Whether there are tables that know the keys."""
        return bool(self._tables)

    @property
    def counts(self) -> IntArray:
        """(d,) how often each came, at least 1."""
        self._settle()
        return self._counts

    def add(
        self,
        keys: KeyArray,
        room: Workspace | None = None,
        *,
        counts: IntArray | None = None,
        most: int | None = None,
        learnt: Callable[[IntArray], None] | None = None,
    ) -> IntArray:
        """Count the keys (n,). Returns the positions of those left uncounted: none, unless there were too many keys.

        counts   (n,) how often each comes; the keys are distinct then
        most     stop as soon as there are more keys than this
        learnt   called with a position of each key that is new
        """
        room = Workspace() if room is None else room
        rest = self.count_known(keys, room, counts)
        step = _LEARNT_AT_ONCE
        while len(rest) and (most is None or len(self) <= most):
            part, rest = rest[:step], rest[step:]
            found, often = _distinct(keys[part], None if counts is None else counts[part])
            new = self.include(found, often)
            if learnt is not None and new.any():
                some = keys[part]
                order = np.argsort(some)
                learnt(part[order[np.searchsorted(some, found[new], sorter=order)]])
            if 2 * np.count_nonzero(new) < len(part):  # what comes has mostly come before
                self.know_all()
                rest = rest[self.count_known(keys[rest], room, None if counts is None else counts[rest])]
            step *= 2
        return rest

    def count_known(self, keys: KeyArray, room: Workspace, counts: IntArray | None = None) -> IntArray:
        """Count the keys that the tables know; the positions of the others."""
        rest: IntArray | None = None
        for table in self._tables:
            some = slice(None) if rest is None else rest
            missed = table.count(keys[some], room, None if counts is None else counts[some])
            rest = missed if rest is None else rest[missed]
            if not len(rest):
                break
        return np.arange(len(keys)) if rest is None else rest

    def know_all(self) -> None:
        """Let the tables know all keys, so that they are counted fast; from now on also new ones."""
        slots = _FEWEST_SLOTS
        while slots < min(4 * len(self._keys), _MOST_SLOTS):
            slots *= 2
        if not self._tables or self._tables[0].size < slots:
            self._settle()
            second = max(_FEWEST_SLOTS, slots // 4)
            same = 0  # bits at the beginning that all keys share: those kept of many hashes are the smallest
            if self._of == "hashes" and len(self._keys):
                same = min(16, 64 - int(self._keys[-1]).bit_length())
            self._tables = [
                _Table(self._of, slots, same),
                _Table(self._of, second, same + slots.bit_length() - 1),
            ]
            self._learn(self._keys)

    def include(self, keys: KeyArray, counts: IntArray) -> npt.NDArray[np.bool_]:
        """Add counts of distinct ascending keys; the counts may be negative as long as each sum stays above 0.

        Returns which of the keys are new (d,).
        """
        at = np.searchsorted(self._keys, keys)
        known = np.zeros(len(keys), np.bool_)
        inside = at < len(self._keys)
        known[inside] = self._keys[at[inside]] == keys[inside]
        self._counts[at[known]] += counts[known]
        if not known.all():
            new = ~known
            self._keys = np.insert(self._keys, at[new], keys[new])
            self._counts = np.insert(self._counts, at[new], counts[new])
            if self._tables:
                self._learn(keys[new])
        return ~known

    def keep(self, first: int) -> None:
        """Forget all but the first keys."""
        self._settle()
        self._tables = []
        self._keys, self._counts = self._keys[:first].copy(), self._counts[:first].copy()

    def replace(self, keys: KeyArray) -> None:
        """Give every key a new name, in the same order; keys that now share one are put together."""
        self._settle()
        self._tables = []
        self._keys, self._counts = put_together(keys, self._counts)

    def __getstate__(self) -> dict[str, object]:
        self._settle()
        return {"_of": self._of, "_keys": self._keys, "_counts": self._counts, "_tables": []}

    def _settle(self) -> None:
        """Bring what the tables have counted into the counts."""
        for table in self._tables:
            keys, counts = table.take()
            self._counts[np.searchsorted(self._keys, keys)] += counts

    def _learn(self, new: KeyArray) -> None:
        """The second table, addressed by other bits, is for keys whose slot in the first is taken. Keys that find no place
        in either are sorted each time they come, which is slow and rare.
        """
        for table in self._tables:
            new = table.learn(new)


def _distinct(keys: KeyArray, counts: IntArray | None) -> tuple[KeyArray, IntArray]:
    if counts is None:
        found, often = np.unique(keys, return_counts=True)
        return found, often
    order = np.argsort(keys)
    return keys[order], counts[order]


def put_together(keys: KeyArray, counts: IntArray) -> tuple[KeyArray, IntArray]:
    """Distinct keys and their sums, of keys (n,) in ascending order that may come more than once."""
    if not len(keys):
        return keys, counts
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return keys[starts], np.add.reduceat(counts, starts)


class _Table:
    """Keys by slot, and how often each was met since the last `take`.

    A slot is the highest bits after `skipped` ones: of a hash, or of a place times an odd number, since neighbouring
    places may be any power of two apart.
    """

    def __init__(self, of: Literal["hashes", "places"], size: int, skipped: int) -> None:
        bits = size.bit_length() - 1
        self.size = size
        self._spread = of == "places"
        self._shift = np.uint64(64 - bits - skipped)
        self._mask = size - 1
        self._cut = skipped > 0  # the highest bits need no mask
        elsewhere = (np.arange(size) ^ 1).astype(np.uint64) << self._shift  # keys that belong in another slot
        self._known: KeyArray = (elsewhere * _UNSPREAD).view(np.int64) if self._spread else elsewhere
        self._used = np.zeros(size, np.bool_)
        self._met = np.zeros(size, np.int64)

    def learn(self, keys: KeyArray) -> KeyArray:
        """Take in the keys whose slot is free; the others come back."""
        slots = self._slots(keys, None)
        free = ~self._used[slots]
        self._known[slots[free]] = keys[free]  # of several for one slot the last stays
        self._used[slots[free]] = True
        refused: KeyArray = keys[self._known[slots] != keys]
        return refused

    def count(self, keys: KeyArray, room: Workspace, counts: IntArray | None) -> IntArray:
        """Count the known keys; the positions of the unknown ones."""
        slots = self._slots(keys, room)
        found = np.take(self._known, slots, out=room.array("found", len(keys), keys.dtype.type), mode="clip")
        missed = np.flatnonzero(np.not_equal(found, keys, out=room.array("missed", len(keys), np.bool_)))
        if len(missed) == len(keys):
            return missed
        if counts is not None:
            np.add.at(self._met, slots, counts)
            np.subtract.at(self._met, slots[missed], counts[missed])
        else:
            self._met += np.bincount(slots, minlength=self.size)
            if len(missed):
                self._met -= np.bincount(slots[missed], minlength=self.size)
        return missed

    def take(self) -> tuple[KeyArray, IntArray]:
        """The keys met since the last time, and how often."""
        met = np.flatnonzero(self._met)
        counts = self._met[met]
        self._met[met] = 0
        return self._known[met], counts

    def _slots(self, keys: KeyArray, room: Workspace | None) -> IntArray:
        bits = keys.view(np.uint64)
        out = np.empty_like(bits) if room is None else room.array("slots", len(keys), np.uint64)
        if self._spread:
            bits = np.multiply(bits, _SPREAD, out=out)
        slots: IntArray = np.right_shift(bits, self._shift, out=out).view(np.int64)
        return np.bitwise_and(slots, self._mask, out=slots) if self._cut else slots
