"""What demands tell the rooms above them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DemandChanged:
    """What `service.needs` gives for this demand has changed: its words, its state, or who may see it."""

    demand_id: int
