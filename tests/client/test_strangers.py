"""Servers that are hostile, or no Jiebang at all."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from leaderboard.client import Client, ClientError


class Stranger(ThreadingHTTPServer):
    """Answers what it is told to: path → (status, type, body)."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, str, bytes]] = {}
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def says(self, path: str, body: object, *, status: int = 200, kind: str = "application/json") -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers[path] = (status, kind, data)

    def offers(self, name: str, data: bytes = b"owned") -> None:
        file = {"path": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest(), "url": "/data"}
        self.says("/api/v1/challenges/x/files", {"files": [file]})
        self.says("/data", data, kind="text/csv")


class _Handler(BaseHTTPRequestHandler):
    server: Stranger

    def do_GET(self) -> None:
        status, kind, body = self.server.answers.get(self.path.partition("?")[0], (404, "text/plain", b"no"))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    server = Stranger()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    "name", ["../../evil.csv", "/tmp/evil.csv", "a/../../evil.csv", ".", "", "..", "a/..", "link/evil.csv", "a\0b"]
)
def test_no_server_writes_outside_the_folder(stranger, tmp_path, name):
    folder = tmp_path / "deep" / "data"
    folder.mkdir(parents=True)
    (folder / "link").symlink_to(tmp_path)
    stranger.offers(name)
    with Client(stranger.url) as client, pytest.raises(ClientError) as refused:
        client.download("x", folder)
    assert refused.value.id == "client.path"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_wrong_digest_is_refused(stranger, tmp_path):
    stranger.offers("train.csv", b"promised")
    stranger.says("/data", b"deliverd", kind="text/csv")
    with Client(stranger.url, language="zh") as client, pytest.raises(ClientError) as refused:
        client.download("x", tmp_path)
    assert refused.value.id == "client.digest"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("body", "status"), [(b"<html>hello</html>", 200), ([1, 2], 200), ({"other": 1}, 200), (b"", 204), (b"moved", 301)]
)
def test_what_is_no_jiebang_is_said_in_words(stranger, body, status):
    stranger.says("/api/v1/challenges", body, status=status)
    with Client(stranger.url) as client, pytest.raises(ClientError) as refused:
        client.challenges()
    assert refused.value.id == "client.not_jiebang"
    assert stranger.url in str(refused.value)


def test_problem_details_come_through(stranger):
    problem = {"id": "submissions.quota", "detail": "Come back tomorrow.", "fields": [{"field": "a", "detail": "b"}]}
    stranger.says("/api/v1/me", problem, status=429, kind="application/problem+json")
    with Client(stranger.url) as client, pytest.raises(ClientError) as refused:
        client.me()
    error = refused.value
    assert (error.status, error.id, str(error), error.fields) == (
        429,
        "submissions.quota",
        "Come back tomorrow.",
        [{"field": "a", "detail": "b"}],
    )


def test_a_refusal_that_is_no_json_still_has_a_status(stranger):
    stranger.says("/api/v1/me", b"nginx", status=403)
    with Client(stranger.url) as client, pytest.raises(ClientError) as refused:
        client.me()
    assert (refused.value.status, str(refused.value)) == (403, "HTTP 403")


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://x", "http://", "nonsense", ""])
def test_an_address_that_is_none_is_refused_at_once(address):
    with pytest.raises(ValueError, match="no address"):
        Client(address)
