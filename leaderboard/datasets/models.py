"""Tables of dataset cards and their versions."""

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from leaderboard.core.database import Instant, JsonColumn

DatasetState = Literal["draft", "published", "withdrawn"]
VersionKind = Literal["submission", "reference", "upload"]
Outcome = Literal["passed", "remarks", "failed"]
MeasuringState = Literal["", "looking", "described", "measuring", "measured", "refused", "failed"]


class Dataset(SQLModel, table=True):
    """A card: what a dataset is, in one language or both, and whose it is. Either a team owns it or an organization.

    ``draft``: seen by its owners. ``published``: by everybody. ``withdrawn``: its owners took it back, and may publish it again.
    """

    __table_args__ = (
        CheckConstraint("(team_id IS NULL) <> (organization_id IS NULL)", name="ck_dataset_owner"),
        Index("ix_dataset_state", "state", "published_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True)
    team_id: int | None = Field(default=None, foreign_key="team.id", index=True)
    organization_id: int | None = Field(default=None, foreign_key="organization.id", index=True)
    state: DatasetState = Field(default="draft", sa_type=String)
    title_en: str = ""
    title_zh: str = ""
    summary_en: str = ""
    summary_zh: str = ""
    provenance_en: str = ""
    provenance_zh: str = ""
    citation_en: str = ""
    citation_zh: str = ""
    sector: str = ""
    modalities: list[str] = Field(default_factory=list, sa_column=Column(JsonColumn, nullable=False))
    languages: list[str] = Field(
        default_factory=list, sa_column=Column(JsonColumn, nullable=False), description="BCP 47 tags of its content"
    )
    licence: str = Field(default="", description="SPDX identifier; empty: the owner's own terms")
    own_terms: dict[str, Any] = Field(
        default_factory=dict,
        sa_column=Column(JsonColumn, nullable=False),
        description="what its owner says of its use beside the licence, a terms.policy.Policy",
    )
    created_at: datetime = Field(sa_type=Instant)
    published_at: datetime | None = Field(default=None, sa_type=Instant, description="for the first time")
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class DatasetVersion(SQLModel, table=True):
    """One file that the card is about, never changed afterwards; what was measured of it is its own.

    ``submission``: handed in here; the file stays with its team. ``reference``: kept elsewhere, at ``address``. ``upload``: brought
    for this card alone, at ``storage_key``; nobody but its owners sees it before it has been measured.

    ``measuring`` of an upload: ``looking`` (which columns it has), ``described`` (its owner is to say what they mean), ``measuring``,
    ``measured``, ``refused`` (no dataset that can be read; ``findings`` say why), ``failed`` (our fault; it can be tried again).
    """

    __tablename__ = "dataset_version"
    __table_args__ = (UniqueConstraint("dataset_id", "number"), UniqueConstraint("dataset_id", "sha256"))

    id: int | None = Field(default=None, primary_key=True)
    dataset_id: int = Field(foreign_key="dataset.id")
    number: int = Field(description="1, 2, 3 … within the dataset")
    kind: VersionKind = Field(sa_type=String)
    sha256: str
    submission_id: int | None = Field(default=None, foreign_key="submission.id", unique=True)
    address: str | None = None
    media_type: str
    size: int | None = Field(default=None, sa_type=BigInteger, description="bytes; None: not said")
    rows: int | None = Field(default=None, sa_type=BigInteger, description="records; None: not said")
    changelog_en: str = ""
    changelog_zh: str = ""
    storage_key: str | None = Field(default=None, index=True, description="of an upload")
    measuring: MeasuringState = Field(default="", sa_type=String)
    request: str = Field(
        default="", description="the newest question to the sandbox; answers to older ones are dropped"
    )
    findings: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JsonColumn, nullable=False))
    columns: list[dict[str, Any]] = Field(
        default_factory=list,
        sa_column=Column(JsonColumn, nullable=False),
        description="what its owner says of its columns, each a columns.Column",
    )
    report_key: str | None = Field(default=None, description="the whole quality report of an upload, for its owners")
    quality_key: str | None = Field(default=None, description="what is published of its quality report, JSON")
    grade: str | None = None
    composite: float | None = None
    low: float | None = Field(default=None, description="lower end of the 95 % interval of the composite")
    high: float | None = None
    measured_at: datetime | None = Field(default=None, sa_type=Instant)
    consent_by: int | None = Field(default=None, foreign_key="person.id", description="who agreed to the publication")
    consent_at: datetime | None = Field(default=None, sa_type=Instant)
    preview_by: int | None = Field(default=None, foreign_key="person.id", description="who agreed to show some records")
    preview_at: datetime | None = Field(default=None, sa_type=Instant)
    preview_key: str | None = Field(default=None, description="some records with personal data masked, JSON")
    created_at: datetime = Field(sa_type=Instant)


class DatasetAudit(SQLModel, table=True):
    """What an organization of the operator's trust found when it looked at one version. Never changed; it may be taken back.

    It is about the version's file, hence about its hash, and of no other: a newer version makes it stale.
    """

    __tablename__ = "dataset_audit"

    id: int | None = Field(default=None, primary_key=True)
    version_id: int = Field(foreign_key="dataset_version.id", index=True)
    organization_id: int = Field(foreign_key="organization.id", index=True)
    matter: str = Field(description="what was looked at, a key of audits.MATTERS")
    outcome: Outcome = Field(sa_type=String)
    text_en: str = ""
    text_zh: str = ""
    audited_on: date
    report_sha256: str = Field(
        default="", description="of the whole report, which stays with the auditor; empty: not said"
    )
    recorded_by: int = Field(foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=Instant)
    withdrawn_by: int | None = Field(default=None, foreign_key="person.id")
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)
