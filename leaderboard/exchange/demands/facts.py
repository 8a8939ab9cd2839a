"""The facts of a demand in words: label and values, for pages, files and the list of what was understood.

Values are texts, or things with ``said(locale)``. To anybody but the demander a budget is a band between powers of ten and their
threefold, and nothing where it is hidden.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any, Final, Literal

from babel import Locale

from challenges.facets import MODALITIES, SECTORS, TASKS
from challenges.findings import Finding
from leaderboard.core.i18n import N_, format_number, locale_tag
from leaderboard.exchange.demands.service import BlindCard
from leaderboard.exchange.demands.sums import blackened
from leaderboard.seasons.signals import Phrase
from leaderboard.terms.demand import Budget, Demand, Floor, GradeFloor, MeasureFloor, RankFloor, SizeWanted
from leaderboard.terms.messages import MESSAGES
from leaderboard.terms.regions import REGIONS, canonical
from leaderboard.terms.words import (
    ACTIONS,
    DELIVERIES,
    DUTIES,
    FIELD_TYPES,
    KINDS,
    MUSTS,
    PERSONAL,
    PURPOSES,
    SECURITIES,
    SIZES,
)
from scoring.quality.checks import CHECKS

Money = Literal["exact", "band"]
_BANDS: Final = tuple(factor * 10**power for power in range(4, 9) for factor in (1, 3))
"""Edges of the bands, in whole units of the currency: 10,000 30,000 100,000 … 300,000,000."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as the reader's language writes it; ``share``: in per cent."""

    value: float
    share: bool = False

    def said(self, locale: str) -> str:
        shown = 100 * self.value if self.share else self.value
        whole = int(shown) if float(shown).is_integer() else round(shown, 6)
        return format_number(locale, whole) + ("%" if self.share else "")


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
class Listed:
    """Several values one after the other."""

    items: tuple[Any, ...]

    def said(self, locale: str) -> str:
        return ("、" if locale == "zh" else ", ").join(said(item, locale) for item in self.items)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what it is about, and what is asked. ``must``: the demand insists on it."""

    label: Phrase
    value: Listed
    must: bool = False


def said(value: Any, locale: str) -> str:
    """A value in the reader's language."""
    return str(value.said(locale)) if hasattr(value, "said") else str(value)


def facts(demand: Demand, money: Money) -> tuple[Fact, ...]:
    """Every fact that a demand states, in the order of its form."""
    stated = [*_what(demand), *_terms(demand), *_course(demand, money)]
    return tuple(Fact(Phrase(label), Listed(tuple(items)), must) for label, items, must in stated if items)


_Line = tuple[str, Sequence[Any], bool]


def _what(demand: Demand) -> Iterator[_Line]:
    musts = demand.musts
    yield N_("What is wanted"), [Phrase(KINDS[demand.kind])], True
    yield N_("Sectors"), _named(SECTORS, demand.sectors), False
    yield N_("Task"), _named(TASKS, [demand.task] if demand.task else []), False
    yield N_("Kind of data"), _named(MODALITIES, demand.modalities), "modality" in musts
    yield N_("Languages"), [Language(code) for code in demand.languages], "language" in musts
    yield N_("Geography"), places(demand.regions), "region" in musts
    yield N_("Period of the data"), _period(demand.period.first, demand.period.last), False
    yield N_("Size"), [size(one) for one in demand.sizes], False
    yield N_("Fields"), [_field(one) for one in demand.fields], False
    yield N_("Quality floors"), [floor(one) for one in demand.floors], "floors" in musts
    yield N_("Certificate"), [Phrase(N_("needed"))] if demand.certificate else [], "certificate" in musts


def _terms(demand: Demand) -> Iterator[_Line]:
    usage = demand.usage
    yield N_("Use"), _named(ACTIONS, usage.actions), True
    yield N_("Purposes"), _named(PURPOSES, usage.purposes), True
    yield N_("Used in"), places(usage.regions or [demand.region]), True
    yield N_("Industries of use"), _named(SECTORS, usage.industries), True
    yield N_("Time of use"), _period(usage.since, usage.until), True
    yield N_("Duties that cannot be taken on"), _named(DUTIES, usage.cannot), True
    yield N_("Highest security class"), _named(SECURITIES, [demand.security] if demand.security else []), True
    yield N_("Personal data at most"), _named(PERSONAL, [demand.personal] if demand.personal else []), True
    yield N_("Exclusivity"), [Phrase(N_("exclusive use"))] if demand.exclusive else [], True


def _course(demand: Demand, money: Money) -> Iterator[_Line]:
    wanted = demand.delivery
    must = "delivery" in demand.musts
    yield N_("Budget"), budget(demand.budget, money), "budget" in demand.musts
    yield N_("Any of these ways of delivery"), _named(DELIVERIES, wanted.any_of), must
    yield N_("Ways of delivery that are needed"), _named(DELIVERIES, wanted.required), must
    yield N_("Deadline"), [demand.deadline.isoformat()] if demand.deadline else [], True
    yield N_("Accepted by"), [_indicator(one.floor, note(one.note, money)) for one in demand.indicators], False


def _named(names: Mapping[str, str], keys: Sequence[str]) -> list[Phrase]:
    return [Phrase(names[key]) for key in keys]


def places(codes: Sequence[str]) -> list[Phrase | str]:
    """Places by their names; one that has none here by its code."""
    return [Phrase(REGIONS[found]) if (found := canonical(code)) in REGIONS else code for code in codes]


def _period(first: date | None, last: date | None) -> list[Any]:
    if first is None and last is None:
        return []
    return [Phrase(N_("{first} to {last}"), {"first": _day(first), "last": _day(last)})]


def _day(day: date | None) -> Any:
    return day.isoformat() if day else "…"


def size(wanted: SizeWanted) -> Listed:
    """How much in one unit."""
    unit = Phrase(SIZES[wanted.unit])
    parts = (
        (wanted.least, N_("{unit}: at least {amount}")),
        (wanted.ideal, N_("{unit}: ideally {amount}")),
        (wanted.most, N_("{unit}: at most {amount}")),
    )
    return Listed(tuple(Phrase(text, {"unit": unit, "amount": Amount(n)}) for n, text in parts if n is not None))


def floor(wanted: Floor) -> Phrase:
    """How good, in words."""
    match wanted:
        case GradeFloor():
            return Phrase(N_("grade {grade} or better"), {"grade": wanted.grade})
        case RankFloor():
            return Phrase(N_("in a challenge among the best {share}"), {"share": Amount(wanted.limit, share=True)})
        case MeasureFloor():
            check = CHECKS[wanted.measure]
            text = N_("{measure}: at most {limit}") if wanted.falling else N_("{measure}: at least {limit}")
            limit = Amount(wanted.limit, share=check.unit == "share")
            return Phrase(text, {"measure": Phrase(check.title), "limit": limit})


def note(text: str, money: Money) -> str:
    """A remark of the demander's; for others with sums of money under ink, as in the other texts."""
    return text if money == "exact" else blackened(text)


def _indicator(wanted: Floor, note: str) -> Any:
    return Phrase(N_("{floor} ({note})"), {"floor": floor(wanted), "note": note}) if note else floor(wanted)


def _field(wanted: Any) -> Any:
    kind = [Phrase(FIELD_TYPES[wanted.type])] if wanted.type else []
    about = [*kind, *([wanted.unit] if wanted.unit else []), *([] if wanted.must else [Phrase(N_("welcome"))])]
    return (
        Phrase(N_("{floor} ({note})"), {"floor": wanted.name, "note": Listed(tuple(about))}) if about else wanted.name
    )


def budget(wanted: Budget | None, money: Money) -> list[Any]:
    """What may be spent: exactly, or in a band (nothing where it is hidden)."""
    if wanted is None or (money == "band" and wanted.hidden):
        return []
    low, high = (wanted.low, wanted.high) if money == "exact" else _band(wanted)
    params = {"currency": wanted.currency, "low": Amount(low or 0), "high": Amount(high or 0)}
    hidden = [Phrase(N_("hidden from others"))] if wanted.hidden else []
    if low is not None and high is not None:
        return [Phrase(N_("{currency} {low} to {high}"), params), *hidden]
    if high is not None:
        return [Phrase(N_("{currency} {high} at most"), params), *hidden]
    return [Phrase(N_("{currency} {low} or more"), params), *hidden] if low is not None else hidden


def _band(wanted: Budget) -> tuple[float | None, float | None]:
    """The edges around the upper end, or around the lower one where only that is given: one budget, one band."""
    amount = wanted.high if wanted.high is not None else wanted.low
    if amount is None:
        return None, None
    below = max((edge for edge in _BANDS if edge <= amount), default=None)
    above = min((edge for edge in _BANDS if edge > amount), default=None)
    return below, above


@lru_cache(maxsize=512)
def card_facts(card: BlindCard) -> tuple[Fact, ...]:
    """What a blind card says."""
    lines: tuple[_Line, ...] = (
        (N_("Sectors"), _named(SECTORS, card.sectors), False),
        (N_("Kind of data"), _named(MODALITIES, card.modalities), False),
        (N_("Size"), [_size_band(card.size)] if card.size else [], False),
        (N_("Quality floors"), [_floor_band(card.floor)] if card.floor else [], False),
        (N_("Geography"), places(card.regions), False),
    )
    return tuple(Fact(Phrase(label), Listed(tuple(items)), must) for label, items, must in lines if items)


def _size_band(band: str) -> Phrase:
    unit, _, power = band.partition(":")
    low = 10 ** int(power)
    params = {"unit": Phrase(SIZES[unit]), "low": Amount(low), "high": Amount(10 * low)}
    return Phrase(N_("{unit}: {low} to {high}"), params)


def _floor_band(band: str) -> Phrase:
    if band == "measured":
        return Phrase(N_("measured quality is asked for"))
    return Phrase(N_("grade {grade} or better"), {"grade": band})


# What was understood, and what contradicts itself


def piece(what: str, value: Any) -> Any:
    """The value of a piece that was understood of a text, in words."""
    if what in _LISTS:
        return Phrase(_LISTS[what][value])
    if what in _SHOWN:
        return _SHOWN[what](value)
    return Phrase(N_("yes")) if value is True else value


_LISTS: Final[Mapping[str, Mapping[str, str]]] = {
    "understood.kind": KINDS,
    "understood.sector": SECTORS,
    "understood.task": TASKS,
    "understood.modality": MODALITIES,
    "understood.usage": ACTIONS,
    "understood.not_usage": ACTIONS,
    "understood.purpose": PURPOSES,
    "understood.delivery": DELIVERIES,
    "understood.personal": PERSONAL,
}
_FLOORS: Final[Mapping[str, type[MeasureFloor] | type[GradeFloor] | type[RankFloor]]] = {
    "measure": MeasureFloor,
    "grade": GradeFloor,
    "rank": RankFloor,
}


_SHOWN: Final[Mapping[str, Callable[[Any], Any]]] = {
    "understood.size": lambda value: size(SizeWanted.model_validate(value)),
    "understood.budget": lambda value: Listed(tuple(budget(Budget.model_validate(value), "exact"))),
    "understood.floor": lambda value: floor(_FLOORS[value["kind"]].model_validate(value)),
    "understood.region": lambda value: Listed(tuple(places([value]))),
    "understood.language": Language,
    "understood.period": lambda value: Listed(
        tuple(_period(*(_read_day(value.get(end)) for end in ("first", "last"))))
    ),
}


def _read_day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def contradiction(finding: Finding) -> Phrase:
    """The sentence of a contradiction, with names in place of keys."""
    text = Phrase(MESSAGES[finding.id], {key: _param(key, value) for key, value in finding.params.items()})
    if finding.value is not None and finding.value in MUSTS:
        return Phrase(N_("{what}: {text}"), {"what": Phrase(MUSTS[finding.value]), "text": text})
    return text


def _param(key: str, value: Any) -> Any:
    if key == "unit":
        return Phrase(SIZES[value])
    if key == "mode":
        return Phrase(DELIVERIES[value])
    if key == "only":
        return Listed(tuple(Phrase(DELIVERIES[one]) for one in value.split(", ")))
    return Amount(value) if isinstance(value, int | float) else value
