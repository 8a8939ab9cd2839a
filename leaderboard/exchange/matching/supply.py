"""The soft factors of a supplier: what makes a demand worth answering. Figures as in `factors`."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from leaderboard.exchange.matching.factors import Factor, Seen
from leaderboard.exchange.matching.scores import UNKNOWN, Figure, known
from leaderboard.exchange.matching.sizing import mean
from leaderboard.terms.listing import Capacity


def _budget(seen: Seen) -> Figure | None:
    """How much of the price the budget pays; not asked where data are free."""
    budget, price = seen.demand.budget, seen.listing.price
    span = price.span if price is not None else None
    if span == (0.0, 0.0):
        return None
    if price is None or span is None or budget is None or budget.high is None or price.currency != budget.currency:
        return UNKNOWN
    paid = [min(1.0, budget.high / end) if end else 1.0 for end in span]
    return Figure(sum(paid) / 2, paid[1], paid[0])


def _volume(seen: Seen) -> Figure | None:
    """How much of what is offered is wanted."""
    shares = []
    for size in seen.demand.sizes:
        amount, wanted = seen.listing.sizes.get(size.unit), size.ideal if size.ideal is not None else size.least
        if amount and wanted is not None:
            shares.append(known(min(1.0, wanted / amount)))
    return mean(shares) if shares else None


def _exclusivity(seen: Seen) -> Figure | None:
    offered = seen.listing.exclusivity
    if offered is None:
        return None
    if offered == "negotiable":
        return known(0.7 if seen.demand.exclusive else 1.0)
    return known(float(seen.demand.exclusive == (offered == "only")))


def _verified(seen: Seen) -> Figure:
    return known(seen.demand.verified / 3)


def _capacity(seen: Seen) -> Figure | None:
    """Whether a service can do the work until the deadline; not asked of data that are there already."""
    if seen.listing.kind == "dataset" or not seen.demand.sizes:
        return None
    free, deadline = seen.listing.capacity, seen.demand.deadline
    if free is None or deadline is None:
        return UNKNOWN
    weeks = max(0, (deadline - seen.today).days) / 7
    return mean([_done(size.unit, size.least or size.ideal, free, weeks) for size in seen.demand.sizes])


def _done(unit: str, wanted: float | None, free: Capacity, weeks: float) -> Figure:
    if unit != free.unit or not wanted:
        return UNKNOWN
    return known(min(1.0, free.weekly * weeks / wanted))


_TABLE: Final = (
    Factor("budget", "Budget for the price", _budget),
    Factor("volume", "Share of the offer that is wanted", _volume, weight=2.0),
    Factor("exclusivity", "Exclusivity", _exclusivity, weight=3.0),
    Factor("verified", "Verified buyer", _verified, weight=3.0),
    Factor("capacity", "Capacity until the deadline", _capacity),
)
SUPPLY_FACTORS: Final[Mapping[str, Factor]] = MappingProxyType({one.key: one for one in _TABLE})
