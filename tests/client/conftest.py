"""A real server with a real worker, somebody who may submit, and lines that break."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from leaderboard.accounts import tokens
from leaderboard.client import Client
from tests.submissions.conftest import executor, real_time, stage, start_worker

__all__ = ["executor", "real_time", "stage", "start_worker"]


@pytest.fixture
def site(stage, start_server):
    """The server's address."""
    return start_server(stage.resources).url


@pytest.fixture
def token(stage) -> str:
    with stage.resources.write() as work:
        return tokens.make_token(work, stage.actor, name="test", scopes=("read", "submit"), days=30).key


@pytest.fixture
def client(site, token) -> Iterator[Client]:
    with Client(site, token=token) as made:
        yield made


class Line:
    """A TCP proxy in front of a server. ``cut(direction, after)``: the next connection breaks once so many bytes have
    passed in that direction ("up": to the server; "down": from it); the bytes before do arrive.
    """

    def __init__(self, target: str) -> None:
        host, _, port = target.removeprefix("http://").partition(":")
        self._target = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.broken = 0
        self._cuts: list[tuple[str, int]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, direction: str, after: int, times: int = 1) -> None:
        self._cuts += [(direction, after)] * times

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.create_connection(self._target)
            cut = self._cuts.pop(0) if self._cuts else ("", 0)
            for source, sink, direction in ((near, far, "up"), (far, near, "down")):
                after = cut[1] if cut[0] == direction else None
                threading.Thread(target=self._pump, args=(source, sink, after), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, after: int | None) -> None:
        passed = 0
        with contextlib.suppress(OSError):  # the other side went first
            while data := source.recv(65536):
                if after is not None and passed + len(data) >= after:
                    sink.sendall(data[: after - passed])
                    self.broken += 1
                    break
                sink.sendall(data)
                passed += len(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.fixture
def broken_line(site) -> Iterator[Callable[[], Line]]:
    made: list[Line] = []

    def make() -> Line:
        made.append(Line(site))
        return made[-1]

    yield make
    for one in made:
        one.close()
