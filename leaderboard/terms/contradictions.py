"""What a demand asks for that cannot be had, or not at once. All of it is found; nothing is put right."""

from collections.abc import Iterator
from datetime import date
from itertools import chain

from challenges.findings import Finding
from leaderboard.terms.demand import Demand, Floor, MeasureFloor, RankFloor
from leaderboard.terms.forms import snake
from leaderboard.terms.words import FACTORS
from scoring.quality.checks import CHECKS


def contradictions(demand: Demand, now: date) -> tuple[Finding, ...]:
    """Everything in `demand` that no listing can meet on the day `now`, each with its key path."""
    return tuple(
        chain(
            _sizes(demand),
            _dates(demand, now),
            _money(demand),
            _delivery(demand),
            _floors(demand),
            _fields(demand),
            _usage(demand),
            _insisted(demand),
        )
    )


def _sizes(demand: Demand) -> Iterator[Finding]:
    units = [size.unit for size in demand.sizes]
    for at, size in enumerate(demand.sizes):
        least, ideal, most = size.least, size.ideal, size.most
        pairs = (
            ("demand.least_above_ideal", least, ideal),
            ("demand.least_above_most", least, most),
            ("demand.ideal_above_most", ideal, most),
        )
        for id, low, high in pairs:
            if low is not None and high is not None and low > high:
                yield Finding(id=id, key=f"sizes.{at}", params={"low": low, "high": high, "unit": size.unit})
        if size.unit in units[:at]:
            yield Finding(id="demand.size_twice", key=f"sizes.{at}", params={"unit": size.unit})


def _dates(demand: Demand, now: date) -> Iterator[Finding]:
    if demand.deadline is not None and demand.deadline < now:
        params = {"deadline": demand.deadline.isoformat(), "now": now.isoformat()}
        yield Finding(id="demand.deadline_passed", key="deadline", params=dict(params))
    first, last = demand.period.first, demand.period.last
    if first is not None and last is not None and first > last:
        yield Finding(id="terms.period_reversed", key="period")
    if demand.deadline is not None and first is not None and first > demand.deadline:
        params = {"deadline": demand.deadline.isoformat(), "first": first.isoformat()}
        yield Finding(id="demand.period_after_deadline", key="period.first", params=dict(params))
    since, until = demand.usage.since, demand.usage.until
    if since is not None and until is not None and since > until:
        yield Finding(id="demand.usage_reversed", key="usage")
    if until is not None and until < now:
        yield Finding(id="demand.usage_over", key="usage.until", params={"until": until.isoformat()})


def _money(demand: Demand) -> Iterator[Finding]:
    budget = demand.budget
    if budget is not None and budget.low is not None and budget.high is not None and budget.high < budget.low:
        yield Finding(id="demand.budget_reversed", key="budget", params={"low": budget.low, "high": budget.high})


def _delivery(demand: Demand) -> Iterator[Finding]:
    wanted = demand.delivery
    for mode in (mode for mode in wanted.required if wanted.any_of and mode not in wanted.any_of):
        params = {"mode": mode, "only": ", ".join(wanted.any_of)}
        yield Finding(id="demand.delivery_excluded", key="delivery.required", params=dict(params))
    ways = {*wanted.any_of, *wanted.required}
    if "distribute" in demand.usage.actions and ways and not ways & {"download", "api", "on-site"}:
        yield Finding(id="demand.distribute_unseen", key="delivery", params={"only": ", ".join(sorted(ways))})


def _floors(demand: Demand) -> Iterator[Finding]:
    placed = [(f"floors.{at}", floor) for at, floor in enumerate(demand.floors)]
    placed += [(f"indicators.{at}.floor", one.floor) for at, one in enumerate(demand.indicators)]
    for key, floor in placed:
        if (best := _unreachable(floor)) is not None:
            yield Finding(id="demand.floor_unreachable", key=key, params={"best": best})


def _unreachable(floor: Floor) -> float | None:
    """The best value there is, if the floor lies beyond it. Every measure is at most 1, and shares at least 0."""
    if isinstance(floor, RankFloor):
        return 0.0 if floor.limit <= 0 else None
    if isinstance(floor, MeasureFloor):
        if floor.falling and CHECKS[floor.measure].unit == "share":
            return 0.0 if floor.limit < 0 else None
        return 1.0 if not floor.falling and floor.limit > 1 else None
    return None


def _fields(demand: Demand) -> Iterator[Finding]:
    seen: dict[str, tuple[str | None, str | None]] = {}
    for at, field in enumerate(demand.fields):
        asked = (field.type, field.unit)
        if seen.setdefault(snake(field.name), asked) != asked:
            yield Finding(id="demand.field_twice", key=f"fields.{at}", params={"name": field.name})


def _usage(demand: Demand) -> Iterator[Finding]:
    if "commercialize" in demand.usage.actions and demand.usage.purposes == ("research",):
        yield Finding(id="demand.research_sold", key="usage")


def _insisted(demand: Demand) -> Iterator[Finding]:
    given = {
        "modality": demand.modalities,
        "language": demand.languages,
        "region": demand.regions,
        "delivery": (*demand.delivery.any_of, *demand.delivery.required),
        "budget": demand.budget is not None and demand.budget.high is not None,
        "personal": demand.personal is not None,
        "certificate": demand.certificate,
        "floors": demand.floors,
    }
    for at, must in enumerate(demand.musts):
        if not given[must] and must not in {"modality", "personal", "floors"}:
            yield Finding(id="demand.must_of_nothing", level="warning", key=f"musts.{at}", value=must)
    if all(demand.weight(factor) == 0 for factor in FACTORS):
        yield Finding(id="demand.no_weight", key="weights")
