"""How much a side may keep in one deal, and an organization in all of its deals: limits of the installation, not of the law.

What was dropped counts no more: files that no move named in time, and what samples were drawn from when these are over.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_
from sqlmodel import col, select

from leaderboard.accounts.locks import alone
from leaderboard.core.errors import Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.deals import lookup
from leaderboard.exchange.deals.models import Deal, DealFile, DealStep
from leaderboard.exchange.deals.states import Side
from leaderboard.exchange.demands.facts import Amount

MOST_FILES: Final = 200
"""Files of one side in one deal."""
MOST_MOVES: Final = 2_000
"""After so many moves in a deal a side makes no more of the `UNASKED` ones: no more messages and questions."""
UNASKED: Final = frozenset({"write", "ask_sample", "withdraw_request", "withdraw_offer"})
"""Moves that one side can make on and on without the other. A sample can be denied and taken back, and an auditor named, always."""
_MEGA: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes that one side has put into a deal and its organization into all, and how many each may be at most."""

    used: int
    most: int
    unit_used: int
    unit_most: int

    @property
    def left(self) -> int:
        """Bytes of a file that still fits."""
        return max(0, min(self.most - self.used, self.unit_most - self.unit_used))


def room(work: Work, deal: Deal, side: Side) -> Room:
    """What a side has used, and what it may."""
    unit = lookup.unit_of(deal, side)
    columns: dict[Side, ColumnElement[bool]] = {
        "supplier": col(Deal.supplier_id) == unit,
        "demander": col(Deal.demander_id) == unit,
        "auditor": col(Deal.auditor_id) == unit,
    }
    theirs = or_(*(and_(col(DealFile.side) == one, mine) for one, mine in columns.items()))
    here = func.coalesce(func.sum(DealFile.size), 0)
    everywhere = select(here).join(Deal, col(Deal.id) == col(DealFile.deal_id)).where(theirs)
    return Room(
        used=int(work.session.exec(select(here).where(DealFile.deal_id == deal.id, DealFile.side == side)).one()),
        most=work.settings.deal_files_mb * _MEGA,
        unit_used=int(work.session.exec(everywhere).one()),
        unit_most=work.settings.organization_files_mb * _MEGA,
    )


def demand_room(work: Work, deal: Deal, side: Side, size: int) -> None:
    """Raises Refused where a file of so many bytes does not fit any more; says what is used and what is left."""
    found = room(work, deal, side)
    if size <= found.left:
        return
    if size > found.most - found.used:
        raise Refused(
            "deals.deal_full",
            N_("The file does not fit: your side keeps {used} of {most} MB in this deal, {left} MB are left."),
            used=_megabytes(found.used),
            most=_megabytes(found.most),
            left=_megabytes(max(0, found.most - found.used)),
        )
    raise Refused(
        "deals.organization_full",
        N_("The file does not fit: your organization keeps {used} of {most} MB in its deals, {left} MB are left."),
        used=_megabytes(found.unit_used),
        most=_megabytes(found.unit_most),
        left=_megabytes(found.left),
    )


def _megabytes(bytes: int) -> Amount:
    """Rounded down to a tenth, so that nothing is promised that does not fit."""
    return Amount(bytes * 10 // _MEGA / 10)


def take_room(work: Work, deal: Deal, side: Side, size: int) -> None:
    """`demand_room` for good: in a locked deal, and one file after the other of an organization."""
    alone(work.session, f"deal files of {lookup.unit_of(deal, side)}")
    query = select(func.count()).select_from(DealFile).where(DealFile.deal_id == deal.id, DealFile.side == side)
    if work.session.exec(query).one() >= MOST_FILES:
        raise Refused(
            "deals.many_files",
            N_("Your side has put {count} files into this deal; no more are taken."),
            count=MOST_FILES,
        )
    demand_room(work, deal, side, size)


def demand_patience(work: Work, deal: Deal, side: Side) -> None:
    """Raises Refused to a side that has said more than any talks need."""
    query = select(func.count()).select_from(DealStep).where(DealStep.deal_id == deal.id, DealStep.side == side)
    if work.session.exec(query).one() >= MOST_MOVES:
        raise Refused(
            "deals.many_moves",
            N_("Your side has written and asked {count} times in this deal; only its next steps are taken now."),
            count=MOST_MOVES,
        )
