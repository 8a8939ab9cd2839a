"""The soft factors of a demand: each gives a figure in [0, 1], an unknown one, or None where the demand does not ask.

`FACTORS` is the table, in the order of `terms.words.FACTORS`; the version of a record goes up whenever its figures change.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, NamedTuple

from leaderboard.exchange.matching import floors
from leaderboard.exchange.matching.coverage import covered
from leaderboard.exchange.matching.scores import UNKNOWN, Figure, known
from leaderboard.exchange.matching.sizing import mean, sized
from leaderboard.terms.demand import Demand, GradeFloor, RankFloor
from leaderboard.terms.listing import Evidence, Listing, Period
from leaderboard.terms.regions import within
from leaderboard.terms.words import GRADES

_TWO_YEARS: Final = 730.0
_ANY_GRADE: Final = GradeFloor(grade=GRADES[0])
_CERTIFIED, _MEASURED, _ONCE_MEASURED, _UNMEASURED = 1.0, 0.8, 0.4, 0.2


class Seen(NamedTuple):
    """What a factor looks at. `relevance` is in [0, 1], or None where no text was compared; `evidence` what is not stale."""

    demand: Demand
    listing: Listing
    relevance: float | None
    today: date
    evidence: tuple[Evidence, ...]


def seen(demand: Demand, listing: Listing, relevance: float | None, today: date, stale_days: int) -> Seen:
    """What factors look at, with the evidence that is not older than `stale_days`."""
    return Seen(demand, listing, relevance, today, floors.fresh(listing, today, stale_days))


@dataclass(frozen=True, slots=True)
class Factor:
    """One soft factor. `figure` says how well it fits, None if it is not asked; `weight` where nobody moved the slider.

    One that `multiplies` is a factor of the whole score of its side.
    """

    key: str
    title: str
    figure: Callable[[Seen], Figure | None]
    weight: float = 5.0
    version: int = 1
    multiplies: bool = False


def _relevance(seen: Seen) -> Figure:
    return UNKNOWN if seen.relevance is None else known(min(1.0, max(0.0, seen.relevance)))


def _scope(seen: Seen) -> Figure | None:
    demand, listing = seen.demand, seen.listing
    parts: list[Figure] = []
    if demand.sectors:
        parts.append(UNKNOWN if listing.sector is None else known(float(listing.sector in demand.sectors)))
    if demand.task is not None:
        parts.append(UNKNOWN if listing.task is None else known(float(listing.task == demand.task)))
    if demand.modalities:
        parts.append(_shared(demand.modalities, listing.modalities))
    if demand.regions:
        held = [any(within(one, other) for other in listing.regions) for one in demand.regions]
        parts.append(known(sum(held) / len(held)) if listing.regions else UNKNOWN)
    if demand.period.first is not None or demand.period.last is not None:
        parts.append(_overlap(demand.period, listing.period, seen.today))
    return mean(parts) if parts else None


def _shared(wanted: tuple[str, ...], offered: tuple[str, ...]) -> Figure:
    return known(sum(one in offered for one in wanted) / len(wanted)) if offered else UNKNOWN


def _overlap(wanted: Period, offered: Period, today: date) -> Figure:
    """The share of the wanted days that the offered period holds; open ends of the wanted one are ten years away."""
    if offered.first is None and offered.last is None:
        return UNKNOWN
    last = wanted.last or max(today, wanted.first or today)
    first = wanted.first or last - timedelta(days=3652)
    begin, end = max(first, offered.first or first), min(last, offered.last or last)
    days = (last - first).days + 1
    return known(max(0.0, min(1.0, ((end - begin).days + 1) / days))) if days > 0 else UNKNOWN


def _fields(seen: Seen) -> Figure | None:
    return covered(seen.demand.fields, seen.listing.fields) if seen.demand.fields else None


def _size(seen: Seen) -> Figure | None:
    return sized(seen.demand.sizes, seen.listing) if seen.demand.sizes else None


def _quality(seen: Seen) -> Figure:
    """How far each floor is exceeded, in half-widths of the interval; without floors, how good the grade is."""
    if not seen.demand.floors:
        found = floors.interval(_ANY_GRADE, seen.evidence)
        best = len(GRADES) - 1
        return UNKNOWN if found is None else Figure(found.value / best, found.low / best, found.high / best)
    figures = []
    for floor in seen.demand.floors:
        found = floors.interval(floor, seen.evidence)
        if found is None:
            figures.append(UNKNOWN)
        elif isinstance(floor, RankFloor):
            figures.append(known(_squashed((found.value - found.limit) * 10)))
        elif isinstance(floor, GradeFloor):
            figures.append(Figure(*(_squashed(2 * (end - found.limit)) for end in found[:3])))
        else:
            half = max((found.high - found.low) / 2, 1e-9)
            figures.append(known(_squashed((found.value - found.limit) / half)))
    return mean(figures)


def _squashed(margin: float) -> float:
    """0.5 at the floor, towards 1 beyond it and towards 0 below."""
    return 0.5 + 0.5 * margin / (2 + abs(margin))


def _freshness(seen: Seen) -> Figure:
    """1 for data of today, or up to the wanted end; a half after two years."""
    newest, wanted = seen.listing.newest_record, seen.demand.period.last
    if newest is None:
        return UNKNOWN
    days = (min(seen.today, wanted or seen.today) - newest).days
    return known(1 / (1 + max(0, days) / _TWO_YEARS))


def _price(seen: Seen) -> Figure | None:
    budget, price = seen.demand.budget, seen.listing.price
    if budget is None or budget.high is None:
        return None
    span = price.span if price is not None else None
    if price is None or span is None:
        return UNKNOWN
    if span == (0.0, 0.0):
        return known(1.0)
    if price.currency != budget.currency:
        return UNKNOWN
    cheap, dear = (_worth(one, budget.high) for one in span)
    return Figure((cheap + dear) / 2, dear, cheap)


def _worth(price: float, most: float) -> float:
    """1 for nothing, a half for the whole budget, 0 from half as much again."""
    if most <= 0:
        return 1.0 if price <= 0 else 0.0
    share = price / most
    return 1 - share / 2 if share <= 1 else max(0.0, 1.5 - share)


def _delivery(seen: Seen) -> Figure | None:
    wanted, offered = seen.demand.delivery, seen.listing.deliveries
    if not (wanted.any_of or wanted.required):
        return None
    if not offered:
        return UNKNOWN
    met = [mode in offered for mode in wanted.required]
    if wanted.any_of:
        met.append(any(mode in offered for mode in wanted.any_of))
    return known(sum(met) / len(met))


def _language(seen: Seen) -> Figure | None:
    return _shared(seen.demand.languages, seen.listing.languages) if seen.demand.languages else None


def _provenance(seen: Seen) -> Figure:
    if any(one.certificate is not None and one.certificate.valid_until >= seen.today for one in seen.evidence):
        return known(_CERTIFIED)
    return known(_MEASURED if seen.evidence else _ONCE_MEASURED if seen.listing.evidence else _UNMEASURED)


def evidence_of(factor: str, seen: Seen) -> str | None:
    """The key of the measuring run that a figure leads to, where there is one."""
    if factor not in {"quality", "provenance"}:
        return None
    held = seen.evidence or seen.listing.evidence
    return held[0].key if held else None


_TABLE: Final = (
    Factor("relevance", "Relevance of the text", _relevance, version=2, multiplies=True),
    Factor("scope", "Sector, task, modality, place and period", _scope),
    Factor("fields", "Fields", _fields),
    Factor("size", "Volume", _size),
    Factor("quality", "Quality beyond the floors", _quality),
    Factor("freshness", "Freshness", _freshness, version=2),
    Factor("price", "Price", _price),
    Factor("delivery", "Delivery", _delivery),
    Factor("language", "Languages", _language),
    Factor("provenance", "Provenance", _provenance),
)
FACTORS: Final[Mapping[str, Factor]] = MappingProxyType({one.key: one for one in _TABLE})
