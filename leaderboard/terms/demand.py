"""A demand: what an enterprise needs, as structured facts. None and empty lists mean "not asked".

`read` and `write` are its JSON form, "jiebang-demand/1". A demand that asks for what cannot be had at once is still a demand,
so that a draft can be kept: `contradictions` says what is wrong with it.
"""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import Field

from challenges.strict import Strict
from leaderboard.terms.forms import (
    MOST,
    Amount,
    Code,
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
    Task,
    Unit,
    listed,
    parsed,
)
from leaderboard.terms.listing import Period
from leaderboard.terms.policy import Usage
from leaderboard.terms.words import FACTORS, MUSTS, VISIBILITIES
from scoring.quality.checks import CHECKS

FORMAT: Final = "jiebang-demand/1"
USUAL_WEIGHT: Final = 5.0
MOST_FLOORS: Final = 60
"""Quality floors of a demand, and indicators; a text that names more is read as far as these."""


class FieldWanted(Strict):
    """A column that is needed (`must`) or welcome. Unit as people write it."""

    name: Named
    type: FieldType | None = None
    unit: Code | None = None
    must: bool = True


class SizeWanted(Strict):
    """How much, in one unit: at least, at best, and at most."""

    unit: Unit
    least: Amount | None = None
    ideal: Amount | None = None
    most: Amount | None = None


class MeasureFloor(Strict):
    """A measure that must reach `limit` in the measure's own unit. Where less is better (`falling`), it is an upper limit."""

    kind: Literal["measure"] = "measure"
    measure: Measure
    limit: float

    @property
    def falling(self) -> bool:
        """Whether less is better, as the anchors of the measure say."""
        anchors = CHECKS[self.measure].anchors
        return anchors[0][1] > anchors[-1][1]


class GradeFloor(Strict):
    """The worst grade that will do."""

    kind: Literal["grade"] = "grade"
    grade: Grade


class RankFloor(Strict):
    """The worst place in a challenge that will do, as a share of its entries: 0.1 is the best tenth."""

    kind: Literal["rank"] = "rank"
    limit: float


Floor = Annotated[MeasureFloor | GradeFloor | RankFloor, Field(discriminator="kind")]


class DeliveryWanted(Strict):
    """Ways that will do: any of `any_of`, and each of `required` besides."""

    any_of: Annotated[tuple[Delivery, ...], Once] = Field(default=(), max_length=MOST)
    required: Annotated[tuple[Delivery, ...], Once] = Field(default=(), max_length=MOST)


class Budget(Strict):
    """What may be spent in all. `hidden` keeps it from suppliers; it is used in matching all the same."""

    low: Amount | None = None
    high: Amount | None = None
    currency: Currency = "CNY"
    hidden: bool = False


class Indicator(Strict):
    """What a delivery is accepted by: a floor that is measured again on it."""

    floor: Floor
    note: Code = ""


class Demand(Strict):
    """What is needed. `musts` says on which facts it insists (`words.MUSTS`); `weights` move the soft factors (0 to 10).

    `region` is where the data will be used; `security` the highest class that the asker may receive; `personal` the most
    personal data it wants to hold; `verified` its verification level, 0 to 3.
    """

    format: Literal["jiebang-demand/1"] = FORMAT
    key: Code = ""
    version: Code = ""
    organization: Code = ""
    verified: int = Field(default=0, ge=0, le=3)
    kind: Kind = "dataset"
    sectors: Annotated[tuple[Sector, ...], Once] = Field(default=(), max_length=MOST)
    task: Task | None = None
    modalities: Annotated[tuple[Modality, ...], Once] = Field(default=(), max_length=MOST)
    languages: Annotated[tuple[Language, ...], Once] = Field(default=(), max_length=MOST)
    regions: Annotated[tuple[Region, ...], Once] = Field(default=(), max_length=MOST)
    period: Period = Period()
    sizes: tuple[SizeWanted, ...] = Field(default=(), max_length=4)
    fields: tuple[FieldWanted, ...] = Field(default=(), max_length=MOST)
    floors: tuple[Floor, ...] = Field(default=(), max_length=MOST_FLOORS)
    certificate: bool = False
    usage: Usage = Usage()
    region: Region = "CN"
    security: Security | None = None
    personal: Personal | None = None
    exclusive: bool = False
    budget: Budget | None = None
    delivery: DeliveryWanted = DeliveryWanted()
    deadline: date | None = None
    indicators: tuple[Indicator, ...] = Field(default=(), max_length=MOST_FLOORS)
    visibility: Annotated[str, listed(VISIBILITIES)] = "public"
    musts: Annotated[tuple[Annotated[str, listed(MUSTS)], ...], Once] = ("modality", "personal", "floors")
    weights: dict[Annotated[str, listed(FACTORS)], Annotated[float, Field(ge=0, le=10)]] = Field(default_factory=dict)

    def weight(self, factor: str) -> float:
        """The weight of a factor, where its slider was not moved the usual one."""
        return self.weights.get(factor, USUAL_WEIGHT)


def read(data: bytes | str) -> Demand:
    """The demand in `data` (JSON). Raises `forms.TermsRefused` with all findings."""
    return parsed(Demand, data)


def write(demand: Demand) -> str:
    """The JSON form; `read` gives the same demand back."""
    return demand.model_dump_json()
