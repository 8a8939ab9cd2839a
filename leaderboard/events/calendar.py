"""A party's timetable for calendars, RFC 5545: stable identities, growing sequence numbers, cancelled meetings said to be so."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from icalendar import Calendar
from icalendar import Event as Entry

from leaderboard.core.i18n import N_, translate
from leaderboard.core.settings import Settings
from leaderboard.events.models import CalendarFeed, Event, MeetingRow
from leaderboard.events.slots import Slot, slots_of
from leaderboard.events.states import MeetingState
from leaderboard.seasons.signals import Words

MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
_STATUS: Final = {
    MeetingState.PROPOSED: "TENTATIVE",
    MeetingState.DECLINED: "CANCELLED",
    MeetingState.CANCELLED: "CANCELLED",
}


def feed_key(settings: Settings, feed: CalendarFeed) -> str:
    """The secret in the address of a person's calendar of a party: made from ours and its nonce, so it lies in no table."""
    said = f"event-feed:{feed.registration_id}:{feed.person_id}:{feed.nonce}".encode()
    return urlsafe_b64encode(hmac.digest(settings.secret, said, "sha256")).rstrip(b"=").decode()


def fits(settings: Settings, feed: CalendarFeed, key: str) -> bool:
    """Whether this is the key of that address."""
    return hmac.compare_digest(feed_key(settings, feed).encode(), key.encode())


def calendar(
    settings: Settings,
    event: Event,
    meetings: Sequence[MeetingRow],
    name_of: Callable[[MeetingRow], str],
    locale: str,
    now: datetime,
) -> bytes:
    """The meetings of one party; ``name_of`` says whom it meets."""
    title = Words(event.title_en, event.title_zh).said(locale)
    made = Calendar()
    made.add("prodid", "-//Jiebang//events//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", title)
    slots = slots_of(event)
    for meeting in meetings:
        made.add_component(_entry(settings, event, slots[meeting.slot], meeting, name_of(meeting), locale, now))
    return bytes(made.to_ical())


def _entry(
    settings: Settings, event: Event, slot: Slot, meeting: MeetingRow, whom: str, locale: str, now: datetime
) -> Entry:
    place = Words(event.place_en, event.place_zh).said(locale)
    table = translate(locale, N_("Table {number}"), number=meeting.seat + 1)
    address = settings.base_url.rstrip("/")
    made = Entry()
    made.add("uid", f"meeting-{meeting.id}@{urlsplit(address).hostname}")
    made.add("sequence", meeting.sequence)
    made.add("dtstamp", now)
    made.add("last-modified", meeting.changed_at)
    made.add("dtstart", slot.begins)
    made.add("dtend", slot.ends)
    made.add("summary", translate(locale, N_("Meeting with {name}"), name=whom))
    made.add("location", f"{table}, {place}" if locale != "zh" else f"{place}，{table}")
    made.add("status", _STATUS.get(meeting.state, "CONFIRMED"))
    made.add("url", f"{address}/{locale}/events/{event.slug}/mine")
    return made
