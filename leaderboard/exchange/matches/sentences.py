"""Sentences of matching and of terms with their params in words: codes of word lists, places, measures and languages by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from challenges.facets import MODALITIES, SECTORS, TASKS
from leaderboard.core.i18n import N_
from leaderboard.exchange.demands.facts import Language
from leaderboard.exchange.matching.constraints import CONSTRAINTS
from leaderboard.exchange.matching.messages import MESSAGES as MATCHING
from leaderboard.seasons.signals import Phrase
from leaderboard.terms import words
from leaderboard.terms.messages import MESSAGES as TERMS
from leaderboard.terms.regions import REGIONS, canonical
from scoring.quality.checks import CHECKS

_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        **{key: check.title for key, check in CHECKS.items()},
        "grade": N_("the grade"),
        "rank": N_("the place in a challenge"),
        **words.PERSONAL,
        **words.SECURITIES,
        **words.SIZES,
        **words.DELIVERIES,
        **words.DUTIES,
        **words.ACTIONS,
        **words.KINDS,
        **TASKS,
        **SECTORS,
        **MODALITIES,
        **REGIONS,
    }
)
"""Every code that a param can hold. The lists share no key with another meaning, which a test holds."""
_PARTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "purposes": N_("the purpose"),
        "regions": N_("the place of use"),
        "industries": N_("the sector of use"),
        "until": N_("the time of use"),
    }
)


@dataclass(frozen=True, slots=True)
class Several:
    """Names one after the other."""

    parts: tuple[Any, ...]

    def said(self, locale: str) -> str:
        said = [part.said(locale) if hasattr(part, "said") else str(part) for part in self.parts]
        return ("、" if locale == "zh" else ", ").join(said)


def sentence(id: str, params: Mapping[str, Any]) -> Phrase:
    """The sentence of a message id of matching or of terms. Raises KeyError for any other id."""
    message = MATCHING[id] if id in MATCHING else TERMS[id]
    return Phrase(message, {name: _shown(id, name, value) for name, value in params.items()})


def reason(id: str, params: Mapping[str, Any], *, passes: bool) -> Phrase:
    """The reason of a verdict. Where it passes, there is no list of what is missing."""
    return Phrase(N_("all that is wanted is there")) if passes and "missing" in params else sentence(id, params)


OPEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "question.usage": N_("which uses do the terms allow?"),
        "question.border": N_("may the data leave the country where they are?"),
        "question.delivery": N_("in which ways can it be delivered?"),
        "question.floor": N_("can the quality of this version be measured?"),
        "question.language": N_("which languages does it hold?"),
        "question.task": N_("which task are the data made for?"),
        "question.fields": N_("which fields are there?"),
        "question.size": N_("how much is there, and in which unit?"),
    }
)
"""In the place of questions that name what is asked for, where the supplier does not read the demand."""


def open_question(id: str, params: Mapping[str, Any]) -> Phrase:
    """A question as a supplier reads it who knows no more of the demand than its blind card."""
    if id in OPEN:
        return Phrase(OPEN[id])
    if id == "question.region":
        countries = dict.fromkeys(canonical(code)[:2] for code in str(params["missing"]).split(", "))
        return sentence(id, {"missing": ", ".join(countries)})
    return sentence(id, params)


def named(code: str) -> Phrase:
    """The name of a code of any word list; what is in none is shown as it is."""
    return Phrase(_NAMES.get(canonical(code), code.replace("{", "{{").replace("}", "}}")))


def constraint(key: str) -> Phrase:
    """What a hard constraint is about; floors by their number."""
    if key.startswith("floor."):
        return Phrase(N_("Quality floor {number}"), {"number": int(key.removeprefix("floor.")) + 1})
    return Phrase(CONSTRAINTS[key].title)


def _shown(id: str, name: str, value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 10_000 else f"{value:,.0f}"
    if not isinstance(value, str):
        return value
    if name == "part":
        return Phrase(_PARTS[value]) if value in _PARTS else value
    if id.endswith(".fields") or name in {"currency", "day"}:
        return value
    parts = value.split(", ") if value else []
    if id.endswith(".language"):
        return Several(tuple(Language(one) for one in parts))
    return Several(tuple(Phrase(_NAMES[code]) if (code := canonical(one)) in _NAMES else one for one in parts))
