"""One offer as lists of the exchange show and sift it, and as the words by which it is compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Final

from challenges.facets import MODALITIES, SECTORS, TASKS
from leaderboard.core.i18n import LOCALES, translate
from leaderboard.exchange.demands.service import Need
from leaderboard.exchange.listings.service import Offer
from leaderboard.exchange.relevance import Text
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.terms.listing import Graded
from leaderboard.terms.regions import canonical
from leaderboard.terms.words import ACTIONS, GRADES, KINDS

UNMEASURED: Final = "none"
"""What the facet of grades calls an offer whose very version has not been measured."""
_WORST: Final = len(GRADES)


@dataclass(frozen=True, slots=True)
class Card:
    """One offer in a list. ``supplier``: the address (slug) of its organization; ``grade`` None: this version has not been
    measured; ``actions``: what its terms let users do.
    """

    listing_id: int
    key: str
    title: Words
    summary: Words
    organization: str
    organization_id: int
    supplier: str
    kind: str
    sector: str
    modalities: tuple[str, ...]
    deliveries: tuple[str, ...]
    price: str
    low: float | None
    high: float | None
    currency: str
    regions: tuple[str, ...]
    actions: tuple[str, ...]
    licence: str
    security: str
    sizes: Mapping[str, float]
    grade: Graded | None
    certified_until: date | None
    updated: date | None
    listed_at: datetime

    @classmethod
    def of(cls, offer: Offer) -> "Card":
        said, price = offer.document, offer.document.price
        fresh = said.fresh_evidence
        certificates = [one.certificate.valid_until for one in fresh if one.certificate is not None]
        return cls(
            listing_id=offer.listing_id,
            key=offer.key,
            title=offer.title,
            summary=offer.summary,
            organization=offer.organization,
            organization_id=offer.organization_id,
            supplier=said.supplier,
            kind=said.kind,
            sector=said.sector or "",
            modalities=said.modalities,
            deliveries=said.deliveries,
            price=price.model if price else "",
            low=price.low if price else None,
            high=price.high if price else None,
            currency=price.currency if price else "",
            regions=said.regions,
            actions=tuple(
                one
                for one in ACTIONS
                if said.policy.permission(one) is not None and said.policy.prohibition(one) is None
            ),
            licence=said.policy.licence or "",
            security=said.security or "",
            sizes=MappingProxyType(dict(said.sizes)),
            grade=next((one.grade for one in fresh if one.grade is not None), None),
            certified_until=max(certificates, default=None),
            updated=said.newest_record,
            listed_at=offer.listed_at,
        )

    @property
    def tags(self) -> tuple[Phrase, ...]:
        names = (KINDS.get(self.kind), SECTORS.get(self.sector), *(MODALITIES.get(one) for one in self.modalities))
        return tuple(Phrase(name) for name in names if name)

    @property
    def places(self) -> tuple[str, ...]:
        """Its regions, and the countries that hold them."""
        return tuple(dict.fromkeys(code for region in self.regions for code in (canonical(region), region[:2])))

    @property
    def by_quality(self) -> tuple[int, int, float]:
        """Best first: by the lower end of the grade's interval, then by the grade; what was not measured comes last."""
        newest = -self.listed_at.timestamp()
        if self.grade is None:
            return (_WORST, _WORST, newest)
        return (_WORST - 1 - GRADES.index(self.grade.low), _WORST - 1 - GRADES.index(self.grade.value), newest)

    @property
    def by_freshness(self) -> tuple[int, float]:
        """Newest record first, then newest listing; where no day is said, the day of the listing counts."""
        return (-(self.updated or self.listed_at.date()).toordinal(), -self.listed_at.timestamp())


def texts_of(offer: Offer) -> list[Text]:
    """The descriptions of an offer, one for each language that it is written in; its fields are in both."""
    said = offer.document
    found = []
    for locale in LOCALES:
        title, summary = (getattr(words, locale) for words in (offer.title, offer.summary))
        if not title and not summary:
            continue
        found.append(
            Text(
                key=offer.key,
                language=locale,
                title=title,
                task=translate(locale, TASKS[said.task]) if said.task else "",
                modality=", ".join(translate(locale, MODALITIES[one]) for one in said.modalities),
                sector=translate(locale, SECTORS[said.sector]) if said.sector else "",
                summary=summary,
                fields=tuple(field.name for field in said.fields),
            )
        )
    return found


def texts_of_need(need: Need) -> list[Text]:
    """What a demand is looked for with: one text for each language that it is written in."""
    asked = need.document
    found = []
    for locale in LOCALES:
        title, text = (getattr(words, locale) for words in (need.title, need.text))
        if not title and not text:
            continue
        found.append(
            Text(
                key=need.key,
                language=locale,
                title=title,
                task=translate(locale, TASKS[asked.task]) if asked.task else "",
                modality=", ".join(translate(locale, MODALITIES[one]) for one in asked.modalities),
                sector=", ".join(translate(locale, SECTORS[one]) for one in asked.sectors),
                summary=text,
                fields=tuple(field.name for field in asked.fields),
            )
        )
    return found
