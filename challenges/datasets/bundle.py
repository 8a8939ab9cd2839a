"""An opened dataset: its records as one table, what it says about itself, and its images or sounds where there are any."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import polars as pl

from challenges.datasets.documentation import Documentation
from challenges.datasets.holding import FileFact, Holding
from challenges.datasets.roles import Roles
from challenges.findings import Finding
from scoring.quality.schema import Schema

Layout = Literal["table", "datapackage", "croissant", "tc609", "images", "audio", "coco", "texts"]
LAYOUTS: Final[Mapping[Layout, str]] = {
    "table": "One table, or several of the same columns",
    "datapackage": "Frictionless data package",
    "croissant": "Croissant",
    "tc609": "TC609 records",
    "images": "Images with a manifest or in folders by class",
    "audio": "Sounds with a manifest or in folders by class",
    "coco": "COCO annotations",
    "texts": "Text corpus",
}


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of the table that came from one file: `rows` of them from row `start` on, counted from 0."""

    path: str
    start: int
    rows: int


@dataclass(frozen=True)
class Media:
    """The images or sounds of a dataset, opened one at a time when asked for.

    kind    what they are
    paths   (rows,) text: the file of each row inside the folder or archive; null where the row names none
    """

    kind: Literal["image", "audio"]
    paths: pl.Series
    _holding: Holding = field(repr=False, compare=False)

    def source(self, row: int) -> Path | bytes | None:
        """What `scoring.quality.images.read` and `scoring.quality.audio.read` take: a path on disk, or the bytes from an archive.

        None where the row has no file. Raises `Unreadable` where an archive turns out to be damaged.
        """
        path = self.paths[row]
        return None if path is None else self._holding.source(path)


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence as it is written, and its SPDX identifier where it is one that we know."""

    written: str
    spdx: str | None
    where: str


@dataclass(frozen=True, slots=True)
class HashClaim:
    """A hash or size that a description states for a file, and what was found. A file that is not there has `found` None."""

    path: str
    algorithm: Literal["md5", "sha1", "sha256", "sha512", "bytes"]
    claimed: str
    found: str | None
    where: str

    @property
    def holds(self) -> bool:
        """Whether the file is what it was said to be."""
        return self.claimed == self.found


@dataclass(frozen=True)
class Provenance:
    """Where the data says it comes from (Q9): for the dataset as a whole, and by record where columns say so.

    columns   which column holds what: licence, source, source_details, original_time, last_modified_time, version, generated
              (1 for records that a machine made)
    """

    licences: tuple[Licence, ...] = ()
    source: str | None = None
    source_details: str | None = None
    original_time: str | None = None
    hashes: tuple[HashClaim, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Bundle:
    """A dataset that could be opened.

    layout          which of `LAYOUTS` it is
    table           one row a record. Columns of CSV and JSON Lines are text exactly as they stand; those of Parquet and of
                    annotations have types of their own
    parts           which rows came from which file
    roles           which column is what
    schema          what its own description says about the columns; None where it says nothing
    classes         the labels that its own description allows; empty where it names none
    documentation   the 20 items of TC609-5-2025-04 and the numbers stated
    provenance      licence, source, hashes
    files           every file with its size, hash and kind
    media           images or sounds by row; None where there are none
    findings        warnings and notes
    """

    layout: Layout
    table: pl.DataFrame = field(repr=False)
    parts: tuple[Part, ...]
    roles: Roles
    schema: Schema | None
    classes: tuple[str, ...]
    documentation: Documentation = field(repr=False)
    provenance: Provenance
    files: tuple[FileFact, ...] = field(repr=False)
    media: Media | None
    findings: tuple[Finding, ...]

    def place(self, row: int) -> tuple[str, int]:
        """The file that a row came from, and which row of that file it is; both from 0.

        Raises IndexError beyond the table.
        """
        for part in self.parts:
            if part.start <= row < part.start + part.rows:
                return part.path, row - part.start
        raise IndexError(row)
