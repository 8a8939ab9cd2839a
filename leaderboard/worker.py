"""The worker: claims jobs, has children do them, writes down what came of them, keeps its leases alive, sweeps.

One thread does all that is recorded, so many results that are ready together share one commit; one thread beats, one sweeps, one tells how
far the children are. The same
`run` serves ``jiebang worker`` (a process) and ``jiebang serve`` (a thread beside the web server).
"""

import contextlib
import os
import queue
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any, Final

from sqlalchemy import delete, event
from sqlmodel import col

from leaderboard.accounts import service as accounts
from leaderboard.core import changes, jobs
from leaderboard.core.errors import Unavailable
from leaderboard.core.i18n import N_
from leaderboard.core.jobs import Leased
from leaderboard.core.log import logger
from leaderboard.core.sandbox import ChildFailed, Outcome, PlainJob, SandboxJob, Task
from leaderboard.core.work import Resources, Work
from leaderboard.submissions import dry_runs, reception, uploads
from leaderboard.submissions.executors import Executor, LocalExecutor
from leaderboard.submissions.models import WorkerBeat
from leaderboard.submissions.progress import TELL_SECONDS, Progress
from leaderboard.submissions.signals import WorkerStarted

POLL_SECONDS: Final = 0.5
BATCH: Final = 32
BATCH_BYTES: Final = 8 << 20
RECORDED_TOGETHER: Final = 16
"""Few enough that nobody waits long for SQLite's write lock meanwhile, enough that the commit's price is shared."""
PACE_SECONDS: Final = 0.1
"""Between turns in which there was something to do: nobody notices, and more is written in one transaction."""
PLAIN_THREADS: Final = 2
SWEEP_SECONDS: Final = 60.0
STOP_SECONDS: Final = 10.0
PAUSE_SECONDS: Final = 1.0
KEEP_BEATS: Final = timedelta(days=7)
STARTS: Final = 5
"""So often may the first child fail to start (the system may be out of memory for a moment) before the worker gives up."""

log = logger("worker")


def run(
    resources: Resources,
    sandbox_jobs: Mapping[str, SandboxJob],
    plain_jobs: Mapping[str, PlainJob],
    *,
    stop: threading.Event,
    executor: Executor | None = None,
) -> None:
    """Works until ``stop`` is set, then gives back what it has not done. Raises Unavailable when children cannot be guarded
    as the settings ask, or cannot start at all.
    """
    own = executor is None
    hands = executor or LocalExecutor(resources.settings)
    try:
        guards = _guards(hands)
        _Worker(resources, sandbox_jobs, plain_jobs, stop, hands, guards).work()
    finally:
        if own:
            hands.close()


def _guards(executor: Executor) -> list[list[Any]]:
    if not isinstance(executor, LocalExecutor):
        return []
    for left in reversed(range(STARTS)):
        try:
            found = executor.guards()
            break
        except ChildFailed as error:
            log.exception("a scoring child does not start", reason=error.reason, detail=error.detail)
            if not left:
                raise Unavailable(
                    "worker.no_child", N_("No scoring child starts: {detail}"), detail=error.detail[-500:]
                ) from error
            time.sleep(PAUSE_SECONDS)
    for guard in found:
        if not guard.active:
            log.warning("a guard is missing", guard=guard.name, why=guard.why)
    return [list(guard) for guard in found]


class _Lost(Exception):
    """The lease went to somebody else: whatever we found, it is not ours to write."""


@contextlib.contextmanager
def _read_once(work: Work) -> Iterator[None]:
    """Keeps what the session has read, which it would forget when nobody holds it: many jobs are about one challenge."""
    kept: list[Any] = []

    def keep(_session: Any, row: Any) -> None:
        kept.append(row)

    event.listen(work.session, "loaded_as_persistent", keep)
    yield
    event.remove(work.session, "loaded_as_persistent", keep)


def _demand(ours: bool) -> None:
    if not ours:
        raise _Lost


@dataclass(frozen=True, slots=True)
class _Done:
    job: Leased
    result: Outcome | None
    error: BaseException | None


@dataclass
class _Worker:
    resources: Resources
    sandbox_jobs: Mapping[str, SandboxJob]
    plain_jobs: Mapping[str, PlainJob]
    stop: threading.Event
    executor: Executor
    guards: list[list[Any]]
    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{token_hex(3)}")
    held: dict[int, Leased] = field(default_factory=dict)
    futures: dict[int, Future[Any]] = field(default_factory=dict)
    done: "queue.SimpleQueue[_Done]" = field(default_factory=queue.SimpleQueue)
    unrecorded: list[_Done] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.progress = Progress(self.resources)

    @property
    def settings(self) -> Any:
        return self.resources.settings

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.settings.lease_seconds)

    def work(self) -> None:
        wake = self.resources.job_added
        self._beat(self.resources.clock.now())
        aside = [
            threading.Thread(target=act, name=name, daemon=True)
            for name, act in (
                ("heartbeat", self._keep_beating),
                ("broom", self._keep_sweeping),
                ("progress", self._keep_telling),
            )
        ]
        for thread in aside:
            thread.start()
        with ThreadPoolExecutor(PLAIN_THREADS, "jobs") as self.plain:
            try:
                while not self.stop.is_set():
                    wake.clear()  # before looking: what is added while we look wakes us again
                    if self._guarded(self._turn):
                        self.stop.wait(PACE_SECONDS)
                    else:
                        wake.wait(POLL_SECONDS)
                self._stop()
            finally:
                self.ended.set()
                for thread in aside:
                    thread.join()
                self._guarded(self._say_goodbye)

    def _guarded(self, act: Callable[[], bool]) -> bool:
        """The database may be away for a while; what is not recorded yet is kept, and tried again."""
        try:
            return act()
        except Exception:  # a worker outlives every fault; it is logged and tried again
            log.exception("the worker stumbled")
            if self.stop.wait(PAUSE_SECONDS):
                time.sleep(PAUSE_SECONDS / 10)
            return True

    def _turn(self) -> bool:
        """Writes down what is done and claims what there is room for, in one transaction; whether there was anything."""
        self._collect()
        kinds = self._kinds_with_room()
        if not self.unrecorded and not self._is_waiting(kinds):
            return False
        try:
            began = self._write(kinds, together=True)
        except Exception:  # something in it cannot be kept: each for itself, so that it does not spoil the others
            log.exception("results could not be recorded together")
            began = self._write(kinds, together=False)
        self._forget_recorded()
        for job, task in began:
            self._begin(job, task)
        return True

    def _write(self, kinds: list[list[str]], *, together: bool) -> list[tuple[Leased, Task | None]]:
        with self.resources.write() as work, _read_once(work):
            self._record(work, together=together)
            return [begun for some in kinds for begun in self._claim(work, some)]

    # claiming

    def _kinds_with_room(self) -> list[list[str]]:
        """Kinds of jobs that may be claimed now, as those of children and plain ones."""
        sandbox, plain = list(self.sandbox_jobs), list(self.plain_jobs)
        with self.lock:
            recorded = {done.job.id for done in self.unrecorded}
            kinds = [job.kind for job in self.held.values() if job.id not in recorded]
        room = (
            sum(kind in self.sandbox_jobs for kind in kinds) <= self.settings.workers,
            sum(kind in self.plain_jobs for kind in kinds) < PLAIN_THREADS,
        )
        return [some for some, has_room in zip((sandbox, plain), room, strict=True) if some and has_room]

    def _is_waiting(self, kinds: list[list[str]]) -> bool:
        """Looks before asking for the right to write, which others may need more."""
        with self.resources.read() as work:
            return jobs.is_waiting(work.session, work.now, kinds=[kind for some in kinds for kind in some])

    def _claim(self, work: Work, kinds: list[str]) -> list[tuple[Leased, Task | None]]:
        most = BATCH if kinds[0] in self.sandbox_jobs else 1
        claimed = jobs.claim(work.session, self.name, work.now, self.lease, kinds=kinds, most=most, weight=BATCH_BYTES)
        if kinds[0] in self.plain_jobs:
            return [(job, None) for job in claimed]
        staged = [(job, self._stage(work, job)) for job in claimed]
        return [(job, task) for job, task in staged if task is not None]

    def _stage(self, work: Work, job: Leased) -> Task | None:
        try:
            with work.session.begin_nested():
                task = self.sandbox_jobs[job.kind].stage(work, job)
                if task is None:
                    jobs.finish(work.session, job, work.now)
        except Exception as error:  # one job that cannot be staged does not hold up the others
            log.exception("a job could not be staged", job=job.key)
            self._settle_failure(work, job, error)
            return None
        return task

    def _begin(self, job: Leased, task: Task | None) -> None:
        if task is None:
            future: Future[Any] = self.plain.submit(self.plain_jobs[job.kind], self.resources, job)
        else:
            future = self.executor.submit(task, job.lane, self.progress.of(job, task))
        with self.lock:
            self.held[job.id] = job
            self.futures[job.id] = future
        future.add_done_callback(lambda future: self._hand_in(job, future))

    def _hand_in(self, job: Leased, future: Future[Any]) -> None:
        self.progress.forget(job)
        if future.cancelled():
            return
        error = future.exception()
        result = future.result() if error is None else None
        self.done.put(_Done(job, result if isinstance(result, Outcome) else None, error))
        self.resources.job_added.set()

    # recording

    def _collect(self) -> None:
        while len(self.unrecorded) < RECORDED_TOGETHER and not self.done.empty():
            self.unrecorded.append(self.done.get())
        self.unrecorded.sort(key=lambda done: done.job.id)

    def _record(self, work: Work, *, together: bool) -> None:
        for done in self.unrecorded:
            self._settle(work, done, together=together)

    def _record_alone(self) -> bool:
        """Writes down what is done without claiming anything new."""
        self._collect()
        with self.resources.write() as work:
            self._record(work, together=False)
        return self._forget_recorded()

    def _forget_recorded(self) -> bool:
        """After the commit."""
        finished, self.unrecorded = self.unrecorded, []
        with self.lock:
            for done in finished:
                self.held.pop(done.job.id, None)
                self.futures.pop(done.job.id, None)
        for done in finished:
            if done.result is not None:
                shutil.rmtree(done.result.folder, ignore_errors=True)
        return bool(finished)

    def _settle(self, work: Work, done: _Done, *, together: bool) -> None:
        if done.error is not None:
            self._settle_failure(work, done.job, done.error)
            return
        left = len(work.after_commit)
        try:
            with contextlib.nullcontext() if together else work.session.begin_nested():
                _demand(jobs.finish(work.session, done.job, work.now))
                if done.result is not None:
                    self.sandbox_jobs[done.job.kind].record(work, done.job, done.result)
                    work.session.flush()
        except _Lost:
            log.info("a result came too late", job=done.job.key)
        except Exception as error:
            if together:
                raise
            log.exception("a result could not be recorded", job=done.job.key)
            del work.after_commit[left:]
            self._settle_failure(work, done.job, error)

    def _settle_failure(self, work: Work, job: Leased, error: BaseException) -> None:
        """Gives the job back for another try, or ends it."""
        if self.stop.is_set() and isinstance(error, ChildFailed) and error.reason == "killed":
            jobs.release(work.session, [job], work.now)  # we ended the child ourselves
            return
        handler = self.sandbox_jobs.get(job.kind)
        known = error if isinstance(error, ChildFailed) else ChildFailed("broken", type(error).__name__)
        trace = None if isinstance(error, ChildFailed) else error
        log.warning(
            "a try failed", job=job.key, attempt=job.attempt, reason=known.reason, detail=known.detail, exc_info=trace
        )
        left = len(work.after_commit)
        try:
            with work.session.begin_nested():
                dead = job.attempt >= self.settings.attempts
                settled = handler is not None and handler.failed(work, job, known, dead=dead)
                if settled and not dead:
                    ours = jobs.finish(work.session, job, work.now)
                else:
                    ours = jobs.retry(work.session, job, work.now, str(known), self.settings.attempts) is not None
                _demand(ours)
                work.session.flush()
        except _Lost:
            del work.after_commit[left:]
        except Exception:  # the job itself must not be stuck, whatever its handler does
            log.exception("a failure could not be recorded", job=job.key)
            del work.after_commit[left:]
            jobs.retry(work.session, job, work.now, str(known), self.settings.attempts)

    # leases, beats and brooms

    def _keep_beating(self) -> None:
        pause = self.settings.lease_seconds / 3
        while not self.ended.wait(pause):
            self._guarded(self._prolong)

    def _keep_telling(self) -> None:
        while not self.ended.wait(TELL_SECONDS):
            self._guarded(self.progress.write)

    def _keep_sweeping(self) -> None:
        """In a thread of its own: it may have whole uploads to hand in, which takes longer than a lease lasts."""
        pause = self.settings.lease_seconds / 3
        while not self.ended.wait(pause):
            self._guarded(self._sweep)
            pause = SWEEP_SECONDS

    def _prolong(self) -> bool:
        with self.lock:
            held = sorted(self.held.values(), key=lambda job: job.id)  # as they were claimed: nobody waits crosswise
        with self.resources.write() as work:
            jobs.heartbeat(work.session, held, work.now, self.lease)
            self._upsert_beat(work, stopped_at=None)
        return True

    def _beat(self, now: datetime) -> None:
        self.started_at = now
        with self.resources.write() as work:
            self._upsert_beat(work, stopped_at=None)
            work.emit(WorkerStarted(self.name))

    def _upsert_beat(self, work: Work, *, stopped_at: datetime | None) -> None:
        beat = WorkerBeat(
            name=self.name,
            children=self.settings.workers,
            guards=self.guards,
            started_at=self.started_at,
            seen_at=work.now,
            stopped_at=stopped_at,
        )
        work.session.merge(beat)

    def _sweep(self) -> bool:
        with self.resources.write() as work:
            changes.prune(work.session, work.now)
            jobs.prune(work.session, work.now)
            dry_runs.sweep(work)
            accounts.prune(work)
            work.session.execute(delete(WorkerBeat).where(col(WorkerBeat.seen_at) < work.now - KEEP_BEATS))
        uploads.sweep(self.resources)
        reception.sweep_marks(self.resources)
        return True

    # the end

    def _stop(self) -> None:
        """Takes back what has not begun, waits a little for what has, ends the rest, and gives everything back."""
        with self.lock:
            untouched = [job for job in self.held.values() if self.futures[job.id].cancel()]
        self._give_back(untouched)
        deadline = time.monotonic() + STOP_SECONDS
        while self.held and time.monotonic() < deadline:
            if not self._guarded(self._record_alone):
                time.sleep(0.05)
        if self.held:
            self.executor.close()
            self._guarded(self._record_alone)
            self._give_back(list(self.held.values()))

    def _give_back(self, released: list[Leased]) -> None:
        with self.lock:
            for job in released:
                self.held.pop(job.id, None)
                self.futures.pop(job.id, None)

        def write() -> bool:
            with self.resources.write() as work:
                jobs.release(work.session, released, work.now)
            return True

        self._guarded(write)

    def _say_goodbye(self) -> bool:
        with self.resources.write() as work:
            self._upsert_beat(work, stopped_at=work.now)
        return True
