"""Which pairs are looked at: those that share a bucket, and of a crowded bucket only some, so that work stays linear.

A *table* gives each of n things a 32-bit key; equal keys share a bucket. In a bucket of up to `TURNS` things all pairs are
looked at. In a larger one the first thing is compared with all others, what is like it goes with it, and the first of what
is left is the next pivot, for at most `pivots` turns. So a million nearly equal things cost a million comparisons, and no
table costs more than n · TURNS. What a crowded bucket passes over can still be found in another table.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.quality.duplicates.links import Links
from scoring.sorting import BoolArray, IntArray

TableKeys = npt.NDArray[np.uint32]
Same = Callable[[IntArray, IntArray], BoolArray]
"""Whether the things of each pair (m,), (m,) really are the same: (m,) bool. It bounds its own memory."""

TURNS: Final = 32
_ROW: Final = np.uint64(0xFFFFFFFF)


def link(tables: Iterable[TableKeys], size: int, same: Same, *, pivots: int = TURNS, finer: bool = False) -> IntArray:
    """What hangs together over verified pairs: (size,) int64, equal for equal groups.

    tables   keys (size,) uint32 each; pairs that share no key in any table are never looked at
    same     the verification; it is asked once per pair and table, and not for pairs that hang together already
    pivots   turns that a crowded bucket gets
    finer    what is left of a crowded bucket is divided by the keys of the table before, and looked at once more
    """
    links = Links(size)
    before = None
    for keys in tables:
        things, bucket = _shared(keys)
        left = _compare(things, bucket, links, same, pivots)
        if finer and before is not None and len(left[0]):
            _compare(*_divided(*left, before), links, same, pivots)
        before = keys
    return links.roots()


def link_across(tables: Iterable[TableKeys], mine: BoolArray, same: Same) -> BoolArray:
    """Which of my things (mine[i] true) are the same as one of the others: (size,) bool, false for the others.

    Pivots come from the side that has fewer things in the bucket, so that at most TURNS of *both* sides are passed over.
    """
    found = np.zeros(len(mine), dtype=np.bool_)
    for keys in tables:
        things, bucket = _shared(keys)
        things, bucket = _sides_in_turn(things, bucket, mine)
        for _ in range(TURNS):
            open_ = ~found[things]
            things, bucket = _with_both_sides(things[open_], bucket[open_], mine)
            if not len(things):
                break
            pivot, others = _pivots(things, bucket)
            opposite = others & (mine[pivot] != mine[things])
            one, other = pivot[opposite], things[opposite]
            hit = same(one, other)
            found[one[hit]] = True
            found[other[hit]] = True
            found &= mine
            things, bucket = things[others], bucket[others]
    return found


def blocks(costs: IntArray, budget: int) -> Iterator[slice]:
    """Cut a row of costs (m,) ≥ 0 into stretches of at most `budget` each; a single larger cost gets its own.

    >>> list(blocks(np.array([3, 3, 3, 9, 1]), 6))
    [slice(0, 2, None), slice(2, 3, None), slice(3, 4, None), slice(4, 5, None)]
    """
    total = np.cumsum(costs)
    start, spent = 0, 0
    while start < len(costs):
        stop = max(int(np.searchsorted(total, spent + budget, side="right")), start + 1)
        yield slice(start, stop)
        start, spent = stop, int(total[stop - 1])


def _shared(keys: TableKeys) -> tuple[IntArray, IntArray]:
    """The things that share a key with another, by bucket and number; and the number of the bucket of each."""
    packed = keys.astype(np.uint64) << np.uint64(32) | np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    return _runs((packed & _ROW).astype(np.int64), packed >> np.uint64(32))


def _runs(things: IntArray, keys: npt.NDArray[np.uint64]) -> tuple[IntArray, IntArray]:
    """Sorted by key: the things in runs of at least two equal keys, and the runs numbered."""
    new = np.ones(len(keys) + 1, dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=new[1:-1])
    if not len(keys):
        return things, things
    together = ~(new[1:] & new[:-1])
    return things[together], np.cumsum(new[:-1], dtype=np.int64)[together]


def _divided(things: IntArray, bucket: IntArray, keys: TableKeys) -> tuple[IntArray, IntArray]:
    combined = bucket.astype(np.uint64) << np.uint64(32) | keys[things]
    order = np.argsort(combined, kind="stable")
    return _runs(things[order], combined[order])


def _starts(bucket: IntArray) -> IntArray:
    return np.flatnonzero(np.concatenate([[True], bucket[1:] != bucket[:-1]]))


def _pivots(things: IntArray, bucket: IntArray) -> tuple[IntArray, BoolArray]:
    """The first thing of each thing's bucket, and which things are not it."""
    starts = _starts(bucket)
    others = np.ones(len(things), dtype=np.bool_)
    others[starts] = False
    return np.repeat(things[starts], np.diff(starts, append=len(things))), others


def _compare(things: IntArray, bucket: IntArray, links: Links, same: Same, pivots: int) -> tuple[IntArray, IntArray]:
    """Compare within buckets and join what is the same. Returns what is left of crowded buckets."""
    left: list[tuple[IntArray, IntArray]] = []
    for turn in range(TURNS):
        things, bucket = _unsettled(things, bucket, links)
        if not len(things):
            break
        sizes = np.diff(_starts(bucket), append=len(things))
        crowded = np.repeat(sizes > TURNS - turn, sizes)
        if turn >= pivots and crowded.any():
            left.append((things[crowded], bucket[crowded]))
            things, bucket = things[~crowded], bucket[~crowded]
            crowded = np.zeros(len(things), dtype=np.bool_)
            if not len(things):
                break
        pivot, others = _pivots(things, bucket)
        one, other = pivot[others], things[others]
        apart = np.flatnonzero(links.find(one) != links.find(other))
        hit = apart[same(one[apart], other[apart])]
        links.join(one[hit], other[hit])
        stay = others & ~(crowded & (links.find(pivot) == links.find(things)))
        things, bucket = things[stay], bucket[stay]
    left.append((things, bucket))
    return np.concatenate([part for part, _ in left]), np.concatenate([part for _, part in left])


def _unsettled(things: IntArray, bucket: IntArray, links: Links) -> tuple[IntArray, IntArray]:
    """Without the buckets in which everything hangs together already."""
    if not len(things):
        return things, bucket
    roots, starts = links.find(things), _starts(bucket)
    mixed = np.minimum.reduceat(roots, starts) != np.maximum.reduceat(roots, starts)
    stay = np.repeat(mixed, np.diff(starts, append=len(things)))
    return things[stay], bucket[stay]


def _sides_in_turn(things: IntArray, bucket: IntArray, mine: BoolArray) -> tuple[IntArray, IntArray]:
    """In each bucket the side that has fewer things comes first."""
    if not len(things):
        return things, bucket
    starts = _starts(bucket)
    sizes = np.diff(starts, append=len(things))
    fewer_mine = 2 * np.add.reduceat(mine[things].astype(np.int64), starts) <= sizes
    second = mine[things] != np.repeat(fewer_mine, sizes)
    order = np.lexsort((second, bucket))
    return things[order], bucket[order]


def _with_both_sides(things: IntArray, bucket: IntArray, mine: BoolArray) -> tuple[IntArray, IntArray]:
    if not len(things):
        return things, bucket
    starts = _starts(bucket)
    sizes = np.diff(starts, append=len(things))
    of_mine = np.add.reduceat(mine[things].astype(np.int64), starts)
    stay = np.repeat((of_mine > 0) & (of_mine < sizes), sizes)
    return things[stay], bucket[stay]
