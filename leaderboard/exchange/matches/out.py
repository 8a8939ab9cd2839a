"""What the API of searches and matches gives, typed."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from leaderboard.exchange.listings.signals import Rating
from leaderboard.exchange.matches.cards import Card
from leaderboard.exchange.matches.pages import MatchRow
from leaderboard.exchange.matches.runs import StoredRun
from leaderboard.exchange.matches.search import Hit, SearchPage
from leaderboard.exchange.matches.supplier import Bands, Fit
from leaderboard.exchange.matching.explanation import Explanation
from leaderboard.exchange.matching.run import Nothing
from leaderboard.seasons.out import Text


class RatingOut(BaseModel):
    """What others say of a supplier: how many, and a mean of 1 to 5 that few ratings move little."""

    count: int
    value: float


class OfferItem(BaseModel):
    """One offer that was found. ``grade`` null: this version has not been measured yet; ``rating`` null: nobody has rated yet."""

    key: str
    title: Text
    summary: Text
    supplier: str
    organization: str = Field(description="the supplier's address, by which the facet `supplier` knows it")
    rating: RatingOut | None
    kind: str
    sector: str
    modalities: list[str]
    grade: str | None
    grade_low: str | None
    grade_high: str | None
    deliveries: list[str]
    price: str
    low: float | None
    high: float | None
    currency: str
    regions: list[str]
    actions: list[str] = Field(description="what its terms let users do")
    licence: str
    security: str
    updated: date | None
    listed_at: datetime
    relevance: float | None = Field(description="0 to 1; null where no words were asked for")

    @classmethod
    def of(cls, hit: Hit, rating: Rating | None) -> "OfferItem":
        card: Card = hit.card
        return cls(
            key=card.key,
            title=Text.of(card.title),
            summary=Text.of(card.summary),
            supplier=card.organization,
            organization=card.supplier,
            rating=RatingOut(count=rating.count, value=rating.value) if rating else None,
            kind=card.kind,
            sector=card.sector,
            modalities=list(card.modalities),
            grade=card.grade.value if card.grade else None,
            grade_low=card.grade.low if card.grade else None,
            grade_high=card.grade.high if card.grade else None,
            deliveries=list(card.deliveries),
            price=card.price,
            low=card.low,
            high=card.high,
            currency=card.currency,
            regions=list(card.regions),
            actions=list(card.actions),
            licence=card.licence,
            security=card.security,
            updated=card.updated,
            listed_at=card.listed_at,
            relevance=hit.relevance,
        )


class SearchResult(BaseModel):
    """A page of at most 20. ``facets``: by facet and value, how many it would show under all other choices; of suppliers only those
    with most offers, and ``more_suppliers`` that have some.
    """

    total: int
    page: int
    pages: int
    model: str | None = Field(description="what compares meanings; null: only words are compared")
    facets: dict[str, dict[str, int]]
    more_suppliers: int
    offers: list[OfferItem]

    @classmethod
    def of(cls, found: SearchPage) -> "SearchResult":
        return cls(
            total=found.total,
            page=found.asked.number,
            pages=found.pages,
            model=found.model,
            more_suppliers=found.more_suppliers,
            facets={one.key: {choice.value: choice.count for choice in one.choices} for one in found.facets},
            offers=[OfferItem.of(hit, found.ratings.get(hit.card.organization_id)) for hit in found.hits],
        )


class MatchItem(BaseModel):
    """A match with everything that its score is made of; the score can be computed again from it."""

    title: Text
    supplier: str
    feedback: str | None
    explanation: Explanation


class MatchList(BaseModel):
    """The newest run of a demand. ``good``: how many listings are good enough; the first of them are explained."""

    run: int
    made_at: datetime
    today: date
    model: str | None
    config_hash: str
    listings: int
    good: int
    removed: dict[str, int]
    matches: list[MatchItem]
    near: list[Explanation]
    nothing: Nothing | None

    @classmethod
    def of(cls, found: StoredRun, rows: tuple[MatchRow, ...]) -> "MatchList":
        return cls(
            run=found.id,
            made_at=found.made_at,
            today=found.run.today,
            model=found.embedder,
            config_hash=found.run.config_hash,
            listings=found.run.listings,
            good=len(found.run.order),
            removed=found.run.removed,
            matches=[
                MatchItem(
                    title=Text.of(row.title),
                    supplier=row.supplier,
                    feedback=row.feedback.verdict if row.feedback else None,
                    explanation=one,
                )
                for one, row in zip(found.run.matches, rows, strict=True)
            ],
            near=list(found.run.near),
            nothing=found.run.nothing,
        )


class FitItem(BaseModel):
    """A demand that fits. Of a blind one there is neither title nor organization."""

    band: str = Field(description="strong or fair")
    demand: str
    blind: bool
    title: Text | None
    organization: str | None
    sectors: list[str]
    modalities: list[str]

    @classmethod
    def of(cls, fit: Fit) -> "FitItem":
        return cls(
            band=fit.band,
            demand=fit.key,
            blind=fit.card is not None,
            title=Text.of(fit.title) if fit.title is not None else None,
            organization=fit.organization,
            sectors=list(fit.card.sectors) if fit.card else [],
            modalities=list(fit.card.modalities) if fit.card else [],
        )


class FitList(BaseModel):
    """Demands by bands. ``looks_left`` null: the day's looks at blind demands are used up."""

    looks_left: int | None
    offered: bool
    demands: list[FitItem]

    @classmethod
    def of(cls, bands: Bands) -> "FitList":
        return cls(looks_left=bands.looks_left, offered=bands.offered, demands=[FitItem.of(fit) for fit in bands.fits])
