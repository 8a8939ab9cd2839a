"""What a board page costs the server, kept and rendered, in requests per CPU second of the server's own process.

A real server process (``jiebang serve``, no worker) with a board of 100 rows on SQLite. Four kinds of request over
keep-alive connections: the page from kept bytes; the same with the reader's ETag (304); the page as the application answers
it when nothing may be kept (the reader carries a session cookie); and, as the limit, a bare ASGI application of two bytes
on the same server software. Only the server's CPU time is counted, so how busy the client is does not matter.
"""

import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import measure
from filled import build

from leaderboard.core.settings import Settings

BOARD = "/en/challenges/tides/board"
CONNECTIONS = 2
BARE = """
import sys, uvicorn
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})
uvicorn.run(app, port=int(sys.argv[1]), log_config=None, access_log=False, lifespan="off")
"""
SERVE = "import sys; sys.argv[0] = 'jiebang'; from leaderboard.cli import main; main()"


@dataclass(frozen=True)
class Running:
    """A server process on a port of this machine."""

    process: subprocess.Popen[bytes]
    port: int

    def cpu(self) -> float:
        """CPU seconds that it has spent so far, all threads."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def spent_on(self, request: bytes, count: int, status: int) -> float:
        """CPU seconds for one such request: ``count`` of them over a few keep-alive connections."""
        sockets = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(CONNECTIONS)]
        try:
            for one in sockets:
                ask(one, request, status)
            before = self.cpu()
            for _ in range(count // CONNECTIONS):
                for one in sockets:
                    one.sendall(request)
                for one in sockets:
                    expect(answered(one), status)
            return (self.cpu() - before) / (count // CONNECTIONS * CONNECTIONS)
        finally:
            for one in sockets:
                one.close()


def answered(connection: socket.socket) -> tuple[int, bytes]:
    """(status, head) of the next answer; its body is read and dropped."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _received(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    left = _length(head) - len(body)
    while left > 0:
        left -= len(_received(connection))
    return int(head.split(b" ", 2)[1]), head


def _received(connection: socket.socket) -> bytes:
    some = connection.recv(1 << 18)
    if not some:
        raise RuntimeError("the server closed the connection")
    return some


def _length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")), 0)


class OtherAnswer(Exception):
    """Not the status that was asked for: the page was rendered anew meanwhile, and has another ETag."""


def expect(answer: tuple[int, bytes], status: int) -> bytes:
    if answer[0] != status:
        raise OtherAnswer(answer[1].decode("latin-1"))
    return answer[1]


def ask(connection: socket.socket, request: bytes, status: int) -> bytes:
    connection.sendall(request)
    return expect(answered(connection), status)


def spent_on_unchanged(server: Running, count: int) -> float:
    """With the ETag of this moment; once more from the start when the page is rendered anew in between."""
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", server.port)) as first:
            head = ask(first, get(), 200)
        etag = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"etag:"))[5:].strip().decode()
        try:
            return server.spent_on(get(If_None_Match=etag), count, 304)
        except OtherAnswer:
            continue
    raise RuntimeError("the page never stays the same for so many requests")


def get(**headers: str) -> bytes:
    lines = [f"GET {BOARD} HTTP/1.1", "Host: 127.0.0.1", "Accept-Encoding: gzip"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@contextmanager
def serving(code: str, *arguments: str, **environment: str) -> Iterator[Running]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-c", code, *(part.format(port=port) for part in arguments)]
    process = subprocess.Popen(command, env={**os.environ, **environment})
    try:
        _until_it_answers(process, port)
        yield Running(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(600):
        if process.poll() is not None:
            raise RuntimeError("the server ended")
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start")


def main() -> None:
    asked = measure.options(__doc__)
    many, few = (1_000, 40) if asked.quick else (8_000, 400)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, data_dir=Path(folder))
        build(settings, teams=100, submissions=1_000).database.dispose()
        arguments = ("serve", "--port", "{port}", "--workers", "0")
        with (
            serving(SERVE, *arguments, JIEBANG_DATA_DIR=folder, JIEBANG_LOG_LEVEL="WARNING") as ours,
            serving(BARE, "{port}") as bare,
        ):
            kinds: dict[str, Callable[[], float]] = {
                "kept": lambda: ours.spent_on(get(), many, 200),
                "unchanged": lambda: spent_on_unchanged(ours, many),
                "rendered": lambda: ours.spent_on(get(Cookie="jiebang_session=nobody"), few, 200),
                "bare": lambda: bare.spent_on(get(), many, 200),
            }
            spent: dict[str, list[float]] = {name: [] for name in kinds}
            for _ in range(asked.runs):
                for name, measured in kinds.items():
                    spent[name].append(measured())
    cost = {name: statistics.median(times) for name, times in spent.items()}
    per_second = "; ".join(f"{name} {1 / seconds:,.0f}" for name, seconds in cost.items())
    print(f"requests per CPU second of the server: {per_second}")
    measure.ratio("pages.kept", ours=cost["kept"], peer=cost["rendered"], goal=">= 30")
    measure.ratio("pages.unchanged", ours=cost["unchanged"], peer=cost["rendered"], goal=">= 30")
    measure.ratio("pages.kept_against_bare", ours=cost["kept"], peer=cost["bare"], goal="<= 2")


if __name__ == "__main__":
    main()
