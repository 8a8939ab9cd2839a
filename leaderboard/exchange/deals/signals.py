"""What deals tell the rooms above them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DealMoved:
    """A deal came into this state (a value of `states.State`)."""

    deal_id: int
    state: str
