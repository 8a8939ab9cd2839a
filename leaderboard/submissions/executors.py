"""Where scoring happens: tasks go in, `concurrent.futures` futures come out, hostile files are read in locked children.

A `LocalExecutor` has as many threads as it has slots, and each thread owns one warm child process (`slots`).
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import ClassVar, Protocol

from leaderboard.core.sandbox import ChildFailed, Outcome, Task
from leaderboard.core.settings import Settings
from leaderboard.submissions.lockdown import Guard
from leaderboard.submissions.slots import START_SECONDS, Slot


class Executor(Protocol):
    """The seam to where tasks run. ``lane``: tasks of one lane may see each other's files; "" shares with nobody."""

    def submit(self, task: Task, lane: str, tell: Callable[[str], None]) -> Future[Outcome]:
        """Runs ``task``; the future raises ChildFailed when the child ended without a report.

        ``tell`` hears, in any thread, of each step that begins.
        """
        ...

    def close(self) -> None:
        """Ends what runs; its futures raise ChildFailed."""
        ...


class LocalExecutor:
    """Warm children on this machine. ``settings.workers`` slots, each with a folder, a user (as root) and a child."""

    module: ClassVar[tuple[str, ...]] = ("-m", "leaderboard.submissions.child")

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder, self._lock = _own_folder(settings.data_dir / "slots")
        self._slots: list[Slot] = []
        self._local = threading.local()
        self._adding = threading.Lock()
        self._closed = False
        self._threads = ThreadPoolExecutor(settings.workers, "scoring", self._make_slot)
        ready = threading.Barrier(settings.workers)
        for _ in range(settings.workers):
            self._threads.submit(
                ready.wait, START_SECONDS
            )  # every thread starts its child now, not with its first task

    def _make_slot(self) -> None:
        with self._adding:
            number = len(self._slots)
            slot = Slot(self._settings, self._folder, number, self.module)
            self._slots.append(slot)
        self._local.slot = slot
        with contextlib.suppress(OSError, ChildFailed):  # tried again, and then reported, with the first task
            slot.start()

    def submit(self, task: Task, lane: str, tell: Callable[[str], None] = lambda _: None) -> Future[Outcome]:
        return self._threads.submit(self._run, task, lane, tell)

    def _run(self, task: Task, lane: str, tell: Callable[[str], None]) -> Outcome:
        if self._closed:
            raise ChildFailed("killed", "the worker stops")
        slot: Slot = self._local.slot
        return slot.run(task, lane, tell)

    def guards(self) -> list[Guard]:
        """Which walls stand around the children, as the first one found them. Raises ChildFailed when none starts."""
        return self._threads.submit(self._guards).result()

    def _guards(self) -> list[Guard]:
        slot: Slot = self._local.slot
        return slot.guards()

    def children(self) -> list[int]:
        """Process ids of the children that live."""
        return [slot.child.pid for slot in list(self._slots) if slot.child is not None]

    def close(self) -> None:
        """Ends the children. Closing twice is closing once: the lock's descriptor may be somebody else's by then."""
        if self._closed:
            return
        self._closed = True
        for slot in list(self._slots):
            slot.close()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for slot in self._slots:
            slot.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        os.close(self._lock)


def guards(settings: Settings) -> list[Guard]:
    """Starts one child and asks it which walls stand; for ``jiebang doctor``. Raises ChildFailed."""
    with tempfile.TemporaryDirectory() as folder:
        slot = Slot(settings, Path(folder), 0, LocalExecutor.module, demanding=False)
        try:
            slot.start()
            return slot.guards()
        finally:
            slot.kill()


def _own_folder(root: Path) -> tuple[Path, int]:
    """A new folder that is ours as long as we hold its lock; those of the dead are removed."""
    root.mkdir(parents=True, exist_ok=True, mode=0o711)
    for old in root.iterdir():
        with contextlib.suppress(OSError):  # held: its owner lives; gone: somebody else removed it
            lock = os.open(old / "lock", os.O_RDWR)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(old, ignore_errors=True)
            finally:
                os.close(lock)
    folder = root / secrets.token_hex(6)
    folder.mkdir(mode=0o711)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    return folder, lock
