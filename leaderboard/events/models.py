"""Tables of matchmaking events: the event, who takes part, what they want, timetables that were tried, meetings."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CheckConstraint, Column, Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from leaderboard.core.database import Instant, JsonColumn
from leaderboard.events.states import MeetingState, State

Side = Literal["supplier", "demander"]
RegistrationState = Literal["registered", "waiting", "withdrawn"]
Reveal = Literal["public", "host", "partners"]
Method = Literal["plan", "stable", "repair"]
RunState = Literal["waiting", "done", "failed"]
Answer = Literal["", "yes", "no"]
Outcome = Literal["", "none", "sample", "nda", "intent", "no_show"]


def _json() -> Any:
    return Column(JsonColumn, nullable=False)


class Event(SQLModel, table=True):
    """A day (or several) on which suppliers and demanders meet at tables, in slots of equal length.

    The slots are ``days`` × ``starts`` in order of time, counted from 0; ``breaks`` are starts at which nobody meets.
    ``revision`` counts what was published: 0 before the first timetable, one more with each repair. ``reason_en`` and ``reason_zh``
    say why it was called off.
    """

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_state", "state", "first_day"),)

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    organization_id: int = Field(foreign_key="organization.id", index=True)
    state: State = Field(default=State.DRAFT, sa_type=String)
    title_en: str = ""
    title_zh: str = ""
    summary_en: str = ""
    summary_zh: str = ""
    place_en: str = ""
    place_zh: str = ""
    zone: str = "Asia/Shanghai"
    days: list[str] = Field(default_factory=list, sa_column=_json(), description="ISO dates, in order")
    first_day: str = ""
    last_day: str = ""
    starts: list[str] = Field(default_factory=list, sa_column=_json(), description="HH:MM in the zone, of each day")
    breaks: list[str] = Field(default_factory=list, sa_column=_json(), description="those of `starts` that are breaks")
    minutes: int = Field(default=20, description="length of a slot")
    tables: int = 10
    interpreters: int | None = Field(default=None, description="in each slot; None: enough")
    most: int = Field(default=8, description="meetings of one party at most")
    supplier_seats: int = 40
    demander_seats: int = 40
    verified: int = Field(default=0, description="the least level of verification that may register")
    both_sides: bool = Field(default=True, description="an organization may take part on both sides")
    ranks: int = Field(default=8, description="how many of the other side a party may rank")
    registration_ends_at: datetime | None = Field(default=None, sa_type=Instant)
    preferences_end_at: datetime | None = Field(default=None, sa_type=Instant)
    run_id: int | None = Field(default=None, description="the timetable that is published; no key: the two are a ring")
    revision: int = 0
    created_at: datetime = Field(sa_type=Instant)
    published_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    reason_en: str = ""
    reason_zh: str = ""
    called_off_at: datetime | None = Field(default=None, sa_type=Instant)


class Registration(SQLModel, table=True):
    """An organization on one side of an event. ``number`` names it where its name is not shown.

    ``gone_from``: the first slot to which it does not come any more, on the day. ``reveal``: who may know whose it is where it
    brings a demand that hides that: those it meets; the host too; everybody.
    """

    __tablename__ = "event_registration"
    __table_args__ = (
        UniqueConstraint("event_id", "organization_id", "side"),
        UniqueConstraint("event_id", "code"),
        UniqueConstraint("event_id", "side", "number"),
    )

    id: int | None = Field(default=None, primary_key=True)
    event_id: int = Field(foreign_key="event.id")
    organization_id: int = Field(foreign_key="organization.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id", description="who registered, and gets mail")
    side: Side = Field(sa_type=String)
    number: int
    state: RegistrationState = Field(default="registered", sa_type=String)
    participants: list[str] = Field(default_factory=list, sa_column=_json(), description="names of who comes")
    languages: list[str] = Field(default_factory=list, sa_column=_json(), description="zh, en or both")
    free: list[int] = Field(default_factory=list, sa_column=_json(), description="slots in which it can meet")
    least: int = 0
    most: int = 8
    reveal: Reveal = Field(default="partners", sa_type=String)
    things: list[int] = Field(
        default_factory=list, sa_column=_json(), description="ids of the listings (supplier) or demands it brings"
    )
    code: str = Field(description="six signs for the check-in desk")
    registered_at: datetime = Field(sa_type=Instant)
    queued_at: datetime = Field(sa_type=Instant, description="its place in the waiting list")
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)
    arrived_at: datetime | None = Field(default=None, sa_type=Instant)
    gone_from: int | None = None


class CalendarFeed(SQLModel, table=True):
    """The secret calendar address that a person has for a party. ``nonce``: drawn anew, the old address ends."""

    __tablename__ = "event_feed"

    registration_id: int = Field(foreign_key="event_registration.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True)
    nonce: str = Field(repr=False)
    made_at: datetime = Field(sa_type=Instant)


class Preference(SQLModel, table=True):
    """What a party thinks of one of the other side: a place from 1 on, or that it will not meet it."""

    __tablename__ = "event_preference"
    __table_args__ = (CheckConstraint("(place IS NULL) = veto", name="ck_event_preference"),)

    registration_id: int = Field(foreign_key="event_registration.id", primary_key=True)
    other_id: int = Field(foreign_key="event_registration.id", primary_key=True, index=True)
    place: int | None = None
    veto: bool = False


class TimetableRun(SQLModel, table=True):
    """A timetable that was computed: what went in, so that it can be computed again, and what came out.

    ``basis``: fingerprint of registrations, preferences and hall as it saw them. A repair has ``base_revision``, the published
    timetable that it changes, and ``result`` then holds what is kept, moved, cancelled and added.
    """

    __tablename__ = "event_run"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    event_id: int = Field(foreign_key="event.id")
    number: int
    method: Method = Field(sa_type=String)
    state: RunState = Field(default="waiting", sa_type=String)
    wanted: dict[str, Any] = Field(default_factory=dict, sa_column=_json(), description="aims, or changes to repair")
    basis: str = ""
    base_revision: int | None = None
    input: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    result: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    figures: dict[str, Any] = Field(default_factory=dict, sa_column=_json())
    findings: list[dict[str, Any]] = Field(default_factory=list, sa_column=_json())
    created_at: datetime = Field(sa_type=Instant)
    created_by: int | None = Field(default=None, foreign_key="person.id")
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    applied_at: datetime | None = Field(default=None, sa_type=Instant)


class MeetingRow(SQLModel, table=True):
    """Two parties at a table. ``sequence`` grows with each change, for calendars. Each side answers and states for itself."""

    __tablename__ = "event_meeting"
    __table_args__ = (
        UniqueConstraint("event_id", "supplier_id", "demander_id"),
        Index("ix_event_meeting_demander", "demander_id"),
        Index("ix_event_meeting_supplier", "supplier_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    event_id: int = Field(foreign_key="event.id")
    supplier_id: int = Field(foreign_key="event_registration.id")
    demander_id: int = Field(foreign_key="event_registration.id")
    slot: int
    seat: int = Field(description="the table, from 0")
    state: MeetingState = Field(default=MeetingState.PROPOSED, sa_type=String)
    reason: str = Field(default="", description="why it was cancelled: a message id")
    sequence: int = 0
    supplier_answer: Answer = Field(default="", sa_type=String)
    demander_answer: Answer = Field(default="", sa_type=String)
    supplier_outcome: Outcome = Field(default="", sa_type=String)
    demander_outcome: Outcome = Field(default="", sa_type=String)
    deal_id: int | None = Field(default=None, description="the deal that its outcome led to")
    changed_at: datetime = Field(sa_type=Instant)
