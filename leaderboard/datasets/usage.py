"""What may be done with a dataset: what its licence says, and what its owner says beside it. In plain words, and as an ODRL offer.

An owner can say more than a licence that is known here: permit what it prohibits, and answer what it leaves open. It cannot take
away what the licence gives, since whoever has the data has the licence too. Without such a licence the terms are the owner's own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from babel import Locale
from pydantic import JsonValue

from challenges.facets import SECTORS
from leaderboard.core.errors import FieldError
from leaderboard.core.i18n import N_, translate
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.terms import odrl
from leaderboard.terms.licences import POLICIES
from leaderboard.terms.policy import Constraint, Policy, Rule
from leaderboard.terms.regions import REGIONS, canonical
from leaderboard.terms.words import ACTIONS, DUTIES, PURPOSES

NOTHING: Final = Policy()
_NO_LIMIT: Final = Constraint()
_ZH, _EN = Locale("zh"), Locale("en")
Limits = tuple[tuple[Phrase, tuple[Phrase | Words | str, ...]], ...]

PLAIN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "use": N_("Use it"),
        "derive": N_("Change it and build on it"),
        "distribute": N_("Pass it on"),
        "commercialize": N_("Use it to earn money"),
        "train-models": N_("Train models with it"),
    }
)
"""The actions of `terms.words` as a reader is told of them."""


# What holds


def policy_of(licence: str, own: Policy) -> Policy:
    """What holds: the licence's policy, with the owner's clauses where they say something beside it.

    Empty where the licence is not known here and the owner says nothing. Only a policy that is the licence's own names the licence.
    """
    given = POLICIES.get(licence)
    if given is None or own == NOTHING:
        return given or own
    said = {rule.action for rule in (*own.permissions, *own.prohibitions)}
    known = {duty.action for duty in given.duties}
    return as_written(
        Policy(
            permissions=(*own.permissions, *(rule for rule in given.permissions if rule.action not in said)),
            prohibitions=(*own.prohibitions, *(rule for rule in given.prohibitions if rule.action not in said)),
            duties=(*given.duties, *(duty for duty in own.duties if duty.action not in known)),
        )
    )


def beside(licence: str, policy: Policy) -> Policy:
    """The part of a policy that the licence does not say itself: what an owner is to be remembered to have said."""
    given = POLICIES.get(licence, NOTHING)
    return as_written(
        Policy(
            permissions=tuple(rule for rule in policy.permissions if rule not in given.permissions),
            prohibitions=tuple(rule for rule in policy.prohibitions if rule not in given.prohibitions),
            duties=tuple(duty for duty in policy.duties if duty not in given.duties),
        )
    )


def faults(licence: str, own: Policy) -> Iterator[FieldError]:
    """What an owner cannot say beside this licence, at the fields of `usage_form`."""
    given = POLICIES.get(licence)
    if given is None:
        return
    for rule in given.permissions:
        permitted, prohibited = own.permission(rule.action), own.prohibition(rule.action)
        if prohibited is not None or (permitted is not None and permitted.constraint != _NO_LIMIT):
            yield FieldError(
                f"do-{rule.action}",
                N_("The licence permits this without limits, which cannot be taken back here; choose another licence"),
            )
    known = {duty.action for duty in given.duties}
    if any(duty.action not in known for duty in own.duties):
        yield FieldError("duties", N_("The licence asks for no such duty; choose another licence, or none"))


def as_written(policy: Policy) -> Policy:
    """The same policy with its rules in the order of the form."""

    def ordered(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        return tuple(sorted(rules, key=lambda rule: list(ACTIONS).index(rule.action)))

    return policy.model_copy(
        update={
            "permissions": ordered(policy.permissions),
            "prohibitions": ordered(policy.prohibitions),
            "duties": tuple(sorted(policy.duties, key=lambda duty: list(DUTIES).index(duty.action))),
        }
    )


def offer(policy: Policy, *, dataset: str, owner: str) -> dict[str, JsonValue] | None:
    """The ODRL offer on a dataset; None where nothing is said of its use.

    dataset, owner   addresses, absolute and in no language: the offer is the same on every page
    """
    if not (policy.permissions or policy.prohibitions or policy.duties):
        return None
    return odrl.offer(policy, uid=f"{dataset}#offer", target=dataset, assigner=owner)


# In plain words


@dataclass(frozen=True, slots=True)
class Clause:
    """What the terms say of one action, and the limits within which they say so."""

    action: Phrase
    answer: Literal["yes", "no", "unknown"]
    limits: Limits


@dataclass(frozen=True, slots=True)
class UsagePart:
    """The terms of use of a card. ``licence`` None: they are not those of a licence alone; ``own``: the owner says something itself."""

    licence: str | None
    clauses: tuple[Clause, ...]
    duties: tuple[Phrase, ...]
    own: bool


def part(licence: str, own: Policy) -> UsagePart | None:
    """What a card shows of its terms; None where nothing is known of them."""
    policy = policy_of(licence, own)
    if policy == NOTHING:
        return None
    return UsagePart(policy.licence, clauses(policy), duties(policy), own != NOTHING)


def clauses(policy: Policy) -> tuple[Clause, ...]:
    """One for each action. What is both permitted and prohibited is prohibited, as the stronger word."""
    found = []
    for action, label in PLAIN.items():
        permitted, prohibited = policy.permission(action), policy.prohibition(action)
        rule = prohibited or permitted
        answer: Literal["yes", "no", "unknown"] = "no" if prohibited else "yes" if permitted else "unknown"
        found.append(Clause(Phrase(label), answer, _limits(rule.constraint) if rule else ()))
    return tuple(found)


def _limits(limit: Constraint) -> Limits:
    every: tuple[tuple[str, tuple[Phrase | Words | str, ...]], ...] = (
        (N_("Purposes"), tuple(Phrase(PURPOSES[key]) for key in limit.purposes)),
        (N_("In"), tuple(map(region, limit.regions))),
        (N_("Industries"), tuple(Phrase(SECTORS[key]) for key in limit.industries)),
        (N_("Until"), (limit.until.isoformat(),) if limit.until else ()),
    )
    return tuple((Phrase(label), values) for label, values in every if values)


def duties(policy: Policy) -> tuple[Phrase, ...]:
    """What a user owes."""
    return tuple(
        Phrase(DUTIES[duty.action])
        if duty.days is None
        else Phrase(N_("Delete within {days} days after use"), {"days": duty.days})
        for duty in policy.duties
    )


def region(code: str) -> Words:
    """A country by its name; a part of one by its country and its own name, or its code where that has none here.

    >>> region("CN").said("en"), region("CN-44").said("en"), region("US-CA").said("en")
    ('China', 'China, Guangdong', 'United States, US-CA')
    """
    country = code.partition("-")[0]
    name = REGIONS.get(canonical(code), code)
    en, zh = _EN.territories.get(country, country), _ZH.territories.get(country, country)
    return Words(en, zh) if country == code else Words(f"{en}, {name}", f"{zh}{translate('zh', name)}")
