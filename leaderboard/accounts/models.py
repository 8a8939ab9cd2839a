"""Tables of people and what they may do."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Index, String
from sqlmodel import Field, SQLModel

from leaderboard.core.database import Instant

PersonRole = Literal["participant", "organizer", "operator"]
MemberRole = Literal["owner", "member"]


class Person(SQLModel, table=True):
    """Somebody who can sign in. ``role`` includes what the lesser roles may do: operator > organizer > participant.

    An account that its person closed keeps its row (others point at it) and nothing that says whose it was.
    """

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True, description="lower case")
    name: str
    password_hash: str = Field(repr=False)
    role: PersonRole = Field(default="participant", sa_type=String)
    locale: str = "zh"
    created_at: datetime = Field(sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)


class Organization(SQLModel, table=True):
    """A unit that supplies data, needs data or, where it `posts`, runs challenges and events.

    Its address never changes, its name may.
    """

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    posts: bool = Field(default=False, description="may post challenges and hold events; the operator's word")
    audits: bool = Field(default=False, description="its audits of datasets are evidence; the operator's word")
    verified: int = Field(default=0, ge=0, le=3, description="how far the operator has checked who it is")
    region: str = Field(default="", description="where it is, ISO 3166-2; empty: not said")
    created_at: datetime = Field(sa_type=Instant)


class Membership(SQLModel, table=True):
    """A person belongs to an organization and organizes for it; an owner also says who else belongs to it."""

    organization_id: int = Field(foreign_key="organization.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True, index=True)
    role: MemberRole = Field(default="member", sa_type=String)
    joined_at: datetime = Field(sa_type=Instant)


class SignIn(SQLModel, table=True):
    """A browser's session on the server: ended by ``ended_at`` or by time, whatever the browser keeps."""

    __tablename__ = "sign_in"

    token_hash: str = Field(primary_key=True, repr=False, description="sha-256 of the cookie's value")
    person_id: int = Field(foreign_key="person.id", index=True)
    created_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    agent: str = Field(default="", description="browser's own words, cut")
    address: str = ""


class ApiToken(SQLModel, table=True):
    """A named key for programs: shown once, kept as a hash."""

    __tablename__ = "api_token"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    name: str
    start: str = Field(description="first characters, so that its owner knows it again")
    token_hash: str = Field(unique=True, repr=False)
    scopes: str = Field(description="space-separated: read submit organize")
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    seen_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)


class PasswordReset(SQLModel, table=True):
    """A mailed link that lets its holder choose a new password, once."""

    __tablename__ = "password_reset"

    token_hash: str = Field(primary_key=True, repr=False)
    person_id: int = Field(foreign_key="person.id", index=True)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class Attempt(SQLModel, table=True):
    """A counted try (a failed sign-in, a reset mail), for rate limits that hold over all processes."""

    __table_args__ = (Index("ix_attempt_what", "what", "at"),)

    id: int | None = Field(default=None, primary_key=True)
    what: str = Field(description="the limit and a hash of whom it is about")
    at: datetime = Field(sa_type=Instant)
