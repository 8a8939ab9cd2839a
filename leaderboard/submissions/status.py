"""How the service is, for everyone: what waits, who works, how long it usually takes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.core import jobs
from leaderboard.core.work import Work
from leaderboard.submissions.dry_runs import CHECK_JOB
from leaderboard.submissions.models import Submission, WorkerBeat
from leaderboard.submissions.service import SCORE_JOB
from leaderboard.submissions.states import State

RECENT: Final = 200
WORKER_SILENT: Final = timedelta(minutes=2)
KINDS: Final = (SCORE_JOB, CHECK_JOB, "package")


@dataclass(frozen=True)
class WorkerRow:
    """A worker that was seen today. ``missing``: guards that it works without."""

    number: int
    children: int
    seen_at: datetime
    alive: bool
    missing: tuple[str, ...]


@dataclass(frozen=True)
class GivenUp:
    """A job of any kind that was tried as often as the settings say; ``error``: what was said the last time."""

    number: int
    kind: str
    subject: str
    attempts: int
    at: datetime
    error: str


@dataclass(frozen=True)
class StatusPage:
    """How the service is: what waits, who works, how long it usually takes. ``given_up`` is for the operator, else empty."""

    waiting: int
    working: int
    dead: int
    usual: float | None
    last_scored_at: datetime | None
    workers: tuple[WorkerRow, ...]
    given_up: tuple[GivenUp, ...] = ()


def usual_seconds(work: Work, challenge_id: int | None = None) -> float | None:
    """The median of how long the latest scored submissions waited, in seconds; None when there is none."""
    query = select(Submission.received_at, Submission.scored_at).where(col(Submission.scored_at).is_not(None))
    if challenge_id is None:
        query = query.order_by(col(Submission.id).desc())
    else:
        query = query.where(Submission.challenge_id == challenge_id, Submission.state == State.SCORED)
        query = query.order_by(col(Submission.scored_at).desc())
    rows = work.session.exec(query.limit(RECENT)).all()
    waited = sorted((scored - received).total_seconds() for received, scored in rows if scored is not None)
    return waited[len(waited) // 2] if waited else None


def _given_up(work: Work) -> tuple[GivenUp, ...]:
    """The newest first."""
    query = select(jobs.Job).where(col(jobs.Job.state) == jobs.DEAD).order_by(col(jobs.Job.id).desc()).limit(RECENT)
    return tuple(
        GivenUp(
            number=job.id or 0,
            kind=job.kind,
            subject=job.key,
            attempts=job.attempts,
            at=job.finished_at or job.created_at,
            error=((job.error or "").strip().splitlines() or [""])[-1],
        )
        for job in work.session.exec(query)
    )


def status(work: Work, actor: Actor | None = None) -> StatusPage:
    """How the service is, for ``actor`` or, without one, for everybody."""
    counts = jobs.counts(work.session)
    scored = col(Submission.scored_at)
    newest = select(scored).where(scored.is_not(None)).order_by(col(Submission.id).desc()).limit(RECENT)
    last = max((at for at in work.session.exec(newest) if at is not None), default=None)
    seen = col(WorkerBeat.seen_at)
    beats = work.session.exec(select(WorkerBeat).where(seen > work.now - timedelta(days=1)).order_by(seen.desc()))
    return StatusPage(
        waiting=sum(counts.get((kind, jobs.WAITING), 0) for kind in KINDS),
        working=sum(counts.get((kind, jobs.LEASED), 0) for kind in KINDS),
        dead=sum(counts.get((kind, jobs.DEAD), 0) for kind in KINDS),
        usual=usual_seconds(work),
        last_scored_at=last,
        workers=tuple(
            WorkerRow(
                number=number,
                children=beat.children,
                seen_at=beat.seen_at,
                alive=beat.stopped_at is None and beat.seen_at > work.now - WORKER_SILENT,
                missing=tuple(str(guard[0]) for guard in beat.guards if not guard[1] and guard[3]),
            )
            for number, beat in enumerate(beats, 1)
        ),
        given_up=_given_up(work) if actor is not None and "operator" in actor.relations() else (),
    )
