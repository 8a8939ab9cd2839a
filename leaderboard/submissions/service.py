"""What may be done with submissions: hand in, withdraw, pick, score anew. Recording what came of them is in `recording`.

The right to submit is decided while the entry's row is locked (on SQLite: while the whole database is), so quotas hold
under any number of parallel requests. A submission's row and its job are made in one commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, case, func, or_
from sqlmodel import col, select

from leaderboard.accounts.access import Actor
from leaderboard.core import jobs, ledger
from leaderboard.core.errors import Closed, Malformed, NotFound, QuotaUsed, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.entries import service as entries
from leaderboard.entries.models import Entry
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge, Phase
from leaderboard.submissions.models import Submission
from leaderboard.submissions.reception import ReceivedFile
from leaderboard.submissions.signals import SubmissionWithdrawn
from leaderboard.submissions.states import COUNTED, PENDING, State, move

SCORE_JOB: Final = "score"
RESCORE_JOB: Final = "rescore"
ANEW_AT_ONCE: Final = 500
"""Submissions that one transaction has scored anew: half a second of SQLite's write lock."""
LONGEST_NOTE: Final = 500
LONGEST_KEY: Final = 200
_TODAY: Final = (col(Submission.started_at) >= bindparam("begins")) & (col(Submission.started_at) < bindparam("ends"))
_USED: Final = select(func.count(), func.coalesce(func.sum(case((_TODAY, 1), else_=0)), 0)).where(
    col(Submission.entry_id) == bindparam("entry"),
    col(Submission.phase_id) == bindparam("phase"),
    or_(*(col(Submission.state) == state for state in sorted(COUNTED))),
)
_LAST_NUMBER: Final = select(func.max(Submission.number)).where(col(Submission.entry_id) == bindparam("entry"))


@dataclass(frozen=True, slots=True)
class Right:
    """A right to submit, and what is left of it after none more; None: no limit. ``resets_at``: when a new day begins."""

    entry: Entry
    left_today: int | None
    left_total: int | None
    resets_at: datetime


def may_submit(work: Work, actor: Actor, challenge: Challenge, phase: Phase, *, at: datetime | None = None) -> Right:
    """The actor's right to hand in a file whose first byte came ``at`` (default: now), as things stand.

    Raises SignInNeeded, Forbidden (not entered, rules not accepted), Closed or QuotaUsed.
    """
    return _right(work, _standing(work, actor, challenge), challenge, phase, at or work.now)


def _standing(work: Work, actor: Actor, challenge: Challenge, *, lock: bool = False) -> Entry:
    """The entry that the actor may submit for; ``lock``: nobody else submits for it until the transaction ends."""
    entry = entries.standing_entry(work, actor, challenge)
    actor.demand("submission.create", also=frozenset({"member"}))  # who stands for an entry is a member of its team
    if lock and not work.resources.database.is_sqlite:  # there, a transaction that writes is alone anyway
        work.session.exec(select(Entry.id).where(col(Entry.id) == entry.id).with_for_update())
        entry = entries.standing_entry(work, actor, challenge)  # as it is now that nobody else can change it
    return entry


def _right(work: Work, entry: Entry, challenge: Challenge, phase: Phase, at: datetime) -> Right:
    _demand_open(work, challenge, phase, at)
    right = right_of(work, entry, phase, at)
    if right.left_total is not None and right.left_total <= 0:
        raise QuotaUsed(
            "submissions.total_used",
            N_("Your team has used all {total} submissions of this phase."),
            total=phase.total,
        )
    if right.left_today is not None and right.left_today <= 0:
        raise QuotaUsed(
            "submissions.day_used",
            N_("Your team has used all {per_day} submissions of today. A new day begins at {resets} ({zone})."),
            per_day=phase.per_day,
            resets=_wall_time(right.resets_at, phase.zone),
            zone=phase.zone,
        )
    return right


def right_of(work: Work, entry: Entry, phase: Phase, at: datetime) -> Right:
    """What is left of an entry's quota in a phase on the day of ``at``; never below zero."""
    begins, ends = day_of(at, phase.zone)
    used_total, used_today = work.session.exec(
        _USED, params={"entry": entry.id, "phase": phase.id, "begins": begins, "ends": ends}
    ).one()
    return Right(
        entry,
        None if phase.per_day is None else max(0, phase.per_day - used_today),
        None if phase.total is None else max(0, phase.total - used_total),
        ends,
    )


def day_of(at: datetime, zone: str) -> tuple[datetime, datetime]:
    """First instant of the calendar day of ``at`` in ``zone``, and of the next one; in UTC, right across clock changes."""
    place = ZoneInfo(zone)
    day = at.astimezone(place).date()
    begins, ends = (datetime.combine(d, time(), place).astimezone(UTC) for d in (day, day + timedelta(days=1)))
    return begins, ends


def _wall_time(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _demand_open(work: Work, challenge: Challenge, phase: Phase, at: datetime) -> None:
    _demand_not_final(challenge)
    if challenge.state != "posted":
        raise Closed("submissions.not_posted", N_("This challenge does not take submissions."))
    if at < phase.opens_at:
        raise Closed(
            "submissions.too_early",
            N_("Submissions open at {opens} ({zone})."),
            opens=_wall_time(phase.opens_at, phase.zone),
            zone=phase.zone,
        )
    grace = timedelta(minutes=work.settings.upload_grace_minutes)
    if at >= phase.closes_at or work.now >= phase.closes_at + grace:
        raise Closed(
            "submissions.too_late",
            N_("Submissions closed at {closes} ({zone})."),
            closes=_wall_time(phase.closes_at, phase.zone),
            zone=phase.zone,
        )


def open_phase(work: Work, challenge: Challenge, at: datetime) -> Phase:
    """The phase that takes submissions at ``at``. Raises Closed, saying when the next one opens or the last one closed."""
    assert challenge.id is not None
    phase = seasons.current_phase(work, challenge.id, at)
    if phase is not None and challenge.state == "posted":
        return phase
    known = seasons.phases(work, challenge.id)
    if challenge.state != "posted" or not known:
        raise Closed("submissions.not_posted", N_("This challenge does not take submissions."))
    nearest = next((phase for phase in known if phase.opens_at > at), known[-1])
    _demand_open(work, challenge, nearest, at)
    raise Closed("submissions.not_posted", N_("This challenge does not take submissions."))


def receive(
    work: Work,
    actor: Actor,
    challenge: Challenge,
    phase: Phase,
    file: ReceivedFile,
    *,
    idempotency_key: str | None = None,
    note: str = "",
) -> Submission:
    """Takes a file that is durably stored: decides the right to submit, writes the row and its job.

    The same ``idempotency_key`` of the same person gives the submission that is there already, once the file is the same.
    Raises as `may_submit`, and Refused for a key that was used for something else.
    """
    if len(note) > LONGEST_NOTE or len(idempotency_key or "") > LONGEST_KEY:
        raise Malformed(
            "submissions.too_long",
            N_("A note has at most {note} characters, an idempotency key at most {key}."),
            note=LONGEST_NOTE,
            key=LONGEST_KEY,
        )
    entry = _standing(work, actor, challenge, lock=True)
    known = _known(work, actor, phase, file, idempotency_key)
    if known is not None:
        return known
    _right(work, entry, challenge, phase, file.started_at)
    assert challenge.id is not None and phase.id is not None and entry.id is not None and actor.person_id is not None  # noqa: PT018
    last = work.session.exec(_LAST_NUMBER, params={"entry": entry.id}).one()
    submission = Submission(
        challenge_id=challenge.id,
        phase_id=phase.id,
        entry_id=entry.id,
        person_id=actor.person_id,
        number=(last or 0) + 1,
        file_name=file.file_name,
        size=file.size,
        sha256=file.sha256,
        storage_key=file.storage_key,
        note=plain(note),
        idempotency_key=idempotency_key,
        started_at=file.started_at,
        received_at=work.now,
    )
    work.session.add(submission)
    work.session.flush()
    _enqueue(work, submission, lane=f"challenge:{challenge.id}")
    changed(work, submission)
    return submission


def plain(text: str) -> str:
    """The text without characters that do not print; line ends stay."""
    return "".join(c for c in text if c.isprintable() or c == "\n")


def _known(work: Work, actor: Actor, phase: Phase, file: ReceivedFile, key: str | None) -> Submission | None:
    if key is None:
        return None
    query = select(Submission).where(Submission.person_id == actor.person_id, Submission.idempotency_key == key)
    known = work.session.exec(query).one_or_none()
    if known is not None and (known.phase_id != phase.id or known.sha256 != file.sha256):
        raise Refused(
            "submissions.key_used", N_("This idempotency key was used for another file. Take a new key for a new file.")
        )
    return known


def _enqueue(work: Work, submission: Submission, *, lane: str) -> None:
    work.enqueue(
        SCORE_JOB,
        job_key(submission),
        lane=lane,
        payload={"submission": submission.id},
        weight=submission.size,
    )


def job_key(submission: Submission) -> str:
    """The one job of a submission; started afresh when it is scored anew."""
    return f"{SCORE_JOB}:{submission.id}"


def is_under_way(work: Work, submission: Submission) -> bool:
    """Whether its job waits or is being done."""
    return jobs.state_of(work.session, job_key(submission)) in {jobs.WAITING, jobs.LEASED}


def changed(work: Work, submission: Submission) -> None:
    """Tells open pages that the submission is in another state."""
    work.announce(f"submission:{submission.id}")
    work.announce(f"entry:{submission.entry_id}")


def submission_for(work: Work, actor: Actor, submission_id: int, act: str, *, lock: bool = False) -> Submission:
    """The submission, for those who may do ``act`` with it. Raises NotFound to everybody else."""
    query = select(Submission).where(col(Submission.id) == submission_id)
    submission = work.session.exec(query.with_for_update() if lock else query).one_or_none()
    if submission is None:
        raise NotFound("web.not_found", N_("There is no such page."))
    entry = work.session.get_one(Entry, submission.entry_id)
    challenge = work.session.get_one(Challenge, submission.challenge_id)
    also = entries.relations_to_entry(work, actor, entry)
    actor.demand(act, organization_id=challenge.organization_id, also=also)
    return submission


def withdraw(work: Work, actor: Actor, submission_id: int) -> Submission:
    """Takes a scored submission off the board, for good; the quota it cost stays used. Raises Refused."""
    submission = submission_for(work, actor, submission_id, "submission.withdraw", lock=True)
    if submission.state in PENDING:
        raise Refused(
            "submissions.withdraw_later", N_("This submission is still being scored. Withdraw it when that is done.")
        )
    if submission.state != State.SCORED:
        raise Refused("submissions.not_scored", N_("Only a scored submission can be withdrawn."))
    _demand_not_final(work.session.get_one(Challenge, submission.challenge_id))
    submission.state = move(submission.state, State.WITHDRAWN)
    submission.withdrawn_at, submission.picked = work.now, False
    work.session.add(submission)
    work.session.flush()
    assert submission.id is not None
    ledger.record(work, actor.person_id, "submission.withdraw", f"submission:{submission.id}")
    work.emit(SubmissionWithdrawn(submission.id, submission.phase_id, submission.entry_id))
    changed(work, submission)
    return submission


def pick(work: Work, actor: Actor, submission_id: int, *, picked: bool) -> Submission:
    """Chooses a scored submission for the final standing, or takes the choice back. Raises Refused at the limit."""
    submission = submission_for(work, actor, submission_id, "submission.pick", lock=True)
    _demand_not_final(work.session.get_one(Challenge, submission.challenge_id))
    if submission.picked == picked:
        return submission
    if picked:
        if submission.state != State.SCORED:
            raise Refused("submissions.pick_scored", N_("Only a scored submission can be chosen."))
        work.session.exec(select(Entry.id).where(col(Entry.id) == submission.entry_id).with_for_update())
        phase = work.session.get_one(Phase, submission.phase_id)
        if len(picks(work, submission.entry_id, submission.phase_id)) >= phase.picks:
            raise Refused(
                "submissions.picks_used",
                N_("Your team has chosen {picks} submissions, which is all it may. Take one back first."),
                picks=phase.picks,
            )
    submission.picked = picked
    work.session.add(submission)
    work.session.flush()
    ledger.record(work, actor.person_id, "submission.pick", f"submission:{submission.id}", picked=picked)
    changed(work, submission)
    return submission


def picks(work: Work, entry_id: int, phase_id: int) -> Sequence[Submission]:
    """What the team has chosen for the final standing."""
    query = select(Submission).where(
        Submission.entry_id == entry_id, Submission.phase_id == phase_id, col(Submission.picked).is_(True)
    )
    return work.session.exec(query).all()


def _demand_not_final(challenge: Challenge) -> None:
    if challenge.finalised_at is not None:
        raise Closed(
            "submissions.final", N_("The results of this challenge are final; its submissions stay as they are.")
        )


def rescore(work: Work, actor: Actor, submission_id: int) -> Submission:
    """Has one submission scored anew with the package in force. It keeps its place until the new score is there."""
    submission = submission_for(work, actor, submission_id, "submission.rescore", lock=True)
    _demand_not_final(work.session.get_one(Challenge, submission.challenge_id))
    if not _again(work, submission):
        raise Refused(
            "submissions.not_again",
            N_("A refused or withdrawn submission is not scored anew; its team can hand it in again."),
        )
    ledger.record(work, actor.person_id, "submission.rescore", f"submission:{submission.id}")
    return submission


def rescore_all(work: Work, actor: Actor, challenge: Challenge) -> int:
    """Has everything that was scored, or failed, scored anew; returns how many."""
    actor.demand("submission.rescore", organization_id=challenge.organization_id)
    _demand_not_final(challenge)
    count: int = work.session.exec(_to_score_anew(challenge.id, after=0, what=func.count())).one()
    score_anew_after(work, challenge.id, 0)
    ledger.record(work, actor.person_id, "submission.rescore", f"challenge:{challenge.id}", count=count)
    return count


def score_anew_after(work: Work, challenge_id: int | None, after: int) -> None:
    """Has the next submissions after an id scored anew, and leaves the others to a job: nobody waits long for the database."""
    some = _to_score_anew(challenge_id, after, Submission).order_by(col(Submission.id)).limit(ANEW_AT_ONCE)
    found = work.session.exec(some).all()
    for submission in found:
        _again(work, submission)
    if len(found) == ANEW_AT_ONCE:
        payload = {"challenge": challenge_id, "after": found[-1].id}
        jobs.enqueue(
            work.session, RESCORE_JOB, f"{RESCORE_JOB}:{challenge_id}:{found[-1].id}", work.now, payload=payload
        )


def _to_score_anew(challenge_id: int | None, after: int, what: Any) -> Any:
    again = {State.SCORED, State.FAILED, *PENDING}
    query = select(what).where(Submission.challenge_id == challenge_id, col(Submission.state).in_(again))
    return query.where(col(Submission.id) > after)


def _again(work: Work, submission: Submission) -> bool:
    if submission.state == State.FAILED:
        submission.state = move(submission.state, State.RECEIVED)
        work.session.add(submission)
        work.session.flush()
        changed(work, submission)
    elif submission.state != State.SCORED and submission.state not in PENDING:
        return False
    submission.broke_limits = 0
    work.session.add(submission)
    _enqueue(
        work, submission, lane=f"again:{submission.challenge_id}"
    )  # a lane of its own: new ones do not wait behind
    return True
