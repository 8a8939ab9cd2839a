"""The worker with real children: what is handed in is scored, whatever happens on the way."""

import gzip
import json
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from sqlalchemy import delete
from sqlmodel import select

from leaderboard import wiring, worker
from leaderboard.accounts.actor import SYSTEM
from leaderboard.core import changes, jobs
from leaderboard.core.jobs import Job, Leased
from leaderboard.core.sandbox import ChildFailed, Outcome, Task
from leaderboard.core.work import Resources
from leaderboard.rankings.models import Standing
from leaderboard.seasons import posting
from leaderboard.submissions import dry_runs, pages, service
from leaderboard.submissions.executors import LocalExecutor
from leaderboard.submissions.models import DryRun, PrivateScore, PublicScore, ScoreReport, Submission, WorkerBeat
from leaderboard.submissions.recording import ScoreJob
from leaderboard.submissions.signals import SubmissionScored
from leaderboard.submissions.states import PENDING, State
from scoring.quality.checks import CHECKS
from tests.submissions import factories
from tests.submissions.conftest import Stage, stage_on

Start = Callable[[], threading.Event]


def until(condition: Callable[[], object], seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def settled(stage: Stage, *submissions: Submission, seconds: float = 240) -> list[Submission]:
    def look() -> list[Submission] | None:
        found = [stage.get(one) for one in submissions]
        return None if any(one.state in PENDING for one in found) else found

    until(look, seconds)
    return [stage.get(one) for one in submissions]


def gone(stage: Stage, key: str) -> bool:
    """Whether the storage holds the file no longer; files go after the commit that forgets them."""
    try:
        stage.resources.storage.path(key)
    except FileNotFoundError:
        return True
    return False


def test_from_file_to_place(stage: Stage, real_time: Resources, start_worker: Start):
    start_worker()
    weak, strong = stage.submit(factories.predictions(skill=0.2)), stage.submit(factories.predictions(skill=1.2))
    for one in settled(stage, weak, strong):
        assert one.state == State.SCORED
        assert one.scored_at is not None
    with stage.resources.read() as work:
        scores = {(s.submission_id, s.key): s for s in work.session.exec(select(PublicScore))}
        hidden = work.session.exec(select(PrivateScore)).all()
        report = work.session.get_one(ScoreReport, strong.id)
        standing = work.session.exec(select(Standing)).one()
    assert set(scores) == {(one.id, key) for one in (weak, strong) for key in ("auc", "logloss")}
    assert scores[strong.id, "auc"].value > scores[weak.id, "auc"].value
    assert scores[strong.id, "auc"].low < scores[strong.id, "auc"].value < scores[strong.id, "auc"].high
    assert {(one.submission_id, one.key, one.spread is not None) for one in hidden} == {
        (one.id, key, key == "auc") for one in (weak, strong) for key in ("auc", "logloss")
    }
    assert standing.submission_id == strong.id
    assert (report.rows, report.findings) == (200, [])
    assert report.made_with["numpy"]
    assert report.spread is not None
    assert len(report.spread) % 4 == 0


def test_a_bad_file_is_refused_with_every_finding_and_costs_nothing(
    stage: Stage, real_time: Resources, start_worker: Start
):
    start_worker()
    (refused,) = settled(stage, stage.submit(b"flight,delayed\nf0,1.5\nf0,0.2\nzz,abc\n"))
    assert refused.state == State.REFUSED
    with stage.resources.read() as work:
        report = work.session.get_one(ScoreReport, refused.id)
        assert work.session.exec(select(PublicScore)).all() == []
        assert service.right_of(work, stage.entry, stage.phase, work.now).left_total == 200
        listing = gzip.decompress(stage.resources.storage.path(report.findings_key).read_bytes()).decode()
    ids = {finding["id"] for finding in report.findings}
    assert {"intake.out_of_range", "intake.ids_repeated", "intake.ids_unknown", "intake.ids_missing"} <= ids
    assert listing.count("intake.ids_missing") == 199


def test_every_format_gets_the_same_scores_behind_the_lock(
    resources: Resources, tmp_path: Path, real_time: Resources, start_worker: Start
):
    stage = stage_on(resources, tmp_path, per_day=50, **factories.running())
    start_worker()
    text = factories.predictions()
    frame = pl.read_csv(text)
    parquet = stage.resources.settings.data_dir / "f.parquet"
    frame.write_parquet(parquet)
    files = [
        (text, "f.csv"),
        (gzip.compress(text), "f.csv.gz"),
        (b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n"), "f.csv"),
        (text.decode().encode("utf-16"), "f.csv"),
        (text.replace(b",", b"\t"), "f.tsv"),
        (parquet.read_bytes(), "f.parquet"),
    ]
    made = settled(stage, *(stage.submit(data, name) for data, name in files))
    with stage.resources.read() as work:
        reports = {one.id: work.session.get_one(ScoreReport, one.id).findings for one in made}
        values = {s.value for s in work.session.exec(select(PublicScore).where(PublicScore.key == "auc"))}
    scored = [one for one in made if one.state == State.SCORED]
    refused = {reports[one.id][0]["id"] for one in made if one.state != State.SCORED}
    assert len(values) == 1
    assert len(scored) >= 5, reports
    assert refused <= {"intake.format_not_accepted"}


def test_a_dry_run_gives_the_same_findings_and_keeps_nothing(stage: Stage, real_time: Resources, start_worker: Start):
    start_worker()
    data = b"flight,delayed\nf0,1.5\n"
    (refused,) = settled(stage, stage.submit(data))
    file = factories.arrived(stage.resources, data)
    with stage.resources.write() as work:
        run = dry_runs.begin(work, stage.actor, stage.challenge, file)
    until(lambda: stage.read(lambda work: work.session.get_one(DryRun, run.token).state) != "waiting")
    with stage.resources.read() as work:
        found = dry_runs.find(work, stage.actor, run.token)
        report = work.session.get_one(ScoreReport, refused.id)
        assert work.session.exec(select(Submission)).all() == [work.session.get_one(Submission, refused.id)]
    assert found.state == "refused"
    assert found.findings == report.findings
    with pytest.raises(FileNotFoundError):
        stage.resources.storage.path(file.storage_key)


def test_a_child_that_is_killed_in_the_middle_costs_a_try_only(
    stage: Stage, real_time: Resources, start_worker: Start, executor: LocalExecutor
):
    start_worker()
    submission = stage.submit(factories.predictions() + b"f0,0.5\n" * 400_000)
    until(lambda: stage.get(submission).state == State.CHECKING)
    for child in executor.children():
        os.kill(child, signal.SIGKILL)
    (done,) = settled(stage, submission)
    assert done.state == State.REFUSED, "it holds ids twice"
    other = stage.submit()
    assert settled(stage, other)[0].state == State.SCORED


def test_a_new_package_has_everything_scored_anew_and_keeps_places_meanwhile(
    stage: Stage, real_time: Resources, start_worker: Start, tmp_path: Path
):
    start_worker()
    (first,) = settled(stage, stage.submit())
    folder = factories.package_folder(tmp_path / "next", version="2.0.0", seed=2)
    before = stage.read(lambda work: work.session.exec(select(PublicScore.value).where(PublicScore.key == "auc")).one())
    with stage.resources.write() as work:
        package = factories.admit(work, SYSTEM, stage.challenge.organization_id, folder, stage.challenge)
        challenge = work.session.merge(stage.challenge)
        posting.adopt(work, stage.organizer, challenge.slug, package.id, reason="the truth was wrong")
    assert stage.get(first).state == State.SCORED

    def scored_anew() -> bool:
        return stage.read(lambda work: work.session.get_one(ScoreReport, first.id).package_id) == package.id

    until(scored_anew)
    after = stage.read(lambda work: work.session.exec(select(PublicScore.value).where(PublicScore.key == "auc")).one())
    assert after != before
    standing = stage.read(lambda work: work.session.exec(select(Standing)).one())
    assert standing.value == after


def test_a_worker_says_that_it_is_there_and_that_it_went(stage: Stage, real_time: Resources, start_worker: Start):
    stop = start_worker()
    until(lambda: stage.read(lambda work: work.session.exec(select(WorkerBeat)).all()))
    stop.set()
    until(lambda: stage.read(lambda work: work.session.exec(select(WorkerBeat)).one()).stopped_at is not None)


# What the worker does when children fail, with hands that do as they are told


class Hands:
    """An executor whose outcomes the test decides."""

    def __init__(self) -> None:
        self.asked: list[tuple[Task, str, Future[Outcome]]] = []
        self.came = threading.Semaphore(0)

    def submit(self, task: Task, lane: str, tell: Callable[[str], None]) -> Future[Outcome]:
        future: Future[Outcome] = Future()
        self.tell = tell
        self.asked.append((task, lane, future))
        self.came.release()
        return future

    def next(self) -> Future[Outcome]:
        assert self.came.acquire(timeout=120)
        return self.asked[-1][2]

    def close(self) -> None:
        for _, _, future in self.asked:
            if not future.done():
                future.set_exception(ChildFailed("killed", "the worker stops"))


@pytest.fixture
def hands(resources: Resources, real_time: Resources, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(jobs, "RETRY_SECONDS", (0,))
    monkeypatch.setattr(worker, "STOP_SECONDS", 0.2)
    made = Hands()
    stop = threading.Event()
    thread = threading.Thread(
        target=worker.run,
        args=(resources, wiring.SANDBOX_JOBS, wiring.PLAIN_JOBS),
        kwargs={"stop": stop, "executor": made},
    )
    thread.start()
    made.stop, made.thread = stop, thread
    yield made
    stop.set()
    thread.join(120)


def report(**values: object) -> bytes:
    return json.dumps({"outcome": "scored", "rows": 1, "scores": [], "spreads": {}, **values}).encode()


SCORES = [
    {"task": None, "key": key, "metric": key, "split": split, "value": 0.5, "low": 0.4, "high": 0.6}
    for key in ("auc", "logloss")
    for split in ("public", "private")
]


@pytest.mark.parametrize("reason", ["time", "memory"])
def test_a_file_that_breaks_the_limits_twice_is_refused(stage: Stage, hands: Hands, reason: str):
    submission = stage.submit()
    hands.next().set_exception(ChildFailed(reason))
    hands.next().set_exception(ChildFailed(reason))
    (refused,) = settled(stage, submission)
    assert refused.state == State.REFUSED
    found = stage.read(lambda work: work.session.get_one(ScoreReport, refused.id).findings)
    assert [finding["id"] for finding in found] == ["intake.limits"]
    assert len(hands.asked) == 2


@pytest.mark.parametrize("reason", ["time", "broken"])
def test_a_scored_submission_keeps_its_scores_when_scoring_it_anew_fails(stage: Stage, hands: Hands, reason: str):
    submission = scored(stage)
    before = stage.read(lambda work: [row.model_dump() for row in work.session.exec(select(PublicScore))])
    with stage.resources.write() as work:
        service.rescore(work, stage.organizer, submission.id)
    for _ in range(2 if reason == "time" else stage.resources.settings.attempts):
        hands.next().set_exception(ChildFailed(reason))
    until(lambda: stage.get(submission).fault)
    assert stage.get(submission).state == State.SCORED
    assert stage.read(lambda work: [row.model_dump() for row in work.session.exec(select(PublicScore))]) == before
    assert stage.read(lambda work: work.session.exec(select(Standing)).one().submission_id) == submission.id


def test_how_far_the_work_is_can_be_seen_while_it_lasts(stage: Stage, hands: Hands):
    submission = stage.submit()
    future = hands.next()
    key = service.job_key(submission)
    topic = f"submission:{submission.id}"
    hands.tell("open")
    hands.tell("Q13")
    until(lambda: stage.read(lambda work: jobs.steps_of(work.session, key)))
    steps = stage.read(lambda work: jobs.steps_of(work.session, key))
    assert [step.name for step in steps] == ["open", "Q13"]
    page = stage.read(lambda work: pages.facts(work, stage.actor, submission.id, "en"))
    assert [(row.title, row.seconds is None) for row in page.queue.steps] == [
        ("Opening the files", False), (CHECKS["Q13"].title, True),
    ]  # fmt: skip
    told = stage.read(lambda work: [one.topic for one in work.session.exec(select(changes.Change))])
    assert told.count(topic) >= 3  # received, being worked on, how far
    future.set_exception(ChildFailed("broken"))
    hands.next()
    assert stage.read(lambda work: jobs.steps_of(work.session, key)) == (), "a new try begins anew"


def scored(stage: Stage) -> Submission:
    """A submission that was scored without any child."""
    file = factories.arrived(stage.resources)
    with stage.resources.write() as work:
        made = service.receive(work, stage.actor, stage.challenge, stage.phase, file)
        made.state, made.scored_at = State.SCORED, work.now
        work.session.add(made)
        for key in ("auc", "logloss"):
            work.session.add(PublicScore(submission_id=made.id, task="", key=key, value=0.5, low=0.4, high=0.6))
        work.session.flush()
        work.session.execute(delete(Job))
        work.emit(SubmissionScored(made.id, made.phase_id, made.entry_id))
    return made


def test_what_cannot_be_staged_is_owned_up_to(stage: Stage, hands: Hands, monkeypatch: pytest.MonkeyPatch):
    """Such as a file that a shared disk does not show: neither lost nor waiting for ever."""
    submission = stage.submit()
    gone = stage.resources.storage.path(submission.storage_key)
    hands.next().set_exception(ChildFailed("broken"))
    gone.unlink()
    (failed,) = settled(stage, submission)
    assert (failed.state, bool(failed.fault)) == (State.FAILED, True)


def test_a_failure_of_ours_is_tried_again_and_in_the_end_owned_up_to(stage: Stage, hands: Hands):
    submission = stage.submit()
    for _ in range(stage.resources.settings.attempts):
        hands.next().set_exception(ChildFailed("broken", "exit -11"))
    (failed,) = settled(stage, submission)
    assert failed.state == State.FAILED
    assert failed.fault
    assert len(hands.asked) == 5
    assert stage.read(lambda work: service.right_of(work, stage.entry, stage.phase, work.now).left_total) == 200
    with stage.resources.write() as work:
        service.rescore(work, stage.organizer, submission.id)
    hands.next().set_result(Outcome(report(scores=SCORES), stage.resources.settings.data_dir))
    assert settled(stage, submission)[0].state == State.SCORED


@pytest.mark.parametrize(
    "lie",
    [
        b"",
        b"{",
        b"[" * 100_000,
        report(outcome="accepted"),
        report(scores=SCORES[:1]),
        report(scores=[*SCORES, {**SCORES[0], "key": "extra"}]),
        report(scores=[{**SCORES[0], "value": "0.5"}]),
        report(scores=[{**SCORES[0], "value": float("nan")}, *SCORES[1:]]),
        report(scores=SCORES, spreads={"public": "AAAA" * 100_000}),
    ],
)
def test_a_lying_report_is_a_failed_try_and_writes_nothing(stage: Stage, hands: Hands, lie: bytes, tmp_path: Path):
    submission = stage.submit()
    hands.next().set_result(Outcome(lie, tmp_path / "gone"))
    hands.next()
    with stage.resources.read() as work:
        assert work.session.exec(select(PublicScore)).all() == []
        assert work.session.exec(select(ScoreReport)).all() == []
        assert work.session.exec(select(Job.error).where(Job.key == f"score:{submission.id}")).one()


def test_a_worker_that_stops_gives_back_what_it_has_not_done(stage: Stage, hands: Hands):
    submission = stage.submit()
    hands.next()
    hands.stop.set()
    hands.thread.join(120)
    job = stage.read(lambda work: work.session.exec(select(Job).where(Job.key == f"score:{submission.id}")).one())
    assert (job.state, job.attempts, job.leased_by) == (jobs.WAITING, 0, None)
    assert stage.get(submission).state in PENDING


def test_what_a_dead_worker_held_is_done_by_the_next_and_its_late_result_is_dropped(
    stage: Stage, real_time: Resources, start_worker: Start
):
    submission = stage.submit()
    with stage.resources.write() as work:
        (lost,) = jobs.claim(work.session, "dead", work.now, timedelta(seconds=-1), kinds=["score"])
        ScoreJob().stage(work, lost)
    start_worker()
    assert settled(stage, submission)[0].state == State.SCORED
    with stage.resources.write() as work:
        assert not jobs.finish(work.session, lost, work.now)


def test_lanes_take_turns(stage: Stage):
    """A challenge with a hundred waiting files does not hold up one with a single file."""
    with stage.resources.write() as work:
        for number in range(100):
            jobs.enqueue(work.session, "score", f"a{number}", work.now, lane="challenge:a", weight=10)
        jobs.enqueue(work.session, "score", "b", work.now, lane="challenge:b")

    def claimed() -> list[Leased]:
        with stage.resources.write() as work:
            return jobs.claim(work.session, "w", work.now, timedelta(seconds=30), kinds=["score"], most=4)

    assert {job.lane for job in claimed()} == {"challenge:a"}
    stage.resources.clock.advance(seconds=1)
    assert [job.key for job in claimed()] == ["b"]
    assert {job.lane for job in claimed()} == {"challenge:a"}
