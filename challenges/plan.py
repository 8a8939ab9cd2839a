"""What the scorer needs to know of a challenge: the contents of `plan.json` in a prepared folder.

`challenges.preparation.prepare` writes it beside the arrays; nothing else of the package reaches the scoring child. The arrays
of a task stand in its `folder`:

    ids.npy | ids.arrow             the ids in the order of the answers, int64 or text
    positions.npy                   kind "dense": int32, position of id `low + i`, or -1
    sorted.npy, order.npy           kind "sorted": the ids ascending, and the position of each, int64
    public.npy, private.npy         int64 positions of the rows of each part; ignored rows are in neither
    truth-<i>-<split>.npy           float64 or int32 codes, rows of one part only
    truth-<i>-<split>-starts.npy    lists only: int64 (n+1,) starts into the items
    group-<i>-<split>.npy           int64 codes
    items-<i>.arrow                 lists only: the known items; an item's code is its row
"""

import json
from pathlib import Path
from typing import Final, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict

from challenges.definition import Column, Combination, Kind
from challenges.report import SplitName

FORMAT: Final = "jiebang-plan/1"
NAME: Final = "plan.json"
SPLITS: Final[tuple[SplitName, ...]] = ("public", "private")


def kind_of(prepared: Path) -> Kind:
    """The kind of challenge that a folder was prepared for; each has a plan of its own. Raises ValueError for no plan."""
    kind = json.loads((prepared / NAME).read_bytes()).get("kind", "prediction")
    if kind not in get_args(Kind):
        raise ValueError(f"a plan of kind {kind}")
    return kind  # type: ignore[no-any-return]  # one of the literals, as was just seen


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Ids(_Strict):
    """The id column of a task and how its ids are found: `low` is the least id of a range or dense index.

    *range*: ids low, low + 1, … in the order of the answers. *dense*, *sorted*: see the arrays above. *hashed*: text.
    """

    name: str
    kind: Literal["integer", "text"]
    index: Literal["range", "dense", "sorted", "hashed"]
    low: int = 0


class Truth(_Strict):
    """A truth column in one coded form.

    *number*: float64. *codes*: int32 places in `labels`. *binary*: int32, 1 where the truth is the one label. *lists*: items
    coded by `items-<i>.arrow`.
    """

    column: str
    form: Literal["number", "codes", "binary", "lists"]
    labels: tuple[str, ...] = ()


class ScorePlan(_Strict):
    """One score: its metric, the submitted columns it reads, and which prepared truth and groups (by number) go with them."""

    key: str
    metric: str
    prediction: tuple[str, ...]
    truth: int
    group: int | None
    options: dict[str, int]


class TaskPlan(_Strict):
    """One table to be handed in. `key` is "" in a single-task challenge; `rows` counts the answers."""

    key: str
    folder: str
    weight: float
    rows: int
    splits: dict[SplitName, int]
    ids: Ids
    columns: tuple[Column, ...]
    truths: tuple[Truth, ...]
    groups: tuple[str, ...]
    scores: tuple[ScorePlan, ...]


class Plan(_Strict):
    """The whole of `plan.json`. `package` is the digest of the package that it was made from."""

    format: Literal["jiebang-plan/1"] = FORMAT
    kind: Literal["prediction"] = "prediction"
    package: str
    slug: str
    version: str
    formats: tuple[str, ...]
    max_mb: int
    combine: Combination
    seed: int
    tasks: tuple[TaskPlan, ...]

    @classmethod
    def load(cls, prepared: Path) -> Self:
        """The plan of a prepared folder. Raises ValueError when the folder was made by another version of the format."""
        return cls.model_validate_json((prepared / NAME).read_bytes())

    @property
    def several(self) -> bool:
        """Whether a submission is a zip with one file per task."""
        return bool(self.tasks[0].key)
