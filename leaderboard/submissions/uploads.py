"""Files that come in pieces, by the tus protocol: begun, appended to, resumed, and in the end handed in.

How much has come is the size of the partial file and nothing else, so a server that is killed in the middle of a piece
knows what it has. A piece with a checksum is written beside the file and appended when it has proved right. Whoever writes
holds the file's lock. A file that is whole becomes a submission at once; should that be cut off, at the next question
about it, or by the sweeper: the upload's own idempotency key makes it one submission.
"""

import contextlib
import fcntl
import hashlib
import hmac
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

from sqlalchemy import func, update
from sqlmodel import col, select

from leaderboard.accounts.access import Actor
from leaderboard.core.errors import Gone, JiebangError, Malformed, NotFound, Refused, Unavailable
from leaderboard.core.i18n import N_
from leaderboard.core.log import logger
from leaderboard.core.work import Resources, Work
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge, Phase
from leaderboard.submissions import service
from leaderboard.submissions.models import Submission, Upload
from leaderboard.submissions.reception import (
    ReceivedFile,
    file_sha256,
    settle,
    shown_name,
    store,
    too_large,
    uploads_folder,
)

ALGORITHMS: Final = ("sha256", "sha1")
MOST_UNFINISHED: Final = 10

log = logger("uploads")


class OffsetConflict(Refused):
    pass


class Busy(Refused):
    status = 423


class ChecksumMismatch(Malformed):
    status = 460


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an upload stands. ``offset``: bytes that are safely here."""

    token: str
    offset: int
    size: int
    expires_at: datetime
    submission_id: int | None


def largest(work: Work, challenge: Challenge) -> int:
    """The most bytes that a file for this challenge may have."""
    allowed = seasons.definition(work, challenge).submission.max_mb
    return int(min(allowed, work.settings.upload_max_mb) * 1_000_000)


def begin(work: Work, actor: Actor, slug: str, *, size: int, file_name: str, sha256: str | None, note: str) -> Progress:
    """Opens an upload of ``size`` bytes to a challenge, for somebody who may submit now. Raises as `service.may_submit`."""
    actor.demand("upload.own")
    challenge = seasons.challenge_by_slug(work, actor, slug if slug.isprintable() else "")
    phase = service.open_phase(work, challenge, work.now)
    right = service.may_submit(work, actor, challenge, phase)
    most = largest(work, challenge)
    if size > most:
        raise too_large(most)
    if size <= 0:
        raise Malformed("submissions.empty", N_("The file is empty."))
    mine = select(func.count()).where(Upload.person_id == actor.person_id, col(Upload.ended_at).is_(None))
    if work.session.exec(mine).one() >= MOST_UNFINISHED:
        raise Refused(
            "submissions.unfinished",
            N_("You have {most} unfinished uploads. Finish or end one of them first."),
            most=MOST_UNFINISHED,
        )
    assert actor.person_id is not None and right.entry.id is not None and phase.id is not None  # noqa: PT018
    upload = Upload(
        token=token_hex(16),
        person_id=actor.person_id,
        entry_id=right.entry.id,
        phase_id=phase.id,
        file_name=shown_name(file_name),
        size=size,
        sha256=sha256,
        note=service.plain(note)[: service.LONGEST_NOTE],
        created_at=work.now,
    )
    work.session.add(upload)
    work.session.flush()
    _path(work.resources, upload.token).touch(mode=0o600)
    return _progress(work, upload)


def progress(held: Resources, actor: Actor, token: str) -> Progress:
    """Where the actor's upload stands; one that is whole, but was cut off before it was handed in, is handed in now."""
    with held.read() as work:
        upload = _own(work, actor, token)
        state = _progress(work, upload)
    if state.offset == state.size and upload.ended_at is None:
        with contextlib.suppress(Busy), _locked(held, token):
            return _hand_in(held, actor, token)
    return state


def end(work: Work, actor: Actor, token: str) -> None:
    """Ends an unfinished upload and removes what has come."""
    upload = _own(work, actor, token)
    if upload.submission_id is not None:
        raise Refused("submissions.upload_done", N_("This upload has been handed in; withdraw the submission instead."))
    _end(work, upload)


def _own(work: Work, actor: Actor, token: str) -> Upload:
    actor.demand("upload.own")
    upload = work.session.get(Upload, token) if token.isalnum() else None
    if upload is None or upload.person_id != actor.person_id:
        raise NotFound("submissions.no_upload", N_("There is no such upload."))
    if upload.ended_at is not None and upload.submission_id is None:
        raise _ended()
    return upload


def _end(work: Work, upload: Upload) -> None:
    upload.ended_at = work.now
    work.session.add(upload)
    work.session.flush()
    path = _path(work.resources, upload.token)
    work.after_commit.append(lambda: path.unlink(missing_ok=True))


def _path(held: Resources, token: str) -> Path:
    if not token.isalnum():
        raise NotFound("submissions.no_upload", N_("There is no such upload."))
    return uploads_folder(held) / f"{token}.upload"


def _progress(work: Work, upload: Upload) -> Progress:
    if upload.submission_id is not None:
        offset = upload.size
    else:
        path = _path(work.resources, upload.token)
        offset = path.stat().st_size if path.exists() else 0
    expires = upload.created_at + timedelta(hours=work.settings.upload_keep_hours)
    return Progress(upload.token, offset, upload.size, expires, upload.submission_id)


@contextlib.contextmanager
def _locked(held: Resources, token: str) -> Iterator[BinaryIO]:
    """The partial file, open at its end, with its lock. Raises Busy when somebody else writes."""
    path = _path(held, token)
    try:
        opened = path.open("r+b", buffering=0)  # which makes no file of one that has gone
    except FileNotFoundError:
        raise _ended() from None
    with opened as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy(
                "submissions.upload_busy", N_("Another connection is sending this upload. Try again in a moment.")
            ) from None
        if not path.exists():  # it was handed in or ended while we opened it
            raise _ended()
        file.seek(0, os.SEEK_END)
        yield file


def _ended() -> Gone:
    return Gone("submissions.upload_ended", N_("This upload has ended. Begin a new one."))


@dataclass
class Piece:
    """One piece of an upload while it comes in: ``with Piece(…) as piece: piece.write(…)``, then ``piece.close()``.

    Entering raises OffsetConflict, Busy, Gone or NotFound. Leaving by an error keeps what came, unless it had a checksum to
    prove.
    """

    held: Resources
    actor: Actor
    token: str
    offset: int
    checksum: tuple[str, bytes] | None = None
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _size: int = 0

    def __enter__(self) -> Self:
        with self.held.read() as work:
            upload = _own(work, self.actor, self.token)
        if upload.submission_id is not None:
            raise _ended()
        self._left = upload.size - self.offset
        self._size, self._started = upload.size, upload.started_at is not None
        self._file = self._stack.enter_context(_locked(self.held, self.token))
        if os.fstat(self._file.fileno()).st_size != self.offset:
            self._stack.close()
            raise OffsetConflict(
                "submissions.offset", N_("The upload stands at another place. Ask where, and go on from there.")
            )
        self._target: BinaryIO = self._file
        self._hash: Any = None
        if self.checksum is not None:
            self._hash = hashlib.new(self.checksum[0], usedforsecurity=False)
            self._target = self._stack.enter_context(self._beside.open("wb", buffering=0))
            self._stack.callback(self._beside.unlink, missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @property
    def _beside(self) -> Path:
        return _path(self.held, self.token).with_suffix(".piece")

    @property
    def begun(self) -> bool:
        """Whether the time that counts has been written down."""
        return self._started

    def begin(self) -> None:
        """Writes down that the first byte is here: the time that counts."""
        with self.held.write() as work:
            first = update(Upload).where(col(Upload.token) == self.token, col(Upload.started_at).is_(None))
            work.session.execute(first.values(started_at=work.now))
        self._started = True

    def write(self, block: bytes) -> None:
        """Raises TooLarge when more comes than was said."""
        self._left -= len(block)
        if self._left < 0:
            raise too_large(self._size)
        if self._hash is not None:
            self._hash.update(block)
        self._target.write(block)

    def close(self) -> Progress:
        """Ends the piece. The last one hands the file in; raises as `service.receive` does, and ChecksumMismatch."""
        if self.checksum is not None:
            if not hmac.compare_digest(self._hash.digest(), self.checksum[1]):
                raise ChecksumMismatch(
                    "submissions.checksum",
                    N_("What arrived is not what was sent: the checksums differ. Send it again."),
                )
            with self._beside.open("rb") as proved:
                while block := proved.read(1 << 20):
                    self._file.write(block)
        if self._left == 0:
            return _hand_in(self.held, self.actor, self.token)
        with self.held.read() as work:
            return _progress(work, _own(work, self.actor, self.token))


def _hand_in(held: Resources, actor: Actor, token: str) -> Progress:
    """Makes a submission of an upload that is whole and locked by us. A refusal ends the upload."""
    path = _path(held, token)
    try:
        digest = file_sha256(path)
    except FileNotFoundError:  # ended by another request
        raise _ended() from None
    with held.read() as work:
        upload = _own(work, actor, token)
    try:
        if upload.sha256 is not None and upload.sha256 != digest:
            raise ChecksumMismatch(
                "submissions.checksum", N_("What arrived is not what was sent: the checksums differ. Send it again.")
            )
        submission = _submit(held, actor, upload, path, digest)
    except Unavailable:
        raise
    except JiebangError:
        with held.write() as work:
            _end(work, work.session.get_one(Upload, token))
        raise
    expires = upload.created_at + timedelta(hours=held.settings.upload_keep_hours)
    return Progress(token, upload.size, upload.size, expires, submission.id)


def _submit(held: Resources, actor: Actor, upload: Upload, path: Path, digest: str) -> Submission:
    key = store(held, path)
    kept = False
    try:
        with held.write() as work:
            phase = work.session.get_one(Phase, upload.phase_id)
            challenge = work.session.get_one(Challenge, phase.challenge_id)
            began = upload.started_at or work.now
            file = ReceivedFile(key, upload.size, digest, upload.file_name, began)
            submission = service.receive(
                work, actor, challenge, phase, file, idempotency_key=f"upload:{upload.token}", note=upload.note
            )
            mine = work.session.get_one(Upload, upload.token)
            mine.submission_id, mine.ended_at = submission.id, work.now
            work.session.add(mine)
        kept = submission.storage_key == key
    except Exception as error:
        if isinstance(error, Unavailable) or not isinstance(error, JiebangError):
            # Nothing is wrong with the file: it is handed in a little later. Copied, for the storage may be on another disk.
            shutil.copyfile(held.storage.path(key), path)
        raise
    finally:
        settle(held, key, kept=kept)
    return submission


def sweep(held: Resources) -> None:
    """Hands in what is whole and was cut off; removes what nobody has gone on with for too long."""
    with held.read() as work:
        open_ones = list(work.session.exec(select(Upload).where(col(Upload.ended_at).is_(None))))
        old = work.now - timedelta(hours=work.settings.upload_keep_hours)
    for upload in open_ones:
        path = _path(held, upload.token)
        try:
            if path.exists() and path.stat().st_size == upload.size:
                with _locked(held, upload.token):
                    _hand_in(held, Actor(person_id=upload.person_id), upload.token)
            elif upload.created_at < old:
                with held.write() as work:
                    _end(work, work.session.get_one(Upload, upload.token))
        except (JiebangError, FileNotFoundError) as error:
            log.info("an upload was not handed in", upload=upload.token[:6], why=str(error))
