"""Tables of seasons and what is posted in them."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Column, Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from leaderboard.core.database import Instant, JsonColumn

ChallengeState = Literal["draft", "posted", "closed"]


class Season(SQLModel, table=True):
    """A competition as the public knows it."""

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    title_en: str
    title_zh: str
    summary_en: str = ""
    summary_zh: str = ""
    organization_id: int | None = Field(
        default=None, foreign_key="organization.id", description="None: the installation's own"
    )
    created_at: datetime = Field(sa_type=Instant)


class Challenge(SQLModel, table=True):
    """One posted problem. Words and numbers come from its package version in force; what the organizer set later is here.

    ``draft``: seen by its organizers only. ``posted``: public; open or not as its phases say. ``closed``: ended by hand.
    """

    id: int | None = Field(default=None, primary_key=True)
    season_id: int = Field(foreign_key="season.id", index=True)
    organization_id: int = Field(foreign_key="organization.id", index=True)
    slug: str = Field(unique=True)
    state: ChallengeState = Field(default="draft", sa_type=String, index=True)
    package_id: int | None = Field(default=None, description="the package version in force")
    sector: str
    task: str
    modality: list[str] = Field(default_factory=list, sa_column=Column(JsonColumn, nullable=False))
    title_en: str
    title_zh: str
    summary_en: str
    summary_zh: str
    created_at: datetime = Field(sa_type=Instant)
    posted_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    finalised_at: datetime | None = Field(
        default=None, sa_type=Instant, description="private scores are public from here"
    )


class PackageVersion(SQLModel, table=True):
    """An uploaded package: checked by the worker, then compiled for the scorer. Files are keys in the storage.

    ``files``: what teams get, each ``{path, size, sha256, role, about, key, rows, preview}`` as `challenges.admission.PublicFile`
    says, ``key`` being its place in the storage.
    """

    __tablename__ = "package_version"
    __table_args__ = (Index("ix_package_version_challenge", "challenge_id", "id"),)

    id: int | None = Field(default=None, primary_key=True)
    challenge_id: int | None = Field(default=None, foreign_key="challenge.id")
    organization_id: int = Field(foreign_key="organization.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    state: str = Field(default="checking", description="checking → ready | refused | failed")
    file_name: str
    upload_key: str = Field(description="the zip as it came")
    upload_size: int = Field(default=0, description="its bytes")
    failure: str | None = Field(default=None, description="why the child failed: time, memory, killed, broken")
    public_key: str | None = Field(default=None, description="zip of public/, READMEs and the public definition")
    public_size: int | None = Field(default=None, description="bytes of that zip")
    public_sha256: str | None = None
    prepared_key: str | None = Field(default=None, description="prefix of the compiled answers")
    prepared_files: list[str] = Field(default_factory=list, sa_column=Column(JsonColumn, nullable=False))
    digest: str | None = Field(default=None, index=True)
    scoring_digest: str | None = Field(default=None, description="changes when scores or places could change")
    version: str | None = None
    definition: dict[str, Any] | None = Field(default=None, sa_column=Column(JsonColumn))
    readme_en: str | None = None
    readme_zh: str | None = None
    files: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JsonColumn, nullable=False))
    more_files: int = Field(default=0, description="public files that are in the zip but not listed")
    findings: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JsonColumn, nullable=False))
    baselines: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JsonColumn, nullable=False))
    raw_points: dict[str, Any] | None = Field(
        default=None,
        sa_column=Column(JsonColumn),
        description="points of the raw bundle's measures, by key; datasets only",
    )
    created_at: datetime = Field(sa_type=Instant)
    checked_at: datetime | None = Field(default=None, sa_type=Instant)


class Phase(SQLModel, table=True):
    """A window of a challenge with its own quota. ``per_day`` and ``total`` count per entry; None: no limit."""

    __table_args__ = (UniqueConstraint("challenge_id", "key"),)

    id: int | None = Field(default=None, primary_key=True)
    challenge_id: int = Field(foreign_key="challenge.id", index=True)
    position: int = 0
    key: str
    title_en: str = ""
    title_zh: str = ""
    opens_at: datetime = Field(sa_type=Instant)
    closes_at: datetime = Field(sa_type=Instant)
    per_day: int | None = None
    total: int | None = None
    zone: str = Field(default="Asia/Shanghai", description="the day of per_day")
    picks: int = Field(default=2, description="how many final submissions a team may choose")


class Announcement(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    challenge_id: int = Field(foreign_key="challenge.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    title_en: str = ""
    title_zh: str = ""
    text_en: str = ""
    text_zh: str = ""
    at: datetime = Field(sa_type=Instant)


class Correction(SQLModel, table=True):
    """What was changed after posting, for everyone to see."""

    id: int | None = Field(default=None, primary_key=True)
    challenge_id: int = Field(foreign_key="challenge.id", index=True)
    person_id: int | None = Field(default=None, foreign_key="person.id")
    what: str = Field(description="such as phases.open.closes_at or package")
    before: str
    after: str
    reason: str
    at: datetime = Field(sa_type=Instant)
