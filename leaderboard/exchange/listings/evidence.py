"""What has been measured of the dataset that a listing is about, version by version, in the form that matching compares."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final, cast

from sqlmodel import col, select

from challenges.quality import QualityReport
from leaderboard.core.work import Work
from leaderboard.datasets import evidence
from leaderboard.datasets.models import Dataset, DatasetVersion
from leaderboard.submissions.models import Submission
from leaderboard.terms.forms import MOST
from leaderboard.terms.listing import Estimate, Evidence, Graded
from scoring.quality.checks import CHECKS
from scoring.quality.rubric import Block, grade

KEPT_READ: Final = 4096
"""Reports whose figures stay in memory; a stored report never changes."""


def key_of(slug: str, number: int) -> str:
    """By which evidence names what was measured: version ``number`` of a dataset.

    >>> key_of("flights", 2)
    'datasets/flights/2'
    """
    return f"datasets/{slug}/{number}"


def of_cards(work: Work, dataset_ids: Collection[int]) -> Mapping[int, tuple[Evidence, ...]]:
    """By dataset: the evidence of each measured version, the oldest first; nothing for what was not measured."""
    query = (
        select(Dataset, DatasetVersion)
        .join(DatasetVersion, col(DatasetVersion.dataset_id) == col(Dataset.id))
        .where(col(Dataset.id).in_(dataset_ids), col(DatasetVersion.quality_key).is_not(None))
        .order_by(col(DatasetVersion.dataset_id), col(DatasetVersion.number))
    )
    found: defaultdict[int, list[Evidence]] = defaultdict(list)
    for card, version in work.session.exec(query):
        found[version.dataset_id].append(_of(work, card, version))
    return {id: tuple(every[-MOST:]) for id, every in found.items()}


def _of(work: Work, card: Dataset, version: DatasetVersion) -> Evidence:
    assert version.quality_key is not None
    assert version.measured_at is not None
    measures, graded = figures(work.storage.path(version.quality_key))
    return Evidence(
        key=key_of(card.slug, version.number),
        version=version.sha256,
        measured_on=version.measured_at.date(),
        measures=dict(measures),
        grade=graded,
        rank=_rank(work, version),
    )


def _rank(work: Work, version: DatasetVersion) -> float | None:
    """The place that this very file has in the last phase where it has one, as a share of the teams there."""
    if version.submission_id is None:
        return None
    submission = work.session.get_one(Submission, version.submission_id)
    own = [place for place in evidence.places(work, submission) if place.same and place.teams]
    return own[-1].place / own[-1].teams if own else None


@lru_cache(maxsize=KEPT_READ)
def figures(path: Path) -> tuple[Mapping[str, Estimate], Graded]:
    """What a stored quality report says, in the form that matching compares: each measure with its interval, and the grade."""
    report = QualityReport.parse(path.read_bytes())
    measures = {
        one.key: Estimate(value=one.value, low=min(one.low, one.value), high=max(one.high, one.value))
        for one in report.measures
        if one.key in CHECKS
    }
    return measures, _graded(report)


def _graded(report: QualityReport) -> Graded:
    """The grade, and what it would be at the ends of the intervals of the composite and of every block."""
    low = {cast("Block", name): scale.low for name, scale in report.blocks.items()}
    high = {cast("Block", name): scale.high for name, scale in report.blocks.items()}
    return Graded(value=report.grade, low=grade(report.composite.low, low), high=grade(report.composite.high, high))
