"""What the lists of deals and the page before one show, as frozen objects."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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
from leaderboard.exchange.deals import lookup, ratings, said, service, talks
from leaderboard.exchange.deals.models import Deal
from leaderboard.exchange.deals.states import STATES, Side, State, turn_of
from leaderboard.exchange.demands import facts
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.demands.states import ACTIVE
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.listings.models import ListingRow
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
    """The reader's deals, those that wait for them first: page ``number`` of ``pages``, of ``found`` among ``total``.

    ``state`` and ``turn``: only of one state, only those that wait for somebody; ``states`` and ``turns``: (choice, words, deals
    that it would leave, the other choice kept).
    """

    deals: tuple[DealRow, ...]
    found: int
    total: int
    number: int
    pages: int
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
PAGE_SIZE: Final = 100


def own(work: Work, actor: Actor, state: str = "", turn: str = "", number: int | None = 1) -> ListPage:
    """The deals of the reader's organizations: what waits for them first, then the last moved. ``number`` None: all on one page."""
    every = service.mine(work, actor)
    awaiting = service.awaiting(work, actor, every)
    waits = {deal.id: _waits(work, deal, mine=deal.id in awaiting) for deal in every}
    of_turn = [deal for deal in every if turn in {"", waits[deal.id]}]
    of_state = [deal for deal in every if state in {"", deal.state}]
    by_state, by_turn = Counter(deal.state for deal in of_turn), Counter(waits[deal.id] for deal in of_state)
    found = sorted((deal for deal in of_turn if state in {"", deal.state}), key=lambda deal: deal.id not in awaiting)
    start = 0 if number is None else (number - 1) * PAGE_SIZE
    shown = found if number is None else found[start : start + PAGE_SIZE]
    return ListPage(
        deals=tuple(_rows(work, actor, shown, waits)),
        found=len(found),
        total=len(every),
        number=number or 1,
        pages=1 if number is None else max(1, -(-len(found) // PAGE_SIZE)),
        state=state,
        turn=turn,
        states=tuple((one.value, Phrase(STATES[one]), by_state[one]) for one in State if by_state[one]),
        turns=tuple((one, Phrase(text), by_turn[one]) for one, text in TURNS.items() if by_turn[one]),
        has_organization=bool(actor.organization_ids),
    )


def _waits(work: Work, deal: Deal, *, mine: bool) -> str:
    """For whom a deal waits, a key of `TURNS`."""
    return "mine" if mine else "others" if ratings.turn(work, deal) else "nobody"


def _rows(work: Work, actor: Actor, deals: Sequence[Deal], waits: Mapping[int | None, str]) -> Iterator[DealRow]:
    titles, unread = lookup.titles(work, deals), talks.unread(work, actor, deals)
    units = {unit for deal in deals for unit in (deal.supplier_id, deal.demander_id)}
    known = work.session.exec(select(Organization).where(col(Organization.id).in_(units))).all()
    names = {unit.id: unit.name for unit in known}
    for deal in deals:
        side = lookup.own_side(actor, deal)
        across = names[deal.demander_id if side == "supplier" else deal.supplier_id]
        hidden = side == "supplier" and lookup.hides_demander(deal, side)
        yield _row(
            work,
            deal,
            side,
            title=titles[deal.listing_id],
            across=Phrase(said.BLIND) if hidden else across,
            unread=unread.get(deal.id or 0, 0),
            waits=waits[deal.id],
        )


def _row(work: Work, deal: Deal, side: Side, *, title: Words, across: Phrase | str, unread: int, waits: str) -> DealRow:
    turn, mine = ratings.turn(work, deal), waits == "mine"
    sample = mine and not turn_of(side, turn)
    return DealRow(
        key=deal.key,
        title=title,
        side=side,
        across=across,
        state=deal.state,
        label=Phrase(STATES[deal.state]),
        turn=Phrase(N_("A sample is asked of you")) if sample else said.turn(turn, side),
        mine=mine,
        waits=waits,
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
    own = listings.offers(work, col(ListingRow.organization_id).in_(actor.organization_ids))
    return tuple((one.key, one.title) for one in own)
