"""Tables of match runs, of what both sides say to them, of saved searches, and of looks at blind demands."""

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Column, Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from leaderboard.core.database import Instant, JsonColumn

Cadence = Literal["once", "daily", "weekly"]
WatchKind = Literal["search", "demand", "listing"]
Verdict = Literal["useful", "not_useful"]


class ListingChange(SQLModel, table=True):
    """That something about a listing changed. Each change has a higher number; of a listing only the last one is kept."""

    __tablename__ = "listing_change"

    id: int | None = Field(default=None, primary_key=True)
    listing_id: int = Field(index=True)


class MatchDocument(SQLModel, table=True):
    """A listing exactly as a run was given it, evidence included: kept once, however many runs look at it."""

    __tablename__ = "match_document"
    __table_args__ = (UniqueConstraint("version_id", "sha256"),)

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="listing_version.id")
    sha256: str = Field(description="of the document's JSON")
    first_run: int | None = Field(
        default=None, description="id of the first run that looked at it; runs are pruned, so no key"
    )
    document: str = Field(
        repr=False, description="a `terms.listing.Listing` with evidence, JSON as text: not a digit is lost"
    )


class MatchRun(SQLModel, table=True):
    """One run of matching. What it was given and what came of it lie in the storage."""

    __tablename__ = "match_run"
    __table_args__ = (Index("ix_match_run_demand", "demand_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    demand_id: int = Field(foreign_key="demand.id")
    demand_version_id: int = Field(foreign_key="demand_version.id")
    made_at: datetime = Field(sa_type=Instant)
    today: date = Field(description="the day it was made for")
    config_hash: str
    embedder: str | None = Field(
        default=None, description="what compared meanings, as name@version + …; None: words alone"
    )
    listings: int = Field(description="how many it looked at")
    good: int = Field(description="how many are good enough")
    near: list[int] = Field(
        default_factory=list,
        sa_column=Column(JsonColumn, nullable=False),
        description="ids of the listings that one change would bring in",
    )
    given_key: str = Field(description="storage key of what it was given")
    result_key: str = Field(description="storage key of what came of it")


class Match(SQLModel, table=True):
    """One of the explained matches of a demand's newest run."""

    __table_args__ = (UniqueConstraint("demand_id", "listing_id"),)

    id: int | None = Field(default=None, primary_key=True)
    run_id: int = Field(foreign_key="match_run.id")
    demand_id: int = Field(foreign_key="demand.id")
    listing_id: int = Field(foreign_key="listing.id", index=True)
    version_id: int = Field(foreign_key="listing_version.id")
    rank: int
    placing: float
    since: datetime = Field(sa_type=Instant, description="from when on it has been among the matches without a break")


class MatchFeedback(SQLModel, table=True):
    """What the demander's organization says to a match: the last word counts, the ledger keeps the others."""

    __tablename__ = "match_feedback"
    __table_args__ = (UniqueConstraint("demand_id", "listing_id"),)

    id: int | None = Field(default=None, primary_key=True)
    demand_id: int = Field(foreign_key="demand.id")
    listing_id: int = Field(foreign_key="listing.id")
    run_id: int = Field(foreign_key="match_run.id")
    verdict: Verdict = Field(sa_type=String)
    reason: str = Field(default="", description="a key of `feedback.REASONS`; empty: not said")
    note: str = ""
    by: int = Field(foreign_key="person.id")
    at: datetime = Field(sa_type=Instant)


class MatchQuestion(SQLModel, table=True):
    """What a demander asks a supplier because a run could not know it."""

    __tablename__ = "match_question"
    __table_args__ = (UniqueConstraint("demand_id", "listing_id", "digest"),)

    id: int | None = Field(default=None, primary_key=True)
    demand_id: int = Field(foreign_key="demand.id")
    listing_id: int = Field(foreign_key="listing.id", index=True)
    digest: str = Field(description="of the question and its params: asked once")
    question: str = Field(description="message id, such as question.price")
    params: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JsonColumn, nullable=False))
    asked_by: int = Field(foreign_key="person.id")
    asked_at: datetime = Field(sa_type=Instant)
    answer: str = ""
    answered_by: int | None = Field(default=None, foreign_key="person.id")
    answered_at: datetime | None = Field(default=None, sa_type=Instant)


class Watch(SQLModel, table=True):
    """What somebody wants to be told of: a search (new listings), a demand (new matches) or a listing (new demands)."""

    __table_args__ = (Index("ix_watch_due", "cadence", "looked_at"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    kind: WatchKind = Field(sa_type=String)
    name: str
    query: dict[str, str] = Field(default_factory=dict, sa_column=Column(JsonColumn, nullable=False))
    demand_id: int | None = Field(default=None, foreign_key="demand.id")
    listing_id: int | None = Field(default=None, foreign_key="listing.id")
    cadence: Cadence = Field(sa_type=String)
    token: str = Field(unique=True, repr=False, description="in the link that ends it")
    created_at: datetime = Field(sa_type=Instant)
    looked_at: datetime = Field(sa_type=Instant, description="everything until then has been looked at")


class WatchTold(SQLModel, table=True):
    """What a watch has told already; old lines go once `Watch.looked_at` is past them."""

    __tablename__ = "watch_told"

    watch_id: int = Field(foreign_key="watch.id", primary_key=True)
    subject_id: int = Field(primary_key=True, description="a listing, or for a watched listing a demand")
    at: datetime = Field(sa_type=Instant)


class Digest(SQLModel, table=True):
    """A mail that was sent: at most one a person, cadence and period."""

    __table_args__ = (UniqueConstraint("person_id", "cadence", "period"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    cadence: Cadence = Field(sa_type=String)
    period: str = Field(description="when it was due")
    items: int
    at: datetime = Field(sa_type=Instant)


class BlindLook(SQLModel, table=True):
    """That an organization compared a version of its listing with blind demands; a day has so many of these."""

    __tablename__ = "blind_look"
    __table_args__ = (UniqueConstraint("organization_id", "day", "version_id"),)

    id: int | None = Field(default=None, primary_key=True)
    organization_id: int = Field(foreign_key="organization.id")
    day: date
    version_id: int = Field(foreign_key="listing_version.id")
    person_id: int = Field(foreign_key="person.id")
    at: datetime = Field(sa_type=Instant)
