"""Files on their way in: counted and hashed while they are written, stored for good before anything is said about them.

Between the storage and the commit that makes a row of it, a file is **marked** (an empty file beside the uploads), so that
what a crash leaves behind is found again and removed: `sweep_marks`.
"""

import hashlib
import re
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from sqlmodel import col, select

from leaderboard.core.errors import Malformed, TooLarge
from leaderboard.core.i18n import N_
from leaderboard.core.work import Resources, Work
from leaderboard.submissions.models import DryRun, Submission
from leaderboard.submissions.signals import OwnerAsked

MARK_HOURS: Final = 2
LONGEST_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that is whole and durably stored. ``started_at``: its first accepted byte, the time that counts."""

    storage_key: str
    size: int
    sha256: str
    file_name: str
    started_at: datetime


def shown_name(name: str) -> str:
    """The last part of a file name, of printable characters only and at most 200 of them. Raises Malformed when none is left."""
    last = re.split(r"[/\\]", name.replace("\0", ""))[-1]
    shown = "".join(c for c in last if c.isprintable()).strip()
    if not shown.strip("."):
        raise Malformed("submissions.no_name", N_("The file needs a name, such as predictions.csv."))
    return shown[-LONGEST_NAME:]


def too_large(most: int) -> TooLarge:
    """The refusal of a file of more than ``most`` bytes."""
    return TooLarge(
        "submissions.too_large", N_("The file is larger than {megabytes} MB, which is the most that is taken here."),
        megabytes=most // 1_000_000,
    )  # fmt: skip


def uploads_folder(held: Resources) -> Path:
    """Where files are while they come in; on the storage's own disk where that is a folder."""
    folder = held.settings.data_dir / "uploads"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


class Arriving:
    """One file that comes in one piece. Not durable, and gone at the next sweep, until `store`."""

    def __init__(self, held: Resources, most: int) -> None:
        self.held, self.most = held, most
        self.path = uploads_folder(held) / f"{secrets.token_hex(16)}.part"
        self.size = 0
        self.started_at: datetime | None = None
        self._hash = hashlib.sha256()
        self._file = self.path.open("xb", buffering=0)

    def write(self, block: bytes) -> None:
        """Raises TooLarge before the file grows past what is allowed."""
        if not block:
            return
        self.started_at = self.started_at or self.held.clock.now()
        self.size += len(block)
        if self.size > self.most:
            raise too_large(self.most)
        self._hash.update(block)
        self._file.write(block)

    async def fill(self, blocks: AsyncIterator[bytes]) -> Self:
        """Writes what comes; a lost connection or a refusal leaves nothing behind."""
        try:
            async for block in blocks:
                self.write(block)
        except BaseException:
            self.discard()
            raise
        return self

    def store(self, file_name: str) -> ReceivedFile:
        """Closes the file and stores it for good. Raises Malformed for an empty one."""
        try:
            if self.started_at is None:
                raise Malformed("submissions.empty", N_("The file is empty."))
            self._file.close()
            key = store(self.held, self.path)
            return ReceivedFile(key, self.size, self._hash.hexdigest(), shown_name(file_name), self.started_at)
        finally:
            self.discard()

    def discard(self) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


def store(held: Resources, path: Path) -> str:
    """Stores the file under a new key and returns it; the file at ``path`` is gone. Durable when this returns."""
    token = secrets.token_hex(16)
    _mark(held, token).touch(mode=0o600)
    held.storage.put(_key(token), path)
    return _key(token)


def settle(held: Resources, storage_key: str, *, kept: bool) -> None:
    """After the commit: takes the mark away, and the file too unless it was ``kept``."""
    if not kept:
        held.storage.delete(storage_key)
    _mark(held, storage_key.rsplit("/", 1)[-1]).unlink(missing_ok=True)


def sweep_marks(held: Resources) -> int:
    """Removes stored files that no row came to own, and parts that nobody writes any more; returns how many."""
    removed = 0
    horizon = time.time() - MARK_HOURS * 3600
    for path in uploads_folder(held).iterdir():
        if path.suffix not in {".mark", ".part"} or not _older(path, horizon):
            continue
        if path.suffix == ".mark" and not _owned(held, _key(path.stem)):
            held.storage.delete(_key(path.stem))
            removed += 1
        path.unlink(missing_ok=True)
    return removed


def _older(path: Path, horizon: float) -> bool:
    try:
        return path.stat().st_mtime < horizon
    except FileNotFoundError:
        return False


def _owned(held: Resources, key: str) -> bool:
    asked = OwnerAsked(key, [])
    with held.read() as work:
        work.emit(asked)
    return bool(asked.found)


def owned_by(work: Work, signal: OwnerAsked) -> None:
    """Answers for the files of submissions and checks."""
    for keys in (col(Submission.storage_key), col(DryRun.storage_key)):
        signal.found.extend(work.session.exec(select(keys).where(keys == signal.key).limit(1)))


def _key(token: str) -> str:
    return f"submissions/{token[:2]}/{token}"


def _mark(held: Resources, token: str) -> Path:
    return uploads_folder(held) / f"{token}.mark"


def file_sha256(path: Path) -> str:
    """The digest of a file of any size, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
