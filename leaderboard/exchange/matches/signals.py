"""What matches tell the rooms above them; they hear through ``wiring``."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MatchesChanged:
    """A new run of this demand is the one that holds."""

    demand_id: int
    run_id: int
