"""The seam between a job and the locked-down child that reads hostile files: what goes in, what comes out.

A room states its :class:`SandboxJob`; ``submissions.executors`` runs the task in a child; ``worker`` moves the job along.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from leaderboard.core.jobs import Leased
from leaderboard.core.work import Resources, Work


@dataclass(frozen=True, slots=True)
class Task:
    """One operation of the child (a key of its table, such as ``score``) on files that it may only read.

    ``files``: name in the child's folder → local file or folder. ``argument``: JSON. ``topic``: open pages about it hear how far
    the child is.
    """

    operation: str
    files: Mapping[str, Path]
    argument: Mapping[str, Any] = field(default_factory=dict)
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the child left: nothing in it is trusted. ``folder`` holds its files until the result is recorded."""

    report: bytes
    folder: Path


class ChildFailed(Exception):
    """The child ended without a report. ``reason``: time, memory, killed or broken."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class SandboxJob(Protocol):
    """A kind of job whose work is done by the child."""

    def stage(self, work: Work, job: Leased) -> Task | None:
        """Marks the thing as being worked on and says what the child shall do; None: nothing is left to do."""
        ...

    def record(self, work: Work, job: Leased, outcome: Outcome) -> None:
        """Parses the report and writes the result, idempotently. An exception counts as a failed try."""
        ...

    def failed(self, work: Work, job: Leased, error: ChildFailed, *, dead: bool) -> bool | None:
        """The child failed, or its result could not be recorded; ``dead``: it was the last try.

        True: the thing is settled (a file that breaks the limits each time), try no more.
        """
        ...


PlainJob = Callable[[Resources, Leased], None]
"""A kind of job that the worker does by itself: its own units of work, idempotent; an exception counts as a failed try."""
