import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import select

from leaderboard.accounts.actor import NOBODY
from leaderboard.core import jobs
from leaderboard.core.clock import FixedClock
from leaderboard.core.errors import Closed, Forbidden, Malformed, NotFound, QuotaUsed, Refused, SignInNeeded
from leaderboard.core.jobs import Job, Leased
from leaderboard.core.work import Resources
from leaderboard.entries.signals import WithdrawalAsked
from leaderboard.seasons.models import Challenge
from leaderboard.submissions import reception, service
from leaderboard.submissions.models import PublicScore, Submission
from leaderboard.submissions.states import State
from leaderboard.submissions.wires import PLAIN_JOBS
from tests.seasons import factories as seasons
from tests.submissions import factories
from tests.submissions.conftest import Stage, stage_on


def score(stage: Stage, submission: Submission, value: float = 0.7) -> Submission:
    """Puts a submission where the worker would, without the worker."""
    with stage.resources.write() as work:
        row = work.session.get_one(Submission, submission.id)
        row.state, row.scored_at = State.SCORED, work.now
        work.session.add_all([row, PublicScore(submission_id=row.id, key="auc", value=value, low=value, high=value)])
    return row


# Handing in


def test_the_row_and_its_job_come_together(stage: Stage):
    submission = stage.submit(note="first try")
    kept = stage.get(submission)
    assert (kept.state, kept.number, kept.note) == (State.RECEIVED, 1, "first try")
    assert stage.resources.storage.path(kept.storage_key).read_bytes() == factories.predictions()
    with stage.resources.read() as work:
        job = work.session.exec(select(Job).where(Job.kind == "score")).one()
    assert (job.key, job.state, job.lane) == (f"score:{kept.id}", jobs.WAITING, f"challenge:{stage.challenge.id}")


def test_a_worker_in_the_process_is_woken_after_the_commit(stage: Stage):
    stage.resources.job_added.clear()
    file = factories.arrived(stage.resources)
    with stage.resources.write() as work:
        service.receive(work, stage.actor, stage.challenge, stage.phase, file)
        assert not stage.resources.job_added.is_set()
    assert stage.resources.job_added.is_set()


def test_a_failed_commit_leaves_neither_row_nor_job_and_the_file_is_swept(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
):
    file = factories.arrived(stage.resources)
    with pytest.raises(RuntimeError), stage.resources.write() as work:  # noqa: PT012 - the fault comes after the verb
        service.receive(work, stage.actor, stage.challenge, stage.phase, file)
        raise RuntimeError("the power went")
    with stage.resources.read() as work:
        assert work.session.exec(select(Submission)).all() == []
        assert work.session.exec(select(Job).where(Job.kind == "score")).all() == []
    assert stage.resources.storage.path(file.storage_key).exists()
    assert reception.sweep_marks(stage.resources) == 0, "it is too young to be given up"
    monkeypatch.setattr(reception, "MARK_HOURS", -1)
    assert reception.sweep_marks(stage.resources) == 1
    with pytest.raises(FileNotFoundError):
        stage.resources.storage.path(file.storage_key)


def test_the_sweeper_keeps_what_has_a_row(stage: Stage, monkeypatch: pytest.MonkeyPatch):
    submission = stage.submit()  # its mark was never taken away, as after a crash behind the commit
    monkeypatch.setattr(reception, "MARK_HOURS", -1)
    assert reception.sweep_marks(stage.resources) == 0
    assert stage.resources.storage.path(submission.storage_key).exists()
    assert list(reception.uploads_folder(stage.resources).iterdir()) == []


def test_the_same_key_gives_the_same_submission_once(stage: Stage):
    first = stage.submit(idempotency_key="k1")
    again = stage.submit(idempotency_key="k1")
    assert again.id == first.id
    with pytest.raises(Refused, match="key_used"):
        stage.submit(b"flight,delayed\nf1,0.5\n", idempotency_key="k1")
    assert stage.submit(idempotency_key="k2").number == 2


def test_a_key_is_good_for_a_retry_even_when_the_quota_is_used_up(resources: Resources, tmp_path: Path):
    stage = stage_on(resources, tmp_path, per_day=1)
    first = stage.submit(idempotency_key="k1")
    assert stage.submit(idempotency_key="k1").id == first.id
    with pytest.raises(QuotaUsed):
        stage.submit(idempotency_key="k2")


def test_who_has_no_right_is_told_why(stage: Stage):
    with stage.resources.write() as work:
        stranger = seasons.person(work, "Zhao Yun")
    with pytest.raises(SignInNeeded):
        stage.submit(actor=NOBODY)
    with pytest.raises(Forbidden, match="not_entered"):
        stage.submit(actor=stranger)


def test_too_long_notes_and_keys_are_refused(stage: Stage):
    with pytest.raises(Malformed):
        stage.submit(note="x" * 501)
    with pytest.raises(Malformed):
        stage.submit(idempotency_key="x" * 201)


# Windows and quotas


def test_the_first_byte_decides_about_the_deadline_and_the_grace_about_the_last(stage: Stage, clock: FixedClock):
    closes = stage.phase.closes_at
    clock.at = closes - timedelta(seconds=1)
    in_time = factories.arrived(stage.resources)
    clock.at = closes
    too_late = factories.arrived(stage.resources)
    clock.at = closes + timedelta(minutes=59)
    with stage.resources.write() as work:
        service.receive(work, stage.actor, stage.challenge, stage.phase, in_time)
    with pytest.raises(Closed, match="too_late"), stage.resources.write() as work:
        service.receive(work, stage.actor, stage.challenge, stage.phase, too_late)
    clock.at = closes - timedelta(seconds=1)
    slow = factories.arrived(stage.resources)
    clock.at = closes + timedelta(minutes=60)
    with pytest.raises(Closed, match="too_late"), stage.resources.write() as work:
        service.receive(work, stage.actor, stage.challenge, stage.phase, slow)


def test_the_day_of_the_quota_is_the_phase_zones(resources: Resources, tmp_path: Path, clock: FixedClock):
    stage = stage_on(resources, tmp_path, per_day=2)
    clock.at = datetime(2026, 12, 15, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    stage.submit()
    stage.submit()
    with pytest.raises(QuotaUsed) as used:
        stage.submit()
    assert used.value.params["resets"] == "2026-12-16 00:00"
    clock.at = datetime(2026, 12, 15, 16, 0, tzinfo=UTC)
    stage.submit()


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),  # noqa: DTZ001 - made aware below
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "UTC"]),
)
def test_every_instant_lies_in_its_day_and_days_meet(naive: datetime, zone: str):
    at = naive.replace(tzinfo=UTC)
    begins, ends = service.day_of(at, zone)
    assert begins <= at < ends
    assert timedelta(hours=23) <= ends - begins <= timedelta(hours=25)
    assert service.day_of(ends, zone)[0] == ends


@pytest.mark.parametrize("state", [State.REFUSED, State.FAILED])
def test_what_was_refused_or_failed_costs_nothing(resources: Resources, tmp_path: Path, state: State):
    stage = stage_on(resources, tmp_path, per_day=1)
    submission = stage.submit()
    with resources.write() as work:
        row = work.session.get_one(Submission, submission.id)
        row.state = state
        work.session.add(row)
    stage.submit()


def test_withdrawing_gives_no_quota_back(resources: Resources, tmp_path: Path):
    stage = stage_on(resources, tmp_path, per_day=2, total=2)
    stage.submit()
    submission = score(stage, stage.submit())
    with resources.write() as work:
        service.withdraw(work, stage.actor, submission.id)
    with pytest.raises(QuotaUsed, match="total_used"):
        stage.submit()


def test_a_hundred_parallel_posts_get_exactly_the_quota(resources: Resources, tmp_path: Path):
    stage = stage_on(resources, tmp_path, per_day=7)
    small = b"flight,delayed\nf1,0.5\n"
    files = [factories.arrived(resources, small) for _ in range(100)]
    start = threading.Barrier(25)
    outcomes: list[str] = []

    def post(mine: list[reception.ReceivedFile]) -> None:
        start.wait()
        for file in mine:
            try:
                with resources.write() as work:
                    service.receive(work, stage.actor, stage.challenge, stage.phase, file)
                outcomes.append("taken")
            except QuotaUsed:
                outcomes.append("used")

    threads = [threading.Thread(target=post, args=(files[n::25],)) for n in range(25)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count("taken"), outcomes.count("used")) == (7, 93)
    with resources.read() as work:
        numbers = sorted(work.session.exec(select(Submission.number)).all())
    assert numbers == list(range(1, 8))


# Afterwards


def test_withdrawing_takes_scored_submissions_only(stage: Stage):
    submission = stage.submit()
    with pytest.raises(Refused, match="withdraw_later"), stage.resources.write() as work:
        service.withdraw(work, stage.actor, submission.id)
    score(stage, submission)
    with stage.resources.write() as work:
        service.withdraw(work, stage.actor, submission.id)
    assert stage.get(submission).state == State.WITHDRAWN
    with pytest.raises(Refused, match="not_scored"), stage.resources.write() as work:
        service.withdraw(work, stage.actor, submission.id)


def test_strangers_do_not_learn_that_a_submission_exists(stage: Stage):
    submission = score(stage, stage.submit())
    with stage.resources.write() as work:
        stranger, _ = factories.entered(work, stage.challenge, "Zhao Yun")
        other_organizer, _ = seasons.organizer(work, "Qian")
    for actor in (NOBODY, stranger, other_organizer):
        for verb in (service.withdraw, service.rescore, lambda *a: service.submission_for(*a, "submission.read")):
            with pytest.raises(NotFound), stage.resources.write() as work:
                verb(work, actor, submission.id)
    with stage.resources.read() as work:
        assert service.submission_for(work, stage.organizer, submission.id, "submission.read").id == submission.id


def test_picks_are_limited_and_can_be_taken_back(stage: Stage):
    made = [score(stage, stage.submit()) for _ in range(3)]
    with stage.resources.write() as work:
        for one in made[:2]:
            service.pick(work, stage.actor, one.id, picked=True)
            service.pick(work, stage.actor, one.id, picked=True)
    with pytest.raises(Refused, match="picks_used"), stage.resources.write() as work:
        service.pick(work, stage.actor, made[2].id, picked=True)
    with stage.resources.write() as work:
        service.pick(work, stage.actor, made[0].id, picked=False)
        service.pick(work, stage.actor, made[2].id, picked=True)
    assert [stage.get(one).picked for one in made] == [False, True, True]


def test_only_scored_submissions_are_picked_and_withdrawn_ones_are_no_longer(stage: Stage):
    submission = stage.submit()
    with pytest.raises(Refused, match="pick_scored"), stage.resources.write() as work:
        service.pick(work, stage.actor, submission.id, picked=True)
    score(stage, submission)
    with stage.resources.write() as work:
        service.pick(work, stage.actor, submission.id, picked=True)
        service.withdraw(work, stage.actor, submission.id)
    assert not stage.get(submission).picked


def test_nothing_moves_once_results_are_final(stage: Stage):
    submission = score(stage, stage.submit())
    with stage.resources.write() as work:
        challenge = work.session.merge(stage.challenge)
        challenge.finalised_at = work.now
    for act in (service.withdraw, lambda *a: service.pick(*a, picked=True)):
        with pytest.raises(Closed), stage.resources.write() as work:
            act(work, stage.actor, submission.id)


def test_the_organizer_has_all_scored_and_failed_ones_scored_anew(stage: Stage):
    scored, failed, refused, fresh = (stage.submit() for _ in range(4))
    score(stage, scored)
    with stage.resources.write() as work:
        for one, state in ((failed, State.FAILED), (refused, State.REFUSED)):
            row = work.session.get_one(Submission, one.id)
            row.state = state
            work.session.add(row)
    with stage.resources.write() as work:
        for job in jobs.claim(work.session, "w", work.now, timedelta(seconds=9), kinds=["score"], most=3):
            jobs.finish(work.session, job, work.now)
    with stage.resources.write() as work:
        assert service.rescore_all(work, stage.organizer, stage.challenge) == 3
    with pytest.raises(NotFound), stage.resources.write() as work:
        service.rescore_all(work, stage.actor, stage.challenge)
    assert stage.get(scored).state == State.SCORED, "it keeps its place meanwhile"
    assert stage.get(failed).state == State.RECEIVED
    with stage.resources.read() as work:
        waiting = {
            job.key for job in work.session.exec(select(Job).where(Job.kind == "score", Job.state == jobs.WAITING))
        }
    assert waiting == {f"score:{one.id}" for one in (scored, failed, fresh)}


@pytest.mark.parametrize("final", [False, True])
def test_very_many_are_scored_anew_in_several_transactions(
    resources: Resources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, final: bool
):
    monkeypatch.setattr(service, "ANEW_AT_ONCE", 2)
    stage = stage_on(resources, tmp_path, per_day=7)
    made = [score(stage, stage.submit()) for _ in range(5)]
    with resources.write() as work:
        work.session.execute(delete(Job))
        assert service.rescore_all(work, stage.organizer, stage.challenge) == 5
        work.session.get_one(Challenge, stage.challenge.id).finalised_at = work.now if final else None
    rounds = 0
    while rest := claimed(resources, service.RESCORE_JOB):
        for job in rest:
            PLAIN_JOBS[job.kind](resources, job)
            with resources.write() as work:
                jobs.finish(work.session, job, work.now)
        rounds += 1
    expected = made[:2] if final else made
    assert rounds == (1 if final else 2)
    assert {job.key for job in claimed(resources, "score")} == {f"score:{one.id}" for one in expected}


def claimed(resources: Resources, kind: str) -> list[Leased]:
    with resources.write() as work:
        return list(jobs.claim(work.session, "w", work.now, timedelta(seconds=9), kinds=[kind], most=99))


def test_an_entry_that_handed_something_in_stays(stage: Stage):
    def objections() -> list:
        found: list = []
        with stage.resources.read() as work:
            work.emit(WithdrawalAsked(stage.entry.id, found))
        return found

    assert objections() == []
    stage.submit()
    assert len(objections()) == 1
