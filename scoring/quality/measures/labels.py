"""Whether labels are right, varied and balanced."""

from dataclasses import replace
from math import ceil, floor
from typing import Final

import numpy as np
import polars as pl
from scipy import sparse

from scoring.labels import Rate, features_of, find_issues, noise_rate, out_of_fold, suggest
from scoring.labels.rows import Features, keys, shuffled
from scoring.quality import issues
from scoring.quality.balance import label_balance
from scoring.quality.check import Measured, counted
from scoring.quality.diversity import label_diversity
from scoring.quality.evidence import Evidence
from scoring.quality.measures.comparing import as_names
from scoring.quality.shares import share_of

FEWEST_ROWS: Final = 200
FEWEST_OF_A_CLASS: Final = 20
MOST_CLASSES: Final = 64
TOLD_APART: Final = 0.02
"""The most that the models' own mistakes may make up of an estimated error rate; beyond it, it is not one of the labels."""
MOST_TEXTS: Final = 4000
"""Texts from which the rate is estimated: they cost most here. On 9,927 reviews with 0, 5 and 15 % of labels changed, 8000 gave 2.8,
8.1 and 18.7 %, 4000 gave 3.3, 8.2 and 16.0 % with wider intervals, for half of the time."""
STEP: Final = 0.01
GOLD_IN_A_STEP: Final = 5
"""Error rates by gold are told in steps: of a hundredth, or of as many as this of few gold records."""

MOST_PRELABELLED: Final = 50_000
"""Records without a label for which one is proposed, the first ones."""
SURE: Final = 0.5
"""A label is proposed where the model finds it likelier than all others together."""


def there(seen: Evidence) -> Measured | None:
    """Q8: records with a label; for those without, the one that models which learn from the others are sure of."""
    if seen.labels is None or not seen.rows:
        return None
    rows = np.flatnonzero(seen.labels.is_null().to_numpy())
    proposed, confidence = _prelabels(seen, rows)
    found = issues.at(rows, "label_missing", column=seen.roles.label, suggestions=proposed, confidence=confidence)
    return counted(seen.rows - len(rows), seen.rows, issues=found)


def _prelabels(seen: Evidence, rows: np.ndarray) -> tuple[pl.Series | None, np.ndarray | None]:
    """(k,) the label that is proposed for each of the rows, or null, and how sure the model is of it; None: for no row at all."""
    studied = _studied(seen) if len(rows) else None
    content = [name for name in seen.content if name not in {seen.roles.label, seen.roles.annotator}]
    asked = rows[~seen.empty[rows]][:MOST_PRELABELLED]
    if studied is None or not content or not len(asked):
        return None, None
    labelled, names, codes = studied
    features = features_of(seen.typed[np.concatenate([labelled, asked])].select(content))
    known = np.concatenate([codes, np.full(len(asked), -1, codes.dtype)])
    likely, sure = suggest(features, known, seed=seen.seed, classes=len(names))
    place, kept = np.searchsorted(rows, asked), sure > SURE
    proposed = np.full(len(rows), -1)
    proposed[place[kept]] = likely[kept]
    confidence = np.full(len(rows), np.nan, np.float32)
    confidence[place[kept]] = sure[kept]
    chosen = pl.Series([names[code] if code >= 0 else None for code in proposed.tolist()], dtype=pl.String)
    return chosen, confidence


def diversity(seen: Evidence) -> Measured | None:
    """A1: of the classes there are, how many equally frequent ones would be as varied. Where these are stated, only labels among them
    count: others are no variety, and are found by Q6.
    """
    if seen.labels is None or seen.labels.null_count() == len(seen.labels):
        return None
    known = seen.labels.filter(seen.labels.is_in(list(seen.classes))) if seen.classes else seen.labels
    found = label_diversity(known, len(set(seen.classes)) or None)
    if found.possible < 2:
        return None
    value = found.evenness
    return Measured(
        value, value, value, len(seen.labels), details={"present": found.present, "possible": found.possible}
    )


def balance(seen: Evidence) -> Measured | None:
    """A2: likeness of the labels' frequencies to equal ones."""
    if seen.labels is None or seen.labels.n_unique() < 2 or seen.labels.n_unique() > len(seen.labels) / 2:
        return None
    target = dict.fromkeys(seen.classes, 1.0) if seen.classes else None
    found = label_balance(seen.labels, target)
    value = found.likeness
    return Measured(value, value, value, len(seen.labels), details={"counts": dict(list(found.counts.items())[:100])})


def label_errors(seen: Evidence) -> Measured | None:
    """A6: the share of wrong labels, and the records whose label is most likely wrong, with the likely right one.

    Models that have not seen a record say what its label should be; how often they err themselves is found by adding known
    errors. Not measured where there are too few records, or where no model can tell the classes apart.

    Where the right labels of some records are known (gold), these alone decide the share, and the models only list records: a
    dataset that was relabelled to please models gains nothing. Gold takes no part in that list.
    """
    listed, known = _by_models(seen), by_gold(seen)
    if known is None:
        return listed
    return known if listed is None else replace(known, bad=listed.bad, issues=listed.issues)


def _by_models(seen: Evidence) -> Measured | None:
    studied = _studied(seen)
    if studied is None:
        return None
    rows, names, codes = studied
    content = [name for name in seen.content if name not in {seen.roles.label, seen.roles.annotator}]
    if not content:
        return None
    features = features_of(seen.typed[rows].select(content))
    rate = _rate(features, codes, seed=seen.seed)
    if rate.hidden > TOLD_APART:
        return None
    told = out_of_fold(features, codes, seed=seen.seed)
    confusion = rate.known_confusion
    whole = confusion is not None and len(confusion) == len(
        names
    )  # a rare class may be missing where few rows were read
    found = find_issues(codes, told, confusion=confusion if whole else None)
    order = found.order[found.suggested[found.order] != codes[found.order]][: ceil(rate.value * len(rows))]
    suggested = pl.Series(names).gather(found.suggested[order])
    return Measured(
        rate.value, rate.low, rate.high, rate.rows, len(order),
        issues=issues.at(
            rows[order], "label_doubtful", column=seen.roles.label, values=pl.Series(names).gather(codes[order]),
            suggestions=suggested, confidence=found.confidence[order],
        ),
        details={"hidden": rate.hidden},
    )  # fmt: skip


def _rate(features: Features, codes: np.ndarray, *, seed: int) -> Rate:
    """The estimate; where texts make it dear, from fewer rows, chosen by what they hold."""
    if sparse.issparse(features) and len(codes) > MOST_TEXTS:
        chosen = shuffled(keys(features, seed), codes)[:MOST_TEXTS]
        features, codes = features[chosen], codes[chosen]
    return noise_rate(features, codes, seed=seed)


def by_gold(seen: Evidence) -> Measured | None:
    """Wrong labels among the records whose right label is known, with Wilson's interval, in steps of at least `STEP` and of at least
    `GOLD_IN_A_STEP` gold records, so that nobody finds gold by changing single labels.

    A gold record that is there more than once is right if all of its labels are. One that was dropped, or whose label was, counts
    with the label that it had in raw data, and as wrong where it had none: dropping what is hard wins nothing over leaving it as
    it was.
    """
    gold, label = (seen.reference.gold if seen.reference else None), seen.roles.label
    if gold is None or label is None or seen.roles.id is None:
        return None
    right = _given(seen, gold).group_by("id").agg(pl.col("label").min().alias("right"))
    if not right.height:
        return None
    raw = seen.reference.raw if seen.reference else None
    given = [_given(seen, frame) for frame in (seen.table, raw) if frame is not None]
    judged = [
        right.join(one, on="id").group_by("id").agg((pl.col("label") == pl.col("right")).all().alias("fine"))
        for one in given
    ]
    fine = pl.concat(judged).unique("id", keep="first", maintain_order=True)["fine"].sum()
    count = right.height
    share = share_of(count - int(fine), count, population=max(seen.rows, count))
    step = min(max(STEP, GOLD_IN_A_STEP / count), 1.0)
    return Measured(
        min(step * round(share.value / step), 1.0), step * floor(share.low / step),
        min(step * ceil(share.high / step), 1.0), count, details={"decided_by": "gold", "step": step},
    )  # fmt: skip


def _given(seen: Evidence, frame: pl.DataFrame) -> pl.DataFrame:
    """Ids and labels of the records that have both; none where a column is missing."""
    columns = {"id": seen.roles.id, "label": seen.roles.label}
    if not set(columns.values()) <= set(frame.columns):
        return pl.DataFrame(schema={"id": pl.String, "label": pl.String})
    return pl.DataFrame([as_names(frame[name]).alias(role) for role, name in columns.items() if name]).drop_nulls()


def _studied(seen: Evidence) -> tuple[np.ndarray, list[str], np.ndarray] | None:
    """The records that are looked at (with content, no copies), the names of the classes and the codes of the records' labels."""
    if seen.labels is None or len(seen.content) < 2:
        return None
    there = seen.labels.is_not_null().to_numpy() & seen.distinct
    rows = seen.sample[there[seen.sample]]
    counts = seen.labels.gather(rows).value_counts(sort=True).filter(pl.col("count") >= FEWEST_OF_A_CLASS)
    names = sorted(counts.to_series(0).to_list())
    if not 2 <= len(names) <= MOST_CLASSES:
        return None
    rows = rows[seen.labels.gather(rows).is_in(names).to_numpy()]
    if len(rows) < FEWEST_ROWS:
        return None
    codes = seen.labels.gather(rows).replace_strict(names, list(range(len(names))), return_dtype=pl.Int32)
    return rows, names, codes.to_numpy()
