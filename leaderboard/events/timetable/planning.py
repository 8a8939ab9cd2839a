"""A timetable from nothing: the most valuable one, or a stable one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from leaderboard.events.timetable.checks import refuse_bad_input
from leaderboard.events.timetable.colouring import coloured
from leaderboard.events.timetable.filling import Filler
from leaderboard.events.timetable.ground import NOWHEN, Bools, Ground, Ints, ground_of
from leaderboard.events.timetable.programme import Programme, Solution
from leaderboard.events.timetable.proofs import unserved
from leaderboard.events.timetable.seating import seated
from leaderboard.events.timetable.stability import accepted, blocking
from leaderboard.events.timetable.terms import Aims, Hall, Meeting, Party, Timetable, Wish

ROUNDS = 150  # pairs of slots that are freed: two sweeps over twelve slots
NO_AIMS = Aims()
_EQUAL = 1e-9  # relative: worth and bound are sums of the same numbers in another order


def plan(
    suppliers: Iterable[Party],
    demanders: Iterable[Party],
    wishes: Iterable[Wish],
    hall: Hall,
    *,
    aims: Aims = NO_AIMS,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> Timetable:
    """The timetable of the greatest worth that keeps as many floors as possible.

    Where everybody is free in every open slot (and neither interpreters nor runs are limited) it is the optimum: a
    flow says who meets whom, a colouring when. Otherwise slots are filled one by one and then freed two by two, at
    most `rounds` times in an order drawn from `seed`, and `gap` says how far from the bound that ended. Values that
    differ by less than a millionth of the largest count as equal. Nobody at all gives an empty timetable;
    TimetableError for input that makes no sense.
    """
    ground = checked(list(suppliers), list(demanders), list(wishes), hall, aims)
    flow, dropped = who(ground)
    least = np.where(dropped, 0, ground.least)
    slot = _scheduled(ground, flow, least, rounds=rounds, seed=seed)
    return timetable(ground, slot, flow.worth, least, dropped)


def stable(
    suppliers: Iterable[Party],
    demanders: Iterable[Party],
    wishes: Iterable[Wish],
    hall: Hall,
    *,
    aims: Aims = NO_AIMS,
    rounds: int = ROUNDS,
    seed: int = 0,
) -> Timetable:
    """The timetable of deferred acceptance: suppliers propose, demanders keep the best who asked.

    Guaranteed where everybody is free in every open slot and the hall has room for all accepted pairs: no blocking
    pair, for parties who like each meeting by itself (`to_supplier`, `to_demander`), not certain sets of meetings; of
    all such plans the one that suppliers like best. Stating true preferences is a supplier's best policy only if it
    wants one meeting, and not a demander's. Where the hall is too small the least valuable pairs are left out, and
    with blocked slots some pairs may find no time; `blocking_pairs` then names who is wronged. Floors and fairness do
    not choose who meets whom. Usually less worth than `plan`: see `gap`. Arguments and errors as in `plan`.
    """
    ground = checked(list(suppliers), list(demanders), list(wishes), hall, aims)
    flow, dropped = who(ground)
    chosen = accepted(ground)
    ranked = np.flatnonzero(chosen)[np.argsort(-ground.value[chosen], kind="stable")]
    chosen[ranked[ground.tables * len(ground.open_slots) :]] = False
    pairs = np.flatnonzero(chosen)
    narrowed = replace(
        ground,
        **{
            name: getattr(ground, name)[pairs]
            for name in ("supplier", "demander", "value", "interpreted", "to_supplier", "to_demander")
        },
    )
    least = np.where(dropped, 0, ground.least)
    everything = Solution(np.arange(len(pairs)), np.zeros(len(pairs), dtype=np.int64), 0.0)
    slot = np.full(len(chosen), NOWHEN)
    slot[pairs] = _scheduled(narrowed, everything, np.zeros_like(least), rounds=rounds, seed=seed)
    return timetable(ground, slot, flow.worth, least, dropped)


def checked(suppliers: list[Party], demanders: list[Party], wishes: list[Wish], hall: Hall, aims: Aims) -> Ground:
    """The input as arrays; TimetableError if it makes no sense."""
    refuse_bad_input(suppliers, demanders, wishes, hall, aims)
    return ground_of(suppliers, demanders, wishes, hall, aims)


def who(ground: Ground, slot: Ints | None = None, pooled: Sequence[int] | None = None) -> tuple[Solution, Bools]:
    """The flow: pairs to meet in the slots `pooled` (all), whichever, beside what `slot` has in others; and the
    floors (n,) to drop.
    """
    slot = np.full(len(ground.value), NOWHEN) if slot is None else slot
    programme = Programme(
        ground, slot, np.zeros(len(slot), dtype=bool), (), ground.open_slots.tolist() if pooled is None else pooled
    )
    found = programme.solve(ground.least)
    met = programme.degrees + np.bincount(
        np.concatenate([ground.supplier[found.wish], ground.demander[found.wish]]), minlength=len(ground.keys)
    )
    dropped = np.zeros(len(ground.keys), dtype=bool)
    if (met < ground.least).any():
        dropped = programme.fewest_floors_dropped(ground.least, met < ground.least)
        found = programme.solve(np.where(dropped, 0, ground.least))
    return found, dropped


def _scheduled(ground: Ground, flow: Solution, least: Ints, *, rounds: int, seed: int) -> Ints:
    """Slots (m,) for the pairs of the flow, or for as good ones as can be placed."""
    slot = np.full(len(ground.value), NOWHEN)
    open_slots = ground.open_slots
    if _separable(ground):
        edges = list(zip(ground.supplier[flow.wish].tolist(), ground.demander[flow.wish].tolist(), strict=True))
        slot[flow.wish] = open_slots[coloured(edges, len(ground.keys), len(open_slots))] if edges else NOWHEN
        return slot
    filler = Filler(ground, tuple(open_slots.tolist()), np.zeros(len(slot), dtype=bool), least)
    return filler.improve(
        filler.fill(slot),
        rounds=rounds,
        seed=seed,
        enough=lambda found: ground.earned(found != NOWHEN)[1] >= flow.worth * ground.unit * (1 - _EQUAL),
    )


def _separable(ground: Ground) -> bool:
    """Who and when can be decided one after the other: every slot is like every other."""
    involved = np.unique(np.concatenate([ground.supplier, ground.demander]))
    same = bool((ground.free[involved] == ground.free.any(axis=0)).all())
    runs = ground.longest_run is None or ground.longest_run >= ground.slots
    interpreters = ground.interpreters is None or not ground.interpreted.any() or ground.interpreters >= ground.tables
    return same and runs and interpreters


def timetable(
    ground: Ground,
    slot: Ints,
    bound: float,
    least: Ints,
    dropped: Bools,
    tables: dict[tuple[int, str, str], int] | None = None,
) -> Timetable:
    """The timetable of an array of slots (m,), with its figures. `bound` is in units; `least` (n,) are the floors
    kept; `tables` are those that are given already.
    """
    held = slot != NOWHEN
    value, worth = ground.earned(held)
    bound = max(bound * ground.unit, worth)
    gap = (bound - worth) / bound if bound else 0.0
    met = bool((ground.degrees(held) >= least).all())
    return Timetable(
        meetings=_meetings(ground, slot, tables),
        value=value,
        worth=worth,
        bound=bound,
        exact=gap <= _EQUAL and met,
        gap=0.0 if gap <= _EQUAL else gap,
        unserved=unserved(ground, slot, ground.least, dropped),
        floors_dropped=tuple(sorted(ground.keys[party] for party in np.flatnonzero(dropped))),
        blocking_pairs=tuple(pairs_of(ground, blocking(ground, slot))),
    )


def pairs_of(ground: Ground, chosen: Bools) -> list[tuple[str, str]]:
    """Keys of the wishes `chosen` (m,)."""
    rows = np.flatnonzero(chosen)
    ends = zip(ground.supplier[rows].tolist(), ground.demander[rows].tolist(), strict=True)
    return [(ground.keys[first], ground.keys[second]) for first, second in ends]


def _meetings(ground: Ground, slot: Ints, tables: dict[tuple[int, str, str], int] | None) -> tuple[Meeting, ...]:
    held = slot != NOWHEN
    whens = slot[held].tolist()
    return seated(
        ((when, *pair) for when, pair in zip(whens, pairs_of(ground, held), strict=True)), ground.tables, tables
    )
