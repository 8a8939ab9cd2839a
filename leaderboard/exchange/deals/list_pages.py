"""What the lists of deals and the page before one show, as frozen objects."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.core.errors import Malformed
from leaderboard.core.i18n import N_, translate
from leaderboard.core.work import Work
from leaderboard.exchange.deals import (
    lookup,
    news,
    ratings,
    said,
    service,
)
from leaderboard.exchange.deals.models import (
    Deal,
)
from leaderboard.exchange.deals.states import STATES, Side, State, turn_of
from leaderboard.exchange.demands import facts
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.demands.states import ACTIVE
from leaderboard.exchange.listings import service as listings
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.ui.forms import Form


@dataclass(frozen=True)
class DealRow:
    """A deal in a list. ``across``: the other organization, a phrase where its name is not to be known yet; ``waits``: a key of
    `TURNS`.
    """

    key: str
    title: Words
    side: Side
    across: Phrase | str
    state: State
    label: Phrase
    turn: Phrase
    mine: bool
    waits: str
    unread: int
    moved_at: datetime


@dataclass(frozen=True)
class ListPage:
    """The reader's deals, those that wait for them first. ``state`` and ``turn``: only of one state, only those that wait for
    somebody; ``states`` and ``turns``: (choice, words, deals that it would leave, the other choice kept).
    """

    deals: tuple[DealRow, ...]
    total: int
    state: str
    turn: str
    states: tuple[tuple[str, Phrase, int], ...]
    turns: tuple[tuple[str, Phrase, int], ...]
    has_organization: bool


@dataclass(frozen=True)
class BeginPage:
    """Before interest is shown. ``units``: (id, name) among which a demander chooses; ``demands``: (key, title) of theirs;
    ``listings``: those of a supplier, who without any can show none.
    """

    form: Form
    listing: str
    title: Words
    supplier: str
    by: Side
    demand: str
    blind: bool
    units: tuple[tuple[str, str], ...]
    demands: tuple[tuple[str, Words], ...]
    listings: tuple[tuple[str, Words], ...]


TURNS: Final[Mapping[str, str]] = MappingProxyType(
    {"mine": N_("Waiting for you"), "others": N_("Waiting for others"), "nobody": N_("Nothing is awaited")}
)
"""Choices of whose turn it is."""


def own(work: Work, actor: Actor, state: str = "", turn: str = "") -> ListPage:
    """The deals of the reader's organizations: what waits for them first, then the last moved."""
    every = service.mine(work, actor)
    unread, awaiting = news.unread(work, actor, every), service.awaiting(work, actor, every)
    rows = [_row(work, actor, deal, unread.get(deal.id or 0, 0), mine=deal.id in awaiting) for deal in every]
    rows.sort(key=lambda row: (not row.mine, -row.moved_at.timestamp()))
    of_turn = [row for row in rows if turn in {"", row.waits}]
    of_state = [row for row in rows if state in {"", row.state}]
    by_state, by_turn = Counter(row.state for row in of_turn), Counter(row.waits for row in of_state)
    return ListPage(
        deals=tuple(row for row in of_turn if row in of_state),
        total=len(rows),
        state=state,
        turn=turn,
        states=tuple((one.value, Phrase(STATES[one]), by_state[one]) for one in State if by_state[one]),
        turns=tuple((one, Phrase(text), by_turn[one]) for one, text in TURNS.items() if by_turn[one]),
        has_organization=bool(actor.organization_ids),
    )


def _row(work: Work, actor: Actor, deal: Deal, unread: int, *, mine: bool) -> DealRow:
    side = lookup.own_side(actor, deal)
    across: Side = "demander" if side == "supplier" else "supplier"
    turn = ratings.turn(work, deal)
    sample = mine and not turn_of(side, turn)
    return DealRow(
        key=deal.key,
        title=lookup.title(work, deal),
        side=side,
        across=lookup.name_of(work, deal, across, side) or Phrase(said.BLIND),
        state=deal.state,
        label=Phrase(STATES[deal.state]),
        turn=Phrase(N_("A sample is asked of you")) if sample else said.turn(turn, side),
        mine=mine,
        waits="mine" if mine else "others" if turn else "nobody",
        unread=unread,
        moved_at=deal.moved_at,
    )


def table(page: ListPage, locale: str) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """The list as a table for a spreadsheet."""
    header = [
        N_("Deal"),
        N_("Listing"),
        N_("My side"),
        N_("Other side"),
        N_("State"),
        N_("Whose turn"),
        N_("Last change"),
    ]
    rows = [
        (
            row.key,
            row.title.said(locale),
            translate(locale, said.SIDES[row.side]),
            facts.said(row.across, locale),
            row.label.said(locale),
            row.turn.said(locale),
            row.moved_at,
        )
        for row in page.deals
    ]
    return [translate(locale, name) for name in header], rows


def begin(work: Work, actor: Actor, listing_key: str, demand_key: str, by: Side, form: Form | None = None) -> BeginPage:
    """What showing interest would mean. Raises Malformed (no listing), NotFound, Gone, SignInNeeded."""
    actor.demand("deal.start")
    own_listings = _own_listings(work, actor) if by == "supplier" else ()
    key = listing_key or (own_listings[0][0] if own_listings else "")
    if by == "supplier" and not own_listings:
        nothing = Words("", "")
        return BeginPage(
            form or Form(), "", nothing, "", by, demand_key, blind=False, units=(), demands=(), listings=()
        )
    if not key:
        raise Malformed("deals.no_listing", N_("Choose a listing first, and show your interest on its page."))
    row = listings.shown(work, actor, key)
    version = listings.current_version(work, row)
    units = work.session.exec(
        select(Organization).where(col(Organization.id).in_(actor.organization_ids)).order_by(col(Organization.name))
    ).all()
    return BeginPage(
        form=form or Form(),
        listing=key,
        title=Words(version.title_en, version.title_zh),
        supplier=work.session.get_one(Organization, row.organization_id).name,
        by=by,
        demand=demand_key,
        blind=any(one.visibility == "blind" for one in _own_demands(work, actor)),
        units=tuple((str(unit.id), unit.name) for unit in units if unit.id != row.organization_id),
        demands=tuple((one.key, demands.need_of(work, one).title) for one in _own_demands(work, actor)),
        listings=own_listings,
    )


def _own_demands(work: Work, actor: Actor) -> Sequence[DemandRow]:
    query = select(DemandRow).where(
        col(DemandRow.organization_id).in_(actor.organization_ids), col(DemandRow.state).in_(ACTIVE)
    )
    return work.session.exec(query.order_by(col(DemandRow.id).desc())).all()


def _own_listings(work: Work, actor: Actor) -> tuple[tuple[str, Words], ...]:
    return tuple((one.key, one.title) for one in listings.offers(work) if one.organization_id in actor.organization_ids)
