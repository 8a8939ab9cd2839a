"""One demand against one listing: verdicts, figures and the scores made of them."""

from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple

from leaderboard.exchange.matching import constraints, factors, supply
from leaderboard.exchange.matching.config import Config
from leaderboard.exchange.matching.constraints import Judged
from leaderboard.exchange.matching.factors import Factor, Seen
from leaderboard.exchange.matching.scores import Figure, Joined, Term, joined, weighed
from leaderboard.terms.demand import Demand
from leaderboard.terms.listing import Listing

MANY: Final = 2
"""Failed constraints after which the rest is not looked at: no single change brings the listing in."""

Part = tuple[Factor, float, Figure]


class Asked(NamedTuple):
    """The demand side of many evaluations, made once."""

    demand: Demand
    today: date
    config: Config
    weights: tuple[tuple[Factor, float], ...]
    supply_weights: tuple[tuple[Factor, float], ...]


class Evaluated(NamedTuple):
    """Verdicts that are not passed, the figures with their weights, and the scores: None where no single change of terms would
    bring the listing in.
    """

    listing: Listing
    failed: tuple[Judged, ...]
    open: tuple[Judged, ...]
    parts: tuple[Part, ...]
    supply_parts: tuple[Part, ...]
    scores: Joined | None


def asked(demand: Demand, today: date, config: Config) -> Asked:
    """`demand` with the weights that count: a factor of weight 0 does not take part."""
    weights = ((one, demand.weights.get(one.key, one.weight)) for one in factors.FACTORS.values())
    others = ((one, config.supply_weights.get(one.key, one.weight)) for one in supply.SUPPLY_FACTORS.values())
    return Asked(
        demand,
        today,
        config,
        tuple(pair for pair in weights if pair[1] > 0),
        tuple(pair for pair in others if pair[1] > 0),
    )


def evaluated(ask: Asked, listing: Listing, relevance: float | None) -> Evaluated:
    """Everything about one listing; deterministic, and of no other listing."""
    failed: list[Judged] = []
    unknown: list[Judged] = []
    for one in constraints.judged(ask.demand, listing, ask.today, ask.config.stale_days):
        if one.verdict == "fail":
            failed.append(one)
            if len(failed) == MANY or one.key == "kind":
                return Evaluated(listing, tuple(failed), (), (), (), None)
        elif one.verdict == "unknown":
            unknown.append(one)
    if failed and failed[0].key not in constraints.MENDABLE:
        return Evaluated(listing, tuple(failed), tuple(unknown), (), (), None)
    seen = factors.seen(ask.demand, listing, relevance, ask.today, ask.config.stale_days)
    parts = _figures(ask.weights, seen)
    supply_parts = _figures(ask.supply_weights, seen)
    scores = joined(
        weighed(terms_of(parts)),
        weighed(terms_of(supply_parts)),
        is_open=bool(unknown),
        caution=ask.config.caution,
    )
    return Evaluated(listing, tuple(failed), tuple(unknown), parts, supply_parts, scores)


def terms_of(parts: Iterable[Part]) -> list[Term]:
    """The parts of one side as terms of its score."""
    return [Term(weight, figure, one.multiplies) for one, weight, figure in parts]


def _figures(weights: tuple[tuple[Factor, float], ...], seen: Seen) -> tuple[Part, ...]:
    return tuple((one, weight, figure) for one, weight in weights if (figure := one.figure(seen)) is not None)
