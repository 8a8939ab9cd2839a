"""What the API of demands gives, typed. It says what the pages say, to whom they say it."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from leaderboard.exchange.demands.facts import said
from leaderboard.exchange.demands.gaps import GapPage, in_order
from leaderboard.exchange.demands.listing import ListPage
from leaderboard.exchange.demands.showing import Seen
from leaderboard.seasons.out import Text


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
