"""The queue: rows in the same database, so a job exists exactly when what it is about exists.

A job is *waiting*, *leased* with a living heartbeat, *done*, or *dead* (given up after its attempts). A leased job whose
lease ran out is waiting again, at the next claim; nothing can be stuck. Work is at-least-once, so what a job writes must be
idempotent; ``finish`` and ``retry`` refuse (return False) when the lease has gone to somebody else meanwhile.

Claims are fair between **lanes** (one a challenge): the lane served longest ago comes first. A claim takes jobs of one
lane only, so that a scoring child can stay with one challenge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from sqlalchemy import Column, Index, and_, bindparam, case, delete, func, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, col

from leaderboard.core.database import Instant, JsonColumn, dialect_of, upsert

WAITING, LEASED, DONE, DEAD = "waiting", "leased", "done", "dead"
RETRY_SECONDS = (1, 5, 30, 120, 600)
KEEP_DONE = timedelta(days=2)


class Job(SQLModel, table=True):
    """One thing to do. ``key`` makes enqueueing idempotent: the same key is enqueued once."""

    __table_args__ = (
        Index("ix_job_claim", "state", "kind", "lane", "id"),
        Index("ix_job_lease", "state", "lease_until"),
    )

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    key: str = Field(unique=True)
    lane: str = ""
    payload: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JsonColumn, nullable=False))
    weight: int = 0
    state: str = WAITING
    attempts: int = 0
    not_before: datetime = Field(sa_type=Instant)
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    leased_by: str | None = None
    created_at: datetime = Field(sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    error: str | None = None
    steps: list[list[Any]] | None = Field(
        default=None, sa_column=Column(JsonColumn), description="how far this try is: each step, and when it began"
    )
    again: bool = Field(default=False, description="enqueued once more while leased: waits again when it is finished")


class Lane(SQLModel, table=True):
    """When a lane was last served, for fairness."""

    kind: str = Field(primary_key=True)
    lane: str = Field(primary_key=True)
    served_at: datetime = Field(sa_type=Instant)


@dataclass(frozen=True, slots=True)
class Step:
    """A part of a job's work, and when it began; it ends where the next one begins."""

    name: str
    began_at: datetime


@dataclass(frozen=True, slots=True)
class Leased:
    """A job in our hands until its lease ends; ``attempt`` counts from 1 and fences what a late worker writes."""

    id: int
    kind: str
    key: str
    lane: str
    payload: dict[str, Any]
    attempt: int
    worker: str


def enqueue(
    session: Session,
    kind: str,
    key: str,
    now: datetime,
    *,
    lane: str = "",
    payload: dict[str, Any] | None = None,
    weight: int = 0,
    delay: timedelta = timedelta(0),
) -> bool:
    """Adds a job in the caller's transaction; returns False when a job of this ``key`` waits already.

    What is to be done must follow from the key: a job that is known keeps its payload until it is finished.
    ``weight`` is the bytes to be read: a claim takes several light jobs or one heavy one. A finished job of the same key
    is started afresh; one that is being worked on is done once more when it is finished, since it may have read too early.
    """
    values = {
        "kind": kind,
        "lane": lane,
        "payload": payload or {},
        "weight": weight,
        "state": WAITING,
        "attempts": 0,
        "not_before": now + delay,
        "lease_until": None,
        "leased_by": None,
        "created_at": now,
        "finished_at": None,
        "error": None,
        "steps": None,
        "again": False,
    }
    if session.execute(_adding(dialect_of(session)), {"key": key, **values}).first() is not None:
        return True
    # Locked: a worker that claimed it now would not see what this transaction has written, and nobody would look again.
    known = session.execute(
        select(Job.id, Job.state).where(Job.key == key).with_for_update()  # type: ignore[call-overload]
    ).one()
    if known.state in {DONE, DEAD}:
        session.execute(update(Job).where(Job.id == known.id).values(**values))
        return True
    if known.state == LEASED:
        session.execute(update(Job).where(Job.id == known.id).values(again=True, not_before=now + delay))
        return True
    return False


@cache
def _adding(dialect: str) -> Any:
    """Built once: each submission runs it, and building costs more than running."""
    return upsert(dialect, Job).on_conflict_do_nothing(index_elements=["key"]).returning(col(Job.id))


def _claimable(now: datetime) -> Any:
    return or_(
        and_(Job.state == WAITING, Job.not_before <= now),  # type: ignore[arg-type]
        and_(Job.state == LEASED, Job.lease_until < now),  # type: ignore[arg-type,operator]
    )


def is_waiting(session: Session, now: datetime, *, kinds: Sequence[str]) -> bool:
    """Whether a claim of these kinds would find something."""
    found = select(Job.id).where(Job.kind.in_(kinds), _claimable(now)).limit(1)  # type: ignore[call-overload,attr-defined]
    return session.execute(found).first() is not None


def claim(
    session: Session,
    worker: str,
    now: datetime,
    lease: timedelta,
    *,
    kinds: Sequence[str],
    most: int = 16,
    weight: int = 8 << 20,
) -> list[Leased]:
    """Leases up to ``most`` jobs of one lane and kind, together at most ``weight`` bytes (but always at least one).

    Expired leases are claimed again. On PostgreSQL rows in other hands are skipped, not waited for.
    """
    first = session.execute(
        select(Job.kind, Job.lane, func.min(Job.id))  # type: ignore[call-overload]
        .outerjoin(Lane, and_(Lane.kind == Job.kind, Lane.lane == Job.lane))  # type: ignore[arg-type]
        .where(Job.kind.in_(kinds), _claimable(now))  # type: ignore[attr-defined]
        .group_by(Job.kind, Job.lane, Lane.served_at)
        .order_by(Lane.served_at.asc().nulls_first(), func.min(Job.id))  # type: ignore[attr-defined]
        .limit(1)
    ).first()
    if first is None:
        return []
    kind, lane, _ = first
    rows = session.execute(
        select(Job)
        .where(Job.kind == kind, Job.lane == lane, _claimable(now))
        .order_by(col(Job.id))
        .limit(most)
        .with_for_update(skip_locked=True)
    ).scalars()
    taken: list[Job] = []
    total = 0
    for job in rows:
        total += job.weight
        if taken and total > weight:
            break
        taken.append(job)
    for job in taken:
        job.state, job.leased_by, job.lease_until = LEASED, worker, now + lease
        job.attempts += 1
        job.steps = None
        session.add(job)
    if taken:
        _serve(session, kind, lane, now)
    session.flush()
    return [_leased(job, worker) for job in taken]


def _serve(session: Session, kind: str, lane: str, now: datetime) -> None:
    served = select(Lane.served_at).where(Lane.kind == kind, Lane.lane == lane)  # type: ignore[call-overload]
    if session.execute(served).first() is None:
        first = upsert(dialect_of(session), Lane).values(kind=kind, lane=lane, served_at=now)
        session.execute(first.on_conflict_do_nothing(index_elements=["kind", "lane"]))
    elif session.execute(served.with_for_update(skip_locked=True)).first():
        session.execute(update(Lane).where(Lane.kind == kind, Lane.lane == lane).values(served_at=now))  # type: ignore[arg-type]
    # Else another worker serves it at this moment, and says so itself.


def _leased(job: Job, worker: str) -> Leased:
    assert job.id is not None
    return Leased(job.id, job.kind, job.key, job.lane, job.payload, job.attempts, worker)


def _held(job: Leased) -> Any:
    return and_(
        Job.id == job.id,  # type: ignore[arg-type]
        Job.state == LEASED,  # type: ignore[arg-type]
        Job.leased_by == job.worker,  # type: ignore[arg-type]
        Job.attempts == job.attempt,  # type: ignore[arg-type]
    )


def heartbeat(session: Session, held: Sequence[Leased], now: datetime, lease: timedelta) -> None:
    """Prolongs the leases that are still ours."""
    for job in held:
        session.execute(update(Job).where(_held(job)).values(lease_until=now + lease))


def tell(session: Session, job: Leased, steps: Sequence[Step]) -> None:
    """Notes how far a job is that is still ours."""
    noted = [[step.name, step.began_at.isoformat()] for step in steps]
    session.execute(update(Job).where(_held(job)).values(steps=noted))


def steps_of(session: Session, key: str) -> tuple[Step, ...]:
    """How far a job that is being worked on is, the step it is at last; nothing where it tells of none."""
    steps = session.execute(select(Job.steps).where(Job.key == key, Job.state == LEASED)).scalar_one_or_none()  # type: ignore[call-overload]
    return tuple(Step(name, datetime.fromisoformat(began)) for name, began in steps or ())


def finish(session: Session, job: Leased, now: datetime) -> bool:
    """Marks the job done; False (and nothing written) when it is no longer ours: then write no result either."""
    ours = {"of_id": job.id, "of_worker": job.worker, "of_attempt": job.attempt, "now": now}
    done: Any = session.connection().execute(_finishing(), ours)
    return bool(done.rowcount)


@cache
def _finishing() -> Any:
    return (
        update(Job)
        .where(
            col(Job.id) == bindparam("of_id"),
            col(Job.state) == LEASED,
            col(Job.leased_by) == bindparam("of_worker"),
            col(Job.attempts) == bindparam("of_attempt"),
        )
        .values(
            state=case((col(Job.again).is_(True), WAITING), else_=DONE), again=False, attempts=0,
            finished_at=bindparam("now"), lease_until=None, error=None,
        )
    )  # fmt: skip


def retry(session: Session, job: Leased, now: datetime, error: str, attempts: int) -> str | None:
    """Gives the job back after a fault of ours: waiting again, later each time, or dead after ``attempts``.

    A job that was enqueued once more meanwhile starts afresh instead of dying. Returns the new state, or None when the job
    is no longer ours.
    """
    held = select(Job.again).where(_held(job)).with_for_update()  # type: ignore[call-overload]
    again = session.execute(held).scalar_one_or_none()
    if again is None:
        return None
    given_up = job.attempt >= attempts
    dead = given_up and not again
    pause = RETRY_SECONDS[min(job.attempt, len(RETRY_SECONDS)) - 1]
    values = {
        "state": DEAD if dead else WAITING,
        "attempts": 0 if given_up and again else job.attempt,  # who asked once more has not had a try yet
        "again": False,
        "not_before": now + timedelta(seconds=pause),
        "finished_at": now if dead else None,
        "lease_until": None,
        "leased_by": None,
        "error": error[:2000],
    }
    session.execute(update(Job).where(_held(job)).values(**values))
    return str(values["state"])


def release(session: Session, held: Sequence[Leased], now: datetime) -> None:
    """Gives jobs back untried, when a worker stops in good order."""
    for job in held:
        session.execute(
            update(Job)
            .where(_held(job))
            .values(state=WAITING, attempts=Job.attempts - 1, lease_until=None, leased_by=None, not_before=now)
        )


_Other: Final = aliased(Job)
_AHEAD: Final = select(
    select(func.count())
    .where(
        col(_Other.state) == WAITING,
        col(_Other.kind) == col(Job.kind),
        col(_Other.lane) == col(Job.lane),
        col(_Other.id) < col(Job.id),
    )
    .scalar_subquery()
).where(col(Job.key) == bindparam("of_key"), col(Job.state) == WAITING)


def ahead(session: Session, key: str) -> int | None:
    """How many waiting jobs of the same lane were enqueued before this one; None when it does not wait."""
    return session.connection().execute(_AHEAD, {"of_key": key}).scalar_one_or_none()


def state_of(session: Session, key: str) -> str | None:
    """waiting, leased, done or dead; None when there is no such job, or it was done long ago."""
    return session.execute(select(Job.state).where(Job.key == key)).scalar_one_or_none()  # type: ignore[call-overload]


def counts(session: Session) -> dict[tuple[str, str], int]:
    """(kind, state) → how many jobs; for status pages and metrics."""
    rows = session.execute(select(Job.kind, Job.state, func.count()).group_by(Job.kind, Job.state))  # type: ignore[call-overload]
    return {(kind, state): count for kind, state, count in rows}


def prune(session: Session, now: datetime) -> None:
    """Removes jobs that were done long ago; dead ones stay to be looked at."""
    session.execute(delete(Job).where(Job.state == DONE, Job.finished_at < now - KEEP_DONE))  # type: ignore[arg-type,operator]
