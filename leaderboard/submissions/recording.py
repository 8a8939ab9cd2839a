"""What the scoring child found, written down: the one place where scores come into the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from secrets import token_hex
from typing import Final

from sqlalchemy import bindparam, delete, insert
from sqlmodel import col, select

from challenges import marks
from challenges.annotation_report import LARGEST as LARGEST_ANNOTATION
from challenges.annotation_report import NAME as ANNOTATION
from challenges.annotation_report import AnnotationReport
from challenges.board_columns import expected_scores, ranking_score
from challenges.quality import QualityReport
from challenges.report import Report, SplitName
from leaderboard.core.jobs import Leased
from leaderboard.core.log import logger
from leaderboard.core.sandbox import ChildFailed, Outcome, Task
from leaderboard.core.work import Work
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge, PackageVersion
from leaderboard.submissions.models import PrivateScore, PublicScore, RecordMark, ScoreReport, Submission
from leaderboard.submissions.service import changed
from leaderboard.submissions.signals import SubmissionScored, SubmissionWithdrawn
from leaderboard.submissions.slots import take
from leaderboard.submissions.states import State, move, walk

FINDINGS: Final = "findings.csv.gz"
ISSUES: Final = "findings.parquet"
QUALITY: Final = "quality-report.json"
PATCH: Final = "patch.csv.gz"
LARGEST_FILE: Final = 256 << 20
BROKEN_LIMITS: Final = 2
"""So often may a file drive the child out of time or memory before it is refused."""

_LOCKED: Final = (
    select(Submission)
    .where(col(Submission.id) == bindparam("id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)

log = logger("recording")


class ScoreJob:
    """The sandbox job of a submission: see `leaderboard.core.sandbox.SandboxJob`."""

    def stage(self, work: Work, job: Leased) -> Task | None:
        submission = _locked(work, job)
        if submission is None or submission.state in {State.REFUSED, State.WITHDRAWN}:
            return None
        package = seasons.package_in_force(work, work.session.get_one(Challenge, submission.challenge_id))
        if submission.state in {State.RECEIVED, State.FAILED}:
            way = [State.RECEIVED, State.CHECKING] if submission.state == State.FAILED else [State.CHECKING]
            submission.state = walk(submission.state, way)
            changed(work, submission)
        submission.package_id = package.id
        work.session.add(submission)
        return task(work, "score", submission.storage_key, submission.file_name, package, f"submission:{submission.id}")

    def record(self, work: Work, job: Leased, outcome: Outcome) -> None:
        submission = _locked(work, job)
        if submission is None or submission.state not in {State.CHECKING, State.SCORED}:
            return
        report = Report.parse(outcome.report)
        _record(work, submission, report, outcome.folder)

    def failed(self, work: Work, job: Leased, error: ChildFailed, *, dead: bool) -> bool:
        submission = _locked(work, job)
        if submission is None or submission.state not in {State.RECEIVED, State.CHECKING, State.SCORED}:
            return True
        # What was scored before keeps its scores, whatever becomes of a new try.
        again = submission.state == State.SCORED
        broken = False
        if error.reason in {"time", "memory"}:
            submission.broke_limits += 1
            broken = submission.broke_limits >= BROKEN_LIMITS
            if broken and not again:
                _write_report(work, submission, refusal_by_limits(work, error.reason), None)
                _leave(work, submission, State.REFUSED)
                return True
        if dead or broken:
            submission.fault = f"{job.id}-{token_hex(3)}"
            log.error("scoring failed", submission=submission.id, reference=submission.fault, reason=error.reason,
                      detail=error.detail)  # fmt: skip
            if not again:
                _leave(work, submission, State.FAILED)
        elif submission.state == State.CHECKING:
            submission.state = move(submission.state, State.RECEIVED)
            changed(work, submission)
        work.session.add(submission)
        return dead or broken


def task(work: Work, operation: str, storage_key: str, file_name: str, package: PackageVersion, topic: str) -> Task:
    """What the child shall do with a file: ``score`` or ``check`` it against the compiled answers. ``topic``: who hears of it."""
    files = {"prepared": seasons.prepared_folder(work, package), "submission": work.storage.path(storage_key)}
    return Task(operation, files, {"file_name": file_name}, topic)


def refusal_by_limits(work: Work, reason: str) -> Report:
    """The report of a file that no child could read within its limits."""
    finding = {
        "id": "intake.limits",
        "level": "error",
        "params": {
            "reason": reason,
            "seconds": work.settings.score_seconds,
            "megabytes": work.settings.score_memory_mb,
        },
    }
    return Report.model_validate({"outcome": "refused", "rows": 0, "findings": [finding]})


def _locked(work: Work, job: Leased) -> Submission | None:
    return work.session.exec(_LOCKED, params={"id": job.payload["submission"]}).one_or_none()


def _record(work: Work, submission: Submission, report: Report, folder: Path) -> None:
    _write_report(work, submission, report, folder)
    if report.outcome == "refused":
        _leave(work, submission, State.REFUSED)
    elif report.outcome == "scored":
        _score(work, submission, report)
    else:
        raise ValueError(f"a report of outcome {report.outcome} to a request to score")


def _score(work: Work, submission: Submission, report: Report) -> None:
    _replace_scores(work, submission, report)
    if submission.state != State.SCORED:
        submission.state = walk(submission.state, (State.QUEUED, State.SCORING, State.SCORED))
    submission.scored_at, submission.fault, submission.broke_limits = work.now, None, 0
    work.session.add(submission)
    work.session.flush()
    work.emit(SubmissionScored(submission.id or 0, submission.phase_id, submission.entry_id))
    changed(work, submission)


def _leave(work: Work, submission: Submission, there: State) -> None:
    """Into a state without scores; what stood on the board before stands there no longer."""
    stood = submission.state == State.SCORED
    submission.state = move(submission.state, there)
    submission.picked = False
    work.session.add(submission)
    work.session.flush()
    if stood:
        _delete_scores(work, submission)
        assert submission.id is not None
        work.emit(SubmissionWithdrawn(submission.id, submission.phase_id, submission.entry_id))
    changed(work, submission)


def _delete_scores(work: Work, submission: Submission) -> None:
    for table in (PublicScore, PrivateScore):
        work.session.execute(delete(table).where(col(table.submission_id) == submission.id))


def _replace_scores(work: Work, submission: Submission, report: Report) -> None:
    """Public and private numbers, each exactly those that the definition asks for. Raises ValueError for any others."""
    assert submission.id is not None
    package = work.session.get_one(PackageVersion, submission.package_id)
    definition = seasons.definition_of(package)
    expected, ranking = expected_scores(definition), ranking_score(definition)
    if submission.state == State.SCORED:
        _delete_scores(work, submission)
    for split, table in (("public", PublicScore), ("private", PrivateScore)):
        found = {(score.task or "", score.key): score for score in report.scores if score.split == split}
        if found and found.keys() != expected:
            raise ValueError(f"other {split} scores than the challenge has")
        if split == "public" and not found:
            raise ValueError("no public scores")
        spread = _spread(report, split)  # type: ignore[arg-type]  # one of the two names above
        for (part, key), score in sorted(found.items()):
            row = table(
                submission_id=submission.id, task=part, key=key, value=score.value, low=score.low, high=score.high
            )
            if isinstance(row, PrivateScore) and (part, key) == ranking:
                row.spread = spread
            work.session.add(row)


def _spread(report: Report, split: SplitName) -> bytes | None:
    vector = report.spread(split)
    return None if vector is None else vector.tobytes()


def _write_report(work: Work, submission: Submission, report: Report, folder: Path | None) -> None:
    """The public account of what was found; the one before it is replaced, and its file removed after the commit."""
    assert submission.id is not None and submission.package_id is not None  # noqa: PT018
    known = work.session.get(ScoreReport, submission.id)
    for old in _files(known) if known is not None else ():
        work.after_commit.append(partial(work.storage.delete, old))
    row = known or ScoreReport(submission_id=submission.id, package_id=submission.package_id, scorer="", at=work.now)
    row.package_id = submission.package_id
    row.scorer = str(report.made_with.get("scorer", ""))
    row.rows = report.rows
    row.findings = [finding.model_dump(mode="json", exclude_none=True) for finding in report.findings]
    row.findings_key, row.quality_key, row.patch_key, row.points = None, None, None, None
    row.issues_key, row.annotation_key = None, None
    if folder is not None:
        name = f"{submission.id}"
        kept = keep_quality(work, folder, name)
        row.quality_key, row.points = kept or (None, None)
        if report.findings or kept:
            row.findings_key = keep_file(work, folder, FINDINGS, f"findings/{name}", ".csv.gz")
        if kept:
            row.issues_key = keep_file(work, folder, ISSUES, f"findings/{name}", ".parquet")
            row.patch_key = keep_file(work, folder, PATCH, f"patches/{name}", ".csv.gz")
        row.annotation_key = keep_annotation(work, folder, name)
        _keep_marks(work, folder, submission)
    row.made_with, row.seconds = dict(report.made_with), dict(report.seconds)
    row.spread = _spread(report, "public") if report.outcome == "scored" else None
    row.at = work.now
    work.session.add(row)


def _files(report: ScoreReport) -> list[str]:
    """Where the files of a report are in the storage."""
    keys = (report.findings_key, report.issues_key, report.quality_key, report.patch_key, report.annotation_key)
    return [key for key in keys if key is not None]


def keep_file(work: Work, folder: Path, file: str, key: str, suffix: str) -> str | None:
    """Stores a file that the child wrote, copied out of its reach; the key it got, or None when there is none."""
    with copied(folder, file) as copy:
        return None if copy is None else _stored(work, copy, key, suffix)


def keep_quality(work: Work, folder: Path, name: str) -> tuple[str, dict[str, float]] | None:
    """Stores the quality report of a dataset once it is found to be one; its key and the points by measure.

    None where the child wrote none. Raises ValueError for anything else than a `QualityReport`.
    """
    with copied(folder, QUALITY) as copy:
        if copy is None:
            return None
        report = QualityReport.parse(copy.read_bytes())
        points = {one.key: one.points.value for one in report.measures}
        return _stored(work, copy, f"quality/{name}", ".json"), points


def keep_annotation(work: Work, folder: Path, name: str) -> str | None:
    """Stores the report about labels and annotators once it is found to be one; its key.

    None where the child wrote none. Raises ValueError for anything else than an `AnnotationReport`.
    """
    with copied(folder, ANNOTATION, most=LARGEST_ANNOTATION) as copy:
        if copy is None:
            return None
        AnnotationReport.parse(copy.read_bytes())
        return _stored(work, copy, f"annotation/{name}", ".json")


def _keep_marks(work: Work, folder: Path, submission: Submission) -> None:
    """Replaces the marks of a submission's records. Raises ValueError for anything else than marks."""
    of_it = {"challenge_id": submission.challenge_id, "submission_id": submission.id, "entry_id": submission.entry_id}
    with copied(folder, marks.NAME) as copy:
        found = () if copy is None else marks.parsed(copy.read_bytes())
    work.session.execute(delete(RecordMark).where(col(RecordMark.submission_id) == submission.id))
    if found:
        work.session.execute(insert(RecordMark), [{**of_it, "mark": mark} for mark in found])


@contextmanager
def copied(folder: Path, file: str, *, most: int = LARGEST_FILE) -> Iterator[Path | None]:
    """A copy of a file of the child's, gone after the block; None where there is no such file."""
    copy = folder.parent / f"{folder.name}.{file}"
    try:
        yield copy if take(folder, file, copy, most=most) else None
    finally:
        copy.unlink(missing_ok=True)


def _stored(work: Work, copy: Path, key: str, suffix: str) -> str:
    key = f"{key}-{token_hex(6)}{suffix}"
    work.storage.put(key, copy)
    return key
