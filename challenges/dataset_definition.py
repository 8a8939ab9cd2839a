"""What a `challenge.toml` of kind "dataset" adds: what teams start from, what is asked of their data, and what is hidden.

Shapes only; rules that need two keys are in `challenges.dataset_rules`. Neither numpy nor polars is imported.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from challenges import facets, values
from challenges.licences import LICENCES
from challenges.strict import Instant, Label, Name, Path, Strict, one_of
from scoring.quality.gates import POSSIBLE
from scoring.quality.rubric import PARTS
from scoring.utility.models import MODELS

Limit = Annotated[
    float | Literal[False],
    BeforeValidator(values.gate, json_schema_input_type=Annotated[float, Field(ge=0, le=1)] | Literal[False]),
]
LEAST_GROUP = 5
"""Records that must share each combination of quasi-identifiers, as in `scoring.quality.reference`, which loads polars."""


class DatasetRoles(Strict):
    """Which column of a submission is what."""

    id: Name | None = Field(
        default=None, description="Names the record: the same in the raw bundle, gold and canaries."
    )
    label: Name | None = Field(default=None, description="What models learn.")
    text: Name | None = Field(default=None, description="The text of a record.")
    time: Name | None = Field(default=None, description="When the record was made.")
    group: Name | None = Field(default=None, description="What must not be torn apart: a patient, a device, a flight.")
    annotator: Name | None = Field(default=None, description="Who labelled the record.")
    latitude: Name | None = Field(
        default=None, description="Degrees north. With longitude, time and group, records are points of tracks."
    )
    longitude: Name | None = Field(default=None, description="Degrees east.")
    altitude: Name | None = Field(
        default=None, description="How high: metres in a column whose name ends in _m, feet otherwise."
    )


class Window(Strict):
    """The time that records must be from."""

    first: Instant = Field(description="The first moment, with an offset.")
    last: Instant = Field(description="The last moment, with an offset.")


class Safety(Strict):
    """Words that must not be in a submission."""

    words: Path = Field(
        description="A table of the columns word and category, below public/; below answers/ teams do not learn what is found."
    )
    exceptions: Path | None = Field(
        default=None, description="A file with one harmless phrase a line that holds such a word."
    )

    @property
    def hidden(self) -> bool:
        """Whether teams may not know the words."""
        return self.words.startswith("answers/")


class Hidden(Strict):
    """What teams never see; each file below answers/."""

    test: Path | None = Field(default=None, description="Rows with their target, for usefulness and contamination.")
    gold: Path | None = Field(
        default=None, description="Records whose right label is known: the id and the label column."
    )
    canaries: Path | None = Field(default=None, description="Records that must survive: the id column.")
    curated: Path | None = Field(default=None, description="The organizer's own good version: the upper reference.")
    public: Annotated[float, AfterValidator(values.share)] = Field(
        default=0.3, description="The share of the hidden test that decides the public board, between 0 and 1."
    )
    seed: int = Field(default=0, ge=0, le=2**63 - 1, description="The seed of the draw of the public share.")


class UtilityAsked(Strict):
    """How it is measured what models gain from a submission."""

    target: Name = Field(description="The column to be predicted.")
    metric: str = Field(description="The metric that models are judged by, by its key.")
    models: Annotated[tuple[Annotated[str, one_of(MODELS)], ...], Field(strict=False)] = Field(
        default=(), description="Reference models by key; by default the first two that suit the columns."
    )
    refits: int = Field(default=40, ge=10, le=1000, description="Small refits of each model.")
    row_budget: int | None = Field(
        default=None, ge=20, description="Of a submission with more rows, this many count, chosen by hash."
    )
    features: Path | None = Field(
        default=None,
        description="A table below public/ or answers/ that is joined by id, such as the pixels of images.",
    )


class RubricChosen(Strict):
    """How measures become a score."""

    preset: Literal["competition", "tc609"] = Field(
        default="competition", description="The weights to begin with: competition 10/45/45, or tc609 30/40/30."
    )
    weights: dict[Annotated[str, one_of(PARTS)], float] = Field(
        default_factory=dict, description="Weights of parts, within 10 of the preset; the sum stays 100."
    )


class Dataset(Strict):
    """What is asked of a dataset, and what it is measured with."""

    raw: Path = Field(description="What teams start from, below public/: a file, or a folder that ends in a slash.")
    table_schema: Path | None = Field(
        default=None, description="A Table Schema (JSON) below public/ that submissions are held against."
    )
    licences: Annotated[tuple[Annotated[str, one_of(LICENCES)], ...], Field(strict=False)] = Field(
        default=(), description="Licences that a submission may have, by SPDX identifier; empty: any."
    )
    classes: Annotated[tuple[Label, ...], Field(strict=False)] = Field(
        default=(), description="The labels that there are; empty: those that come."
    )
    strata: dict[str, int | dict[str, int]] = Field(
        default_factory=dict,
        description="Required coverage by column: how many distinct values, or the fewest records of each value.",
    )
    code_lists: dict[str, Path] = Field(
        default_factory=dict, description="By column, a file below public/ with one valid code a line."
    )
    quasi_identifiers: Annotated[tuple[Name, ...], Field(strict=False)] = Field(
        default=(), description="Columns that together might tell who a record is about."
    )
    least_group: int = Field(
        default=LEAST_GROUP, ge=2, le=1000, description="Records that must share each combination of quasi_identifiers."
    )
    roles: DatasetRoles = Field(default=DatasetRoles(), description="Which column is what.")
    sectors: Annotated[
        tuple[Annotated[str, AfterValidator(values.sector), one_of(facets.SECTORS)], ...], Field(strict=False)
    ] = Field(default=(), description="The sectors that records should be of; by default that of the challenge.")
    safety: Safety | None = Field(default=None, description="Words that must not be in a submission.")
    gates: dict[Annotated[str, one_of(POSSIBLE)], Limit] = Field(
        default_factory=dict,
        description="By measure, the limit of its gate, a share from 0 to 1, in the place of the usual one, or false: no gate.",
    )
    window: Window | None = Field(default=None, description="The time that records must be from.")
    hidden: Hidden = Field(default=Hidden(), description="What teams never see.")
    utility: UtilityAsked | None = Field(
        default=None, description="What models must gain; without it nothing is trained."
    )
    rubric: RubricChosen = Field(default=RubricChosen(), description="How measures become a score.")

    @property
    def hidden_files(self) -> dict[str, str]:
        """The hidden files there are, by what they are for."""
        named = {name: getattr(self.hidden, name) for name in ("test", "gold", "canaries", "curated")}
        return {name: path for name, path in named.items() if path is not None}

    @property
    def limits(self) -> dict[str, float | None]:
        """The gates that are moved: None where one is off."""
        return {key: None if limit is False else limit for key, limit in self.gates.items()}
