"""Why a party got nothing, or less than its floor, by name: an alternating search that fails has found a cut."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace

import numpy as np

from leaderboard.events.timetable.ground import NOWHEN, Bools, Ground, Ints
from leaderboard.events.timetable.terms import Unserved


@dataclass(slots=True)
class _Search:
    """Where an alternating search from a party came to: through whom each party of the other side was reached, all
    parties of its own side, and the way out, if there is one.
    """

    side: list[int]
    reached: dict[int, int] = field(default_factory=dict)
    entered: dict[int, int] = field(default_factory=dict)  # own side: through which of the other
    with_room: int | None = None
    giver: int | None = None


class Plan:
    """Who meets whom, as sets that can be walked and changed."""

    def __init__(self, ground: Ground, slot: Ints, floors: Sequence[int]) -> None:
        self.ground = ground
        self.caps: list[int] = ground.caps().tolist()
        self.floors = list(floors)
        self.meets: list[set[int]] = [set() for _ in ground.keys]
        self.could: list[list[int]] = [[] for _ in ground.keys]
        ends = list(zip(ground.supplier.tolist(), ground.demander.tolist(), strict=True))
        for index in np.flatnonzero(ground.meetable).tolist():
            first, second = ends[index]
            self.could[first].append(second)
            self.could[second].append(first)
        for index in np.flatnonzero(slot != NOWHEN).tolist():
            self.join(*ends[index])
        self.places = ground.places_left(slot)

    def copy(self) -> "Plan":
        """A plan that can be changed without changing this one."""
        other = copy(self)
        other.floors = [*self.floors]
        other.meets = [{*whom} for whom in self.meets]
        return other

    def search(self, party: int, *, givers: bool) -> _Search:
        """From `party` along open wishes to full parties and back along their meetings; ends at one of the other side
        with room, or, if `givers`, at one of its own side that has more than its floor.
        """
        found = _Search([party])
        for own in found.side:  # grows
            for other in self.could[own]:
                if other in self.meets[own] or other in found.reached:
                    continue
                found.reached[other] = own
                if len(self.meets[other]) < self.caps[other]:
                    found.with_room = other
                    return found
                for giver in sorted(self.meets[other] - found.entered.keys() - {party}):
                    found.entered[giver] = other
                    found.side.append(giver)
                    if givers and len(self.meets[giver]) > self.floors[giver]:
                        found.giver = giver
                        return found
        return found

    def change(self, found: _Search) -> None:
        """Give the party at the start one meeting more, along the way that was found."""
        other = found.entered[found.giver] if found.giver is not None else found.with_room
        if found.giver is not None and other is not None:
            self.part(found.giver, other)
        while other is not None:
            own = found.reached[other]
            self.join(own, other)
            other = found.entered.get(own)
            if other is not None:
                self.part(own, other)

    def join(self, own: int, other: int) -> None:
        self.meets[own].add(other)
        self.meets[other].add(own)

    def part(self, own: int, other: int) -> None:
        self.meets[own].discard(other)
        self.meets[other].discard(own)

    def make_place(self) -> bool:
        """Take away a meeting that neither side needs for its floor; False if there is none."""
        for own in range(self.ground.suppliers):
            for other in sorted(self.meets[own]) if len(self.meets[own]) > self.floors[own] else ():
                if len(self.meets[other]) > self.floors[other]:
                    self.part(own, other)
                    self.places += 1
                    return True
        return False

    def names(self, parties: Sequence[int]) -> tuple[str, ...]:
        return tuple(sorted(self.ground.keys[party] for party in parties))


def unserved(ground: Ground, slot: Ints, least: Ints, dropped: Bools) -> tuple[Unserved, ...]:
    """Everybody who wants meetings and has none, or fewer than its floor, in order of key. `least` are the floors
    that were asked for, `dropped` (n,) those that could not be kept.
    """
    held = slot != NOWHEN
    kept = np.where(dropped, 0, least)
    degrees = ground.degrees(held)
    lacking = np.flatnonzero((degrees < least) | ((degrees == 0) & (ground.most > 0)))
    if not len(lacking):
        return ()
    plan = Plan(ground, slot, kept.tolist())
    found = []
    for party in lacking.tolist():
        short = Unserved(ground.keys[party], int(degrees[party]), int(least[party]), "timetable.no_wishes")
        found.append(
            (dropped[party] and _floors(plan.copy(), party, short))
            or _without_a_chance(plan, party, short)
            or _why(plan, party, short)
        )
    return tuple(sorted(found, key=lambda one: one.party))


def _without_a_chance(plan: Plan, party: int, short: Unserved) -> Unserved | None:
    """Why a party could not even have a meeting if nobody else came; None if it could."""
    ground = plan.ground
    if plan.could[party]:
        return None
    whom = np.concatenate([ground.demander[ground.supplier == party], ground.supplier[ground.demander == party]])
    if not len(whom):
        return short
    if not ground.free[party, ground.now :].any():
        return replace(short, reason="timetable.never_free")
    return replace(short, reason="timetable.no_slot_in_common", wanted=plan.names(whom.tolist()))


def _why(plan: Plan, party: int, short: Unserved) -> Unserved:
    """Why a party that could have a meeting has none, or no further one, where no floor stands in the way."""
    found = plan.search(party, givers=False)
    if found.with_room is None:
        possible = sum(len(plan.meets[own]) for own in found.side)
        return _cut(plan, replace(short, reason="timetable.crowded", needed=possible + 1, possible=possible), found)
    if plan.places <= 0:
        return replace(short, reason="timetable.hall_full")
    if found.with_room in plan.could[party]:
        return replace(short, reason="timetable.no_time_found", wanted=plan.names([found.with_room]))
    return replace(short, reason="timetable.would_displace", rivals=plan.names(_way_back(found)))


def _way_back(found: _Search) -> list[int]:
    """Those of the party's own side who would have to change."""
    way: list[int] = []
    other = found.with_room
    while other is not None:
        own = found.reached[other]
        other = found.entered.get(own)
        if other is not None:
            way.append(own)
    return way


def _floors(plan: Plan, party: int, short: Unserved) -> Unserved | None:
    """Why the floor of `party` cannot be met beside the `kept` ones: `plan` is changed in its favour until that fails.

    None if it does not fail (interpreters are what lacks, or the search for the fewest floors to drop ended early),
    or if the party could meet nobody anyway.
    """
    if not plan.could[party]:
        return None
    if short.least > plan.caps[party]:
        return replace(short, reason="timetable.too_few_slots", needed=short.least, possible=plan.caps[party])
    plan.floors[party] = short.least
    while len(plan.meets[party]) < short.least:
        found = plan.search(party, givers=True)
        if found.with_room is None and found.giver is None:
            needed = sum(plan.floors[own] for own in found.side)
            possible = sum(len(plan.meets[own]) for own in found.side)
            return _cut(
                plan, replace(short, reason="timetable.floors_collide", needed=needed, possible=possible), found
            )
        if found.giver is None:
            if plan.places <= 0 and not plan.make_place():
                return replace(short, reason="timetable.floors_fill_the_hall")
            plan.places -= 1
        plan.change(found)
    return None


def _cut(plan: Plan, short: Unserved, found: _Search) -> Unserved:
    return replace(short, rivals=plan.names(found.side), wanted=plan.names(list(found.reached)))
