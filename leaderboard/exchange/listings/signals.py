"""What listings tell and ask the rooms above them; they hear through ``wiring``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListingChanged:
    """What `service.offers` gives has changed for this listing: it came, went, or says something else."""

    listing_id: int


@dataclass(frozen=True, slots=True)
class Rating:
    """What others say of an organization: how many, and a mean of 1 to 5 that few ratings move little."""

    count: int
    value: float


@dataclass(frozen=True, slots=True)
class RatingsAsked:
    """What do others say of these organizations? The hearer fills ``found``; who was never rated is left out."""

    organization_ids: frozenset[int]
    found: dict[int, Rating]
