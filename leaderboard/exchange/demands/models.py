"""Tables of demands, their versions, who was let in, and who looked."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from leaderboard.core.database import Instant, JsonColumn
from leaderboard.exchange.demands.states import DemandState

Visibility = Literal["public", "verified", "blind", "invited"]
Tier = Literal["full", "card", "none"]
"""How much of a demand somebody sees: all of it, the blind card, or nothing, as if it were not there."""


class DemandRow(SQLModel, table=True):
    """A demand of an organization. What it says is in its versions; `version` is the number of the one in force.

    `visibility` and `card` are copies from that version, so that they can be counted. `key` is drawn by lot: it tells nothing.
    """

    __tablename__ = "demand"
    __table_args__ = (Index("ix_demand_state", "state", "visibility", "card"),)

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    organization_id: int = Field(foreign_key="organization.id", index=True)
    state: DemandState = Field(default="draft", sa_type=String)
    visibility: Visibility = Field(default="public", sa_type=String)
    card: str = Field(default="", description="fingerprint of the blind card; the same for all that share its fields")
    version: int
    vetted_version: int = Field(default=0, description="the last one that the operator has looked at")
    note: str = Field(default="", description="why the operator returned it, in their words")
    outcome: str = Field(default="", description="why it was closed: a key of `states.REASONS`")
    outcome_note: str = ""
    missing: list[str] = Field(
        default_factory=list,
        sa_column=Column(JsonColumn, nullable=False),
        description="what its last run found no listing to have: ids of constraints, the commonest first",
    )
    challenge_id: int | None = Field(default=None, foreign_key="challenge.id", description="made of it")
    created_at: datetime = Field(sa_type=Instant)
    submitted_at: datetime | None = Field(default=None, sa_type=Instant)
    opened_at: datetime | None = Field(default=None, sa_type=Instant, description="for the first time")
    proposed_at: datetime | None = Field(default=None, sa_type=Instant, description="as a challenge")
    proposed_in_full: bool = Field(default=False, description="organizers read its text though it is not public")
    event_at: datetime | None = Field(
        default=None, sa_type=Instant, description="taken to an event, for the first time"
    )
    closed_at: datetime | None = Field(default=None, sa_type=Instant)


class DemandVersion(SQLModel, table=True):
    """What a demand said from `created_at` on, never changed afterwards."""

    __tablename__ = "demand_version"
    __table_args__ = (UniqueConstraint("demand_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    demand_id: int = Field(foreign_key="demand.id")
    number: int = Field(description="1, 2, 3 … within the demand")
    title_en: str = ""
    title_zh: str = ""
    need_en: str = ""
    need_zh: str = ""
    document: dict[str, Any] = Field(sa_column=Column(JsonColumn, nullable=False), description="jiebang-demand/1")
    understood: dict[str, Any] = Field(
        sa_column=Column(JsonColumn, nullable=False), description="pieces and left words, by the name of the text"
    )
    sha256: str = Field(description="of texts and document")
    created_at: datetime = Field(sa_type=Instant)
    created_by: int | None = Field(default=None, foreign_key="person.id")


class DemandInvitation(SQLModel, table=True):
    """An organization that sees a demand in full: by the demander's invitation, or since both sides showed their interest."""

    __tablename__ = "demand_invitation"

    demand_id: int = Field(foreign_key="demand.id", primary_key=True)
    organization_id: int = Field(foreign_key="organization.id", primary_key=True, index=True)
    by_interest: bool = Field(default=False, description="names were revealed; no edit of the form takes that back")


class DemandAccess(SQLModel, table=True):
    """Somebody outside the demander's organization saw a demand that is not public: at most one line a day for each tier.

    Nobody signed in: neither organization nor person.
    """

    __tablename__ = "demand_access"
    __table_args__ = (Index("ix_demand_access_demand", "demand_id", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    demand_id: int = Field(foreign_key="demand.id")
    organization_id: int | None = Field(default=None, foreign_key="organization.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    tier: Tier = Field(sa_type=String)
    at: datetime = Field(sa_type=Instant)
