"""What is known about a quality check before any data is seen, and what it finds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from scoring.quality.rubric import Anchors, Points, points_of

if TYPE_CHECKING:
    import polars as pl

Need = Literal[
    "schema", "label", "text", "image", "audio", "time", "annotators", "documentation", "origin", "strata", "code lists",
    "window", "raw", "test", "gold", "curated", "unsafe words", "sector",
]  # fmt: skip
"""What a check cannot do without."""


@dataclass(frozen=True, slots=True)
class Check:
    """One measure of a dataset, as data.

    key           its name in `quality` reports: "Q13"
    title         English, for headings
    explanation   what is measured, in a sentence for a team
    advice        what raises it, in a sentence for a team
    formula       the same in every language
    codes         where standards ask for it: TC609-5-2025-04, ISO/IEC 5259-2, GB/T 36344; none where it is ours alone
    unit          "share": 0 to 1, shown in per cent; "number": as it is
    anchors       (measure, points), rising in the measure: see `rubric.points`
    function      "module.name" inside `scoring.quality.measures`: (Evidence) -> Measured | None; None: it does not apply
    needs         what must be there for it to apply
    gate          the worst value with which the dataset keeps a rank, unless a challenge says otherwise; None: no gate
    may_gate      a challenge may set a gate where there is none by itself: see `scoring.quality.gates`
    hidden        what it finds in single rows may be shown to nobody, and its value only in bands
    version       goes up when the same data would get another value
    """

    key: str
    title: str
    explanation: str
    advice: str
    formula: str
    codes: tuple[str, ...]
    unit: Literal["share", "number"]
    anchors: Anchors
    function: str
    needs: frozenset[Need] = frozenset()
    gate: float | None = None
    may_gate: bool = False
    hidden: bool = False
    version: int = 1

    @property
    def higher_is_better(self) -> bool:
        """Which way the anchors run."""
        return self.anchors[-1][1] > self.anchors[0][1]

    def load(self) -> Callable[[Any], "Measured | None"]:
        """The function itself."""
        module, name = self.function.split(".")
        found: Callable[[Any], Measured | None] = getattr(import_module(f"scoring.quality.measures.{module}"), name)
        return found

    def passes(self, measured: "Measured", limit: float | None) -> bool:
        """Whether the dataset gets through a gate with that limit; None: there is no gate."""
        if limit is None:
            return True
        return measured.value >= limit if self.higher_is_better else measured.value <= limit

    def points(self, measured: "Measured") -> Points:
        """The measure on the scale from 0 to 100."""
        return points_of(measured.value, measured.low, measured.high, self.anchors)


@dataclass(frozen=True)
class Measured:
    """What a check found.

    value, low, high   the measure with its 95 % interval; all three equal where everything was counted
    checked            rows, cells or pairs that were looked at
    bad                how many of them are wrong, where that can be said
    issues             single rows, by `scoring.quality.issues`; None: there is nothing to show
    details            further figures for pages and files: JSON values
    hidden             as `Check.hidden`, where what a challenge says makes it so
    """

    value: float
    low: float
    high: float
    checked: int
    bad: int | None = None
    issues: "pl.DataFrame | None" = None
    details: Mapping[str, Any] = field(default_factory=dict)
    hidden: bool = False


def counted(good: int, of: int, **more: Any) -> Measured | None:
    """The share of good ones in a full count, which has no sampling error; None where there was nothing to count."""
    return None if of == 0 else Measured(good / of, good / of, good / of, of, of - good, **more)


def counted_bad(bad: int, of: int, **more: Any) -> Measured | None:
    """The rate of bad ones in a full count; None where there was nothing to count."""
    return None if of == 0 else Measured(bad / of, bad / of, bad / of, of, bad, **more)
