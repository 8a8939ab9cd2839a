"""The hard constraints: each answers pass, fail or unknown, or nothing where the demand does not ask.

A fail removes a listing. An unknown never does: it widens the interval of the score and becomes a question. `CONSTRAINTS` is
the table; the version of a record goes up whenever it may answer differently.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from leaderboard.exchange.matching import floors
from leaderboard.terms.allowing import Verdict, allows, together
from leaderboard.terms.demand import Demand
from leaderboard.terms.listing import Listing
from leaderboard.terms.regions import within
from leaderboard.terms.words import PERSONAL, SECURITIES

_LEVELS: Final = {key: at for words in (SECURITIES, PERSONAL) for at, key in enumerate(words)}


class Judged(NamedTuple):
    """The answer of a constraint: `key` is its own, or for floors `floor.0`, `floor.1`; `reason` is a message id."""

    key: str
    verdict: Verdict
    reason: str
    params: dict[str, Any]


Judge = Callable[[Demand, Listing, date, int], Judged | None]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One hard constraint. `judge` takes the demand, the listing, today, and the days after which evidence is stale. One
    that is `mendable` can be met by the same data under other terms; where others fail, it would be another listing.
    """

    key: str
    title: str
    judge: Judge
    mendable: bool = True
    version: int = 1


def judged(demand: Demand, listing: Listing, today: date, stale_days: int) -> Iterator[Judged]:
    """The answers of all constraints that the demand or the supplier asks, in the order of the table, then the floors."""
    for constraint in _TABLE:
        answer = constraint.judge(demand, listing, today, stale_days)
        if answer is not None:
            yield answer
    if "floors" in demand.musts:
        for at, floor in enumerate(demand.floors):
            verdict, reason = floors.judged(floor, listing, today, stale_days)
            yield Judged(f"floor.{at}", verdict, reason, floors.named(floor))


def _kind(demand: Demand, listing: Listing, _today: date, _days: int) -> Judged:
    fits = demand.kind == listing.kind
    return Judged("kind", "pass" if fits else "fail", "match.kind", {"wanted": demand.kind, "offered": listing.kind})


def _buyer(demand: Demand, listing: Listing, _today: date, _days: int) -> Judged | None:
    if listing.receives_from == 0:
        return None
    fits = demand.verified >= listing.receives_from
    return Judged("buyer", "pass" if fits else "fail", "match.buyer", {"least": listing.receives_from})


def _modality(demand: Demand, listing: Listing, _today: date, _days: int) -> Judged | None:
    if "modality" not in demand.musts or not demand.modalities:
        return None
    return _all_there("modality", demand.modalities, listing.modalities)


def _language(demand: Demand, listing: Listing, _today: date, _days: int) -> Judged | None:
    if "language" not in demand.musts or not demand.languages:
        return None
    return _all_there("language", demand.languages, listing.languages)


def _all_there(key: str, wanted: tuple[str, ...], offered: tuple[str, ...]) -> Judged:
    missing = [one for one in wanted if one not in offered]
    verdict: Verdict = "unknown" if not offered else "fail" if missing else "pass"
    return Judged(key, verdict, f"match.{key}", {"missing": ", ".join(missing)})


def _region(demand: Demand, listing: Listing, _today: date, _days: int) -> Judged | None:
    if "region" not in demand.musts or not demand.regions:
        return None
    covered = [any(within(one, other) for other in listing.regions) for one in demand.regions]
    partly = [any(within(other, one) for other in listing.regions) for one in demand.regions]
    missing = [one for one, held, part in zip(demand.regions, covered, partly, strict=True) if not (held or part)]
    verdict: Verdict = (
        "unknown" if not listing.regions else "fail" if missing else "pass" if all(covered) else "unknown"
    )
    return Judged("region", verdict, "match.region", {"missing": ", ".join(missing) or ", ".join(demand.regions)})


def _usage(demand: Demand, listing: Listing, _today: date, _days: int) -> Judged | None:
    if not demand.usage.actions and not (demand.usage.cannot and listing.policy.duties):
        return None
    clauses = allows(listing.policy, demand.usage)
    verdict = together([one.verdict for one in clauses])
    blocking = [one for one in clauses if one.verdict == verdict != "pass"]
    params = {"clauses": ", ".join(one.clause.split(".")[1] for one in blocking)}
    return Judged(
        "usage", verdict, blocking[0].reason if blocking else "match.usage_allowed", {**params, **_first(blocking)}
    )


def _first(blocking: list[Any]) -> dict[str, Any]:
    return dict(blocking[0].params) if blocking else {}


def _border(demand: Demand, listing: Listing, _today: date, _days: int) -> Judged | None:
    if demand.region[:2] == listing.home[:2]:
        return None
    verdict: Verdict = {"yes": "pass", "no": "fail"}.get(listing.cross_border, "unknown")  # type: ignore[assignment]
    return Judged("border", verdict, "match.border", {"home": listing.home, "region": demand.region})


def _security(demand: Demand, listing: Listing, _today: date, _days: int) -> Judged | None:
    return None if demand.security is None else _at_most("security", demand.security, listing.security)


def _personal(demand: Demand, listing: Listing, _today: date, _days: int) -> Judged | None:
    if demand.personal is None or "personal" not in demand.musts:
        return None
    return _at_most("personal", demand.personal, listing.personal)


def _at_most(key: str, most: str, offered: str | None) -> Judged:
    verdict: Verdict = "unknown" if offered is None else "pass" if _LEVELS[offered] <= _LEVELS[most] else "fail"
    return Judged(key, verdict, f"match.{key}", {"most": most, "offered": offered or ""})


def _exclusive(demand: Demand, listing: Listing, _today: date, _days: int) -> Judged | None:
    if not demand.exclusive:
        return None
    offered = listing.exclusivity
    verdict: Verdict = "unknown" if offered is None else "fail" if offered == "never" else "pass"
    return Judged("exclusive", verdict, "match.exclusive", {})


def _budget(demand: Demand, listing: Listing, _today: date, _days: int) -> Judged | None:
    budget = demand.budget
    if budget is None or budget.high is None or "budget" not in demand.musts:
        return None
    span = listing.price.span if listing.price is not None else None
    if listing.price is None or span is None:
        return Judged("budget", "unknown", "match.price_unsaid", {})
    if span != (0.0, 0.0) and listing.price.currency != budget.currency:
        return Judged("budget", "unknown", "match.currency", {"currency": listing.price.currency})
    verdict: Verdict = "fail" if span[0] > budget.high else "pass" if span[1] <= budget.high else "unknown"
    return Judged(
        "budget", verdict, "match.budget", {"price": span[0], "most": budget.high, "currency": budget.currency}
    )


def _delivery(demand: Demand, listing: Listing, _today: date, _days: int) -> Judged | None:
    wanted = demand.delivery
    if "delivery" not in demand.musts or not (wanted.any_of or wanted.required):
        return None
    missing = [mode for mode in wanted.required if mode not in listing.deliveries]
    if wanted.any_of and not set(wanted.any_of) & set(listing.deliveries):
        missing += [mode for mode in wanted.any_of if mode not in missing]
    verdict: Verdict = "unknown" if not listing.deliveries else "fail" if missing else "pass"
    return Judged("delivery", verdict, "match.delivery", {"missing": ", ".join(missing)})


def _certificate(demand: Demand, listing: Listing, today: date, days: int) -> Judged | None:
    if not demand.certificate or "certificate" not in demand.musts:
        return None
    needed = max(today, demand.deadline) if demand.deadline is not None else today
    certified = [one for one in listing.evidence if one.certificate is not None]
    if not certified:
        return Judged("certificate", "unknown", "match.certificate_unsaid", {})
    held = [one.certificate for one in floors.fresh(listing, today, days) if one.certificate is not None]
    if any(one.valid_until >= needed for one in held):
        return Judged("certificate", "pass", "match.certificate", {})
    if held:
        return Judged("certificate", "fail", "match.certificate_expired", {"day": needed.isoformat()})
    return Judged("certificate", "unknown", "match.certificate_stale", {})


_TABLE: Final = (
    Constraint("kind", "Kind", _kind, mendable=False),
    Constraint("buyer", "Verified buyer", _buyer, mendable=False),
    Constraint("modality", "Kind of data", _modality, mendable=False),
    Constraint("language", "Languages", _language, mendable=False),
    Constraint("region", "Geography", _region, mendable=False),
    Constraint("usage", "Use", _usage),
    Constraint("border", "Crossing borders", _border),
    Constraint("security", "Security class", _security, mendable=False),
    Constraint("personal", "Personal data", _personal),
    Constraint("exclusive", "Exclusivity", _exclusive),
    Constraint("budget", "Budget", _budget),
    Constraint("delivery", "Delivery", _delivery),
    Constraint("certificate", "Certificate", _certificate),
)
CONSTRAINTS: Final[Mapping[str, Constraint]] = MappingProxyType({one.key: one for one in _TABLE})
MENDABLE: Final = frozenset(one.key for one in _TABLE if one.mendable)
"""Floors are not among them: data that missed one would have to become better data."""
FLOOR_VERSION: Final = 1
"""The version of `floors.judged`, which answers for all floors of a demand."""
