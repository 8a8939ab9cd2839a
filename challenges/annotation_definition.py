"""What a `challenge.toml` of kind "annotation" adds: the items to be labelled, who labels them, and how the labels are judged.

Shapes only; rules that need two keys are in `challenges.annotation_rules`.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from challenges import values
from challenges.strict import Label, Name, Path, Strict


class Labels(Strict):
    """The columns of a submission: a row is one label by one annotator of one item."""

    item: Name = Field(default="item", description="The column that names the item, in the items and in submissions.")
    annotator: Name = Field(default="annotator", description="The column that names who labelled.")
    label: Name = Field(default="label", description="The column of the label.")
    seconds: Name | None = Field(
        default=None, description="A column of how long each label took, in seconds, where submissions have one."
    )
    type: Literal["class", "ordinal"] = Field(
        default="class", description="class, or ordinal: classes in their order, so that near misses weigh less."
    )
    classes: Annotated[tuple[Label, ...], Field(strict=False, min_length=2)] = Field(
        description="The labels that there are; of an ordinal scale in their order."
    )


class Gold(Strict):
    """Items whose right label is known to nobody but the scorer."""

    path: Path = Field(description="A table below answers/ with the item and the label column.")
    public: Annotated[float, AfterValidator(values.share)] = Field(
        default=0.3, description="The share of the gold items that decides the public board, between 0 and 1."
    )
    seed: int = Field(default=0, ge=0, le=2**63 - 1, description="The seed of the draw of the public share.")


class Inspection(Strict):
    """Acceptance by sampling, as in the practice of data services."""

    sample: int = Field(
        default=4000, ge=20, le=1_000_000, description="Labels drawn for the inspection, or all if fewer."
    )
    accept: Annotated[float, AfterValidator(values.share)] = Field(
        default=0.96, description="The share of right labels that a lot needs to be accepted."
    )


class Annotation(Strict):
    """What is to be labelled, and how labels are judged."""

    items: Path = Field(description="The table of items below public/.")
    per_item: int = Field(default=3, ge=1, le=100, description="Labels that every item needs, by different annotators.")
    cost: float = Field(default=0.0, ge=0, description="What one label costs, in the currency of the challenge.")
    currency: str = Field(default="CNY", description="The currency of cost, by its ISO 4217 code.")
    labels: Labels = Field(description="The columns of a submission.")
    gold: Gold = Field(description="Items whose right label is known.")
    inspection: Inspection = Field(default=Inspection(), description="Acceptance by sampling.")
