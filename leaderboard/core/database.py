"""The database: SQLite (WAL) or PostgreSQL behind one object, sync sessions, explicit read and write transactions."""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Connection, DateTime, Engine, String, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.types import TypeDecorator
from sqlmodel import Session, SQLModel

from leaderboard.core.errors import Unavailable
from leaderboard.core.i18n import N_

MIGRATIONS = Path(__file__).parent.parent / "migrations"
BUSY_SECONDS = 30
LOOK_AGAIN_SECONDS = 0.001


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime on both engines. SQLite keeps fixed-width ISO text, so that text order is time order."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(String(26) if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a zone cannot be stored")
        value = value.astimezone(UTC)
        if dialect.name == "sqlite":
            return value.replace(tzinfo=None).isoformat(timespec="microseconds")
        return value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if dialect.name == "sqlite":
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        return value.astimezone(UTC)  # type: ignore[no-any-return]  # psycopg's aware datetime


JsonColumn = JSON().with_variant(postgresql.JSONB(), "postgresql")


LOST: Final = frozenset({"55P03", "40P01"})
"""PostgreSQL's codes for having waited longer than `lock_timeout` for a row, and for being given up so that another transaction,
which waited for this one, can go on."""


class Database:
    """One engine and its two kinds of transactions.

    ``write()`` commits when its block ends without an error and takes SQLite's write lock at once, so that what is
    decided inside it is decided alone; on PostgreSQL use ``with_for_update`` on the row that the decision is about.
    ``read()`` always rolls back.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.is_sqlite = address.startswith("sqlite")
        self.engine = _sqlite(address) if self.is_sqlite else _postgresql(address)
        self._lock = threading.Lock()

    @contextmanager
    def write(self) -> Iterator[Session]:
        turn = _Turn(self._lock)
        try:
            with self._session(turn) as session, session.begin():
                yield session
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) in LOST:
                raise _busy() from error
            raise
        finally:
            turn.give_back()

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self._session(None) as session:
            yield session
            session.expunge_all()  # what was read stays readable; a rollback would expire it
            session.rollback()

    def _session(self, turn: "_Turn | None") -> Session:
        bind = self.engine.execution_options(jiebang_turn=turn)
        return Session(bind, expire_on_commit=False, autoflush=True)

    def dispose(self) -> None:
        self.engine.dispose()


class _Turn:
    """On SQLite, the threads of a process take turns before they ask for the lock.

    A turn is taken with the first statement, not before: who holds it is then in a thread, and can go on to its end.
    """

    def __init__(self, lock: threading.Lock) -> None:
        self._lock = lock
        self._held = False

    def take(self) -> None:
        if not self._lock.acquire(timeout=BUSY_SECONDS):
            raise _busy()
        self._held = True

    def give_back(self) -> None:
        if self._held:
            self._held = False
            self._lock.release()


def dialect_of(session: Session) -> str:
    """``sqlite`` or ``postgresql``."""
    return session.get_bind().dialect.name


def upsert(dialect: str, table: type[SQLModel]) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that takes ``on_conflict_do_nothing`` and ``on_conflict_do_update``, which both engines have."""
    if dialect == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


def _sqlite(address: str) -> Engine:
    path = address.removeprefix("sqlite:///")
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        address,
        connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS, "isolation_level": None},
        pool_size=8,
        max_overflow=40,  # as many as the server's threads: waiting for SQLite's lock, not for a connection
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",  # an answered submission survives a power cut
            "foreign_keys=ON",
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "cache_size=-65536",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # The driver would begin late and deferred: two readers that both want to write would deadlock.
        turn = connection.get_execution_options().get("jiebang_turn")
        if turn is not None:
            turn.take()
            _begin_to_write(connection)
        else:
            connection.exec_driver_sql("BEGIN")

    return engine


def _begin_to_write(connection: Connection) -> None:
    """SQLite itself would look for the lock less and less often, up to ten times a second, while other processes that
    come later find it free. One thread of a process looks here (see `Database.write`), so it can afford to look often.
    """
    driver = connection.connection.dbapi_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("PRAGMA busy_timeout=0")
    deadline = time.monotonic() + BUSY_SECONDS
    try:
        while True:
            try:
                driver.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    break
            if time.monotonic() > deadline:
                raise _busy()
            time.sleep(LOOK_AGAIN_SECONDS)
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    connection.exec_driver_sql(
        "BEGIN IMMEDIATE"
    )  # fails as before, and the library says so as it does for any statement


def _busy() -> Unavailable:
    return Unavailable("web.busy", N_("The database is busy. Try again in a minute."))


def _postgresql(address: str) -> Engine:
    return create_engine(
        address,
        pool_size=10,
        max_overflow=30,
        pool_pre_ping=True,
        connect_args={"options": "-c timezone=UTC -c lock_timeout=30s -c statement_timeout=60s"},
    )


def _alembic(address: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["address"] = address
    return config


def migrate(address: str) -> None:
    """Brings the database at ``address`` to the newest schema; safe to call at every start."""
    if address.startswith("sqlite:///"):
        Path(address.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    command.upgrade(_alembic(address), "head")


def schema_versions(database: Database) -> tuple[Sequence[str], Sequence[str]]:
    """(what the database has, what this program wants), as revision ids."""
    wanted = ScriptDirectory.from_config(_alembic(database.address)).get_heads()
    with database.engine.connect() as connection:
        return tuple(MigrationContext.configure(connection).get_current_heads()), tuple(wanted)
