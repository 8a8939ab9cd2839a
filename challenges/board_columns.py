"""The columns of a challenge's board, whatever its kind: what each is called, which way it runs, how it is shown and tied.

Pages and rankings ask here only; what a prediction challenge writes in `[[scores]]` is fixed in the other kinds, since their
scores mean the same in every challenge.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from challenges.definition import Definition, Kind, Task
from challenges.report import COMBINED
from challenges.strict import Words
from scoring.metric import Direction
from scoring.metrics import METRICS


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """One column.

    task          the key of its task; "" where there is only one
    title         what the organizer calls it; None: `name`
    name          what it measures, in English, with a sentence for participants
    direction     max: more is better
    digits        decimals shown; scores equal at these are tied
    """

    task: str
    key: str
    title: Words | None
    name: str
    explanation: str
    direction: Direction
    digits: int

    @property
    def full_key(self) -> str:
        """As `board.ties` and `expected.json` name it: `auc`, or `task/auc`."""
        return f"{self.task}/{self.key}" if self.task else self.key


def _fixed(key: str, name: str, explanation: str, direction: Direction = "max", digits: int = 2) -> BoardColumn:
    return BoardColumn("", key, None, name, explanation, direction, digits)


COLUMNS: Final[Mapping[Kind, tuple[BoardColumn, ...]]] = MappingProxyType(
    {
        "dataset": (
            _fixed("composite", "Composite", "The weighted mean of the blocks, from 0 to 100."),
            _fixed("documentation", "Documentation", "How completely the dataset is described, from 0 to 100."),
            _fixed("quality", "Data quality", "How sound the data is in itself, from 0 to 100."),
            _fixed("application", "Use by models", "What the data is worth to a model, from 0 to 100."),
        ),
        "annotation": (
            _fixed(
                "accuracy", "Accuracy of the consensus",
                "The share of gold items whose label, as the annotators' labels together suggest it, is right.", digits=4,
            ),
            _fixed(
                "agreement", "Agreement", "Krippendorff's alpha: 1 is perfect agreement, 0 that of chance.", digits=4,
            ),
            _fixed(
                "weakest", "Weakest annotator",
                "The accuracy on gold items of the annotator who has the lowest, as far as it is certain.", digits=4,
            ),
            _fixed(
                "cost", "Cost of a right label", "What all labels cost, over the labels of the consensus that are right.",
                "min", 3,
            ),
        ),
    }
)  # fmt: skip
"""The columns of the kinds whose scores are fixed; the first one ranks."""


def board_columns(definition: Definition) -> tuple[BoardColumn, ...]:
    """Every score of the challenge in the order of its board, the leading one of each task first."""
    if definition.kind != "prediction":
        return COLUMNS[definition.kind]
    return tuple(column for part in definition.parts for column in _of_task(part))


def expected_scores(definition: Definition) -> frozenset[tuple[str, str]]:
    """(task, key) of every number that a scored submission has."""
    keys = {(column.task, column.key) for column in board_columns(definition)}
    return frozenset(keys | {("", COMBINED)} if is_mean_of_tasks(definition) else keys)


def ranking_score(definition: Definition) -> tuple[str, str]:
    """(task, key) of the number that ranks."""
    if is_mean_of_tasks(definition):
        return "", COMBINED
    first = board_columns(definition)[0]
    return first.task, first.key


def is_mean_of_tasks(definition: Definition) -> bool:
    """Whether several tasks are combined into one number."""
    return bool(definition.tasks) and definition.board.combine == "mean"


def _of_task(part: Task) -> Iterator[BoardColumn]:
    for score in part.scores:
        metric = METRICS[score.metric]
        yield BoardColumn(
            part.key, score.key, score.title, metric.title, metric.explanation, metric.direction, score.digits
        )
