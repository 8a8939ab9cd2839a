"""A site with nothing but the look: no slice, no database, real sockets when a browser looks at it."""

import os
import shutil
import socket
import threading
import time
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from playwright.sync_api import sync_playwright

from leaderboard.core.clock import FixedClock
from leaderboard.core.errors import Forbidden, Gone, NotFound, TooMany, Unavailable
from leaderboard.core.settings import Settings
from leaderboard.core.work import Resources
from leaderboard.ui import routes
from leaderboard.ui.errors import error_page
from leaderboard.ui.templating import Chrome, environment

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
ERRORS = {
    403: Forbidden("team.not_yours", "This belongs to “{name}”.", name="<Team>"),
    404: NotFound("web.not_found", "There is no such page."),
    410: Gone("team.gone", "The team has been closed."),
    429: TooMany("sign_in.often", "Too many attempts.", retry_after=42),
    500: Unavailable("web.fault", "Something broke on our side. It has been noted."),
}


@pytest.fixture(scope="session")
def env():
    return environment(debug=False)


@pytest.fixture
def chrome():
    def make(locale="en", **more):
        return Chrome(**{"locale": locale, "path": "/x", "now": NOW, **more})

    return make


@pytest.fixture
def site(env, tmp_path):
    """The application as far as the look goes; ``/{locale}/error/{status}`` shows the error pages."""
    app = FastAPI(openapi_url="/api/v1/openapi.json")
    app.state.resources = Resources(
        settings=Settings(_env_file=None, data_dir=tmp_path, contact="help@jiebang.example"),
        database=SimpleNamespace(),
        storage=SimpleNamespace(),
        clock=FixedClock(NOW),
        handlers={},
    )
    app.state.templates = env
    app.mount("/static", env.assets)
    app.include_router(routes.pages, include_in_schema=False)

    @app.get("/{locale}/error/{status}", include_in_schema=False)
    def error(request: Request, locale: str, status: int):
        return HTMLResponse(error_page(request, ERRORS[status], status), status)

    return app


# A browser, and the site over a real socket


CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    """The system's Chromium, for a module: while playwright runs, no other test of the thread may run an event loop.

    REQUIRE_BROWSER=1 makes its absence a failure.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("a browser is required (REQUIRE_BROWSER) and no Chromium is on the PATH")
        pytest.skip("NO BROWSER: install Chromium")
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=program, args=CHROMIUM)
        yield started
        started.close()


@pytest.fixture
def serve():
    """Run an application on a free port of this machine, under the strict policy; gives its address."""
    running = []

    def start(app):
        async def under_policy(scope, receive, send):
            async def marked(message):
                if message["type"] == "http.response.start":
                    message["headers"] = [*message["headers"], (b"content-security-policy", CSP.encode())]
                await send(message)

            await app(scope, receive, marked)

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(under_policy, port=port, log_config=None, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        running.append((server, thread))
        return f"http://127.0.0.1:{port}"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def look(browser, serve, site):
    """Open pages of ``site``; whatever the browser complains about in its console fails the test at its end."""
    address, contexts, complaints = [], [], []

    def open_page(path, *, width=1280, theme="light", **options):
        if not address:
            address.append(serve(site))
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, base_url=address[0], **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.on(
            "console", lambda message: complaints.append(message.text) if message.type in {"error", "warning"} else None
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    open_page.complaints = complaints
    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
