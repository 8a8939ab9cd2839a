"""What was found about the labels of a submission and the people who gave them: as a page, as a table, and as a file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from challenges.annotation_report import (
    FEWEST_GOLD,
    AnnotationReport,
    AnnotatorFound,
    ItemFound,
    LabelCount,
    PairFound,
    SharedFound,
)
from leaderboard.accounts.access import Actor
from leaderboard.core.errors import NotFound
from leaderboard.core.i18n import N_, translate
from leaderboard.core.work import Work
from leaderboard.seasons import pages as seasons_pages
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge
from leaderboard.seasons.pages import ChallengeHeader
from leaderboard.submissions import service
from leaderboard.submissions.header import OWN_TAB
from leaderboard.submissions.models import ScoreReport, Submission
from leaderboard.ui.axes import Axis, Rail, axis, rail, rounded
from scoring.agreement.skills import LEVELS, SkillLevel

LEVEL_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"trainee": N_("trainee"), "qualified": N_("qualified"), "skilled": N_("skilled"), "expert": N_("expert")}
)
MOST_ANNOTATORS: Final = 200
MOST_PAIRS: Final = 50
MOST_ITEMS: Final = 25
MOST_CLASSES: Final = 40
"""So many rows of each table are on the page; the files have all."""
_NEAR_END: Final = 94.0
"""Per cent of the rail's width."""
HEAD: Final = (
    "annotator", "labels", "gold", "gold_low", "gold_high", "others", "others_low", "others_high", "agreement", "level",
    "confusion_true", "confusion_said", "confusion_times", "confusion_of", "towards", "constant", "seconds",
)  # fmt: skip


@dataclass(frozen=True)
class AnnotatorRow:
    """One annotator. ``rail``: accuracy on gold on the page's axis; None where nothing is told of it."""

    found: AnnotatorFound
    level: str
    rail: Rail | None


@dataclass(frozen=True)
class ClassRow:
    """Items that the consensus gives to a class: ``share`` of all, ``bar`` in per cent of the most frequent class."""

    found: LabelCount
    share: float
    bar: float


@dataclass(frozen=True)
class AnnotatorsPage:
    """The report below the header of its challenge. ``axis``: per cent right on gold; None when that is told of nobody."""

    header: ChallengeHeader
    title: str
    back: str
    json: str
    report: AnnotationReport
    fewest_gold: int
    levels: tuple[tuple[str, SkillLevel], ...]
    axis: Axis | None
    annotators: tuple[AnnotatorRow, ...]
    pairs: tuple[PairFound, ...]
    disagreed: tuple[ItemFound, ...]
    classes: tuple[ClassRow, ...]
    made_with: tuple[tuple[str, str], ...]


def of_submission(work: Work, actor: Actor, submission_id: int, locale: str) -> AnnotatorsPage:
    """The report of a submission, for its team, its organizer and the operator. Raises NotFound, also where there is none."""
    submission, report = _kept(work, actor, submission_id)
    challenge = seasons.challenge_by_slug(work, actor, work.session.get_one(Challenge, submission.challenge_id).slug)
    shown = report.annotators[:MOST_ANNOTATORS]
    line = _axis([one.gold for one in shown if one.gold is not None])
    return AnnotatorsPage(
        header=seasons_pages.header(work, actor, challenge, OWN_TAB),
        title=translate(locale, N_("Submission {number}"), number=submission.number),
        back=f"/submissions/{submission_id}",
        json=f"/api/v1/submissions/{submission_id}/annotation",
        report=report,
        fewest_gold=FEWEST_GOLD,
        levels=tuple((LEVEL_NAMES[level.key], level) for level in LEVELS[1:]),
        axis=line,
        annotators=tuple(AnnotatorRow(one, LEVEL_NAMES[one.level], _on(line, one.gold)) for one in shown),
        pairs=report.pairs[:MOST_PAIRS],
        disagreed=report.disagreed[:MOST_ITEMS],
        classes=tuple(_classes(report)),
        made_with=tuple((key, str(value)) for key, value in sorted(report.made_with.items())),
    )


def report_of(work: Work, actor: Actor, submission_id: int) -> AnnotationReport:
    """The report itself. Raises NotFound."""
    return _kept(work, actor, submission_id)[1]


def table(work: Work, actor: Actor, submission_id: int) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """The annotators as header and rows, for the CSV twin; shares between 0 and 1, empty where nothing is told."""
    return HEAD, [_cells(one) for one in report_of(work, actor, submission_id).annotators]


def _cells(one: AnnotatorFound) -> tuple[object, ...]:
    mistake = one.confusion
    return (
        one.name, one.labels, *_ends(one.gold), *_ends(one.others), one.agreement, one.level,
        *((mistake.true, mistake.said, mistake.times, mistake.of) if mistake else (None,) * 4),
        one.towards, one.constant, one.seconds,
    )  # fmt: skip


def _ends(share: SharedFound | None) -> tuple[float | None, float | None, float | None]:
    return (None, None, None) if share is None else (share.value, share.low, share.high)


def _axis(shares: Sequence[SharedFound]) -> Axis | None:
    """A line in per cent around these shares and their intervals."""
    ends = [100 * end for share in shares for end in (share.value, share.low, share.high)]
    if not ends:
        return None
    made = axis(ends, direction="max", name="gold")
    # A table of so many columns leaves little to the rail: there "100" would be cut at its end.
    turned = tuple(replace(tick, anchor="end") if tick.at > _NEAR_END else tick for tick in made.ticks)
    return replace(made, ticks=turned)


def _on(line: Axis | None, share: SharedFound | None) -> Rail | None:
    if line is None or share is None:
        return None
    return rail(line, 100 * share.value, 100 * share.low, 100 * share.high)


def _classes(report: AnnotationReport) -> Iterator[ClassRow]:
    """In the order of the report; of too many classes those that are most frequent."""
    most = max((one.count for one in report.consensus), default=0) or 1
    kept = report.consensus
    if len(kept) > MOST_CLASSES:
        kept = tuple(sorted(kept, key=lambda one: -one.count)[:MOST_CLASSES])
    for one in kept:
        yield ClassRow(one, one.count / max(report.items, 1), rounded(100 * one.count / most))


def _kept(work: Work, actor: Actor, submission_id: int) -> tuple[Submission, AnnotationReport]:
    submission = service.submission_for(work, actor, submission_id, "submission.read")
    kept = work.session.get(ScoreReport, submission_id)
    if kept is None or kept.annotation_key is None:
        raise NotFound("submissions.no_annotation", N_("There is no report about annotators here."))
    return submission, AnnotationReport.parse(work.storage.path(kept.annotation_key).read_bytes())
