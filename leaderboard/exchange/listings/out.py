"""What the API of listings gives, typed."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import BaseModel, Field

from leaderboard.exchange.listings.models import ListingRow
from leaderboard.exchange.listings.service import Offer
from leaderboard.terms.listing import Listing


class ListingSummary(BaseModel):
    """One listing in the list. ``grade``: of the very file that is offered; None: not measured."""

    key: str
    kind: str = Field(description="dataset, annotation, collection, cleaning, legal-audit, certification or talent")
    title: str
    summary: str
    organization: str
    sector: str | None
    modalities: list[str]
    licence: str | None
    grade: str | None
    dataset: str | None = Field(description="slug of its card")
    listed_at: datetime

    @classmethod
    def of(cls, offer: Offer, locale: str) -> "ListingSummary":
        facts = offer.document
        grades = [one.grade.value for one in facts.fresh_evidence if one.grade]
        return cls(
            key=offer.key,
            kind=facts.kind,
            title=offer.title.said(locale),
            summary=offer.summary.said(locale),
            organization=offer.organization,
            sector=facts.sector,
            modalities=list(facts.modalities),
            licence=facts.policy.licence,
            grade=grades[0] if grades else None,
            dataset=offer.dataset_slug,
            listed_at=offer.listed_at,
        )


class ListingList(BaseModel):
    """What is listed, the newest first, a page of it."""

    listings: list[ListingSummary]
    total: int
    pages: int

    @classmethod
    def of(cls, found: Sequence[Offer], total: int, pages: int, locale: str) -> "ListingList":
        return cls(listings=[ListingSummary.of(offer, locale) for offer in found], total=total, pages=pages)


class ListingOut(BaseModel):
    """A listing: its words in both languages, and the document that matching compares, with all evidence."""

    key: str
    state: str
    version: int
    title: dict[str, str]
    summary: dict[str, str]
    scenario: dict[str, str]
    organization: str
    dataset: str | None
    listed_at: datetime
    document: Listing = Field(
        description="jiebang-listing/1; evidence whose version differs from the document's is stale"
    )

    @classmethod
    def of(cls, row: ListingRow, version: int, offer: Offer) -> "ListingOut":
        return cls(
            key=row.key,
            state=str(row.state),
            version=version,
            title=_both(offer.title.en, offer.title.zh),
            summary=_both(offer.summary.en, offer.summary.zh),
            scenario=_both(row.scenario_en, row.scenario_zh),
            organization=offer.organization,
            dataset=offer.dataset_slug,
            listed_at=offer.listed_at,
            document=offer.document,
        )


def _both(en: str, zh: str) -> dict[str, str]:
    return {locale: text for locale, text in (("en", en), ("zh", zh)) if text}
