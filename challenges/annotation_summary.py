"""Makes the `AnnotationReport` of a submission: from the labels and their consensus, and the public gold as far as it may be told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from challenges.annotation_plan import AnnotationPlan
from challenges.annotation_reading import Given
from challenges.annotation_report import (
    FEWEST_GOLD,
    MOST_ANNOTATORS,
    MOST_CLASSES,
    MOST_COUNTS,
    MOST_DISAGREED,
    MOST_PAIRS,
    AgreementFound,
    AnnotationReport,
    AnnotatorFound,
    ConfusionFound,
    InspectionFound,
    ItemFound,
    LabelCount,
    PairFound,
    SharedFound,
)
from challenges.intake.ledger import shown
from scoring import ScoringError
from scoring.agreement import inspection
from scoring.agreement.annotators import Profiles, Shares, profile
from scoring.agreement.coefficients import Agreement, fleiss_kappa
from scoring.agreement.collusion import SharedMistakes, shared_mistakes
from scoring.agreement.consensus import Consensus
from scoring.agreement.labels import Labels, Votes, count_votes
from scoring.agreement.shares import sums_by, wilson
from scoring.agreement.skills import skill_level

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
_CERTAIN_DIGITS: Final = 6


@dataclass(frozen=True, slots=True, eq=False)
class Gold:
    """One part of the gold: items (g,) int64 codes, ascending, and labels (g,) int32 places in the classes."""

    items: Places
    labels: NDArray[np.int32]

    def by_annotator(self, labels: Labels, classes: int) -> tuple[Places, Places, Places]:
        """(m,) labels that each annotator gave to gold items, those of them that are right, and those of its commonest class."""
        truth = np.full(int(max(labels.items[-1], self.items[-1])) + 1, -1)
        truth[self.items] = self.labels
        true = truth[labels.items[labels.item]]
        known = true >= 0
        who, count = labels.annotator[known], len(labels.annotators)
        right = labels.label[known] == true[known]
        cells, often = np.unique(who * classes + true[known], return_counts=True)
        commonest = np.zeros(count, np.int64)
        np.maximum.at(commonest, cells // classes, often)
        return np.bincount(who, minlength=count), np.bincount(who[right], minlength=count), commonest


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Everything that a report is made of. `item_texts` gives the ids of items by their codes."""

    plan: AnnotationPlan
    given: Given
    labels: Labels
    consensus: Consensus
    alpha: Agreement | None
    public: Gold


def summarized(seen: Seen, ids: pl.Series, made_with: Mapping[str, str | int]) -> AnnotationReport:
    """The report. `ids` (text) are those of all items by their codes; the same labels in any order give the same bytes."""
    labels, consensus = seen.labels, seen.consensus
    pairs = shared_mistakes(labels, consensus)
    worst, apart = _most_apart(seen)
    return AnnotationReport(
        items=len(labels.items),
        labels=len(labels.item),
        annotators=tuple(_annotators(seen)),
        annotators_in_all=len(labels.annotators),
        alpha=_agreement(seen.alpha),
        kappa=_agreement(_kappa(labels)),
        pairs=tuple(_pairs(pairs, seen.given.names)),
        pairs_in_all=len(pairs.items),
        pairs_compared=pairs.compared,
        inspection=_inspected(seen),
        disagreed=tuple(_items(seen, worst, ids)),
        disagreed_in_all=apart,
        consensus=_by_class(seen),
        certainty=round(min(float(consensus.certainty.mean()), 1.0), _CERTAIN_DIGITS),
        made_with=dict(made_with),
    )


def _annotators(seen: Seen) -> Iterator[AnnotatorFound]:
    """Those with most labels, by name where they have as many."""
    labels, names = seen.labels, seen.given.names
    classes = len(seen.plan.labels.classes)
    found = profile(labels, seen.consensus)
    rows, right, commonest = seen.public.by_annotator(labels, classes)
    low, high = wilson(right, rows)
    confusions, seconds = _confusions(seen), _seconds(seen)
    for i in np.lexsort((np.arange(len(names)), -found.labels))[:MOST_ANNOTATORS]:
        enough = rows[i] >= FEWEST_GOLD
        yield AnnotatorFound(
            name=_text(names[i]),
            labels=int(found.labels[i]),
            gold=_whole_points(right[i] / rows[i], low[i], high[i]) if enough else None,
            others=_of(found.consensus, i),
            agreement=float(found.agreement.value[i]) if found.agreement.rows[i] else None,
            level=skill_level(int(right[i]), int(rows[i]), int(commonest[i])).key,
            confusion=confusions.get(int(i)),
            towards=_towards(found, i, seen.plan.labels.classes),
            constant=bool(found.constant[i]),
            seconds=seconds.get(int(i)),
        )


def _whole_points(value: float, low: float, high: float) -> SharedFound:
    return SharedFound(value=round(float(value), 2), low=floor(low * 100) / 100, high=ceil(high * 100) / 100)


def _of(shares: Shares, i: int) -> SharedFound | None:
    if not shares.rows[i]:
        return None
    value = float(shares.value[i])
    return SharedFound(value=value, low=min(float(shares.low[i]), value), high=max(float(shares.high[i]), value))


def _towards(found: Profiles, i: int, classes: Sequence[str]) -> str | None:
    return None if found.towards[i] < 0 else _text(classes[int(found.towards[i])])


def _confusions(seen: Seen) -> dict[int, ConfusionFound]:
    """The commonest mistake of each annotator against the consensus; of equals that of the first class."""
    labels, classes = seen.labels, seen.plan.labels.classes
    count = len(classes)
    true, said = seen.consensus.label[labels.item].astype(np.int64), labels.classes().astype(np.int64)
    faced = labels.annotator * count + true
    wrong = true != said
    cells, times = np.unique(faced[wrong] * count + said[wrong], return_counts=True)
    order = np.lexsort((cells, -times, cells // count**2))
    first = order[np.flatnonzero(np.diff(cells[order] // count**2, prepend=-1))]
    kinds, of = np.unique(faced, return_counts=True)
    found = {}
    for cell, often in zip(cells[first], times[first], strict=True):
        pair, wrongly = divmod(int(cell), count)
        who, right = divmod(pair, count)
        given = int(of[np.searchsorted(kinds, pair)])
        found[who] = ConfusionFound(
            true=_text(classes[right]), said=_text(classes[wrongly]), times=int(often), of=given
        )
    return found


def _seconds(seen: Seen) -> dict[int, float]:
    """The median time of a label of each annotator who says any."""
    if seen.given.seconds is None:
        return {}
    table = pl.DataFrame({"who": seen.given.annotator, "seconds": seen.given.seconds})
    known = table.filter(pl.col("seconds").is_finite())
    return dict(known.group_by("who").agg(pl.col("seconds").median()).iter_rows())


def _kappa(labels: Labels) -> Agreement | None:
    try:
        return fleiss_kappa(labels)
    except ScoringError:  # all labels are the same, or no item has two
        return None


def _agreement(found: Agreement | None) -> AgreementFound | None:
    if found is None:
        return None
    return AgreementFound(
        value=max(found.value, -1.0),
        low=max(found.low, -1.0),
        high=min(found.high, 1.0),
        items=found.items,
        labels=found.labels,
    )


def _pairs(found: SharedMistakes, names: Sequence[str]) -> Iterator[PairFound]:
    for i in range(min(len(found.items), MOST_PAIRS)):
        yield PairFound(
            first=_text(names[int(found.first[i])]),
            second=_text(names[int(found.second[i])]),
            items=int(found.items[i]),
            alike=int(found.alike[i]),
            expected=float(found.expected[i]),
            chance=float(found.chance[i]),
        )


def _inspected(seen: Seen) -> InspectionFound:
    """The sample is drawn from the public gold by its ids' codes and a fixed seed: the same items for every submission."""
    asked, gold, lot = seen.plan.inspection, seen.public, len(seen.labels.items)
    drawn = inspection.draw(gold.items, asked.sample, seen.plan.seed)
    right = int((seen.consensus.label[seen.labels.positions(gold.items[drawn])] == gold.labels[drawn]).sum())
    accept = Fraction(str(asked.accept))
    plan = inspection.Plan(len(drawn), Fraction(0), accept, "the challenge")
    verdict = inspection.inspect(len(drawn), right, lot, plan)
    return InspectionFound(
        lot=lot,
        sample=len(drawn),
        wrong=verdict.faulty,
        allowed=verdict.allowed,
        accept=asked.accept,
        passed=verdict.passed,
        right=SharedFound(
            value=verdict.share, low=min(verdict.low, verdict.share), high=max(verdict.high, verdict.share)
        ),
        consumer_risk=min(verdict.consumer_risk, 1.0),
        producer_risk=min(verdict.producer_risk, 1.0),
    )


def _most_apart(seen: Seen) -> tuple[Places, int]:
    """The items that are most disagreed on, worst first, and how many are not unanimous.

    Disagreement is the mean over pairs of labels of 0 or 1, on an ordinal scale of the squared distance in places; of equals
    first the item with more labels, then as in the table of items.
    """
    labels = seen.labels
    sizes = labels.per_item.astype(np.float64)
    if seen.plan.labels.type == "ordinal":
        x = labels.classes().astype(np.float64)
        sums, squares = sums_by(labels.item, len(sizes), x), sums_by(labels.item, len(sizes), x * x)
        differ = 2 * (sizes * squares - sums * sums)
    else:
        votes = count_votes(labels)
        differ = sizes * sizes - sums_by(votes.item, len(sizes), votes.count**2)
    apart = differ / np.maximum(sizes * (sizes - 1), 1)
    order = np.lexsort((np.arange(len(sizes)), -sizes, -apart))
    count = int((apart > 0).sum())
    return order[: min(count, MOST_DISAGREED)], count


def _items(seen: Seen, worst: Places, ids: pl.Series) -> Iterator[ItemFound]:
    votes, classes = count_votes(seen.labels), seen.plan.labels.classes
    texts = ids.gather(seen.labels.items[worst]).to_list()
    for position, text in zip(worst, texts, strict=True):
        yield ItemFound(item=_text(text), labels=tuple(_counted(votes, int(position), classes)))


def _counted(votes: Votes, item: int, classes: Sequence[str]) -> Iterator[LabelCount]:
    """The labels of an item, commonest first."""
    start, end = np.searchsorted(votes.item, [item, item + 1])
    order = start + np.argsort(-votes.count[start:end], kind="stable")
    for place in order[:MOST_COUNTS]:
        yield LabelCount(label=_text(classes[int(votes.values[votes.value[place]])]), count=int(votes.count[place]))


def _by_class(seen: Seen) -> tuple[LabelCount, ...]:
    classes = seen.plan.labels.classes
    counts = np.bincount(seen.consensus.label, minlength=len(classes))
    order = np.arange(len(classes))
    if len(classes) > MOST_CLASSES:
        order = np.lexsort((order, -counts))[:MOST_CLASSES]
    return tuple(LabelCount(label=_text(classes[int(i)]), count=int(counts[i])) for i in order)


def _text(value: str) -> str:
    return str(shown(value))
