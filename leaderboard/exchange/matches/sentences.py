"""Sentences of matching and of terms with their params in words: codes of word lists, places, measures and languages by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from babel import Locale

from challenges.facets import MODALITIES, SECTORS, TASKS
from leaderboard.core.i18n import N_, locale_tag
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
class Language:
    """A language by its code."""

    code: str

    def said(self, locale: str) -> str:
        return _languages(locale).get(self.code, self.code)


@cache
def _languages(locale: str) -> Mapping[str, str]:
    return Locale.parse(locale_tag(locale).replace("-", "_")).languages


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
