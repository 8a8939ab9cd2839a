"""A listing: what a supplier offers, as structured facts. None and empty lists mean "not said", never "no".

`read` and `write` are its JSON form, "jiebang-listing/1".
"""

from datetime import date
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from challenges.strict import Strict
from leaderboard.terms.forms import (
    MOST,
    Amount,
    Code,
    Crossing,
    Currency,
    Delivery,
    FieldType,
    Grade,
    Kind,
    Language,
    Measure,
    Modality,
    Named,
    Once,
    Personal,
    Region,
    Sector,
    Security,
    Share,
    Task,
    Unit,
    listed,
    parsed,
)
from leaderboard.terms.policy import Policy
from leaderboard.terms.words import EXCLUSIVITIES, GRADES, PRICES

FORMAT: Final = "jiebang-listing/1"


class FieldOffered(Strict):
    """One column: its name as it stands in the data, its type, and its unit as people write it ("km/h", "℃")."""

    name: Named
    type: FieldType | None = None
    unit: Code | None = None


class Period(Strict):
    """From the first day to the last, both included; None is open."""

    first: date | None = None
    last: date | None = None


class Price(Strict):
    """`low` is the fixed price or the lower end, `high` the upper end of "range"."""

    model: Annotated[str, listed(PRICES)]
    low: Amount | None = None
    high: Amount | None = None
    currency: Currency = "CNY"

    @model_validator(mode="after")
    def _as_the_model_says(self) -> Self:
        given = (self.low is not None, self.high is not None)
        if given != {"fixed": (True, False), "range": (True, True)}.get(self.model, (False, False)):
            raise PydanticCustomError("terms.price_parts", "terms.price_parts")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise PydanticCustomError("terms.price_reversed", "terms.price_reversed")
        return self

    @property
    def span(self) -> tuple[float, float] | None:
        """From what to what it costs, in `currency`; None on request."""
        if self.model == "free":
            return 0.0, 0.0
        return None if self.low is None else (self.low, self.low if self.high is None else self.high)


class Estimate(Strict):
    """A measured value in its own unit, with its 95 % interval."""

    value: float
    low: float
    high: float

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise PydanticCustomError("terms.interval_reversed", "terms.interval_reversed")
        return self


class Graded(Strict):
    """A grade, with what it is at the ends of the interval of the score behind it."""

    value: Grade
    low: Grade
    high: Grade

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not GRADES.index(self.low) <= GRADES.index(self.value) <= GRADES.index(self.high):
            raise PydanticCustomError("terms.interval_reversed", "terms.interval_reversed")
        return self


class Certificate(Strict):
    """A signed statement on this quality; `valid_until` is its last day."""

    key: Named
    issuer: Named
    valid_until: date


class Evidence(Strict):
    """What one measuring run found. `version` is the content hash it measured: for any other version it is stale.

    `rank` is the place among the entries of a challenge as a share: 0.05 is the best twentieth. `key` leads to the run.
    """

    key: Named
    version: Code
    measured_on: date
    measures: dict[Measure, Estimate] = Field(default_factory=dict, max_length=MOST)
    grade: Graded | None = None
    rank: Share | None = None
    certificate: Certificate | None = None


class Capacity(Strict):
    """What a service can do in a week, in `unit`."""

    weekly: Amount
    unit: Unit


class Listing(Strict):
    """What is offered. `key` names it for good, `version` is the content hash that evidence is held against.

    `sizes` holds amounts by unit; `updated` is the day of the newest record; `receives_from` is the lowest verification
    level (0 to 3) of buyers that the supplier deals with.
    """

    format: Literal["jiebang-listing/1"] = FORMAT
    key: Named
    version: Code
    supplier: Named
    kind: Kind
    sector: Sector | None = None
    task: Task | None = None
    modalities: Annotated[tuple[Modality, ...], Once] = Field(default=(), max_length=MOST)
    sizes: dict[Unit, Amount] = Field(default_factory=dict)
    languages: Annotated[tuple[Language, ...], Once] = Field(default=(), max_length=MOST)
    fields: tuple[FieldOffered, ...] = Field(default=(), max_length=1000)
    regions: Annotated[tuple[Region, ...], Once] = Field(default=(), max_length=MOST)
    period: Period = Period()
    updated: date | None = None
    deliveries: Annotated[tuple[Delivery, ...], Once] = Field(default=(), max_length=MOST)
    price: Price | None = None
    exclusivity: Annotated[str, listed(EXCLUSIVITIES)] | None = None
    security: Security | None = None
    personal: Personal | None = None
    cross_border: Crossing = "unknown"
    home: Region = "CN"
    policy: Policy = Policy()
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=MOST)
    capacity: Capacity | None = None
    receives_from: int = Field(default=0, ge=0, le=3)

    @model_validator(mode="after")
    def _sound(self) -> Self:
        first, last = self.period.first, self.period.last
        if first is not None and last is not None and first > last:
            raise PydanticCustomError("terms.period_reversed", "terms.period_reversed")
        names = [field.name for field in self.fields]
        twice = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
        if twice:
            raise PydanticCustomError("terms.twice", "terms.twice", {"value": ", ".join(twice)})
        return self

    @property
    def newest_record(self) -> date | None:
        """The day of the newest record: as it is said, else the end of the period that is covered."""
        return self.updated or self.period.last

    @property
    def fresh_evidence(self) -> tuple[Evidence, ...]:
        """What was measured on this very version, newest first; of one day, what is written last."""
        held = [one for one in reversed(self.evidence) if one.version == self.version]
        return tuple(sorted(held, key=lambda one: one.measured_on, reverse=True))


def read(data: bytes | str) -> Listing:
    """The listing in `data` (JSON). Raises `forms.TermsRefused` with all findings."""
    return parsed(Listing, data)


def write(listing: Listing) -> str:
    """The JSON form; `read` gives the same listing back."""
    return listing.model_dump_json()
