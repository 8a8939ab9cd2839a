"""Is the input fit for a timetable? Everything that is wrong is said at once, in a fixed order."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from leaderboard.events.timetable.errors import Finding, TimetableError
from leaderboard.events.timetable.terms import Aims, Hall, Meeting, Party, Wish

LARGEST_VALUE = 1e100  # sums of such values are still finite
LARGEST_WEIGHT = 1000.0  # of fairness against value; beyond it the solver's precision would drown the values


def refuse_bad_input(
    suppliers: Sequence[Party], demanders: Sequence[Party], wishes: Sequence[Wish], hall: Hall, aims: Aims
) -> None:
    """TimetableError with all findings, if there are any."""
    refuse(
        (
            *_of_hall(hall),
            *_of_aims(aims),
            *_of_parties([*suppliers, *demanders], hall),
            *_of_wishes(suppliers, demanders, wishes),
        )
    )


def refuse(findings: Iterable[Finding]) -> None:
    """TimetableError if there are findings."""
    if found := sorted(findings, key=str):
        raise TimetableError(found)


def _of_hall(hall: Hall) -> Iterator[Finding]:
    if hall.slots < 1:
        yield Finding("timetable.slots", {"slots": hall.slots})
    if hall.tables < 1:
        yield Finding("timetable.tables", {"tables": hall.tables})
    if hall.interpreters is not None and hall.interpreters < 0:
        yield Finding("timetable.interpreters", {"interpreters": hall.interpreters})
    for slot in hall.breaks:
        if not 0 <= slot < hall.slots:
            yield Finding("timetable.break_outside", {"slot": slot, "slots": hall.slots})


def _of_aims(aims: Aims) -> Iterator[Finding]:
    if not 0 <= aims.fairness <= LARGEST_WEIGHT:
        yield Finding("timetable.fairness", {"fairness": aims.fairness, "most": LARGEST_WEIGHT})
    if aims.longest_run is not None and aims.longest_run < 1:
        yield Finding("timetable.longest_run", {"longest_run": aims.longest_run})


def _of_parties(parties: Sequence[Party], hall: Hall) -> Iterator[Finding]:
    for key, times in Counter(party.key for party in parties).items():
        if times > 1:
            yield Finding("timetable.party_twice", {"party": key, "times": times})
    for party in parties:
        if party.most < 0:
            yield Finding("timetable.most", {"party": party.key, "most": party.most})
        if party.least < 0:
            yield Finding("timetable.least", {"party": party.key, "least": party.least})
        if party.least > party.most:
            yield Finding("timetable.floor_above_most", {"party": party.key, "least": party.least, "most": party.most})
        for slot in party.free or ():
            if not 0 <= slot < hall.slots:
                yield Finding("timetable.free_outside", {"party": party.key, "slot": slot, "slots": hall.slots})
    open_slots = set(range(hall.slots)) - hall.breaks
    if parties and hall.slots > 0 and not any(_free(party, open_slots) for party in parties):
        yield Finding("timetable.nobody_free")


def _free(party: Party, open_slots: set[int]) -> set[int]:
    return open_slots if party.free is None else open_slots & party.free


def _of_wishes(suppliers: Sequence[Party], demanders: Sequence[Party], wishes: Sequence[Wish]) -> Iterator[Finding]:
    known = {"supplier": {party.key for party in suppliers}, "demander": {party.key for party in demanders}}
    for (supplier, demander), times in Counter((wish.supplier, wish.demander) for wish in wishes).items():
        if times > 1:
            yield Finding("timetable.wish_twice", {"supplier": supplier, "demander": demander, "times": times})
    for wish in wishes:
        pair: dict[str, str | int | float] = {"supplier": wish.supplier, "demander": wish.demander}
        if wish.supplier not in known["supplier"]:
            yield Finding("timetable.unknown_supplier", pair)
        if wish.demander not in known["demander"]:
            yield Finding("timetable.unknown_demander", pair)
        for name in ("value", "to_supplier", "to_demander"):
            amount = getattr(wish, name)
            if amount is not None and not 0 < amount <= LARGEST_VALUE:  # NaN fails both comparisons
                yield Finding("timetable.value", {**pair, "name": name, "value": amount})


def refuse_bad_repair(
    meetings: Sequence[Meeting],
    known: tuple[set[str], set[tuple[str, str]]],
    hall: Hall,
    changes: tuple[frozenset[str], frozenset[tuple[str, int]], int, float],
) -> None:
    """TimetableError unless the old meetings are of these wishes and the changes of these parties and slots.

    `known`: keys of parties, pairs of wishes. `changes`: gone, blocked, now, loss.
    """
    gone, blocked, now, loss = changes
    keys, pairs = known
    found = [Finding("timetable.unknown_party", {"party": key}) for key in {*gone, *(key for key, _ in blocked)} - keys]
    found += [
        Finding("timetable.blocked_outside", {"party": key, "slot": slot, "slots": hall.slots})
        for key, slot in blocked
        if not 0 <= slot < hall.slots
    ]
    if not 0 <= now <= hall.slots:
        found.append(Finding("timetable.now", {"now": now, "slots": hall.slots}))
    if not (math.isfinite(loss) and 0 <= loss <= 1):
        found.append(Finding("timetable.loss", {"loss": loss}))
    refuse([*found, *_of_meetings(meetings, pairs, hall)])


def _of_meetings(meetings: Sequence[Meeting], pairs: set[tuple[str, str]], hall: Hall) -> Iterator[Finding]:
    for one in meetings:
        named: dict[str, str | int | float] = {"supplier": one.supplier, "demander": one.demander}
        if one.pair not in pairs:
            yield Finding("timetable.meeting_without_wish", named)
        if not (0 <= one.slot < hall.slots and 0 <= one.table < hall.tables):
            yield Finding("timetable.meeting_outside", {**named, "slot": one.slot, "table": one.table})
    for (supplier, demander), times in Counter(one.pair for one in meetings).items():
        if times > 1:
            yield Finding("timetable.met_twice", {"supplier": supplier, "demander": demander, "times": times})
    seats = [
        seat
        for one in meetings
        for seat in (
            (one.slot, "party", one.supplier),
            (one.slot, "party", one.demander),
            (one.slot, "table", one.table),
        )
    ]
    for (slot, kind, who), times in Counter(seats).items():
        if times > 1:
            yield Finding("timetable.booked_twice", {"slot": slot, "kind": kind, "who": who, "times": times})
