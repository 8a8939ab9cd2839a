"""Static files, held in memory: hashed once at start-up, compressed once, served for ever.

Every file gets an address that carries a hash of its content (``/static/app.3f2a91c0d4e5.css``), so browsers may keep it
without asking. ES modules that import each other are rewritten to the hashed names first, leaves before roots.
"""

import gzip
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

MOUNT = "/static"
HASH_LENGTH = 12
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
_IMPORT = re.compile(rb'(\bfrom\s*|\bimport\s*\(?\s*)(["\'])\./([\w.-]+\.js)\2')
_FOREVER = b"public, max-age=31536000, immutable"
_ASK_AGAIN = b"no-cache"

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Asset:
    """One file as it is served."""

    name: str
    body: bytes
    zipped: bytes
    digest: str
    media_type: str

    @property
    def hashed_name(self) -> str:
        stem, dot, suffix = self.name.rpartition(".")
        return f"{stem}.{self.digest}{dot}{suffix}"


class Assets:
    """The manifest and, called as an ASGI application, the server of the static files."""

    def __init__(self, assets: dict[str, Asset]) -> None:
        self._assets = assets
        self._urls = {name: f"{MOUNT}/{asset.hashed_name}" for name, asset in assets.items()}
        self._served = {asset.hashed_name: asset for asset in assets.values()}

    @classmethod
    def load(cls, folder: Path | None = None) -> Self:
        """Read, link, hash and compress every file of ``folder`` (flat; by default the one beside this module).

        Raises ValueError for a file type without a media type and for modules that import each other in a circle.
        """
        folder = folder or Path(__file__).resolve().parent / "static"
        bodies = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
        assets: dict[str, Asset] = {}
        for name in bodies:
            _link(name, bodies, assets, ())
        return cls(assets)

    def url(self, name: str) -> str:
        """Give the address of a file. Raises KeyError for a name that is not there."""
        return self._urls[name]

    def names(self) -> tuple[str, ...]:
        return tuple(self._assets)

    def body(self, name: str) -> bytes:
        """Give the bytes as served (module imports already rewritten)."""
        return self._assets[name].body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's signature
        if scope["type"] != "http":
            return
        if scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, 405, [(b"allow", b"GET, HEAD")])
            return
        found, cache = self._find(scope["path"].rpartition("/")[2])
        if found is None:
            await _answer(send, 404, [(b"cache-control", b"no-store")])
            return
        wanted = {key: value for key, value in scope["headers"] if key in {b"accept-encoding", b"if-none-match"}}
        zipped = b"gzip" in wanted.get(b"accept-encoding", b"")
        etag = f'"{found.digest}{"-gz" if zipped else ""}"'.encode()
        headers = [(b"cache-control", cache), (b"etag", etag), (b"vary", b"accept-encoding")]
        if wanted.get(b"if-none-match") == etag:
            await _answer(send, 304, headers)
            return
        body = found.zipped if zipped else found.body
        headers += [(b"content-type", found.media_type.encode()), (b"x-content-type-options", b"nosniff")]
        headers += [(b"content-encoding", b"gzip")] if zipped else []
        await _answer(send, 200, headers, body, head=scope["method"] == "HEAD")

    def _find(self, name: str) -> tuple[Asset | None, bytes]:
        """Find by hashed name; a page from before the last deployment still gets the file of today, uncached."""
        if name in self._served:
            return self._served[name], _FOREVER
        stem, _, suffix = name.rpartition(".")
        return self._assets.get(f"{stem.rpartition('.')[0]}.{suffix}"), _ASK_AGAIN


def _link(name: str, bodies: dict[str, bytes], done: dict[str, Asset], above: tuple[str, ...]) -> Asset:
    if name in done:
        return done[name]
    if name in above:
        raise ValueError(f"modules import each other in a circle: {' -> '.join((*above, name))}")
    suffix = Path(name).suffix
    if suffix not in TYPES:
        raise ValueError(f"{name}: no media type is known for {suffix or 'a file without suffix'}")
    body = bodies[name]
    if suffix == ".js":

        def hashed(match: re.Match[bytes]) -> bytes:
            target = _link(match[3].decode(), bodies, done, (*above, name))
            return match[1] + match[2] + b"./" + target.hashed_name.encode() + match[2]

        body = _IMPORT.sub(hashed, body)
    digest = sha256(body).hexdigest()[:HASH_LENGTH]
    done[name] = Asset(name, body, gzip.compress(body, 9, mtime=0), digest, TYPES[suffix])
    return done[name]


async def _answer(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes = b"", *, head: bool = False
) -> None:
    if status != 304:
        headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})
