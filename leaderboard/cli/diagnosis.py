"""What ``jiebang doctor`` looks at: each check says what it saw and, where something is wrong, how to mend it."""

import os
import shutil
import socket
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from leaderboard.core import jobs
from leaderboard.core.database import Database, schema_versions
from leaderboard.core.i18n import N_, translate
from leaderboard.core.sandbox import ChildFailed
from leaderboard.core.settings import Settings
from leaderboard.exchange.relevance.semantic import installed_embedders
from leaderboard.submissions.executors import guards
from leaderboard.submissions.models import WorkerBeat

State = Literal["ok", "warning", "wrong"]
LEAST_FREE: Final = 2 << 30
LEAST_FILES: Final = 1024
SILENT: Final = timedelta(minutes=2)


@dataclass(frozen=True)
class Sign:
    """One thing that was looked at."""

    state: State
    message: str
    params: dict[str, Any] = field(default_factory=dict)

    def said(self, locale: str) -> str:
        return translate(locale, self.message, **self.params)


def examine(settings: Settings) -> list[Sign]:
    """All signs, in the order in which they build on each other; a check that cannot be made says why."""
    checks: tuple[Callable[[Settings], Iterator[Sign]], ...] = (
        _python,
        _data_folder,
        _database,
        _address,
        _mail,
        _sandbox,
        _limits,
        _search,
    )
    return [sign for check in checks for sign in check(settings)]


def _python(_: Settings) -> Iterator[Sign]:
    yield Sign("ok", N_("Python {version} on {system}"), {"version": sys.version.split()[0], "system": sys.platform})


def _data_folder(settings: Settings) -> Iterator[Sign]:
    folder = settings.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o750)
        probe = folder / f".doctor-{os.getpid()}"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        yield Sign(
            "wrong",
            N_("The data folder {path} cannot be written: {reason}. Give it to this user, or set JIEBANG_DATA_DIR."),
            {"path": str(folder), "reason": str(error.strerror)},
        )
        return
    free = shutil.disk_usage(folder).free
    room = {"path": str(folder.absolute()), "gigabytes": f"{free / 1e9:.1f}"}
    if free < LEAST_FREE:
        yield Sign("warning", N_("The data folder {path} has only {gigabytes} GB left. Make room."), room)
    else:
        yield Sign("ok", N_("Data folder {path}, {gigabytes} GB free"), room)
    secret = folder / "secret"
    if secret.exists() and secret.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield Sign("wrong", N_("Others can read {path}. Run: chmod 600 {path}"), {"path": str(secret)})


def _database(settings: Settings) -> Iterator[Sign]:
    try:
        database = Database(settings.database_address)
    except OSError:
        return  # its folder cannot be made: the look at the data folder has said so
    kind = "SQLite" if database.is_sqlite else "PostgreSQL"
    try:
        have, want = schema_versions(database)
        if have != want:
            yield Sign(
                "wrong",
                N_("The database ({kind}) does not have the newest schema. Run: jiebang migrate"),
                {"kind": kind},
            )
            return
        yield Sign("ok", N_("{kind} answers and has the newest schema"), {"kind": kind})
        yield from _queue(database)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).strip().splitlines()[0]
        yield Sign(
            "wrong",
            N_("The database ({kind}) cannot be used: {reason}. Check JIEBANG_DATABASE_URL."),
            {"kind": kind, "reason": reason},
        )
    finally:
        database.dispose()


def _queue(database: Database) -> Iterator[Sign]:
    now = datetime.now(UTC)
    with database.read() as session:
        counts = jobs.counts(session)
        beats = [beat for beat in session.exec(select(WorkerBeat)) if beat.stopped_at is None]
    waiting = sum(count for (_, state), count in counts.items() if state == jobs.WAITING)
    dead = sum(count for (_, state), count in counts.items() if state == jobs.DEAD)
    alive = sum(1 for beat in beats if now - beat.seen_at < SILENT)
    if waiting and not alive:
        yield Sign(
            "wrong",
            N_("{waiting} jobs wait and no worker is alive. Start jiebang serve or jiebang worker."),
            {"waiting": waiting},
        )
    else:
        yield Sign("ok", N_("Workers alive: {alive}; jobs waiting: {waiting}"), {"alive": alive, "waiting": waiting})
    if dead:
        yield Sign(
            "warning", N_("{dead} jobs were given up. The log says why; score those submissions anew."), {"dead": dead}
        )


def _address(settings: Settings) -> Iterator[Sign]:
    url = urlsplit(settings.base_url)
    if url.scheme not in {"http", "https"} or not url.hostname:
        yield Sign("wrong", N_("JIEBANG_BASE_URL is not an address: {url}"), {"url": settings.base_url})
        return
    local = url.hostname in {"localhost", "127.0.0.1", "::1"}
    if not local and url.scheme == "http":
        yield Sign(
            "wrong",
            N_("People reach this server at {url} without encryption. Put it behind HTTPS and set JIEBANG_BASE_URL."),
            {"url": settings.base_url},
        )
    elif local and settings.host not in {"127.0.0.1", "localhost", "::1"}:
        yield Sign(
            "warning",
            N_("The server listens on {host} but links say {url}. Set JIEBANG_BASE_URL to what people see."),
            {"host": settings.host, "url": settings.base_url},
        )
    else:
        yield Sign("ok", N_("Address {url}"), {"url": settings.base_url})


def _mail(settings: Settings) -> Iterator[Sign]:
    if settings.smtp_url is None:
        yield Sign("warning", N_("Mails are printed, not sent: password resets reach nobody. Set JIEBANG_SMTP_URL."))
        return
    url = urlsplit(settings.smtp_url.get_secret_value())
    server = {"server": f"{url.hostname}:{url.port or (465 if url.scheme == 'smtps' else 587)}"}
    try:
        socket.create_connection((url.hostname or "", url.port or (465 if url.scheme == "smtps" else 587)), 5).close()
    except (OSError, ValueError) as error:
        yield Sign("wrong", N_("The mail server {server} does not answer: {reason}"), server | {"reason": str(error)})
    else:
        yield Sign("ok", N_("The mail server {server} answers"), server)


def _sandbox(settings: Settings) -> Iterator[Sign]:
    try:
        found = guards(settings)
    except (OSError, ChildFailed) as error:
        yield Sign("wrong", N_("A scoring child cannot be started: {reason}"), {"reason": str(error)})
        return
    for guard in found:
        if guard.active:
            yield Sign("ok", N_("Scoring children: {guard} holds"), {"guard": guard.name})
        else:
            yield Sign(
                "wrong" if settings.sandbox == "require" else "warning",
                N_("Scoring children: {guard} does not hold here ({why})"),
                {"guard": guard.name, "why": guard.why},
            )


def _limits(_: Settings) -> Iterator[Sign]:
    try:
        import resource
    except ImportError:
        return
    files, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files < LEAST_FILES:
        yield Sign(
            "warning",
            N_("Only {files} files may be open: many readers of live boards would not fit. Run: ulimit -n 65536"),
            {"files": files},
        )


def _search(_: Settings) -> Iterator[Sign]:
    if installed_embedders():
        yield Sign("ok", N_("The exchange compares meanings, across Chinese and English"))
    else:
        yield Sign(
            "warning",
            N_(
                "The exchange compares words only: needs and offers in different languages hardly find each other. "
                "Run: pip install '.[semantic]'"
            ),
        )
