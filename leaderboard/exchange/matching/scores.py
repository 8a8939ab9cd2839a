"""How numbers become a score: weighted means over what is known, bounds from what is not, and one number to place by.

What an offer is about comes first: a cheap, fresh, well measured dataset about something else is no use. So how well the texts
fit multiplies the mean of the other factors instead of being one of them.
"""

from collections.abc import Iterable
from math import sqrt
from typing import Final, NamedTuple

from challenges.strict import Strict


class Figure(NamedTuple):
    """How well one factor fits, in [0, 1]: `value` None where it is unknown, and then somewhere from `low` to `high`."""

    value: float | None
    low: float
    high: float


UNKNOWN: Final = Figure(None, 0.0, 1.0)


def known(value: float) -> Figure:
    """A figure without doubt."""
    return Figure(value, value, value)


class Span(Strict):
    """A score in [0, 1] with the least and the most that it can become when everything is known."""

    value: float
    low: float
    high: float


class Scores(Strict):
    """The score for the demand, for the supplier, for both (geometric mean), and the number that places are given by."""

    demand: Span
    supply: Span
    joint: Span
    placing: float


class Weighed(NamedTuple):
    """A score before it is shown: the same three numbers as `Span`, without its checks."""

    value: float
    low: float
    high: float


class Term(NamedTuple):
    """A figure with its weight. One that `multiplies` is a factor of the whole side, to the power of weight / `MOST_WEIGHT`."""

    weight: float
    figure: Figure
    multiplies: bool = False


MOST_WEIGHT: Final = 10.0
"""As far as the slider of a factor goes."""


def weighed(terms: Iterable[Term]) -> Weighed:
    """The weighted mean over known figures, times those that multiply; the bounds take in the unknown ones.

    Without any known figure the mean is the middle of its bounds; without any weight its three numbers are 0.5, 0 and 1. An
    unknown figure that multiplies leaves the value as it is.
    """
    held = tuple(terms)
    mean = _mean(held)
    value, low, high = mean
    for weight, figure, multiplies in held:
        if multiplies:
            power = weight / MOST_WEIGHT
            value *= 1.0 if figure.value is None else figure.value**power
            low, high = low * figure.low**power, high * figure.high**power
    return Weighed(value, min(low, value), max(high, value))


def contributions(terms: Iterable[Term]) -> list[float]:
    """What each term adds to the value of its side, in their order; one that multiplies takes away. 0 while it is unknown.

    Those of all known terms add up to the value, if anything but multiplying ones is known.
    """
    held = tuple(terms)
    total = sum(weight for weight, figure, multiplies in held if not multiplies and figure.value is not None)
    so_far, found = _mean(held).value, []
    for weight, figure, multiplies in held:
        if figure.value is None:
            found.append(0.0)
        elif multiplies:
            after = so_far * figure.value ** (weight / MOST_WEIGHT)
            found.append(after - so_far)
            so_far = after
        else:
            found.append(weight * figure.value / total)
    return found


def _mean(terms: Iterable[Term]) -> Weighed:
    total = known_total = value_sum = low_sum = high_sum = 0.0
    for weight, (value, low, high), multiplies in terms:
        if multiplies:
            continue
        total += weight
        low_sum += weight * low
        high_sum += weight * high
        if value is not None:
            known_total += weight
            value_sum += weight * value
    if total == 0:
        return Weighed(0.5, 0.0, 1.0)
    low, high = low_sum / total, high_sum / total
    value = value_sum / known_total if known_total else (low + high) / 2
    return Weighed(value, min(low, value), max(high, value))


class Joined(NamedTuple):
    """`Scores` before they are shown."""

    demand: Weighed
    supply: Weighed
    joint: Weighed
    placing: float

    @property
    def shown(self) -> Scores:
        demand, supply, joint = (Span(**one._asdict()) for one in (self.demand, self.supply, self.joint))
        return Scores(demand=demand, supply=supply, joint=joint, placing=self.placing)


def joined(demand: Weighed, supply: Weighed, *, is_open: bool, caution: float) -> Joined:
    """Both sides together. While a hard constraint `is_open`, the least that can come of it is nothing at all.

    The number to place by gives up `caution` (a share) of the way from the value to the low bound, so that hiding facts
    never pays.
    """
    low = 0.0 if is_open else sqrt(demand.low * supply.low)
    joint = Weighed(sqrt(demand.value * supply.value), low, sqrt(demand.high * supply.high))
    return Joined(demand, supply, joint, joint.value - caution * (joint.value - joint.low))
