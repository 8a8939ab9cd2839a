"""What a card shows of what is in the file: its columns, and some of its records."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from challenges.preview import PreviewColumn
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.datasets import columns, evidence
from leaderboard.datasets.models import DatasetVersion
from leaderboard.datasets.wording import Said
from leaderboard.ui.quality import ColumnRow, QualityPage, column_row

WHY_HIDDEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "personal": N_("hidden: personal data"),
        "secret": N_("hidden: looks like passwords or keys"),
        "nested": N_("not shown: lists or objects"),
    }
)


@dataclass(frozen=True)
class SchemaRow:
    """A column with what its owner says, and what was measured of it, None where nothing was. ``type`` and ``role`` are English
    messages; "" is not known.
    """

    name: str
    measured: ColumnRow | None
    type: str
    role: str
    unit: str
    about: Said

    @property
    def missing(self) -> float | None:
        """Share of the records in which it holds no value; None where that was not measured."""
        if self.measured is None:
            return None
        found = self.measured.found
        return found.missing / (found.missing + found.filled) if found.missing + found.filled else None


@dataclass(frozen=True)
class PreviewHead:
    """A column of the preview. ``hidden``: an English message that says why no value is shown, or ""."""

    measured: ColumnRow
    hidden: str


@dataclass(frozen=True)
class PreviewPart:
    """Some records, personal data masked; None stands where a value is missing."""

    heads: tuple[PreviewHead, ...]
    rows: tuple[tuple[str | None, ...], ...]
    rows_in_all: int
    columns_in_all: int


def schema(version: DatasetVersion, quality: QualityPage | None, locale: str) -> tuple[SchemaRow, ...]:
    """The columns as they were measured, or else as the owner says of a file kept elsewhere; () where nobody says anything."""
    said = {column.name[:200]: column for column in columns.read(version.columns)}
    if quality is not None:
        return tuple(_schema_row(row, said.get(row.found.name), locale) for row in quality.columns)
    return tuple(_said_row(column, locale) for column in said.values()) if version.kind == "reference" else ()


def _said_row(column: columns.Column, locale: str) -> SchemaRow:
    about = Said.either(column.about_en, column.about_zh, locale)
    return SchemaRow(column.name, None, columns.TYPES.get(column.type, ""), "", column.unit, about)


def _schema_row(row: ColumnRow, said: columns.Column | None, locale: str) -> SchemaRow:
    if said is None:
        return SchemaRow(row.found.name, row, row.kind, "", "", Said("", locale, other=False))
    about = Said.either(said.about_en, said.about_zh, locale)
    kind, role = columns.TYPES.get(said.type, row.kind), columns.ROLES.get(said.role, "")
    return SchemaRow(row.found.name, row, kind, role, said.unit, about)


def preview(work: Work, version: DatasetVersion) -> PreviewPart | None:
    """The records that may be shown of a version; None where there are none."""
    kept = evidence.preview_of(work, version)
    if kept is None:
        return None
    heads = tuple(_head(column) for column in kept.columns)
    return PreviewPart(heads, kept.rows, kept.rows_in_all, kept.columns_in_all)


def _head(column: PreviewColumn) -> PreviewHead:
    return PreviewHead(column_row(column.found), WHY_HIDDEN.get(column.hidden, ""))
