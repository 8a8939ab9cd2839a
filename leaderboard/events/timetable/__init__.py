"""The timetable of a matchmaking event: which supplier meets which demander, in which slot, at which table.

    plan(suppliers, demanders, wishes, hall)     the most valuable timetable, with a bound on what is possible  →
    Timetable stable(suppliers, demanders, wishes, hall)   no pair would rather have each other
    → Timetable repair(before, …, gone=…, blocked=…, now=…)  the day goes on: few meetings change
    → Repair

No database, no web, no clock: parties in, meetings out. The same input gives the same timetable, in whatever order it
comes. Slots and tables are counted from 0. Importing this package loads neither NumPy nor SciPy; the verbs do, when
first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from leaderboard.events.timetable.errors import Finding, TimetableError
from leaderboard.events.timetable.terms import (
    Aims,
    Cancelled,
    Hall,
    Meeting,
    Moved,
    Party,
    Repair,
    Timetable,
    Unserved,
    Wish,
)

if TYPE_CHECKING:
    from leaderboard.events.timetable.planning import plan, stable
    from leaderboard.events.timetable.repairing import repair

_HOME = {"plan": "planning", "stable": "planning", "repair": "repairing"}

__all__ = [
    "Aims",
    "Cancelled",
    "Finding",
    "Hall",
    "Meeting",
    "Moved",
    "Party",
    "Repair",
    "Timetable",
    "TimetableError",
    "Unserved",
    "Wish",
    "plan",
    "repair",
    "stable",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'leaderboard.events.timetable' has no attribute {name!r}")
    return getattr(import_module(f"leaderboard.events.timetable.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return __all__
