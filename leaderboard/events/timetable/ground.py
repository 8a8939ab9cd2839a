"""Parties, wishes and hall as arrays, in an order of their own, so that the order of the input cannot matter."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leaderboard.events.timetable.terms import Aims, Hall, Party, Wish

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

NOWHEN = -1  # the slot of a wish that is not fulfilled
BEYOND_ANY_HALL = 10**9  # a floor so high cannot be met anyway, and must fit into an array


@dataclass(frozen=True, slots=True)
class Ground:
    """n parties, the suppliers first, each side sorted by key; m wishes, sorted by pair; S slots.

    keys (n,), most, least (n,); free (n, S), breaks taken out; supplier, demander (m,) rows of parties; value (m,) in
    units of the largest one, `unit`; interpreted (m,); to_supplier, to_demander (m,); bonus (S,): what the k-th
    meeting earns, in units. A timetable in the making is an array (m,) of slots, NOWHEN where the two do not meet.
    """

    keys: tuple[str, ...]
    suppliers: int
    most: Ints
    least: Ints
    free: Bools
    supplier: Ints
    demander: Ints
    value: Floats
    unit: float
    interpreted: Bools
    to_supplier: Floats
    to_demander: Floats
    bonus: Floats
    tables: int
    interpreters: int | None
    longest_run: int | None
    now: int = 0  # the first slot that can still change

    @property
    def slots(self) -> int:
        return int(self.free.shape[1])

    @property
    def open_slots(self) -> Ints:
        """Slots in which somebody is free."""
        return np.flatnonzero(self.free.any(axis=0))

    @property
    def meetable(self) -> Bools:
        """(m,): the two have a slot in common that is not past."""
        possible: Bools = np.any(self.free_together(self.free)[:, self.now :], axis=1)
        return possible

    def places_left(self, slot: Ints) -> int:
        """Tables, over all open slots that are not past, at which nobody meets."""
        return self.tables * int((self.open_slots >= self.now).sum()) - int((slot >= self.now).sum())

    def free_together(self, free: Bools) -> Bools:
        """(m, S) from (n, S)."""
        both: Bools = free[self.supplier] & free[self.demander]
        return both

    def degrees(self, held: Bools) -> Ints:
        """(n,) meetings of each party, of the wishes `held` (m,)."""
        ends = np.concatenate([self.supplier[held], self.demander[held]])
        return np.bincount(ends, minlength=len(self.keys))

    def busy(self, slot: Ints, held: Bools) -> Bools:
        """(n, S): who meets somebody when, of the wishes `held`."""
        taken = np.zeros_like(self.free)
        taken[self.supplier[held], slot[held]] = True
        taken[self.demander[held], slot[held]] = True
        return taken

    def capacity(self, free: Bools) -> Ints:
        """(n,): meetings that fit into slots `free` (n, S) without too long a run; `most` is not counted in."""
        if self.longest_run is None:
            return np.asarray(free.sum(axis=1), dtype=np.int64)
        count = np.zeros(len(free), dtype=np.int64)
        run = np.zeros(len(free), dtype=np.int64)
        for slot in range(free.shape[1]):  # taking each slot as early as possible is best
            sits = free[:, slot] & (run < self.longest_run)
            run = np.where(sits, run + 1, 0)
            count += sits
        return count

    def caps(self) -> Ints:
        """(n,): the most meetings that each party can have in all."""
        return np.minimum(self.most, self.capacity(self.free))

    def earned(self, held: Bools) -> tuple[float, float]:
        """(value, worth) of the wishes `held`, in the input's unit."""
        value = math.fsum((self.value[held] * self.unit).tolist())
        curve = np.concatenate([[0.0], np.cumsum(self.bonus)])
        return value, value + self.unit * math.fsum(curve[self.degrees(held)].tolist())


def ground_of(
    suppliers: Sequence[Party], demanders: Sequence[Party], wishes: Sequence[Wish], hall: Hall, aims: Aims
) -> Ground:
    """Input that has been checked, as arrays."""
    parties = [*sorted(suppliers, key=lambda party: party.key), *sorted(demanders, key=lambda party: party.key)]
    row = {party.key: index for index, party in enumerate(parties)}
    pairs = sorted(wishes, key=lambda wish: (wish.supplier, wish.demander))
    value = np.array([wish.value for wish in pairs], dtype=float)
    unit = float(value.max(initial=0.0)) or 1.0
    free = np.zeros((len(parties), hall.slots), dtype=bool)
    for index, party in enumerate(parties):
        free[index, slice(None) if party.free is None else sorted(party.free)] = True
    free[:, sorted(hall.breaks)] = False
    scaled = value / unit
    mean = float(scaled.mean()) if len(scaled) else 0.0
    return Ground(
        keys=tuple(party.key for party in parties),
        suppliers=len(suppliers),
        most=np.array([min(party.most, hall.slots) for party in parties], dtype=np.int64),
        least=np.array([min(party.least, BEYOND_ANY_HALL) for party in parties], dtype=np.int64),
        free=free,
        supplier=np.array([row[wish.supplier] for wish in pairs], dtype=np.int64),
        demander=np.array([row[wish.demander] for wish in pairs], dtype=np.int64),
        value=scaled,
        unit=unit,
        interpreted=np.array([wish.interpreted for wish in pairs], dtype=bool),
        to_supplier=np.array([_or(wish.to_supplier, wish.value) for wish in pairs], dtype=float),
        to_demander=np.array([_or(wish.to_demander, wish.value) for wish in pairs], dtype=float),
        bonus=aims.fairness * mean / np.arange(1, hall.slots + 1),
        tables=hall.tables,
        interpreters=hall.interpreters,
        longest_run=aims.longest_run,
    )


def _or(given: float | None, otherwise: float) -> float:
    return otherwise if given is None else given
