"""At which table: whoever meets twice running stays seated where that is possible."""

from collections.abc import Iterable, Mapping

from leaderboard.events.timetable.terms import Meeting

Placed = tuple[int, str, str]  # slot, supplier, demander


def seated(placed: Iterable[Placed], tables: int, kept: Mapping[Placed, int] | None = None) -> tuple[Meeting, ...]:
    """A table for each meeting, in order of slot and table. `kept` are tables that are given already.

    Greedy, slot by slot: first those who can both stay at the table of their last meetings, then those of whom one
    can, then the others, at the lowest tables that are nobody's last one if there are any. A slot holds at most
    `tables` meetings.
    """
    kept = kept or {}
    by_slot: dict[int, list[Placed]] = {}
    for one in sorted(placed):
        by_slot.setdefault(one[0], []).append(one)
    last: dict[str, int] = {}
    meetings: list[Meeting] = []
    for slot, here in sorted(by_slot.items()):
        given = _seat(here, tables, {one: kept[one] for one in here if one in kept}, last)
        for (_, supplier, demander), table in given.items():
            last[supplier] = last[demander] = table
            meetings.append(Meeting(slot, table, supplier, demander))
    return tuple(sorted(meetings))


def _seat(here: list[Placed], tables: int, given: dict[Placed, int], last: Mapping[str, int]) -> dict[Placed, int]:
    free = set(range(tables)) - set(given.values())
    asked = [(one, last[party]) for one in here for party in one[1:] if party in last]
    twice = [
        ask for number, ask in enumerate(asked) if ask in asked[max(number - 1, 0) : number]
    ]  # both ends ask for it
    for one, table in [*twice, *asked]:
        if one not in given and table in free:
            given[one] = table
            free.discard(table)
    claimed = {table for _, table in asked}
    rest = sorted(free, key=lambda table: (table in claimed, table))
    waiting = (one for one in here if one not in given)
    given.update(zip(waiting, rest, strict=False))
    return given
