"""A real installation in processes of its own, which tests may watch and kill."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from leaderboard import wiring
from leaderboard.accounts.tokens import make_token
from leaderboard.core.database import migrate
from leaderboard.core.settings import Settings
from leaderboard.core.work import Resources
from tests.submissions import factories

SERVE = """
import threading, uvicorn
from leaderboard import wiring
from leaderboard.app import create_app
from leaderboard.core import log
from leaderboard.core.settings import Settings
settings = Settings(_env_file=None)
log.configure(settings)
uvicorn.run(create_app(wiring.build(settings)), host="127.0.0.1", port=settings.port, log_config=None)
"""
WORK = """
import signal, threading
from leaderboard import wiring, worker
from leaderboard.core import log
from leaderboard.core.settings import Settings
settings = Settings(_env_file=None)
log.configure(settings)
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
worker.run(wiring.build(settings), wiring.SANDBOX_JOBS, wiring.PLAIN_JOBS, stop=stop)
"""


@dataclass
class Installation:
    """A data folder, a server process, a worker process, and somebody's token."""

    folder: Path
    settings: Settings
    port: int
    environment: dict[str, str]
    token: str = ""
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}

    @contextlib.contextmanager
    def resources(self) -> Iterator[Resources]:
        held = wiring.build(self.settings)
        yield held
        held.database.dispose()

    def run(self, what: str) -> None:
        """(Re)starts ``server`` or ``worker``."""
        code = {"server": SERVE, "worker": WORK}[what]
        log = (self.folder / f"{what}.log").open("ab")
        self.running[what] = subprocess.Popen(
            [sys.executable, "-c", code], env=self.environment, stderr=log, stdout=log
        )
        log.close()

    def start(self) -> None:
        self.run("server")
        self.run("worker")
        self.until_up()

    def until_up(self) -> None:
        deadline = time.monotonic() + 240
        while True:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"{self.url}/api/v1/status", timeout=60).status_code == 200:
                    return
            assert self.running["server"].poll() is None, (self.folder / "server.log").read_text()[-3000:]
            assert time.monotonic() < deadline, "the server did not come up"
            time.sleep(0.1)

    def kill(self, what: str) -> None:
        self.running[what].kill()
        self.running[what].wait()

    def children(self) -> list[int]:
        """Process ids of the worker's scoring children."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                fields = stat.read_text().rsplit(")", 1)[1].split()
                if int(fields[1]) == self.running["worker"].pid and fields[0] != "Z":
                    found.append(int(stat.parent.name))
        return found

    def stop(self) -> None:
        for process in self.running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(120)
            process.kill()
            process.wait()

    def server_memory(self) -> int:
        """Bytes that the server process has in memory."""
        pages = int(Path(f"/proc/{self.running['server'].pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def parts(self) -> list[str]:
        """Files on their way in."""
        uploads = self.settings.data_dir / "uploads"
        return sorted(path.name for path in uploads.iterdir() if path.suffix == ".part") if uploads.exists() else []

    def submit_and_wait(self, data: bytes, name: str, seconds: float = 180) -> dict:
        with httpx.Client(base_url=self.url, headers=self.headers, timeout=120) as client:
            sent = client.post("/api/v1/challenges/late/submissions", params={"file_name": name}, content=data)
            assert sent.status_code == 201, sent.text
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                found = client.get(sent.headers["location"]).json()
                if found["state"] in {"scored", "refused", "failed"}:
                    return found
                time.sleep(0.1)
        raise AssertionError(f"still {found['state']} after {seconds} s: {found}")


@contextlib.contextmanager
def installed(folder: Path, rows: int = 200, **settings: object) -> Iterator[Installation]:
    """An installation with one posted challenge, ``late``, and one entrant with a token; nothing runs yet."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    chosen = {"data_dir": folder / "data", "port": port, "workers": 1, "lease_seconds": 3, **settings}
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("JIEBANG_")},
        **{f"JIEBANG_{key.upper()}": str(value) for key, value in chosen.items()},
        "JIEBANG_LOG_LEVEL": "WARNING",
    }
    made = Installation(folder, Settings(_env_file=None, **chosen), port, environment)
    migrate(made.settings.database_address)
    with made.resources() as held, held.write() as work:
        challenge, _ = factories.posted(work, folder, per_day=100_000, total=100_000, rows=rows)
        actor, _ = factories.entered(work, challenge)
        made.token = make_token(work, actor, name="test", scopes=("submit",), days=2).key
    try:
        yield made
    finally:
        made.stop()
