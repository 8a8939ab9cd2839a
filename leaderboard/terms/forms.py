"""What single values in a listing, demand or policy may be, and what a document that holds others is refused with.

A refusal inside a model is a `PydanticCustomError` whose type is a message id of `terms.messages`; `parsed` gathers all of
them, and pydantic's own, as findings.
"""

import re
from collections.abc import Collection
from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, BaseModel, Field, JsonValue, StringConstraints, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from challenges.facets import MODALITIES, SECTORS, TASKS
from challenges.findings import Finding
from leaderboard.terms import words
from scoring.quality.checks import CHECKS

LARGEST: Final = 2**20
MOST: Final = 200
"""Items in any one list of a document."""
MOST_AMOUNT: Final = 1e18

Model = TypeVar("Model", bound=BaseModel)


def listed(known: Collection[str]) -> AfterValidator:
    """One of `known`, or the refusal `terms.not_one_of`."""

    def one(value: str) -> str:
        if value not in known:
            raise PydanticCustomError("terms.not_one_of", "terms.not_one_of", {"known": ", ".join(known)})
        return value

    return AfterValidator(one)


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise PydanticCustomError("terms.twice", "terms.twice", {"value": ", ".join(twice)})
    return values


Once = AfterValidator(_once)
Many = Field(default=(), max_length=MOST)
Kind = Annotated[str, listed(words.KINDS)]
Sector = Annotated[str, listed(SECTORS)]
Task = Annotated[str, listed(TASKS)]
Modality = Annotated[str, listed(MODALITIES)]
Unit = Annotated[str, listed(words.SIZES)]
FieldType = Annotated[str, listed(words.FIELD_TYPES)]
Delivery = Annotated[str, listed(words.DELIVERIES)]
Security = Annotated[str, listed(words.SECURITIES)]
Personal = Annotated[str, listed(words.PERSONAL)]
Crossing = Annotated[str, listed(words.CROSSINGS)]
Action = Annotated[str, listed(words.ACTIONS)]
Purpose = Annotated[str, listed(words.PURPOSES)]
Duty = Annotated[str, listed(words.DUTIES)]
Grade = Annotated[str, listed(words.GRADES)]
Currency = Annotated[str, listed(words.CURRENCIES)]
Measure = Annotated[str, listed(CHECKS)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Region = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$")]
Named = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\S(?:.*\S)?$")]
Code = Annotated[str, StringConstraints(max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0, le=MOST_AMOUNT)]

_OURS: Final = {
    "missing": "terms.missing",
    "extra_forbidden": "terms.unknown_key",
    "json_invalid": "terms.not_json",
    "too_long": "terms.too_many",
    "string_pattern_mismatch": "terms.not_the_form",
    "string_too_short": "terms.blank",
    "string_too_long": "terms.too_long",
    "greater_than_equal": "terms.too_small",
    "less_than_equal": "terms.too_large",
    "finite_number": "terms.not_finite",
    "union_tag_invalid": "terms.not_one_of_kinds",
    "union_tag_not_found": "terms.missing",
}


class TermsRefused(ValueError):
    """A document that cannot be read; `findings` holds every reason."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(", ".join(sorted({finding.id for finding in findings})))
        self.findings = findings


def parsed(model: type[Model], data: bytes | str) -> Model:
    """The document in `data` (JSON, UTF-8). Raises TermsRefused with all findings, each with its key path."""
    if len(data) > LARGEST:
        raise TermsRefused((Finding(id="terms.document_too_large", params={"most": LARGEST // 1024}),))
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        raise TermsRefused(tuple(map(_finding, error.errors(include_url=False)))) from None


def _finding(error: ErrorDetails) -> Finding:
    kind = error["type"]
    given = error["input"]
    context = {name: _plain(value) for name, value in error.get("ctx", {}).items()}
    return Finding(
        id=kind if kind.startswith("terms.") else _OURS.get(kind, "terms.wrong_type"),
        params=context,
        key=".".join(map(str, error["loc"])) or None,
        value=str(given)[:100] if isinstance(given, str | int | float) and kind != "json_invalid" else None,
    )


def _plain(value: object) -> JsonValue:
    return value if isinstance(value, str | int | float | bool) else str(value)


def snake(text: str) -> str:
    """A name as columns have it: small, words joined by an underscore, Chinese as it is.

    >>> snake("Customer Age (years)"), snake("birthDate")
    ('customer_age_years', 'birth_date')
    """
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    return re.sub(r"[\W_]+", "_", parted).strip("_").lower()
