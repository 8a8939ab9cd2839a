"""A package as one file: packing what goes to the platform and what goes to teams, and unpacking what a stranger sent.

Archives are plain zips of the package's files at the root, in order, with one date and one mode: the same package gives the
same bytes. Unpacking believes nothing that an archive says about itself.
"""

import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from challenges import briefs, contents
from challenges.findings import MOST_EXAMPLES, Example, Finding, PackageRefused
from challenges.package import load
from challenges.reading import FILE
from challenges.values import is_inner_path

MOST_BYTES = 2 * 10**9
MOST_FILES = 10_000
_STORED = (".parquet", ".png", ".jpg", ".jpeg", ".webp", ".gz", ".zip", ".xz", ".zst", ".mp3", ".mp4")
_DATE = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1 << 20
_UTF8_NAMES = 0x800
_ENCRYPTED = 0x1
_LONGEST_END = (1 << 16) + 22 + 20 + 56
"""Bytes of the end records of an archive: a comment, the record itself, and the two that large archives add."""
_DIRECTORY_ENTRY = 512
"""Bytes of the directory of an archive granted to each file: 46, a name, and what packers add."""


@dataclass(frozen=True)
class Packed:
    """The two archives of a package: `full` for the platform, `public` for teams; `digest` names the package."""

    full: Path
    public: Path
    digest: str


def pack(folder: Path, out_dir: Path) -> Packed:
    """Writes `<slug>-<version>.zip` with everything and `<slug>-<version>-public.zip` with the briefs and public/.

    The public archive holds neither answers nor baselines nor the definition (which may hold the seed of the split).
    Raises PackageRefused when the package has errors, or a file in public/ has the very bytes of one that is not for teams.
    """
    package = load(folder)
    files = contents.survey(folder)
    public = (*briefs.NAMES.values(), *files.below("public/"))
    _refuse_copies(files, public)
    out_dir.mkdir(parents=True, exist_ok=True)
    name = f"{package.definition.slug}-{package.definition.version}"
    full_zip, public_zip = out_dir / f"{name}.zip", out_dir / f"{name}-public.zip"
    _write(full_zip, folder, files.sizes)
    _write(public_zip, folder, sorted(public))
    return Packed(full_zip, public_zip, files.digest())


def unpack(zip_path: Path, folder: Path, *, max_bytes: int = MOST_BYTES, max_files: int = MOST_FILES) -> None:
    """Unpacks an archive that anyone may have made into `folder`, which must not be there yet.

    The package may be at the root or in the archive's only folder; hidden files are left out. Nothing is written outside
    `folder`, nothing beyond `max_bytes`, and on any refusal nothing is left behind. Raises PackageRefused with all findings,
    FileExistsError when `folder` is there.
    """
    if folder.exists():
        raise FileExistsError(folder)
    _refuse_long_directory(zip_path, max_files)
    try:
        with zipfile.ZipFile(zip_path) as archive:
            members = _members(archive, max_bytes, max_files)
            _extract(archive, members, folder)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error) as error:
        raise _refused("package.zip_damaged") from error


def _write(target: Path, folder: Path, names: Iterable[str]) -> None:
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_STORED if name.endswith(_STORED) else zipfile.ZIP_DEFLATED
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            info.create_system = 3  # the same bytes on every system
            info.file_size = (folder / name).stat().st_size
            with (folder / name).open("rb") as source, archive.open(info, "w") as sink:
                shutil.copyfileobj(source, sink, _CHUNK)


def _refuse_copies(files: contents.Contents, public: tuple[str, ...]) -> None:
    """No file for teams may have the bytes of one that is not for them."""
    hidden = [path for path in files.sizes if path.startswith(("answers/", "baseline/")) or path == contents.EXPECTED]
    hidden_sizes = {files.sizes[path] for path in hidden}
    secret = {contents.file_digest(files.folder / path): path for path in hidden}
    copies = [
        Finding(id="package.leak_same_file", file=path, params={"hidden": secret[digest]})
        for path in public
        if files.sizes[path] in hidden_sizes and (digest := contents.file_digest(files.folder / path)) in secret
    ]
    if copies:
        raise PackageRefused(tuple(copies))


def _members(archive: zipfile.ZipFile, max_bytes: int, max_files: int) -> dict[str, zipfile.ZipInfo]:
    """The files to extract by their path in the package; raises PackageRefused naming everything that must not be there."""
    if any(info.header_offset < 0 for info in archive.infolist()):
        raise zipfile.BadZipFile("a file begins before the archive")
    entries = [(name, info) for info in archive.infolist() if not _is_left_out(name := _name(info))]
    bad: dict[str, list[str]] = {}
    for name, info in entries:
        for message in _problems(name, info):
            bad.setdefault(message, []).append(name)
    files = [(name, info) for name, info in entries if not name.endswith("/")]
    for name in _clashes(name for name, _ in files):
        bad.setdefault("package.zip_name_twice", []).append(name)
    found = [_grouped(message, names) for message, names in bad.items()]
    total = sum(info.file_size for _, info in files)
    if total > max_bytes:
        found.append(Finding(id="package.zip_too_large", params={"bytes": total, "most": max_bytes}))
    if len(files) > max_files:
        found.append(Finding(id="package.too_many_files", params={"count": len(files), "most": max_files}))
    if found:
        raise PackageRefused(tuple(found))
    root = _root([name for name, _ in files])
    return {name.removeprefix(root): info for name, info in files}


def _name(info: zipfile.ZipInfo) -> str:
    """The name as its maker meant it: without the mark for UTF-8, Windows packers write UTF-8 or GB18030 all the same."""
    raw = info.orig_filename.removeprefix("./")
    if info.flag_bits & _UTF8_NAMES or raw.isascii():
        return raw
    encoded = raw.encode("cp437")
    for encoding in ("utf-8", "gb18030"):
        try:
            return encoded.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw


def _is_left_out(name: str) -> bool:
    """Hidden files, and what packers of some systems add, are no part of a package."""
    steps = set(name.split("/"))
    return ".." not in steps and any(step == "__MACOSX" or step.startswith(".") for step in steps - {"."})


def _problems(name: str, info: zipfile.ZipInfo) -> Iterator[str]:
    mode = info.external_attr >> 16
    if not is_inner_path(name.removesuffix("/")):
        yield "package.zip_name"
    if stat.S_ISLNK(mode):
        yield "package.zip_link"
    elif stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        yield "package.zip_special"
    if info.flag_bits & _ENCRYPTED:
        yield "package.zip_encrypted"
    elif info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        yield "package.zip_method"


def _clashes(names: Iterable[str]) -> Iterator[str]:
    """Names that some system would write over another: the same but for case, or a file where a folder must be."""
    seen: set[str] = set()
    parents: set[str] = set()
    for name in names:
        folded = name.casefold()
        steps = folded.split("/")
        above = {"/".join(steps[:depth]) for depth in range(1, len(steps))}
        if folded in seen or folded in parents or above & seen:
            yield name
        seen.add(folded)
        parents |= above


def _root(names: list[str]) -> str:
    """The folder that holds the whole package, when the definition is not at the root."""
    if FILE in names or not names:
        return ""
    top = f"{names[0].split('/')[0]}/"
    return top if all(name.startswith(top) for name in names) else ""


def _extract(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".unpacking-") as scratch:
        inside = Path(scratch) / "package"
        inside.mkdir()
        for path, info in members.items():
            target = inside / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(info) as source, target.open("xb") as sink:
                _copy(source, sink, info.file_size)
        inside.rename(folder)


def _copy(source: IO[bytes], sink: IO[bytes], declared: int) -> None:
    """Copies exactly as much as the archive declared (the total was judged by it); more or less is a lie."""
    written = 0
    while piece := source.read(_CHUNK):
        written += len(piece)
        if written > declared:
            break
        sink.write(piece)
    if written != declared:
        raise zipfile.BadZipFile("a file has another size than declared")


def _refuse_long_directory(zip_path: Path, max_files: int) -> None:
    """Looks at the end record by hand: reading a directory of millions of entries would take the memory it describes."""
    with zip_path.open("rb") as file:
        size = file.seek(0, 2)
        start = file.seek(max(0, size - _LONGEST_END))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < 22:
        raise _refused("package.zip_damaged" if _begins_like_a_zip(zip_path) else "package.not_a_zip")
    directory: int = struct.unpack_from("<I", tail, at + 12)[0]
    if at >= 76 and tail.startswith(b"PK\x06\x07", at - 20):
        record, offset = at - 76, struct.unpack_from("<Q", tail, at - 12)[0]
        if offset != start + record or not tail.startswith(b"PK\x06\x06", record):
            raise _refused("package.zip_damaged")
        directory = struct.unpack_from("<Q", tail, record + 40)[0]
    if directory > max_files * _DIRECTORY_ENTRY:
        raise _refused("package.zip_long_directory", most=max_files)


def _begins_like_a_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def _grouped(message: str, names: list[str]) -> Finding:
    examples = tuple(Example(value=name[:200]) for name in names[:MOST_EXAMPLES])
    return Finding(id=message, count=len(names), value=names[0][:200], examples=examples)


def _refused(message: str, **params: int) -> PackageRefused:
    return PackageRefused((Finding(id=message, params=dict(params)),))
