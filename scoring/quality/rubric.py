"""From measures to points, blocks, a composite and a grade.

Every measure is turned into 0 to 100 points by published anchors that never depend on other submissions, so a rival's
submission never moves a score. Points of one block are joined by a weighted geometric mean, each floored at 1: what is
nearly worthless in one respect cannot be bought back by the others. Blocks are joined by a weighted arithmetic mean, the
composite, which only ranks. The blocks, their codes and the pass line of 90 in each follow TC609-5-2025-04.

A measure that does not apply gives its weight to the others of its part; a part without any gives its to the others of its
block, and a block without any gives its to the other blocks. `Result.weights` says what counted in the end.

This module is plain Python: pages work out "what if I fix this" with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from math import exp, fsum, isfinite, log, sqrt
from types import MappingProxyType
from typing import Final, Literal

Block = Literal["documentation", "quality", "application"]
Grade = Literal["AAA", "AA", "A", "B", "C"]
Anchors = tuple[tuple[float, float], ...]

FLOOR: Final = 1.0
PASS: Final = 90.0
REACH: Final = 10.0
"""Points by which an organizer may move the weight of a part away from its preset."""

BLOCKS: Final[Mapping[Block, str]] = MappingProxyType({"documentation": "01", "quality": "02", "application": "03"})
"""The blocks in order, with their codes in TC609-5-2025-04."""


@dataclass(frozen=True, slots=True)
class Part:
    """A respect in which a dataset is judged, within a block; its measures share the part's weight equally."""

    key: str
    block: Block
    title: str
    measures: tuple[str, ...]


PARTS: Final[Mapping[str, Part]] = MappingProxyType(
    {
        part.key: part
        for part in (
            Part("basic", "documentation", "Basic information", ("D1",)),
            Part("content", "documentation", "Content", ("D2",)),
            Part("construction", "documentation", "Construction", ("D3",)),
            Part("use", "documentation", "Use", ("D4",)),
            Part("validity", "quality", "Validity", ("Q1", "Q2", "Q3", "Q6")),
            Part("completeness", "quality", "Completeness", ("Q7", "Q8")),
            Part("consistency", "quality", "Consistency", ("Q10", "Q11")),
            Part("uniqueness", "quality", "Uniqueness", ("Q13", "Q14")),
            Part("cleanliness", "quality", "Cleanliness", ("Q15", "Q16", "Q17", "Q18", "Q19")),
            Part("authenticity", "quality", "Authenticity", ("Q9", "Q12")),
            Part("utility", "application", "Usefulness for training", ("A8",)),
            Part("label-accuracy", "application", "Label accuracy", ("A6", "A7")),
            Part("diversity", "application", "Diversity and balance", ("A1", "A2", "A3")),
            Part("scale", "application", "Scale", ("A4",)),
            Part("timeliness", "application", "Timeliness", ("A5",)),
        )
    }
)
"""The parts in the order of pages. Measures that are in none (safety, personal data, contamination, generated records) decide about gates only;
novelty is told only."""


@dataclass(frozen=True, slots=True)
class Preset:
    """Weights of all parts, which sum to 100, and the line that every block must reach to pass."""

    key: str
    title: str
    weights: Mapping[str, float]
    pass_line: float = PASS


def _even(block: Block, total: float) -> dict[str, float]:
    inside = [part.key for part in PARTS.values() if part.block == block]
    return {key: total / len(inside) for key in inside}


def _scaled(weights: Mapping[str, float], total: float) -> dict[str, float]:
    return {key: weight * total / fsum(weights.values()) for key, weight in weights.items()}


_QUALITY = {
    "validity": 10.0, "completeness": 7.0, "consistency": 7.0, "uniqueness": 8.0, "cleanliness": 8.0, "authenticity": 5.0,
}  # fmt: skip
_APPLICATION = {"utility": 20.0, "label-accuracy": 10.0, "diversity": 8.0, "scale": 4.0, "timeliness": 3.0}

PRESETS: Final[Mapping[str, Preset]] = MappingProxyType(
    {
        preset.key: preset
        for preset in (
            Preset("competition", "Competition", {**_even("documentation", 10), **_QUALITY, **_APPLICATION}),
            Preset(
                "tc609",
                "TC609 profile",
                {**_even("documentation", 30), **_scaled(_QUALITY, 40), **_scaled(_APPLICATION, 30)},
            ),
        )
    }
)
"""Competition: 10 / 45 / 45, most of it on what a model gains. TC609: 30 / 40 / 30 over the blocks of the standard."""

GRADES: Final[tuple[tuple[Grade, float, float], ...]] = (
    ("AAA", 92.0, 90.0),
    ("AA", 85.0, 80.0),
    ("A", 75.0, 70.0),
    ("B", 60.0, 0.0),
)
"""Grade, least lower bound of the composite, least score in every block; C is what reaches none."""


@dataclass(frozen=True, slots=True)
class Points:
    """The points of one measure with its 95 % interval: 0 ≤ low ≤ value ≤ high ≤ 100. A full count has low = value = high."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Result:
    """What a dataset reaches.

    points       points of each measure that applied
    weights      the weight of each of these in the end; they sum to 100
    blocks       score of each block in which something applied, with its interval
    composite    weighted mean of the blocks, with its interval
    grade        by the composite's lower bound and the blocks
    passed       whether every block was measured and reaches the pass line
    recoverable  for each measure: how many points of the composite would be won if it were perfect
    """

    points: Mapping[str, Points]
    weights: Mapping[str, float]
    blocks: Mapping[Block, Points]
    composite: Points
    grade: Grade
    passed: bool
    recoverable: Mapping[str, float]


def points(value: float, anchors: Anchors) -> float:
    """The points of a measure: piecewise linear between its anchors, constant beyond them.

    anchors    (measure, points) with the measure rising and the points either rising or falling throughout

    ValueError for a value that is not finite, or anchors of another form.

    >>> duplicates = ((0.0, 100.0), (0.01, 80.0), (0.1, 0.0))
    >>> points(0.0, duplicates), points(0.01, duplicates), points(0.5, duplicates)
    (100.0, 80.0, 0.0)
    """
    if not isfinite(value):
        raise ValueError(f"a measure is a finite number, not {value}")
    _direction(anchors)
    if value <= anchors[0][0]:
        return anchors[0][1]
    for (left, at_left), (right, at_right) in pairwise(anchors):
        if value <= right:
            between = at_left + (at_right - at_left) * (value - left) / (right - left)
            low, high = sorted((at_left, at_right))
            return min(max(between, low), high)  # rounding must not lead beyond an anchor
    return anchors[-1][1]


def points_of(value: float, low: float, high: float, anchors: Anchors) -> Points:
    """Points of a measure and of the ends of its interval, in the right order whichever way the anchors run."""
    ends = sorted((points(low, anchors), points(high, anchors)))
    return Points(points(value, anchors), *ends)


def _direction(anchors: Anchors) -> int:
    steps = [(right[0] - left[0], right[1] - left[1]) for left, right in pairwise(anchors)]
    if not steps or any(step <= 0 for step, _ in steps):
        raise ValueError("anchors are at least two, with the measure rising")
    if all(change >= 0 for _, change in steps):
        return 1
    if all(change <= 0 for _, change in steps):
        return -1
    raise ValueError("the points of anchors rise or fall throughout")


def chosen_weights(preset: Preset, moved: Mapping[str, float]) -> Mapping[str, float]:
    """The weights of the preset with those that an organizer `moved` put in their place.

    KeyError for a part that does not exist; ValueError when a weight is negative or more than `REACH` from the preset, or the
    sum is not 100. What is wrong in detail is for `challenges` to say, with the line.
    """
    weights = dict(preset.weights)
    for key, weight in moved.items():
        if not weight >= 0 or abs(weight - preset.weights[key]) > REACH:
            raise ValueError(f"{key} = {weight} is more than {REACH} from {preset.weights[key]}")
        weights[key] = float(weight)
    if abs(fsum(weights.values()) - 100) > 1e-9:
        raise ValueError(f"the weights sum to {fsum(weights.values())}, not to 100")
    return MappingProxyType(weights)


def grade(lower_bound: float, blocks: Mapping[Block, float]) -> Grade:
    """The grade of a composite whose 95 % interval begins at `lower_bound`.

    >>> grade(92.5, {"documentation": 100, "quality": 95, "application": 90})
    'AAA'
    >>> grade(92.5, {"documentation": 79, "quality": 95, "application": 99})
    'A'
    """
    for name, least, least_block in GRADES:
        if lower_bound >= least and all(score >= least_block for score in blocks.values()):
            return name
    return "C"


def judge(measured: Mapping[str, Points], weights: Mapping[str, float], pass_line: float = PASS) -> Result:
    """Joins the points of measures to blocks, composite, grade and recoverable points.

    measured   points by measure ("Q13"); measures that do not apply are left out
    weights    of all parts, summing to 100, such as `PRESETS["competition"].weights`

    The interval joins those of the measures, which are taken as independent, by the method of variance estimates recovery
    (Zou and Donner 2008, doi:10.1002/sim.3095): each side is the root of the summed squares of what one measure alone, moved
    to that end of its interval, would change. ValueError when no measure of any part is there.
    """
    spread = _spread(measured, weights)
    counted = {key: measured[key] for key in spread}
    middle = {key: one.value for key, one in counted.items()}
    blocks = {
        block: _with_interval(counted, middle, partial(_block, spread=spread, block=block))
        for block in BLOCKS
        if any(_BLOCK_OF[key] == block for key in spread)
    }
    composite = _with_interval(counted, middle, partial(_composite, spread=spread))
    scores = {block: one.value for block, one in blocks.items()}
    return Result(
        points=MappingProxyType(dict(measured)),
        weights=MappingProxyType(spread),
        blocks=MappingProxyType(blocks),
        composite=composite,
        grade=grade(composite.low, scores),
        passed=len(blocks) == len(BLOCKS) and all(score >= pass_line for score in scores.values()),
        recoverable=MappingProxyType(
            {key: max(0.0, _composite({**middle, key: 100.0}, spread) - composite.value) for key in spread}
        ),
    )


_PART_OF: Final[Mapping[str, str]] = {measure: part.key for part in PARTS.values() for measure in part.measures}
_BLOCK_OF: Final[Mapping[str, Block]] = {measure: PARTS[part].block for measure, part in _PART_OF.items()}


def _spread(measured: Mapping[str, Points], weights: Mapping[str, float]) -> dict[str, float]:
    """The weight of each measure that is there, after those that are not have given theirs away."""
    there = {key: [m for m in part.measures if m in measured] for key, part in PARTS.items() if weights[key] > 0}
    there = {key: found for key, found in there.items() if found}
    if not there:
        raise ValueError("nothing that counts was measured")
    of_block = {block: fsum(weights[key] for key in PARTS if PARTS[key].block == block) for block in BLOCKS}
    left = {block: fsum(weights[key] for key in there if PARTS[key].block == block) for block in BLOCKS}
    total = fsum(of_block[block] for block in BLOCKS if left[block] > 0)
    return {
        measure: weights[key] * of_block[block] / left[block] * 100 / total / len(found)
        for key, found in there.items()
        for block in (PARTS[key].block,)
        for measure in found
    }


def _block(values: Mapping[str, float], spread: Mapping[str, float], block: Block) -> float:
    inside = [key for key in spread if _BLOCK_OF[key] == block]
    total = fsum(spread[key] for key in inside)
    return min(100.0, exp(fsum(spread[key] * log(max(values[key], FLOOR)) for key in inside) / total))


def _composite(values: Mapping[str, float], spread: Mapping[str, float]) -> float:
    there = [block for block in BLOCKS if any(_BLOCK_OF[key] == block for key in spread)]
    of_block = {block: fsum(spread[key] for key in spread if _BLOCK_OF[key] == block) for block in there}
    return fsum(of_block[block] * _block(values, spread, block) for block in there) / fsum(of_block.values())


def _with_interval(
    counted: Mapping[str, Points], middle: Mapping[str, float], score: Callable[[Mapping[str, float]], float]
) -> Points:
    value = score(middle)
    below = sqrt(fsum((value - score({**middle, key: one.low})) ** 2 for key, one in counted.items()))
    above = sqrt(fsum((score({**middle, key: one.high}) - value) ** 2 for key, one in counted.items()))
    return Points(value, max(0.0, value - below), min(100.0, value + above))
