"""A timetable that no longer holds: somebody dropped out, a slot is blocked. Little changes, nothing of the past."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import replace

import numpy as np

from leaderboard.events.timetable.checks import refuse_bad_repair
from leaderboard.events.timetable.filling import Filler
from leaderboard.events.timetable.ground import NOWHEN, Bools, Ground, Ints
from leaderboard.events.timetable.planning import NO_AIMS, ROUNDS, checked, pairs_of, timetable, who
from leaderboard.events.timetable.programme import Leaning
from leaderboard.events.timetable.terms import Aims, Cancelled, Hall, Meeting, Moved, Party, Repair, Timetable, Wish

_LEANINGS = (
    (1.0, 1.0),
    (1.0, 0.1),
    (0.1, 0.01),
)  # what meeting again, and in the old slot, is worth: ever less, never nothing
_NOBODY: frozenset[str] = frozenset()
_NO_SLOT: frozenset[tuple[str, int]] = frozenset()


def repair(
    before: Timetable,
    suppliers: Iterable[Party],
    demanders: Iterable[Party],
    wishes: Iterable[Wish],
    hall: Hall,
    *,
    gone: AbstractSet[str] = _NOBODY,
    blocked: AbstractSet[tuple[str, int]] = _NO_SLOT,
    now: int = 0,
    loss: float = 0.05,
    aims: Aims = NO_AIMS,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> Repair:
    """A timetable for what is left of the day, as near to `before` as possible.

    `gone` parties come to no slot from `now` on; `blocked` are (party, slot) pairs that are no longer free; slots
    before `now` stay as they are. Parties, wishes and hall are those of the plan, the gone ones among them; wishes
    may have come in.

    First everything that still can be stays where it is, at its table, displaced pairs get another slot, and freed
    places go to open wishes. Only if this is worth less than 1 - `loss` of the bound, others are moved too, two slots
    at a time, first at a high price for each move, then at lower ones, until it is not (or `rounds` are used up at
    each price). With `loss` 1 nothing moves that need not. TimetableError as in `plan`, and for changes or old
    meetings that do not fit the input.
    """
    ground = checked(list(suppliers), list(demanders), list(wishes), hall, aims)
    pairs = {pair: row for row, pair in enumerate(pairs_of(ground, np.ones(len(ground.value), dtype=bool)))}
    refuse_bad_repair(
        before.meetings, (set(ground.keys), set(pairs)), hall, (frozenset(gone), frozenset(blocked), now, loss)
    )
    old = np.full(len(ground.value), NOWHEN)
    for meeting in before.meetings:
        old[pairs[meeting.pair]] = meeting.slot
    ground = _left(ground, old, gone, blocked, now)
    stands = (old != NOWHEN) & ground.free[ground.supplier, old] & ground.free[ground.demander, old]
    start = np.where(stands, old, NOWHEN)
    slot, bound, dropped = _refilled(ground, old, start, loss=loss, rounds=rounds, seed=seed)
    standing = {(one.slot, *one.pair): one.table for one in before.meetings if slot[pairs[one.pair]] == one.slot}
    after = timetable(ground, slot, bound, np.where(dropped, 0, ground.least), dropped, standing)
    return _difference(before, after, stands={pair for pair, row in pairs.items() if stands[row]}, gone=gone)


def _left(ground: Ground, old: Ints, gone: AbstractSet[str], blocked: AbstractSet[tuple[str, int]], now: int) -> Ground:
    """What is left of the day: in the past, a party is free where it met somebody, and nowhere else."""
    row = {key: index for index, key in enumerate(ground.keys)}
    free, most, least = ground.free.copy(), ground.most.copy(), ground.least.copy()
    for key, when in blocked:
        free[row[key], when] = False
    leaving = [row[key] for key in gone]
    free[leaving] = False
    most[leaving] = least[leaving] = 0
    free[:, :now] = ground.busy(old, old != NOWHEN)[:, :now]
    return replace(ground, free=free, most=most, least=least, now=now)


def _refilled(
    ground: Ground, old: Ints, start: Ints, *, loss: float, rounds: int, seed: int
) -> tuple[Ints, float, Bools]:
    """(slots, bound in units, floors dropped)."""
    past = (start != NOWHEN) & (start < ground.now)
    within = tuple(ground.open_slots[ground.open_slots >= ground.now].tolist())
    flow, dropped = who(ground, start, within)
    least = np.where(dropped, 0, ground.least)
    bound = flow.worth + ground.earned(past)[1] / ground.unit

    def worth(slot: Ints) -> float:
        return ground.earned(slot != NOWHEN)[1] / ground.unit

    def enough(slot: Ints) -> bool:
        return worth(slot) >= (1 - loss) * bound

    staying = Filler(ground, within, start != NOWHEN, least, Leaning(old, 1.0, 0.0))
    slot = staying.improve(staying.fill(start), rounds=rounds, seed=seed, enough=lambda found: worth(found) >= bound)
    for again, there in _LEANINGS:
        if enough(slot):
            break
        moving = Filler(ground, within, past, least, Leaning(old, again, there))
        found = moving.improve(slot, rounds=rounds, seed=seed, enough=enough)
        slot = found if worth(found) > worth(slot) else slot
    return slot, bound, dropped


def _difference(
    before: Timetable, after: Timetable, *, stands: AbstractSet[tuple[str, str]], gone: AbstractSet[str]
) -> Repair:
    new = {meeting.pair: meeting for meeting in after.meetings}
    kept: list[Meeting] = []
    moved: list[Moved] = []
    cancelled: list[Cancelled] = []
    for old in before.meetings:
        meeting = new.pop(old.pair, None)
        if meeting is None:
            left = "timetable.given_up" if old.pair in stands else "timetable.no_other_slot"
            cancelled.append(Cancelled(old, "timetable.party_gone" if gone & set(old.pair) else left))
        elif meeting.slot == old.slot:
            kept.append(meeting)
        else:
            moved.append(Moved(old, meeting))
    return Repair(after, tuple(kept), tuple(moved), tuple(cancelled), tuple(sorted(new.values())))
