"""A real browser, and a world with a server and a worker for each module of journeys."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from leaderboard.core.web import SESSION_COOKIE
from tests.journeys import world as worlds
from tests.journeys.market import locale, market, opens
from tests.journeys.world import World

__all__ = ["locale", "market", "opens"]

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium. REQUIRE_BROWSER=1 makes its absence a failure.

    Not for the whole session: while playwright runs, the thread has a running event loop, and tests that run one of their own fail.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("a browser is required (REQUIRE_BROWSER) and no Chromium is on the PATH")
        pytest.skip("NO BROWSER: install Chromium")
    expect.set_options(timeout=60_000)  # five seconds by itself, which a busy machine does not keep
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=program, args=CHROMIUM)
        yield started
        started.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A server and a worker over a world of the module's own."""
    with worlds.opened(tmp_path_factory.mktemp("world")) as opened, worlds.at_work(opened.resources):
        yield opened


def is_complaint(said: ConsoleMessage) -> bool:
    """Refusals are answered with a 4xx, which Chromium mentions; everything else it says is a fault of the page."""
    return said.type in {"error", "warning"} and not re.search(
        r"the server responded with a status of 4\d\d", said.text
    )


@pytest.fixture
def visit(browser: Browser, world: World) -> Iterator[Callable[..., Page]]:
    """Opens a page as somebody, in a browser context of its own; what its console complains about fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_page(path: str, who: str = "anyone", **options: object) -> Page:
        options = {"viewport": {"width": 1280, "height": 900}, "accept_downloads": True, **options}
        context = browser.new_context(base_url=world.url, **options)
        contexts.append(context)
        if who != "anyone":
            context.add_cookies([{"name": SESSION_COOKIE, "value": world.cast.cookies[who], "url": world.url}])
        page = context.new_page()
        page.set_default_timeout(120_000)
        page.on("console", lambda said: complaints.append(said.text) if is_complaint(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    open_page.complaints = complaints  # type: ignore[attr-defined]
    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def upload_file(tmp_path: Path) -> Callable[..., Path]:
    def write(name: str, data: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write
