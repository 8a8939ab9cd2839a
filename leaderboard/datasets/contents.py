"""What a card shows of what is in the file: its columns, some of its records, and what the licence lets one do with them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from challenges.licence_terms import ACTIONS, TERMS
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
ACTION_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "use": N_("Use it"),
        "derive": N_("Change it and build on it"),
        "distribute": N_("Pass it on"),
        "commercialize": N_("Use it to earn money"),
        "train-models": N_("Train models with it"),
    }
)
DUTY_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "attribute": N_("Name the source"),
        "share-alike": N_("Pass on what you make of it under the same licence"),
    }
)


@dataclass(frozen=True)
class SchemaRow:
    """A column with what was measured of it and what its owner says. ``type`` and ``role`` are English messages; "" is not known."""

    measured: ColumnRow
    type: str
    role: str
    unit: str
    about: Said

    @property
    def missing(self) -> float | None:
        """Share of the records in which it holds no value."""
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


@dataclass(frozen=True)
class LicenceTerm:
    """An act, as an English message, and whether the licence permits it: ``yes``, ``no``, or ``unknown`` where it does not say."""

    act: str
    verdict: str


def schema(version: DatasetVersion, quality: QualityPage | None, locale: str) -> tuple[SchemaRow, ...]:
    """The columns of a measured version; () where nothing was measured."""
    said = {column.name[:200]: column for column in columns.read(version.columns)}
    return tuple(_schema_row(row, said.get(row.found.name), locale) for row in (quality.columns if quality else ()))


def _schema_row(row: ColumnRow, said: columns.Column | None, locale: str) -> SchemaRow:
    if said is None:
        return SchemaRow(row, row.kind, "", "", Said("", locale, other=False))
    about = Said.either(said.about_en, said.about_zh, locale)
    return SchemaRow(row, columns.TYPES.get(said.type, row.kind), columns.ROLES.get(said.role, ""), said.unit, about)


def preview(work: Work, version: DatasetVersion) -> PreviewPart | None:
    """The records that may be shown of a version; None where there are none."""
    kept = evidence.preview_of(work, version)
    if kept is None:
        return None
    heads = tuple(_head(column) for column in kept.columns)
    return PreviewPart(heads, kept.rows, kept.rows_in_all, kept.columns_in_all)


def _head(column: PreviewColumn) -> PreviewHead:
    return PreviewHead(column_row(column.found), WHY_HIDDEN.get(column.hidden, ""))


def licence_terms(licence: str) -> tuple[LicenceTerm, ...]:
    """What a licence lets one do, act by act; () for one whose terms are not known here."""
    terms = TERMS.get(licence)
    if terms is None:
        return ()
    verdicts = dict.fromkeys(terms.permitted, "yes") | dict.fromkeys(terms.prohibited, "no")
    return tuple(LicenceTerm(ACTION_WORDS[act], verdicts.get(act, "unknown")) for act in ACTIONS)


def licence_duties(licence: str) -> tuple[str, ...]:
    """What one owes for it, as English messages."""
    terms = TERMS.get(licence)
    return tuple(DUTY_WORDS[duty] for duty in terms.duties) if terms else ()
