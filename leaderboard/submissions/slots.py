"""One scoring child and its folder: started, asked, watched, killed. Nothing that the child says is believed."""

import contextlib
import json
import os
import re
import secrets
import select
import shutil
import signal
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leaderboard.core.errors import Unavailable
from leaderboard.core.i18n import N_
from leaderboard.core.sandbox import ChildFailed, Outcome, Task
from leaderboard.core.settings import Settings
from leaderboard.submissions.lockdown import Guard

START_SECONDS = 120.0
"""A child that has not locked itself by then is broken; most of the time is the loading of libraries from a cold disk."""
JOBS_PER_CHILD = 200
SERIAL = frozenset({"score", "check"})
"""Operations that one child may do one after another. After any other it ends before its files are handed out, so that it
holds none of them open."""
LARGEST_REPLY = 64 << 10
MOST_STEPS = 1000
STEP = re.compile(r"[A-Za-z0-9-]{1,16}")
"""What a step of a child's work may be called."""
LARGEST_REPORT = 4 << 20
FIRST_UID = 64000
TEMPORARY = "/proc/self/cwd/out/tmp" if sys.platform == "linux" else "out/tmp"
"""By way of the working folder: `tempfile` makes paths absolute, and the folders above are closed to the child's user."""
_HEADER = struct.Struct(">I")


def take(folder: Path, name: str, target: Path, *, most: int) -> bool:
    """Copies a file that a child left to ``target``; False when there is none.

    Raises ValueError for anything but a plain file of at most ``most`` bytes: a child may leave links, pipes, or endless files.
    """
    try:
        source = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ValueError(f"{name} is no plain file") from error
    about = os.fstat(source)
    if not stat.S_ISREG(about.st_mode) or about.st_size > most:
        os.close(source)
        raise ValueError(f"{name} is no plain file of at most {most} bytes")
    with os.fdopen(source, "rb") as file, target.open("xb") as copy:
        left = most
        while left and (block := file.read(min(left, 1 << 20))):
            copy.write(block)
            left -= len(block)
    return True


@dataclass
class Slot:
    """One thread's child, its folder, and what the child may see at the moment."""

    settings: Settings
    root: Path
    number: int
    module: tuple[str, ...]
    demanding: bool = True
    child: "subprocess.Popen[bytes] | None" = None
    lane: str | None = None
    jobs: int = 0
    staged: dict[str, Path] = field(default_factory=dict)
    found: list[Guard] | None = None
    closed: bool = False

    @property
    def folder(self) -> Path:
        return self.root / f"slot-{self.number}"

    # the child's life

    def start(self) -> None:
        """Starts a child in an empty folder; it warms up while nobody waits for it."""
        self.kill()
        if self.closed:
            raise ChildFailed("killed", "the worker stops")
        uid = FIRST_UID + self.number if os.geteuid() == 0 else None
        shutil.rmtree(self.folder, ignore_errors=True)
        for place in (self.folder, self.folder / "in", self.folder / "out"):
            place.mkdir(mode=0o750)
            if uid is not None:
                os.chown(place, 0, uid)
        self._make_own(self.folder / "out" / "tmp")
        self.lane, self.jobs, self.staged, self.found = None, 0, {}, None
        config = {
            "uid": uid,
            "parent": os.getpid(),
            "memory_bytes": self.settings.score_memory_mb << 20,
            "file_bytes": max(4 * self.settings.package_max_mb, 2 * self.settings.upload_max_mb) << 20,
        }
        with (self.folder / "log").open("wb") as errors:
            self.child = subprocess.Popen(  # noqa: S603 - our own module, run by our own interpreter
                [sys.executable, "-I", *self.module, json.dumps(config)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=self.folder,
                env=_environment(),
                start_new_session=True,
                bufsize=0,
            )

    def kill(self) -> None:
        """Ends the child and all that is in its group, and waits until they are gone."""
        child, self.child = self.child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def close(self) -> None:
        self.closed = True
        self.kill()

    def guards(self) -> list[Guard]:
        """What the child said of its walls, once it is ready. Raises ChildFailed or, when walls are missing, Unavailable."""
        if self.found is None:
            if self.child is None or self.child.poll() is not None:
                self.start()
            try:
                hello = self._receive(time.monotonic() + START_SECONDS)
            except ChildFailed as error:  # never the fault of a file: none was there yet
                last = _tail(self.folder / "log").decode(errors="replace")  # no file was there: it holds no data
                reason = "killed" if error.reason == "killed" else "broken"
                raise ChildFailed(reason, f"the child did not start ({error}): {last[-1500:]}") from error
            self.found = [
                Guard(str(name), active is True, str(why), needed is True)
                for name, active, why, needed in hello["guards"]
            ]
        if self.demanding:
            insist(self.settings, self.found)
        return self.found

    # one task

    def run(self, task: Task, lane: str, tell: Callable[[str], None] = lambda _: None) -> Outcome:
        """Stages the files, asks the child, and moves what it made out of its reach. ``tell`` hears of each step that it begins.

        Raises ChildFailed.
        """
        shared = {name: path for name, path in task.files.items() if path.is_dir()}
        strange = self.lane is not None and (lane != self.lane or not lane or shared != self.staged)
        if self.child is None or self.child.poll() is not None or strange or self.jobs >= JOBS_PER_CHILD:
            self.start()
        try:
            out = self._run(task, lane, shared, tell)
            if task.operation not in SERIAL:
                self.kill()
            outcome = self._outcome(out)
            if self.child is None:
                self.start()
            return outcome
        except BaseException:
            if not self.closed:
                self.start()  # whatever it was, this child is not asked again; the next one warms up meanwhile
            raise

    def _run(self, task: Task, lane: str, shared: Mapping[str, Path], tell: Callable[[str], None]) -> Path:
        """Has the child do the task; returns the folder with what it made."""
        self.guards()
        self.lane, self.jobs = lane, self.jobs + 1
        out = f"out/{self.jobs}"
        with self._files(task.files, shared):
            self._make_own(self.folder / out)
            self._send({"operation": task.operation, "out": out, "argument": dict(task.argument)})
            reply = self._reply(time.monotonic() + self.settings.score_seconds, tell)
        failed = reply.get("failed", "broken")
        if failed is not None:
            raise ChildFailed(failed if failed in {"memory", "broken"} else "broken", str(reply.get("detail"))[:2000])
        return self.folder / out

    def _make_own(self, place: Path) -> None:
        """A folder that the child's user may write to."""
        place.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(place, FIRST_UID + self.number, FIRST_UID + self.number)

    def _outcome(self, made: Path) -> Outcome:
        kept = self.root / f"made-{secrets.token_hex(6)}"
        made.rename(kept)  # the child's rules name its own out/, so what lies elsewhere is out of its reach
        if os.geteuid() == 0:
            for folder, _, names in os.walk(kept):
                for name in (".", *names):
                    os.chown(Path(folder, name), 0, 0, follow_symlinks=False)
        report = self.root / f"{kept.name}.json"
        try:
            why = "" if take(kept, "report.json", report, most=LARGEST_REPORT) else "no report"
        except ValueError as error:
            why = str(error)
        if why:
            shutil.rmtree(kept, ignore_errors=True)
            raise ChildFailed("broken", why)
        try:
            return Outcome(report.read_bytes(), kept)
        finally:
            report.unlink()

    @contextlib.contextmanager
    def _files(self, files: Mapping[str, Path], shared: Mapping[str, Path]) -> Iterator[None]:
        """The task's files under ``in/``; folders stay for the next task of the lane."""
        inside = self.folder / "in"
        for name, source in shared.items():
            if name not in self.staged:
                _link_folder(source, inside / name)
                self.staged[name] = source
        single = {name: source for name, source in files.items() if name not in shared}
        for name, source in single.items():
            _link(source, inside / name)
        try:
            yield
        finally:
            for name in single:
                (inside / name).unlink(missing_ok=True)

    # the pipe

    def _send(self, message: Mapping[str, Any]) -> None:
        assert self.child is not None
        assert self.child.stdin is not None
        body = json.dumps(message).encode()
        try:
            self.child.stdin.write(_HEADER.pack(len(body)) + body)
        except OSError as error:
            raise self._death() from error

    def _reply(self, deadline: float, tell: Callable[[str], None]) -> dict[str, Any]:
        """What the child answers in the end; the steps that it tells before are handed on."""
        for _ in range(MOST_STEPS):
            message = self._receive(deadline)
            if "step" not in message:
                return message
            if not STEP.fullmatch(str(message["step"])):
                break
            tell(str(message["step"]))
        raise ChildFailed("broken", "steps that are none")

    def _receive(self, deadline: float) -> dict[str, Any]:
        (length,) = _HEADER.unpack(self._read(_HEADER.size, deadline))
        if length > LARGEST_REPLY:
            raise ChildFailed("broken", "a reply that is too long")
        try:
            message = json.loads(self._read(length, deadline))
        except (ValueError, RecursionError) as error:
            raise ChildFailed("broken", "a reply that is no JSON") from error
        if not isinstance(message, dict):
            raise ChildFailed("broken", "a reply of another form")
        return message

    def _read(self, size: int, deadline: float) -> bytes:
        child = self.child
        if child is None:
            raise ChildFailed("killed", "the worker stops")
        assert child.stdout is not None
        found = b""
        try:
            pipe = child.stdout.fileno()
            ready = select.poll()
            ready.register(pipe, select.POLLIN)
            while len(found) < size:
                left = deadline - time.monotonic()
                if left <= 0 or not ready.poll(left * 1000):
                    raise ChildFailed("time", f"no answer in time ({self.settings.score_seconds} s a task)")
                block = os.read(pipe, size - len(found))
                if not block:
                    raise self._death()
                found += block
        except (OSError, ValueError) as error:  # closed under our hands
            raise ChildFailed("killed", "the worker stops") from error
        return found

    def _death(self) -> ChildFailed:
        """Why the child is no more, from its exit and its last words."""
        child = self.child
        if child is None:
            return ChildFailed("killed", "the worker stops")
        code = _exit_code(child)
        last = _tail(self.folder / "log")
        if b"memory allocation of" in last or b"MemoryError" in last or b"bad_alloc" in last:
            return ChildFailed("memory", f"exit {code}")
        if code == -signal.SIGKILL:
            return ChildFailed("killed", f"exit {code}")
        return ChildFailed("broken", f"exit {code}")


def _exit_code(child: "subprocess.Popen[bytes]") -> int:
    """How a child that closed its pipe ended; one that lives on without it is killed."""
    try:
        return child.wait(1)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        return child.wait()


def insist(settings: Settings, found: list[Guard]) -> None:
    """Raises Unavailable when the settings require every guard and one that is needed does not hold."""
    if settings.sandbox != "require":
        return
    missing = [guard for guard in found if guard.needed and not guard.active]
    if missing:
        raise Unavailable(
            "submissions.unguarded",
            N_("This machine lacks what is needed to score safely: {what}."),
            what="; ".join(f"{guard.name} ({guard.why})" for guard in missing),
        )


def _environment() -> dict[str, str]:
    """All that a child inherits: no secrets, one thread for each library, a temporary folder it may write."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS", "RAYON_NUM_THREADS")
    return {
        **dict.fromkeys(threads, "1"),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "TMPDIR": TEMPORARY,
        "MALLOC_ARENA_MAX": "2",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }


def _link(source: Path, place: Path) -> None:
    """A second name for the file, readable by the child's user; a copy on another file system.

    The file's mode changes with it, which opens nothing: the folders above our own name for it are closed to others.
    """
    try:
        os.link(source, place)
        place.chmod(0o444)
    except OSError:
        place.unlink(missing_ok=True)
        shutil.copyfile(source, place)
        place.chmod(0o444)


def _link_folder(source: Path, place: Path) -> None:
    place.mkdir(mode=0o755)
    for entry in sorted(source.iterdir()):
        if entry.is_dir():
            _link_folder(entry, place / entry.name)
        else:
            _link(entry, place / entry.name)


def _tail(path: Path, size: int = 4096) -> bytes:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - size))
            return file.read(size)
    except OSError:
        return b""
