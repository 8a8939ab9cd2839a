"""The facts of a listing in plain words: what its card, the review desk and the form say of the same document."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from challenges.facets import MODALITIES, SECTORS, TASKS
from leaderboard.accounts.organizations import VERIFICATIONS
from leaderboard.core.i18n import N_
from leaderboard.datasets.usage import region
from leaderboard.datasets.wording import language
from leaderboard.exchange.listings.sheet import FACTS
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.terms import words
from leaderboard.terms.listing import Evidence, Listing, Period, Price
from scoring.quality.checks import CHECKS

Shown = Phrase | Words | str | float

AMOUNTS: Final[Mapping[str, str]] = {
    "rows": N_("{amount} rows"),
    "bytes": N_("{amount} bytes"),
    "hours": N_("{amount} hours"),
    "images": N_("{amount} images"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact; no values: not said. ``bytes``: the value is a number of bytes."""

    label: Phrase
    values: tuple[Shown, ...]
    bytes: bool = False


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """One measure with its 95 % interval; ``share``: in per cent."""

    key: str
    title: str
    value: float
    low: float
    high: float
    share: bool


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """What one measuring run found. ``fresh``: on the very file that the listing is about."""

    path: str
    version: int
    fresh: bool
    measured_on: date
    grade: str | None
    grade_low: str | None
    grade_high: str | None
    rank: float | None
    measures: tuple[MeasureRow, ...]


def facts(listing: Listing) -> tuple[Fact, ...]:
    """All that can be said of a listing of this kind, said or not, in the order of the card; fields and terms stand apart."""
    of_data = _of_data(listing) if listing.kind == "dataset" else _of_services(listing)
    return (
        _fact("sector", _named(SECTORS, listing.sector)),
        _fact("task", _named(TASKS, listing.task)),
        _fact("modalities", _named(MODALITIES, *listing.modalities)),
        _fact("languages", tuple(map(language, listing.languages))),
        *of_data,
        _fact("regions", tuple(map(region, listing.regions))),
        _fact("deliveries", _named(words.DELIVERIES, *listing.deliveries)),
        _fact("price", (price(listing.price),) if listing.price else ()),
        _fact("exclusivity", _named(words.EXCLUSIVITIES, listing.exclusivity)),
        _fact("security", _named(words.SECURITIES, listing.security)),
        _fact("personal", _named(words.PERSONAL, listing.personal)),
        _fact("cross_border", _named(words.CROSSINGS, listing.cross_border)),
        _fact("receives_from", (buyers(listing.receives_from),)),
    )


def _of_data(listing: Listing) -> Iterator[Fact]:
    if not listing.sizes:
        yield _fact("sizes", ())
    for unit, label in words.SIZES.items():
        if unit in listing.sizes:
            yield Fact(Phrase(label), (listing.sizes[unit],), bytes=unit == "bytes")
    yield _fact("period", _period(listing.period))
    yield _fact("updated", (listing.updated.isoformat(),) if listing.updated else ())


def _of_services(listing: Listing) -> Iterator[Fact]:
    free = listing.capacity
    yield _fact("capacity", (Phrase(AMOUNTS[free.unit], {"amount": round(free.weekly)}),) if free else ())


def _fact(key: str, values: tuple[Shown, ...]) -> Fact:
    return Fact(Phrase(FACTS[key]), values)


def _named(names: Mapping[str, str], *keys: str | None) -> tuple[Phrase, ...]:
    return tuple(Phrase(names[key]) for key in keys if key)


def _period(period: Period) -> tuple[Shown, ...]:
    first, last = (day.isoformat() if day else "" for day in (period.first, period.last))
    if first and last:
        return (f"{first} – {last}",)
    if first:
        return (Phrase(N_("from {day} on"), {"day": first}),)
    return (Phrase(N_("until {day}"), {"day": last}),) if last else ()


def price(price: Price) -> Phrase:
    """What it costs."""
    if price.model == "fixed":
        return Phrase(N_("{low} {currency}"), {"low": _money(price.low), "currency": price.currency})
    if price.model == "range":
        ends = {"low": _money(price.low), "high": _money(price.high), "currency": price.currency}
        return Phrase(N_("{low} – {high} {currency}"), ends)
    return Phrase(words.PRICES[price.model])


def _money(amount: float | None) -> int | str:
    value = amount or 0.0
    return int(value) if value == int(value) else f"{value:,.2f}"


def buyers(level: int) -> Phrase:
    """With whom the supplier deals."""
    if not level:
        return Phrase(N_("Every organization"))
    return Phrase(N_("Organizations that are at least: {level}"), {"level": Phrase(VERIFICATIONS[level])})


def evidence(listing: Listing) -> tuple[EvidenceRow, ...]:
    """What was measured, the newest first."""
    return tuple(_evidence(one, listing) for one in reversed(listing.evidence))


def _evidence(one: Evidence, listing: Listing) -> EvidenceRow:
    _, slug, number = one.key.split("/")
    return EvidenceRow(
        path=f"/datasets/{slug}",
        version=int(number),
        fresh=one.version == listing.version,
        measured_on=one.measured_on,
        grade=one.grade.value if one.grade else None,
        grade_low=one.grade.low if one.grade else None,
        grade_high=one.grade.high if one.grade else None,
        rank=one.rank,
        measures=tuple(
            MeasureRow(key, CHECKS[key].title, found.value, found.low, found.high, CHECKS[key].unit == "share")
            for key, found in one.measures.items()
        ),
    )
