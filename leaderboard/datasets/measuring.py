"""Files are opened, measured and shown in part by the locked-down child alone; who asked hears of it by a signal.

What a question is about is the asker's: a version of a card, or what is delivered in a deal.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from secrets import token_hex
from typing import Any, Final

from challenges.preview import COLUMNS, LARGEST, PREVIEW, ColumnsSeen, Preview
from challenges.quality_description import MEDIA
from challenges.report import Report
from leaderboard.core.jobs import Leased
from leaderboard.core.log import logger
from leaderboard.core.sandbox import ChildFailed, Outcome, Task
from leaderboard.core.work import Work
from leaderboard.datasets import evidence
from leaderboard.datasets.signals import FileMeasured
from leaderboard.submissions.recording import BROKEN_LIMITS, copied, keep_quality, refusal_by_limits

MEASURE_JOB: Final = "measure"

log = logger("measuring")
_SUFFIX: Final[Mapping[str, str]] = {media: suffix for suffix, media in MEDIA.items()}


def enqueue(
    work: Work,
    *,
    subject: str,
    storage_key: str,
    media_type: str,
    description: Sequence[Mapping[str, Any]] = (),
    report: bool = True,
    preview: bool = False,
    weight: int = 0,
) -> str:
    """Has a stored file measured in the sandbox; it ends in one `FileMeasured` about ``subject``. Gives the name of the request.

    media_type   one of `challenges.quality_description.MEDIA`; anything else is opened as a table of commas
    description  of the file's columns, each with ``name`` and ``role`` (see `columns.Column`; further keys are not looked at): the
                 parts that they play, where the file does not say so itself
    report       whether the quality report is made; without it the file is only opened, and its columns are told
    preview      whether some records are drawn
    weight       bytes

    The same question once more, while it waits, is one question. The file must stay until it is answered.
    """
    roles = {one["role"]: one["name"] for one in description if one["role"]}
    asked = {
        "subject": subject, "storage_key": storage_key, "file_name": f"data.{_SUFFIX.get(media_type, 'csv')}",
        "roles": roles, "report": report, "preview": preview,
    }  # fmt: skip
    request = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:32]
    work.enqueue(
        MEASURE_JOB,
        job_key(request),
        lane=subject,
        payload={**asked, "request": request},
        weight=weight,
    )
    return request


def job_key(request: str) -> str:
    """The one job of a question."""
    return f"{MEASURE_JOB}:{request}"


def topic_of(subject: str) -> str:
    """What open pages about a subject listen to."""
    return f"{MEASURE_JOB}:{subject}"


class MeasureJob:
    """The sandbox job of a question: see `leaderboard.core.sandbox.SandboxJob`."""

    def stage(self, work: Work, job: Leased) -> Task | None:
        try:
            file = work.storage.path(job.payload["storage_key"])
        except FileNotFoundError:  # replaced or removed since it was asked
            log.info("a file to be measured is gone", subject=job.payload["subject"])
            _tell(work, job, outcome="failed")
            return None
        argument = {name: job.payload[name] for name in ("file_name", "roles", "report", "preview")}
        return Task("measure", {"data": file}, argument, topic_of(job.payload["subject"]))

    def record(self, work: Work, job: Leased, outcome: Outcome) -> None:
        """Raises ValueError for anything but what the child was asked for."""
        report = Report.parse(outcome.report)
        findings = _as_json(report)
        if report.outcome == "refused":
            _tell(work, job, outcome="refused", rows=report.rows, findings=findings)
            return
        if report.outcome != "accepted":
            raise ValueError(f"a report of outcome {report.outcome} to a request to measure")
        with copied(outcome.folder, COLUMNS, most=LARGEST) as copy:
            if copy is None:
                raise ValueError("no columns")
            seen = ColumnsSeen.parse(copy.read_bytes())
        name = token_hex(6)
        kept = keep_quality(work, outcome.folder, f"measured-{name}") if job.payload["report"] else None
        if job.payload["report"] and kept is None:
            raise ValueError("no quality report")
        _tell(
            work, job, outcome="measured", rows=report.rows, findings=findings,
            quality_key=kept[0] if kept else None,
            preview_key=_keep_preview(work, outcome, name) if job.payload["preview"] else None,
            columns=tuple(column.model_dump() for column in seen.columns),
        )  # fmt: skip

    def failed(self, work: Work, job: Leased, error: ChildFailed, *, dead: bool) -> bool:
        if error.reason in {"time", "memory"} and job.attempt >= BROKEN_LIMITS:
            _tell(work, job, outcome="refused", findings=_as_json(refusal_by_limits(work, error.reason)))
            return True
        if dead:
            log.error("a file could not be measured", subject=job.payload["subject"], reason=error.reason)
            _tell(work, job, outcome="failed")
        return dead


def _keep_preview(work: Work, outcome: Outcome, name: str) -> str:
    with copied(outcome.folder, PREVIEW, most=LARGEST) as copy:
        if copy is None:
            raise ValueError("no preview")
        return evidence.keep_preview(work, Preview.parse(copy.read_bytes()), f"measured-{name}")


def _tell(work: Work, job: Leased, **found: Any) -> None:
    work.emit(FileMeasured(subject=job.payload["subject"], request=job.payload["request"], **found))
    work.announce(topic_of(job.payload["subject"]))


def _as_json(report: Report) -> tuple[dict[str, Any], ...]:
    return tuple(finding.model_dump(mode="json", exclude_none=True) for finding in report.findings)
