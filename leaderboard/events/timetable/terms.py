"""What goes into a timetable and what comes out of it. All frozen; parties are named by key everywhere."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Party:
    """Who takes part: at most `most` meetings, if possible at least `least`, in the slots `free` (None: in all).

    A key belongs to one party on one side; an organization that both offers and seeks sends two parties.
    """

    key: str
    most: int
    least: int = 0
    free: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """That these two could meet, and what it is worth: finite, > 0, at most 1e100. A vetoed pair has no wish.

    `to_supplier` and `to_demander` are what the meeting is worth to either side alone, wherever the question is who
    would rather meet whom; None means `value`. `interpreted` meetings need one of the hall's interpreters.
    """

    supplier: str
    demander: str
    value: float
    interpreted: bool = False
    to_supplier: float | None = None
    to_demander: float | None = None


@dataclass(frozen=True, slots=True)
class Hall:
    """Slots of the day, tables in each, slots in which nobody meets (breaks), interpreters in each (None: enough)."""

    slots: int
    tables: int
    breaks: frozenset[int] = frozenset()
    interpreters: int | None = None


@dataclass(frozen=True, slots=True)
class Aims:
    """What the organizer wants besides value.

    A party's k-th meeting earns `fairness` / k times the mean value of the wishes on top, so that first meetings count
    more than second ones; 0 is value alone. `longest_run`: meetings that a party may have in consecutive slots.
    """

    fairness: float = 0.0
    longest_run: int | None = None


@dataclass(frozen=True, slots=True, order=True)
class Meeting:
    """Who meets whom, when and where."""

    slot: int
    table: int
    supplier: str
    demander: str

    @property
    def pair(self) -> tuple[str, str]:
        return self.supplier, self.demander


@dataclass(frozen=True, slots=True)
class Unserved:
    """A party with no meeting, or with fewer than its floor, and why.

    `reason` is one of

    - `timetable.no_wishes`: nobody is to meet it;
    - `timetable.never_free`: it is free in no slot of the hall;
    - `timetable.no_slot_in_common`: nobody whom it could meet is free when it is (`wanted` names them);
    - `timetable.too_few_slots`: its floor is `needed`, and its free slots (and the longest run) allow `possible`;
    - `timetable.crowded`: a cut. The parties `rivals` (it is one) have wishes open only with the parties `wanted`, who
      are full, and with `rivals` alone: one of these gets more only if another gets less;
    - `timetable.floors_collide`: a cut. The floors of `rivals` need `needed` meetings together; `possible` is the most
      they can have, because `wanted` are full;
    - `timetable.floors_fill_the_hall`: no place of the hall is left, or can be taken from a party above its floor;
    - `timetable.hall_full`: every table is taken in every slot;
    - `timetable.would_displace`: it could be served, but others would have to change (`rivals`) for a plan that is
    worth
      less, or that somebody likes less;
    - `timetable.no_time_found`: somebody it could meet has room (`wanted`), but in no slot that was found for both, or
      without an interpreter.

    The cuts are proofs. They count meetings and free slots, not which slot, so with blocked slots they are still true.
    """

    party: str
    got: int
    least: int
    reason: str
    rivals: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    needed: int = 0
    possible: int = 0


@dataclass(frozen=True, slots=True)
class Timetable:
    """Meetings by slot and table, and how good they are.

    `value` sums the wishes; `worth` adds what fairness earns and is what `plan` makes as large as it can. `bound` is
    what no timetable can exceed in worth while it keeps the same floors (a flow that counts free slots but does not
    say which), `gap` the share of the bound that is missing, `exact` says that none is. `floors_dropped` are the
    parties whose floor had to be given up, as few as possible (`unserved` has the proof). `blocking_pairs` would both
    rather meet each other than one of those they got, or than nobody, and could: the reason why somebody will
    complain.
    """

    meetings: tuple[Meeting, ...] = ()
    value: float = 0.0
    worth: float = 0.0
    bound: float = 0.0
    exact: bool = True
    gap: float = 0.0
    unserved: tuple[Unserved, ...] = ()
    floors_dropped: tuple[str, ...] = ()
    blocking_pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A meeting that will not be held. `reason`: `timetable.party_gone` or `timetable.no_other_slot`; or, where
    others were moved for more value, `timetable.given_up`.
    """

    meeting: Meeting
    reason: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The same two meet, in another slot."""

    before: Meeting
    after: Meeting


@dataclass(frozen=True, slots=True)
class Repair:
    """The new timetable, and its difference from the old one: every old meeting is in exactly one of the first
    three.
    """

    timetable: Timetable
    kept: tuple[Meeting, ...]
    moved: tuple[Moved, ...]
    cancelled: tuple[Cancelled, ...]
    added: tuple[Meeting, ...]
