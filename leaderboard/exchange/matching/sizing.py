"""How well an offered amount fits a wanted one: a ratio of logarithms that has enough at the ideal amount."""

from math import log, log10
from typing import Final

from leaderboard.exchange.matching.scores import UNKNOWN, Figure, known
from leaderboard.terms.demand import SizeWanted
from leaderboard.terms.listing import Listing

_ENOUGH: Final = 0.5
"""What the least amount that will do is worth; the ideal one is worth 1."""
_DECADE: Final = 10.0


def fit(amount: float, least: float | None, ideal: float | None) -> float:
    """From 0 (a tenth of what is needed, or less) over 0.5 (the least) to 1 (the ideal amount, or more).

    >>> fit(1000, 1000, 10_000), fit(20_000, 1000, 10_000), fit(100, 1000, None), fit(1000, 1000, None)
    (0.5, 1.0, 0.0, 1.0)
    """
    top = ideal if ideal is not None else least
    if top is None or amount >= top:
        return 1.0
    bottom = least if least is not None else top / _DECADE
    if amount <= 0:
        return 0.0
    if amount >= bottom:
        return _ENOUGH + (1 - _ENOUGH) * log(amount / bottom) / log(top / bottom)
    return max(0.0, _ENOUGH * (1 + log10(amount / bottom)))


def sized(sizes: tuple[SizeWanted, ...], listing: Listing) -> Figure:
    """The mean over the wanted units; a unit that the listing does not give is unknown."""
    figures = [
        UNKNOWN if (amount := listing.sizes.get(size.unit)) is None else known(fit(amount, size.least, size.ideal))
        for size in sizes
    ]
    return mean(figures)


def mean(figures: list[Figure]) -> Figure:
    """The mean of figures: of the known values, and of all bounds. `UNKNOWN` where no value is known."""
    if len(figures) == 1:
        return figures[0]
    values = [one.value for one in figures if one.value is not None]
    low = sum(one.low for one in figures) / len(figures)
    high = sum(one.high for one in figures) / len(figures)
    if not values:
        return Figure(None, low, high)
    value = sum(values) / len(values)
    return Figure(value, min(low, value), max(high, value))
