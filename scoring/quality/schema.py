"""What a dataset is asked to look like: fields with their types and constraints, keys, rules across columns.

Plain data, read from a Table Schema or a `challenge.toml` by `challenges`; `scoring.quality.conformity` holds tables against it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

FieldType = Literal["string", "integer", "number", "boolean", "date", "datetime"]
Bound = float | str | None
"""A number, or an ISO 8601 date or moment for the temporal types."""

TYPES: Final[Mapping[FieldType, str]] = MappingProxyType(
    {
        "string": "Text",
        "integer": "Whole number",
        "number": "Number",
        "boolean": "True or false",
        "date": "Date",
        "datetime": "Moment",
    }
)


@dataclass(frozen=True, slots=True)
class Field:
    """One column.

    required             every row must have a value
    unique               no value may come twice
    minimum, maximum     least and greatest value allowed, both included
    min_length, …        characters of a text
    pattern              a regular expression (RE2 syntax) that the whole text must match
    enum                 the values allowed, as text
    decimals             digits after the point that a number must be given with, at least
    """

    name: str
    type: FieldType = "string"
    required: bool = False
    unique: bool = False
    minimum: Bound = None
    maximum: Bound = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    enum: tuple[str, ...] = ()
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition between columns that every row must meet, in the language of `scoring.quality.rules`."""

    name: str
    condition: str


@dataclass(frozen=True, slots=True)
class Schema:
    """All columns of a table, in order; `missing` lists the texts that stand for no value."""

    fields: tuple[Field, ...]
    primary_key: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    missing: tuple[str, ...] = ("",)

    def field(self, name: str) -> Field | None:
        """The field of a name, or None."""
        return next((field for field in self.fields if field.name == name), None)
