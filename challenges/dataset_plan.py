"""What the scorer needs to know of a dataset challenge: the contents of `plan.json` in a prepared folder.

`challenges.dataset_preparation.prepare` writes it beside these files; nothing else of the package reaches the scoring child:

    raw.parquet                     the records of the raw bundle
    test-<split>.parquet            the hidden test rows of each split, with features joined
    gold-<split>.parquet            the gold records of each split
    canaries.parquet                as in the package
    curated.parquet                 the organizer's own version, with features joined
    features.parquet                what is joined to a submission by id
    schema.json                     the Table Schema
    utility-<split>-<of>.npz        what models gain from "raw" and from "curated", on each split
    raw-points.json                 the points of the raw bundle by measure
"""

from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

NAME: Final = "plan.json"
RAW_POINTS: Final = "raw-points.json"
FRAMES: Final = ("raw", "canaries", "curated", "features")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class UtilityPlan(_Strict):
    """See `challenges.dataset_definition.UtilityAsked`."""

    target: str
    metric: str
    models: tuple[str, ...]
    refits: int
    row_budget: int | None


class SafetyPlan(_Strict):
    """Words that must not be there with their categories, and harmless phrases; `hidden` where teams do not know them."""

    words: tuple[tuple[str, str], ...]
    exceptions: tuple[str, ...]
    hidden: bool


class DatasetPlan(_Strict):
    """The whole of `plan.json`. `package` is the digest of the package that it was made from; `weights` are of all parts, `gates`
    those that are moved (None: off).
    """

    format: Literal["jiebang-plan/1"] = "jiebang-plan/1"
    kind: Literal["dataset"] = "dataset"
    package: str
    slug: str
    version: str
    max_mb: int
    seed: int
    roles: dict[str, str | None]
    classes: tuple[str, ...]
    strata: dict[str, int | dict[str, int]]
    code_lists: dict[str, tuple[str, ...]]
    quasi_identifiers: tuple[str, ...]
    least_group: int
    licences: tuple[str, ...]
    sectors: tuple[str, ...] = ()
    safety: SafetyPlan | None = None
    gates: dict[str, float | None] = Field(default_factory=dict)
    window: tuple[str, str] | None
    preset: str
    weights: dict[str, float]
    utility: UtilityPlan | None
    frames: Annotated[tuple[str, ...], Field(max_length=10)]
    has_schema: bool
    has_test: bool
    has_gold: bool

    @classmethod
    def load(cls, prepared: Path) -> Self:
        """The plan of a prepared folder. Raises ValueError when the folder was made by another version of the format."""
        return cls.model_validate_json((prepared / NAME).read_bytes())
