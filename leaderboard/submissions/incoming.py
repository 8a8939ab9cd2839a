"""One file in one request: the raw body of a program, or the form of a browser, streamed to disk with flat memory.

Who may send is decided before the body is read, and again, for good, when it is whole.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, Final, TypeVar

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from sqlmodel import select

from leaderboard.accounts.access import Actor
from leaderboard.core.errors import JiebangError, Malformed
from leaderboard.core.i18n import N_
from leaderboard.core.web import writer
from leaderboard.core.work import Resources, Work
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge, Phase
from leaderboard.submissions import dry_runs, service
from leaderboard.submissions.models import DryRun, Submission
from leaderboard.submissions.reception import Arriving, ReceivedFile, settle, too_large
from leaderboard.submissions.uploads import largest

FIELD_LIMIT: Final = 16 << 10
OVERHEAD: Final = 64 << 10
"""What a form may add to its file: boundaries, headers, other fields."""
FILE_FIELDS: Final = frozenset({"file", "check_file"})
"""Both names, since one page holds both forms and names its fields' ids like that."""
DRAINED: Final = 1 << 20
"""So much of a refused body is read all the same, so that the sender gets to read the answer."""

Answer = TypeVar("Answer")


@dataclass
class Incoming:
    """What came with a request: a file that is whole, its name, and the form's other fields."""

    arriving: Arriving
    file_name: str
    fields: dict[str, str] = field(default_factory=dict)


async def submit(
    request: Request,
    held: Resources,
    actor: Actor,
    slug: str,
    *,
    file_name: str,
    note: str,
    key: str | None,
    answer: Callable[[Work, Submission], Answer],
) -> Answer:
    """Reads the request's file and hands it in; what ``answer`` makes of it in the same transaction is returned.

    Raises as `service.receive`, TooLarge, Malformed.
    """

    def ready(work: Work) -> int:
        challenge = seasons.challenge_by_slug(work, actor, slug)
        if key is None or not _used(work, actor, key):
            service.may_submit(work, actor, challenge, service.open_phase(work, challenge, work.now))
        return largest(work, challenge)

    def keep(work: Work, file: ReceivedFile, fields: dict[str, str]) -> tuple[str | None, Answer]:
        challenge = seasons.challenge_by_slug(work, actor, slug)
        phase = _phase(work, challenge, actor, key, file)
        submission = service.receive(
            work, actor, challenge, phase, file, idempotency_key=key, note=fields.get("note", note).strip()
        )
        return submission.storage_key, answer(work, submission)

    return await take(request, held, ready, keep, file_name)


async def check(request: Request, held: Resources, actor: Actor, slug: str, *, file_name: str) -> DryRun:
    """Reads the request's file and has it checked. Raises as `dry_runs.begin`, TooLarge, Malformed."""

    def ready(work: Work) -> int:
        challenge = seasons.challenge_by_slug(work, actor, slug)
        dry_runs.may_check(work, actor, challenge)
        return largest(work, challenge)

    def keep(work: Work, file: ReceivedFile, _fields: dict[str, str]) -> tuple[str | None, DryRun]:
        run = dry_runs.begin(work, actor, seasons.challenge_by_slug(work, actor, slug), file)
        return run.storage_key, run

    return await take(request, held, ready, keep, file_name)


def _used(work: Work, actor: Actor, key: str) -> bool:
    query = select(Submission.id).where(Submission.person_id == actor.person_id, Submission.idempotency_key == key)
    return work.session.exec(query).first() is not None


def _phase(work: Work, challenge: Challenge, actor: Actor, key: str | None, file: ReceivedFile) -> Phase:
    """The phase of the file's first byte; for a key that was used before, the phase it was used in."""
    if key is not None:
        query = select(Submission).where(Submission.person_id == actor.person_id, Submission.idempotency_key == key)
        known = work.session.exec(query).one_or_none()
        if known is not None and known.challenge_id == challenge.id:
            return work.session.get_one(Phase, known.phase_id)
    return service.open_phase(work, challenge, file.started_at)


async def take(
    request: Request,
    held: Resources,
    ready: Callable[[Work], int],
    keep: Callable[[Work, ReceivedFile, dict[str, str]], tuple[str | None, Answer]],
    file_name: str,
) -> Answer:
    """Reads the one file of a request and keeps it, whatever it is for; gives what ``keep`` answers.

    ready      who may send, and how many bytes may come: asked before the body is read
    keep       makes a row of the stored file and of the form's other fields, in one transaction; gives the storage key of the
               file that the row owns (any other is removed) and the answer
    file_name  of a body that brings no name itself

    Raises what these raise, TooLarge and Malformed.
    """

    def first() -> int:
        with held.read() as work:
            return ready(work)

    def last(file: ReceivedFile, fields: dict[str, str]) -> Answer:
        kept = False
        try:
            with held.write() as work:
                owned, answer = keep(work, file, fields)
            kept = owned == file.storage_key  # not so when an idempotency key gave us an older submission
        finally:
            settle(held, file.storage_key, kept=kept)
        return answer

    try:
        most = await run_in_threadpool(first)
        declared = request.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > most + OVERHEAD:
            raise too_large(most)
        incoming = await _read(request, held, most, file_name)
    except JiebangError:
        await _drain(request)
        raise
    file = await run_in_threadpool(incoming.arriving.store, incoming.file_name)
    async with writer(request):
        return await run_in_threadpool(last, file, incoming.fields)


async def _drain(request: Request) -> None:
    left = DRAINED
    if int(request.headers.get("content-length") or 0) > DRAINED:
        return
    try:
        async for block in request.stream():
            left -= len(block)
            if left < 0:
                return
    except RuntimeError:  # it has been read to its end already
        return


async def _read(request: Request, held: Resources, most: int, file_name: str) -> Incoming:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind == b"multipart/form-data":
        return await _read_form(request.stream(), held, most, options.get(b"boundary", b""))
    name = file_name or _disposed_name(request.headers.get("content-disposition", ""))
    return Incoming(await Arriving(held, most).fill(request.stream()), name)


def _disposed_name(header: str) -> str:
    """The file name of a Content-Disposition header, RFC 8187 form included."""
    message = Message()
    message["content-disposition"] = header
    return message.get_filename("") or ""


async def _read_form(blocks: AsyncIterator[bytes], held: Resources, most: int, boundary: bytes) -> Incoming:
    """Streams the form's file to disk; other fields are short. Raises Malformed for anything else."""
    form = _Form(held, most)
    if not boundary:
        raise _unreadable()
    parser = MultipartParser(boundary, form.callbacks())  # type: ignore[arg-type]  # its own TypedDict of the same names
    try:
        async for block in blocks:
            parser.write(block)
        parser.finalize()
    except MultipartParseError:
        form.discard()
        raise _unreadable() from None
    except BaseException:
        form.discard()
        raise
    if form.arriving is None or not form.ended:
        form.discard()
        raise Malformed("submissions.no_file", N_("Choose a file."))
    return Incoming(form.arriving, form.file_name, form.fields)


def _unreadable() -> Malformed:
    return Malformed("submissions.form", N_("The form cannot be read: it was cut short or is damaged. Send it again."))


class _Form:
    """What the parser of a multipart body calls: collects headers and short fields, writes the file through."""

    def __init__(self, held: Resources, most: int) -> None:
        self.held, self.most = held, most
        self.arriving: Arriving | None = None
        self.file_name = ""
        self.fields: dict[str, str] = {}
        self.ended = False
        self._headers: dict[bytes, bytes] = {}
        self._name, self._value = b"", b""
        self._field: str | None = None
        self._data = b""

    def callbacks(self) -> dict[str, Callable[..., Any]]:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_done,
            "on_part_data": self._part_data,
            "on_part_end": self._part_end,
            "on_end": self._end,
        }

    def discard(self) -> None:
        if self.arriving is not None:
            self.arriving.discard()

    def _begin(self) -> None:
        self._headers, self._field, self._data = {}, None, b""

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name = _short(self._name + data[start:end])

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value = _short(self._value + data[start:end])

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name, self._value = b"", b""

    def _headers_done(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._field = options.get(b"name", b"").decode("utf-8", "replace")
        if self._field in FILE_FIELDS:
            if self.arriving is not None:
                raise _unreadable()
            self.file_name = options.get(b"filename", b"").decode("utf-8", "replace")
            self.arriving = Arriving(self.held, self.most)

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        if self._field in FILE_FIELDS and self.arriving is not None:
            self.arriving.write(data[start:end])
        else:
            self._data = _short(self._data + data[start:end])

    def _part_end(self) -> None:
        if self._field and self._field not in FILE_FIELDS:
            self.fields[self._field] = self._data.decode("utf-8", "replace")

    def _end(self) -> None:
        self.ended = True


def _short(text: bytes) -> bytes:
    if len(text) > FIELD_LIMIT:
        raise _unreadable()
    return text
