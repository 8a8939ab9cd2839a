"""From checked items to a skill level: one public rule, as data.

An annotator has a level if the lower 95 % Wilson bound of the accuracy on gold items reaches it, on enough gold items, and is
above the share of the most frequent class among them: who always gives the same answer is never more than a trainee.
A bound, not the accuracy itself, so that luck on a few items is worth nothing: 30 of 30 are a bound of 0.886.
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Final

_Z: Final = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class SkillLevel:
    """One level: `accuracy` is the least lower bound, on at least `gold` checked items."""

    key: str
    title: str
    accuracy: float
    gold: int
    reason: str


LEVELS: Final = (
    SkillLevel("trainee", "Trainee", 0.0, 0, "Everybody starts here."),
    SkillLevel(
        "qualified",
        "Qualified",
        0.80,
        30,
        "Three such people who err independently and vote are right about 9 times in 10 (0.8³ + 3 · 0.8² · 0.2 = 0.896). "
        "30 checked items, so that one page of luck is not enough.",
    ),
    SkillLevel(
        "skilled",
        "Skilled",
        0.90,
        50,
        "Three such people who err independently and vote are right 97 times in 100 (0.9³ + 3 · 0.9² · 0.1 = 0.972).",
    ),
    SkillLevel(
        "expert",
        "Expert",
        0.96,
        100,
        "Work by this person alone is expected to pass an inspection by people at 96 %. "
        "It takes at least 100 checked items: 100 of 100 are a bound of 0.963, 99 of 100 are not enough.",
    ),
)


def skill_level(right: int, gold: int, commonest: int) -> SkillLevel:
    """The highest level that is reached.

    right       gold items answered rightly
    gold        gold items answered
    commonest   how many of these have the class that is most frequent among them

    >>> [skill_level(right, 100, 40).key for right in (100, 97, 90, 70)]
    ['expert', 'skilled', 'qualified', 'trainee']
    >>> skill_level(97, 100, 97).key
    'trainee'
    """
    bound = _lower_bound(right, gold)
    above_chance = gold > 0 and bound > commonest / gold
    reached = [level for level in LEVELS if gold >= level.gold and bound >= level.accuracy and above_chance]
    return reached[-1] if reached else LEVELS[0]


def _lower_bound(right: int, gold: int) -> float:
    """Wilson 1927, doi:10.2307/2276774."""
    if not gold:
        return 0.0
    share, z2 = right / gold, _Z * _Z
    return (share + z2 / (2 * gold) - _Z * sqrt(share * (1 - share) / gold + z2 / (4 * gold * gold))) / (1 + z2 / gold)
