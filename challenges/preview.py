"""A few records of a dataset for everybody to look at, and which columns it has: what crosses from the child that opened the file.

The file is a stranger's, so both are parsed as strictly as a report: sizes, shapes and lengths. This module imports neither numpy nor
polars; `challenges.preview_making` does.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from challenges.quality import ColumnFound

PREVIEW: Final = "preview.json"
COLUMNS: Final = "columns.json"
LARGEST: Final = 4 * 2**20
MOST_ROWS: Final = 100
MOST_SHOWN: Final = 60
"""Columns in a preview."""
MOST_COLUMNS: Final = 2_000
"""Columns of a dataset: as `challenges.datasets.limits.Limits`."""
LONGEST_CELL: Final = 120
LEAST_SHARED: Final = 5
"""Records that must share a value before it is named in a distribution; k of k-anonymity, as in `scoring.quality.reference`."""
NOTHING: Final = "***"
"""Stands where a value was that must not be shown."""

Name = Annotated[str, StringConstraints(max_length=200)]
Cell = Annotated[str, StringConstraints(max_length=LONGEST_CELL)]
Hidden = Literal["", "personal", "secret", "nested"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """From JSON in UTF-8. Raises ValueError for anything else, or more than `LARGEST` bytes."""
        if len(data) > LARGEST:
            raise ValueError(f"{len(data)} bytes; at most {LARGEST} are read")
        try:
            return cls.model_validate_json(data, strict=True)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(map(str, first["loc"]))
            raise ValueError(f"not of the form of {cls.__name__}: {place}: {first['msg']}") from None


class ColumnSeen(_Strict):
    """A column as it was found. `role` is what a description or its name says it is, "" where nothing does."""

    name: Name
    type: Literal["string", "integer", "number", "boolean", "date", "datetime", "nested"]
    role: Name = ""


class ColumnsSeen(_Strict):
    """All columns of a dataset, in order."""

    columns: tuple[ColumnSeen, ...] = Field(max_length=MOST_COLUMNS)


class PreviewColumn(_Strict):
    """A column of a preview. `hidden` says why none of its values is shown; its distribution is left out too then."""

    found: ColumnFound
    hidden: Hidden = ""


class Preview(_Strict):
    """At most `MOST_ROWS` records, drawn evenly from all `rows_in_all` in their order; None is a value that is missing."""

    columns: tuple[PreviewColumn, ...] = Field(max_length=MOST_SHOWN)
    rows: tuple[tuple[Cell | None, ...], ...] = Field(max_length=MOST_ROWS)
    columns_in_all: int = Field(ge=0)
    rows_in_all: int = Field(ge=0)

    @model_validator(mode="after")
    def _of_one_width(self) -> Self:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("a record has other columns than the preview")
        if any(
            cell not in {None, NOTHING}
            for row in self.rows
            for cell, column in zip(row, self.columns, strict=True)
            if column.hidden
        ):
            raise ValueError("a column that is hidden shows a value")
        return self
