"""What would have to be different: changes to a listing that answer a question or mend a shortfall, and to a demand that ask less.

A change is data: the facts that would be other ones. A changed listing keeps its version, so that its evidence still counts:
it is the same offer, had it always been so.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final, Literal, NamedTuple, TypeVar

from pydantic import JsonValue

from challenges.strict import Strict
from leaderboard.exchange.matching.constraints import MENDABLE, Judged
from leaderboard.terms.allowing import allows
from leaderboard.terms.demand import Demand, GradeFloor, MeasureFloor, RankFloor
from leaderboard.terms.listing import Listing
from leaderboard.terms.words import GRADES

Side = TypeVar("Side", Listing, Demand)
EXPECTED: Final = "expected"
"""The key of evidence that is only supposed."""


class Change(Strict):
    """New values for facts of one side, in the JSON form of its document."""

    side: Literal["listing", "demand"]
    facts: dict[str, JsonValue]

    def apply(self, target: Side) -> Side:
        """`target` with these facts. Raises ValueError for the other side, or facts that it cannot have."""
        if isinstance(target, Listing) != (self.side == "listing"):
            raise ValueError(f"a change of a {self.side} does not fit a {type(target).__name__}")
        return type(target).model_validate_json(json.dumps({**target.model_dump(mode="json"), **self.facts}))


class Proposal(NamedTuple):
    """A change with the message id and params that put it in words."""

    id: str
    params: dict[str, Any]
    change: Change


def remedy(demand: Demand, listing: Listing, judged: Judged, today: date) -> Proposal | None:
    """What the listing would have to say to pass where it is failed or unknown; None where that would be another listing."""
    key = judged.key.split(".", maxsplit=1)[0]
    if judged.verdict == "fail" and key not in MENDABLE:
        return None
    if key == "floor":
        expected = _expected(demand, listing, judged.key, today)
        facts: dict[str, Any] = {"evidence": [*_dumped(listing)["evidence"], expected]}
    else:
        facts = _REMEDIES[key](demand, listing, today)
    word = "change" if judged.verdict == "fail" else "question"
    return Proposal(f"{word}.{key}", dict(judged.params), Change(side="listing", facts=facts))


def _dumped(listing: Listing) -> dict[str, Any]:
    return listing.model_dump(mode="json")


def _expected(demand: Demand, listing: Listing, key: str, today: date) -> dict[str, Any]:
    """A new measurement that just meets the floor, and every other floor of the demand on the same measure."""
    floor = demand.floors[int(key.split(".")[1])]
    found: dict[str, Any] = {"key": EXPECTED, "version": listing.version, "measured_on": today.isoformat()}
    if isinstance(floor, MeasureFloor):
        limits = [one.limit for one in demand.floors if isinstance(one, MeasureFloor) and one.measure == floor.measure]
        limit = min(limits) if floor.falling else max(limits)
        return {**found, "measures": {floor.measure: {"value": limit, "low": limit, "high": limit}}}
    if isinstance(floor, GradeFloor):
        grade = max((one.grade for one in demand.floors if isinstance(one, GradeFloor)), key=GRADES.index)
        return {**found, "grade": {"value": grade, "low": grade, "high": grade}}
    limit = min(one.limit for one in demand.floors if isinstance(one, RankFloor))
    return {**found, "rank": min(1.0, max(0.0, limit))}


def _certified(demand: Demand, listing: Listing, today: date) -> dict[str, Any]:
    until = max(today, demand.deadline or today).isoformat()
    certificate = {"key": EXPECTED, "issuer": EXPECTED, "valid_until": until}
    one = {"key": EXPECTED, "version": listing.version, "measured_on": today.isoformat(), "certificate": certificate}
    return {"evidence": [*_dumped(listing)["evidence"], one]}


def _permitting(demand: Demand, listing: Listing, _today: date) -> dict[str, Any]:
    """The policy with everything permitted that is wanted and not yet passed, and without duties that cannot be taken on."""
    clauses = {one.clause: one.verdict for one in allows(listing.policy, demand.usage)}
    granted = [action for action in demand.usage.actions if clauses[f"action.{action}"] != "pass"]
    policy = _dumped(listing)["policy"]
    permissions = [rule for rule in policy["permissions"] if rule["action"] not in granted]
    lifted = {*granted, *(["use"] if granted else [])}
    return {
        "policy": {
            "licence": None,
            "permissions": [*permissions, *({"action": action} for action in granted)],
            "prohibitions": [rule for rule in policy["prohibitions"] if rule["action"] not in lifted],
            "duties": [duty for duty in policy["duties"] if duty["action"] not in demand.usage.cannot],
        }
    }


def _affordable(demand: Demand, _listing: Listing, _today: date) -> dict[str, Any]:
    budget = demand.budget
    assert budget is not None
    return {"price": {"model": "fixed", "low": budget.high, "currency": budget.currency}}


def _delivering(demand: Demand, listing: Listing, _today: date) -> dict[str, Any]:
    wanted = demand.delivery
    met = any(mode in listing.deliveries for mode in wanted.any_of)
    more = [*wanted.required, *(() if met else wanted.any_of[:1])]
    return {"deliveries": _union(listing.deliveries, tuple(more))}


def _union(held: tuple[str, ...], more: tuple[str, ...]) -> list[JsonValue]:
    return [*held, *dict.fromkeys(one for one in more if one not in held)]


_REMEDIES: Final[Mapping[str, Callable[[Demand, Listing, date], dict[str, Any]]]] = MappingProxyType(
    {
        "modality": lambda demand, listing, _: {"modalities": _union(listing.modalities, demand.modalities)},
        "language": lambda demand, listing, _: {"languages": _union(listing.languages, demand.languages)},
        "region": lambda demand, listing, _: {"regions": _union(listing.regions, demand.regions)},
        "usage": _permitting,
        "border": lambda _demand, _listing, _: {"cross_border": "yes"},
        "security": lambda demand, _listing, _: {"security": demand.security},
        "personal": lambda demand, _listing, _: {"personal": demand.personal},
        "exclusive": lambda _demand, _listing, _: {"exclusivity": "negotiable"},
        "budget": _affordable,
        "delivery": _delivering,
        "certificate": _certified,
    }
)


def relaxation(demand: Demand, key: str) -> Proposal | None:
    """What the demand would ask less for constraint `key`; None where it would be another demand."""
    if key.startswith("floor."):
        at = int(key.split(".")[1])
        floors = [floor for number, floor in enumerate(demand.model_dump(mode="json")["floors"]) if number != at]
        return Proposal("relax.floor", {"at": at + 1}, Change(side="demand", facts={"floors": floors}))
    if key in demand.musts:
        musts: list[JsonValue] = [must for must in demand.musts if must != key]
        return Proposal(f"relax.{key}", {}, Change(side="demand", facts={"musts": musts}))
    if key == "usage":
        usage = {**demand.usage.model_dump(mode="json"), "actions": [], "cannot": []}
        return Proposal("relax.usage", {}, Change(side="demand", facts={"usage": usage}))
    if key == "buyer":
        return Proposal("relax.buyer", {}, Change(side="demand", facts={"verified": 3}))
    if key == "exclusive":
        return Proposal("relax.exclusive", {}, Change(side="demand", facts={"exclusive": False}))
    return None
