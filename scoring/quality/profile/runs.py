"""Runs of equal cells in neighbouring rows, in whatever order the rows come; and rows that come twice.

A stuck sensor, or gaps filled with the value before, show as long runs.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from scoring.quality.profile.hashing import NULL_HASH, HashArray
from scoring.quality.profile.tally import IntArray
from scoring.quality.profile.workspace import Workspace

RunsOfCells = tuple[np.uint64, np.uint64, int, int, int, int, int]
"""Of one column of a block: first and last hash; rows in the first, the last and the longest run; where the longest begins,
counted in the block; rows equal to the row before."""


def runs_of_cells(hashes: HashArray, gaps: IntArray | None, room: Workspace) -> RunsOfCells:
    """The runs in a block of cells (n,), n > 0; `gaps` are the positions of missing cells, which are equal to none."""
    size = len(hashes)
    equal = np.equal(hashes[1:], hashes[:-1], out=room.array("equal", size - 1, np.bool_))
    if gaps is not None:
        equal[gaps[gaps > 0] - 1] = False
    repeats = int(np.count_nonzero(equal))
    if not repeats:
        return hashes[0], hashes[-1], 1, 1, 1, 0, 0
    if repeats == size - 1:
        return hashes[0], hashes[-1], size, size, size, 0, repeats
    lead, tail = int(equal.argmin()) + 1, int(equal[::-1].argmin()) + 1
    longest, at = _longest(equal)
    return hashes[0], hashes[-1], lead, tail, longest + 1, at, repeats


def _longest(marks: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """Length and first position of the longest run of marks, of which there is one at least.

    Where 2^k marks begin follows from where half as many do; the length is then found bit by bit. Some passes over
    bytes are cheaper than the positions of all ends of runs.
    """
    begin = [marks]
    while True:
        half = 1 << (len(begin) - 1)
        double = begin[-1][:-half] & begin[-1][half:]
        if not double.any():
            break
        begin.append(double)
    found, length = begin[-1], half
    for power in range(len(begin) - 2, -1, -1):
        longer = found[: max(0, len(marks) - length - (1 << power) + 1)]
        longer = longer & begin[power][length : length + len(longer)]
        if longer.any():
            found, length = longer, length + (1 << power)
    return length, int(found.argmax())


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring rows, and the runs in each of c columns.

    start, stop      the rows
    first, last      (c,) uint64 hashes of the cells at the two ends
    lead, tail       (c,) rows in the run at the beginning and at the end
    longest, at      (c,) rows in the longest run, and the row where the first of that length begins
    repeats          (c,) rows that are equal to the row before
    """

    start: int
    stop: int
    first: HashArray
    last: HashArray
    lead: IntArray
    tail: IntArray
    longest: IntArray
    at: IntArray
    repeats: IntArray

    @classmethod
    def of_block(cls, start: int, stop: int, columns: Sequence[RunsOfCells]) -> "Stretch":
        first, last = (np.array([column[end] for column in columns], np.uint64) for end in (0, 1))
        lead, tail, longest, at, repeats = np.array([column[2:] for column in columns], np.int64).T
        return cls(start, stop, first, last, lead, tail, longest, at + start, repeats)

    def then(self, after: "Stretch") -> "Stretch":
        """Both together; `after` begins where this one stops."""
        meet = (self.last == after.first) & (self.last != NULL_HASH)
        lengths = np.stack([self.longest, np.where(meet, self.tail + after.lead, 0), after.longest])
        starts = np.stack([self.at, self.stop - self.tail, after.at])
        best, columns = lengths.argmax(axis=0), np.arange(len(self.at))  # of equal ones the first, which begins first
        whole, whole_after = self.lead == self.stop - self.start, after.tail == after.stop - after.start
        return Stretch(
            self.start,
            after.stop,
            self.first,
            after.last,
            self.lead + np.where(meet & whole, after.lead, 0),
            after.tail + np.where(meet & whole_after, self.tail, 0),
            lengths[best, columns],
            starts[best, columns],
            self.repeats + after.repeats + meet,
        )


class Runs:
    """The stretches of rows seen so far; those that meet are joined."""

    def __init__(self) -> None:
        self.stretches: list[Stretch] = []

    def refuse(self, start: int, stop: int) -> None:
        """ValueError when one of these rows has been seen before."""
        at = bisect_left(self.stretches, start, key=lambda one: one.start)
        before, after = self.stretches[max(at - 1, 0) : at], self.stretches[at : at + 1]
        if any(one.stop > start for one in before) or any(one.start < stop for one in after):
            raise ValueError(f"Some of the rows {start} to {stop - 1} have been counted before.")

    def add(self, new: Stretch) -> None:
        """Rows that have not been seen before."""
        at = bisect_left(self.stretches, new.start, key=lambda one: one.start)
        if at < len(self.stretches) and self.stretches[at].start == new.stop:
            new = new.then(self.stretches.pop(at))
        if at and self.stretches[at - 1].stop == new.start:
            self.stretches[at - 1] = self.stretches[at - 1].then(new)
        else:
            self.stretches.insert(at, new)

    def merge(self, other: "Runs") -> None:
        for one in other.stretches:
            self.add(one)

    def column(self, position: int) -> tuple[int, int, int]:
        """Rows equal to the row before; rows in the longest run, and where the first of that length begins."""
        repeats = sum(int(one.repeats[position]) for one in self.stretches)
        longest, at = max(
            ((int(one.longest[position]), -int(one.at[position])) for one in self.stretches), default=(0, 0)
        )
        return repeats, longest, -at
