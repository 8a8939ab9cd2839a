"""News for open pages: a row a change, written with the change; one poller a process tells everyone who waits.

Polling (one indexed read every :data:`POLL_SECONDS`) needs no broker and hears workers on other machines too. Rows become
visible in commit order, not id order, so the poller re-reads the newest ones and remembers what it has told; it goes by
their numbers, not by their times, since the clocks of several machines never quite agree.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from datetime import datetime, timedelta

import anyio.to_thread
from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Field, Session, SQLModel

from leaderboard.core.database import Database, Instant
from leaderboard.core.log import logger

POLL_SECONDS = 0.4
WINDOW = 2_000  # more changes than are ever made while one transaction is open
KEEP = timedelta(minutes=10)

log = logger("changes")


class Change(SQLModel, table=True):
    """Something about ``topic`` (such as ``board:12``) is new."""

    id: int | None = Field(default=None, primary_key=True)
    topic: str
    at: datetime = Field(sa_type=Instant, index=True)


def announce(session: Session, topics: Iterable[str], now: datetime) -> None:
    """Says, in the caller's transaction, that pages about these topics are out of date."""
    session.execute(_NEW, [{"topic": topic, "at": now} for topic in topics])


def prune(session: Session, now: datetime) -> None:
    """Forgets news that everyone has heard."""
    session.execute(delete(Change).where(Change.at < now - KEEP))  # type: ignore[arg-type]


_NEW = insert(Change)


class Feed:
    """The poller. ``listen`` calls back for every change (caches); ``changes`` is an event stream's source (pages)."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told: dict[int, datetime] = {}
        self._listeners: list[Callable[[str], None]] = []
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._closed = False

    def listen(self, callback: Callable[[str], None]) -> None:
        self._listeners.append(callback)

    def poll(self) -> list[str]:
        """Topics changed since the last poll, each once."""
        newest = select(func.max(Change.id)).scalar_subquery()
        with self._database.read() as session:
            rows = session.execute(
                select(Change.id, Change.topic, Change.at).where(Change.id > newest - WINDOW).order_by(Change.id)  # type: ignore[call-overload]
            ).all()
        fresh = [(id, topic) for id, topic, at in rows if self._told.get(id) != at]  # SQLite uses numbers again
        self._told = {id: at for id, _, at in rows}
        return list(dict.fromkeys(topic for _, topic in fresh))

    async def begin(self) -> None:
        """Takes note of what is there already, which is no news. Before the first page is made: all that comes later is."""
        await self._news()

    async def run(self) -> None:
        """Polls until it is cancelled; after `begin`."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            for topic in await self._news():
                for callback in self._listeners:
                    callback(topic)
                for event in self._waiting.get(topic, ()):
                    event.set()

    async def _news(self) -> list[str]:
        """The poll; a database that is away for a while ends neither the poller nor the streams that wait for it."""
        reading = asyncio.ensure_future(anyio.to_thread.run_sync(self.poll))
        try:
            return await asyncio.shield(reading)
        except asyncio.CancelledError:
            await asyncio.wait([reading])  # its thread holds a connection, which whoever stops us will close
            raise
        except SQLAlchemyError as error:
            log.warning("no news can be read", reason=type(error).__name__)
            return []

    def close(self) -> None:
        """Ends every stream, so that a server that stops need not cut them off. Call it in the event loop."""
        self._closed = True
        for events in self._waiting.values():
            for event in events:
                event.set()

    @contextlib.contextmanager
    def _subscription(self, topic: str) -> Iterator[asyncio.Event]:
        event = asyncio.Event()
        self._waiting[topic].add(event)
        try:
            yield event
        finally:
            self._waiting[topic].discard(event)
            if not self._waiting[topic]:
                del self._waiting[topic]

    async def changes(self, topic: str, *, silence: float = 15.0) -> AsyncIterator[bool]:
        """Yields True at each change of ``topic`` and False after ``silence`` seconds without one (keep-alive).

        Ends when the feed is closed.
        """
        with self._subscription(topic) as event:
            while not self._closed:
                try:
                    await asyncio.wait_for(event.wait(), silence)
                except TimeoutError:
                    yield False
                else:
                    event.clear()
                    if not self._closed:
                        yield True
