"""What is known about a version beyond its owner's word: what was measured of it, and where its team stands.

A quality report is for a team; what is published of it are its figures and the profile of its columns. Whatever could be a value
of a single record stays out: examples of issues, the exact ends of a column's range, names that few records share.
"""

import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from tempfile import mkstemp
from typing import Final

from challenges.quality import ColumnFound, QualityReport
from leaderboard.core.work import Work
from leaderboard.datasets.models import DatasetVersion
from leaderboard.rankings import boards, final
from leaderboard.rankings.service import placed
from leaderboard.seasons import said
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge, Phase
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.submissions.models import Submission

LEAST_SHARED: Final = 5
"""Records that must share a value before it is shown; k of k-anonymity, as in `scoring.quality.reference`."""
_DIGITS: Final = 2
"""To which the ends of a range of numbers are rounded, outwards: a range, not the least and the greatest record."""
_NUMBERS: Final = frozenset({"number", "integer", "unsigned"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where the version's team stands in one phase. ``final``: after finalisation; ``same``: this very file decided it."""

    phase: Words | Phrase
    place: int
    best: int | None
    worst: int | None
    teams: int
    final: bool
    same: bool


def keep(work: Work, report: QualityReport, name: str) -> str:
    """Stores what may be published of a report, under the public name of the file; the key it got."""
    key = f"datasets/{name}-{token_hex(6)}.json"
    descriptor, copy = mkstemp(dir=work.settings.data_dir)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(publishable(report, name).model_dump_json())
        work.storage.put(key, Path(copy))
    finally:
        Path(copy).unlink(missing_ok=True)
    return key


def report_of(work: Work, version: DatasetVersion) -> QualityReport | None:
    """What is published of a version's quality report; None: it was not measured."""
    return None if version.quality_key is None else read(work, version.quality_key)


def read(work: Work, key: str) -> QualityReport:
    """The report that is stored under ``key``."""
    return QualityReport.parse(work.storage.path(key).read_bytes())


def publishable(report: QualityReport, name: str) -> QualityReport:
    """The report without anything that could be a value of a single record."""
    return report.model_copy(
        update={
            "name": name,
            "issues": tuple(kind.model_copy(update={"examples": ()}) for kind in report.issues),
            "measures": tuple(one.model_copy(update={"details": {}}) for one in report.measures),
            "columns": tuple(_profile(column) for column in report.columns),
        }
    )


def _profile(column: ColumnFound) -> ColumnFound:
    shared = [bar for bar in zip(column.names, column.bars, strict=False) if bar[1] >= LEAST_SHARED]
    changes: dict[str, object] = {}
    if column.names:
        changes |= {"names": tuple(name for name, _ in shared), "bars": tuple(count for _, count in shared)}
    if column.kind in _NUMBERS:
        changes |= {"low": _outward(column.low, math.floor), "middle": None, "high": _outward(column.high, math.ceil)}
    elif column.kind != "text":  # of a text, these are lengths
        changes |= {"low": None, "middle": None, "high": None}
    return column.model_copy(update=changes)


def _outward(text: str | None, towards: Callable[[float], int]) -> str | None:
    """An end of a range, rounded; None where the text is no number."""
    try:
        value = float(text or "nan")
    except ValueError:
        return None
    if not math.isfinite(value):
        return None
    if value == 0:
        return "0"
    step = 10.0 ** (math.floor(math.log10(abs(value))) - _DIGITS + 1)
    return f"{towards(value / step) * step:.6g}"


def places(work: Work, submission: Submission) -> tuple[Place, ...]:
    """Where the submission's team stands in each phase of its challenge, in public or, once it is finalised, in the end."""
    challenge = work.session.get_one(Challenge, submission.challenge_id)
    found = (_place(work, challenge, phase, submission) for phase in seasons.phases(work, submission.challenge_id))
    return tuple(place for place in found if place is not None)


def _place(work: Work, challenge: Challenge, phase: Phase, submission: Submission) -> Place | None:
    assert phase.id is not None
    if challenge.finalised_at is None:
        line = boards.line_of(work.session, phase.id, submission.entry_id)
        teams = placed(work.session, phase.id)
        return _of(phase, line, teams, submission, ended=False)
    lines = final.published(work, phase.id)
    standing = next((line for line in lines if line.entry_id == submission.entry_id), None)
    return _of(phase, standing, sum(line.place is not None for line in lines), submission, ended=True)


def _of(
    phase: Phase, line: boards.Line | final.FinalLine | None, teams: int, submission: Submission, *, ended: bool
) -> Place | None:
    if line is None or line.place is None:
        return None
    return Place(
        phase=said.phase_title(phase),
        place=line.place,
        best=line.best_place,
        worst=line.worst_place,
        teams=teams,
        final=ended,
        same=line.submission_id == submission.id,
    )
