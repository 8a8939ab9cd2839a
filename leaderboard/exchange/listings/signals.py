"""What listings tell the rooms above them; they hear through ``wiring``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ListingChanged:
    """What `service.offers` gives has changed for this listing: it came, went, or says something else."""

    listing_id: int
