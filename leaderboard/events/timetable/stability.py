"""Who meets whom so that nobody can complain: deferred acceptance, many to many."""

from heapq import heappop, heappush

import numpy as np

from leaderboard.events.timetable.ground import NOWHEN, Bools, Ground, Ints


def accepted(ground: Ground) -> Bools:
    """(m,): the pairs that suppliers propose and demanders keep (Gale and Shapley, with caps on both sides).

    Each supplier asks the demanders in its own order; each demander keeps the best who asked, as many as it can meet.
    Equals go in order of key. No pair that has a slot in common would then both rather have each other, whatever else
    they got.
    """
    caps = ground.caps().tolist()
    wishes: list[list[int]] = [[] for _ in ground.keys]
    meetable = np.flatnonzero(ground.meetable)
    for wish in meetable[np.lexsort((meetable, -ground.to_supplier[meetable]))][::-1].tolist():
        wishes[ground.supplier[wish]].append(wish)  # the best one last, where pop takes it
    kept: list[list[tuple[float, int, int]]] = [[] for _ in ground.keys]  # heaps by demander, the worst first
    asking = list(range(ground.suppliers))[::-1]
    room = list(caps)
    while asking:
        supplier = asking.pop()
        while room[supplier] > 0 and wishes[supplier]:
            wish = wishes[supplier].pop()
            demander = int(ground.demander[wish])
            if caps[demander] == 0:
                continue
            room[supplier] -= 1
            heappush(kept[demander], (float(ground.to_demander[wish]), -supplier, wish))
            if len(kept[demander]) > caps[demander]:
                loser = -heappop(kept[demander])[1]
                room[loser] += 1
                if loser != supplier:
                    asking.append(loser)
    found = np.zeros(len(ground.value), dtype=bool)
    found[[wish for heap in kept for _, _, wish in heap]] = True
    return found


def blocking(ground: Ground, slot: Ints) -> Bools:
    """(m,): pairs that do not meet, could, and would both rather than have the worst meeting they got, or than an
    empty slot.

    Where the hall is full, a pair that would need a place more does not block.
    """
    held = slot != NOWHEN
    changeable = held & (slot >= ground.now)
    room = ground.caps() - ground.degrees(held)
    would: Bools = ground.meetable & ~held & (ground.caps()[ground.supplier] > 0) & (ground.caps()[ground.demander] > 0)
    idle = np.ones(len(held), dtype=bool)
    for end, liking in ((ground.supplier, ground.to_supplier), (ground.demander, ground.to_demander)):
        worst = np.full(len(ground.keys), np.inf)
        np.minimum.at(worst, end[changeable], liking[changeable])
        has_room = room[end] > 0
        would &= has_room | (liking > worst[end])
        idle &= has_room
    if ground.places_left(slot) <= 0:
        would &= ~idle
    return would
