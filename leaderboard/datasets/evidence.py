"""What is known about a version beyond its owner's word: what was measured of it, and where its team stands.

A quality report is for a team; what is published of it are its figures and the profile of its columns. Whatever could be a value
of a single record stays out: examples of issues, the exact ends of a column's range, names that few records share.
"""

import math
import os
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from tempfile import mkstemp
from typing import Final

from challenges.column_titles import by_title
from challenges.preview import LEAST_SHARED, Preview
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

_DIGITS: Final = 2
"""To which the ends of a range of numbers are rounded, outwards: a range, not the least and the greatest record."""
_NUMBERS: Final = frozenset({"number", "integer", "unsigned"})
_PERSONAL: Final = "personal:"
"""Codes of issues that say which column holds personal data begin with it."""
_NO_VALUES: Final[Mapping[str, object]] = {"low": None, "middle": None, "high": None, "names": (), "bars": ()}


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
    return _stored(work, publishable(report, name).model_dump_json(), f"datasets/{name}")


def keep_preview(work: Work, preview: Preview, name: str) -> str:
    """Stores what may be shown of a preview, its ranges rounded; the key it got."""
    columns = tuple(one.model_copy(update={"found": _profile(one.found)}) for one in preview.columns)
    return _stored(work, preview.model_copy(update={"columns": columns}).model_dump_json(), f"previews/{name}")


def preview_of(work: Work, version: DatasetVersion) -> Preview | None:
    """The preview of a version; None: its owner has not agreed to one, or it is not made yet."""
    if version.preview_key is None:
        return None
    return Preview.parse(work.storage.path(version.preview_key).read_bytes())


def _stored(work: Work, text: str, name: str) -> str:
    key = f"{name}-{token_hex(6)}.json"
    descriptor, copy = mkstemp(dir=work.settings.data_dir)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
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
    """The report without anything that could be a value of a single record, or of a column in which personal data was found."""
    personal = {kind.column for kind in report.issues if kind.code.startswith(_PERSONAL)}
    return report.model_copy(
        update={
            "name": name,
            "issues": tuple(kind.model_copy(update={"examples": ()}) for kind in report.issues),
            "measures": tuple(one.model_copy(update={"details": {}}) for one in report.measures),
            "columns": tuple(
                _profile(column.model_copy(update=_NO_VALUES) if _is_hidden(column, personal) else column)
                for column in report.columns
            ),
        }
    )


def _is_hidden(column: ColumnFound, personal: AbstractSet[str | None]) -> bool:
    """Whether nothing of the values is told. Of texts without common values only lengths are, which gives nobody away."""
    if column.kind == "text" and not column.names:
        return False
    return column.name in personal or bool(by_title(column.name))


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
