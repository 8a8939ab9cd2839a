"""What a dataset says about where it comes from, and the files that its records name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Protocol

import polars as pl


@dataclass(frozen=True)
class Origin:
    """For the dataset as a whole, and by record where columns say so.

    licence        as it is written; `spdx`: its SPDX identifier where it is one that is known
    source         who or what it comes from
    hashes         hashes and sizes that are stated for files, and how many of them hold
    columns        which column holds what of each record: licence, source, source_details, original_time, last_modified_time,
                   version, generated (1 for records that a machine made)
    """

    licence: str | None = None
    spdx: str | None = None
    source: str | None = None
    hashes_stated: int = 0
    hashes_held: int = 0
    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class Media(Protocol):
    """Images or sounds, one for a row at most."""

    @property
    def kind(self) -> Literal["image", "audio"]: ...

    @property
    def paths(self) -> pl.Series:
        """(rows,) the file of each row as text, null where the row names none."""

    def source(self, row: int) -> Path | bytes | None:
        """What `scoring.quality.images.read` and `scoring.quality.audio.read` take; None where the row has no file."""
