"""What is known about a metric before any number is seen: the record, and the options it offers.

Records hold no function but its address, so that pages can read titles, directions and ranges without loading NumPy
(0.2 CPU-s, 30 MB); the function is loaded when it is first asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from scoring.errors import ScoringError

Direction = Literal["max", "min"]
Kind = Literal["probability", "number", "class", "list"]
Method = Literal["delong", "rows", "bootstrap"]


@dataclass(frozen=True, slots=True)
class Option:
    """A whole number that an organizer may choose, from `low` to `high`; `default` stands when nothing is said."""

    name: str
    default: int
    low: int
    high: int
    explanation: str


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric, as data.

    title, explanation   English; the sentence is written for a participant
    direction            "max": higher is better; "min": lower is better
    low, high            the range of the score, both ends included; infinite where there is no bound
    truth                what the truth column holds: "class" codes, "number" or "list"
    inputs               what the prediction column may hold, the usual kind first
    wide                 whether the prediction may also be one probability column for each class
    interval             "delong": placements of rows (DeLong et al. 1988); "rows": closed form from one term per row;
                         "bootstrap": Poisson bootstrap over rows, queries or groups
    function             "module.name" inside `scoring`: (truth, prediction, **options) -> a form of `scoring.uncertainty`
    source               where the formula is from
    options              what an organizer may choose
    version              goes up when the same numbers would get another score
    """

    key: str
    title: str
    explanation: str
    direction: Direction
    low: float
    high: float
    truth: Kind
    inputs: tuple[Kind, ...]
    interval: Method
    function: str
    source: str
    options: tuple[Option, ...] = ()
    wide: bool = False
    version: int = 1

    def load(self) -> Callable[..., Any]:
        """The function itself."""
        module, name = self.function.split(".")
        function: Callable[..., Any] = getattr(import_module(f"scoring.{module}"), name)
        return function

    def choose(self, options: Mapping[str, object]) -> dict[str, int]:
        """Every option with its value, defaults filled in; ScoringError for an unknown name or a value out of range."""
        known = {option.name: option for option in self.options}
        for name in options:
            if name not in known:
                names = ", ".join(known) or "–"
                raise ScoringError("scoring.unknown_option", metric=self.key, option=str(name), known=names)
        return {name: self._chosen(option, options.get(name, option.default)) for name, option in known.items()}

    def _chosen(self, option: Option, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and option.low <= value <= option.high:
            return value
        raise ScoringError(
            "scoring.option_value",
            metric=self.key,
            option=option.name,
            value=str(value),
            low=option.low,
            high=option.high,
        )
