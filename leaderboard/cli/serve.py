"""``jiebang serve`` and ``jiebang worker``."""

import os
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType
from typing import Annotated

import typer
import uvicorn

from leaderboard import wiring, worker
from leaderboard.app import create_app
from leaderboard.cli import terminal
from leaderboard.core import log
from leaderboard.core.changes import Feed
from leaderboard.core.database import migrate
from leaderboard.core.i18n import N_
from leaderboard.core.settings import Settings
from leaderboard.core.work import Resources

app = typer.Typer()


@app.command("serve")
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (JIEBANG_HOST).")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on (JIEBANG_PORT).")] = None,
    workers: Annotated[int | None, typer.Option(min=0, help="Scoring children beside the server; 0: none.")] = None,
) -> None:
    """Runs the web server with its embedded worker, until Ctrl-C. Migrates the database first."""
    settings = Settings()
    settings.host = host or settings.host
    settings.port = settings.port if port is None else port
    settings.workers = settings.workers if workers is None else workers
    log.configure(settings)
    run_server(settings)


@app.command("worker")
def work(workers: Annotated[int | None, typer.Option(help="Scoring children (JIEBANG_WORKERS).")] = None) -> None:
    """Runs a scoring worker of its own, until Ctrl-C; any number may run, on any machine that reaches the database."""
    settings = Settings()
    settings.workers = settings.workers if workers is None else workers
    if settings.workers < 1:
        terminal.fail(terminal.MISUSED, N_("A worker needs at least one scoring child."))
    log.configure(settings)
    migrate(settings.database_address)
    resources = wiring.build(settings)
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask_to_stop)
    worker.run(resources, wiring.SANDBOX_JOBS, wiring.PLAIN_JOBS, stop=stop)
    resources.database.dispose()


def run_server(settings: Settings, *, ready: Callable[[Resources], None] | None = None) -> None:
    """Migrates, builds, and serves until interrupted; ``ready`` is called once, in a thread, when the port answers."""
    _refuse_taken_port(settings)
    migrate(settings.database_address)
    resources = wiring.build(settings)
    stop = threading.Event()
    application = create_app(resources)
    config = uvicorn.Config(
        application,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.proxies,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    server = _Server(config, application.state.feed)
    threads = []
    if settings.workers:
        arguments = (resources, wiring.SANDBOX_JOBS, wiring.PLAIN_JOBS)
        threads.append(threading.Thread(target=worker.run, args=arguments, kwargs={"stop": stop}, name="worker"))
    if ready is not None:
        threads.append(threading.Thread(target=_call_when_up, args=(server, stop, ready, resources), name="ready"))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _take_note)
    for thread in threads:
        thread.start()
    try:
        server.run()
    finally:
        stop.set()
        for thread in threads:
            thread.join(15)
        resources.database.dispose()


class _Server(uvicorn.Server):
    """Has open event streams end by themselves when it stops, instead of waiting for them and cutting them off."""

    def __init__(self, config: uvicorn.Config, feed: Feed) -> None:
        super().__init__(config)
        self._feed = feed

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._feed.close()
        await super().shutdown(sockets)


def _take_note(_number: int, _frame: FrameType | None) -> None:
    """Uvicorn hears a signal, stops, and raises it once more; the worker beside it has to be ended after that."""


def _call_when_up(
    server: uvicorn.Server, stop: threading.Event, ready: Callable[[Resources], None], resources: Resources
) -> None:
    while not server.started:
        if stop.wait(0.05):
            return
    ready(resources)


def _refuse_taken_port(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except socket.gaierror:
            terminal.fail(
                terminal.REFUSED,
                N_("{host} is no address of this machine. Choose another one with --host."),
                host=settings.host,
            )
        except OSError as error:
            terminal.fail(
                terminal.REFUSED,
                N_("Cannot listen on {host}:{port}: {reason}. Choose another port with --port."),
                host=settings.host,
                port=str(settings.port),
                reason=os.strerror(error.errno or 0),
            )
