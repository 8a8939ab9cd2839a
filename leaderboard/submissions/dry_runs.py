"""A file is checked as if it were handed in: the same answer, no quota, and nothing is kept for longer than an hour."""

from datetime import timedelta
from functools import partial
from secrets import token_urlsafe
from typing import Final

from sqlalchemy import func
from sqlmodel import col, select

from challenges.report import Report
from leaderboard.accounts.access import Actor
from leaderboard.core.errors import NotFound, TooMany
from leaderboard.core.i18n import N_
from leaderboard.core.jobs import Leased
from leaderboard.core.sandbox import ChildFailed, Outcome, Task
from leaderboard.core.work import Work
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge
from leaderboard.submissions.models import DryRun
from leaderboard.submissions.reception import ReceivedFile
from leaderboard.submissions.recording import BROKEN_LIMITS, keep_quality, refusal_by_limits, task

CHECK_JOB: Final = "check"
KEEP: Final = timedelta(hours=1)
MOST_AT_ONCE: Final = 3
MOST_AN_HOUR: Final = 60


def may_check(work: Work, actor: Actor, challenge: Challenge) -> None:
    """Raises SignInNeeded, Forbidden or TooMany: a check costs no quota, yet it costs our time."""
    also = seasons.relations(work, actor, challenge)
    actor.demand("submission.check", organization_id=challenge.organization_id, also=also)
    mine = select(func.count()).where(DryRun.person_id == actor.person_id, DryRun.created_at > work.now - KEEP)
    waiting = work.session.exec(mine.where(DryRun.state == "waiting")).one()
    if waiting >= MOST_AT_ONCE or work.session.exec(mine).one() >= MOST_AN_HOUR:
        raise TooMany(
            "submissions.too_many_checks",
            N_("You have checked many files in a short time. Wait for those under way, or come back in a while."),
            retry_after=30 if waiting >= MOST_AT_ONCE else 600,
        )


def begin(work: Work, actor: Actor, challenge: Challenge, file: ReceivedFile) -> DryRun:
    """Queues the check of a stored file. Raises as `may_check`."""
    may_check(work, actor, challenge)
    assert challenge.id is not None and actor.person_id is not None  # noqa: PT018
    run = DryRun(
        token=token_urlsafe(16),
        person_id=actor.person_id,
        challenge_id=challenge.id,
        file_name=file.file_name,
        storage_key=file.storage_key,
        created_at=work.now,
    )
    work.session.add(run)
    work.session.flush()
    work.enqueue(
        CHECK_JOB,
        f"{CHECK_JOB}:{run.token}",
        lane=f"challenge:{challenge.id}",
        payload={"dry_run": run.token},
        weight=file.size,
    )
    return run


def find(work: Work, actor: Actor, token: str) -> DryRun:
    """The actor's own check. Raises NotFound, also when it has been forgotten."""
    run = work.session.get(DryRun, token) if token.isprintable() else None
    if run is None or actor.person_id is None or run.person_id != actor.person_id:
        raise NotFound("submissions.no_check", N_("There is no such check. Checks are forgotten after an hour."))
    actor.demand("submission.check", also=frozenset({"member"}))  # it is theirs: what is left to ask is a token's scope
    return run


def sweep(work: Work) -> int:
    """Forgets checks older than an hour, and their files; returns how many."""
    old = work.session.exec(select(DryRun).where(DryRun.created_at < work.now - KEEP)).all()
    for run in old:
        _drop_file(work, run)
        if run.quality_key is not None:
            work.after_commit.append(partial(work.storage.delete, run.quality_key))
        work.session.delete(run)
    return len(old)


class CheckJob:
    """The sandbox job of a dry run: see `leaderboard.core.sandbox.SandboxJob`."""

    def stage(self, work: Work, job: Leased) -> Task | None:
        run = work.session.get(DryRun, job.payload["dry_run"])
        if run is None or run.state != "waiting":
            return None
        package = seasons.package_in_force(work, work.session.get_one(Challenge, run.challenge_id))
        return task(work, "check", run.storage_key, run.file_name, package, f"check:{run.token}")

    def record(self, work: Work, job: Leased, outcome: Outcome) -> None:
        run = _waiting(work, job)
        if run is not None:
            report = Report.parse(outcome.report)
            if report.outcome == "scored":
                raise ValueError("scores to a request to check")
            kept = keep_quality(work, outcome.folder, f"check-{run.token}") if outcome.folder else None
            run.quality_key = kept[0] if kept else None
            _end(work, run, report)

    def failed(self, work: Work, job: Leased, error: ChildFailed, *, dead: bool) -> bool:
        run = _waiting(work, job)
        if run is None:
            return True
        if error.reason in {"time", "memory"}:
            run.broke_limits += 1
            if run.broke_limits >= BROKEN_LIMITS:
                _end(work, run, refusal_by_limits(work, error.reason))
                return True
        if dead:
            run.state = "failed"
            _drop_file(work, run)
            work.announce(f"check:{run.token}")
        work.session.add(run)
        return dead


def _waiting(work: Work, job: Leased) -> DryRun | None:
    query = select(DryRun).where(col(DryRun.token) == job.payload["dry_run"], DryRun.state == "waiting")
    return work.session.exec(query.with_for_update()).one_or_none()


def _end(work: Work, run: DryRun, report: Report) -> None:
    run.state, run.rows = report.outcome, report.rows
    run.findings = [finding.model_dump(mode="json", exclude_none=True) for finding in report.findings]
    work.session.add(run)
    work.session.flush()
    _drop_file(work, run)
    work.announce(f"check:{run.token}")


def _drop_file(work: Work, run: DryRun) -> None:
    key = run.storage_key
    work.after_commit.append(lambda: work.storage.delete(key))
