"""What parties want: places and vetoes of each side, and the wishes that a timetable is made of.

A pair is worth the geometric mean of what it is worth to either side: a place of theirs, or else the score of the match of what
they bring. A pair that nobody ranked and no match speaks for is no wish, and neither is one that a side vetoed. Who vetoed whom
is read by this module and shown by none.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from json import dumps
from typing import Any, Final

from sqlmodel import col, delete, distinct, func, select

from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import Closed, FieldError, Malformed
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.events import registering, seats, service
from leaderboard.events.models import Event, MeetingRow, Preference, Registration
from leaderboard.events.slots import slots_of
from leaderboard.events.states import STANDING, MeetingState, State
from leaderboard.events.timetable import Aims, Hall, Party, Wish
from leaderboard.exchange.matches import service as matches

UNKNOWN: Final = 0.1
"""What a pair is worth to a side that has not ranked it, where no match says anything: the other side wants it."""


# Preferences


def preferences(work: Work, registration_id: int) -> Mapping[int, Preference]:
    """What a party said of the others, by their registration."""
    query = select(Preference).where(Preference.registration_id == registration_id)
    return {one.other_id: one for one in work.session.exec(query)}


def how_many_said(work: Work, event: Event) -> int:
    """How many parties with a seat ranked or turned down anybody; not who."""
    query = select(func.count(distinct(col(Preference.registration_id)))).join(
        Registration, col(Registration.id) == col(Preference.registration_id)
    )
    return work.session.exec(query.where(Registration.event_id == event.id, Registration.state == "registered")).one()


def is_open(event: Event, work: Work) -> bool:
    """Whether preferences can be said at this moment."""
    ends = event.preferences_end_at
    return event.state == State.PREFERENCE and (ends is None or work.now < ends)


def others(work: Work, event: Event, registration: Registration) -> Sequence[Registration]:
    """Whom a party could meet: those of the other side with a seat, but not its own organization."""
    found = seats.parties(work, event, "demander" if registration.side == "supplier" else "supplier")
    return [one for one in found if one.organization_id != registration.organization_id]


def say(work: Work, actor: Actor, registration_id: int, said: Mapping[int, str]) -> None:
    """Keeps a party's places and vetoes, all at once: other's id → a place such as ``1``, ``veto``, or nothing.

    Raises NotFound, Closed, Refused (no longer verified far enough), and Malformed with every place that cannot be.
    """
    event, registration = registering.registration_for(work, actor, registration_id, lock=True)
    if not is_open(event, work) or registration.state != "registered":
        raise Closed(
            "events.preferences_closed", N_("Preferences can be said only by those with a seat, until the deadline.")
        )
    registering.check_level(work, event, registration.organization_id)
    known = {one.id for one in others(work, event, registration)}
    kept = {id: text.strip() for id, text in said.items() if text.strip() and id in known}
    _refuse_bad_places(event, kept)
    work.session.exec(delete(Preference).where(col(Preference.registration_id) == registration_id))
    for id, text in sorted(kept.items()):
        veto = text == "veto"
        place = None if veto else int(text)
        work.session.add(Preference(registration_id=registration_id, other_id=id, place=place, veto=veto))
    work.session.flush()
    service.record(work, actor, "event.prefer", event, registration=registration_id)


def _refuse_bad_places(event: Event, kept: Mapping[int, str]) -> None:
    faults, taken = [], defaultdict[int, list[int]](list)
    for id, text in kept.items():
        if text == "veto":
            continue
        if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= event.ranks):
            message = N_("Write a whole number from {least} to {most}")
            faults.append(FieldError(f"place-{id}", message, {"least": 1, "most": event.ranks}))
        else:
            taken[int(text)].append(id)
    for place, ids in taken.items():
        message = N_("You gave place {place} twice")
        faults += [FieldError(f"place-{id}", message, {"place": place}) for id in ids[1:]]
    if faults:
        raise Malformed("events.places", N_("Some of the places cannot be used."), fields=faults)


# What a timetable is made of


@dataclass(frozen=True, slots=True)
class Asked:
    """The input of a timetable: what `timetable.plan` takes. Keys of parties are ``s`` or ``d`` and the registration's id."""

    suppliers: tuple[Party, ...]
    demanders: tuple[Party, ...]
    wishes: tuple[Wish, ...]
    hall: Hall

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> "Asked":
        """From JSON."""
        hall = stored["hall"]
        return cls(
            tuple(_party(one) for one in stored["suppliers"]),
            tuple(_party(one) for one in stored["demanders"]),
            tuple(Wish(**one) for one in stored["wishes"]),
            Hall(hall["slots"], hall["tables"], frozenset(hall["breaks"]), hall["interpreters"]),
        )


def key_of(registration: Registration) -> str:
    """The key of a party in a timetable."""
    return f"{registration.side[0]}{registration.id}"


def id_of(key: str) -> int:
    """The registration that a key stands for."""
    return int(key[1:])


def asked(work: Work, event: Event, *, also: Iterable[Registration] = ()) -> Asked:
    """What the timetable of an event is made of now; ``also``: parties that have withdrawn and still stand in an old one.

    Pairs that declined or were told off the day do not come again; pairs that stand in the published timetable always count.
    """
    rows = [*seats.parties(work, event), *also]
    suppliers = [row for row in rows if row.side == "supplier"]
    demanders = [row for row in rows if row.side == "demander"]
    slots = slots_of(event)
    rest = frozenset(slot.number for slot in slots if slot.rest)
    return Asked(
        tuple(_as_party(event, row) for row in suppliers),
        tuple(_as_party(event, row) for row in demanders),
        tuple(_wishes(work, event, suppliers, demanders)),
        Hall(len(slots), event.tables, rest, event.interpreters),
    )


def basis(work: Work, event: Event) -> str:
    """Fingerprint of all that people decide about a timetable: parties, preferences, hall, and which meetings stand."""
    rows = seats.parties(work, event)
    ids = [row.id for row in rows]
    said = select(Preference).where(col(Preference.registration_id).in_(ids))
    said = said.order_by(col(Preference.registration_id), col(Preference.other_id))
    met = select(MeetingRow).where(MeetingRow.event_id == event.id).order_by(col(MeetingRow.id))
    parts = [
        [[row.id, row.languages, row.free, row.least, row.most, row.things] for row in rows],
        [[one.registration_id, one.other_id, one.place] for one in work.session.exec(said)],
        [len(slots_of(event)), event.breaks, event.tables, event.interpreters, event.ranks, event.most],
        [
            [one.id, one.slot, one.seat, one.state in STANDING, one.state == "declined"]
            for one in work.session.exec(met)
        ],
    ]
    return sha256(dumps(parts, sort_keys=True).encode()).hexdigest()


def aims_of(wanted: Mapping[str, Any]) -> Aims:
    """The aims that a run was asked for."""
    return Aims(wanted.get("fairness", 0.0), wanted.get("longest_run"))


def _as_party(event: Event, row: Registration) -> Party:
    """The host may have lowered the number of meetings since it registered."""
    most = min(row.most, event.most)
    return Party(key_of(row), most, min(row.least, most), frozenset(row.free))


def _wishes(
    work: Work, event: Event, suppliers: Sequence[Registration], demanders: Sequence[Registration]
) -> Iterable[Wish]:
    said = _said(work, [row.id or 0 for row in (*suppliers, *demanders)])
    met = {
        (one.supplier_id, one.demander_id): one.state
        for one in work.session.exec(select(MeetingRow).where(MeetingRow.event_id == event.id))
    }
    matched = best_scores(work, suppliers, demanders)
    for supplier in suppliers:
        for demander in demanders:
            pair = (supplier.id or 0, demander.id or 0)
            stands = met.get(pair) in STANDING
            first, second = said.get(pair), said.get((pair[1], pair[0]))
            unwanted = met.get(pair) == MeetingState.DECLINED or any(one and one.veto for one in (first, second))
            if supplier.organization_id == demander.organization_id or (unwanted and not stands):
                continue
            score = matched.get(pair, 0.0)
            if not (stands or score > 0 or first or second):
                continue
            to_supplier, to_demander = _worth(event, first, score), _worth(event, second, score)
            yield Wish(
                key_of(supplier),
                key_of(demander),
                math.sqrt(to_supplier * to_demander),
                interpreted=not set(supplier.languages) & set(demander.languages),
                to_supplier=to_supplier,
                to_demander=to_demander,
            )


def _worth(event: Event, said: Preference | None, score: float) -> float:
    """Above 1 for what was ranked, the first place 2; else the score of the match."""
    if said is not None and said.place is not None:
        return 1 + max(1, event.ranks - said.place + 1) / event.ranks  # the host may have lowered the number of places
    return max(score, UNKNOWN)


def _said(work: Work, ids: Sequence[int]) -> Mapping[tuple[int, int], Preference]:
    query = select(Preference).where(col(Preference.registration_id).in_(ids))
    return {(one.registration_id, one.other_id): one for one in work.session.exec(query)}


def best_scores(
    work: Work, suppliers: Sequence[Registration], demanders: Sequence[Registration]
) -> Mapping[tuple[int, int], float]:
    """(supplier's registration, demander's) → the best score of what they bring, 0 to 1; pairs without one are missing."""
    bringing: tuple[defaultdict[int, list[int]], defaultdict[int, list[int]]] = (defaultdict(list), defaultdict(list))
    for side, rows in zip(bringing, (demanders, suppliers), strict=True):
        for row in rows:
            for thing in row.things:
                side[thing].append(row.id or 0)
    best: dict[tuple[int, int], float] = {}
    for (demand, listing), score in matches.scores(work, sorted(bringing[0]), sorted(bringing[1])).items():
        for demander in bringing[0][demand]:
            for supplier in bringing[1][listing]:
                pair = (supplier, demander)
                best[pair] = max(score, best.get(pair, 0.0))
    return best


def _party(one: Mapping[str, Any]) -> Party:
    return Party(one["key"], one["most"], one["least"], frozenset(one["free"]))


def _plain(value: Any) -> Any:
    """Sets as sorted lists, tuples as lists: what JSON can hold."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(value)
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value
