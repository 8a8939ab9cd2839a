"""The Python client of a Jiebang server: typed, with retries that cannot submit twice.

with Client("https://jiebang.example", token="jb_…") as client:
for challenge in client.challenges():
print(challenge.slug, challenge.closes_at)
submission = client.submit("flight-delays", Path("predictions.csv"))
print(client.wait(submission.id).score)
"""

import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import quote
from uuid import uuid4

import httpx
from pydantic import BaseModel, ConfigDict, Field

from leaderboard import __version__

BLOCK: Final = 1 << 20
CHUNK: Final = 8 << 20
RESUMABLE_FROM: Final = 16 << 20
"""Files from this size go in resumable chunks; smaller ones in one request."""
TRIES: Final = 6
TRANSIENT: Final = frozenset({502, 503, 504})
PENDING: Final = frozenset({"received", "checking", "queued", "scoring"})

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Called with (bytes done, bytes in all)."""


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


class Queue(_Answer):
    ahead: int | None = None
    usual_seconds: float | None = None


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


class Client:
    """One server, one token. Not for several threads at once. Every verb raises ClientError and Unreachable."""

    def __init__(
        self, url: str, *, token: str | None = None, language: str = "en", transport: httpx.BaseTransport | None = None
    ) -> None:
        headers = {"User-Agent": f"jiebang/{__version__}", "Accept-Language": language}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._http = httpx.Client(
            base_url=url.rstrip("/"), headers=headers, timeout=httpx.Timeout(60, connect=10), transport=transport
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    # Who

    def login(
        self, email: str, password: str, *, name: str = "jiebang login", scopes: tuple[str, ...] = ("read", "submit")
    ) -> str:
        """A new token for the holder of the password; the client uses it from now on."""
        asked = {"email": email, "password": password, "name": name, "scopes": list(scopes)}
        token = str(self._send("POST", "/api/v1/tokens", json=asked, again=False).json()["token"])
        self._http.headers["Authorization"] = f"Bearer {token}"
        return token

    def logout(self) -> None:
        """Revokes the token in use."""
        self._send("DELETE", "/api/v1/tokens/current")
        del self._http.headers["Authorization"]

    def me(self) -> dict[str, Any]:
        """Who the token belongs to."""
        return dict(self._send("GET", "/api/v1/me").json())

    # What

    def challenges(self, *, state: str = "", words: str = "") -> list[Challenge]:
        """All posted challenges, closing soonest first."""
        found: list[Challenge] = []
        page, pages = 1, 1
        while page <= pages:
            body = self._send("GET", "/api/v1/challenges", params={"page": page, "state": state, "q": words}).json()
            found += [Challenge.model_validate(one) for one in body["challenges"]]
            page, pages = page + 1, int(body["pages"])
        return found

    def challenge(self, slug: str) -> dict[str, Any]:
        """Everything public about one challenge: phases, quotas, definition, brief."""
        return dict(self._send("GET", f"/api/v1/challenges/{quote(slug)}").json())

    def files(self, slug: str) -> list[File]:
        """The public files with sizes and digests."""
        body = self._send("GET", f"/api/v1/challenges/{quote(slug)}/files").json()
        return [File.model_validate(one) for one in body["files"]]

    def download(self, slug: str, folder: Path, *, progress: Progress | None = None) -> list[Path]:
        """Downloads the public files below ``folder``; those that are there with the right digest are kept.

        A download that broke off goes on where it stopped. Raises ClientError when a digest is wrong in the end.
        """
        files = self.files(slug)
        total, done, paths = sum(file.bytes for file in files), 0, []
        for file in files:
            path = _inside(folder, file.path)
            if not (path.is_file() and path.stat().st_size == file.bytes and _digest(path) == file.sha256):
                self._fetch(file, path)
            done += file.bytes
            paths.append(path)
            if progress:
                progress(done, total)
        return paths

    def _fetch(self, file: File, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")

        def once() -> None:
            have = partial.stat().st_size if partial.exists() else 0
            headers = {"Range": f"bytes={have}-"} if 0 < have < file.bytes else {}
            with self._http.stream("GET", file.url, headers=headers) as answer:
                if answer.is_error:
                    answer.read()
                    raise _refusal(answer)
                with partial.open("ab" if answer.status_code == 206 else "wb") as out:
                    for block in answer.iter_bytes(BLOCK):
                        out.write(block)

        self._patiently(once)
        if _digest(partial) != file.sha256:
            partial.unlink()
            raise ClientError(0, {"id": "client.digest", "detail": f"{file.path} arrived damaged; download it again"})
        partial.rename(path)

    # Taking part

    def enter(
        self, slug: str, *, team: str | None = None, team_id: int | None = None, accept_rules: bool = True
    ) -> dict[str, Any]:
        """Enters alone, with a team that you lead, or with a new team; accepts the rules."""
        asked = {"team_name": team, "team_id": team_id, "accept_rules": accept_rules}
        body = {key: value for key, value in asked.items() if value is not None}
        return dict(self._send("POST", f"/api/v1/challenges/{quote(slug)}/entry", json=body, again=False).json())

    def check(self, slug: str, path: Path, *, progress: Progress | None = None) -> Check:
        """Looks at a file as a submission would be looked at, without submitting it."""
        answer = self._send_file("POST", f"/api/v1/challenges/{quote(slug)}/check", path, {}, progress)
        found = Check.model_validate(answer.json())
        while found.state == "waiting":
            time.sleep(1)
            found = Check.model_validate(self._send("GET", f"/api/v1/checks/{found.token}").json())
        return found

    def submit(
        self, slug: str, path: Path, *, note: str = "", key: str | None = None, progress: Progress | None = None
    ) -> Submission:
        """Hands in a file. However often the line drops, and also when the answer is lost, it is handed in once.

        ``key`` names the deed: a second call with the same key gives back the same submission.
        """
        if path.stat().st_size >= RESUMABLE_FROM and not note and key is None:
            return self._submit_in_chunks(slug, path, progress)
        headers = {"Idempotency-Key": key or str(uuid4())}
        target = f"/api/v1/challenges/{quote(slug)}/submissions?{httpx.QueryParams(note=note)}"
        return Submission.model_validate(self._send_file("POST", target, path, headers, progress).json())

    def _submit_in_chunks(self, slug: str, path: Path, progress: Progress | None) -> Submission:
        size = path.stat().st_size
        words = {"filename": path.name, "challenge": slug}
        metadata = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in words.items())
        tus = {"Tus-Resumable": "1.0.0"}
        begun = self._send(
            "POST",
            "/api/v1/uploads",
            headers={**tus, "Upload-Length": str(size), "Upload-Metadata": metadata},
            again=False,
        )
        place = begun.headers["Location"]
        with path.open("rb") as file:

            def next_chunk() -> str | None:
                at = self._http.head(place, headers=tus)
                if at.is_error:
                    raise _refusal(at)
                offset = int(at.headers["Upload-Offset"])
                if progress:
                    progress(offset, size)
                if "Jiebang-Submission" in at.headers:
                    return str(at.headers["Jiebang-Submission"])
                file.seek(offset)
                chunk = file.read(CHUNK)
                proof = b64encode(sha256(chunk).digest()).decode()
                headers = {
                    **tus,
                    "Upload-Offset": str(offset),
                    "Content-Type": "application/offset+octet-stream",
                    "Upload-Checksum": f"sha256 {proof}",
                }
                sent = self._http.patch(place, content=chunk, headers=headers)
                if sent.is_error:
                    raise _refusal(sent)
                made_of: str | None = sent.headers.get("Jiebang-Submission")
                return made_of

            made: str | None = None
            while made is None:
                made = self._patiently(next_chunk)
        if progress:
            progress(size, size)
        return self.submission(int(made.rpartition("/")[2]))

    def submission(self, submission_id: int) -> Submission:
        return Submission.model_validate(self._send("GET", f"/api/v1/submissions/{submission_id}").json())

    def submissions(self, slug: str) -> Iterator[Submission]:
        """Your team's submissions, newest first."""
        cursor: str | None = ""
        while cursor is not None:
            params = {"cursor": cursor} if cursor else {}
            body = self._send("GET", f"/api/v1/challenges/{quote(slug)}/submissions", params=params).json()
            for row in body["submissions"]:
                yield Submission.model_validate(row)
            cursor = body["next"]

    def wait(
        self, submission_id: int, *, seconds: float = 600, told: Callable[[Submission], None] | None = None
    ) -> Submission:
        """The submission once it has ended. Raises TookTooLong."""
        deadline, pause = time.monotonic() + seconds, 0.2
        while True:
            found = self.submission(submission_id)
            if told:
                told(found)
            if not found.pending:
                return found
            if time.monotonic() > deadline:
                raise TookTooLong(found)
            time.sleep(pause)
            pause = min(2.0, pause * 1.3)

    def board(self, slug: str, *, phase: str | None = None, page: int = 1) -> Board:
        """One page of a board."""
        params: dict[str, str | int] = {"page": page} | ({"phase": phase} if phase else {})
        return Board.model_validate(self._send("GET", f"/api/v1/challenges/{quote(slug)}/board", params=params).json())

    # Sending

    def _send(self, method: str, path: str, *, again: bool = True, **options: Any) -> httpx.Response:
        """``again`` False: a lost answer is not asked for twice (the deed has no key that would make that safe)."""

        def once() -> httpx.Response:
            answer = self._http.request(method, path, **options)
            if answer.is_error:
                raise _refusal(answer)
            return answer

        return self._patiently(once, safe=again)

    def _send_file(
        self, method: str, path: str, file: Path, headers: Mapping[str, str], progress: Progress | None
    ) -> httpx.Response:
        size = file.stat().st_size
        joined = "&" if "?" in path else "?"
        target = f"{path}{joined}{httpx.QueryParams(file_name=file.name)}"
        sent = {**headers, "Content-Length": str(size), "Content-Type": "application/octet-stream"}

        def once() -> httpx.Response:
            answer = self._http.request(method, target, content=_blocks(file, size, progress), headers=sent)
            if answer.is_error:
                raise _refusal(answer)
            return answer

        return self._patiently(once)

    @staticmethod
    def _patiently(act: Callable[[], T], *, safe: bool = True) -> T:
        """Tries again, later each time, after lost connections and 502-504; never after an answer that says no."""
        pause = 0.3
        for left in reversed(range(TRIES)):
            try:
                return act()
            except httpx.TransportError as error:
                begun = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                if not left or (begun and not safe):
                    raise Unreachable(str(error) or type(error).__name__) from error
            except ClientError as error:
                if not left or not safe or error.status not in TRANSIENT:
                    raise
            time.sleep(pause)
            pause *= 2
        raise AssertionError("unreachable")


def _refusal(answer: httpx.Response) -> ClientError:
    try:
        body = answer.json()
    except ValueError:
        body = {}
    return ClientError(answer.status_code, body if isinstance(body, dict) else {})


def _blocks(path: Path, size: int, progress: Progress | None) -> Iterator[bytes]:
    sent = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block
            sent += len(block)
            if progress:
                progress(sent, size)


def _digest(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _inside(folder: Path, name: str) -> Path:
    """A server's file name below ``folder``, whatever the server says. Raises ClientError for one that leads out."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()) or path == folder.resolve():
        raise ClientError(0, {"id": "client.path", "detail": f"the server named a file outside the folder: {name!r}"})
    return path
