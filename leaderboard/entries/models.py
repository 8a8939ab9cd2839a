"""Tables of teams and their entries to challenges."""

from datetime import datetime
from typing import Literal

from sqlalchemy import String, UniqueConstraint
from sqlmodel import Field, SQLModel

from leaderboard.core.database import Instant

EntryState = Literal["requested", "approved", "declined", "withdrawn"]


class Team(SQLModel, table=True):
    """People who stand together. ``solo_of``: the team of one that a person enters alone with."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    name_key: str = Field(unique=True, description="name casefolded and NFKC-normalized: no two teams look the same")
    captain_id: int = Field(foreign_key="person.id", index=True)
    solo_of: int | None = Field(default=None, foreign_key="person.id", unique=True)
    created_at: datetime = Field(sa_type=Instant)
    dissolved_at: datetime | None = Field(default=None, sa_type=Instant)


class TeamMember(SQLModel, table=True):
    __tablename__ = "team_member"

    team_id: int = Field(foreign_key="team.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True)
    joined_at: datetime = Field(sa_type=Instant)


class Invitation(SQLModel, table=True):
    """A link that lets one person join a team, once."""

    id: int | None = Field(default=None, primary_key=True)
    team_id: int = Field(foreign_key="team.id", index=True)
    token_hash: str = Field(unique=True)
    created_by: int = Field(foreign_key="person.id")
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    accepted_by: int | None = Field(default=None, foreign_key="person.id")
    accepted_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)


class Entry(SQLModel, table=True):
    """A team takes up a challenge. Until seasons review entries, an entry is approved as it is made."""

    __table_args__ = (UniqueConstraint("challenge_id", "team_id"),)

    id: int | None = Field(default=None, primary_key=True)
    challenge_id: int = Field(foreign_key="challenge.id")
    team_id: int = Field(foreign_key="team.id", index=True)
    state: EntryState = Field(default="approved", sa_type=String)
    baseline: bool = Field(
        default=False, description="the organizer's own reference: shown on the board, without a place"
    )
    created_at: datetime = Field(sa_type=Instant)


class Seat(SQLModel, table=True):
    """One person stands for one team in a challenge, and has accepted its rules."""

    challenge_id: int = Field(foreign_key="challenge.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    rules_accepted_at: datetime | None = Field(default=None, sa_type=Instant)
