"""The edge of HTTP: forged requests, bodies, probes, metrics, errors as pages and as problem details."""

import json
import socket
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from leaderboard.core.errors import TooLarge
from leaderboard.core.web import BodyLimit, _forged

on_sqlite = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
OURS = {b"host": "jiebang.example"}
COOKIE = {b"cookie": "x=1; jiebang_session=abc"}


@pytest.mark.parametrize(
    ("headers", "forged"),
    [
        ({b"sec-fetch-site": "same-origin"}, False),
        ({b"sec-fetch-site": "none"}, False),
        ({b"sec-fetch-site": "cross-site"}, True),
        ({b"sec-fetch-site": "same-site"}, True),
        ({b"sec-fetch-site": "cross-site", b"origin": "https://jiebang.example"}, True),
        ({b"sec-fetch-site": "same-origin", b"origin": "https://evil.example"}, False),  # the browser itself says so
        ({b"origin": "https://jiebang.example"}, False),
        ({b"origin": "http://jiebang.example"}, True),
        ({b"origin": "https://jiebang.example:8443"}, True),
        ({b"origin": "https://evil.example"}, True),
        ({b"origin": "null"}, True),
        ({}, False),
        (COOKIE, True),
        ({**COOKIE, b"origin": "https://jiebang.example"}, False),
        ({b"cookie": "other=1"}, False),
    ],
)
def test_which_requests_are_forged(headers, forged):
    assert _forged({**OURS, **headers}, "https") is forged


@on_sqlite
def test_a_forged_form_is_refused_and_reading_is_not(server):
    with server.client() as client:
        forged = {"Sec-Fetch-Site": "cross-site"}
        refused = client.post("/en/sign-in", data={"email": "a"}, headers=forged)
        assert refused.status_code == 403
        assert "another site" in refused.text
        problem = client.post("/api/v1/tokens", json={}, headers=forged)
        assert (problem.status_code, problem.json()["id"]) == (403, "web.cross_site")
        assert client.get("/en/sign-in", headers=forged).status_code == 200


# Bodies


@pytest.fixture
def small():
    """An application that reads its body, behind a limit of 100 bytes; /files reads for itself."""

    async def read(request: Request) -> PlainTextResponse:
        if "jiebang.error" in request.scope:
            raise request.scope["jiebang.error"]
        return PlainTextResponse(str(len(await request.body())))

    async def refuse(_request: Request, error: Exception) -> PlainTextResponse:
        return PlainTextResponse("too large", error.status)  # type: ignore[attr-defined]

    app = Starlette(
        routes=[Route("/form", read, methods=["GET", "POST"]), Route("/files", read, methods=["POST"])],
        exception_handlers={TooLarge: refuse},
    )
    app.add_middleware(BodyLimit, streamed=("/files",), limit=100)
    return TestClient(app)


def pieces(total, size=30):
    for start in range(0, total, size):
        yield b"x" * min(size, total - start)


@pytest.mark.parametrize(("total", "status"), [(0, 200), (100, 200), (101, 413), (5000, 413)])
def test_a_body_is_limited_with_and_without_its_length(small, total, status):
    assert small.post("/form", content=b"x" * total).status_code == status
    assert small.post("/form", content=pieces(total)).status_code == status  # chunked
    assert small.post("/files", content=b"x" * total).status_code == 200


@pytest.mark.parametrize("length", ["-5", "nonsense", "1e3", "999999999999"])
def test_a_length_that_is_none_is_refused(small, length):
    assert small.post("/form", content=b"x", headers={"Content-Length": length}).status_code == 413


@on_sqlite
def test_the_server_stops_reading_an_endless_form(server):
    with server.client() as client:
        for kind in ("application/x-www-form-urlencoded", "application/json"):
            address = "/api/v1/tokens" if kind.endswith("json") else "/en/sign-in"
            answer = client.post(address, content=pieces(3 << 20, 1 << 16), headers={"Content-Type": kind})
            assert answer.status_code == 413, address
            assert "1 MB" in answer.text


# Probes and metrics


@on_sqlite
def test_probes_of_a_sound_server(server):
    with server.client() as client:
        assert client.get("/healthz").text == "ok\n"
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"ready": True, "faults": {}})


@on_sqlite
def test_a_broken_database_is_not_ready_and_says_nothing_else(server):
    path = Path(server.resources.database.address.removeprefix("sqlite:///"))
    ruin = path.with_name("ruin")
    ruin.write_bytes(b"this was a database once" * 1000)
    ruin.replace(path)  # another file of the same name: writing into one that is mapped would end the process
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    server.resources.database.dispose()
    with server.client() as client:
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["faults"] == {"database": "does not answer"}
        assert "sqlite" not in answer.text.lower()
        assert client.get("/healthz").status_code == 200
        page = client.get("/en/challenges")  # an error page needs no database
        assert page.status_code == 500
        assert "<h1" in page.text
        assert "sqlite" not in page.text.lower()
        assert page.headers["content-security-policy"]
    with server.client() as client:  # a server closes the connection on which it stumbled
        problem = client.get("/api/v1/challenges")
        assert problem.status_code == 500
        assert problem.json()["id"] == "web.fault"
        assert problem.json()["request"]


@on_sqlite
def test_metrics_answer_this_machine_only(server):
    with server.client() as client:
        client.get("/en/sign-in")
        client.get("/no/such/page")
        numbers = client.get("/metrics")
        assert numbers.status_code == 200
        assert 'jiebang_http_requests_total{method="GET",route="/{locale}/sign-in",status="200"}' in numbers.text
        assert "/no/such/page" not in numbers.text  # addresses are endless, routes are not
        assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403


@on_sqlite
@pytest.mark.parametrize(
    ("token", "header", "status"),
    [
        ("s3cret", "Bearer s3cret", 200),
        ("s3cret", "Bearer other", 403),
        ("s3cret", "s3cret", 403),
        ("s3cret", None, 403),
        ("", None, 200),  # an empty setting is none: this machine may ask, and nobody gains a token
    ],
)
def test_metrics_with_a_token(server, token, header, status):
    server.resources.settings.metrics_token = SecretStr(token)
    with server.client() as client:
        headers = {"Authorization": header} if header else {}
        assert client.get("/metrics", headers=headers).status_code == status
        if not token:
            assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 403


# Errors


@on_sqlite
@pytest.mark.parametrize(("language", "chinese"), [("en", False), ("zh-CN", True)])
def test_problem_details_speak_the_asked_language(server, language, chinese):
    with server.client() as client:
        answer = client.get("/api/v1/challenges/nosuch", headers={"Accept-Language": language})
    body = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["type"] == f"urn:jiebang:{body['id']}"
    assert (body["status"], body["title"]) == (404, "Not Found")
    assert (not body["detail"].isascii()) is chinese
    assert answer.headers["x-request-id"] == body["request"]


@on_sqlite
def test_what_cannot_be_read_names_its_fields(server):
    with server.client() as client:
        body = client.post("/api/v1/tokens", json={"email": 5}).json()
        assert {field["field"] for field in body["fields"]} >= {"email", "password"}
        broken = client.post("/api/v1/tokens", content=b"{{{", headers={"Content-Type": "application/json"})
        assert broken.status_code == 422
        assert "{{" not in json.dumps(broken.json()["fields"])


@on_sqlite
def test_error_pages_speak_the_language_of_the_address(server):
    with server.client() as client:
        for address, tag in [("/zh/nosuch", "zh-Hans"), ("/en/nosuch", "en")]:
            page = client.get(address)
            assert page.status_code == 404
            assert f'lang="{tag}"' in page.text
        for address in ("/challenges", "/challenges/", "/challenges/nosuch/board"):  # without a language: the reader's
            moved = client.get(address, headers={"Accept-Language": "en"}, follow_redirects=True)
            assert moved.url.path == f"/en{address.rstrip('/')}"
        assert client.get("/en", follow_redirects=True).url.path == "/en/"
        refused = client.put("/zh/sign-in")
        assert refused.status_code == 405
        assert "PUT" in refused.text
        assert "Not Allowed" not in refused.text


@on_sqlite
def test_requests_that_are_no_http_do_not_hurt(server):
    host, port = server.url.removeprefix("http://").split(":")
    for junk in (
        b"\x16\x03\x01",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /%ff%fe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ):
        with socket.create_connection((host, int(port))) as line:
            line.sendall(junk)
            line.shutdown(socket.SHUT_WR)
            line.recv(4096)
    assert httpx.get(f"{server.url}/healthz", timeout=120).status_code == 200
