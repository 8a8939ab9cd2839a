"""How numbers become a score: weighted means over what is known, bounds from what is not, and one number to place by."""

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


def weighed(parts: Iterable[tuple[float, Figure]]) -> Weighed:
    """The weighted mean over known figures; the bounds take in the unknown ones.

    Without any known figure the value is the middle of the bounds; without any weight all three numbers are 0.5, 0 and 1.
    """
    total = known_total = value_sum = low_sum = high_sum = 0.0
    for weight, (value, low, high) in parts:
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
