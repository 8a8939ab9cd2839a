"""Pieces of a text, put together as a draft demand."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from pydantic import JsonValue

from leaderboard.terms.demand import MOST_FLOORS, Demand

_MUSTS = {
    "understood.modality": "modality",
    "understood.language": "language",
    "understood.region": "region",
    "understood.delivery": "delivery",
    "understood.personal": "personal",
    "understood.budget": "budget",
    "understood.certificate": "certificate",
}


def drafted(pieces: Iterable[tuple[str, JsonValue, bool]]) -> Demand:
    """The demand that `pieces` (what, value, whether insisted on) say; of facts that can be only one, the first is taken."""
    values: dict[str, list[Any]] = defaultdict(list)
    musts = list(Demand().musts)
    for what, value, must in pieces:
        if value not in values[what]:
            values[what].append(value)
        if must and what in _MUSTS and _MUSTS[what] not in musts:
            musts.append(_MUSTS[what])

    def first(what: str, otherwise: Any = None) -> Any:
        return next(iter(values[what]), otherwise)

    services = [kind for kind in values["understood.kind"] if kind != "dataset"]
    refused = set(values["understood.not_usage"])
    facts = {
        "kind": services[0] if services else "dataset",
        "sectors": values["understood.sector"],
        "task": first("understood.task"),
        "modalities": values["understood.modality"],
        "languages": values["understood.language"],
        "regions": values["understood.region"],
        "period": first("understood.period", {}),
        "sizes": _sizes(values["understood.size"]),
        "floors": values["understood.floor"][:MOST_FLOORS],
        "certificate": bool(values["understood.certificate"]),
        "usage": {
            "actions": [action for action in values["understood.usage"] if action not in refused],
            "purposes": values["understood.purpose"],
        },
        "exclusive": bool(values["understood.exclusive"]),
        "budget": _budget(values["understood.budget"]),
        "delivery": {"any_of": values["understood.delivery"]},
        "deadline": first("understood.deadline"),
        "personal": first("understood.personal"),
        "musts": musts,
    }
    return Demand.model_validate(facts, strict=False)


def _sizes(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One size a unit: what was said first of the least, the ideal and the most."""
    sizes: dict[str, dict[str, Any]] = {}
    for one in found:
        size = sizes.setdefault(one["unit"], dict(one))
        for part in ("least", "ideal", "most"):
            size[part] = size[part] if size[part] is not None else one[part]
    return list(sizes.values())


def _budget(found: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The first sum, with the other end from the next one of the same currency that has it."""
    if not found:
        return None
    budget = dict(found[0])
    for one in found[1:]:
        for part in ("low", "high"):
            if budget[part] is None and one["currency"] == budget["currency"]:
                budget[part] = one[part]
    return budget
