"""How far the fields of a listing cover those that a demand needs."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from leaderboard.exchange.matching.scores import UNKNOWN, Figure
from leaderboard.exchange.matching.synonyms import DIMENSIONS, concept
from leaderboard.terms.demand import FieldWanted
from leaderboard.terms.listing import FieldOffered

MUST, SHOULD = 2.0, 1.0
"""What a needed and a welcome field count."""
_PART_OF_NAME: Final = 0.7
_CONVERTIBLE: Final = 0.9
_FAMILIES: Final = ({"integer", "number"}, {"category", "text", "boolean"}, {"date", "time"})

_meaning = lru_cache(maxsize=50_000)(concept)


@lru_cache(maxsize=50_000)
def _words(meaning: str) -> frozenset[str]:
    return frozenset(meaning.split("_"))


def covered(wanted: Iterable[FieldWanted], offered: tuple[FieldOffered, ...]) -> Figure:
    """The weighted share of the wanted fields that are there, each by name, type and unit.

    Where no fields are listed at all, nothing is known. A type or unit that the listing does not say leaves a range.
    """
    if not offered:
        return UNKNOWN
    by_meaning: dict[str, list[FieldOffered]] = {}
    for field in offered:
        by_meaning.setdefault(_meaning(field.name), []).append(field)
    total = value_sum = low_sum = high_sum = 0.0
    for want in wanted:
        weight = MUST if want.must else SHOULD
        value, low, high = _best(want, by_meaning)
        total += weight
        value_sum += weight * value
        low_sum += weight * low
        high_sum += weight * high
    return Figure(value_sum / total, low_sum / total, high_sum / total)


def _best(want: FieldWanted, by_meaning: dict[str, list[FieldOffered]]) -> tuple[float, float, float]:
    meaning = _meaning(want.name)
    same = by_meaning.get(meaning)
    if same is not None:
        return max(_fit(want, field, 1.0) for field in same)
    words = _words(meaning)
    longer = (field for name, fields in by_meaning.items() if words < _words(name) for field in fields)
    return max((_fit(want, field, _PART_OF_NAME) for field in longer), default=(0.0, 0.0, 0.0))


def _fit(want: FieldWanted, field: FieldOffered, name: float) -> tuple[float, float, float]:
    low = high = name
    if want.type is not None:
        if field.type is None:
            low = 0.0
        elif want.type != field.type and not any({want.type, field.type} <= family for family in _FAMILIES):
            return 0.0, 0.0, 0.0
    if want.unit is not None:
        if not field.unit:
            low = 0.0
        elif (factor := _unit(want.unit.lower(), field.unit.lower())) < 1:
            low, high = low * factor, high * factor
    return (low + high) / 2, low, high


def _unit(want: str, offered: str) -> float:
    if want == offered:
        return 1.0
    return _CONVERTIBLE if want in DIMENSIONS and DIMENSIONS[want] == DIMENSIONS.get(offered) else 0.0
