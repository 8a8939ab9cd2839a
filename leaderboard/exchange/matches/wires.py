"""What wiring plugs in: the news that matches hear, and their jobs."""

from collections.abc import Mapping
from typing import Final

from leaderboard.core.sandbox import PlainJob
from leaderboard.core.signals import Handlers
from leaderboard.core.work import Work
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.demands.signals import DemandChanged
from leaderboard.exchange.demands.states import ACTIVE
from leaderboard.exchange.listings.signals import ListingChanged
from leaderboard.exchange.matches import digests, index, jobs
from leaderboard.exchange.matches.signals import MatchesChanged
from leaderboard.submissions.signals import WorkerStarted


def _listing_changed(work: Work, signal: ListingChanged) -> None:
    index.note(work, signal.listing_id)
    jobs.ask_for_listing(work, signal.listing_id)
    digests.schedule(work)


def _demand_changed(work: Work, signal: DemandChanged) -> None:
    if work.session.get_one(DemandRow, signal.demand_id).state in ACTIVE:
        jobs.ask(work, signal.demand_id)
        digests.schedule(work)


def _matches_changed(work: Work, signal: MatchesChanged) -> None:
    del signal
    digests.schedule(work)


def _worker_started(work: Work, signal: WorkerStarted) -> None:
    del signal
    jobs.ask_for_look(work)


HANDLERS: Final[Handlers] = {
    WorkerStarted: (_worker_started,),
    ListingChanged: (_listing_changed,),
    DemandChanged: (_demand_changed,),
    MatchesChanged: (_matches_changed,),
}

PLAIN_JOBS: Final[Mapping[str, PlainJob]] = {
    jobs.DEMAND_JOB: jobs.match_demand,
    jobs.LISTING_JOB: jobs.match_listing,
    jobs.READING_JOB: jobs.read_listings,
    jobs.UNREAD_JOB: jobs.look_for_unread,
    digests.JOB: digests.send,
}
