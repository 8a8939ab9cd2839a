"""From an uploaded file to the bytes of one table per task: what kind of file it is, and gzip or zip taken off.

Nothing is ever written to disk: archives are read as streams, up to a stated size.
"""

import errno
import io
import mmap
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from challenges.findings import Example
from challenges.intake import limits
from challenges.intake.ledger import Ledger, Unreadable, shown
from challenges.plan import Plan

STEP = 1 * limits.MIB
_GZIP = 31
"""zlib's word for: a gzip header, and the largest window."""
_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"BZh", "bzip2"),
    (0, b"\xfd7zXZ\x00", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "7z"),
    (0, b"Rar!\x1a\x07", "RAR"),
    (257, b"ustar", "tar"),
    (0, b"\x80\x02", "pickle"),
    (0, b"\x80\x03", "pickle"),
    (0, b"\x80\x04", "pickle"),
    (0, b"\x80\x05", "pickle"),
    (0, b"\x93NUMPY", "NumPy .npy"),
    (0, b"\x89HDF", "HDF5"),
    (0, b"\xd0\xcf\x11\xe0", "Excel .xls"),
    (0, b"ARROW1", "Arrow IPC / Feather"),
    (0, b"Obj\x01", "Avro"),
    (0, b"SQLite format 3\x00", "SQLite"),
    (0, b"%PDF", "PDF"),
    (0, b"\x89PNG", "PNG"),
    (0, b"\xff\xd8\xff", "JPEG"),
    (0, b"\x7fELF", "ELF"),
    (0, b"MZ\x90", "Windows .exe"),
    (0, b"<!DOCTYPE", "HTML"),
    (0, b"<!doctype", "HTML"),
    (0, b"<html", "HTML"),
    (0, b"<?xml", "XML"),
)
_SENSELESS = {None, errno.EINVAL}
"""What reading at a place that cannot be gives; any other error is the disk's, not the archive's."""
_OFFICE = "[Content_Types].xml"
_JUNK = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Body:
    """The bytes of one table. `name` is the file's name without a compression's ending; `path` is set when they are a file."""

    name: str
    data: bytes | mmap.mmap
    path: Path | None = None


def open_bodies(path: Path, filename: str, plan: Plan, ledger: Ledger) -> dict[str, Body]:
    """The table of each task (by key) that the upload at `path`, named `filename` by its sender, holds.

    Tasks without a usable file are left out and reported in `ledger`. Raises `Unreadable` when nothing can be read at all.
    """
    size = path.stat().st_size
    if size == 0:
        raise Unreadable("intake.file_empty")
    if size > plan.max_mb * 10**6:
        raise Unreadable("intake.file_too_big", size_mb=round(size / 10**6, 1), max_mb=plan.max_mb)
    cells = sum(limits.most_rows(task.rows) * (len(task.columns) + 1) for task in plan.tasks)
    room = limits.most_bytes(size, cells)
    name = PurePosixPath(filename.replace("\\", "/")).name or "submission"
    with path.open("rb") as file:
        head = file.read(512)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            with path.open("rb") as raw:
                return _from_zip(raw, room, plan, ledger)
        if plan.several:
            raise Unreadable("intake.zip_expected", tasks=", ".join(task.key for task in plan.tasks)[:1000])
        if head.startswith(b"\x1f\x8b"):
            file.seek(0)
            body = Body(_without(name, ".gz"), _drained(_gunzip(file), room, name))
        else:
            body = Body(name, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), path)
    _check_signature(body)
    return {plan.tasks[0].key: body}


def _from_zip(raw: BinaryIO, room: int, plan: Plan, ledger: Ledger) -> dict[str, Body]:
    try:
        with zipfile.ZipFile(_Cautious(raw)) as archive:
            members = _members(archive)
            chosen = _by_task(members, plan, ledger) if plan.several else {plan.tasks[0].key: _only(members)}
            bodies = {}
            for key, member in chosen.items():
                try:
                    bodies[key] = body = _member_body(archive, member, room)
                    room -= len(body.data)
                except Unreadable as stop:
                    ledger.add_stop(stop)
            return bodies
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, struct.error) as error:
        if isinstance(error, OSError) and error.errno not in _SENSELESS:
            raise
        raise Unreadable("intake.archive_broken") from None


class _Cautious(io.RawIOBase):
    """A file whose reader is never handed more than a directory's worth at once, whatever the archive claims."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw

    def read(self, size: int = -1, /) -> bytes:
        if size > limits.DIRECTORY:
            raise Unreadable("intake.archive_many", most=limits.MEMBERS)
        return self._raw.read(size if size >= 0 else limits.DIRECTORY)

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def seekable(self) -> bool:
        return True


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The files in the archive that are meant, with every reason against any of them checked by name alone."""
    every = archive.infolist()
    if len(every) > limits.MEMBERS:
        raise Unreadable("intake.archive_many", most=limits.MEMBERS)
    if any(member.filename == _OFFICE for member in every):
        raise Unreadable("intake.wrong_kind", found="Excel .xlsx")
    for member in every:
        name = member.filename.replace("\\", "/")
        if ".." in name.split("/") or name.startswith("/") or name[1:2] == ":":
            raise Unreadable("intake.archive_path", name=shown(member.filename))
    files = [m for m in every if not m.is_dir() and not any(part in m.filename for part in _JUNK)]
    if not files:
        raise Unreadable("intake.archive_empty")
    return files


def _only(members: Sequence[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    if len(members) > 1:
        names = ", ".join(str(shown(member.filename)) for member in members[:5])
        raise Unreadable("intake.archive_several", files=len(members), names=names)
    return members[0]


def _by_task(members: Sequence[zipfile.ZipInfo], plan: Plan, ledger: Ledger) -> dict[str, zipfile.ZipInfo]:
    keys = [task.key for task in plan.tasks]
    chosen: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        base = PurePosixPath(member.filename).name
        key = base.split(".")[0]
        if key not in keys:
            near = get_close_matches(key.casefold(), keys, n=1)
            params = {"nearest": near[0]} if near else {}
            ledger.add("intake.task_unknown", level="warning", examples=[_file(base, **params)])
        elif key in chosen:
            ledger.add("intake.task_twice", examples=[_file(base, task=key)])
        else:
            chosen[key] = member
    for key in keys:
        if key not in chosen:
            ledger.add("intake.task_missing", examples=[_file(f"{key}.{plan.formats[0]}", task=key)])
    return chosen


def _file(name: str, **params: str) -> Example:
    return Example(value=shown(name), params=dict(params))


def _member_body(archive: zipfile.ZipFile, member: zipfile.ZipInfo, room: int) -> Body:
    name = PurePosixPath(member.filename).name
    if member.flag_bits & 1:
        raise Unreadable("intake.archive_locked", name=shown(name))
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise Unreadable("intake.archive_method", name=shown(name))
    if member.file_size > room:
        raise _too_large(name, room)
    with archive.open(member) as stream:
        parts = iter(lambda: stream.read(STEP), b"")
        body = Body(name, _drained(parts, room, name))
    if body.data[:2] in {b"PK", b"\x1f\x8b"}:
        raise Unreadable("intake.archive_nested", name=shown(name))
    _check_signature(body)
    return body


def _gunzip(file: BinaryIO) -> Iterator[bytes]:
    """What all members of a gzip file unpack to, a little at a time. Zeros may follow the last one, as tapes pad files."""
    engine, packed = zlib.decompressobj(_GZIP), b""
    while packed := packed or file.read(STEP):
        yield engine.decompress(packed, STEP)
        packed = engine.unconsumed_tail
        if engine.eof:
            packed = (engine.unused_data or file.read(STEP)).lstrip(b"\0")
            engine = zlib.decompressobj(_GZIP) if packed else engine
    while not engine.eof:
        rest = engine.decompress(b"", STEP)
        if not rest:
            raise EOFError
        yield rest


def _drained(parts: Iterator[bytes], room: int, name: str) -> bytes:
    """All that a decompressing stream gives, as long as it is at most `room` bytes."""
    held = io.BytesIO()
    try:
        for part in parts:
            if held.tell() + len(part) > room:
                raise _too_large(name, room)
            held.write(part)
    except (EOFError, zlib.error, zipfile.BadZipFile):
        raise Unreadable("intake.archive_broken") from None
    return held.getvalue()


def _too_large(name: str, room: int) -> Unreadable:
    return Unreadable("intake.expands", name=shown(name), max_mb=room // 10**6)


def _check_signature(body: Body) -> None:
    """Raises `Unreadable` when the first bytes are those of something that is no table we read."""
    head = body.data[:512]
    if not head:
        raise Unreadable("intake.file_empty")
    if head.startswith((b"PK\x03\x04", b"\x1f\x8b")):
        raise Unreadable("intake.archive_nested", name=shown(body.name))
    for offset, magic, what in _SIGNATURES:
        if head[offset : offset + len(magic)] == magic:
            raise Unreadable("intake.wrong_kind", found=what)


def _without(name: str, ending: str) -> str:
    return name[: -len(ending)] if name.lower().endswith(ending) else name
