"""What the API of demands gives, typed. It says what the pages say, to whom they say it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from challenges.findings import Finding
from leaderboard.core.errors import FieldError
from leaderboard.core.work import Work
from leaderboard.exchange.demands import making, service
from leaderboard.exchange.demands.content import TEXTS, Written
from leaderboard.exchange.demands.facts import contradiction, said
from leaderboard.exchange.demands.gaps import GapPage, in_order
from leaderboard.exchange.demands.listing import ListPage
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.demands.showing import Seen
from leaderboard.seasons.out import Text
from leaderboard.seasons.signals import Words
from leaderboard.submissions.service import plain
from leaderboard.terms import demand as terms
from leaderboard.terms.contradictions import contradictions
from leaderboard.terms.demand import Demand
from leaderboard.terms.forms import TermsRefused


class FactOut(BaseModel):
    """One fact in words, in the language of Accept-Language."""

    label: str
    value: str
    must: bool = Field(description="the demand insists on it")


class DemandOut(BaseModel):
    """A demand. With ``tier`` "card" it is blind: its key and facts are all there is. Budgets are bands, unless it is your own."""

    key: str
    tier: str = Field(description="full or card")
    title: Text | None
    text: Text | None
    organization: str | None
    visibility: str | None
    state: str | None
    version: int | None
    kind: str | None
    sectors: list[str]
    modalities: list[str]
    deadline: str | None
    opened_at: datetime | None
    facts: list[FactOut]

    @classmethod
    def of(cls, seen: Seen, locale: str) -> "DemandOut":
        facts = [
            FactOut(label=one.label.said(locale), value=said(one.value, locale), must=one.must) for one in seen.facts
        ]
        return cls(
            key=seen.key,
            tier=seen.tier,
            title=Text.of(seen.title) if seen.title else None,
            text=Text.of(seen.text) if seen.text else None,
            organization=seen.organization or None,
            visibility=seen.visibility or None,
            state=seen.state or None,
            version=seen.version or None,
            kind=seen.kind or None,
            sectors=list(seen.sectors),
            modalities=list(seen.modalities),
            deadline=seen.deadline or None,
            opened_at=seen.opened_at,
            facts=facts,
        )


class DemandList(BaseModel):
    """A page of at most 30. ``total`` counts public demands exactly and rounds the others up to fives."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "total": 1,
                "page": 1,
                "pages": 1,
                "demands": [
                    {
                        "key": "x7k2mq9afd",
                        "tier": "full",
                        "title": {"en": "Pictures of cracked insulators", "zh": "绝缘子破损图像"},
                        "text": {"en": "At least 20,000 labelled pictures.", "zh": "至少2万张已标注图像。"},
                        "organization": "Lingdong Grid",
                        "visibility": "public",
                        "state": "open",
                        "version": 1,
                        "kind": "dataset",
                        "sectors": ["energy"],
                        "modalities": ["image"],
                        "deadline": "2027-03-31",
                        "opened_at": "2026-12-15T04:00:00Z",
                        "facts": [{"label": "Size", "value": "Images: at least 20,000", "must": False}],
                    }
                ],
            }
        }
    )

    total: int
    page: int
    pages: int
    demands: list[DemandOut]

    @classmethod
    def of(cls, page: ListPage, locale: str) -> "DemandList":
        items = [DemandOut.of(item, locale) for item in page.items]
        return cls(total=page.total, page=page.asked.number, pages=page.pages, demands=items)


class TextIn(BaseModel):
    """A text in one language or in both."""

    model_config = ConfigDict(extra="forbid")

    en: str = ""
    zh: str = ""


class DemandIn(BaseModel):
    """What a demand says, all of it."""

    model_config = ConfigDict(extra="forbid")

    title: TextIn
    need: TextIn = Field(description="what is needed, in plain words")
    document: dict[str, JsonValue] | None = Field(
        default=None, description="jiebang-demand/1; null: the facts are those that the texts say"
    )
    invited: list[str] = Field(
        default_factory=list, max_length=200, description="addresses of organizations that read it"
    )

    def written(self, locale: str) -> tuple[Written, list[FieldError]]:
        """What it says, and what is wrong with its document, which then is left out."""
        said = Written(
            title_en=plain(self.title.en).strip(),
            title_zh=plain(self.title.zh).strip(),
            need_en=plain(self.need.en).strip(),
            need_zh=plain(self.need.zh).strip(),
            invited=tuple(dict.fromkeys(self.invited)),
        )
        if self.document is None:
            return said, []
        try:
            return replace(said, document=_own(terms.read(json.dumps(self.document)))), []
        except TermsRefused as refused:
            return said, [in_document(finding, locale) for finding in refused.findings]


class DemandNew(DemandIn):
    """A new demand."""

    organization: str = Field(default="", max_length=80, description="its address; needed with several")


class DemandChange(DemandIn):
    """Everything that a demand says, in the place of a version."""

    version: int = Field(description="the one that it takes the place of, as last read")


def _own(document: Demand) -> Demand:
    """Without what is filled in from elsewhere when it is matched."""
    return document.model_copy(update={"key": "", "version": "", "organization": "", "verified": 0})


def place(field: str) -> str:
    """Where the body has what the form of a page calls so.

    >>> place("title_zh"), place("invited")
    ('title.zh', 'invited')
    """
    return field.replace("_", ".") if field in TEXTS else field


def in_document(finding: Finding, locale: str) -> FieldError:
    """A finding about a document as a fault of the field that holds it, in words."""
    place = f"document.{finding.key}" if finding.key else "document"
    return FieldError(place, "{text}", {"text": contradiction(finding).said(locale)})


class ContradictionOut(BaseModel):
    """What cannot be had at once, in the language of Accept-Language. ``warning``: it can be opened all the same."""

    field: str
    detail: str
    warning: bool


class OwnDemand(BaseModel):
    """A demand as its organization writes it, with its document as it stands."""

    key: str
    organization: str
    state: str
    version: int
    title: Text
    need: Text
    document: Demand
    invited: list[str]
    left: list[str] = Field(description="words of the texts that were not understood")
    contradictions: list[ContradictionOut] = Field(description="what keeps it from being handed in")
    note: str = Field(description="what the operator wants changed")
    submitted_at: datetime | None
    opened_at: datetime | None
    closed_at: datetime | None

    @classmethod
    def of(cls, work: Work, row: DemandRow, locale: str) -> "OwnDemand":
        version, need = service.current_version(work, row), service.need_of(work, row)
        found = contradictions(need.document, making.today(work))
        return cls(
            key=row.key,
            organization=need.document.organization,
            state=row.state,
            version=row.version,
            title=Text.of(need.title),
            need=Text.of(need.text),
            document=service.document(version),
            invited=list(making.invited(work, row)),
            left=[one["text"] for reading in version.understood.values() for one in reading["left"]],
            contradictions=[
                ContradictionOut(
                    field=in_document(one, locale).field,
                    detail=contradiction(one).said(locale),
                    warning=one.level != "error",
                )
                for one in found
            ],
            note=row.note,
            submitted_at=row.submitted_at,
            opened_at=row.opened_at,
            closed_at=row.closed_at,
        )


class OwnItem(BaseModel):
    """A demand of one's organizations."""

    key: str
    title: Text
    organization: str
    state: str
    version: int


class OwnList(BaseModel):
    """The demands of one's organizations in every state, the latest first."""

    demands: list[OwnItem]

    @classmethod
    def of(cls, found: Sequence[tuple[str, Words, str, str, int]]) -> "OwnList":
        return cls(
            demands=[
                OwnItem(key=key, title=Text.of(title), organization=organization, state=state, version=version)
                for key, title, organization, state, version in found
            ]
        )


class GapOut(BaseModel):
    """A cell of the gap report: at least so many demands ended unmet here, and what was missing most often."""

    sector: str = Field(description="a sector, or any where none was named")
    modality: str
    count: int
    missing: str | None


class GapReport(BaseModel):
    """Demands that ended unmet or expired; those that are not public count only where several organizations meet, in fives."""

    gaps: list[GapOut]

    @classmethod
    def of(cls, page: GapPage, locale: str) -> "GapReport":
        return cls(
            gaps=[
                GapOut(
                    sector=cell.sector,
                    modality=cell.modality,
                    count=cell.count,
                    missing=cell.missing.said(locale) if cell.missing else None,
                )
                for cell in in_order(page)
            ]
        )
