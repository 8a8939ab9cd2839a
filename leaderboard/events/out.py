"""What the API of events gives, typed."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from leaderboard.events.own_pages import ReportPage
from leaderboard.events.pages import EventCard, EventPage, ListPage
from leaderboard.seasons.out import Text
from leaderboard.seasons.signals import Words


class EventItem(BaseModel):
    """An event in the list; counts are of parties with a seat."""

    slug: str
    title: Text
    summary: Text
    place: Text
    state: str
    days: list[str] = Field(description="ISO dates in the event's zone")
    host: str
    suppliers: int
    demanders: int
    called_off: Text | None = Field(default=None, description="why it was called off; null: it was not")

    @classmethod
    def of(cls, card: EventCard) -> "EventItem":
        return cls(
            slug=card.slug,
            title=Text.of(card.title),
            summary=Text.of(card.summary),
            place=Text.of(card.place),
            state=card.state,
            days=list(card.days),
            host=card.host,
            suppliers=card.suppliers,
            demanders=card.demanders,
            called_off=_reason(card.called_off),
        )


def _reason(words: Words | None) -> Text | None:
    return Text.of(words) if words is not None else None


class EventList(BaseModel):
    """A page of at most 30 events. ``called_off``: those whose days are still to come; others are past."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "total": 1,
                "page": 1,
                "pages": 1,
                "upcoming": [
                    {
                        "slug": "data-fair",
                        "title": {"en": "Data fair", "zh": "数据对接会"},
                        "summary": {"en": "Suppliers meet demanders.", "zh": "供方与需方面对面。"},
                        "place": {"en": "Songshan Lake", "zh": "松山湖"},
                        "state": "registration",
                        "days": ["2026-12-20"],
                        "host": "Lingdong Grid",
                        "suppliers": 12,
                        "demanders": 9,
                        "called_off": None,
                    }
                ],
                "called_off": [],
                "past": [],
            }
        }
    )

    total: int
    page: int
    pages: int
    upcoming: list[EventItem]
    called_off: list[EventItem]
    past: list[EventItem]

    @classmethod
    def of(cls, page: ListPage) -> "EventList":
        return cls(
            total=page.total,
            page=page.asked.number,
            pages=page.pages,
            upcoming=[EventItem.of(card) for card in page.upcoming],
            called_off=[EventItem.of(card) for card in page.called_off],
            past=[EventItem.of(card) for card in page.past],
        )


class SlotOut(BaseModel):
    """One slot; ``rest``: a break."""

    number: int
    begins: datetime
    ends: datetime
    rest: bool


class EventOut(BaseModel):
    """An event."""

    slug: str
    title: Text
    summary: Text
    place: Text
    state: str
    host: str
    tables: int
    verified: int = Field(description="the least level of verification that may register")
    slots: list[SlotOut]
    seats: dict[str, dict[str, int]] = Field(description="by side: taken, and all")
    registration_open: bool
    registration_ends_at: datetime | None
    preferences_end_at: datetime | None
    called_off_at: datetime | None
    called_off: Text | None = Field(description="why it was called off; null: it was not")

    @classmethod
    def of(cls, page: EventPage) -> "EventOut":
        return cls(
            slug=page.head.slug,
            title=Text.of(page.head.title),
            summary=Text.of(page.summary),
            place=Text.of(page.head.place),
            state=page.head.state,
            host=page.head.host,
            tables=page.tables,
            verified=page.verified,
            slots=[SlotOut(number=one.number, begins=one.begins, ends=one.ends, rest=one.rest) for one in page.slots],
            seats={side.lower(): {"taken": taken, "all": seats} for side, taken, seats in page.seats},
            registration_open=page.open,
            registration_ends_at=page.registration_ends_at,
            preferences_end_at=page.preferences_end_at,
            called_off_at=page.called_off_at,
            called_off=_reason(page.head.called_off),
        )


class ReportOut(BaseModel):
    """The numbers of an event. ``outcomes``: null where a count is too small to be told."""

    slug: str
    suppliers: int
    demanders: int
    waiting: int
    withdrawn: int
    arrived: int
    planned: int
    held: int
    no_show: int
    declined: int
    cancelled: int
    repairs: int
    outcomes: dict[str, int | None]
    timetable: dict[str, Any] = Field(description="value, bound, gap, shares and fairness of the published timetable")

    @classmethod
    def of(cls, page: ReportPage) -> "ReportOut":
        said = {name: getattr(page.report, name) for name in cls.model_fields if hasattr(page.report, name)}
        said |= {"outcomes": dict(page.report.outcomes), "timetable": dict(page.report.figures)}
        return cls(slug=page.head.slug, **said)
