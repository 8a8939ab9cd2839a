"""A posted challenge with somebody in it, a worker that is really at work, and people who are signed in."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from leaderboard import wiring, worker
from leaderboard.accounts.actor import Actor
from leaderboard.core.clock import SystemClock
from leaderboard.core.settings import Settings
from leaderboard.core.work import Resources, Work
from leaderboard.entries.models import Entry
from leaderboard.seasons.models import Challenge, Phase
from leaderboard.submissions.executors import LocalExecutor
from leaderboard.submissions.models import Submission
from leaderboard.submissions.service import receive
from tests.conftest import logging_as
from tests.submissions import factories


@dataclass
class Stage:
    """Where the tests play: one challenge, its organizer, one entrant."""

    resources: Resources
    challenge: Challenge
    phase: Phase
    organizer: Actor
    actor: Actor
    entry: Entry

    def submit(self, data: bytes | None = None, name: str = "predictions.csv", **how: object) -> Submission:
        file = factories.arrived(self.resources, data, name)
        with self.resources.write() as work:
            return receive(work, how.pop("actor", self.actor), self.challenge, self.phase, file, **how)

    def get(self, submission: Submission) -> Submission:
        with self.resources.read() as work:
            return work.session.get_one(Submission, submission.id)

    def read(self, look: Callable[[Work], object]) -> object:
        with self.resources.read() as work:
            return look(work)


def stage_on(resources: Resources, folder: Path, **words: object) -> Stage:
    with resources.write() as work:
        challenge, organizer = factories.posted(work, folder, **words)
        actor, entry = factories.entered(work, challenge)
        phase = factories.phase_of(work, challenge)
    return Stage(resources, challenge, phase, organizer, actor, entry)


@pytest.fixture(scope="module", autouse=True)
def _logs() -> Iterator[None]:
    """Logs as in an installation, for this file's tests only."""
    with logging_as(Settings(_env_file=None, log_level="ERROR")):
        yield


@pytest.fixture
def stage(request: pytest.FixtureRequest, resources: Resources, tmp_path: Path) -> Stage:
    return stage_on(resources, tmp_path, **(factories.running() if "real_time" in request.fixturenames else {}))


@pytest.fixture(scope="session")
def executor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalExecutor]:
    """Real children, warm over all tests."""
    made = LocalExecutor(
        Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("children"), workers=1, score_seconds=120)
    )
    yield made
    made.close()


class Lent:
    """The session's executor, lent to one worker: closing it gives it back."""

    def __init__(self, executor: LocalExecutor) -> None:
        self.submit = executor.submit

    def close(self) -> None:
        """The fixture closes it."""


@pytest.fixture
def start_worker(resources: Resources, executor: LocalExecutor) -> Iterator[Callable[[], threading.Event]]:
    """Starts a worker beside the test; it ends with the test, or when the event is set."""
    running: list[tuple[threading.Event, threading.Thread]] = []

    def start() -> threading.Event:
        stop = threading.Event()
        thread = threading.Thread(
            target=worker.run,
            args=(resources, wiring.SANDBOX_JOBS, wiring.PLAIN_JOBS),
            kwargs={"stop": stop, "executor": Lent(executor)},
            name="worker",
        )
        thread.start()
        running.append((stop, thread))
        return stop

    yield start
    for stop, thread in running:
        stop.set()
        resources.job_added.set()
        thread.join(120)
        assert not thread.is_alive()


@pytest.fixture
def real_time(resources: Resources) -> Resources:
    """The clock runs."""
    resources.__dict__["clock"] = SystemClock()
    return resources
