"""The one composition root: what is plugged in where. Rooms never look sideways or up; they are joined here."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import APIRouter

from leaderboard.accounts import routes as accounts_routes
from leaderboard.accounts import wires as accounts
from leaderboard.core.clock import Clock, SystemClock
from leaderboard.core.database import Database
from leaderboard.core.jobs import Leased
from leaderboard.core.mail import JOB_KIND as MAIL
from leaderboard.core.mail import compose, mailer
from leaderboard.core.sandbox import PlainJob, SandboxJob
from leaderboard.core.settings import Settings
from leaderboard.core.signals import Handlers
from leaderboard.core.storage import FolderStorage
from leaderboard.core.work import Resources
from leaderboard.datasets import routes as datasets_routes
from leaderboard.entries import routes as entries_routes
from leaderboard.entries import wires as entries
from leaderboard.rankings import routes as rankings_routes
from leaderboard.rankings import wires as rankings
from leaderboard.seasons import routes as seasons_routes
from leaderboard.seasons import wires as seasons
from leaderboard.submissions import annotation_routes, likeness_routes, quality_routes
from leaderboard.submissions import routes as submissions_routes
from leaderboard.submissions import wires as submissions
from leaderboard.ui import routes as ui_routes

PAGES: Final[tuple[APIRouter, ...]] = (
    ui_routes.pages,
    accounts_routes.pages,
    seasons_routes.pages,
    entries_routes.pages,
    submissions_routes.pages,
    quality_routes.pages,
    annotation_routes.pages,
    likeness_routes.pages,
    rankings_routes.pages,
    datasets_routes.pages,
)

API: Final[tuple[APIRouter, ...]] = (
    accounts_routes.api,
    seasons_routes.api,
    entries_routes.api,
    submissions_routes.api,
    quality_routes.api,
    annotation_routes.api,
    rankings_routes.api,
    datasets_routes.api,
)


def _joined(*tables: Handlers) -> Handlers:
    """Several rooms may hear one signal; lower rooms hear it first."""
    heard: defaultdict[type[Any], list[Callable[[Any, Any], None]]] = defaultdict(list)
    for table in tables:
        for signal, handlers in table.items():
            heard[signal].extend(handlers)
    return {signal: tuple(handlers) for signal, handlers in heard.items()}


HANDLERS: Final[Handlers] = _joined(seasons.HANDLERS, entries.HANDLERS, submissions.HANDLERS, rankings.HANDLERS)

SANDBOX_JOBS: Final[Mapping[str, SandboxJob]] = {**seasons.SANDBOX_JOBS, **submissions.SANDBOX_JOBS}


def _send_mail(held: Resources, job: Leased) -> None:
    mailer(held.settings).send(compose(job.payload, held.settings))


PLAIN_JOBS: Final[Mapping[str, PlainJob]] = {
    MAIL: _send_mail,
    **accounts.PLAIN_JOBS,
    **submissions.PLAIN_JOBS,
    **rankings.PLAIN_JOBS,
}


def build(settings: Settings, *, clock: Clock | None = None) -> Resources:
    """Opens what a process needs; the database must have been migrated. Close it with ``database.dispose()``."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o750)
    return Resources(
        settings=settings,
        database=Database(settings.database_address),
        storage=FolderStorage(settings.data_dir / "files"),
        clock=clock or SystemClock(),
        handlers=HANDLERS,
    )
