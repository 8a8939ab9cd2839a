"""What the API of datasets gives, typed."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from leaderboard.core.i18n import LocaleCode, translate
from leaderboard.datasets.audit_pages import AuditRow
from leaderboard.datasets.audits import MATTERS, OUTCOMES
from leaderboard.datasets.contents import PreviewPart, SchemaRow
from leaderboard.datasets.listing import Card, CatalogPage
from leaderboard.datasets.pages import CardPage, VersionRow
from leaderboard.seasons.out import Text


class DatasetItem(BaseModel):
    """A dataset in the catalogue; the figures are those of its newest version, null where it was not measured."""

    slug: str
    title: Text
    summary: Text
    owner: str
    sector: str
    modalities: list[str]
    licence: str = Field(description="SPDX identifier")
    version: int
    rows: int | None
    bytes: int | None
    grade: str | None
    composite: float | None
    low: float | None = Field(description="lower end of the 95 % interval")
    high: float | None
    published_at: datetime | None

    @classmethod
    def of(cls, card: Card) -> "DatasetItem":
        return cls(
            slug=card.slug,
            title=Text.of(card.title),
            summary=Text.of(card.summary),
            owner=card.owner,
            sector=card.sector,
            modalities=list(card.modalities),
            licence=card.licence,
            version=card.version,
            rows=card.rows,
            bytes=card.size,
            grade=card.grade,
            composite=card.composite,
            low=card.low,
            high=card.high,
            published_at=card.published_at,
        )


class DatasetList(BaseModel):
    """A page of at most 30; ``pages`` says how many there are."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "total": 1,
                "page": 1,
                "pages": 1,
                "datasets": [
                    {
                        "slug": "clean-readings",
                        "title": {"en": "Clean readings", "zh": "清洗后的读数"},
                        "summary": {"en": "Meter readings without copies.", "zh": "去除重复后的电表读数。"},
                        "owner": "Beijiang Sensing",
                        "sector": "energy",
                        "modalities": ["table"],
                        "licence": "CC-BY-4.0",
                        "version": 1,
                        "rows": 1200,
                        "bytes": 81234,
                        "grade": "AA",
                        "composite": 88.2,
                        "low": 86.1,
                        "high": 90.0,
                        "published_at": "2026-12-15T04:00:00Z",
                    }
                ],
            }
        }
    )

    total: int
    page: int
    pages: int
    datasets: list[DatasetItem]

    @classmethod
    def of(cls, page: CatalogPage) -> "DatasetList":
        cards = [DatasetItem.of(card) for card in page.cards]
        return cls(total=page.total, page=page.asked.number, pages=page.pages, datasets=cards)


class VersionOut(BaseModel):
    """One version. ``stale``: what was measured is of an older file than the newest."""

    number: int
    kind: str = Field(description="submission, upload or reference")
    sha256: str
    address: str | None = Field(description="where a reference is kept")
    media_type: str
    bytes: int | None
    rows: int | None
    changelog: str
    grade: str | None
    composite: float | None
    low: float | None
    high: float | None
    measured_at: datetime | None
    created_at: datetime
    stale: bool
    withdrawn: bool = Field(description="its submission was withdrawn later")

    @classmethod
    def of(cls, row: VersionRow) -> "VersionOut":
        return cls(
            number=row.number,
            kind=row.kind,
            sha256=row.sha256,
            address=row.address,
            media_type=row.media_type,
            bytes=row.size,
            rows=row.rows,
            changelog=row.changelog.text,
            grade=row.grade,
            composite=row.composite,
            low=row.low,
            high=row.high,
            measured_at=row.measured_at,
            created_at=row.created_at,
            stale=row.stale,
            withdrawn=row.taken_back,
        )


class ColumnOut(BaseModel):
    """A column of the newest version, with what its owner says of it; texts are empty where nothing is said."""

    name: str
    type: str
    role: str
    unit: str
    description: str
    missing: float | None = Field(description="share of the records without a value")

    @classmethod
    def of(cls, row: SchemaRow) -> "ColumnOut":
        return cls(
            name=row.name,
            type=row.type,
            role=row.role,
            unit=row.unit,
            description=row.about.text,
            missing=row.missing,
        )


class PlaceOut(BaseModel):
    """Where the team of the newest version stands. ``final``: after finalisation; ``same``: this very file decided it."""

    phase: str
    place: int
    best_place: int | None
    worst_place: int | None
    teams: int
    final: bool
    same: bool


class AuditOut(BaseModel):
    """What an auditor found of one version. ``stale``: of an older one than the newest; ``accepted``: the operator still takes the
    auditor's word.
    """

    auditor: str
    matter: str = Field(description=", ".join(MATTERS))
    outcome: str = Field(description=", ".join(OUTCOMES))
    text: str
    audited_on: date
    report_sha256: str = Field(description="empty: not said")
    version: int
    sha256: str = Field(description="of the version's file")
    stale: bool
    accepted: bool

    @classmethod
    def of(cls, row: AuditRow) -> "AuditOut":
        return cls(
            auditor=row.auditor,
            matter=row.matter_key,
            outcome=row.outcome_key,
            text=row.text.text,
            audited_on=row.audited_on,
            report_sha256=row.report_sha256,
            version=row.version,
            sha256=row.sha256,
            stale=row.stale,
            accepted=row.trusted,
        )


class PreviewColumnOut(BaseModel):
    """A column of the preview; of one with ``hidden`` no value is shown."""

    name: str
    hidden: str = Field(description="why, in the reader's language; empty: it is shown")


class PreviewOut(BaseModel):
    """Records that the owner agreed to show, personal data masked: the very ones of the page."""

    columns: list[PreviewColumnOut]
    rows: list[list[str | None]] = Field(
        description="at most 100, a value for each of ``columns``; null: missing or not shown"
    )
    rows_in_all: int
    columns_in_all: int

    @classmethod
    def of(cls, part: PreviewPart, locale: LocaleCode) -> "PreviewOut":
        return cls(
            columns=[
                PreviewColumnOut(
                    name=head.measured.found.name, hidden=translate(locale, head.hidden) if head.hidden else ""
                )
                for head in part.heads
            ],
            rows=[list(row) for row in part.rows],
            rows_in_all=part.rows_in_all,
            columns_in_all=part.columns_in_all,
        )


class DatasetOut(BaseModel):
    """A card: its versions, the newest first, the evidence, and the whole as Croissant with DQV measurements."""

    slug: str
    state: str
    title: str
    summary: str
    provenance: str
    owner: str
    licence: str
    languages: list[str]
    citation: str
    published_at: datetime | None
    versions: list[VersionOut]
    columns: list[ColumnOut] = Field(description="as measured, or as the owner says of a file kept elsewhere")
    preview: PreviewOut | None = Field(description="null: the owner has not agreed to show any records")
    places: list[PlaceOut]
    audits: list[AuditOut] = Field(description="of the newer versions first")
    usage_policy: dict[str, Any] | None = Field(
        description="what may be done with it, an ODRL offer; null: nothing is said"
    )
    croissant: dict[str, Any] = Field(description="Croissant 1.1, JSON-LD")

    @classmethod
    def of(cls, page: CardPage, locale: LocaleCode) -> "DatasetOut":
        return cls(
            slug=page.slug,
            state=page.state,
            title=page.title.text,
            summary=page.summary.text,
            provenance=page.provenance.text,
            owner=page.owner,
            licence=page.licence,
            languages=list(page.languages),
            citation=page.citation.text or page.cite,
            published_at=page.published_at,
            versions=[VersionOut.of(row) for row in page.versions],
            columns=[ColumnOut.of(row) for row in page.schema],
            preview=PreviewOut.of(page.preview, locale) if page.preview else None,
            audits=[AuditOut.of(row) for row in page.audits],
            usage_policy=dict(page.policy) if page.policy else None,
            places=[
                PlaceOut(
                    phase=one.phase.said(locale),
                    place=one.place,
                    best_place=one.best,
                    worst_place=one.worst,
                    teams=one.teams,
                    final=one.final,
                    same=one.same,
                )
                for one in page.places
            ],
            croissant=dict(page.document),
        )
