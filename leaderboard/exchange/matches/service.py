"""What other rooms ask of matches."""

from collections.abc import Collection

from sqlalchemy import select
from sqlmodel import col

from leaderboard.accounts.actor import Actor
from leaderboard.core.work import Work
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.matches import index, runs, supplier
from leaderboard.exchange.matches.models import Match, MatchRun
from leaderboard.exchange.matches.runs import StoredRun
from leaderboard.exchange.matches.supplier import Bands


def run_for(work: Work, actor: Actor, demand_key: str) -> MatchRun:
    """Matches a demand at once and keeps the run; pages ask for a job instead. Raises NotFound."""
    row = demands.demand_for(work, actor, demand_key, "match.judge", lock=True)
    return runs.keep(work, runs.make(demands.need_of(work, row), index.refresh(work), runs.day_of(work)))


def replay(work: Work, run_id: int) -> bool:
    """Whether a run comes out the same once more, to the last bit, from nothing but what was kept of it."""
    return runs.replay(work, run_id)


def latest(work: Work, demand_id: int) -> StoredRun | None:
    """The run that holds for a demand; None: it has not been matched yet."""
    return runs.latest(work, demand_id)


def scores(work: Work, demand_ids: Collection[int], listing_ids: Collection[int]) -> dict[tuple[int, int], float]:
    """(demand, listing) → the number it is placed by, in [0, 1], in the runs that hold; pairs that are no match are absent."""
    rows = select(col(Match.demand_id), col(Match.listing_id), col(Match.placing)).where(
        col(Match.demand_id).in_(demand_ids), col(Match.listing_id).in_(listing_ids)
    )
    return {(demand_id, listing_id): placing for demand_id, listing_id, placing in work.session.execute(rows)}


def bands_for_supplier(work: Work, actor: Actor, listing_key: str) -> Bands:
    """The demands that the actor's listing fits, by bands only; counts as a look at blind ones. Raises NotFound."""
    supplier.take_look(work, actor, listing_key)
    return supplier.bands(work, actor, listing_key)
