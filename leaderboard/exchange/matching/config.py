"""What a run is made with: the settings that a host may move, and the hash that names them together with all versions."""

import hashlib
import json
from typing import Annotated, Final, Literal

from pydantic import Field

from challenges.strict import Strict
from leaderboard.exchange.matching.scores import Scores
from leaderboard.terms.forms import Share

Band = Literal["strong", "fair"]


class Config(Strict):
    """Settings of matching.

    `caution` is how far unknowns count against a listing; `diversity` how far it counts that a better listing of the same
    supplier is there; `floor` is the least number to be placed at all; `strong` the least of the upper band.
    Evidence is stale after `stale_days`. `shown` matches are explained, `near` removed listings told what would bring them in.
    """

    caution: Share = 0.25
    diversity: Annotated[float, Field(ge=0, lt=1)] = 0.1
    floor: Share = 0.5
    strong: Share = 0.65
    stale_days: int = Field(default=730, ge=1)
    shown: int = Field(default=20, ge=1, le=200)
    near: int = Field(default=5, ge=0, le=50)
    relaxations: int = Field(default=3, ge=0, le=10)
    supply_weights: dict[str, Annotated[float, Field(ge=0, le=10)]] = Field(default_factory=dict)


USUAL: Final = Config()


def hashed(config: Config, versions: dict[str, int]) -> str:
    """SHA-256 (hex) of the settings and the version of every constraint and factor."""
    held = {"config": config.model_dump(mode="json"), "versions": versions}
    return hashlib.sha256(json.dumps(held, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def band(scores: Scores, config: Config = USUAL) -> Band | None:
    """What a supplier is told in place of a score; None below the floor. Bands are coarse so that nobody can probe with them."""
    return "strong" if scores.placing >= config.strong else "fair" if scores.placing >= config.floor else None
