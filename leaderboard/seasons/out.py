"""What the API of seasons takes and gives, typed."""

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from leaderboard.seasons import said
from leaderboard.seasons.listing import Card
from leaderboard.seasons.models import Phase
from leaderboard.seasons.signals import Words
from leaderboard.seasons.states import is_open
from leaderboard.seasons.windows import PhasePlan


class Text(BaseModel):
    """The same text in both languages."""

    en: str
    zh: str

    @classmethod
    def of(cls, words: Words) -> "Text":
        return cls(en=words.en, zh=words.zh)


class ChallengeItem(BaseModel):
    """A challenge in the list. ``status``: upcoming, open, closing (soon), between (phases) or closed."""

    slug: str
    title: Text
    summary: Text
    status: str
    phase: str | None = Field(description="key of the open phase")
    opens_at: datetime
    closes_at: datetime
    sector: str
    task: str
    modality: list[str]
    organization: str
    season: str

    @classmethod
    def of(cls, card: Card) -> "ChallengeItem":
        return cls(
            slug=card.slug,
            title=Text.of(card.title),
            summary=Text.of(card.summary),
            status=card.status,
            phase=card.phase,
            opens_at=card.opens_at,
            closes_at=card.closes_at,
            sector=card.sector,
            task=card.task,
            modality=list(card.modality),
            organization=card.organization,
            season=card.season,
        )


class ChallengeList(BaseModel):
    """A page of at most 30; ``pages`` says how many there are."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "total": 1,
                "page": 1,
                "pages": 1,
                "challenges": [
                    {
                        "slug": "flight-delays",
                        "title": {"en": "Which flights will be late?", "zh": "哪些航班会晚点?"},
                        "summary": {"en": "Predict late arrivals.", "zh": "预测到达晚点。"},
                        "status": "open",
                        "phase": "open",
                        "opens_at": "2026-12-01T01:00:00Z",
                        "closes_at": "2027-02-28T10:00:00Z",
                        "sector": "transport",
                        "task": "binary-classification",
                        "modality": ["table"],
                        "organization": "Lingdong Grid",
                        "season": "open",
                    }
                ],
            }
        }
    )

    total: int
    page: int
    pages: int
    challenges: list[ChallengeItem]


class PhaseOut(BaseModel):
    """A window: open from ``opens_at`` up to, not including, ``closes_at``. Null quota: no limit."""

    key: str
    title: Text
    opens_at: datetime
    closes_at: datetime
    is_open: bool
    per_day: int | None
    total: int | None
    zone: str = Field(description="IANA zone in which the day of per_day begins")
    picks: int

    @classmethod
    def of(cls, phase: Phase, now: datetime) -> "PhaseOut":
        words = said.phase_title(phase)
        return cls(
            key=phase.key,
            title=Text(en=words.said("en"), zh=words.said("zh")),
            opens_at=phase.opens_at,
            closes_at=phase.closes_at,
            is_open=is_open(phase, now),
            per_day=phase.per_day,
            total=phase.total,
            zone=phase.zone,
            picks=phase.picks,
        )


class ChallengeOut(BaseModel):
    """Everything public about a challenge; ``definition`` is its package's, without anything about the answers."""

    slug: str
    title: Text
    summary: Text
    status: str
    version: str
    organization: str
    phases: list[PhaseOut]
    definition: dict[str, Any]
    brief: Text = Field(description="the README in both languages, Markdown")


class FileOut(BaseModel):
    """A file that teams get; ``url`` below this server."""

    path: str
    role: str | None
    rows: int | None
    bytes: int
    sha256: str
    url: str


class FilesOut(BaseModel):
    version: str
    licence: str
    source: str
    personal: str
    zip_bytes: int
    zip_sha256: str
    zip_url: str
    files: list[FileOut]
    more_files: int = Field(description="public files that are only in the zip")


class FindingOut(BaseModel):
    level: str
    place: str
    text: str = Field(description="in the asked language")


class PackageOut(BaseModel):
    """An uploaded package: *checking*, then *ready*, *refused* (see the findings) or *failed* (our fault)."""

    id: int
    state: str
    version: str | None
    digest: str | None
    challenge: str | None
    findings: list[FindingOut]


class NewPhase(BaseModel):
    """A window as it shall be; instants carry an offset."""

    model_config = ConfigDict(extra="forbid")

    key: str
    title: Text = Text(en="", zh="")
    opens_at: AwareDatetime
    closes_at: AwareDatetime
    per_day: int | None = None
    total: int | None = None
    zone: str = "Asia/Shanghai"
    picks: int = 2

    def plan(self) -> PhasePlan:
        return PhasePlan(
            key=self.key,
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            title_en=self.title.en,
            title_zh=self.title.zh,
            per_day=self.per_day,
            total=self.total,
            zone=self.zone,
            picks=self.picks,
        )


class PhasesIn(BaseModel):
    """All windows of a challenge. ``reason`` is needed once the challenge is posted, and shown to everyone."""

    model_config = ConfigDict(extra="forbid")

    phases: list[NewPhase]
    reason: str = ""


class AdoptIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    package: int
    reason: str = ""


class DraftIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    package: int


class AnnouncementIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Text
    text: Text


class AnnouncementOut(BaseModel):
    """A notice as it was written, Markdown."""

    id: int
    at: datetime
    title: Text
    text: Text


class ChangeOut(BaseModel):
    """A change since posting. ``what`` is such as ``phases.open.closes_at``, ``package`` or ``state``."""

    at: datetime
    what: str
    before: str
    after: str
    reason: str


class NewsOut(BaseModel):
    """Announcements and changes, newest first."""

    announcements: list[AnnouncementOut]
    changes: list[ChangeOut]


class ReasonIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str


class StateOut(BaseModel):
    slug: str
    state: str
