"""A share of rows, and how sure it is: a count of all rows is exact, a count of a sample has an interval."""

from dataclasses import dataclass
from math import nan, sqrt
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `of` rows, both whole numbers ≥ 0.

    value       count / of; NaN where there was nothing to count
    low, high   the ends of the interval; both are `value` where all rows were counted
    exact       all rows were counted, so there is no sampling error
    """

    count: int
    of: int
    value: float
    low: float
    high: float
    exact: bool

    @property
    def rest(self) -> "Share":
        """The share of the other rows.

        >>> share_of(1, 4).rest.value
        0.75
        """
        return Share(self.of - self.count, self.of, 1 - self.value, 1 - self.high, 1 - self.low, self.exact)


def share_of(count: int, of: int, *, population: int | None = None, level: float = 0.95) -> Share:
    """The share with Wilson's score interval (1927, doi:10.2307/2276774).

    population   rows that the `of` rows were drawn from at random; None or `of` itself: all rows were counted.
                 A sample that is a large part of them is surer (finite population correction)

    ValueError where 0 ≤ count ≤ of ≤ population does not hold.

    >>> share_of(30, 200)
    Share(count=30, of=200, value=0.15, low=0.15, high=0.15, exact=True)
    >>> sampled = share_of(0, 20, population=1_000_000)
    >>> round(sampled.high, 4), sampled.exact
    (0.1611, False)
    """
    if not 0 <= count <= of <= (of if population is None else population):
        raise ValueError(f"{count} of {of} rows, drawn from {population}, is no share")
    if of == 0:
        return Share(0, 0, nan, nan, nan, exact=False)
    value = count / of
    if population is None or population == of:
        return Share(count, of, value, value, value, exact=True)
    rows = of * (population - 1) / (population - of)
    z = NormalDist().inv_cdf(0.5 + level / 2)
    middle = (value + z * z / (2 * rows)) / (1 + z * z / rows)
    reach = z / (1 + z * z / rows) * sqrt(value * (1 - value) / rows + z * z / (4 * rows * rows))
    low = 0.0 if count == 0 else max(0.0, middle - reach)
    high = 1.0 if count == of else min(1.0, middle + reach)
    return Share(count, of, value, low, high, exact=False)
