"""A package on disk that may be used: read, found sound, and named by its digest."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from challenges import briefs, contents, reading, rules
from challenges.definition import Definition
from challenges.findings import Finding, PackageRefused


@dataclass(frozen=True)
class Package:
    """A folder with a sound `challenge.toml` and all the files that it names."""

    folder: Path
    definition: Definition

    @cached_property
    def digest(self) -> str:
        """The sha-256 over the sorted file digests (see `Contents.digest`); reads every file once."""
        return contents.survey(self.folder).digest()

    def readme(self, language: Literal["en", "zh"]) -> str:
        """The brief in one language: Markdown with links relative to the package."""
        return (self.folder / briefs.NAMES[language]).read_text("utf-8-sig")


def load(folder: Path) -> Package:
    """The package in `folder`. Data files are not opened; `challenges.check` does that.

    Raises PackageRefused with every error of the definition, its rules and its files at once.
    """
    definition, findings = examine(folder)
    errors = tuple(finding for finding in findings if finding.level == "error")
    if errors or definition is None:
        raise PackageRefused(errors)
    return Package(folder, definition)


def examine(folder: Path) -> tuple[Definition | None, tuple[Finding, ...]]:
    """The definition, when it fits the model, and everything found without opening a data file."""
    if not folder.is_dir():
        return None, (Finding(id="package.no_folder", file=str(folder)),)
    file = folder / reading.FILE
    if not file.is_file() or file.is_symlink():
        return None, (Finding(id="package.no_definition", file=reading.FILE),)
    if file.stat().st_size > reading.MOST_BYTES:
        return None, (
            Finding(id="package.toml_too_large", file=reading.FILE, params={"most": reading.MOST_BYTES // 1024}),
        )
    read = reading.read(file.read_bytes())
    if read.source is None or read.definition is None:
        return None, read.findings
    found = contents.findings(contents.survey(folder), read.source, read.definition)
    return read.definition, (*read.findings, *rules.findings(read.source, read.definition), *found)
