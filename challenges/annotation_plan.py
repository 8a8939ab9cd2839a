"""What the scorer needs to know of an annotation challenge: the contents of `plan.json` in a prepared folder.

`challenges.annotation_preparation.prepare` writes it beside these arrays; nothing else of the package reaches the scoring
child:

    ids.npy | ids.arrow          the ids of the items in the order of their table, int64 or text; an item's code is its place
    sorted.npy, order.npy        integer ids only: ascending, and the place of each, int64
    gold-<split>-items.npy       int64 codes of the gold items of one part
    gold-<split>-labels.npy      int32 places of their labels in the classes
"""

from pathlib import Path
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from challenges.annotation_definition import Inspection, Labels
from challenges.definition import Column
from challenges.plan import FORMAT, NAME, Ids, Plan, TaskPlan
from challenges.report import SplitName
from challenges.values import LONGEST_NAME

FORMATS: Final = ("csv", "tsv", "jsonl", "parquet")
"""What label files may be; each may also come compressed as gzip or zip."""
LONGEST: Final = 1_000_000
"""Seconds that one label may take; more than eleven days is no time of work."""


class AnnotationPlan(BaseModel):
    """The whole of `plan.json`. `package` is the digest of the package that it was made from; `items` counts the items, `gold`
    the gold items of each part.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    format: Literal["jiebang-plan/1"] = FORMAT
    kind: Literal["annotation"] = "annotation"
    package: str
    slug: str
    version: str
    max_mb: int = Field(ge=1)
    seed: int = Field(ge=0)
    labels: Labels
    items: int = Field(ge=1)
    ids: Ids
    gold: dict[SplitName, int]
    per_item: int = Field(ge=1)
    cost: float = Field(ge=0)
    currency: str
    inspection: Inspection

    @classmethod
    def load(cls, prepared: Path) -> Self:
        """The plan of a prepared folder. Raises ValueError when it is of another kind or another version of the format."""
        return cls.model_validate_json((prepared / NAME).read_bytes())

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a label file beside the item."""
        names = self.labels
        found = [
            Column(name=names.annotator, type="text", max_length=LONGEST_NAME),
            Column(name=names.label, type="class", classes=names.classes),
        ]
        if names.seconds is not None:
            found.append(Column(name=names.seconds, type="number", min=0, max=LONGEST, required=False))
        return tuple(found)

    @property
    def table(self) -> Plan:
        """A label file as the readers of `challenges.intake` know tables: one task, whose rows are the labels asked for."""
        task = TaskPlan(
            key="",
            folder="",
            weight=1.0,
            rows=self.items * self.per_item,
            splits={},
            ids=self.ids,
            columns=self.columns,
            truths=(),
            groups=(),
            scores=(),
        )
        return Plan(
            package=self.package,
            slug=self.slug,
            version=self.version,
            formats=FORMATS,
            max_mb=self.max_mb,
            combine="mean",
            seed=self.seed,
            tasks=(task,),
        )
