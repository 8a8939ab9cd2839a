"""A run: one demand against all listings, reproducible from what it was given and nothing else."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from heapq import nsmallest
from itertools import pairwise
from typing import Annotated, Final, Literal, NamedTuple

from pydantic import Field, JsonValue

from challenges.strict import Strict
from leaderboard.exchange.matching.changes import Change, relaxation
from leaderboard.exchange.matching.config import USUAL, Config, hashed
from leaderboard.exchange.matching.constraints import CONSTRAINTS, FLOOR_VERSION, MENDABLE
from leaderboard.exchange.matching.evaluation import MANY, Asked, asked, evaluated
from leaderboard.exchange.matching.explanation import Explanation, explained
from leaderboard.exchange.matching.factors import FACTORS
from leaderboard.exchange.matching.ranking import Candidate, Ranking
from leaderboard.exchange.matching.supply import SUPPLY_FACTORS
from leaderboard.terms.demand import Demand
from leaderboard.terms.listing import Listing

FORMAT: Final = "jiebang-match/1"
VERSIONS: Final[Mapping[str, int]] = {
    **{f"constraint.{key}": one.version for key, one in CONSTRAINTS.items()},
    "constraint.floor": FLOOR_VERSION,
    **{f"demand.{key}": one.version for key, one in FACTORS.items()},
    **{f"supply.{key}": one.version for key, one in SUPPLY_FACTORS.items()},
}


class Relaxation(Strict):
    """What the demand could ask less. With `change`, `matches` listings would be good enough, the best placed by `best`."""

    id: str
    params: dict[str, JsonValue]
    change: Change
    matches: int
    best: float

    @property
    def of_demand(self) -> bool:
        """Whether the demand says otherwise by itself; how far its organization is verified is not its to say."""
        return "verified" not in self.change.facts


class Nothing(Strict):
    """Nothing is good enough: why (a message id), and what the demand could change about it, most matches first."""

    id: str
    params: dict[str, JsonValue]
    relaxations: tuple[Relaxation, ...]


class Run(Strict):
    """What came of it. `order` holds the keys of all listings good enough, best first; the first of them are explained in
    `matches`. `removed` counts removed listings by the first constraint they failed. `near` are listings that one change
    would bring in.
    """

    format: Literal["jiebang-match/1"] = FORMAT
    demand: str
    demand_version: str
    today: date
    config: Config
    config_hash: str
    versions: dict[str, int]
    listings: Annotated[int, Field(ge=0)]
    order: tuple[str, ...]
    matches: tuple[Explanation, ...]
    near: tuple[Explanation, ...]
    removed: dict[str, int]
    nothing: Nothing | None


class _Outcome(NamedTuple):
    """What is kept of an evaluation. Keeping all of it for each of many listings would cost more than making it twice."""

    listing: Listing
    failed: tuple[str, ...]
    value: float
    placing: float

    @property
    def could_do(self) -> bool:
        """Whether it passes, or would with other terms."""
        return not self.failed or (len(self.failed) < MANY and self.failed[0] in MENDABLE)


class _Looked(NamedTuple):
    ask: Asked
    found: tuple[_Outcome, ...]
    ranking: Ranking

    @property
    def passing(self) -> list[_Outcome]:
        return [one for one in self.found if not one.failed]


def run(
    demand: Demand,
    listings: Iterable[Listing],
    relevance: Mapping[str, float | None],
    *,
    today: date,
    config: Config = USUAL,
) -> Run:
    """Match `demand` with `listings` as of `today`. The order in which listings come does not matter.

    relevance   by key of listing, how well the texts fit, in [0, 1]; absent or None: not compared

    Raises ValueError if two listings have one key.
    """
    held = sorted(listings, key=lambda one: one.key)
    twice = [first.key for first, second in pairwise(held) if first.key == second.key]
    if twice:
        raise ValueError(f"two listings have one key: {', '.join(twice[:5])}")
    looked = _look(demand, held, relevance, today, config)
    order = looked.ranking.order
    return Run(
        demand=demand.key,
        demand_version=demand.version,
        today=today,
        config=config,
        config_hash=hashed(config, dict(VERSIONS)),
        versions=dict(VERSIONS),
        listings=len(held),
        order=order,
        matches=_matches(looked, relevance),
        near=_near(looked, relevance),
        removed=dict(sorted(Counter(one.failed[0] for one in looked.found if one.failed).items())),
        nothing=None if order else _nothing(looked, relevance),
    )


def parse(data: str | bytes) -> Run:
    """The run in `data`, which is its `model_dump_json()`. Raises ValueError for anything else."""
    return Run.model_validate_json(data)


def _look(
    demand: Demand, listings: Iterable[Listing], relevance: Mapping[str, float | None], today: date, config: Config
) -> _Looked:
    ask = asked(demand, today, config)
    found = tuple(_outcome(ask, listing, relevance.get(listing.key)) for listing in listings)
    candidates = (Candidate(one.listing.key, one.listing.supplier, one.placing) for one in found if not one.failed)
    return _Looked(ask, found, Ranking(candidates, config))


def _outcome(ask: Asked, listing: Listing, relevance: float | None) -> _Outcome:
    one = evaluated(ask, listing, relevance)
    failed = tuple(judged.key for judged in one.failed)
    if one.scores is None:
        return _Outcome(listing, failed, 0.0, 0.0)
    return _Outcome(listing, failed, one.scores.joint.value, one.scores.placing)


def _explained(looked: _Looked, listing: Listing, relevance: float | None, rank: int | None) -> Explanation:
    return explained(looked.ask, evaluated(looked.ask, listing, relevance), relevance, looked.ranking, rank)


def _matches(looked: _Looked, relevance: Mapping[str, float | None]) -> tuple[Explanation, ...]:
    shown = looked.ranking.order[: looked.ask.config.shown]
    by_key = {one.listing.key: one.listing for one in looked.found}
    return tuple(_explained(looked, by_key[key], relevance.get(key), rank) for rank, key in enumerate(shown, 1))


def _near(looked: _Looked, relevance: Mapping[str, float | None]) -> tuple[Explanation, ...]:
    """The best of those that are not placed and that one change would place. A few times as many are tried as are shown."""
    config, placed = looked.ask.config, set(looked.ranking.order)
    outside = [one for one in looked.found if one.could_do and one.listing.key not in placed]
    tried = nsmallest(3 * config.near, outside, key=lambda one: (-one.value, one.listing.key))
    near = [_explained(looked, one.listing, relevance.get(one.listing.key), None) for one in tried]
    promising = [one for one in near if one.counterfactuals]
    return tuple(sorted(promising, key=lambda one: (one.counterfactuals[0].rank, one.listing))[: config.near])


def _nothing(looked: _Looked, relevance: Mapping[str, float | None]) -> Nothing:
    failed = Counter(one.failed[0] for one in looked.found if len(one.failed) == 1)
    weak = [one.placing for one in looked.passing]
    id = "match.nothing_offered" if not looked.found else "match.nothing_passes" if not weak else "match.nothing_good"
    params: dict[str, JsonValue] = {"listings": len(looked.found), "floor": looked.ask.config.floor}
    if weak:
        params["best"] = max(weak)
    commonest = sorted(failed, key=lambda key: (-failed[key], key))
    tried = [key for key in commonest if relaxation(looked.ask.demand, key) is not None]
    relaxed = [one for key in tried[: looked.ask.config.relaxations] for one in _relaxed(looked, key, relevance)]
    return Nothing(id=id, params=params, relaxations=tuple(sorted(relaxed, key=lambda one: (-one.matches, one.id))))


def _relaxed(looked: _Looked, key: str, relevance: Mapping[str, float | None]) -> Iterator[Relaxation]:
    """What it brings to give up constraint `key`: only listings that fail nothing else can come in."""
    proposal = relaxation(looked.ask.demand, key)
    if proposal is None:
        return
    remaining = [one.listing for one in looked.found if set(one.failed) <= {key}]
    demand = proposal.change.apply(looked.ask.demand)
    again = _look(demand, remaining, relevance, looked.ask.today, looked.ask.config)
    if again.ranking.order:
        best = max(one.placing for one in again.passing)
        yield Relaxation(
            id=proposal.id,
            params=proposal.params,
            change=proposal.change,
            matches=len(again.ranking.order),
            best=best,
        )
