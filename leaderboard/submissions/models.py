"""Tables of what is handed in and what came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, LargeBinary, String, UniqueConstraint
from sqlmodel import Field, SQLModel

from leaderboard.core.database import Instant, JsonColumn
from leaderboard.submissions.states import State


class Upload(SQLModel, table=True):
    """A file on its way in, by the tus protocol; it becomes a submission when it is complete."""

    token: str = Field(primary_key=True, description="unguessable, part of the address")
    person_id: int = Field(foreign_key="person.id", index=True)
    entry_id: int = Field(foreign_key="entry.id")
    phase_id: int = Field(foreign_key="phase.id")
    file_name: str
    size: int = Field(description="bytes")
    sha256: str | None = Field(default=None, description="stated by the sender, hex")
    note: str = ""
    created_at: datetime = Field(sa_type=Instant)
    started_at: datetime | None = Field(
        default=None, sa_type=Instant, description="first accepted byte: what the deadline is about"
    )
    submission_id: int | None = Field(default=None, foreign_key="submission.id")
    ended_at: datetime | None = Field(
        default=None, sa_type=Instant, description="complete, ended by the sender, or expired"
    )


class Submission(SQLModel, table=True):
    """One artifact handed in by a team, never changed afterwards; only its state and the team's choices change."""

    __table_args__ = (
        Index("ix_submission_entry", "entry_id", "id"),
        Index("ix_submission_standing", "entry_id", "phase_id", "state"),  # else SQLite would go through a whole phase
        Index("ix_submission_phase", "phase_id", "state", "id"),
        Index("ix_submission_challenge", "challenge_id", "state", "scored_at"),
        UniqueConstraint("entry_id", "number"),
        UniqueConstraint("person_id", "idempotency_key"),
    )

    id: int | None = Field(default=None, primary_key=True)
    challenge_id: int = Field(foreign_key="challenge.id")
    phase_id: int = Field(foreign_key="phase.id")
    entry_id: int = Field(foreign_key="entry.id")
    person_id: int = Field(foreign_key="person.id")
    number: int = Field(description="1, 2, 3 … within the entry")
    state: State = Field(default=State.RECEIVED, sa_type=String)
    file_name: str
    size: int
    sha256: str
    storage_key: str = Field(index=True)
    note: str = ""
    idempotency_key: str | None = None
    package_id: int | None = Field(
        default=None, foreign_key="package_version.id", description="scored (or to be) with it"
    )
    broke_limits: int = Field(default=0, description="how often its file drove the child out of time or memory")
    fault: str | None = Field(default=None, description="reference of a failure of ours, as in the log")
    picked: bool = Field(default=False, description="chosen by the team for the final standing")
    started_at: datetime = Field(sa_type=Instant, description="first accepted byte: the time that counts")
    received_at: datetime = Field(sa_type=Instant)
    scored_at: datetime | None = Field(default=None, sa_type=Instant)
    withdrawn_at: datetime | None = Field(default=None, sa_type=Instant)


class ScoreReport(SQLModel, table=True):
    """Everything public behind a submission's scores; one per submission, replaced when it is scored anew."""

    __tablename__ = "score_report"

    submission_id: int = Field(foreign_key="submission.id", primary_key=True)
    package_id: int = Field(foreign_key="package_version.id")
    scorer: str
    rows: int | None = None
    findings: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JsonColumn, nullable=False))
    findings_key: str | None = Field(default=None, description="every finding, CSV, gzip")
    issues_key: str | None = Field(default=None, description="the findings of a dataset, Parquet")
    quality_key: str | None = Field(default=None, description="the quality report of a dataset, JSON")
    patch_key: str | None = Field(default=None, description="what is proposed to mend a dataset, CSV, gzip")
    annotation_key: str | None = Field(default=None, description="the report about labels and annotators, JSON")
    points: dict[str, Any] | None = Field(
        default=None, sa_column=Column(JsonColumn), description="points of a dataset's measures, by key"
    )
    made_with: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JsonColumn, nullable=False))
    seconds: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JsonColumn, nullable=False))
    spread: bytes | None = Field(
        default=None, sa_column=Column(LargeBinary), description="float32, public split, first score"
    )
    at: datetime = Field(sa_type=Instant)


class RecordMark(SQLModel, table=True):
    """A mark of a record that a scored submission changed or added: see `challenges.marking`."""

    __tablename__ = "record_mark"

    challenge_id: int = Field(foreign_key="challenge.id", primary_key=True)
    mark: int = Field(sa_type=BigInteger, primary_key=True)
    submission_id: int = Field(foreign_key="submission.id", primary_key=True, index=True)
    entry_id: int = Field(foreign_key="entry.id")


class DryRun(SQLModel, table=True):
    """A file that is checked without being handed in; forgotten after an hour."""

    __tablename__ = "dry_run"

    token: str = Field(primary_key=True, description="unguessable, part of the address")
    person_id: int = Field(foreign_key="person.id", index=True)
    challenge_id: int = Field(foreign_key="challenge.id")
    file_name: str
    storage_key: str
    state: str = Field(default="waiting", description="waiting → accepted | refused | failed")
    rows: int | None = None
    findings: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JsonColumn, nullable=False))
    quality_key: str | None = Field(default=None, description="the quality report of a dataset, JSON")
    broke_limits: int = 0
    created_at: datetime = Field(sa_type=Instant, index=True)


class WorkerBeat(SQLModel, table=True):
    """A worker that is, or was, there."""

    __tablename__ = "worker_beat"

    name: str = Field(primary_key=True)
    children: int
    guards: list[list[Any]] = Field(default_factory=list, sa_column=Column(JsonColumn, nullable=False))
    started_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    stopped_at: datetime | None = Field(default=None, sa_type=Instant)


class PublicScore(SQLModel, table=True):
    """A number that everyone may see."""

    __tablename__ = "public_score"

    submission_id: int = Field(foreign_key="submission.id", primary_key=True)
    task: str = Field(default="", primary_key=True)
    key: str = Field(primary_key=True)
    value: float
    low: float
    high: float


class PrivateScore(SQLModel, table=True):
    """A number that nobody but the organizer sees before finalisation. Read in two modules only (a test says which)."""

    __tablename__ = "private_score"

    submission_id: int = Field(foreign_key="submission.id", primary_key=True)
    task: str = Field(default="", primary_key=True)
    key: str = Field(primary_key=True)
    value: float
    low: float
    high: float
    spread: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
