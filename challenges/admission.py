"""What became of an uploaded package: the report that crosses from the checking child to the platform.

Like `challenges.report`, `Admission.parse` takes nothing on trust, and neither numpy nor polars is imported: the web process
reads admissions. The child itself is in `challenges.run_package`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from challenges.board_columns import board_columns
from challenges.definition import Definition
from challenges.findings import Finding
from challenges.report import _showable as showable

LARGEST = 16 * 2**20
"""Bytes: two READMEs of a megabyte, and hundreds of files with the first rows of each table."""
MOST_FINDINGS = 1000
MOST_FILES = 300
"""Files listed, stored and downloaded one by one; what goes beyond is in the public zip only."""
MOST_COLUMNS = 60
MOST_ROWS = 20
LONGEST_CELL = 200
LONGEST_README = 2**20

Short = Annotated[str, StringConstraints(max_length=400)]
Cell = Annotated[str, StringConstraints(max_length=LONGEST_CELL)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Stored = Annotated[str, StringConstraints(pattern=r"^public/[0-9]{4}$")]
Prepared = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$", max_length=200)
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Preview(_Strict):
    """The first rows of a table as text (None: no value). `columns_more`: columns left out."""

    columns: tuple[Cell, ...] = Field(max_length=MOST_COLUMNS)
    rows: tuple[tuple[Cell | None, ...], ...] = Field(max_length=MOST_ROWS)
    columns_more: int = Field(default=0, ge=0)


class PublicFile(_Strict):
    """A file that teams get. `stored`: its name below the child's output; `rows`: of a table, else None."""

    path: Short
    stored: Stored
    size: int = Field(ge=0)
    sha256: Sha256
    role: Short | None
    about_en: Short | None = None
    about_zh: Short | None = None
    rows: int | None = Field(default=None, ge=0)
    preview: Preview | None = None


class Baseline(_Strict):
    """The scores that a baseline of the package got."""

    path: Short
    scores: dict[Short, dict[Short, float]] = Field(default_factory=dict, max_length=200)


class Zip(_Strict):
    """The archive of everything public."""

    size: int = Field(ge=0)
    sha256: Sha256


class Content(_Strict):
    """What a sound package holds. `definition` is the JSON of a `Definition`.

    `digest` names the package; `scoring_digest` changes when scores or places could: answers, split, metrics, digits, ties.
    `more_files` counts the public files that are in the zip but not listed. `raw_points`: of a dataset challenge, the points of the
    raw bundle by measure.
    """

    definition: dict[str, Any]
    digest: Sha256
    scoring_digest: Sha256
    readme_en: Annotated[str, StringConstraints(max_length=LONGEST_README)]
    readme_zh: Annotated[str, StringConstraints(max_length=LONGEST_README)]
    files: tuple[PublicFile, ...] = Field(max_length=MOST_FILES)
    more_files: int = Field(default=0, ge=0)
    public: Zip
    prepared: tuple[Prepared, ...] = Field(min_length=1, max_length=10_000)
    baselines: tuple[Baseline, ...] = Field(default=(), max_length=200)
    raw_points: dict[Short, float] | None = Field(default=None, max_length=100)

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if len({file.stored for file in self.files}) != len(self.files) or "plan.json" not in self.prepared:
            raise ValueError("files that collide, or no plan")
        if not board_columns(definition_from_json(self.definition)):
            raise ValueError("nothing to score by")
        return self


class Admission(_Strict):
    """Whether the package may be posted, everything found, and, when it is *ready*, what it holds."""

    format: Literal["jiebang-admission/1"] = "jiebang-admission/1"
    outcome: Literal["ready", "refused"]
    findings: tuple[Finding, ...] = Field(default=(), max_length=MOST_FINDINGS)
    content: Content | None = None
    seconds: dict[Short, float] = Field(default_factory=dict, max_length=20)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The admission in `data` (JSON, UTF-8). Raises ValueError for anything too long, malformed, or not usable."""
        if len(data) > LARGEST:
            raise ValueError(f"an admission of {len(data)} bytes; at most {LARGEST} are read")
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            raise ValueError(f"not an admission: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None

    @field_validator("findings")
    @classmethod
    def _shown(cls, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        for finding in findings:
            showable(finding)
        return findings

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.outcome == "ready") != (self.content is not None):
            raise ValueError("a ready package has content, a refused one has none")
        return self


def definition_from_json(data: Mapping[str, Any]) -> Definition:
    """The definition in its own JSON form (`Definition.model_dump(mode="json")`). Raises ValueError.

    The model is as strict as TOML, where dates are dates; JSON has only text for them.
    """
    read = {**data, "phases": [_with_moments(phase, "opens", "closes") for phase in data.get("phases", ())]}
    dataset = data.get("dataset")
    if dataset is not None and dataset.get("window") is not None:
        read["dataset"] = {**dataset, "window": _with_moments(dataset["window"], "first", "last")}
    definition = Definition.model_validate(read)
    if not definition.is_whole:
        raise ValueError("a definition without the sections of its kind")
    return definition


def _with_moments(table: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {**table, **{name: datetime.fromisoformat(table[name]) for name in names}}
