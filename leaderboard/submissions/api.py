"""Submissions for programs, under ``/api/v1``. Resumable uploads are in `tus`."""

import asyncio
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from leaderboard.accounts.access import Actor, CurrentActor, act
from leaderboard.core import jobs
from leaderboard.core.errors import NotFound
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Held, ReadWork, WriteWork
from leaderboard.core.work import Resources, Work
from leaderboard.entries.models import Entry, Team
from leaderboard.seasons import service as seasons
from leaderboard.submissions import dry_runs, findings, incoming, pages, service, status, tus
from leaderboard.submissions.cells import ScoreCell
from leaderboard.submissions.models import DryRun, ScoreReport, Submission
from leaderboard.submissions.states import State
from leaderboard.ui.findings import FindingGroup
from leaderboard.ui.respond import attachment, locale_of

api = APIRouter(tags=["submissions"])
api.include_router(tus.api)

GZIP: Final = "application/gzip"
CHECK_WAITS: Final = 25.0
RAW_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
            },
        },
    }
}


class ScoreOut(BaseModel):
    """A public score with its 95 % interval; ``best`` of the team's, ``leader``: that of the team that leads."""

    task: str
    key: str
    title: str
    direction: str
    digits: int
    value: float | None
    low: float | None
    high: float | None
    best: float | None = None
    leader: float | None = None


class PlaceOut(BaseModel):
    """One place where a finding holds."""

    row: int | None
    column: str | None
    value: str | None
    expected: str


class FindingOut(BaseModel):
    """One kind of fault in one column, in the language asked for."""

    level: str
    title: str
    hint: str
    column: str | None
    count: int
    examples: list[PlaceOut]


class StepOut(BaseModel):
    """A part of the work; ``seconds`` None: under way."""

    title: str
    seconds: float | None


class QueueOut(BaseModel):
    """``ahead`` None: being worked on now. ``usual_seconds``: how long recent ones took. ``steps``: of what takes long, so far."""

    ahead: int | None
    usual_seconds: float | None
    steps: list[StepOut] = []


class SubmissionOut(BaseModel):
    """A submission as its team and its organizer see it. Private scores are never here."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": 512, "number": 3, "challenge": "flight-delays", "team": "Lin Xiaolan", "by": "Lin Xiaolan",
                "state": "scored", "file_name": "predictions.csv", "size": 182044, "sha256": "9f86d081…", "note": "",
                "picked": False, "started_at": "2026-12-15T04:00:00Z", "received_at": "2026-12-15T04:00:01Z",
                "ended_at": "2026-12-15T04:00:03Z", "scores": [
                    {"task": "", "key": "auc", "title": "ROC AUC", "direction": "max", "digits": 5, "value": 0.71204,
                     "low": 0.70511, "high": 0.71897, "best": 0.71204, "leader": 0.74018}],
                "findings": [], "notes": [], "queue": None, "fault": None,
            }
        }
    )  # fmt: skip

    id: int
    number: int
    challenge: str
    team: str
    by: str
    state: str = Field(description="received, checking, refused, queued, scoring, scored, failed or withdrawn")
    file_name: str
    size: int
    sha256: str
    note: str
    picked: bool
    started_at: datetime = Field(description="first byte: the time that counts")
    received_at: datetime
    ended_at: datetime | None
    scores: list[ScoreOut]
    findings: list[FindingOut]
    notes: list[str]
    queue: QueueOut | None
    fault: str | None = Field(description="reference of a failure on our side")


class RowOut(BaseModel):
    """A submission in the list of its team."""

    id: int
    number: int
    state: str
    file_name: str
    size: int
    by: str
    note: str
    phase: str
    received_at: datetime
    scored_at: datetime | None
    picked: bool
    errors: int
    scores: list[ScoreOut]


class ListOut(BaseModel):
    """Newest first; ``next`` is the cursor of the following page."""

    team: str
    submissions: list[RowOut]
    next: str | None


class CheckOut(BaseModel):
    """What a dry run found. ``state``: waiting, accepted, refused, or failed (on our side)."""

    token: str
    state: str
    file_name: str
    rows: int | None
    findings: list[FindingOut]
    notes: list[str]


class PickIn(BaseModel):
    picked: bool


class CountOut(BaseModel):
    count: int


def _score(locale: str, cell: ScoreCell) -> ScoreOut:
    return ScoreOut(
        task=cell.task, key=cell.key, title=cell.title.said(locale), direction=cell.direction, digits=cell.digits,
        value=cell.value, low=cell.low, high=cell.high, best=cell.best, leader=cell.leader,
    )  # fmt: skip


def _queue(queue: pages.Queue, locale: str) -> QueueOut:
    steps = [StepOut(title=translate(locale, row.title), seconds=row.seconds) for row in queue.steps]
    return QueueOut(ahead=queue.ahead, usual_seconds=queue.usual, steps=steps)


def _finding(group: FindingGroup) -> FindingOut:
    places = [PlaceOut(row=e.row, column=e.column, value=e.value, expected=e.text) for e in group.examples]
    return FindingOut(
        level=group.level, title=group.title, hint=group.hint, column=group.column, count=group.count, examples=places
    )


def _submission(work: Work, actor: Actor, submission_id: int, locale: str) -> SubmissionOut:
    page = pages.facts(work, actor, submission_id, locale)
    return SubmissionOut(
        id=page.id, number=page.number, challenge=page.slug, team=page.team, by=page.by, state=page.state,
        file_name=page.file_name, size=page.size, sha256=page.sha256, note=page.note, picked=page.picked,
        started_at=page.started_at, received_at=page.received_at, ended_at=page.ended_at,
        scores=[_score(locale, cell) for cell in page.scores if cell.value is not None],
        findings=[_finding(group) for group in page.groups],
        notes=list(page.notes),
        queue=_queue(page.queue, locale) if page.queue else None,
        fault=page.fault,
    )  # fmt: skip


@api.post(
    "/challenges/{slug}/submissions",
    status_code=201,
    dependencies=[act("submission.create")],
    response_model=SubmissionOut,
    openapi_extra=RAW_BODY,
    summary="Hand in a file in one request",
)
async def submit(
    request: Request,
    held: Held,
    actor: CurrentActor,
    slug: str,
    file_name: Annotated[str, Query(max_length=400, description="or by Content-Disposition")] = "",
    note: Annotated[str, Query(max_length=500)] = "",
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> Response:
    """The body is the file itself, or a form with the field ``file``. Repeat with the same ``Idempotency-Key`` after a lost
    answer: the file is handed in once.
    """
    locale = locale_of(request)
    body = await incoming.submit(
        request, held, actor, slug, file_name=file_name, note=note, key=idempotency_key,
        answer=lambda work, new: _just_received(work, actor, slug, new, locale),
    )  # fmt: skip
    headers = {"Location": f"/api/v1/submissions/{body.id}"}
    return JSONResponse(body.model_dump(mode="json"), 201, headers)


def _just_received(work: Work, actor: Actor, slug: str, new: Submission, locale: str) -> SubmissionOut:
    """What is known of a submission that has only come in; much cheaper to say than of one that has been scored."""
    if State(new.state) != State.RECEIVED:  # its key was used before
        return _submission(work, actor, new.id or 0, locale)
    entry = work.session.get_one(Entry, new.entry_id)
    return SubmissionOut(
        id=new.id or 0, number=new.number, challenge=slug, team=work.session.get_one(Team, entry.team_id).name,
        by=actor.name, state=new.state, file_name=new.file_name, size=new.size, sha256=new.sha256, note=new.note,
        picked=False, started_at=new.started_at, received_at=new.received_at, ended_at=None, scores=[],
        findings=[], notes=[], fault=None,
        queue=QueueOut(ahead=jobs.ahead(work.session, service.job_key(new)), usual_seconds=None),
    )  # fmt: skip


@api.get("/challenges/{slug}/submissions", dependencies=[act("submission.read")], summary="Your team's submissions")
def submissions(
    request: Request,
    work: ReadWork,
    actor: CurrentActor,
    slug: str,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ListOut:
    locale = locale_of(request)
    page = pages.own_list(work, actor, slug, locale, cursor=cursor, limit=limit)
    rows = [
        RowOut(
            id=row.id, number=row.number, state=row.state, file_name=row.file_name, size=row.size, by=row.by,
            note=row.note, phase=row.phase_key, received_at=row.received_at, scored_at=row.scored_at,
            picked=row.picked, errors=row.errors,
            scores=[_score(locale, cell) for cell in row.scores if cell.value is not None],
        )
        for row in page.rows
    ]  # fmt: skip
    return ListOut(team=page.team, submissions=rows, next=page.next_cursor)


@api.get("/submissions/{submission_id}", dependencies=[act("submission.read")], summary="One submission")
def submission(request: Request, work: ReadWork, actor: CurrentActor, submission_id: int) -> SubmissionOut:
    return _submission(work, actor, submission_id, locale_of(request))


@api.get(
    "/submissions/{submission_id}/file",
    dependencies=[act("submission.download")],
    response_class=FileResponse,
    summary="The file as it was handed in",
)
def file(work: ReadWork, actor: CurrentActor, submission_id: int) -> Response:
    return file_response(work, actor, submission_id)


@api.get(
    "/submissions/{submission_id}/findings.csv",
    dependencies=[act("submission.read")],
    response_class=FileResponse,
    summary="Every finding, as gzipped CSV",
)
def findings_csv(work: ReadWork, actor: CurrentActor, submission_id: int) -> Response:
    return findings_response(work, actor, submission_id)


@api.post("/submissions/{submission_id}/withdraw", dependencies=[act("submission.withdraw")], summary="Withdraw")
def withdraw(request: Request, work: WriteWork, actor: CurrentActor, submission_id: int) -> SubmissionOut:
    service.withdraw(work, actor, submission_id)
    return _submission(work, actor, submission_id, locale_of(request))


@api.put("/submissions/{submission_id}/picked", dependencies=[act("submission.pick")], summary="Choose for the final")
def pick(request: Request, work: WriteWork, actor: CurrentActor, submission_id: int, body: PickIn) -> SubmissionOut:
    service.pick(work, actor, submission_id, picked=body.picked)
    return _submission(work, actor, submission_id, locale_of(request))


@api.post(
    "/submissions/{submission_id}/rescore",
    status_code=202,
    dependencies=[act("submission.rescore")],
    summary="Score anew",
)
def rescore(request: Request, work: WriteWork, actor: CurrentActor, submission_id: int) -> SubmissionOut:
    service.rescore(work, actor, submission_id)
    return _submission(work, actor, submission_id, locale_of(request))


@api.post(
    "/challenges/{slug}/rescore", status_code=202, dependencies=[act("submission.rescore")], summary="Score all anew"
)
def rescore_all(work: WriteWork, actor: CurrentActor, slug: str) -> CountOut:
    return CountOut(count=service.rescore_all(work, actor, seasons.challenge_by_slug(work, actor, slug)))


@api.post(
    "/challenges/{slug}/check",
    dependencies=[act("submission.check")],
    response_model=CheckOut,
    responses={202: {"model": CheckOut, "description": "Still waiting: ask at Location"}},
    openapi_extra=RAW_BODY,
    summary="Check a file without handing it in",
)
async def check(
    request: Request,
    held: Held,
    actor: CurrentActor,
    slug: str,
    file_name: Annotated[str, Query(max_length=400)] = "",
) -> Response:
    """The same answer as a submission would get, at no cost. The file is not kept."""
    run = await incoming.check(request, held, actor, slug, file_name=file_name)
    found = await _wait(held, actor, run.token)
    body = _check(found, locale_of(request)).model_dump(mode="json")
    waiting = found.state == "waiting"
    headers = {"Location": f"/api/v1/checks/{run.token}"}
    return JSONResponse(body, 202 if waiting else 200, {**headers, "Retry-After": "2"} if waiting else headers)


async def _wait(held: Resources, actor: Actor, token: str) -> DryRun:
    def look() -> DryRun:
        with held.read() as work:
            return dry_runs.find(work, actor, token)

    deadline = time.monotonic() + CHECK_WAITS
    pause = 0.05
    while (run := await run_in_threadpool(look)).state == "waiting" and time.monotonic() < deadline:
        await asyncio.sleep(pause)
        pause = min(0.5, pause * 1.5)
    return run


def _check(run: DryRun, locale: str) -> CheckOut:
    return CheckOut(
        token=run.token,
        state=run.state,
        file_name=run.file_name,
        rows=run.rows,
        findings=[_finding(group) for group in findings.groups(locale, run.findings)],
        notes=list(findings.notes(locale, run.findings)),
    )


@api.get("/checks/{token}", dependencies=[act("submission.check")], summary="What a check found")
def checked(request: Request, work: ReadWork, actor: CurrentActor, token: str) -> CheckOut:
    return _check(dry_runs.find(work, actor, token), locale_of(request))


class WorkerOut(BaseModel):
    children: int
    seen_at: datetime
    alive: bool


class StatusOut(BaseModel):
    waiting: int
    working: int
    dead: int
    usual_seconds: float | None
    last_scored_at: datetime | None
    workers: list[WorkerOut]


@api.get("/status", dependencies=[act("status.read")], summary="How the service is")
def service_status(work: ReadWork) -> StatusOut:
    page = status.status(work)
    workers = [WorkerOut(children=w.children, seen_at=w.seen_at, alive=w.alive) for w in page.workers]
    return StatusOut(
        waiting=page.waiting, working=page.working, dead=page.dead, usual_seconds=page.usual,
        last_scored_at=page.last_scored_at, workers=workers,
    )  # fmt: skip


def file_response(work: Work, actor: Actor, submission_id: int) -> Response:
    """The file as it came, always as a download, never as something a browser would show or run."""
    found = service.submission_for(work, actor, submission_id, "submission.download")
    return download(work, found.storage_key, found.file_name, "application/octet-stream")


def findings_response(work: Work, actor: Actor, submission_id: int) -> Response:
    """Every finding; the cells are guarded against formulas where they are written."""
    found = service.submission_for(work, actor, submission_id, "submission.read")
    report = work.session.get(ScoreReport, submission_id)
    if report is None or report.findings_key is None:
        raise NotFound("submissions.no_findings", N_("This submission has no findings."))
    return download(work, report.findings_key, f"findings-{found.number}.csv.gz", GZIP)


def download(work: Work, key: str, name: str, kind: str) -> Response:
    """A stored file under a name for people."""
    path: Path = work.storage.path(key)
    headers = {"Content-Disposition": attachment(name), "Cache-Control": "private, no-cache"}
    return FileResponse(path, media_type=kind, headers=headers)
