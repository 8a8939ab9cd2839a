"""The planted ladder: does this challenge's own yardstick put known better sets above known worse ones?

The organizer's curated set is spoiled on purpose: labels are flipped in 10 % of the rows, or rows are taken away. Whoever cannot
tell those from the clean set cannot rank submissions, so a package whose ladder is not recovered is refused. Which rows are
spoiled follows from their content, and the sets are nested (what is flipped at 2 % is flipped at 5 and 10 %).
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import polars as pl

from scoring.utility.comparison import Difference, compare
from scoring.utility.measurement import Utility, Yardstick, measure
from scoring.utility.rows import Hashes, mixed
from scoring.utility.tasks import targets, usable

_SALT_OF_FLIPS, _SALT_OF_LABELS, _SALT_OF_ROWS = 101, 102, 103
_WIDE: Final = 2.0**64
_ONE_SIDED: Final = 1.6449  # standard errors; 95 % one-sided
NOISE: Final = (0.10, 0.05, 0.02)
SHARES: Final = {"half": 0.5, "tenth": 0.1}


Need = Literal["certain", "order", "nothing"]


@dataclass(frozen=True, slots=True)
class Step:
    """One comparison of the ladder.

    better, worse   names of the two sets: "full", "half", "tenth", "noise 10 %" …
    needs           "certain": the order must be right by more than 1.64 standard errors (one-sided 95 %); "order": it must be
                    right; "nothing": the step is for information
    difference      of their utilities, positive if the order is right
    certain         the order is right by more than 1.64 standard errors
    recovered       what the step needs is there; for information: the order is right
    """

    better: str
    worse: str
    needs: Need
    difference: Difference
    certain: bool
    recovered: bool


@dataclass(frozen=True, slots=True)
class LadderReport:
    """All steps, and whether the needed ones are recovered. `values`: the utility of each planted set."""

    steps: tuple[Step, ...]
    values: dict[str, float]
    recovered: bool

    @property
    def missed(self) -> tuple[Step, ...]:
        """The needed steps that were not recovered."""
        return tuple(step for step in self.steps if step.needs != "nothing" and not step.recovered)


def ladder(
    curated: pl.DataFrame,
    yardstick: Yardstick,
    *,
    seed: int = 0,
    information: bool = True,
    clean: Utility | None = None,
) -> LadderReport:
    """Plant the ladder in a curated set and see whether the yardstick recovers it.

    Needed: clean above 10 % wrong labels by more than 1.64 standard errors (pure noise passes that once in twenty), and full above
    half above tenth in order: their stated errors hold the luck of a smaller set in full and are cautious. With `information`
    also clean above 5 % and 2 % wrong labels, which no package has to show. Costs four measurements, two of them of smaller sets;
    six with `information`. `clean`: the utility
    of the curated set, where it is known already. Refused: as `measure`.
    """
    hashes = yardstick.pipeline.hashes(curated)
    noises = NOISE if information else NOISE[:1]
    found = {"full": clean or measure(curated, yardstick, curve=False)}
    for name, share in SHARES.items():
        found[name] = measure(share_of(curated, share, hashes, seed), yardstick, curve=False)
    for rate in noises:
        found[_named(rate)] = measure(with_wrong_labels(curated, rate, yardstick, hashes, seed), yardstick, curve=False)
    steps = [_step(found, "full", _named(noises[0]), "certain"), _step(found, "full", "tenth", "order")]
    steps += [_step(found, "full", "half", "order"), _step(found, "half", "tenth", "order")]
    steps += [_step(found, "full", _named(rate), "nothing") for rate in noises[1:]]
    recovered = all(step.recovered for step in steps if step.needs != "nothing")
    return LadderReport(tuple(steps), {name: one.value for name, one in found.items()}, recovered)


def share_of(frame: pl.DataFrame, share: float, hashes: Hashes, seed: int) -> pl.DataFrame:
    """The rows whose hash falls into the lower `share`; copies of a row stay or go together."""
    return frame.filter(pl.Series(_uniform(hashes, seed, _SALT_OF_ROWS) < share))


def with_wrong_labels(
    frame: pl.DataFrame, rate: float, yardstick: Yardstick, hashes: Hashes, seed: int
) -> pl.DataFrame:
    """The frame with the label of a share `rate` of its rows replaced: by another class, each as likely; a number by that of
    another row. Labels are written as the yardstick's task names them.
    """
    task = yardstick.task
    target = targets(frame, task)
    spoiled = usable(target) & (_uniform(hashes, seed, _SALT_OF_FLIPS) < rate)
    draw = _uniform(hashes, seed, _SALT_OF_LABELS)
    if not task.classes:
        order = np.argsort(draw, kind="stable")
        target[order[spoiled[order]]] = target[np.roll(order, len(order) // 2 + 1)[spoiled[order]]]
        return frame.with_columns(pl.Series(task.target, target * task.scale + task.mean).fill_nan(None))
    count = len(task.classes)
    moved = (target + 1 + np.floor(draw * (count - 1)).astype(np.int64)) % count
    codes = np.where(spoiled, moved, target)
    labels = pl.Series(task.target, [*task.classes, None], dtype=pl.String)
    return frame.with_columns(labels.gather(pl.Series(np.where(codes < 0, count, codes))))


def _uniform(hashes: Hashes, seed: int, salt: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return mixed(mixed(hashes, seed), salt).astype(np.float64) / _WIDE


def _named(rate: float) -> str:
    return f"noise {rate:.0%}".replace("%", " %")


def _step(found: dict[str, Utility], better: str, worse: str, needs: Need) -> Step:
    difference = compare(found[better], found[worse])
    certain = difference.value > _ONE_SIDED * difference.error
    return Step(better, worse, needs, difference, certain, certain if needs == "certain" else difference.value > 0)
