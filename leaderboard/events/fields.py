"""What people type about an event or a registration, brought to one form, or the sentences that say what is wrong or missing."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final, Self, get_args

from leaderboard.core.errors import FieldError, Malformed
from leaderboard.core.i18n import N_
from leaderboard.events.models import Event, Reveal, Side
from leaderboard.seasons.signals import Words
from leaderboard.seasons.windows import read_local, zone_known
from leaderboard.submissions.service import plain

LONGEST: Final[Mapping[str, int]] = {"title": 120, "summary": 2_000, "place": 200}
LONGEST_REASON: Final = 500
MOST_DAYS: Final = 5
MOST_STARTS: Final = 60
MOST_PARTICIPANTS: Final = 10
LANGUAGES: Final = ("zh", "en")
LIMITS: Final[Mapping[str, tuple[int, int]]] = {
    "minutes": (5, 240),
    "tables": (1, 1_000),
    "most": (1, 100),
    "supplier_seats": (0, 2_000),
    "demander_seats": (0, 2_000),
    "verified": (0, 3),
    "ranks": (1, 50),
}
"""Name → (least, most) of each count of an event."""
NEEDED: Final[Mapping[str, str]] = {
    "title": N_("Give it a title, in one language at least"),
    "summary": N_("Say in a sentence or two what it is, in one language at least"),
    "place": N_("Say where it is held, in one language at least"),
}
NO_COUNT: Final = -1
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventWords:
    """All that a host writes about an event. ``ends`` are deadlines as typed, local times in ``zone``; empty: none."""

    title_en: str = ""
    title_zh: str = ""
    summary_en: str = ""
    summary_zh: str = ""
    place_en: str = ""
    place_zh: str = ""
    zone: str = "Asia/Shanghai"
    days: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    breaks: tuple[str, ...] = ()
    minutes: int = 20
    tables: int = 10
    interpreters: int | None = None
    most: int = 8
    supplier_seats: int = 40
    demander_seats: int = 40
    verified: int = 0
    both_sides: bool = True
    ranks: int = 8
    registration_ends: str = ""
    preferences_end: str = ""

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> Self:
        """From a form; lists are written with spaces or commas between, a count that is none becomes one that `faults` names."""
        texts: Any = {f"{key}_{locale}": _text(form, f"{key}_{locale}") for key in LONGEST for locale in ("en", "zh")}
        counts: Any = {name: count(form, name) for name in LIMITS}
        return cls(
            **texts,
            zone=_text(form, "zone"),
            days=tuple(sorted(set(_list(form, "days")))),
            starts=tuple(sorted(set(_list(form, "starts")))),
            breaks=tuple(sorted(set(_list(form, "breaks")))),
            interpreters=count(form, "interpreters") if _text(form, "interpreters") else None,
            both_sides=bool(form.get("both_sides")),
            registration_ends=_text(form, "registration_ends"),
            preferences_end=_text(form, "preferences_end"),
            **counts,
        )

    def faults(self) -> Iterator[FieldError]:
        """What is wrong with what is there; what is missing is no fault of a draft."""
        for key, most in LONGEST.items():
            for name in (f"{key}_en", f"{key}_zh"):
                if len(getattr(self, name)) > most:
                    yield FieldError(name, N_("At most {most} characters"), {"most": most})
        for name, (least, most) in LIMITS.items():
            if not least <= getattr(self, name) <= most:
                yield FieldError(
                    name, N_("Write a whole number from {least} to {most}"), {"least": least, "most": most}
                )
        if self.interpreters is not None and not 0 <= self.interpreters <= LIMITS["tables"][1]:
            yield FieldError("interpreters", N_("Write a whole number, or leave it empty"))
        if not zone_known(self.zone):
            yield FieldError(
                "zone", N_("There is no time zone “{zone}”. Write it like Asia/Shanghai."), {"zone": self.zone[:40]}
            )
            return
        times = [*self._faulty_times()]
        yield from times or self._faulty_instants()
        yield from self._faulty_deadlines(timed=not times)

    def deadline(self, name: str) -> datetime | FieldError | None:
        """The instant of a deadline, what is wrong with it, or None where there is none."""
        text = getattr(self, name)
        return read_local(text, self.zone, name) if text else None

    def _faulty_times(self) -> Iterator[FieldError]:
        if len(self.days) > MOST_DAYS or any(not _is_day(day) for day in self.days):
            yield FieldError(
                "days", N_("Write at most {most} days like 2026-12-20, with spaces between them"), {"most": MOST_DAYS}
            )
            return
        if len(self.starts) > MOST_STARTS or any(not _TIME.fullmatch(start) for start in (*self.starts, *self.breaks)):
            yield FieldError(
                "starts", N_("Write at most {most} times like 09:00, with spaces between them"), {"most": MOST_STARTS}
            )
            return
        if not set(self.breaks) <= set(self.starts):
            yield FieldError("breaks", N_("A break is one of the slots: write the time at which that slot starts"))
        minutes = [int(start[:2]) * 60 + int(start[3:]) for start in self.starts]
        if any(second - first < self.minutes for first, second in pairwise(minutes)):
            yield FieldError(
                "starts",
                N_("Two of the slots overlap: they begin less than {minutes} minutes apart"),
                {"minutes": self.minutes},
            )
        if minutes and minutes[-1] + self.minutes > 24 * 60:
            yield FieldError("starts", N_("The last slot ends after midnight"))

    def _faulty_instants(self) -> Iterator[FieldError]:
        """Where clocks are changed some times do not exist, some come twice, and some are nearer to each other than they look."""
        for day in self.days:
            begins = [read_local(f"{day} {start}", self.zone, "starts") for start in self.starts]
            if fault := next((one for one in begins if isinstance(one, FieldError)), None):
                yield fault
                return
            instants = [one for one in begins if isinstance(one, datetime)]
            if any(second - first < timedelta(minutes=self.minutes) for first, second in pairwise(instants)):
                yield FieldError(
                    "starts",
                    N_("On {day} clocks are changed, and two of the slots overlap"),
                    {"day": day},
                )
                return

    def _faulty_deadlines(self, *, timed: bool) -> Iterator[FieldError]:
        """One after the other, before the first slot; ``timed``: the slots have no faults."""
        before, earlier = None, N_("Preferences end before registration does")
        for name in ("registration_ends", "preferences_end"):
            moment = self.deadline(name)
            if isinstance(moment, FieldError):
                yield moment
            elif moment is not None:
                if before is not None and moment < before:
                    yield FieldError(name, earlier)
                elif timed and self.days and self.starts and moment > self._first():
                    yield FieldError(name, N_("This is after the first slot begins"))
                before = moment

    def _first(self) -> datetime:
        found = read_local(f"{self.days[0]} {self.starts[0]}", self.zone, "starts")
        return found if isinstance(found, datetime) else datetime.max.replace(tzinfo=UTC)

    def write(self, event: Event) -> None:
        """Puts them on an event; they have no faults."""
        for name in self.__slots__:
            if name not in {"registration_ends", "preferences_end"}:
                value = getattr(self, name)
                setattr(event, name, list(value) if isinstance(value, tuple) else value)
        event.first_day, event.last_day = (self.days[0], self.days[-1]) if self.days else ("", "")
        ends, until = self.deadline("registration_ends"), self.deadline("preferences_end")
        event.registration_ends_at = ends if isinstance(ends, datetime) else None
        event.preferences_end_at = until if isinstance(until, datetime) else None


def missing(event: Event) -> Iterator[FieldError]:
    """What an event lacks that is to be announced."""
    for key, sentence in NEEDED.items():
        if not getattr(event, f"{key}_en") and not getattr(event, f"{key}_zh"):
            yield FieldError(f"{key}_zh", sentence)
    if not event.days:
        yield FieldError("days", N_("Say on which days it is held"))
    if not set(event.starts) - set(event.breaks):
        yield FieldError("starts", N_("Write when the slots start; at least one must not be a break"))
    if not event.supplier_seats or not event.demander_seats:
        yield FieldError("supplier_seats", N_("Both sides need seats: otherwise nobody can meet"))


def reason_typed(form: Mapping[str, str]) -> Words:
    """Why an event is called off, as its host wrote it."""
    return Words(_text(form, "reason_en"), _text(form, "reason_zh"))


def faulty_reason(reason: Words) -> Iterator[FieldError]:
    """What is wrong with it; it is needed in one language at least."""
    if not reason.en and not reason.zh:
        yield FieldError("reason_zh", N_("Say why, in one language at least"))
    for name, text in (("reason_en", reason.en), ("reason_zh", reason.zh)):
        if len(text) > LONGEST_REASON:
            yield FieldError(name, N_("At most {most} characters"), {"most": LONGEST_REASON})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an organization says when it registers. ``things``: ids of its listings (supplier) or demands (demander)."""

    organization_id: int
    side: Side
    participants: tuple[str, ...]
    languages: tuple[str, ...]
    free: tuple[int, ...]
    least: int
    most: int
    reveal: Reveal
    things: tuple[int, ...]

    @classmethod
    def typed(cls, form: Mapping[str, str], *, organization_id: int, side: Side) -> Self:
        """From a form: ``free-3`` and ``thing-12`` and ``language-zh`` are boxes, participants stand one on a line."""
        lines = (plain(line).strip() for line in form.get("participants", "").splitlines())
        return cls(
            organization_id=organization_id,
            side=side,
            participants=tuple(dict.fromkeys(line for line in lines if line)),
            languages=tuple(key for key in LANGUAGES if form.get(f"language-{key}")),
            free=tuple(sorted(_ticked(form, "free"))),
            least=count(form, "least"),
            most=count(form, "most"),
            reveal=next((one for one in get_args(Reveal) if one == form.get("reveal")), "partners"),
            things=tuple(sorted(_ticked(form, "thing"))),
        )

    def faults(self, event: Event, offered: Iterable[int], open_slots: Iterable[int]) -> Iterator[FieldError]:
        """What is wrong with it at this event; ``offered``: ids of what the organization may bring."""
        if not self.participants:
            yield FieldError("participants", N_("Name at least one person who comes"))
        if len(self.participants) > MOST_PARTICIPANTS or any(len(name) > 60 for name in self.participants):
            yield FieldError(
                "participants",
                N_("At most {most} people, each name at most 60 characters"),
                {"most": MOST_PARTICIPANTS},
            )
        if not self.languages:
            yield FieldError("languages", N_("Choose at least one language in which you can talk"))
        if not self.free or not set(self.free) <= set(open_slots):
            yield FieldError("free", N_("Choose the slots in which you can come, at least one"))
        if not 0 <= self.least <= event.most:
            yield FieldError(
                "least", N_("Write a whole number from {least} to {most}"), {"least": 0, "most": event.most}
            )
        if not 1 <= self.most <= event.most:
            yield FieldError(
                "most", N_("Write a whole number from {least} to {most}"), {"least": 1, "most": event.most}
            )
        if 0 <= self.most < self.least:
            yield FieldError("least", N_("The least number of meetings is above the greatest"))
        if not self.things or not set(self.things) <= set(offered):
            yield FieldError("things", N_("Choose what you bring, at least one"))


def refuse(faults: Iterable[FieldError]) -> None:
    """Raises Malformed with every fault at once; returns when there is none."""
    found = tuple(faults)
    if found:
        raise Malformed("events.form", N_("Some of what was entered cannot be used."), fields=found)


def side_of(text: str) -> Side:
    """The side that a form or an address names. Raises Malformed."""
    for side in get_args(Side):
        if side == text:
            return side  # type: ignore[no-any-return]
    raise Malformed("events.side", N_("A party is a supplier or a demander."))


def count(form: Mapping[str, str], name: str) -> int:
    """A whole number, or `NO_COUNT` where there is none."""
    text = _text(form, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else NO_COUNT


def _ticked(form: Mapping[str, str], name: str) -> set[int]:
    found = (re.fullmatch(rf"{name}-(\d{{1,9}})", key) for key, value in form.items() if value)
    return {int(match[1]) for match in found if match}


def _list(form: Mapping[str, str], name: str) -> list[str]:
    return re.findall(r"[^\s,，、;]+", _text(form, name))


def _text(form: Mapping[str, str], name: str) -> str:
    return plain(form.get(name, "").replace("\r\n", "\n")).strip()


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
