"""Places: best first, with the second listing of a supplier behind equals of others.

This is maximal marginal relevance with one similarity, "the same supplier". The best listing of each supplier is never held
back and all its others are held back alike, so the greedy order is a plain sort, and the place of a changed listing is found
without sorting again.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from leaderboard.exchange.matching.config import Config


class Candidate(NamedTuple):
    """What decides a place."""

    key: str
    supplier: str
    placing: float


Place = tuple[float, float, str]


class Ranking:
    """The order of those at or above the floor. `order` holds their keys, best first."""

    def __init__(self, candidates: Iterable[Candidate], config: Config) -> None:
        self._config = config
        self._groups: dict[str, list[Candidate]] = {}
        for one in candidates:
            if one.placing >= config.floor:
                self._groups.setdefault(one.supplier, []).append(one)
        self._places = sorted(place for group in self._groups.values() for place in self._placed(group))
        self.order = tuple(key for _, _, key in self._places)

    def _placed(self, group: Sequence[Candidate]) -> list[Place]:
        share = self._config.diversity
        ordered = sorted(group, key=lambda one: (-one.placing, one.key))
        return [
            ((share if at else 0.0) - (1 - share) * one.placing, -one.placing, one.key)
            for at, one in enumerate(ordered)
        ]

    def with_changed(self, changed: Candidate) -> int | None:
        """The place (from 1) of a listing that is changed to, or added as, `changed`; None below the floor."""
        if changed.placing < self._config.floor:
            return None
        old = self._groups.get(changed.supplier, [])
        before = self._placed(old)
        after = self._placed([*(one for one in old if one.key != changed.key), changed])
        mine = next(place for place in after if place[2] == changed.key)
        return (
            bisect_left(self._places, mine) - sum(one < mine for one in before) + sum(one < mine for one in after) + 1
        )
