"""What a server answers, as typed objects, and what goes wrong. Keys that are not known here are left aside."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

PENDING: Final = frozenset({"received", "checking", "queued", "scoring"})


class ClientError(Exception):
    """The server said no. ``id`` is stable; ``detail`` is in the asked language; ``findings`` and ``fields`` say where."""

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        self.status = status
        self.id = str(body.get("id", ""))
        self.detail = str(body.get("detail") or body.get("title") or f"HTTP {status}")
        self.fields: list[dict[str, Any]] = list(body.get("fields", ()))
        self.findings: list[dict[str, Any]] = list(body.get("findings", ()))
        super().__init__(self.detail)


class Unreachable(Exception):
    """No answer came, after all tries."""


class TookTooLong(Exception):
    """Waiting ended before the score came; ``submission`` is how it stood."""

    def __init__(self, submission: "Submission") -> None:
        super().__init__(f"submission {submission.id} is still {submission.state}")
        self.submission = submission


class _Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Text(_Answer):
    en: str
    zh: str


class Challenge(_Answer):
    """A challenge in the list."""

    slug: str
    title: Text
    summary: Text
    status: str
    phase: str | None = None
    opens_at: datetime | None = None
    closes_at: datetime | None = None
    sector: str = ""
    task: str = ""


class Score(_Answer):
    key: str
    task: str = ""
    title: str = ""
    direction: str = "max"
    digits: int = 5
    value: float | None = None
    low: float | None = None
    high: float | None = None
    best: float | None = None
    leader: float | None = None


class Place(_Answer):
    row: int | None = None
    column: str | None = None
    value: str | None = None
    expected: str = ""


class Finding(_Answer):
    """One kind of fault in one column."""

    level: str
    title: str
    hint: str = ""
    column: str | None = None
    count: int = 1
    examples: tuple[Place, ...] = ()


class Step(_Answer):
    """A part of the work; ``seconds`` None: under way."""

    title: str
    seconds: float | None = None


class Queue(_Answer):
    """What a submission waits for; ``steps``: how far the work is, where it takes long enough to be told."""

    ahead: int | None = None
    usual_seconds: float | None = None
    steps: tuple[Step, ...] = ()


class Submission(_Answer):
    """A submission; ``scores`` and ``findings`` are empty in lists until it has ended."""

    id: int
    number: int
    state: str
    file_name: str
    size: int
    picked: bool = False
    note: str = ""
    received_at: datetime
    scores: tuple[Score, ...] = ()
    findings: tuple[Finding, ...] = ()
    queue: Queue | None = None
    fault: str | None = None

    @property
    def pending(self) -> bool:
        return self.state in PENDING

    @property
    def score(self) -> float | None:
        """The public score that ranks."""
        return self.scores[0].value if self.scores else None


class Check(_Answer):
    """What a dry run found; ``state``: accepted, refused or failed."""

    token: str
    state: str
    rows: int | None = None
    findings: tuple[Finding, ...] = ()


class File(_Answer):
    path: str
    role: str = ""
    bytes: int
    sha256: str
    url: str


class Row(_Answer):
    """A team on a board."""

    place: int | None
    best_place: int | None = None
    worst_place: int | None = None
    team: str
    baseline: bool = False
    score: float
    low: float
    high: float
    scores: dict[str, float] = Field(default_factory=dict)
    submissions: int | None = None


class Board(_Answer):
    challenge: str
    phase: str | None
    score: str
    direction: str
    digits: int
    teams: int
    next: str | None = None
    rows: tuple[Row, ...]


class ChallengeList(_Answer):
    challenges: tuple[Challenge, ...]
    pages: int


class FileList(_Answer):
    files: tuple[File, ...]


class SubmissionList(_Answer):
    submissions: tuple[Submission, ...]
    next: str | None = None
