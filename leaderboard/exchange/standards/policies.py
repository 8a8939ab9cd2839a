"""The ODRL offers of a dataset as triples: the card's own, and that of its listing where it says something else."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import JsonValue

from leaderboard.core.work import Work
from leaderboard.datasets import usage
from leaderboard.datasets.standards.dcat import Policies
from leaderboard.datasets.standards.rdf import Iri, Literal, Node, Triple, named, said
from leaderboard.datasets.standards.subject import Subject
from leaderboard.exchange.listings import described
from leaderboard.exchange.listings import service as listings
from leaderboard.terms import odrl
from leaderboard.terms.policy import Policy

Listed = Mapping[str, tuple[Policy, Mapping[str, JsonValue]]]
"""Slug of a dataset → the policy of its listing, and that as an offer."""
_CLASSES = {
    "odrl:permission": "odrl:Permission",
    "odrl:prohibition": "odrl:Prohibition",
    "odrl:obligation": "odrl:Duty",
}


def listed(work: Work) -> Listed:
    """What listings that are shown say of the use of a dataset; of several, what the newest listing says."""
    site = work.settings.base_url.rstrip("/")
    return {
        offer.dataset_slug: (offer.document.policy, described.policy(offer, f"{site}/listings/{offer.key}"))
        for offer in listings.offers(work)
        if offer.dataset_slug is not None and offer.document.policy.permissions
    }


def offers(subject: Subject, listed: Listed) -> Policies:
    """The card's offer, and what its listing offers beyond it."""
    written = [subject.offer] if subject.offer is not None else []
    policy, offer = listed.get(subject.slug, (None, None))
    if offer is not None and policy != usage.policy_of(subject.words.licence, subject.words.own):
        written.append(offer)
    return tuple((Iri(str(one["uid"])), tuple(triples(one))) for one in written)


def triples(offer: Mapping[str, JsonValue]) -> Iterator[Triple]:
    """An offer that `terms.odrl.offer` wrote, as triples: what its remote context would make of it."""
    here = Iri(str(offer["uid"]))
    yield here, "rdf:type", named("odrl:Offer")
    yield here, "rdf:type", named("odrl:Policy")
    yield here, "odrl:uid", here
    part = odrl.prefixed(offer)
    yield from _part(here, {key: value for key, value in part.items() if not key.startswith("@")})


def _part(here: Iri, part: Mapping[str, Any]) -> Iterator[Triple]:
    for key, value in part.items():
        for number, one in enumerate(value if isinstance(value, list) else [value], 1):
            if not isinstance(one, Mapping) or one.keys() & {"@id", "@value"}:
                yield here, key, _value(one)
                continue
            there = Iri(f"{here}-{key.removeprefix('odrl:')}-{number}")
            yield here, key, there
            yield there, "rdf:type", named(_CLASSES.get(key, "odrl:Constraint"))
            yield from _part(there, one)


def _value(value: Any) -> Node:
    if not isinstance(value, Mapping):
        return said(value)
    if "@value" in value:
        return Literal(value["@value"], datatype=value["@type"])
    address = value["@id"]
    return named(address) if address.startswith(("odrl:", "cc:")) else Iri(address)
