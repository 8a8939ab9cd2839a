"""One request or one job = one unit of work = one commit, made at the edge."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from leaderboard.core import changes, jobs
from leaderboard.core.clock import Clock
from leaderboard.core.database import Database
from leaderboard.core.log import logger
from leaderboard.core.settings import Settings
from leaderboard.core.signals import Handlers, dispatch
from leaderboard.core.storage import Storage

log = logger("work")


@dataclass(frozen=True)
class Resources:
    """What a running process holds: made once by ``wiring.build``, closed once."""

    settings: Settings
    database: Database
    storage: Storage
    clock: Clock
    handlers: Handlers
    job_added: threading.Event = field(default_factory=threading.Event)  # wakes the worker of this process

    @contextmanager
    def write(self) -> Iterator["Work"]:
        """A unit of work that commits at its end, then runs what was left for after the commit."""
        with self.database.write() as session:
            work = Work(session, self.clock.now(), self)
            yield work
            session.flush()
            if work.news:
                changes.announce(session, work.news, work.now)
        for act in work.after_commit:
            try:
                act()
            except Exception:  # what was committed stands, and the others are left to do
                log.exception("something could not be done after a commit")

    @contextmanager
    def read(self) -> Iterator["Work"]:
        """A unit of work that can only look: nothing it does is kept."""
        with self.database.read() as session:
            yield Work(session, self.clock.now(), self)


@dataclass
class Work:
    """What a service verb gets: a session in an open transaction, one instant, and the process's resources.

    Services flush, never commit.
    """

    session: Session
    now: datetime
    resources: Resources
    after_commit: list[Callable[[], None]] = field(default_factory=list)
    news: dict[str, None] = field(default_factory=dict)  # topics, in the order in which they were announced

    @property
    def settings(self) -> Settings:
        return self.resources.settings

    @property
    def storage(self) -> Storage:
        return self.resources.storage

    def emit(self, signal: Any) -> None:
        """Tells everyone who hears this class of signal, inside this transaction."""
        dispatch(self.resources.handlers, self, signal)

    def announce(self, topic: str) -> None:
        """Says that pages about ``topic`` are out of date; written once, with the commit."""
        self.news[topic] = None

    def enqueue(
        self,
        kind: str,
        key: str,
        *,
        lane: str = "",
        payload: dict[str, Any] | None = None,
        weight: int = 0,
        delay: timedelta = timedelta(0),
    ) -> bool:
        """:func:`jobs.enqueue` in this transaction; a worker in this process starts on it as soon as it is committed."""
        self.after_commit.append(self.resources.job_added.set)
        return jobs.enqueue(self.session, kind, key, self.now, lane=lane, payload=payload, weight=weight, delay=delay)
