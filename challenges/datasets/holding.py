"""What was handed in, as files by path: a folder, a zip, or a single file. Nothing is ever written to disk, and no link is followed."""

import hashlib
import io
import mmap
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final, Protocol

from challenges.datasets.kinds import IMAGES, OFFICE, SOUNDS, media_type, misnamed, program, suffix
from challenges.datasets.limits import DIRECTORY_ENTRY, Limits
from challenges.datasets.noting import DatasetRefused, Notebook
from challenges.findings import Finding, PackageRefused
from challenges.intake.ledger import Unreadable, shown
from challenges.intake.unpacking import STEP, Body, _check_signature, _drained, _gunzip, _without
from challenges.packing import _DIRECTORY_ENTRY, _is_left_out, _members, _refuse_long_directory
from challenges.values import is_inner_path

_ZIP: Final = (b"PK\x03\x04", b"PK\x05\x06")
_GZIP: Final = b"\x1f\x8b"
_HEAD: Final = 512
_SAID_OTHERWISE: Final = {
    "package.too_many_files": "dataset.files_many",
    "package.zip_long_directory": "dataset.files_many",
    "package.zip_too_large": "dataset.too_large",
}
"""Findings of `challenges.packing` that speak of packages, and the same ones of datasets."""
_BROKEN: Final = (ValueError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error)


@dataclass(frozen=True, slots=True)
class FileFact:
    """One file of a dataset as it was handed in: `sha256` in hexadecimal, `media_type` as its bytes say."""

    path: str
    bytes: int
    sha256: str
    media_type: str


class Holding(Protocol):
    """Files by path (forward slashes, sorted) with their sizes in bytes. `packed`: they are members of an archive."""

    sizes: Mapping[str, int]
    packed: bool

    def stream(self, path: str) -> BinaryIO:
        """The file opened for reading. Reading raises one of `BROKEN` where an archive lies or is damaged."""
        ...

    def source(self, path: str) -> Path | bytes:
        """The file itself where it stands on disk, else its bytes."""
        ...


class FolderHolding:
    """The files of a folder, or some of them."""

    packed = False

    def __init__(self, folder: Path, sizes: Mapping[str, int]) -> None:
        self._folder, self.sizes = folder, sizes

    def stream(self, path: str) -> BinaryIO:
        return (self._folder / path).open("rb")

    def source(self, path: str) -> Path | bytes:
        return self._folder / path


class FileHolding:
    """A single file, under the name that its sender gave it."""

    packed = False

    def __init__(self, path: Path, name: str) -> None:
        self._path = path
        self.sizes: Mapping[str, int] = {name: path.stat().st_size}

    def stream(self, path: str) -> BinaryIO:
        assert path in self.sizes
        return self._path.open("rb")

    def source(self, path: str) -> Path | bytes:
        assert path in self.sizes
        return self._path


class _Mapped(io.RawIOBase):
    """A file mapped into memory, to be read as a file: it needs no closing, however long its archive is kept."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def read(self, size: int = -1, /) -> bytes:
        return self._data.read(size if size >= 0 else None)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._data.tell(), os.SEEK_END: len(self._data)}[whence]
        self._data.seek(start + offset)
        return self._data.tell()

    def tell(self) -> int:
        return self._data.tell()

    def seekable(self) -> bool:
        return True


class ZipHolding:
    """The files of a zip, read in place."""

    packed = True

    def __init__(self, archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> None:
        self._archive, self._members = archive, members
        self.sizes: Mapping[str, int] = {path: members[path].file_size for path in sorted(members)}

    def stream(self, path: str) -> BinaryIO:
        return self._archive.open(self._members[path])  # type: ignore[return-value]  # it reads as one

    def source(self, path: str) -> Path | bytes:
        return read(self, path, self.sizes[path])


def hold(path: Path, name: str, limits: Limits, notes: Notebook) -> Holding:
    """The files at `path`, which its sender named `name`.

    What single files cannot be used for is written to `notes`. Raises DatasetRefused when nothing can be listed at all.
    """
    if path.is_dir():
        return _folder(path, limits, notes)
    if not path.is_file():
        notes.about("dataset.nothing_there", name)
        raise DatasetRefused(notes.findings())
    name = PurePosixPath(name.replace("\\", "/")).name or "dataset"
    with path.open("rb") as file:
        packed = file.read(4) in _ZIP
    if packed and name.lower().endswith(OFFICE):
        notes.about("intake.wrong_kind", name, found=f"Office {PurePosixPath(name).suffix}")
        raise DatasetRefused(notes.findings())
    return _zip(path, limits, notes) if packed else FileHolding(path, name)


def _folder(folder: Path, limits: Limits, notes: Notebook) -> FolderHolding:
    sizes: dict[str, int] = {}
    bad: dict[str, list[str]] = {}
    total = 0
    for seen, (path, entry) in enumerate(_walk(folder)):
        if seen >= limits.files:
            notes.about("dataset.files_many", None, most=limits.files)
            raise DatasetRefused(notes.findings())
        found = entry.stat(follow_symlinks=False)
        if stat.S_ISLNK(found.st_mode):
            bad.setdefault("dataset.file_is_link", []).append(path)
        elif not stat.S_ISREG(found.st_mode):
            bad.setdefault("dataset.file_is_special", []).append(path)
        elif not is_inner_path(path):
            bad.setdefault("dataset.file_name", []).append(path)
        else:
            sizes[path] = found.st_size
            total += found.st_size
    for message, paths in bad.items():
        notes.about(message, None, names=sorted(paths))
    if total > limits.total_bytes:
        notes.about("dataset.too_large", None, bytes=total, most=limits.total_bytes)
        raise DatasetRefused(notes.findings())
    return FolderHolding(folder, {path: sizes[path] for path in sorted(sizes)})


def _walk(folder: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Every entry that is no folder, with its path; hidden ones and what systems add are passed over, as in a zip."""
    waiting = [(folder, "")]
    while waiting:
        here, prefix = waiting.pop()
        with os.scandir(here) as entries:
            for entry in entries:
                path = f"{prefix}{entry.name}"
                if _is_left_out(path):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    waiting.append((here / entry.name, f"{path}/"))
                else:
                    yield path, entry


def _zip(path: Path, limits: Limits, notes: Notebook) -> ZipHolding:
    most_bytes = min(limits.total_bytes, limits.room(path.stat().st_size))
    try:
        _refuse_long_directory(path, max(1, limits.files * DIRECTORY_ENTRY // _DIRECTORY_ENTRY))
        archive = zipfile.ZipFile(_Mapped(path))
        members = _members(archive, most_bytes, limits.files)
    except PackageRefused as refused:
        notes.put(_of_datasets(finding, limits) for finding in refused.findings)
        raise DatasetRefused(notes.findings()) from None
    except _BROKEN:
        notes.about("intake.archive_broken", path.name)
        raise DatasetRefused(notes.findings()) from None
    return ZipHolding(archive, members)


def _of_datasets(finding: Finding, limits: Limits) -> Finding:
    """A finding of `challenges.packing` in the words of datasets, its names safe to show."""
    message = _SAID_OTHERWISE.get(finding.id, finding.id)
    params = {**finding.params, "most": limits.files} if message == "dataset.files_many" else finding.params
    examples = tuple(one.model_copy(update={"value": shown(one.value)}) for one in finding.examples)
    return finding.model_copy(
        update={"id": message, "params": params, "value": shown(finding.value), "examples": examples}
    )


@contextmanager
def reading() -> Iterator[None]:
    """Turns what a damaged or lying archive raises into `Unreadable`."""
    try:
        yield
    except _BROKEN:
        raise Unreadable("intake.archive_broken") from None


def read(holding: Holding, path: str, most: int) -> bytes:
    """The bytes of a small file. Raises Unreadable when there are more than `most`, or the archive is damaged."""
    if holding.sizes[path] > most:
        raise Unreadable("dataset.file_large", bytes=holding.sizes[path], most=most)
    with reading(), holding.stream(path) as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise Unreadable("dataset.file_large", bytes=len(data), most=most)
    return data


def body(holding: Holding, path: str, limits: Limits) -> Body:
    """The bytes of one table, with gzip taken off. Raises Unreadable when they are too many, damaged or of no kind of table."""
    size = holding.sizes[path]
    if size == 0:
        raise Unreadable("intake.file_empty")
    name = PurePosixPath(path).name
    if size > limits.table_bytes:
        raise Unreadable("dataset.file_large", bytes=size, most=limits.table_bytes)
    with reading(), holding.stream(path) as file:
        first = file.read(2)
    if first == _GZIP:
        if holding.packed:
            raise Unreadable("intake.archive_nested", name=name)
        with holding.stream(path) as file:
            unpacked = _drained(_gunzip(file), min(limits.table_bytes, limits.room(size)), name)
        found = Body(_without(name, ".gz"), unpacked)
    elif isinstance(where := holding.source(path) if not holding.packed else b"", Path):
        with where.open("rb") as file:
            found = Body(name, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), where)
    else:
        found = Body(name, read(holding, path, limits.table_bytes))
    _check_signature(found)
    return found


def head(holding: Holding, path: str, most: int) -> bytes:
    """The first bytes of a file, with gzip taken off; none where an archive is damaged."""
    try:
        with reading(), holding.stream(path) as file:
            first = file.read(most)
            return zlib.decompressobj(31).decompress(first, most) if first[:2] == _GZIP else first
    except Unreadable:
        return b""


def facts(holding: Holding, limits: Limits, notes: Notebook) -> dict[str, FileFact]:
    """Size, hash and kind of every file, and warnings about those that are not what they seem."""
    found: dict[str, FileFact] = {}
    bad: dict[str, list[str]] = {}
    for path, size in holding.sizes.items():
        try:
            with reading(), holding.stream(path) as file:
                first, digest = _digest(file)
        except Unreadable as stop:
            notes.stop(stop, path)
            continue
        kind = media_type(first, path)
        found[path] = FileFact(path, size, digest, kind)
        if size > limits.media_bytes and suffix(path) in {*IMAGES, *SOUNDS}:
            notes.about("dataset.file_large", path, bytes=size, most=limits.media_bytes)
        if program(first):
            bad.setdefault("dataset.program", []).append(path)
        elif kind == "application/zip" and not path.lower().endswith(OFFICE):
            bad.setdefault("dataset.archive_inside", []).append(path)
        elif misnamed(path, kind):
            bad.setdefault("dataset.kind_differs", []).append(path)
    for message, paths in bad.items():
        notes.about(message, None, level="warning" if message == "dataset.kind_differs" else "error", names=paths)
    return found


def _digest(file: BinaryIO) -> tuple[bytes, str]:
    first = file.read(_HEAD)
    whole = hashlib.sha256(first)
    while piece := file.read(STEP):
        whole.update(piece)
    return first, whole.hexdigest()


def text_of(data: bytes) -> str:
    """A short text of people: UTF-8, else GB18030, line ends as newlines. Raises Unreadable when it is neither."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
        except UnicodeDecodeError:
            continue
    raise Unreadable("intake.encoding_unknown", line=1)
