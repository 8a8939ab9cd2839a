"""What the pages of submissions show, as frozen objects: the only thing a template sees."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlmodel import col, select

from challenges.annotation_definition import Annotation
from challenges.definition import Column, Definition
from leaderboard.accounts.access import Actor
from leaderboard.accounts.models import Person
from leaderboard.accounts.policy import allows
from leaderboard.core import jobs
from leaderboard.core.errors import FieldError, JiebangError, Malformed
from leaderboard.core.work import Work
from leaderboard.entries import service as entries
from leaderboard.entries.models import Entry, Team
from leaderboard.seasons import pages as seasons_pages
from leaderboard.seasons import said
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge, Phase
from leaderboard.seasons.pages import ChallengeHeader
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.submissions import dry_runs, findings, service
from leaderboard.submissions.cells import ScoreCell, compared, score_columns, with_scores
from leaderboard.submissions.header import OWN_TAB
from leaderboard.submissions.models import ScoreReport, Submission
from leaderboard.submissions.progress import StepRow, step_rows
from leaderboard.submissions.states import PENDING, State
from leaderboard.submissions.status import usual_seconds
from leaderboard.submissions.uploads import largest
from leaderboard.ui.findings import FindingGroup
from leaderboard.ui.forms import Form
from leaderboard.ui.paging import decode_cursor, encode_cursor
from leaderboard.ui.quality import LAYOUTS

PAGE_ROWS: Final = 50


@dataclass(frozen=True)
class Queue:
    """``ahead``: jobs before this one (None: being worked on). ``usual``: seconds that recent ones took, median. ``steps``: what
    has been done so far, where the work tells.
    """

    ahead: int | None
    usual: float | None
    steps: tuple[StepRow, ...] = ()


@dataclass(frozen=True)
class Row:
    """A submission in the list of its team."""

    id: int
    number: int
    state: State
    file_name: str
    size: int
    by: str
    note: str
    phase_key: str
    received_at: datetime
    scored_at: datetime | None
    picked: bool
    scores: tuple[ScoreCell, ...]
    errors: int


@dataclass(frozen=True)
class ListPage:
    """A team's submissions to one challenge, newest first."""

    header: ChallengeHeader
    slug: str
    team: str
    rows: tuple[Row, ...]
    columns: tuple[ScoreCell, ...]
    picks: int
    picked: int
    waiting: int
    can_submit: bool
    next_cursor: str | None
    events: str


@dataclass(frozen=True, kw_only=True)
class SubmissionFacts:
    """One submission: where it stands, its findings or scores, and what its team may do with it."""

    slug: str
    id: int
    number: int
    team: str
    by: str
    state: State
    again: bool
    file_name: str
    size: int
    sha256: str
    note: str
    phase: Words | Phrase
    picked: bool
    started_at: datetime
    received_at: datetime
    ended_at: datetime | None
    withdrawn_at: datetime | None
    fault: str | None
    rows: int | None
    seconds: float | None
    queue: Queue | None
    scores: tuple[ScoreCell, ...]
    groups: tuple[FindingGroup, ...]
    notes: tuple[str, ...]
    has_findings_file: bool
    has_quality: bool
    has_annotation: bool
    made_with: tuple[tuple[str, str], ...]
    may_withdraw: bool
    may_pick: bool
    may_rescore: bool
    may_publish: bool
    events: str


@dataclass(frozen=True, kw_only=True)
class SubmissionPage(SubmissionFacts):
    """The facts of a submission below the header of its challenge."""

    header: ChallengeHeader


@dataclass(frozen=True)
class SubmitPage:
    """The form: what is left, until when, what the file must look like. ``refusal``: why nothing can be handed in now."""

    header: ChallengeHeader
    slug: str
    phase_key: str
    phase: Words | Phrase | None
    closes_at: datetime | None
    zone: str
    left_today: int | None
    per_day: int | None
    left_total: int | None
    total: int | None
    resets_at: datetime | None
    refusal: Phrase | None
    form: Form
    max_bytes: int
    accept: str
    kind: str
    layouts: tuple[str, ...]
    formats: tuple[str, ...]
    example: str
    columns: tuple[said.ColumnRow, ...]
    tasks: tuple[str, ...]


@dataclass(frozen=True)
class CheckPage:
    """What a dry run found."""

    header: ChallengeHeader
    slug: str
    token: str
    state: str
    file_name: str
    rows: int | None
    groups: tuple[FindingGroup, ...]
    notes: tuple[str, ...]
    has_quality: bool
    steps: tuple[StepRow, ...]
    events: str


def queue_of(work: Work, submission: Submission) -> Queue | None:
    """Where a submission waits; None when it does not."""
    if submission.state not in PENDING:
        return None
    key = service.job_key(submission)
    return Queue(
        jobs.ahead(work.session, key),
        usual_seconds(work, submission.challenge_id),
        step_rows(jobs.steps_of(work.session, key)),
    )


def own_list(
    work: Work, actor: Actor, slug: str, locale: str, *, cursor: str | None = None, limit: int = PAGE_ROWS
) -> ListPage:
    """The submissions of the team that the actor stands for. Raises SignInNeeded or Forbidden."""
    challenge = seasons.challenge_by_slug(work, actor, slug)
    assert challenge.id is not None
    entry = own_entry(work, actor, challenge)
    columns = score_columns(work, challenge)
    query = select(Submission).where(Submission.entry_id == entry.id)
    if cursor:
        (before,) = decode_cursor(cursor, 1)
        query = query.where(col(Submission.id) < before)
    found = list(work.session.exec(query.order_by(col(Submission.id).desc()).limit(limit + 1)))
    shown = found[:limit]
    phase = seasons.current_phase(work, challenge.id, work.now)
    picked = 0 if phase is None else len(service.picks(work, entry.id or 0, phase.id or 0))
    return ListPage(
        header=seasons_pages.header(work, actor, challenge, OWN_TAB),
        slug=slug,
        team=work.session.get_one(Team, entry.team_id).name,
        rows=_rows(work, shown, columns),
        columns=columns,
        picks=phase.picks if phase else 0,
        picked=picked,
        waiting=sum(row.state in PENDING for row in shown),
        can_submit=phase is not None and challenge.state == "posted",
        next_cursor=encode_cursor((shown[-1].id,)) if len(found) > limit else None,
        events=f"/{locale}/challenges/{slug}/submissions/events",
    )


def own_entry(work: Work, actor: Actor, challenge: Challenge) -> Entry:
    """The entry whose submissions the actor may see as a member. Raises SignInNeeded or Forbidden."""
    assert challenge.id is not None
    entry = entries.entry_of(work, actor.person_id, challenge.id) if actor.person_id is not None else None
    if entry is None:
        return entries.standing_entry(work, actor, challenge)  # raises, saying what to do
    actor.demand("submission.read", also=entries.relations_to_entry(work, actor, entry))
    return entry


def _rows(work: Work, shown: Sequence[Submission], columns: Sequence[ScoreCell]) -> tuple[Row, ...]:
    ids = [one.id for one in shown if one.id is not None]
    scores = with_scores(work, columns, ids)
    people = dict(
        work.session.exec(
            select(Person.id, Person.name).where(col(Person.id).in_({one.person_id for one in shown}))
        ).all()
    )
    keys = dict(
        work.session.exec(select(Phase.id, Phase.key).where(col(Phase.id).in_({one.phase_id for one in shown}))).all()
    )
    reports = {
        report.submission_id: report
        for report in work.session.exec(select(ScoreReport).where(col(ScoreReport.submission_id).in_(ids)))
    }
    return tuple(
        Row(
            id=one.id or 0,
            number=one.number,
            state=State(one.state),
            file_name=one.file_name,
            size=one.size,
            by=people.get(one.person_id, "–"),
            note=one.note,
            phase_key=keys[one.phase_id],
            received_at=one.received_at,
            scored_at=one.scored_at,
            picked=one.picked,
            scores=scores[one.id or 0],
            errors=_errors(reports.get(one.id or 0)),
        )
        for one in shown
    )


def _errors(report: ScoreReport | None) -> int:
    if report is None:
        return 0
    return sum(finding.get("count", 1) for finding in report.findings if finding["level"] == "error")


def one(work: Work, actor: Actor, submission_id: int, locale: str) -> SubmissionPage:
    """One submission, for its team, its organizer, and the operator. Raises NotFound to everybody else."""
    known = facts(work, actor, submission_id, locale)
    challenge = seasons.challenge_by_slug(work, actor, known.slug)
    return SubmissionPage(header=seasons_pages.header(work, actor, challenge, OWN_TAB), **vars(known))


def facts(work: Work, actor: Actor, submission_id: int, locale: str) -> SubmissionFacts:
    """As `one`, without what stands above every page of the challenge."""
    submission = service.submission_for(work, actor, submission_id, "submission.read")
    challenge = work.session.get_one(Challenge, submission.challenge_id)
    entry = work.session.get_one(Entry, submission.entry_id)
    phase = work.session.get_one(Phase, submission.phase_id)
    report = work.session.get(ScoreReport, submission_id)
    found = report.findings if report else []
    relations = entries.relations_to_entry(work, actor, entry)
    open_ended = challenge.finalised_at is None
    standing = submission.state == State.SCORED and open_ended
    person = work.session.get(Person, submission.person_id)
    return SubmissionFacts(
        slug=challenge.slug,
        id=submission_id,
        number=submission.number,
        team=work.session.get_one(Team, entry.team_id).name,
        by=person.name if person else "–",
        state=State(submission.state),
        again=submission.state == State.SCORED and service.is_under_way(work, submission),
        file_name=submission.file_name,
        size=submission.size,
        sha256=submission.sha256,
        note=submission.note,
        phase=said.phase_title(phase),
        picked=submission.picked,
        started_at=submission.started_at,
        received_at=submission.received_at,
        ended_at=report.at if report and submission.state not in PENDING else None,
        withdrawn_at=submission.withdrawn_at,
        fault=submission.fault if submission.state in {State.FAILED, State.SCORED} else None,
        rows=report.rows if report else None,
        seconds=sum(report.seconds.values()) if report and report.seconds else None,
        queue=queue_of(work, submission),
        scores=compared(work, submission, challenge) if submission.scored_at else score_columns(work, challenge),
        groups=findings.groups(locale, found),
        notes=findings.notes(locale, found),
        has_findings_file=report is not None and report.findings_key is not None,
        has_quality=report is not None and report.quality_key is not None,
        has_annotation=report is not None and report.annotation_key is not None,
        made_with=tuple((key, str(value)) for key, value in sorted((report.made_with if report else {}).items())),
        may_withdraw=standing and allows("submission.withdraw", relations, actor.scopes),
        may_pick=standing and allows("submission.pick", relations, actor.scopes),
        may_rescore=open_ended and allows("submission.rescore", relations, actor.scopes),
        may_publish=submission.state == State.SCORED
        and report is not None
        and report.quality_key is not None
        and allows("dataset.create", relations, actor.scopes),
        events=f"/{locale}/submissions/{submission_id}/events",
    )


def submit(work: Work, actor: Actor, slug: str) -> SubmitPage:
    """The form for handing in. Raises SignInNeeded, or Forbidden with what to do first."""
    challenge = seasons.challenge_by_slug(work, actor, slug)
    assert challenge.id is not None
    entry = entries.standing_entry(work, actor, challenge)
    definition = seasons.definition(work, challenge)
    phase = seasons.current_phase(work, challenge.id, work.now)
    refusal: Phrase | None = None
    try:
        service.may_submit(work, actor, challenge, phase or service.open_phase(work, challenge, work.now))
    except JiebangError as error:
        refusal = Phrase(error.message, error.params)
    right = service.right_of(work, entry, phase, work.now) if phase else None
    suffixes = {".csv", ".tsv", ".jsonl", ".parquet", ".gz", ".zip"} if not definition.tasks else {".zip"}
    return SubmitPage(
        header=seasons_pages.header(work, actor, challenge, OWN_TAB),
        slug=slug,
        phase_key=phase.key if phase else "",
        phase=said.phase_title(phase) if phase else None,
        closes_at=phase.closes_at if phase else None,
        zone=phase.zone if phase else work.settings.zone,
        left_today=right.left_today if right else None,
        per_day=phase.per_day if phase else None,
        left_total=right.left_total if right else None,
        total=phase.total if phase else None,
        resets_at=right.resets_at if right else None,
        refusal=refusal,
        form=Form(),
        max_bytes=largest(work, challenge),
        accept=",".join(sorted(suffixes)),
        kind=definition.kind,
        layouts=tuple(LAYOUTS.values()),
        formats=tuple(definition.submission.formats),
        example=example_of(definition),
        columns=said.columns(definition),
        tasks=tuple(task.key for task in definition.tasks),
    )


def refused(page: SubmitPage, error: JiebangError) -> SubmitPage:
    """The same form with what was wrong with the file on top."""
    fields = error.fields or (FieldError("file", error.message, error.params),)
    shown = Malformed(error.id, error.message, fields=fields, **error.params)
    return replace(page, form=Form.refused({}, shown))


def table(work: Work, actor: Actor, slug: str, locale: str) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """The whole list as header and rows, for the CSV twin."""
    page = own_list(work, actor, slug, locale, limit=100_000)
    keys = [f"{cell.task}/{cell.key}" if cell.task else cell.key for cell in page.columns]
    head = ("number", "id", "state", "file_name", "bytes", "by", "phase", "received_at", "scored_at", "picked", "note")
    rows = [
        (
            row.number, row.id, row.state.value, row.file_name, row.size, row.by, row.phase_key,
            row.received_at.isoformat(), row.scored_at.isoformat() if row.scored_at else "", row.picked, row.note,
            *(cell.value for cell in row.scores),
        )
        for row in page.rows
    ]  # fmt: skip
    return (*head, *keys), rows


def example_of(definition: Definition) -> str:
    """The first lines of a valid file, made from the definition; nothing for a dataset, which has many forms."""
    if definition.annotation is not None:
        return _labels_example(definition.annotation)
    if not definition.parts:
        return ""
    part = definition.parts[0]
    table = part.submission
    head = [str(table.id), *(column.name for column in table.columns)]
    rows = [[f"{table.id}-{row + 1}", *(_cell(column, row) for column in table.columns)] for row in range(3)]
    return "\n".join(",".join(cells) for cells in (head, *rows))


def _labels_example(annotation: Annotation) -> str:
    names = annotation.labels
    columns = [names.item, names.annotator, names.label, *([names.seconds] if names.seconds else [])]
    rows = [
        (f"item-{row // 2 + 1}", f"annotator-{row % 2 + 1}", names.classes[row % 2], f"{row + 4}.5") for row in range(4)
    ]
    return "\n".join(",".join(cells[: len(columns)]) for cells in (columns, *rows))


def _cell(column: Column, row: int) -> str:
    if column.type == "probability":
        return ("0.12", "0.87", "0.5")[row]
    if column.type == "class":
        return str(column.classes[row % len(column.classes)]) if column.classes else "a"
    if column.type == "integer":
        return str(row + 1)
    if column.type == "number":
        return ("1.5", "-0.25", "3.0")[row]
    return "a b c" if column.type in {"list", "labels"} else "…"


def check(work: Work, actor: Actor, slug: str, token: str, locale: str) -> CheckPage:
    """What a dry run of the actor's found so far."""
    run = dry_runs.find(work, actor, token)
    challenge = seasons.challenge_by_slug(work, actor, slug)
    return CheckPage(
        header=seasons_pages.header(work, actor, challenge, OWN_TAB),
        slug=slug,
        token=token,
        state=run.state,
        file_name=run.file_name,
        rows=run.rows,
        groups=findings.groups(locale, run.findings),
        notes=findings.notes(locale, run.findings),
        has_quality=run.quality_key is not None,
        steps=step_rows(jobs.steps_of(work.session, f"{dry_runs.CHECK_JOB}:{token}")),
        events=f"/{locale}/challenges/{slug}/check/{token}/events",
    )
