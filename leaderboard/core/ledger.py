"""Who did what to which thing, when: written with the deed, never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column
from sqlmodel import Field, SQLModel

from leaderboard.core.database import Instant, JsonColumn
from leaderboard.core.work import Work


class LedgerLine(SQLModel, table=True):
    """One deed. ``subject`` is a thing such as ``challenge:12``; ``detail`` holds no secrets and no private scores."""

    __tablename__ = "ledger"

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=Instant, index=True)
    person_id: int | None = Field(default=None, index=True)
    act: str
    subject: str = Field(index=True)
    detail: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JsonColumn, nullable=False))


def record(work: Work, person_id: int | None, act: str, subject: str, **detail: Any) -> None:
    """Adds a line in the caller's transaction. ``person_id`` None: the system itself, or the command line."""
    work.session.add(LedgerLine(at=work.now, person_id=person_id, act=act, subject=subject, detail=detail))
