"""Quality inspection by sampling: what is drawn, whether the lot passes, and how sure that verdict is. All statements are exact.

A lot is a set of items, each sound or faulty. A sample is drawn without replacement, so the faults in it follow the
hypergeometric distribution; nothing is approximated by a normal.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b
from math import ceil, floor, sqrt
from typing import Final

import numpy as np

from scoring.agreement.hashing import scramble
from scoring.agreement.shares import clopper_pearson
from scoring.errors import ScoringError
from scoring.sorting import FloatArray, IntArray

MOST_ITEMS: Final = 10**12
_MOST_SAMPLED: Final = 10_000_000
_MOST_ALLOWED: Final = 1000


@dataclass(frozen=True, slots=True)
class Plan:
    """How a lot is inspected. Shares are exact fractions: 0.96 is 96/100.

    items        sample at least so many items
    share        … and at least this share of the lot; a lot that is smaller than the sample is inspected whole
    pass_share   it passes if at least this share of the sample is sound
    source       where the rule is from
    """

    items: int
    share: Fraction
    pass_share: Fraction
    source: str

    def sample(self, population: int) -> int:
        """How many items of a lot of this size are drawn.

        >>> BY_PEOPLE.sample(1_000_000), BY_PEOPLE.sample(3000), BY_MACHINE.sample(12_345)
        (4000, 3000, 1235)
        """
        return min(population, max(self.items, ceil(self.share * population)))

    def allowed(self, sampled: int) -> int:
        """How many faulty items a sample of this size may hold.

        >>> BY_PEOPLE.allowed(4000)
        160
        """
        return sampled - ceil(self.pass_share * sampled)

    def tolerated(self, population: int) -> int:
        """How many faulty items a lot of this size may hold if it is to be called sound."""
        return self.allowed(population)


BY_PEOPLE: Final = Plan(4000, Fraction(0), Fraction(96, 100), "TC260-003: 4,000 items at random, inspected by people")
BY_MACHINE: Final = Plan(0, Fraction(10, 100), Fraction(98, 100), "TC260-003: a tenth at random, inspected by machine")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an inspection says about a lot.

    passed           whether the lot passes
    share            the share of the sample that is sound
    low, high        where the share of sound items is, if the lot were endless (Clopper and Pearson), at the level asked for
    lot_low, lot_high   the same for this very lot, whole numbers of its items: what was inspected is known for sure
    allowed, faulty  faults that the plan allows in the sample, and those found
    consumer_risk    how probable it is that a lot which just fails to be sound (one fault too many) passes this inspection
    producer_risk    how probable it is that a good lot, with half of the faults that are tolerated, fails it
    doubt            how probable so few faults, or fewer, are in a lot that just fails to be sound: small is proof
    """

    passed: bool
    share: float
    low: float
    high: float
    lot_low: int
    lot_high: int
    allowed: int
    faulty: int
    consumer_risk: float
    producer_risk: float
    doubt: float


def inspect(sampled: int, passed: int, population: int, plan: Plan, *, level: float = 0.95) -> Verdict:
    """Judge a lot by its sample.

    sampled, passed   items inspected, and found sound: 0 ≤ passed ≤ sampled
    population        items of the lot, up to 1e12
    level             of the two intervals

    Refused: fewer items inspected than the plan asks for. ValueError: numbers that do not fit each other, or more than 1e7
    inspected.

    >>> found = inspect(4000, 3880, 250_000, BY_PEOPLE)
    >>> found.passed, found.allowed, found.faulty, round(found.low, 4), round(found.high, 4)
    (True, 160, 120, 0.9642, 0.9751)
    """
    if not 0 <= passed <= sampled <= population <= MOST_ITEMS or not 0 < sampled <= _MOST_SAMPLED:
        raise ValueError(f"{passed} sound of {sampled} inspected of {population} is no sample, or too large")
    needed = plan.sample(population)
    if sampled < needed:
        raise ScoringError("agreement.sample_too_small", sampled=sampled, needed=needed, population=population)
    faulty, allowed, tolerated = sampled - passed, plan.allowed(sampled), plan.tolerated(population)
    low, high = clopper_pearson(passed, sampled, level)
    most, least = _faults_of_lot(faulty, sampled, population, level)
    just_failing = min(tolerated + 1, population)
    return Verdict(
        faulty <= allowed,
        passed / sampled,
        float(low),
        float(high),
        population - most,
        population - least,
        allowed,
        faulty,
        at_most(allowed, sampled, just_failing, population),
        more_than(allowed, sampled, tolerated // 2, population),
        at_most(faulty, sampled, just_failing, population),
    )


def at_most(found: int, sampled: int, faulty: int, population: int) -> float:
    """P(at most `found` faults in the sample) if the lot has `faulty`: hypergeometric, to about 1e-11.

    As a function of `faulty` it is the operating characteristic of a plan. Terms that are more than 40 standard deviations
    and 40 faults from the mean (below 1e-80) count as 0.

    >>> round(at_most(0, 5, 1, 10), 12)
    0.5
    """
    first, weights = _weights(sampled, faulty, population)
    return float(weights[: max(found - first + 1, 0)].sum() / weights.sum())


def more_than(found: int, sampled: int, faulty: int, population: int) -> float:
    """P(more than `found` faults in the sample), see `at_most`; small ones are exact too.

    >>> round(more_than(0, 5, 1, 10), 12)
    0.5
    """
    first, weights = _weights(sampled, faulty, population)
    return float(weights[max(found - first + 1, 0) :].sum() / weights.sum())


def _weights(sampled: int, faulty: int, population: int) -> tuple[int, FloatArray]:
    """The first number of faults that counts, and what is proportional to the probability of it and of the next ones."""
    fewest, most = max(0, sampled + faulty - population), min(sampled, faulty)
    mean = sampled * (faulty / population)
    reach = 40 + 40 * sqrt(mean * (1 - faulty / population))
    first, last = max(fewest, int(mean - reach)), min(most, int(mean + reach) + 1)
    k = np.arange(first, last, dtype=np.float64)
    ratios = np.log(faulty - k) + np.log(sampled - k) - np.log(k + 1) - np.log(population - faulty - sampled + k + 1)
    logs = np.concatenate([[0.0], np.cumsum(ratios)])
    weights: FloatArray = np.exp(logs - logs.max())
    return first, weights


def sample_size(
    population: int, *, good: float, bad: float, producer_risk: float = 0.05, consumer_risk: float = 0.05
) -> tuple[int, int]:
    """The smallest sample that tells good lots from bad ones, and how many faults it may hold: (sample, allowed).

    population      items of the lot, up to 1e12
    good, bad       shares of sound items, bad < good: a lot as good as `good` fails with at most `producer_risk`,
                    a lot as bad as `bad` passes with at most `consumer_risk`

    The plan of Guenther 1969 (doi:10.1080/00224065.1969.11980368), with hypergeometric risks. Refused: lots that can only be
    told apart by allowing 1,000 faults or more.

    >>> sample_size(100_000, good=1.0, bad=0.96)
    (74, 0)
    >>> sample_size(100_000, good=0.98, bad=0.96)
    (780, 22)
    """
    if not (0 <= bad < good <= 1 and 0 < population <= MOST_ITEMS and 0 < producer_risk < 1 and 0 < consumer_risk < 1):
        raise ValueError("0 ≤ bad < good ≤ 1, the risks lie between 0 and 1, and the lot has 1 to 1e12 items")
    few = population - ceil(Fraction(str(good)) * population)
    many = population - floor(Fraction(str(bad)) * population)
    smallest = 1
    for allowed in range(min(many, _MOST_ALLOWED)):
        low, step = max(smallest, allowed + 1), 1
        while low + step < population and at_most(allowed, low + step, many, population) > consumer_risk:
            low, step = low + step, 2 * step
        smallest = _first(
            lambda n, allowed=allowed: at_most(allowed, n, many, population) <= consumer_risk,  # type: ignore[misc]
            low,
            min(low + step, population),
        )
        if more_than(allowed, smallest, few, population) <= producer_risk:
            return smallest, allowed
    raise ScoringError("agreement.no_plan", most=_MOST_ALLOWED)


def draw(ids: Sequence[str] | IntArray, count: int, seed: int) -> IntArray:
    """A random sample of distinct ids that depends on the ids and the seed alone, not on their order.

    ids      texts, or an array of integers
    count    how many; all of them if there are fewer
    seed     any whole number ≥ 0; keep it secret until the lot is handed in

    Returns the places of the drawn ids (int64), in the order in which they are to be inspected: the first half of a sample
    is a sample too. Each id is drawn by a keyed hash of its own.

    >>> names = ["a", "b", "c", "d"]
    >>> [names[place] for place in draw(names, 2, seed=1)] == [names[::-1][place] for place in draw(names[::-1], 2, seed=1)]
    True
    """
    if isinstance(ids, np.ndarray) and ids.dtype.kind in "iu":
        keys, distinct = scramble(ids, seed), len(np.unique(ids))
        order = np.argsort(keys, kind="stable")
    else:
        key = seed.to_bytes(16, "big")
        hashed = [blake2b(one.encode("utf-8", "surrogatepass"), digest_size=16, key=key).digest() for one in ids]
        distinct = len(set(ids))
        order = np.array(sorted(range(len(ids)), key=hashed.__getitem__), dtype=np.int64)
    if distinct < len(ids):
        raise ValueError(f"{len(ids) - distinct} ids come twice")
    return order[:count]


def _faults_of_lot(faulty: int, sampled: int, population: int, level: float) -> tuple[int, int]:
    """The most and the fewest faults that the lot may have, by inverting both exact tails."""
    tail, fewest, most = (1 - level) / 2, faulty, population - (sampled - faulty)
    largest = _first(lambda lot: at_most(faulty, sampled, lot, population) <= tail, fewest, most + 1) - 1
    smallest = _first(lambda lot: more_than(faulty - 1, sampled, lot, population) > tail, fewest, most)
    return max(largest, fewest), smallest


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The first whole number from `low` on for which this holds, which then holds for all up to `high`; `high` at the latest."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
