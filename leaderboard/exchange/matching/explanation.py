"""Why a listing has its place: every number that the score is made of, what is open, and what would change it.

Message ids and params only. `recomputed` makes the score again out of nothing but an explanation, to the last bit.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from pydantic import Field, JsonValue

from challenges.strict import Strict
from leaderboard.exchange.matching import constraints, factors
from leaderboard.exchange.matching.changes import Change, Proposal, remedy
from leaderboard.exchange.matching.evaluation import Asked, Evaluated, Part, evaluated, terms_of
from leaderboard.exchange.matching.improvements import improvements
from leaderboard.exchange.matching.ranking import Candidate, Ranking
from leaderboard.exchange.matching.scores import Figure, Scores, Term, contributions, joined, weighed
from leaderboard.terms.allowing import Verdict
from leaderboard.terms.listing import Listing


class FactorShown(Strict):
    """One factor: how well it fits, what it weighs, and what it adds to the score of its side (0 while it is unknown), or takes
    away from it where it `multiplies`.

    `evidence` is the key of the measuring run behind it.
    """

    side: Literal["demand", "supply"]
    factor: str
    version: int
    weight: float
    value: float | None
    low: float
    high: float
    contribution: float
    multiplies: bool = False
    evidence: str | None = None


class VerdictShown(Strict):
    """The answer of one hard constraint."""

    constraint: str
    verdict: Verdict
    reason: str
    params: dict[str, JsonValue]


class Question(Strict):
    """What the supplier could say. `change` is the welcome answer; with it the listing would be placed by `placing`, which is
    `worth` more than now.
    """

    id: str
    params: dict[str, JsonValue]
    change: Change
    placing: float
    worth: float


class Counterfactual(Strict):
    """What would have to be different. With `change` the listing would have place `rank` and be placed by `placing`."""

    id: str
    params: dict[str, JsonValue]
    change: Change
    rank: int
    placing: float


class Explanation(Strict):
    """All about one listing. `rank` is None where it was removed or lies below the floor; a removed one has the scores that
    it would have if nothing had failed.
    """

    listing: str
    version: str
    supplier: str
    rank: int | None
    caution: float
    factors: tuple[FactorShown, ...]
    verdicts: tuple[VerdictShown, ...]
    scores: Scores
    questions: tuple[Question, ...] = Field(default=())
    counterfactuals: tuple[Counterfactual, ...] = Field(default=())


def recomputed(explanation: Explanation) -> Scores:
    """The scores that follow from the factors and verdicts of `explanation`: exactly those that it states."""

    def side(name: str) -> Iterator[Term]:
        for one in explanation.factors:
            if one.side == name:
                yield Term(one.weight, Figure(one.value, one.low, one.high), one.multiplies)

    is_open = any(one.verdict == "unknown" for one in explanation.verdicts)
    return joined(weighed(side("demand")), weighed(side("supply")), is_open=is_open, caution=explanation.caution).shown


def explained(ask: Asked, found: Evaluated, relevance: float | None, ranking: Ranking, rank: int | None) -> Explanation:
    """The explanation of one listing among those of `ranking`. Raises ValueError where too much failed for a score."""
    if found.scores is None:
        raise ValueError(f"{found.listing.key} has no score: it failed {[one.key for one in found.failed]}")
    seen = factors.seen(ask.demand, found.listing, relevance, ask.today, ask.config.stale_days)
    verdicts = constraints.judged(ask.demand, found.listing, ask.today, ask.config.stale_days)
    proposals = tuple(_proposals(ask, found))
    return Explanation(
        listing=found.listing.key,
        version=found.listing.version,
        supplier=found.listing.supplier,
        rank=rank,
        caution=ask.config.caution,
        factors=(*_shown("demand", found.parts, seen), *_shown("supply", found.supply_parts, seen)),
        verdicts=tuple(
            VerdictShown(constraint=one.key, verdict=one.verdict, reason=one.reason, params=one.params)
            for one in verdicts
        ),
        scores=found.scores.shown,
        questions=tuple(_questions(ask, found, relevance, proposals)),
        counterfactuals=tuple(_counterfactuals(ask, found.listing, relevance, proposals, ranking, rank)),
    )


def _shown(side: Literal["demand", "supply"], parts: Iterable[Part], seen: factors.Seen) -> Iterator[FactorShown]:
    held = tuple(parts)
    for (factor, weight, (value, low, high)), adds in zip(held, contributions(terms_of(held)), strict=True):
        yield FactorShown(
            side=side,
            factor=factor.key,
            version=factor.version,
            weight=weight,
            value=value,
            low=low,
            high=high,
            contribution=adds,
            multiplies=factor.multiplies,
            evidence=factors.evidence_of(factor.key, seen) if side == "demand" else None,
        )


def _proposals(ask: Asked, found: Evaluated) -> Iterator[Proposal]:
    """What would mend each failed or open constraint; only where none failed, what would mend soft factors too."""
    for judged in (*found.failed, *found.open):
        proposal = remedy(ask.demand, found.listing, judged, ask.today)
        if proposal is not None:
            yield proposal
    if not found.failed:
        yield from improvements(ask.demand, found.listing, ask.today)


def _questions(
    ask: Asked, found: Evaluated, relevance: float | None, proposals: Iterable[Proposal]
) -> Iterator[Question]:
    """Those whose answer counts, most worth first. One that opens a hard constraint is asked whatever it is worth."""
    assert found.scores is not None
    hard = {f"question.{one.key.split('.')[0]}" for one in found.open}
    asked = []
    for id, params, change in proposals:
        if id.startswith("question."):
            after = evaluated(ask, change.apply(found.listing), relevance).scores
            assert after is not None
            worth = after.placing - found.scores.placing
            if worth > 0 or id in hard:
                asked.append(Question(id=id, params=params, change=change, placing=after.placing, worth=worth))
    yield from sorted(asked, key=lambda one: -one.worth)


def _counterfactuals(
    ask: Asked,
    listing: Listing,
    relevance: float | None,
    proposals: Iterable[Proposal],
    ranking: Ranking,
    rank: int | None,
) -> Iterator[Counterfactual]:
    """Those that lead to a better place than now, best first."""
    found = []
    for id, params, change in proposals:
        after = evaluated(ask, change.apply(listing), relevance)
        if after.scores is None or after.failed:
            continue
        placed = ranking.with_changed(Candidate(listing.key, listing.supplier, after.scores.placing))
        if placed is not None and (rank is None or placed < rank):
            one = Counterfactual(id=id, params=params, change=change, rank=placed, placing=after.scores.placing)
            found.append(one)
    yield from sorted(found, key=lambda one: (one.rank, one.id))
