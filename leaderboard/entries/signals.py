"""What entries tells and asks the rooms above it."""

from dataclasses import dataclass

from leaderboard.seasons.signals import Phrase


@dataclass(frozen=True, slots=True)
class EntryMade:
    entry_id: int
    challenge_id: int


@dataclass(frozen=True, slots=True)
class EntryWithdrawn:
    entry_id: int
    challenge_id: int


@dataclass(frozen=True, slots=True)
class TeamRenamed:
    team_id: int


@dataclass(frozen=True, slots=True)
class WithdrawalAsked:
    """May the entry go as if it had never been? Hearers append why not (such as: something was handed in)."""

    entry_id: int
    objections: list[Phrase]
