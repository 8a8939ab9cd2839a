"""How far the scoring children are: heard in their threads, written down once a second, shown to who waits.

Most work is done before anybody could look: what has ended, or tells of no steps, is never written.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from leaderboard.core import jobs
from leaderboard.core.i18n import N_
from leaderboard.core.jobs import Leased, Step
from leaderboard.core.sandbox import Task
from leaderboard.core.work import Resources
from leaderboard.ui.quality import stage_title

TELL_SECONDS: Final = 1.0
UNKNOWN: Final = N_("Working")


@dataclass(frozen=True)
class StepRow:
    """A step of the work: its title, English, and the seconds that it took; None: it is under way."""

    title: str
    seconds: float | None


@dataclass
class _Told:
    job: Leased
    topic: str
    steps: list[Step]
    fresh: bool = False


class Progress:
    """What the children of one worker have told and nobody has read yet."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._lock = threading.Lock()
        self._told: dict[int, _Told] = {}

    def of(self, job: Leased, task: Task) -> Callable[[str], None]:
        """What hears of the steps of a job, in any thread."""
        told = _Told(job, task.topic, [])
        with self._lock:
            self._told[job.id] = told

        def hear(name: str) -> None:
            with self._lock:
                told.steps.append(Step(name, self._resources.clock.now()))
                told.fresh = True

        return hear

    def forget(self, job: Leased) -> None:
        """The job has ended: where it was is of no interest any more."""
        with self._lock:
            self._told.pop(job.id, None)

    def write(self) -> bool:
        """Notes what is new, and lets open pages know; whether there was anything."""
        with self._lock:
            fresh = [(told.job, told.topic, tuple(told.steps)) for told in self._told.values() if told.fresh]
            for told in self._told.values():
                told.fresh = False
        if fresh:
            with self._resources.write() as work:
                for job, topic, steps in sorted(fresh, key=lambda one: one[0].id):
                    jobs.tell(work.session, job, steps)
                    work.announce(topic)
        return bool(fresh)


def step_rows(steps: Sequence[Step]) -> tuple[StepRow, ...]:
    """Each step with what it took; the last one is under way."""
    ends: list[datetime | None] = [step.began_at for step in steps[1:]]
    ends.append(None)
    return tuple(
        StepRow(stage_title(step.name) or UNKNOWN, None if end is None else (end - step.began_at).total_seconds())
        for step, end in zip(steps, ends, strict=False)
    )
