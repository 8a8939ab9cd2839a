"""Policies to and from ODRL 2.2, as JSON-LD.

`offer` writes an `odrl:Offer`; `policy` reads offers, sets and agreements whose rules it understands. Nothing is dropped on
reading: a constraint left out would permit more than its author did, so what is not understood is refused, all of it at once.
Training models is no action of ODRL's own vocabulary and is written in a profile.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from pydantic import JsonValue, ValidationError

from challenges.findings import Finding
from leaderboard.terms.forms import TermsRefused
from leaderboard.terms.policy import Policy, Rule

CONTEXT: Final = "http://www.w3.org/ns/odrl.jsonld"
PROFILE: Final = "urn:jiebang:odrl:1"
_ODRL: Final = "http://www.w3.org/ns/odrl/2/"
_CC: Final = "http://creativecommons.org/ns#"
_SPDX: Final = "https://spdx.org/licenses/"
PREFIXES: Final[Mapping[str, str]] = {
    "odrl": _ODRL,
    "cc": _CC,
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_KINDS: Final = frozenset({"Offer", "Set", "Policy", "Agreement"})
_TERMS: Final = frozenset({"action", "leftOperand", "operator", "conflict"})
"""What holds a word of ODRL's."""
_ADDRESSES: Final = frozenset({"profile", "target", "assigner"})
MOST_DIGITS: Final = 5
"""Of a number of days; what has more is no term that somebody meant."""

_ACTIONS: Final[Mapping[str, str]] = {
    "use": "use",
    "derive": "derive",
    "distribute": "distribute",
    "commercialize": "cc:CommercialUse",  # odrl:commercialize is deprecated in favour of it
    "train-models": f"{PROFILE}:trainModels",
}
_DUTIES: Final[Mapping[str, str]] = {"attribute": "attribute", "share-alike": "cc:ShareAlike", "delete": "delete"}
_READ_ACTIONS: Final = {
    **{written: action for action, written in _ACTIONS.items()},
    "commercialize": "commercialize",
    "cc:DerivativeWorks": "derive",
    "cc:Distribution": "distribute",
}
_READ_DUTIES: Final = {**{written: duty for duty, written in _DUTIES.items()}, "cc:Attribution": "attribute"}
_OPERANDS: Final = {"purpose": "purposes", "spatial": "regions", "industry": "industries"}
_OPERATORS: Final = {
    "purpose": ("eq", "isAnyOf"),
    "spatial": ("eq", "isAnyOf", "isPartOf"),
    "industry": ("eq", "isAnyOf"),
}


def offer(policy: Policy, *, uid: str, target: str, assigner: str | None = None) -> dict[str, JsonValue]:
    """`policy` as a JSON-LD `odrl:Offer` on `target` (an IRI), named `uid` (an IRI)."""
    written: dict[str, JsonValue] = {
        "@context": [CONTEXT, {"cc": _CC}],
        "@type": "Offer",
        "uid": uid,
        "profile": PROFILE,
        "target": target,
        "conflict": "prohibit",
    }
    if assigner is not None:
        written["assigner"] = assigner
    if policy.licence is not None:
        written["dct:license"] = {"@id": f"{_SPDX}{policy.licence}"}
    for name, rules in (("permission", policy.permissions), ("prohibition", policy.prohibitions)):
        if rules:
            written[name] = [_written(rule) for rule in rules]
    if policy.duties:
        written["obligation"] = [_owed(duty.action, duty.days) for duty in policy.duties]
    return written


def _written(rule: Rule) -> dict[str, JsonValue]:
    written: dict[str, JsonValue] = {"action": _ACTIONS[rule.action]}
    constraints: list[JsonValue] = []
    for operand, part in _OPERANDS.items():
        values: tuple[str, ...] = getattr(rule.constraint, part)
        if values:
            constraints.append({"leftOperand": operand, "operator": "isAnyOf", "rightOperand": list(values)})
    if rule.constraint.until is not None:
        limit = {"@value": rule.constraint.until.isoformat(), "@type": "xsd:date"}
        constraints.append({"leftOperand": "dateTime", "operator": "lteq", "rightOperand": dict(limit)})
    if constraints:
        written["constraint"] = constraints
    return written


def _owed(duty: str, days: int | None) -> dict[str, JsonValue]:
    written: dict[str, JsonValue] = {"action": _DUTIES[duty]}
    if days is not None:
        limit: dict[str, JsonValue] = {"@value": f"P{days}D", "@type": "xsd:duration"}
        written["constraint"] = [{"leftOperand": "delayPeriod", "operator": "lteq", "rightOperand": limit}]
    return written


def prefixed(offer: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """An offer that `offer` wrote, as a part of a document whose own context knows `PREFIXES`: nothing has to be fetched to read it.

    Its ``uid`` is its ``@id``; said twice, it would be a loop, in which some readers lose themselves.
    """
    named = {"@id": offer["uid"], "@type": f"odrl:{offer['@type']}"}
    return named | _prefixed({key: value for key, value in offer.items() if key not in {"@context", "@type", "uid"}})


def _prefixed(part: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    return {key if ":" in key else f"odrl:{key}": _explicit(key, value) for key, value in part.items()}


def _explicit(key: str, value: JsonValue) -> JsonValue:
    """A value that says itself whether it is an address, a word of ODRL's, or a text."""
    if isinstance(value, list):
        return [_explicit(key, one) for one in value]
    if isinstance(value, Mapping):
        return value if value.keys() & {"@id", "@value"} else _prefixed(value)
    if key in _ADDRESSES:
        return {"@id": value}
    if key in _TERMS and isinstance(value, str):
        return {"@id": value if ":" in value else f"odrl:{value}"}
    return value


def is_policy(document: Any) -> bool:
    """Whether this calls itself a policy of ODRL's, whatever it says."""
    kinds = _many(document.get("@type")) if isinstance(document, Mapping) else []
    return any(_short(kind) in _KINDS for kind in kinds)


def policy(document: Mapping[str, Any]) -> Policy:
    """The policy that an ODRL document states. Raises TermsRefused with every rule that is not understood.

    A duty of one permission becomes a duty of the whole policy, which asks more and never less.
    """
    document = _bare(document)
    findings: list[Finding] = []
    if not is_policy(document):
        findings.append(Finding(id="odrl.not_a_policy", key="@type", value=_short(document.get("@type"))[:100]))
    read: dict[str, Any] = {"licence": _licence(document)}
    duties = [(f"obligation.{at}", one) for at, one in enumerate(_many(document.get("obligation")))]
    for name, known in (("permission", _READ_ACTIONS), ("prohibition", _READ_ACTIONS)):
        rules = list(enumerate(_many(document.get(name))))
        read[f"{name}s"] = [_rule(rule, known, f"{name}.{at}", findings) for at, rule in rules]
        duties += [(f"{name}.{at}.duty", duty) for at, rule in rules for duty in _many(_mapping(rule).get("duty"))]
    unique: dict[str, dict[str, Any]] = {}
    for at, duty in duties:
        owed = _rule(duty, _READ_DUTIES, at, findings)
        if unique.setdefault(str(owed["action"]), owed) != owed:
            findings.append(Finding(id="odrl.rules_differ", key=at, value=str(owed["action"])))
    read["duties"] = list(unique.values())
    if findings:
        raise TermsRefused(tuple(findings))
    try:
        return Policy.model_validate(read, strict=False)
    except ValidationError as error:
        raise TermsRefused(
            tuple(Finding(id="odrl.wrong_value", key=".".join(map(str, one["loc"]))) for one in error.errors())
        ) from None


def _licence(document: Mapping[str, Any]) -> str | None:
    named = document.get("dct:license")
    iri = named.get("@id") if isinstance(named, Mapping) else named
    return iri.removeprefix(_SPDX) if isinstance(iri, str) and iri.startswith(_SPDX) else None


def _rule(given: Any, known: Mapping[str, str], at: str, findings: list[Finding]) -> dict[str, Any]:
    rule = _mapping(given)
    action = known.get(_short(rule.get("action")))
    if action is None:
        findings.append(Finding(id="odrl.action_unknown", key=at, value=str(rule.get("action"))[:100]))
    strange = sorted(
        set(rule) - {"@type", "@id", "uid", "action", "constraint", "duty", "target", "assigner", "assignee"}
    )
    findings += [Finding(id="odrl.part_unknown", key=f"{at}.{part}") for part in strange]
    parts: dict[str, Any] = {}
    days = None
    for number, constraint in enumerate(_many(rule.get("constraint"))):
        found = dict(_constraint(_mapping(constraint)))
        if not found or set(found) & set(parts) or ("days" in found) != (known is _READ_DUTIES):
            findings.append(Finding(id="odrl.constraint_unknown", key=f"{at}.constraint.{number}"))
        days = found.pop("days", days)
        parts |= found
    return {"action": action, "days": days} if known is _READ_DUTIES else {"action": action, "constraint": parts}


def _constraint(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    operand, operator = _short(given.get("leftOperand")), _short(given.get("operator"))
    values = [_value(one) for one in _many(given.get("rightOperand"))]
    if (
        set(given) - {"@type", "@id", "uid", "leftOperand", "operator", "rightOperand", "dataType"}
        or None in values
        or not values
    ):
        return
    if operator in _OPERATORS.get(operand, ()) and (operator != "eq" or len(values) == 1):
        yield _OPERANDS[operand], tuple(values)
    elif operand == "dateTime" and operator == "lteq" and len(values) == 1 and _is_date(str(values[0])):
        yield "until", date.fromisoformat(str(values[0])[:10])
    elif operand == "delayPeriod" and operator == "lteq" and len(values) == 1:
        days = str(values[0]).removeprefix("P").removesuffix("D")
        if days.isascii() and days.isdigit() and len(days) <= MOST_DIGITS:
            yield "days", int(days)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _value(given: Any) -> str | None:
    if isinstance(given, Mapping):
        given = given.get("@value", given.get("@id"))
    return given if isinstance(given, str) else None


def _bare(given: Any) -> Any:
    """The same with the properties of ODRL by their short names."""
    if isinstance(given, Mapping):
        return {key.removeprefix(_ODRL).removeprefix("odrl:"): _bare(value) for key, value in given.items()}
    return [_bare(one) for one in given] if isinstance(given, list | tuple) else given


def _many(given: Any) -> list[Any]:
    return [] if given is None else list(given) if isinstance(given, list | tuple) else [given]


def _mapping(given: Any) -> Mapping[str, Any]:
    return given if isinstance(given, Mapping) else {"action": given}


def _short(term: Any) -> str:
    """A term without the namespaces under which it may be written."""
    if isinstance(term, Mapping):
        term = term.get("@id")
    text = term if isinstance(term, str) else ""
    for long in (_CC, _CC.replace("http:", "https:")):
        text = text.replace(long, "cc:")
    return text.removeprefix(_ODRL).removeprefix("odrl:")
