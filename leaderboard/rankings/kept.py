"""Pages rendered when something changed, not when they are read: bytes and ETag, ahead of the router.

A route offers a page for keeping by the header :data:`KEEP` with the topic it depends on. Kept are answers to anonymous
readers only, per address and theme. They go when their topic changes, or after :data:`SECONDS` (the "as of" in the foot).
"""

import asyncio
import gzip
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from time import monotonic
from typing import Any, Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leaderboard.core.changes import Feed
from leaderboard.core.web import SESSION_COOKIE
from leaderboard.ui.respond import THEME_COOKIE

KEEP: Final = "jiebang-keep"
SECONDS: Final = 30.0
MOST_PAGES: Final = 512
MOST_BYTES: Final = 4 << 20
_DROPPED: Final = frozenset({KEEP.encode(), b"x-request-id", b"content-length", b"cache-control", b"etag"})

Key = tuple[str, bytes, str, str]


@dataclass(frozen=True, slots=True)
class _Kept:
    topic: str
    until: float
    headers: tuple[tuple[bytes, bytes], ...]
    etag: bytes
    plain: bytes
    zipped: bytes


@dataclass(slots=True)
class _Heard:
    """An answer of the application, listened to."""

    status: int = 500
    headers: list[tuple[bytes, bytes]] | None = None
    body: bytes = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


class KeptPages:
    """Middleware, outermost; hears every changed topic from ``feed``."""

    def __init__(self, app: ASGIApp, feed: Feed) -> None:
        self.app = app
        feed.listen(self.forget)
        self._pages: OrderedDict[Key, _Kept] = OrderedDict()
        self._making: dict[Key, asyncio.Future[_Kept | None]] = {}
        self._changes = 0

    def forget(self, topic: str) -> None:
        """Drops what depends on ``topic``, also what is being rendered from older numbers."""
        self._changes += 1
        for key in [key for key, kept in self._pages.items() if kept.topic == topic]:
            del self._pages[key]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        key = _key(scope)
        if key is None:
            await self.app(scope, receive, send)
            return
        kept = self._found(key) or await self._awaited(key)
        if kept is None:
            kept = await self._made_once(key, scope, receive, send)
        if kept is not None:
            await _answer(kept, scope, send)

    async def _awaited(self, key: Key) -> _Kept | None:
        """What another request is rendering now; None when nobody is, or when theirs was not one to be kept."""
        making = self._making.get(key)
        return None if making is None else await asyncio.shield(making)

    async def _made_once(self, key: Key, scope: Scope, receive: Receive, send: Send) -> _Kept | None:
        """Renders, while others who ask for the same wait for it."""
        making: asyncio.Future[_Kept | None] = asyncio.get_running_loop().create_future()
        self._making.setdefault(key, making)
        kept = None
        try:
            kept = await self._made(key, scope, receive, send)
        finally:
            making.set_result(kept)
            if self._making.get(key) is making:
                del self._making[key]
        return kept

    def _found(self, key: Key) -> _Kept | None:
        kept = self._pages.get(key)
        if kept is not None and kept.until > monotonic():
            self._pages.move_to_end(key)
            return kept
        return None

    async def _made(self, key: Key, scope: Scope, receive: Receive, send: Send) -> _Kept | None:
        """Renders. None: the page is not one to be kept, and has been answered already."""
        before, heard = self._changes, _Heard()
        await self.app(scope, receive, heard.send)
        headers = heard.headers or []
        topic = next((value.decode() for name, value in headers if name == KEEP.encode()), None)
        if heard.status != 200 or topic is None or len(heard.body) > MOST_BYTES:
            shown = [(name, value) for name, value in headers if name != KEEP.encode()]
            await send({"type": "http.response.start", "status": heard.status, "headers": shown})
            await send({"type": "http.response.body", "body": heard.body})
            return None
        kept = _Kept(
            topic=topic,
            until=monotonic() + SECONDS,
            headers=tuple((name, value) for name, value in headers if name not in _DROPPED),
            etag=f'"{sha256(heard.body).hexdigest()[:20]}"'.encode(),
            plain=heard.body,
            zipped=gzip.compress(heard.body, 6, mtime=0),
        )
        if before == self._changes:
            self._pages[key] = kept
            while len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)
        return kept


def _key(scope: Scope) -> Key | None:
    """What distinguishes kept pages; None for requests whose answer is personal or never kept."""
    if scope["type"] != "http" or scope["method"] != "GET":
        return None
    path: str = scope["path"]
    if not (path.endswith("/board") or path.startswith("/badge/")):
        return None
    cookie = language = b""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return None
        if name == b"cookie":
            cookie = value
        elif name == b"accept-language":
            language = value
    if SESSION_COOKIE.encode() in cookie:
        return None
    spoken = "" if path[:4] in {"/zh/", "/en/"} else language.decode("latin-1")[:60]
    return path, scope["query_string"], _theme(cookie), spoken


def _theme(cookie: bytes) -> str:
    if THEME_COOKIE.encode() not in cookie:
        return ""
    try:
        morsel = SimpleCookie(cookie.decode("latin-1")).get(THEME_COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel is not None and morsel.value in {"light", "dark"} else ""


async def _answer(kept: _Kept, scope: Scope, send: Send) -> None:
    asked: dict[bytes, Any] = dict(scope["headers"])
    zipped = b"gzip" in asked.get(b"accept-encoding", b"")
    etag = kept.etag[:-1] + (b'-gz"' if zipped else b'"')
    headers = [
        *kept.headers,
        (b"etag", etag),
        (b"cache-control", b"public, no-cache"),
        (b"vary", b"Accept-Encoding, Accept-Language, Cookie"),
    ]
    if asked.get(b"if-none-match") == etag:
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return
    body = kept.zipped if zipped else kept.plain
    headers += [(b"content-encoding", b"gzip")] if zipped else []
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})
