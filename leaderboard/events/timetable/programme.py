"""One linear programme for all questions of who and when, solved by HiGHS.

Some slots are decided exactly (who meets whom in this very slot), others are pooled (who meets whom in one of them,
whichever):

    exact ()      pooled all      a flow: who meets whom, and the bound
    exact (t,)    pooled later    the best meetings for slot t with an eye on what is left for the rest
    exact (a, b)  pooled ()       two slots are freed and filled anew

The first is a network, so its optimum is integral. The others nearly always are; what comes out fractional is decided
by branching on those few columns alone. Floors are softer than rows but worth more than all else, so every programme
has a solution.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from leaderboard.events.timetable.ground import NOWHEN, Bools, Floats, Ground, Ints

POOL = -2  # the place of a wish that is fulfilled in one of the pooled slots
_WHOLE = 1e-6  # how far from a whole number the solver's are
_BRANCHES = 50  # nodes of a search among fractional columns: a count, so that a busy machine finds the same


@dataclass(frozen=True, slots=True)
class Leaning:
    """What a repair holds on to: `before` (m,) the old slots; `again` and `there` are what it is worth, in units,
    that two meet again, and that they do so in the old slot.
    """

    before: Ints
    again: float
    there: float

    def of(self, wish: Ints, place: Ints) -> Floats:
        """Worth of these wishes at these places on top of their value."""
        before = self.before[wish]
        earned: Floats = self.again * (before != NOWHEN) + self.there * ((before == place) & (place >= 0))
        return earned


@dataclass(frozen=True, slots=True)
class Solution:
    """Wishes and their places (slots or POOL), and the best worth that the programme allows, in units, floors not
    counted.
    """

    wish: Ints
    place: Ints
    worth: float


@dataclass(slots=True)
class _Rows:
    """Sparse rows `sum of columns <= limit`, made group by group."""

    columns: list[Ints] = field(default_factory=list)
    rows: list[Ints] = field(default_factory=list)
    limits: list[Ints] = field(default_factory=list)
    count: int = 0

    def at_most(self, columns: Ints, groups: Ints, limits: Ints) -> None:
        """One row for each group: its columns sum to limits[group] or less; rows that cannot bind are left out."""
        sizes = np.bincount(groups, minlength=len(limits))
        binding = sizes > limits
        number = np.cumsum(binding) - 1 + self.count
        kept = binding[groups]
        self.columns.append(columns[kept])
        self.rows.append(number[groups[kept]])
        self.limits.append(np.maximum(limits[binding], 0))
        self.count += int(binding.sum())

    def matrix(self, width: int) -> sparse.csr_array:
        rows, columns = np.concatenate(self.rows), np.concatenate(self.columns)
        return sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=(self.count, width))


class Programme:
    """The programme of a ground and a timetable in the making. `pinned` (m,) meetings stay where they are, as do
    those in slots that are neither exact nor pooled; all others are let go of and decided anew.
    """

    def __init__(self, ground: Ground, slot: Ints, pinned: Bools, exact: Sequence[int], pooled: Sequence[int]) -> None:
        self.ground = ground
        self.exact, self.pooled = list(exact), list(pooled)
        touched = np.zeros(ground.slots + 1, dtype=bool)  # the last one is for NOWHEN
        touched[[*self.exact, *self.pooled]] = True
        self.slot = slot
        self.held: Bools = (slot != NOWHEN) & (pinned | ~touched[slot])
        self.degrees = ground.degrees(self.held)
        self.room: Bools = ground.free & ~ground.busy(slot, self.held)
        self.pool_room = self.room & np.isin(np.arange(ground.slots), self.pooled)
        self.wish, self.place = self._columns()

    def _columns(self) -> tuple[Ints, Ints]:
        together = self.ground.free_together(self.room) & ~self.held[:, None]
        wishes = [np.flatnonzero(together[:, slot]) for slot in self.exact]
        wishes.append(np.flatnonzero(together[:, self.pooled].any(axis=1)))
        places = [*self.exact, POOL]
        return np.concatenate(wishes), np.repeat(places, [len(part) for part in wishes])

    def solve(self, least: Ints, leaning: Leaning | None = None) -> Solution:
        """The best decision. `least` (n,): the floors to meet, as far as that is possible."""
        ground = self.ground
        rows = self._rows()
        party, unit = self._units(least)
        worth = ground.value[self.wish]
        if leaning is not None:
            worth = worth + leaning.of(self.wish, self.place)
        earned = ground.bonus[unit]
        heavy = floor_weight(ground) * (unit < least[party])
        chosen, best = _maximize(np.concatenate([worth, earned + heavy]), self._with_units(rows, party), len(worth))
        return Solution(
            self.wish[chosen[: len(worth)] > 0.5],
            self.place[chosen[: len(worth)] > 0.5],
            best - float(heavy @ chosen[len(worth) :]),
        )

    def fewest_floors_dropped(self, least: Ints, enough: Bools) -> Bools:
        """(n,): floors to drop so that the others can be met, as few as are found within the branches allowed; at
        most as many as in `enough` (n,), floors known to be enough.
        """
        ground = self.ground
        owners = np.flatnonzero(least > 0)
        width = len(self.wish)
        rows = self._rows()
        ends = np.concatenate([ground.supplier[self.wish], ground.demander[self.wish]])
        columns = np.tile(np.arange(width), 2)
        owned = least[ends] > 0
        number = np.searchsorted(owners, ends[owned])
        lower = sparse.csr_array(
            (
                np.concatenate([np.ones(owned.sum()), least[owners].astype(float)]),
                (
                    np.concatenate([number, np.arange(len(owners))]),
                    np.concatenate([columns[owned], width + np.arange(len(owners))]),
                ),
            ),
            shape=(len(owners), width + len(owners)),
        )
        found = milp(
            np.concatenate([np.zeros(width), np.ones(len(owners))]),
            constraints=[
                LinearConstraint(rows.matrix(width + len(owners)), ub=np.concatenate(rows.limits)),
                LinearConstraint(lower, lb=(least - self.degrees)[owners]),
            ],
            bounds=Bounds(0, 1),
            integrality=np.concatenate([np.zeros(width), np.ones(len(owners))]),
            options={"node_limit": _BRANCHES},
        )
        dropped = np.zeros(len(least), dtype=bool)
        if found.x is not None:
            dropped[owners] = found.x[width:] > 0.5
        return dropped if found.x is not None and dropped.sum() < enough.sum() else enough

    def _rows(self) -> _Rows:
        """What a party, a pair, a slot and its interpreters can take."""
        ground, rows = self.ground, _Rows()
        every = np.arange(len(self.wish))
        places = [*self.exact, POOL]
        where = np.full(ground.slots + 2, len(self.exact))  # slot or POOL → number of the place
        where[self.exact] = np.arange(len(self.exact))
        where = where[self.place]
        limits = np.ones((len(ground.keys), len(places)), dtype=np.int64)
        limits[:, -1] = ground.capacity(self.pool_room)
        both = np.tile(every, 2)
        ends = np.concatenate([ground.supplier[self.wish], ground.demander[self.wish]])
        rows.at_most(both, ends * len(places) + np.tile(where, 2), limits.ravel())
        rows.at_most(both, ends, ground.most - self.degrees)
        rows.at_most(every, self.wish, np.ones(len(ground.value), dtype=np.int64))
        rows.at_most(every, where, self._left(np.full(ground.slots, ground.tables), self.held))
        if ground.interpreters is not None:
            needing = np.flatnonzero(ground.interpreted[self.wish])
            left = self._left(np.full(ground.slots, ground.interpreters), self.held & ground.interpreted)
            rows.at_most(needing, where[needing], left)
        if ground.longest_run is not None:
            self._limit_runs(rows, ground.longest_run)
        return rows

    def _left(self, each: Ints, held: Bools) -> Ints:
        """What the places of this programme have left when each slot has `each` and the wishes `held` use theirs."""
        left = each - np.bincount(self.slot[held], minlength=self.ground.slots)
        sides = self.room[: self.ground.suppliers], self.room[self.ground.suppliers :]
        people = np.minimum(*(side.sum(axis=0) for side in sides))  # a tighter bound where few are free
        return np.append(left[self.exact], np.minimum(left, people)[self.pooled].sum())

    def _limit_runs(self, rows: _Rows, longest: int) -> None:
        """In each window of one slot more than the longest run, a party has one meeting less than slots."""
        ground = self.ground
        busy = ground.busy(self.slot, self.held)
        windows = ground.slots - longest
        for start in range(max(windows, 0)):
            window = range(start, start + longest + 1)
            inside = np.flatnonzero(np.isin(self.place, window))
            if len(inside):
                ends = np.concatenate([ground.supplier[self.wish[inside]], ground.demander[self.wish[inside]]])
                rows.at_most(np.tile(inside, 2), ends, longest - busy[:, list(window)].sum(axis=1))

    def _units(self, least: Ints) -> tuple[Ints, Ints]:
        """(party, k) of each further meeting that would earn something: k counts from 0, all held ones included."""
        ground = self.ground
        room = np.minimum(ground.most - self.degrees, self.room[:, [*self.exact, *self.pooled]].sum(axis=1))
        if not ground.bonus.any():
            room = np.minimum(room, least - self.degrees)
        room = np.clip(room, 0, None)
        party = np.repeat(np.arange(len(room)), room)
        return party, np.arange(len(party)) - np.repeat(np.cumsum(room) - room, room) + self.degrees[party]

    def _with_units(self, rows: _Rows, party: Ints) -> LinearConstraint:
        """The rows, and: a party's units are no more than its meetings."""
        ground, width = self.ground, len(self.wish)
        whole = rows.matrix(width + len(party))
        limits = np.concatenate(rows.limits).astype(float)
        if not len(party):
            return LinearConstraint(whole, ub=limits)
        earning = np.unique(party)
        number = np.full(len(ground.keys), -1)
        number[earning] = np.arange(len(earning))
        ends = number[np.concatenate([ground.supplier[self.wish], ground.demander[self.wish]])]
        columns = np.tile(np.arange(width), 2)[ends >= 0]
        ends = ends[ends >= 0]
        link = sparse.csr_array(
            (
                np.concatenate([-np.ones(len(ends)), np.ones(len(party))]),
                (
                    np.concatenate([ends, number[party]]),
                    np.concatenate([columns, width + np.arange(len(party))]),
                ),
            ),
            shape=(len(earning), width + len(party)),
        )
        return LinearConstraint(sparse.vstack([whole, link]), ub=np.concatenate([limits, np.zeros(len(earning))]))


def floor_weight(ground: Ground) -> float:
    """What a meeting below a floor is worth, in units: more than any chain of changes can cost."""
    return (1.0 + float(ground.bonus.max(initial=0.0))) * (len(ground.keys) + 1)


def _maximize(gain: Floats, rows: LinearConstraint, whole: int) -> tuple[Floats, float]:
    """Columns from 0 to 1, the first `whole` of them 0 or 1, and the optimum without that demand."""
    if not len(gain):
        return np.zeros(0), 0.0
    relaxed = milp(-gain, constraints=rows, bounds=Bounds(0, 1))
    if relaxed.x is None:
        raise RuntimeError(f"the solver found nothing: {relaxed.message}")
    x: Floats = relaxed.x
    best = float(gain @ x)
    broken = np.abs(x[:whole] - np.round(x[:whole])) > _WHOLE
    if not broken.any():
        return x, best
    low, high = np.zeros(len(gain)), np.ones(len(gain))
    settled = np.flatnonzero(~broken)
    low[settled] = high[settled] = np.round(x[settled])
    searched = milp(
        -gain,
        constraints=rows,
        bounds=Bounds(low, high),
        integrality=np.concatenate([broken.astype(int), np.zeros(len(gain) - whole)]),
        options={"node_limit": _BRANCHES},
    )
    if searched.x is not None:
        return searched.x, best
    x[:whole][broken] = 0.0  # fewer meetings break no limit
    return x, best
