"""What this room tells the rooms above."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccountClosed:
    """The person can no longer sign in; ``erased``: by their own wish, and their name and address are gone."""

    person_id: int
    erased: bool
