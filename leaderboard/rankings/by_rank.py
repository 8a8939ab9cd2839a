"""Several tasks combined by rank: each task ranks the teams, and the mean or the median of a team's ranks decides.

A rank says nothing about one submission alone, so a team has no best submission here: its **latest** scored one stands for
it (in the end the latest of its picks). A rank in a task is its place by the task's first score, equal scores sharing one
(1-2-2-4). Every new score may move everybody, so a phase is always ranked as a whole: n teams cost one pass over n rows.
Baselines get the ranks that they would have, and change nobody's. There are no intervals: low and high are the value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final, Literal

import scoring
from challenges.definition import Definition, Score
from challenges.report import COMBINED
from leaderboard.core.i18n import N_
from leaderboard.rankings.order import column_key
from scoring import METRICS, Column

TITLES: Final = {"mean rank": N_("Mean rank"), "median rank": N_("Median rank")}
DIGITS: Final = {"mean rank": 2, "median rank": 1}
"""Means of up to a hundred ranks differ by 0.01 at least, medians by 0.5."""


@dataclass(frozen=True, slots=True)
class Combination:
    """What is ranked: each task's first score, in the order of the tasks."""

    how: Literal["mean rank", "median rank"]
    columns: tuple[Column, ...]

    @property
    def ranking(self) -> Column:
        """The column that decides places: a rank, less is better."""
        return Column(COMBINED, "min", DIGITS[self.how])

    def values(self, rows: Sequence[Mapping[str, float]], baselines: Sequence[bool]) -> list[float]:
        """The combined rank of each row.

        rows        for each submission its scores by name (``task/key``); one that is missing comes last
        baselines   which rows are ranked without counting for the others
        """
        teams = [index for index, baseline in enumerate(baselines) if not baseline]
        ranks: list[list[int]] = [[] for _ in rows]
        for column in self.columns:
            scores = [rows[index].get(column.key) for index in teams]
            for index, place in zip(teams, _places(scores, column), strict=True):
                ranks[index].append(place)
            for index, baseline in enumerate(baselines):
                if baseline:
                    ranks[index].append(_places([*scores, rows[index].get(column.key)], column)[-1])
        average = fmean if self.how == "mean rank" else median
        return [float(average(one)) for one in ranks]


def combination_of(definition: Definition) -> Combination | None:
    """How the tasks are combined by rank; None where there is one task, or scores are averaged."""
    how = definition.board.combine
    if not definition.tasks or how == "mean":
        return None
    return Combination(how, tuple(_column(task.key, task.scores[0]) for task in definition.tasks))


def _column(task: str, score: Score) -> Column:
    return Column(column_key(task, score.key), METRICS[score.metric].direction, score.digits)


def _places(scores: Sequence[float | None], column: Column) -> list[int]:
    return scoring.place({column.key: scores}, [column])
