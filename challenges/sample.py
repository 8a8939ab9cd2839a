"""What crosses from the child that drew a sample (`challenges.sampling`): imports neither numpy nor polars."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

SAMPLE: Final = "sample.csv"
FACTS: Final = "sample.json"
LARGEST: Final = 64 << 20
MOST_ROWS: Final = 1_000


class Facts(BaseModel):
    """What was drawn: ``rows`` of ``of_rows``; ``threshold`` is the highest rank, hexadecimal; ``masked`` names the hidden columns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rows: int = Field(ge=1, le=MOST_ROWS)
    of_rows: int = Field(ge=1)
    threshold: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    masked: tuple[Annotated[str, StringConstraints(max_length=200)], ...] = Field(max_length=2_000)
