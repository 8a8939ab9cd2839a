"""From a meeting to a deal: a side that wants to go on shows its interest there; the other side's makes it mutual."""

from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import JiebangError
from leaderboard.core.log import logger
from leaderboard.core.work import Work
from leaderboard.events import bringing
from leaderboard.events.models import MeetingRow, Registration, Side
from leaderboard.exchange.deals import service as deals
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.exchange.matches import service as matches

log = logger("events")


def show_interest(work: Work, actor: Actor, meeting: MeetingRow, side: Side) -> None:
    """Begins the deal of what the two brought to the table, the best match of it, and notes it at the meeting.

    What is no longer listed or open leads to none. Where no deal can be (nothing is left, a demand is hidden from the supplier until
    its owner shows interest) the outcome stands without one.
    """
    pair = _best_pair(work, actor, meeting, side)
    if pair is None:
        return
    demand, listing = pair
    try:
        with work.session.begin_nested():
            deal = deals.begin(work, actor, listing.key, demand_key=demand.key, by=side)
    except JiebangError as error:
        log.info("a meeting led to no deal", meeting=meeting.id, reason=error.id)
        return
    meeting.deal_id = deal.id
    work.session.add(meeting)
    work.session.flush()


def _best_pair(work: Work, actor: Actor, meeting: MeetingRow, side: Side) -> tuple[DemandRow, ListingRow] | None:
    supplier = work.session.get_one(Registration, meeting.supplier_id)
    demander = work.session.get_one(Registration, meeting.demander_id)
    living = bringing.living(work, (supplier, demander))
    sold, sought = living[meeting.supplier_id], living[meeting.demander_id]
    seen = [id for id in sought if side == "demander" or _sees(work, actor, id)]
    if not seen or not sold:
        return None
    scored = matches.scores(work, seen, sold)
    best = max(
        ((id, thing) for id in seen for thing in sold),
        key=lambda pair: (scored.get(pair, 0.0), -pair[0], -pair[1]),
    )
    return work.session.get_one(DemandRow, best[0]), work.session.get_one(ListingRow, best[1])


def _sees(work: Work, actor: Actor, demand_id: int) -> bool:
    return demands.may_see(work, actor, work.session.get(DemandRow, demand_id)) != "none"
