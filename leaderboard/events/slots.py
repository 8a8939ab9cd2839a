"""The slots of an event as times: days × starts in order, counted from 0 over all days."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from leaderboard.events.models import Event


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot. ``begins`` and ``ends`` are instants in UTC; ``day`` (ISO), ``start`` and ``until`` (HH:MM) are in the event's zone."""

    number: int
    day: str
    start: str
    begins: datetime
    ends: datetime
    until: str
    rest: bool


def slots_of(event: Event) -> tuple[Slot, ...]:
    """All slots of an event, breaks among them.

    >>> event = Event(slug="x", organization_id=1, created_at=datetime.now(UTC), days=["2026-12-20"], starts=["09:00"])
    >>> [(slot.begins.hour, slot.until) for slot in slots_of(event)]
    [(1, '09:20')]
    """
    zone, length = ZoneInfo(event.zone), timedelta(minutes=event.minutes)
    found: list[Slot] = []
    for day in event.days:
        for start in event.starts:
            begins = datetime.fromisoformat(f"{day}T{start}").replace(tzinfo=zone).astimezone(UTC)
            ends = begins + length
            until = f"{ends.astimezone(zone):%H:%M}"
            found.append(Slot(len(found), day, start, begins, ends, until, start in event.breaks))
    return tuple(found)


def open_slots(event: Event) -> tuple[int, ...]:
    """Slots in which people can meet."""
    return tuple(slot.number for slot in slots_of(event) if not slot.rest)


def next_slot(event: Event, now: datetime) -> int:
    """The first slot that has not begun; the number of slots when all have."""
    slots = slots_of(event)
    return next((slot.number for slot in slots if slot.begins > now), len(slots))
