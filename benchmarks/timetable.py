"""The timetable of an event: how near the flow bound, at what cost, and what a repair moves.

Peer: slot by slot, always the most valuable pair that is still possible (sorted once for each slot, as event tools do
it). Worth here is value alone. With everybody free in every slot the bound is met; with 30 % of all (party, slot)
blocked the share of the bound is what counts, and the seconds. Repair: 5 % of the parties drop out before the day;
which share of the other meetings moves. Lines of value are ours / other: a share of the bound, or a multiple of the
peer's.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy: one thread for both sides

import time

import measure
import numpy as np

from leaderboard.events.timetable import Hall, Party, Timetable, Wish, plan, repair, stable

SIZES = {
    "small": (40, 50, 14, Hall(8, 30)),
    "middle": (200, 250, 22, Hall(12, 150)),
    "large": (1000, 1000, 20, Hall(12, 700)),
}
BLOCKED, GONE = 0.3, 0.05
Event = tuple[list[Party], list[Party], list[Wish], Hall]


def draw(suppliers: int, demanders: int, each: int, hall: Hall, *, blocked: float = 0.0) -> Event:
    """Each supplier could meet `each` demanders; some demanders are wanted more than others."""
    rng = np.random.default_rng(1)
    fame = rng.random(demanders)

    def party(key: str) -> Party:
        free = np.flatnonzero(rng.random(hall.slots) >= blocked)
        return Party(key, hall.slots, free=frozenset(free.tolist()) if blocked else None)

    left = [party(f"s{number:04}") for number in range(suppliers)]
    right = [party(f"d{number:04}") for number in range(demanders)]
    wishes = [
        Wish(one.key, right[two].key, float(0.2 + 0.48 * rng.random() + 0.32 * fame[two]))
        for one in left
        for two in rng.choice(demanders, each, replace=False)
    ]
    return left, right, wishes, hall


def greedy(event: Event) -> float:
    """Slot by slot, the most valuable pair first. Every party may meet in every slot, so caps never bind here."""
    left, right, wishes, hall = event
    free = {party.key: party.free for party in [*left, *right]}
    waiting = sorted(wishes, key=lambda wish: -wish.value)
    total = 0.0
    for slot in range(hall.slots):
        busy: set[str] = set()
        later, used = [], 0
        for wish in waiting:
            ends = (wish.supplier, wish.demander)
            if used < hall.tables and not any(
                key in busy or not ((hours := free[key]) is None or slot in hours) for key in ends
            ):
                busy.update(ends)
                used, total = used + 1, total + wish.value
            else:
                later.append(wish)
        waiting = later
    return total


def compare(name: str, event: Event, runs: int) -> Timetable:
    """Everybody is always free: the optimum, and what it costs."""
    found, other = plan(*event), stable(*event)
    sizes = (
        f"{len(event[0])} x {len(event[1])}, {len(event[2])} wishes, {event[3].slots} slots, {event[3].tables} tables"
    )
    print(f"{name}: {sizes}; {len(found.meetings)} meetings, value {found.value:.2f}, exact {found.exact}")
    print(f"  unserved {len(found.unserved)}, blocking pairs {len(found.blocking_pairs)}")
    print(
        f"  stable: {len(other.meetings)} meetings, value {other.value:.2f}, {len(other.blocking_pairs)} blocking pairs"
    )
    spent = measure.in_turn({"ours": lambda: plan(*event), "greedy": lambda: greedy(event)}, runs=runs)
    of_value(f"{name}.of_bound", "0.999999", found.value, "limit", found.bound)
    of_value(f"{name}.value", "1", found.value, "peer", greedy(event))
    measure.ratio(f"timetable.{name}.seconds", ours=spent["ours"], peer=LIMITS[name], goal="<= 1")
    measure.ratio(f"timetable.{name}.greedy_seconds", ours=spent["ours"], peer=spent["greedy"], goal="<= 20")
    return found


LIMITS = {"small": 0.1, "middle": 0.5, "large": 2.0}  # CPU-s: nobody waits


def of_value(name: str, goal: str, ours: float, side: str, other: float) -> None:
    """Our value as a share of another one, with digits enough to tell."""
    found = f"{ours / other:.5f} (goal >= {goal}; ours {ours:.6g} value, {side} {other:.6g} value)"
    print(f"RATIO timetable.{name} = {found}", flush=True)


def compare_blocked(name: str, event: Event) -> None:
    """30 % of (party, slot) blocked: once, because it takes long and is the same each time."""
    start = time.process_time()
    found = plan(*event)
    spent = time.process_time() - start
    start = time.process_time()
    first = plan(*event, rounds=0)
    print(
        f"{name}, 30 % blocked: {len(found.meetings)} meetings, gap {found.gap:.3%} in {spent:.2f} CPU-s;"
        f" without freeing slots {first.gap:.3%} in {time.process_time() - start:.2f} CPU-s"
    )
    of_value(f"{name}.blocked.of_bound", "0.99", found.value, "limit", found.bound)
    of_value(f"{name}.blocked.value", "1", found.value, "peer", greedy(event))


def compare_repair(name: str, event: Event, before: Timetable) -> None:
    """Drop-outs at random: what else changes, when nothing more may be lost than 5 %, 1 % and nothing."""
    keys = [party.key for party in [*event[0], *event[1]]]
    gone = set(np.random.default_rng(3).choice(keys, max(1, round(GONE * len(keys))), replace=False).tolist())
    remaining = sum(not gone & set(one.pair) for one in before.meetings)
    for loss in (0.05, 0.01, 0.0)[: 2 if name == "large" else 3]:  # there, nothing lost takes minutes
        start = time.process_time()
        found = repair(before, *event, gone=gone, loss=loss)
        changed = len(found.moved) + sum(one.reason == "timetable.given_up" for one in found.cancelled)
        print(
            f"{name}, repair without {len(gone)} parties, loss {loss:.0%}: {len(found.kept)} of {remaining} kept,"
            f" {len(found.moved)} moved, {changed - len(found.moved)} given up, {len(found.added)} added,"
            f" gap {found.timetable.gap:.3%}, {time.process_time() - start:.2f} CPU-s"
        )
        if loss == 0.05:
            print(f"  a new plan from nothing keeps {kept_by_chance(event, before, gone):.1%} of the slots")
            share = changed / remaining
            print(
                f"RATIO timetable.{name}.repair_moved = {share:.3g} (goal <= 0.05;"
                f" ours {changed} meetings, limit {remaining} meetings)"
            )


def kept_by_chance(event: Event, before: Timetable, gone: set[str]) -> float:
    """Share of the remaining meetings that a new plan leaves in their slot."""
    left, right, wishes, hall = event
    still = [wish for wish in wishes if not gone & {wish.supplier, wish.demander}]
    again = plan(
        [one for one in left if one.key not in gone], [one for one in right if one.key not in gone], still, hall
    )
    remaining = {(one.slot, *one.pair) for one in before.meetings if not gone & set(one.pair)}
    return len(remaining & {(one.slot, *one.pair) for one in again.meetings}) / len(remaining)


def main() -> None:
    asked = measure.options(__doc__)
    for name, size in list(SIZES.items())[: 1 if asked.quick else None]:
        event = draw(*size)
        before = compare(name, event, asked.runs)
        compare_repair(name, event, before)
        compare_blocked(name, draw(*size, blocked=BLOCKED))


if __name__ == "__main__":
    main()
