"""The English sentence of every message id of `timetable`: what is wrong with its input, who cannot be served and why, what a
repair did away with. Parties come in by the names that the reader may know.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from leaderboard.core.i18n import N_

_FINDINGS: Final = {
    "timetable.slots": N_("The day has no slot."),
    "timetable.tables": N_("The hall has no table."),
    "timetable.interpreters": N_("The number of interpreters cannot be {interpreters}."),
    "timetable.break_outside": N_("The break in slot {slot} lies outside the {slots} slots."),
    "timetable.fairness": N_("Fairness goes from 0 to {most}; {fairness} was asked for."),
    "timetable.longest_run": N_("The longest run must be at least one meeting; {longest_run} was asked for."),
    "timetable.party_twice": N_("{party} takes part {times} times."),
    "timetable.most": N_("{party} cannot have at most {most} meetings."),
    "timetable.least": N_("{party} cannot have at least {least} meetings."),
    "timetable.floor_above_most": N_("{party} wants at least {least} meetings, and at most {most}."),
    "timetable.free_outside": N_("{party} is free in slot {slot}, which the day with its {slots} slots does not have."),
    "timetable.nobody_free": N_("Nobody can come in any slot that is not a break."),
    "timetable.wish_twice": N_("The wish that {supplier} and {demander} meet is there {times} times."),
    "timetable.unknown_supplier": N_(
        "A wish names {supplier} as supplier for {demander}, but no such supplier takes part."
    ),
    "timetable.unknown_demander": N_(
        "A wish names {demander} as demander for {supplier}, but no such demander takes part."
    ),
    "timetable.value": N_(
        "What it is worth that {supplier} and {demander} meet cannot be counted with: {name} is {value}."
    ),
    "timetable.unknown_party": N_("{party} is to be changed, but does not take part."),
    "timetable.blocked_outside": N_(
        "{party} cannot come to slot {slot}, which the day with its {slots} slots does not have."
    ),
    "timetable.now": N_("It cannot be slot {now}: the day has {slots} slots."),
    "timetable.loss": N_("The value that may be lost is a share from 0 to 1; {loss} was asked for."),
    "timetable.meeting_without_wish": N_(
        "{supplier} and {demander} meet in the old timetable, but nobody wants that any more."
    ),
    "timetable.meeting_outside": N_(
        "{supplier} and {demander} meet in slot {slot} at table {table}, which the hall does not have."
    ),
    "timetable.met_twice": N_("{supplier} and {demander} meet {times} times in the old timetable."),
    "timetable.booked_twice": N_("In slot {slot} the old timetable has {who} in {times} meetings at once."),
}

_REASONS: Final = {
    "timetable.no_wishes": N_(
        "Nobody is to meet it: no side ranked the other and no match speaks for a meeting, or it was turned down."
    ),
    "timetable.never_free": N_("It is free in no slot in which meetings can be."),
    "timetable.no_slot_in_common": N_("Nobody whom it could meet ({wanted}) is free when it is."),
    "timetable.too_few_slots": N_("It wants at least {needed} meetings, but its free slots allow {possible}."),
    "timetable.crowded": N_(
        "Its side is crowded: {rivals} can meet only {wanted}, who are full. One gets more only if another gets less."
    ),
    "timetable.floors_collide": N_(
        "The least numbers of {rivals} need {needed} meetings together, but {wanted} are full at {possible}."
    ),
    "timetable.floors_fill_the_hall": N_(
        "The least numbers of the others fill the hall: no place is left that could be taken from anybody."
    ),
    "timetable.hall_full": N_("Every table is taken in every slot."),
    "timetable.would_displace": N_(
        "It could be served, but {rivals} would have to change for a timetable that is worth less."
    ),
    "timetable.no_time_found": N_(
        "{wanted} has room for it, but no slot was found in which both can come, or no interpreter was free."
    ),
    "timetable.party_gone": N_("A party has left."),
    "timetable.no_other_slot": N_("No other slot was found for both."),
    "timetable.given_up": N_("Given up for meetings that are worth more."),
}

MESSAGES: Final[Mapping[str, str]] = MappingProxyType({**_FINDINGS, **_REASONS})
"""Message id → English sentence in the style of `str.format`."""
