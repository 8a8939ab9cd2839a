"""The files of a package: which there are, whether they are what `challenge.toml` says, and the digest over them all."""

import hashlib
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from challenges import briefs
from challenges.definition import Definition
from challenges.findings import Finding
from challenges.reading import FILE, Source
from challenges.toml_lines import KeyPath
from challenges.values import is_inner_path

EXPECTED = "expected.json"
METRIC = "metric.py"
MOST_FILES = 100_000


@dataclass(frozen=True)
class Contents:
    """The files of a package by path (forward slashes, sorted) with their sizes in bytes, and what is wrong with any."""

    folder: Path
    sizes: dict[str, int]
    findings: tuple[Finding, ...]

    def below(self, folder: str) -> tuple[str, ...]:
        """The files below a folder whose name ends in a slash."""
        return tuple(path for path in self.sizes if path.startswith(folder))

    def digest(self) -> str:
        """The sha-256 over the sorted file digests, in hexadecimal: the name of exactly these bytes under these names.

        It is the digest of what `sha256sum` prints for all files in the order of their names, so anyone can recompute it:
        times, owners and the order on disk play no part.
        """
        whole = hashlib.sha256()
        for path in self.sizes:
            whole.update(f"{file_digest(self.folder / path)}  {path}\n".encode())
        return whole.hexdigest()


def file_digest(path: Path) -> str:
    """The sha-256 of a file in hexadecimal, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def survey(folder: Path) -> Contents:
    """Walks a package. Hidden files and caches are no part of it; links and names that some system cannot hold are refused."""
    sizes: dict[str, int] = {}
    findings: list[Finding] = []
    for path, entry in _walk(folder, ""):
        mode = entry.lstat().st_mode
        if stat.S_ISLNK(mode):
            findings.append(Finding(id="package.file_is_link", file=path))
        elif not stat.S_ISREG(mode):
            findings.append(Finding(id="package.file_is_special", file=path))
        elif not is_inner_path(path):
            findings.append(Finding(id="package.file_name", file=path))
        else:
            sizes[path] = entry.lstat().st_size
    folded: dict[str, str] = {}
    for path in sorted(sizes):
        same = folded.setdefault(path.casefold(), path)
        if same != path:
            findings.append(Finding(id="package.file_same_name", file=path, params={"other": same}))
    if len(sizes) > MOST_FILES:
        findings.append(Finding(id="package.too_many_files", params={"count": len(sizes), "most": MOST_FILES}))
    return Contents(folder, {path: sizes[path] for path in sorted(sizes)}, tuple(findings))


def _walk(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith(".") or entry.name == "__pycache__":
            continue
        path = f"{prefix}{entry.name}"
        if entry.is_dir() and not entry.is_symlink():
            yield from _walk(entry, f"{path}/")
        else:
            yield path, entry


def findings(contents: Contents, source: Source, definition: Definition) -> tuple[Finding, ...]:
    """Whether every file that the definition names is there, every file that is there is named, and the briefs are sound."""
    found = [*contents.findings, *_named(contents, source, definition), *_unnamed(contents, definition)]
    if METRIC in contents.sizes:
        found.append(Finding(id="package.metric_py_not_yet", file=METRIC))
    if EXPECTED not in contents.sizes:
        found.append(Finding(id="package.no_expected", level="warning", file=EXPECTED))
    for name in briefs.NAMES.values():
        found.extend(briefs.findings(contents.folder, name, frozenset(contents.sizes)))
    return tuple(found)


def _named(contents: Contents, source: Source, definition: Definition) -> Iterator[Finding]:
    """Files that the definition names."""
    for number, file in enumerate(definition.data.files):
        path: KeyPath = ("data", "files", number, "path")
        if file.path.endswith("/"):
            if not contents.below(file.path):
                yield source.finding("package.folder_missing", path)
        else:
            yield from _file(contents, source, path, file.path)
    if definition.data.licence_file is not None:
        yield from _file(contents, source, ("data", "licence_file"), definition.data.licence_file)
    for path, name in read_files(definition):
        if not name.endswith("/"):
            yield from _file(contents, source, path, name)
        elif not contents.below(name):
            yield source.finding("package.folder_missing", path)


def read_files(definition: Definition) -> Iterator[tuple[KeyPath, str]]:
    """Every file or folder that scoring reads, with the key that names it."""
    if definition.answers is not None:
        yield ("answers", "path"), definition.answers.path
    for number, task in enumerate(definition.tasks):
        yield ("tasks", number, "answers", "path"), task.answers.path
    if definition.annotation is not None:
        yield ("annotation", "items"), definition.annotation.items
        yield ("annotation", "gold", "path"), definition.annotation.gold.path
    dataset = definition.dataset
    if dataset is None:
        return
    yield ("dataset", "raw"), dataset.raw
    named: dict[KeyPath, str | None] = {("dataset", "table_schema"): dataset.table_schema}
    named |= {("dataset", "code_lists", column): path for column, path in dataset.code_lists.items()}
    named |= {("dataset", "hidden", name): path for name, path in dataset.hidden_files.items()}
    if dataset.safety is not None:
        named |= {("dataset", "safety", name): getattr(dataset.safety, name) for name in ("words", "exceptions")}
    named["dataset", "utility", "features"] = dataset.utility.features if dataset.utility else None
    yield from ((key, path) for key, path in named.items() if path is not None)


def _file(contents: Contents, source: Source, path: KeyPath, name: str) -> Iterator[Finding]:
    if name not in contents.sizes:
        yield source.finding("package.file_missing", path)
    elif contents.sizes[name] == 0:
        yield source.finding("package.file_empty", path)


def _unnamed(contents: Contents, definition: Definition) -> Iterator[Finding]:
    """Files in public/ and answers/ that the definition does not name: teams would get them, or nobody would."""
    listed = {file.path for file in definition.data.files} | {definition.data.licence_file}
    folders = tuple(path for path in listed if path and path.endswith("/"))
    for path in contents.below("public/"):
        if path not in listed and not path.startswith(folders):
            yield Finding(id="package.file_unlisted", level="warning", file=path, params={"definition": FILE})
    read = {name for _, name in read_files(definition)}
    for path in contents.below("answers/"):
        if path not in read:
            yield Finding(id="package.answers_unread", level="warning", file=path)
