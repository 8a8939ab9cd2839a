"""What is said about the labels of a submission and the people who gave them, beside its scores.

`AnnotationReport` is plain data and is parsed as strictly as a `Report`: the child that read a stranger's file may be lying.
This module imports neither numpy nor polars; `challenges.annotation_summary` makes the report.

What it may say about gold. Whoever hands in labels decides which names stand beside which items, and may hand in often. So
a figure about a few gold items would be a question answered: a name that labels one item only would learn whether that item is
gold, and what it is. Hence nothing here is about an item's gold, nothing depends on the private gold at all, and what comes
from the public gold is either a figure over at least `FEWEST_GOLD` labels of one annotator, in whole percentage points, or
that of the inspection, whose sample is the same for everybody. Confusions, agreement, suspicions, consensus and disagreement
come from the submitted labels alone: a team could work them out by itself. The public gold can still be worn down by many
submissions, as any public score can; the limits on submissions bound that, and the private part decides.
"""

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

FORMAT: Final = "jiebang-annotation/1"
NAME: Final = "annotation.json"
LARGEST: Final = 4 * 2**20
FEWEST_GOLD: Final = 20
"""Gold labels that an annotator needs before anything about them is read from gold."""
MOST_ANNOTATORS: Final = 1000
MOST_PAIRS: Final = 100
MOST_DISAGREED: Final = 100
MOST_CLASSES: Final = 1000
MOST_COUNTS: Final = 10

Short = Annotated[str, StringConstraints(max_length=200)]
Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, lt=2**53)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SharedFound(_Strict):
    """A share with its 95 % interval."""

    value: Share
    low: Share
    high: Share

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.value <= self.high:
            raise ValueError("a share outside its interval")
        return self


class AgreementFound(_Strict):
    """A coefficient of agreement with its 95 % interval, over `items` items with two labels or more."""

    value: Annotated[float, Field(ge=-1, le=1)]
    low: Annotated[float, Field(ge=-1, le=1)]
    high: Annotated[float, Field(ge=-1, le=1)]
    items: Count
    labels: Count


class ConfusionFound(_Strict):
    """The mistake an annotator makes most often, as the consensus sees it: `times` of the `of` labels that he or she gave to
    items of class `true` were `said`.
    """

    true: Short
    said: Short
    times: Count
    of: Count


class AnnotatorFound(_Strict):
    """One annotator.

    gold        accuracy on the public gold, in whole percentage points, the interval widened to such; None where he or she
                labelled fewer than `FEWEST_GOLD` of them
    others      accuracy against what the others say, who err too; None where nobody else labelled the same items
    agreement   the mean share of the other labels of an item that are the same; None likewise
    level       the skill level, by `scoring.agreement.skills` on the public gold
    confusion   None: no mistake that the consensus sees
    towards     the class that too many of the mistakes lead to; None: none for sure
    constant    nearly always the same label, where the items are not nearly all of that class
    seconds     the median time a label took; None where it is not said
    """

    name: Short
    labels: Count
    gold: SharedFound | None
    others: SharedFound | None
    agreement: Share | None
    level: Literal["trainee", "qualified", "skilled", "expert"]
    confusion: ConfusionFound | None
    towards: Short | None
    constant: bool
    seconds: Annotated[float, Field(ge=0)] | None


class PairFound(_Strict):
    """Two annotators who make the same mistakes more often than chance explains: a suspicion, and no proof.

    `items` are labelled by both; on `alike` of them both say the same class against the consensus, where `expected` would be
    if they worked apart; `chance` is the probability of so many, made safe for all pairs that were compared.
    """

    first: Short
    second: Short
    items: Count
    alike: Count
    expected: Annotated[float, Field(ge=0)]
    chance: Share


class InspectionFound(_Strict):
    """Acceptance by sampling: the consensus of `sample` public gold items, drawn from `lot` items, held against their gold.

    `passed` says whether at most `allowed` of them are `wrong`, so that the share `accept` is right. `right` is the share of
    right ones with its exact binomial interval (Clopper and Pearson). `consumer_risk`: how probable it is that a lot with one
    fault too many passes; `producer_risk`: that a lot with half of the faults allowed fails; both exact, hypergeometric.
    """

    lot: Count
    sample: Count
    wrong: Count
    allowed: Count
    accept: Share
    passed: bool
    right: SharedFound
    consumer_risk: Share
    producer_risk: Share


class LabelCount(_Strict):
    """How often a class was said, or is the consensus."""

    label: Short
    count: Count


class ItemFound(_Strict):
    """An item that its annotators disagree on, and its commonest labels."""

    item: Short
    labels: tuple[LabelCount, ...] = Field(max_length=MOST_COUNTS)


class AnnotationReport(_Strict):
    """What was found about the labels of one submission.

    `annotators` are those with most labels, `annotators_in_all` counts all; `pairs` the surest first, `pairs_in_all` likewise,
    of `pairs_compared`; `disagreed` begins with the worst, and `disagreed_in_all` counts the items that are not unanimous.
    `alpha` and `kappa` (Fleiss) are None where they are not defined. `certainty` is the mean probability that the model gives
    to its consensus. `consensus` counts items by class, in the order of the classes, or the commonest first when they are many.
    """

    format: Literal["jiebang-annotation/1"] = FORMAT
    items: Count
    labels: Count
    annotators: tuple[AnnotatorFound, ...] = Field(max_length=MOST_ANNOTATORS)
    annotators_in_all: Count
    alpha: AgreementFound | None
    kappa: AgreementFound | None
    pairs: tuple[PairFound, ...] = Field(max_length=MOST_PAIRS)
    pairs_in_all: Count
    pairs_compared: Count
    inspection: InspectionFound
    disagreed: tuple[ItemFound, ...] = Field(max_length=MOST_DISAGREED)
    disagreed_in_all: Count
    consensus: tuple[LabelCount, ...] = Field(max_length=MOST_CLASSES)
    certainty: Share
    made_with: dict[Short, Short | int] = Field(default_factory=dict, max_length=20)

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """The report in `data` (JSON, UTF-8). Raises ValueError for anything else, or more than `LARGEST` bytes."""
        if len(data) > LARGEST:
            raise ValueError(f"an annotation report of {len(data)} bytes; at most {LARGEST} are read")
        try:
            return cls.model_validate_json(data, strict=True)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            raise ValueError(f"not an annotation report: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
