"""When the wishes are fulfilled, where not everybody is free in every slot.

That is a timetabling problem, and NP-hard. First each slot in turn gets its best meetings with an eye on what is left
for the later ones; then two slots at a time are freed and filled anew. Rounds are counted, not seconds: the same
input ends at the same timetable.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from leaderboard.events.timetable.ground import NOWHEN, Bools, Ground, Ints
from leaderboard.events.timetable.programme import POOL, Leaning, Programme, Solution, floor_weight

_NOTHING = 1e-9  # units: an improvement smaller than this is rounding


@dataclass(frozen=True, slots=True)
class Filler:
    """Fills the slots `within` of a timetable in the making: `pinned` (m,) meetings stay, floors are `least` (n,)."""

    ground: Ground
    within: tuple[int, ...]
    pinned: Bools
    least: Ints
    leaning: Leaning | None = None

    def fill(self, slot: Ints) -> Ints:
        """Meetings for each slot in turn, (m,), those that are pinned or outside kept; all others are decided anew."""
        slot = np.where(self.pinned | ~np.isin(slot, self.within), slot, NOWHEN)
        for number, now in enumerate(self.within):
            slot = self._placed(slot, self._solve(slot, (now,), self.within[number + 1 :]), (now,))
        return slot

    def improve(self, slot: Ints, *, rounds: int, seed: int, enough: Callable[[Ints], bool]) -> Ints:
        """Free pairs of slots in random order until it is `enough`, a sweep gained nothing, or rounds are used up."""
        best = self.score(slot)
        idle, pairs = 0, len(self.within) * (len(self.within) - 1) // 2
        for _, pair in zip(range(rounds), self._pairs(seed), strict=False):
            if idle >= pairs or enough(slot):
                break
            found = self._placed(slot, self._solve(slot, pair, ()), pair)
            score = self.score(found)
            idle = 0 if score > best + _NOTHING else idle + 1
            if score >= best - _NOTHING:  # an equal one too: it may open a way for the next pair
                slot, best = found, max(best, score)
        return slot

    def score(self, slot: Ints) -> float:
        """Units that a timetable earns: value, fairness, floors met, and what it holds on to."""
        held = np.flatnonzero(slot != NOWHEN)
        degrees = self.ground.degrees(slot != NOWHEN)
        curve = np.concatenate([[0.0], np.cumsum(self.ground.bonus)])
        earned = float(self.ground.value[held].sum() + curve[degrees].sum())
        if self.leaning is not None:
            earned += float(self.leaning.of(held, slot[held]).sum())
        return earned + floor_weight(self.ground) * int(np.minimum(degrees, self.least).sum())

    def _pairs(self, seed: int) -> Iterator[tuple[int, int]]:
        rng = np.random.default_rng(seed)
        pairs = list(combinations(self.within, 2))
        while pairs:
            for index in rng.permutation(len(pairs)):
                yield pairs[index]

    def _solve(self, slot: Ints, exact: tuple[int, ...], pooled: tuple[int, ...]) -> Solution:
        return Programme(self.ground, slot, self.pinned, exact, pooled).solve(self.least, self.leaning)

    def _placed(self, slot: Ints, found: Solution, exact: tuple[int, ...]) -> Ints:
        placed = np.where(~self.pinned & np.isin(slot, exact), NOWHEN, slot)
        decided = found.place != POOL
        placed[found.wish[decided]] = found.place[decided]
        return placed
