"""What a `challenge.toml` says, as one strict model: every key, its type, its default, and a sentence about it.

This module holds shapes only: what a single value may be. Rules that need two keys, a file or a metric are in
`challenges.rules`; reading a file with line numbers is in `challenges.package`. It imports neither numpy nor polars, so the
web process can show definitions.

A single-task challenge writes `[submission]`, `[answers]` and `[[scores]]` at the top; a multi-task challenge writes them
inside each `[[tasks]]`. Code never asks which: `Definition.parts` gives one `Task` per thing to be scored, with every default
that depends on another key filled in.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from challenges import facets, values
from challenges.annotation_definition import Annotation
from challenges.dataset_definition import Dataset
from challenges.licences import LICENCES
from challenges.strict import Instant, Key, Label, Name, Names, Path, Strict, Words, one_of
from scoring.metrics import METRICS

FORMAT = "jiebang/1"
SHARE_TOLERANCE = 1e-3
"""How far from 1 probabilities that belong together may sum (four decimals in ten columns pass)."""

Combination = Literal["mean", "mean rank", "median rank"]
Kind = Literal["prediction", "dataset", "annotation"]
ColumnType = Literal["probability", "number", "integer", "class", "text", "list"]


class DataFile(Strict):
    """One file that teams get."""

    path: Path = Field(description="A file below public/, or a folder when it ends in a slash.")
    role: Annotated[str, AfterValidator(values.role), one_of(facets.ROLES)] = Field(
        description="What it is for: train, validation, test, sample-submission, metadata, raw or starter."
    )
    about: Words | None = Field(default=None, description="A line about the file, shown beside its download.")


class Data(Strict):
    """The data of the challenge and the right to use it."""

    licence: Annotated[str, AfterValidator(values.licence), one_of(("custom", *LICENCES))] = Field(
        description='The licence of the data: an SPDX identifier, or "custom" with licence_file.'
    )
    licence_file: Path | None = Field(default=None, description='The text of a "custom" licence, below public/.')
    source: Annotated[str, AfterValidator(values.words)] = Field(
        description="Where the data comes from: who collected it, when, and where it can be found."
    )
    personal: Literal["none", "pseudonymous", "personal"] = Field(
        description="Whether the data is about people: none, pseudonymous, or personal (needs a data agreement)."
    )
    files: Annotated[tuple[DataFile, ...], Field(strict=False, min_length=1)] = Field(
        description="The files that teams get, with what each is for."
    )


class Column(Strict):
    """One column of a submission beside the id. Which of the optional keys apply depends on the type."""

    name: Name = Field(description="The column's name, exactly as it stands in the file.")
    type: Annotated[ColumnType, BeforeValidator(values.column_type, json_schema_input_type=ColumnType)] = Field(
        description="probability, number, integer, class, text or list."
    )
    required: bool = Field(
        default=True,
        description="Whether the column must be there with a value in every row; no score can read one that need not.",
    )
    min: float | None = Field(default=None, description="number, integer: the least value allowed.")
    max: float | None = Field(default=None, description="number, integer: the greatest value allowed.")
    of: Label = Field(
        default="1",
        description='probability, number, integer: the truth value that a high value speaks for; "1" also stands for true.',
    )
    sums_to_one_with: Annotated[tuple[Name, ...], Field(strict=False)] = Field(
        default=(), description="probability: the columns that together with this one sum to 1 in every row."
    )
    classes: Annotated[tuple[Label, ...], Field(strict=False)] = Field(
        default=(), description="class: the values allowed, in their order if they have one; numbers are read as text."
    )
    max_length: int | None = Field(
        default=None, ge=1, description="text: the most characters; list: the most items in a row."
    )


class Columns(Strict):
    """The table that is handed in: one row per id."""

    id: Name | None = Field(default=None, description="The column that names the row; ids may come in any order.")
    columns: Annotated[tuple[Column, ...], Field(strict=False)] = Field(
        default=(), description="The columns beside the id."
    )


class Submission(Columns):
    """What a team hands in."""

    formats: Annotated[tuple[Literal["csv", "tsv", "jsonl", "parquet"], ...], Field(strict=False, min_length=1)] = (
        Field(
            default=("csv", "parquet"),
            description="The formats accepted; each may also come compressed as gzip or zip.",
        )
    )
    max_mb: int = Field(
        default=50, ge=1, le=10_000, description="The largest file accepted, in megabytes of 10^6 bytes."
    )


class Split(Strict):
    """Which rows count on the public board and which on the private one: by a column, or by a seeded share."""

    column: Name | None = Field(
        default=None, description="The column of the answers that says public, private or ignored in each row."
    )
    public: Annotated[float, AfterValidator(values.share)] | None = Field(
        default=None, description="The share of the rows that is public, between 0 and 1; the others are private."
    )
    seed: int | None = Field(default=None, ge=0, le=2**63 - 1, description="The seed of the draw; with public.")
    stratify: Name | None = Field(
        default=None, description="A column of the answers whose values keep their proportions in both parts."
    )
    group: Name | None = Field(
        default=None, description="A column of the answers whose rows of one value stay in the same part."
    )


class Answers(Strict):
    """The truth. It never leaves the scorer."""

    path: Path = Field(description="The file that holds the truth, below answers/: csv, tsv, jsonl or parquet.")
    id: Name | None = Field(default=None, description="The column that names the row; by default as in the submission.")
    truth: Names = Field(description="The column, or columns, that hold the truth.")
    split: Split = Field(description="Which rows are public and which private.")


class Score(Strict):
    """One column of the board."""

    key: Key = Field(description="A short name: letters, digits and hyphens.")
    metric: str = Field(description="The metric, by its key.")
    title: Words | None = Field(default=None, description="The heading of the column; by default the metric's name.")
    truth: Name | None = Field(
        default=None, description="The truth column it reads; by default that of the first score, there the only one."
    )
    prediction: Names = Field(
        default=(),
        description="The submitted column it reads, or one per class; by default that of the first score, there the only one.",
    )
    group: Name | None = Field(
        default=None,
        description="A column of the answers: rows with the same value are not independent, so the interval takes them as one.",
    )
    digits: int = Field(default=5, ge=0, le=12, description="Decimals shown; scores equal at these are tied.")
    options: dict[str, int] = Field(default_factory=dict, description="What the metric lets one choose, such as k.")


class Task(Strict):
    """One of several things to be predicted; a submission is then a zip with one file per task, named by its key."""

    key: Key = Field(description="A short name; the task's file in the zip is named like it, such as north.csv.")
    title: Words | None = Field(default=None, description="The name of the task, for people.")
    weight: float = Field(default=1.0, gt=0, description="The weight of the task in a combined mean.")
    submission: Columns = Field(description="The table handed in for this task.")
    answers: Answers = Field(description="The truth of this task.")
    scores: Annotated[tuple[Score, ...], Field(strict=False, min_length=1)] = Field(
        description="The task's scores; its first one ranks."
    )


class Final(Strict):
    """Which submissions count in the end."""

    picked: int = Field(
        default=2, ge=1, le=100, description="How many submissions a team may pick; the best of them counts."
    )
    otherwise: Literal["best public", "latest"] = Field(
        default="best public",
        description="What counts for a team that picks none: its best public ones, or its latest.",
    )


class Line(Strict):
    """A line across the board, such as for prizes, medals, or advancing."""

    key: Key = Field(description="A short name, such as gold, prize or cut.")
    title: Words = Field(description="The words at the line.")
    upto: int = Field(ge=1, description="The last place above the line.")


class Board(Strict):
    """How teams are placed and what the board shows."""

    ties: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        default=("earliest",),
        description='What decides between equal first scores, in order: keys of other scores, or "earliest". Equal after all: a shared place.',
    )
    final: Final = Field(default=Final(), description="Which submissions count in the end.")
    combine: Combination = Field(
        default="mean", description="How several tasks become one: mean of first scores, mean rank, or median rank."
    )
    lines: Annotated[tuple[Line, ...], Field(strict=False)] = Field(
        default=(), description="Lines for prizes, medals or advancing, from the top down."
    )


class Limits(Strict):
    """How often a team may submit. Refused and failed submissions do not count."""

    per_day: int = Field(default=5, ge=1, le=100_000, description="Submissions a day.")
    total: int = Field(default=200, ge=1, le=1_000_000, description="Submissions in a phase.")
    zone: Annotated[str, AfterValidator(values.zone)] = Field(
        default="Asia/Shanghai", description="The time zone in which the day begins."
    )


class Phase(Strict):
    """A time window. The organizer may set other dates when posting."""

    key: Key = Field(
        description="A short name; open, practice, preliminary, semifinal and final have a title of their own."
    )
    title: Words | None = Field(default=None, description="The name of the phase, for people.")
    opens: Instant = Field(description="The first moment, with an offset.")
    closes: Instant = Field(description="The moment from which nothing is accepted, with an offset.")
    per_day: int | None = Field(
        default=None, ge=1, le=100_000, description="Submissions a day; by default as in limits."
    )
    total: int | None = Field(
        default=None, ge=1, le=1_000_000, description="Submissions in this phase; by default as in limits."
    )


class Definition(Strict):
    """A `challenge.toml` of any kind. Which sections a kind has is for `challenges.rules` to say."""

    format: Literal["jiebang/1"] = Field(description="The version of the format.")
    slug: Key = Field(description="The name in addresses: small letters, digits, hyphens.")
    version: Annotated[str, AfterValidator(values.version)] = Field(
        description="MAJOR.MINOR.PATCH. Patch: words; minor: data added, limits; major: answers, metrics or split changed."
    )
    kind: Kind = Field(description="What is handed in: predictions, a dataset, or labels of given items.")
    sector: Annotated[str, AfterValidator(values.sector), one_of(facets.SECTORS)] = Field(
        description="The sector, from the fixed list."
    )
    task: Annotated[str, AfterValidator(values.task), one_of(facets.TASKS)] = Field(
        description="The kind of problem, from the fixed list."
    )
    modality: Annotated[
        tuple[Annotated[str, AfterValidator(values.modality), one_of(facets.MODALITIES)], ...],
        Field(strict=False, min_length=1),
    ] = Field(description="What the data is: table, time-series, text, image, audio, video, geospatial, graph.")
    title: Words = Field(description="The name of the challenge.")
    summary: Words = Field(description="One sentence for lists.")
    data: Data = Field(description="The data and the right to use it.")
    submission: Submission = Field(default=Submission(), description="What a team hands in.")
    answers: Answers | None = Field(default=None, description="The truth; with tasks, each has its own.")
    scores: Annotated[tuple[Score, ...], Field(strict=False)] = Field(
        default=(), description="The columns of the board; the first ranks. With tasks, each has its own."
    )
    tasks: Annotated[tuple[Task, ...], Field(strict=False)] = Field(
        default=(), description="Several things to be predicted at once."
    )
    dataset: Dataset | None = Field(default=None, description="What is asked of a dataset; kind dataset only.")
    annotation: Annotation | None = Field(default=None, description="What is to be labelled; kind annotation only.")
    board: Board = Field(default=Board(), description="How teams are placed and what the board shows.")
    limits: Limits = Field(
        default=Limits(), description="How often a team may submit; refused and failed submissions do not count."
    )
    phases: Annotated[tuple[Phase, ...], Field(strict=False)] = Field(
        default=(), description="Time windows, in order; the organizer sets the real ones when posting."
    )

    @property
    def is_whole(self) -> bool:
        """Whether the section is there that its kind cannot do without."""
        if self.kind == "prediction":
            return self.answers is not None or bool(self.tasks)
        return getattr(self, self.kind) is not None

    @property
    def parts(self) -> tuple[Task, ...]:
        """One `Task` per thing to be predicted, every default that depends on another key filled in; none in other kinds.

        A single-task challenge gives one task with key "" (`SINGLE`). In every part `submission.id`, `answers.id` and each
        score's `truth`, `prediction` hold a value. Meaningful only for a definition that passed `challenges.rules`.
        """
        if self.kind != "prediction":
            return ()
        if self.tasks:
            return tuple(_filled(task) for task in self.tasks)
        assert self.answers is not None, "challenges.rules refuses a definition without answers"
        columns = Columns(id=self.submission.id, columns=self.submission.columns)
        whole = Task.model_construct(
            key=SINGLE, title=None, weight=1.0, submission=columns, answers=self.answers, scores=self.scores
        )
        return (_filled(whole),)

    def effective(self) -> "Definition":
        """The same definition with every default written out, for people to see before anything is published."""
        parts = self.parts
        phases = tuple(
            phase.model_copy(
                update={
                    "per_day": self.limits.per_day if phase.per_day is None else phase.per_day,
                    "total": self.limits.total if phase.total is None else phase.total,
                }
            )
            for phase in self.phases
        )
        if not parts:
            return self.model_copy(update={"phases": phases})
        if self.tasks:
            return self.model_copy(update={"tasks": parts, "phases": phases})
        return self.model_copy(update={"answers": parts[0].answers, "scores": parts[0].scores, "phases": phases})


SINGLE = ""
"""The key of the one part of a single-task challenge."""


def _filled(task: Task) -> Task:
    """The task with ids, truth and prediction columns, and options of metrics, that were left to their default."""
    answers = task.answers.model_copy(update={"id": task.answers.id or task.submission.id})
    truth = task.scores[0].truth or answers.truth[0]
    prediction = task.scores[0].prediction or tuple(c.name for c in scorable(task.submission))[:1]
    scores = tuple(
        score.model_copy(
            update={
                "truth": score.truth or truth,
                "prediction": score.prediction or prediction,
                "options": METRICS[score.metric].choose(score.options),
            }
        )
        for score in task.scores
    )
    return task.model_copy(update={"answers": answers, "scores": scores})


def scorable(table: Columns) -> tuple[Column, ...]:
    """The columns that a score can read: required, and not free text."""
    return tuple(column for column in table.columns if column.required and column.type != "text")
