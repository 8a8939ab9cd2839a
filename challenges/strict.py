"""What every section of a `challenge.toml` is made of: the strict model, and the forms that single values have."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from challenges import values

Key = Annotated[
    str, AfterValidator(values.slug), WithJsonSchema({"type": "string", "pattern": f"^{values.SLUG.pattern}$"})
]
Name = Annotated[str, AfterValidator(values.name)]
Path = Annotated[str, AfterValidator(values.path)]
Instant = Annotated[AwareDatetime, BeforeValidator(values.instant, json_schema_input_type=AwareDatetime)]
Names = Annotated[
    tuple[Name, ...],
    BeforeValidator(values.one_or_many, json_schema_input_type=str | list[str]),
    Field(strict=False),
]
Label = Annotated[str, BeforeValidator(values.label, json_schema_input_type=str | int)]


def one_of(words: Iterable[str]) -> WithJsonSchema:
    """What editors offer for a value of a fixed list."""
    return WithJsonSchema({"type": "string", "enum": list(words)})


class Strict(BaseModel):
    """No unknown key, no conversion between types, no change after reading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class Words(Strict):
    """The same text in both languages of the platform."""

    en: Annotated[str, AfterValidator(values.words)] = Field(description="The text in English.")
    zh: Annotated[str, AfterValidator(values.words)] = Field(description="The text in Chinese.")
