"""Deals as numbers for everybody: how many came how far, by sector and month, with small counts kept back."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from leaderboard.core.work import Work
from leaderboard.exchange.deals.models import Deal, DealStep
from leaderboard.exchange.deals.states import PATH, State

CROWD: Final = 3
"""A count of a sector or a month is shown only when it is of so many deals at least."""


Key = TypeVar("Key", str, date)


@dataclass(frozen=True, slots=True)
class Figures:
    """``reached``: deals that came so far or further on the straight way, of all begun; ``ended`` without a deal.

    ``by_sector`` and ``by_month`` (first day of the month in which they were begun) → (begun, agreed); None where fewer than
    `CROWD` were begun, and for agreed where that would tell of fewer than `CROWD`.
    """

    begun: int
    ended: int
    reached: dict[State, int]
    by_sector: dict[str, tuple[int | None, int | None]]
    by_month: dict[date, tuple[int | None, int | None]]


def figures(work: Work, *, sector: str = "", since: date | None = None, until: date | None = None) -> Figures:
    """Counts over all deals, or those of a sector, or begun in a period (both days included). No names, no keys."""
    zone = ZoneInfo(work.settings.zone)
    far: dict[int, State] = {}
    steps = select(DealStep.deal_id, DealStep.after).order_by(col(DealStep.id))
    for deal_id, after in work.session.exec(steps):
        far[deal_id] = max(far.get(deal_id, State.INTEREST), _placed(after), key=PATH.index)
    begun = []
    for deal in work.session.exec(select(Deal).order_by(col(Deal.id))):
        day = deal.created_at.astimezone(zone).date()
        if (
            (not sector or deal.sector == sector)
            and (since is None or since <= day)
            and (until is None or day <= until)
        ):
            begun.append((deal, day.replace(day=1), far.get(deal.id or 0, State.INTEREST)))
    return Figures(
        begun=len(begun),
        ended=sum(deal.state == State.TERMINATED for deal, _, _ in begun),
        reached={state: sum(PATH.index(end) >= PATH.index(state) for _, _, end in begun) for state in PATH},
        by_sector=_kept_back([(deal.sector, end) for deal, _, end in begun if deal.sector]),
        by_month=_kept_back([(month, end) for _, month, end in begun]),
    )


def _placed(after: str) -> State:
    """A state on the straight way: a rejected delivery was one, an end without a deal says nothing of how far it came."""
    state = State(after)
    return State.DELIVERING if state == State.REJECTED else State.INTEREST if state == State.TERMINATED else state


def _kept_back(ends: list[tuple[Key, State]]) -> dict[Key, tuple[int | None, int | None]]:
    begun = Counter(key for key, _ in ends)
    agreed = Counter(key for key, end in ends if PATH.index(end) >= PATH.index(State.AGREED))
    return {key: (_known(begun[key]), None if begun[key] < CROWD else _known(agreed[key])) for key in sorted(begun)}


def _known(count: int) -> int | None:
    return count if count == 0 or count >= CROWD else None
