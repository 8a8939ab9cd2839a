"""The ODRL offer of a dataset as triples: the very policy that matching and deals use, written by `terms.odrl`."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from leaderboard.core.work import Work
from leaderboard.datasets.standards.dcat import Policies
from leaderboard.datasets.standards.rdf import Iri, Literal, Node, Triple, named, said
from leaderboard.datasets.standards.subject import Subject
from leaderboard.exchange.listings import service as listings
from leaderboard.terms import odrl
from leaderboard.terms.licences import POLICIES
from leaderboard.terms.policy import Policy

_PARTS: Final = frozenset({"permission", "prohibition", "obligation", "constraint"})
"""What has parts of its own; each gets an address."""
_TERMS: Final = frozenset({"action", "leftOperand", "operator", "conflict"})
"""What holds a word of ODRL's."""
_ADDRESSES: Final = frozenset({"profile", "target", "assigner"})
_CLASSES: Final = {"permission": "odrl:Permission", "prohibition": "odrl:Prohibition", "obligation": "odrl:Duty"}


def listed(work: Work) -> Mapping[str, Policy]:
    """What listings that are shown say of the use of a dataset, by its slug; of several, what the newest listing says."""
    return {
        offer.dataset_slug: offer.document.policy
        for offer in listings.offers(work)
        if offer.dataset_slug is not None and offer.document.policy.permissions
    }


def offers(subject: Subject, listed: Mapping[str, Policy]) -> Policies:
    """The offer that is listed; else the one under the card's licence; none where no policy of that licence is known."""
    policy = listed.get(subject.slug) or POLICIES.get(subject.words.licence)
    if policy is None:
        return ()
    address = Iri(f"{subject.address}#offer")
    owner = Iri(f"{subject.site}{subject.owner_path}")
    written = odrl.offer(policy, uid=address, target=subject.address, assigner=owner)
    return ((address, tuple(triples(written))),)


def triples(offer: Mapping[str, Any]) -> Iterator[Triple]:
    """An offer that `terms.odrl.offer` wrote, as triples: what its remote context would make of it."""
    here = Iri(offer["uid"])
    yield here, "rdf:type", named("odrl:Offer")
    yield here, "rdf:type", named("odrl:Policy")
    yield here, "odrl:uid", here
    yield from _part(here, {key: value for key, value in offer.items() if key not in {"@context", "@type", "uid"}})


def _part(here: Iri, part: Mapping[str, Any]) -> Iterator[Triple]:
    for key, value in part.items():
        short = key if ":" in key else f"odrl:{key}"
        for number, one in enumerate(value if isinstance(value, list) else [value], 1):
            if key not in _PARTS:
                yield here, short, _value(key, one)
                continue
            there = Iri(f"{here}-{key}-{number}")
            yield here, short, there
            yield there, "rdf:type", named(_CLASSES.get(key, "odrl:Constraint"))
            yield from _part(there, one)


def _value(key: str, value: Any) -> Node:
    if key in _ADDRESSES:
        return Iri(value)
    if key in _TERMS:
        return Iri(value) if value.startswith("urn:") else named(value if ":" in value else f"odrl:{value}")
    if isinstance(value, Mapping):
        return Iri(value["@id"]) if "@id" in value else Literal(value["@value"], datatype=value["@type"])
    return said(value)
