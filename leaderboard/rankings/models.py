"""Tables of places: maintained when a score is recorded, read when a page is shown."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from leaderboard.core.database import Instant


class Standing(SQLModel, table=True):
    """A team's best public submission in a phase, with what decides its place (see ``rankings.order``)."""

    __table_args__ = (
        Index("ix_standing_order", "phase_id", "baseline", "weakness", "tiebreak", "entry_id"),
        Index("ix_standing_latest", "phase_id", "latest_at"),
    )

    phase_id: int = Field(foreign_key="phase.id", primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", primary_key=True, index=True)
    submission_id: int = Field(foreign_key="submission.id", index=True)
    baseline: bool = False
    weakness: float
    tiebreak: str = ""
    value: float
    low: float
    high: float
    best_place: int | None = Field(default=None, description="rank range, from paired differences on the same rows")
    worst_place: int | None = None
    submissions: int = Field(default=0, description="scored submissions of the entry in this phase")
    at: datetime = Field(sa_type=Instant, description="when the best was handed in")
    latest_at: datetime = Field(sa_type=Instant, description="when the latest scored one was handed in")


class RankBucket(SQLModel, table=True):
    """How many places fall into one slice of weakness: a rank without counting rows. Empty slices have no row."""

    __tablename__ = "rank_bucket"

    phase_id: int = Field(foreign_key="phase.id", primary_key=True)
    bucket: int = Field(primary_key=True)
    count: int = 0


class StandingChange(SQLModel, table=True):
    """Each time a team's best changed: a board can be shown as of any moment, and drawn over time."""

    __tablename__ = "standing_change"
    __table_args__ = (Index("ix_standing_change", "phase_id", "entry_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    phase_id: int = Field(foreign_key="phase.id")
    entry_id: int = Field(foreign_key="entry.id")
    submission_id: int | None = Field(default=None, foreign_key="submission.id", description="None: left the board")
    baseline: bool = False
    weakness: float | None = None
    tiebreak: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    at: datetime = Field(sa_type=Instant)


class Board(SQLModel, table=True):
    """One board's version: grows with every change, so that a kept page knows whether it is still true."""

    phase_id: int = Field(foreign_key="phase.id", primary_key=True)
    version: int = 0
    changed_at: datetime = Field(sa_type=Instant)


class FinalStanding(SQLModel, table=True):
    """The place on private scores, written when the organizer finalises; never before."""

    __tablename__ = "final_standing"

    phase_id: int = Field(foreign_key="phase.id", primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", primary_key=True)
    submission_id: int = Field(foreign_key="submission.id")
    baseline: bool = False
    place: int | None = None
    public_place: int | None = None
    value: float
    low: float
    high: float
    best_place: int | None = None
    worst_place: int | None = None
    at: datetime = Field(sa_type=Instant)
