"""One server and one token: the verbs, and how they survive a bad line."""

import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self, TypeVar
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx
from pydantic import BaseModel, ValidationError

from leaderboard import __version__
from leaderboard.client.answers import (
    Board,
    Challenge,
    ChallengeList,
    Check,
    ClientError,
    File,
    FileList,
    Submission,
    SubmissionList,
    TookTooLong,
    Unreachable,
)
from leaderboard.core.i18n import N_, translate

BLOCK: Final = 1 << 20
CHUNK: Final = 8 << 20
RESUMABLE_FROM: Final = 16 << 20
"""Files from this size go in resumable chunks; smaller ones in one request."""
TRIES: Final = 6
TRANSIENT: Final = frozenset({502, 503, 504, 460})
"""Statuses that are worth another try: the server is away, or (460, of tus) a chunk arrived damaged."""
TUS: Final = {"Tus-Resumable": "1.0.0"}

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)
Progress = Callable[[int, int], None]
"""Called with (bytes done, bytes in all)."""


class Client:
    """One server, one token. Not for several threads at once. Raises ValueError for an address that is none.

    Every verb raises ClientError (also for answers that no Jiebang server gives) and Unreachable.
    """

    def __init__(
        self, url: str, *, token: str | None = None, language: str = "en", transport: httpx.BaseTransport | None = None
    ) -> None:
        headers = {"User-Agent": f"jiebang/{__version__}", "Accept-Language": language}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError(f"{url!r} is no address of a server; one looks like https://jiebang.example")
        self._language = "zh" if language.lower().startswith("zh") else "en"
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
        token = str(self._asked("POST", "/api/v1/tokens", json=asked, again=False)["token"])
        self._http.headers["Authorization"] = f"Bearer {token}"
        return token

    def logout(self) -> None:
        """Revokes the token in use."""
        self._send("DELETE", "/api/v1/tokens/current")
        del self._http.headers["Authorization"]

    def me(self) -> dict[str, Any]:
        """Who the token belongs to."""
        return self._asked("GET", "/api/v1/me")

    # What

    def challenges(self, *, state: str = "", words: str = "") -> list[Challenge]:
        """All posted challenges, closing soonest first."""
        found: list[Challenge] = []
        page, pages = 1, 1
        while page <= pages:
            body = self._asked("GET", "/api/v1/challenges", params={"page": page, "state": state, "q": words})
            listed = self._read(ChallengeList, body)
            found += listed.challenges
            page, pages = page + 1, listed.pages
        return found

    def challenge(self, slug: str) -> dict[str, Any]:
        """Everything public about one challenge: phases, quotas, definition, brief."""
        return self._asked("GET", f"/api/v1/challenges/{quote(slug)}")

    def files(self, slug: str) -> list[File]:
        """The public files with sizes and digests."""
        return list(self._read(FileList, self._asked("GET", f"/api/v1/challenges/{quote(slug)}/files")).files)

    def download(self, slug: str, folder: Path, *, progress: Progress | None = None) -> list[Path]:
        """Downloads the public files below ``folder``; those that are there with the right digest are kept.

        A download that broke off goes on where it stopped. Raises ClientError when a digest is wrong in the end.
        """
        files = self.files(slug)
        total, done, paths = sum(file.bytes for file in files), 0, []
        for file in files:
            path = self._inside(folder, file.path)
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
            raise self._fault("client.digest", N_("{file} arrived damaged. Download it again."), file=file.path)
        partial.rename(path)

    # Taking part

    def enter(
        self, slug: str, *, team: str | None = None, team_id: int | None = None, accept_rules: bool = True
    ) -> dict[str, Any]:
        """Enters alone, with a team that you lead, or with a new team; accepts the rules."""
        asked = {"team_name": team, "team_id": team_id, "accept_rules": accept_rules}
        body = {key: value for key, value in asked.items() if value is not None}
        return self._asked("POST", f"/api/v1/challenges/{quote(slug)}/entry", json=body, again=False)

    def check(self, slug: str, path: Path, *, progress: Progress | None = None) -> Check:
        """Looks at a file as a submission would be looked at, without submitting it."""
        answer = self._send_file("POST", f"/api/v1/challenges/{quote(slug)}/check", path, {}, progress)
        found = self._read(Check, self._body(answer))
        while found.state == "waiting":
            time.sleep(1)
            found = self._read(Check, self._asked("GET", f"/api/v1/checks/{quote(found.token)}"))
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
        return self._read(Submission, self._body(self._send_file("POST", target, path, headers, progress)))

    def _submit_in_chunks(self, slug: str, path: Path, progress: Progress | None) -> Submission:
        size = path.stat().st_size
        words = {"filename": path.name, "challenge": slug}
        metadata = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in words.items())
        begun = self._send(
            "POST",
            "/api/v1/uploads",
            headers={**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata},
            again=False,
        )
        place = begun.headers.get("Location")
        if place is None:
            raise self._stranger()
        made: str | None = None
        with path.open("rb") as file:
            while made is None:
                made = self._patiently(lambda: self._next_chunk(place, file, size, progress))
        if progress:
            progress(size, size)
        return self.submission(int(made.rpartition("/")[2]))

    def _next_chunk(self, place: str, file: BinaryIO, size: int, progress: Progress | None) -> str | None:
        """Asks how far the server is and sends what follows; the submission's address once it is complete."""
        at = self._http.head(place, headers=TUS)
        if at.is_error:
            raise _refusal(at)
        made: str | None = at.headers.get("Jiebang-Submission")
        offset = int(at.headers.get("Upload-Offset", -1))
        if made is not None:
            return made
        if not 0 <= offset < size:
            raise self._stranger()
        if progress:
            progress(offset, size)
        file.seek(offset)
        chunk = file.read(CHUNK)
        headers = {
            **TUS,
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
            "Upload-Checksum": f"sha256 {b64encode(sha256(chunk).digest()).decode()}",
        }
        sent = self._http.patch(place, content=chunk, headers=headers)
        if sent.is_error:
            raise _refusal(sent)
        return str(sent.headers["Jiebang-Submission"]) if "Jiebang-Submission" in sent.headers else None

    def submission(self, submission_id: int) -> Submission:
        return self._read(Submission, self._asked("GET", f"/api/v1/submissions/{submission_id}"))

    def submissions(self, slug: str) -> Iterator[Submission]:
        """Your team's submissions, newest first."""
        cursor: str | None = ""
        while cursor is not None:
            params = {"cursor": cursor} if cursor else {}
            body = self._asked("GET", f"/api/v1/challenges/{quote(slug)}/submissions", params=params)
            listed = self._read(SubmissionList, body)
            yield from listed.submissions
            cursor = listed.next

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
        return self._read(Board, self._asked("GET", f"/api/v1/challenges/{quote(slug)}/board", params=params))

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

    # Reading what came

    def _asked(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        return self._body(self._send(method, path, **options))

    def _body(self, answer: httpx.Response) -> dict[str, Any]:
        """The JSON object in an answer; what anything else on this address might say is refused."""
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not answer.is_success or not isinstance(body, dict):
            raise self._stranger()
        return body

    def _read(self, model: type[M], body: Mapping[str, Any]) -> M:
        try:
            return model.model_validate(body)
        except ValidationError as error:
            raise self._stranger() from error

    def _stranger(self) -> ClientError:
        return self._fault(
            "client.not_jiebang",
            N_("{server} does not answer like a Jiebang server of this version. Check the address."),
            server=str(self._http.base_url),
        )

    def _fault(self, id: str, message: str, **params: Any) -> ClientError:
        return ClientError(0, {"id": id, "detail": translate(self._language, message, **params)})

    def _inside(self, folder: Path, name: str) -> Path:
        """A server's file name below ``folder``, whatever the server says. Raises ClientError for one that leads out."""
        root = folder.resolve()
        path = root if "\0" in name else (folder / name).resolve()
        if not path.is_relative_to(root) or path == root:
            raise self._fault("client.path", N_("The server named a file outside the folder: {name}"), name=repr(name))
        return path


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
