"""The edge of HTTP: units of work as dependencies, limits on bodies, the check against forged cross-site requests."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
from fastapi import Depends, Request
from fastapi import Path as PathParam
from fastapi.concurrency import contextmanager_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leaderboard.core.errors import Forbidden, TooLarge
from leaderboard.core.i18n import N_, LocaleCode
from leaderboard.core.work import Resources, Work

SESSION_COOKIE = "jiebang_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
WRITERS = 16
"""Fewer than there are threads, and than the pool has connections."""
FORM_LIMIT = 1 << 20
"""Bytes of an ordinary form or JSON body; routes that take files state their own limit."""


def resources(request: Request) -> Resources:
    """What the process holds."""
    held = request.app.state.resources
    assert isinstance(held, Resources)
    return held


async def _held(request: Request) -> Resources:
    return resources(request)  # async, since FastAPI would call it in a thread otherwise, which costs more than it does


Held = Annotated[Resources, Depends(_held)]


async def _read_work(held: Held) -> AsyncIterator[Work]:
    reading = held.read()
    work = reading.__enter__()  # here, without a thread: nothing is asked of the database before the first statement
    try:
        yield work
    finally:
        # With a limiter of its own: handlers that wait for a connection may have taken all threads, and this gives one back.
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(reading.__exit__, None, None, None, limiter=anyio.CapacityLimiter(1))


async def _write_work(request: Request, held: Held) -> AsyncIterator[Work]:
    await request.app.state.recognise(request)  # which may write by itself: not inside our transaction
    async with writer(request), contextmanager_in_threadpool(held.write()) as work:
        yield work


def writer(request: Request) -> asyncio.Semaphore:
    """The gate before transactions that write: on SQLite one at a time, else as many as there are connections to spare.

    Whoever waits for the database waits here, in turn and without a thread, instead of forty threads that look again and again.
    """
    gate = request.app.state.writers
    assert isinstance(gate, asyncio.Semaphore)
    return gate


def writers(held: Resources) -> asyncio.Semaphore:
    """The gate of an application: see :func:`writer`."""
    return asyncio.Semaphore(1 if held.database.is_sqlite else WRITERS)


# scope="function": the commit comes before the reply, so that an answered request is a kept one.
ReadWork = Annotated[Work, Depends(_read_work, scope="function")]
WriteWork = Annotated[Work, Depends(_write_work, scope="function")]
Locale = Annotated[LocaleCode, PathParam(description="zh or en")]


class CrossSiteGuard:
    """Refuses state-changing requests that another site made a browser send with our cookie.

    Browsers state where a request comes from (``Sec-Fetch-Site``; older ones ``Origin``); a page of ours is
    ``same-origin``. Programs send neither, and carry a token instead of the cookie, so a request with the cookie and
    without either header is refused too. Hence no hidden form fields, and the same rule for forms and scripts.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers = {key: value.decode("latin-1") for key, value in scope["headers"]}
            if _forged(headers, scope.get("scheme", "http")):
                scope["jiebang.error"] = Forbidden(
                    "web.cross_site", N_("This request came from another site and was refused. Go back and try again.")
                )
        await self.app(scope, receive, send)


def _forged(headers: dict[bytes, str], scheme: str) -> bool:
    cookie = f"{SESSION_COOKIE}=" in headers.get(b"cookie", "")
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get(b"origin")
    if origin is not None:
        theirs = urlsplit(origin)
        return (theirs.scheme, theirs.netloc) != (scheme, headers.get(b"host", ""))
    return cookie


class BodyLimit:
    """Counts what arrives and stops reading at the limit, whatever Content-Length says.

    Routes that take files (their path ends in one of ``streamed``) read ``request.stream()`` and count for themselves.
    """

    def __init__(self, app: ASGIApp, streamed: tuple[str, ...], limit: int = FORM_LIMIT) -> None:
        self.app, self.streamed, self.limit = app, streamed, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS or self._streams(scope["path"]):
            await self.app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self.limit:
            scope["jiebang.error"] = too_large(self.limit)
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self.limit:
                scope["jiebang.error"] = too_large(self.limit)  # FastAPI makes a 400 of what is raised here
                raise scope["jiebang.error"]
            return message

        await self.app(scope, counted, send)

    def _streams(self, path: str) -> bool:
        return path.rstrip("/").endswith(self.streamed) or "/api/v1/uploads/" in path


def too_large(limit: int) -> TooLarge:
    """The refusal of a body over ``limit`` bytes."""
    return TooLarge("web.too_large", N_("The request is larger than {megabytes} MB."), megabytes=max(1, limit >> 20))
