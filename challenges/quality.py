"""The quality report of a dataset: what a scored submission, `jiebang quality` and their pages all show.

`QualityReport` is plain data and is parsed as strictly as a `Report`: the child that read a stranger's dataset may be lying.
This module imports neither numpy nor polars; `assessed` does, when it is called.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError

from scoring.quality.rubric import Points

if TYPE_CHECKING:
    from scoring.quality.assessment import Assessment
    from scoring.quality.evidence import Evidence

FORMAT: Final = "jiebang-quality/1"
LARGEST: Final = 8 * 2**20
MOST_KINDS: Final = 300
MOST_EXAMPLES: Final = 10
MOST_COLUMNS: Final = 200
MOST_BARS: Final = 32
MOST_TOP: Final = 8

Short = Annotated[str, StringConstraints(max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]
Score = Annotated[float, Field(ge=0, le=100)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Scale(_Strict):
    """Points from 0 to 100 with their 95 % interval."""

    value: Score
    low: Score
    high: Score

    @classmethod
    def of(cls, points: Points) -> Self:
        return cls(value=points.value, low=points.low, high=points.high)


class MeasureFound(_Strict):
    """One measure. `weight` is its share of 100 in the end, 0 where only a gate looks at it; `recoverable` is what the composite
    would gain if it were perfect; `gate` is the limit of its gate, `passed` whether that lets the dataset through.
    """

    key: Short
    value: float
    low: float
    high: float
    checked: int
    bad: int | None
    points: Scale
    weight: Score
    recoverable: Score
    gate: float | None = None
    passed: bool
    details: dict[Short, JsonValue] = Field(default_factory=dict, max_length=20)


class IssueExample(_Strict):
    """One place. `row` counts the records from 1."""

    row: int | None
    value: Short | None
    suggestion: Short | None
    confidence: Share | None


class IssueKind(_Strict):
    """All issues of one code in one column, with the first of them."""

    check: Short
    code: Short
    column: Short | None
    count: int
    examples: tuple[IssueExample, ...] = Field(max_length=MOST_EXAMPLES)


class ColumnFound(_Strict):
    """One column at a glance. `bars` are counts of equal steps from `low` to `high`, or of its commonest values in `names`."""

    name: Short
    kind: Short
    filled: int
    missing: int
    distinct: int
    low: Short | None
    middle: Short | None
    high: Short | None
    names: tuple[Short, ...] = Field(max_length=MOST_TOP)
    bars: tuple[int, ...] = Field(max_length=MOST_BARS)


class QualityReport(_Strict):
    """What was found about one dataset.

    `blocks` holds those in which something was measured. `measured_with` says whether the hidden parts of a challenge took part
    (a grade without them is provisional). `issues` are in the order of the points to be won.
    """

    format: Literal["jiebang-quality/1"] = FORMAT
    name: Short
    layout: Short
    rows: int
    roles: dict[Short, Short | None]
    measured_with: Literal["the dataset alone", "hidden parts"]
    preset: Short
    measures: tuple[MeasureFound, ...] = Field(max_length=60)
    blocks: dict[Short, Scale]
    composite: Scale
    grade: Literal["AAA", "AA", "A", "B", "C"]
    passed: bool
    gates_failed: tuple[Short, ...]
    documentation: dict[Short, dict[Short, bool]]
    issues: tuple[IssueKind, ...] = Field(max_length=MOST_KINDS)
    issues_in_all: int
    columns: tuple[ColumnFound, ...] = Field(max_length=MOST_COLUMNS)
    columns_in_all: int
    made_with: dict[Short, Short | int] = Field(default_factory=dict, max_length=20)
    seconds: dict[Short, float] = Field(default_factory=dict, max_length=60)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The report in `data` (JSON, UTF-8). Raises ValueError for anything else, or more than `LARGEST` bytes."""
        if len(data) > LARGEST:
            raise ValueError(f"a quality report of {len(data)} bytes; at most {LARGEST} are read")
        try:
            return cls.model_validate_json(data, strict=True)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            raise ValueError(f"not a quality report: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


def assessed(
    seen: "Evidence", found: "Assessment", *, name: str, layout: str, preset: str, seconds: Mapping[str, float]
) -> QualityReport:
    """The report of an assessment. Single values in it are masked where they would give personal data away."""
    making: Any = import_module("challenges.quality_summary")  # polars, only where reports are made
    report: QualityReport = making.summarized(seen, found, name=name, layout=layout, preset=preset, seconds=seconds)
    return report
