"""What a listing would have to hold to fit better: one proposal a soft factor, where it falls short or says nothing.

`id` begins with "change." where something is short, "question." where something is not said; the change of a question is its
best answer.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from leaderboard.exchange.matching.changes import Change, Proposal
from leaderboard.exchange.matching.synonyms import concept
from leaderboard.terms.demand import Demand
from leaderboard.terms.listing import Listing


def improvements(demand: Demand, listing: Listing, today: date) -> Iterator[Proposal]:
    """Every single change that would raise a soft factor, in the order of `FACTORS`."""
    for improve in _IMPROVEMENTS.values():
        yield from improve(demand, listing, today)


def _proposal(id: str, facts: dict[str, Any], **params: Any) -> Proposal:
    return Proposal(id, params, Change(side="listing", facts=facts))


def _scope(demand: Demand, listing: Listing, _today: date) -> Iterator[Proposal]:
    if demand.sectors and listing.sector is None:
        yield _proposal("question.sector", {"sector": demand.sectors[0]}, wanted=", ".join(demand.sectors))
    if demand.task is not None and listing.task is None:
        yield _proposal("question.task", {"task": demand.task}, wanted=demand.task)
    if demand.modalities and not listing.modalities and "modality" not in demand.musts:
        yield _proposal(
            "question.modality", {"modalities": list(demand.modalities)}, missing=", ".join(demand.modalities)
        )
    if demand.regions and not listing.regions and "region" not in demand.musts:
        yield _proposal("question.region", {"regions": list(demand.regions)}, missing=", ".join(demand.regions))
    period = listing.period
    if (demand.period.first or demand.period.last) and period.first is None and period.last is None:
        yield _proposal("question.period", {"period": demand.period.model_dump(mode="json")})


def _fields(demand: Demand, listing: Listing, _today: date) -> Iterator[Proposal]:
    held = {concept(field.name) for field in listing.fields}
    wanted = {concept(field.name): field for field in reversed(demand.fields)}
    missing = [field for meaning, field in reversed(wanted.items()) if meaning not in held]
    if missing:
        more = [field.model_dump(mode="json", include={"name", "type", "unit"}) for field in missing]
        word = "change" if listing.fields else "question"
        facts: dict[str, Any] = {"fields": [*listing.model_dump(mode="json")["fields"], *more]}
        yield _proposal(f"{word}.fields", facts, missing=", ".join(field.name for field in missing))


def _size(demand: Demand, listing: Listing, _today: date) -> Iterator[Proposal]:
    for size in demand.sizes:
        wanted = size.ideal if size.ideal is not None else size.least
        amount = listing.sizes.get(size.unit)
        if wanted is None or (amount is not None and amount >= wanted):
            continue
        facts: dict[str, Any] = {"sizes": {**listing.sizes, size.unit: wanted}}
        if amount is None:
            yield _proposal("question.size", facts, unit=size.unit)
        else:
            yield _proposal("change.size", facts, unit=size.unit, more=wanted - amount)


def _freshness(demand: Demand, listing: Listing, today: date) -> Iterator[Proposal]:
    newest = min(today, demand.period.last or today)
    held = listing.newest_record
    if held is None or held < newest:
        word = "question" if held is None else "change"
        yield _proposal(f"{word}.freshness", {"updated": newest.isoformat()}, day=newest.isoformat())


def _price(demand: Demand, listing: Listing, _today: date) -> Iterator[Proposal]:
    budget = demand.budget
    if budget is None or budget.high is None or "budget" in demand.musts:
        return
    facts: dict[str, Any] = {"price": {"model": "fixed", "low": budget.high, "currency": budget.currency}}
    span = listing.price.span if listing.price is not None else None
    if span is None:
        yield _proposal("question.price", facts)  # its words go to the supplier, whom no budget is told
    elif span[1] > budget.high:
        yield _proposal("change.price", facts, most=budget.high, currency=budget.currency)


def _delivery(demand: Demand, listing: Listing, _today: date) -> Iterator[Proposal]:
    wanted = demand.delivery
    met = not wanted.any_of or any(mode in listing.deliveries for mode in wanted.any_of)
    missing = [
        mode for mode in (*wanted.required, *(() if met else wanted.any_of[:1])) if mode not in listing.deliveries
    ]
    if missing and "delivery" not in demand.musts:
        word = "change" if listing.deliveries else "question"
        facts: dict[str, Any] = {"deliveries": [*listing.deliveries, *dict.fromkeys(missing)]}
        yield _proposal(f"{word}.delivery", facts, missing=", ".join(missing))


def _language(demand: Demand, listing: Listing, _today: date) -> Iterator[Proposal]:
    missing = [one for one in demand.languages if one not in listing.languages]
    if missing and "language" not in demand.musts:
        word = "change" if listing.languages else "question"
        yield _proposal(f"{word}.language", {"languages": [*listing.languages, *missing]}, missing=", ".join(missing))


_IMPROVEMENTS: Final[Mapping[str, Callable[[Demand, Listing, date], Iterator[Proposal]]]] = MappingProxyType(
    {
        "scope": _scope,
        "fields": _fields,
        "size": _size,
        "freshness": _freshness,
        "price": _price,
        "delivery": _delivery,
        "language": _language,
    }
)
