"""What wiring plugs in: the news that deals hear, and their jobs."""

from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import Final, Literal

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from leaderboard.accounts.actor import SYSTEM
from leaderboard.core.sandbox import PlainJob, SandboxJob
from leaderboard.core.signals import Handlers
from leaderboard.core.work import Work
from leaderboard.datasets.signals import FileMeasured
from leaderboard.exchange.deals import deliveries, interest, moves, news, ratings, samples, talks
from leaderboard.exchange.deals.models import Deal, DealStep
from leaderboard.exchange.deals.moves import Outcome
from leaderboard.exchange.deals.states import BEFORE_AGREEMENT
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.demands.signals import DemandChanged
from leaderboard.exchange.listings.signals import ListingChanged, RatingsAsked
from leaderboard.submissions.signals import OwnerAsked

Gone = Literal["listing_gone", "demand_gone"]


def _listing_changed(work: Work, signal: ListingChanged) -> None:
    gone = not interest.is_offered(work, signal.listing_id)
    open_deals = work.session.exec(_open().where(Deal.listing_id == signal.listing_id)).all()
    _tell(work, open_deals, "listing_gone", gone=gone)


def _demand_changed(work: Work, signal: DemandChanged) -> None:
    gone = work.session.get_one(DemandRow, signal.demand_id).state in interest.GONE
    open_deals = work.session.exec(_open().where(Deal.demand_id == signal.demand_id)).all()
    _tell(work, open_deals, "demand_gone", gone=gone)


def _open() -> SelectOfScalar[Deal]:
    return select(Deal).where(col(Deal.state).in_(BEFORE_AGREEMENT)).order_by(col(Deal.id)).with_for_update()


def _tell(work: Work, open_deals: Sequence[Deal], what: Gone, *, gone: bool) -> None:
    """Writes into each deal that what it is about went or came back; once, however often the news is told."""
    back = what.replace("gone", "back")
    side: Literal["supplier", "demander"] = "supplier" if what == "listing_gone" else "demander"
    for deal in open_deals:
        last = select(DealStep.move).where(DealStep.deal_id == deal.id, col(DealStep.move).in_((what, back)))
        known = work.session.exec(last.order_by(col(DealStep.id).desc()).limit(1)).first() == what
        if known != gone:
            move = what if gone else back
            moves.step(work, SYSTEM, deal, side, move, f"{move}:{token_hex(8)}", "", Outcome())


HANDLERS: Final[Handlers] = {
    FileMeasured: (deliveries.measured,),
    ListingChanged: (_listing_changed,),
    DemandChanged: (_demand_changed,),
    OwnerAsked: (talks.owned_by,),
    RatingsAsked: (ratings.asked,),
}

SANDBOX_JOBS: Final[Mapping[str, SandboxJob]] = {samples.SAMPLE_JOB: samples.SampleJob()}

PLAIN_JOBS: Final[Mapping[str, PlainJob]] = {
    news.DIGEST_JOB: news.send_digest,
    samples.EXPIRE_JOB: samples.expire,
    talks.UNUSED_JOB: talks.drop_put_by,
}
