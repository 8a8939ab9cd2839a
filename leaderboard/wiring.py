"""The one composition root: what is plugged in where. Rooms never look sideways or up; they are joined here."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, Final

from fastapi import APIRouter, Depends

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
from leaderboard.datasets import routes_audit as datasets_routes_audit
from leaderboard.datasets import routes_upload as datasets_routes_upload
from leaderboard.datasets import wires as datasets
from leaderboard.datasets.standards import routes as standards_routes
from leaderboard.entries import routes as entries_routes
from leaderboard.entries import wires as entries
from leaderboard.events import routes as events_routes
from leaderboard.events import routes_desk as events_desk
from leaderboard.events import wires as events
from leaderboard.exchange.deals import routes as deals_routes
from leaderboard.exchange.deals import routes_tracing as tracing_routes
from leaderboard.exchange.deals import waiting as deals_waiting
from leaderboard.exchange.deals import wires as deals
from leaderboard.exchange.demands import routes as demands_routes
from leaderboard.exchange.demands import routes_api as demands_api
from leaderboard.exchange.demands import wires as demands
from leaderboard.exchange.listings import routes as listings_routes
from leaderboard.exchange.listings import wires as listings
from leaderboard.exchange.loop import routes as loop_routes
from leaderboard.exchange.matches import routes as search_routes
from leaderboard.exchange.matches import routes_matches as matches_routes
from leaderboard.exchange.matches import wires as matches
from leaderboard.exchange.standards import routes as dcat_routes
from leaderboard.exchange.standards import routes_import as import_routes
from leaderboard.front import routes as front_routes
from leaderboard.rankings import routes as rankings_routes
from leaderboard.rankings import wires as rankings
from leaderboard.seasons import routes as seasons_routes
from leaderboard.seasons import wires as seasons
from leaderboard.submissions import annotation_routes, likeness_routes, quality_routes
from leaderboard.submissions import routes as submissions_routes
from leaderboard.submissions import wires as submissions
from leaderboard.ui import routes as ui_routes


def _counting(*routers: APIRouter) -> APIRouter:
    """Pages above which the line of ways of the exchange stands, with what waits for the reader."""
    joined = APIRouter(dependencies=[Depends(deals_waiting.count)])
    for router in routers:
        joined.include_router(router)
    return joined


PAGES: Final[tuple[APIRouter, ...]] = (
    ui_routes.pages,
    front_routes.pages,
    accounts_routes.pages,
    seasons_routes.pages,
    entries_routes.pages,
    submissions_routes.pages,
    quality_routes.pages,
    annotation_routes.pages,
    likeness_routes.pages,
    rankings_routes.pages,
    datasets_routes_upload.pages,
    datasets_routes.pages,
    datasets_routes_audit.pages,
    _counting(listings_routes.pages),
    tracing_routes.pages,
    standards_routes.pages,
    dcat_routes.pages,
    import_routes.pages,
    _counting(demands_routes.pages, deals_routes.pages, loop_routes.pages, search_routes.pages, matches_routes.pages),
    events_desk.pages,  # before the events, whose addresses its own must not be taken for
    _counting(events_routes.pages),
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
    listings_routes.api,
    import_routes.api,
    demands_api.api,
    deals_routes.api,
    tracing_routes.api,
    loop_routes.api,
    search_routes.api,
    matches_routes.api,
    events_routes.api,
)


def _joined(*tables: Handlers) -> Handlers:
    """Several rooms may hear one signal; lower rooms hear it first."""
    heard: defaultdict[type[Any], list[Callable[[Any, Any], None]]] = defaultdict(list)
    for table in tables:
        for signal, handlers in table.items():
            heard[signal].extend(handlers)
    return {signal: tuple(handlers) for signal, handlers in heard.items()}


HANDLERS: Final[Handlers] = _joined(
    seasons.HANDLERS,
    entries.HANDLERS,
    submissions.HANDLERS,
    rankings.HANDLERS,
    datasets.HANDLERS,
    listings.HANDLERS,
    matches.HANDLERS,
    deals.HANDLERS,
)

SANDBOX_JOBS: Final[Mapping[str, SandboxJob]] = {
    **seasons.SANDBOX_JOBS,
    **submissions.SANDBOX_JOBS,
    **datasets.SANDBOX_JOBS,
    **deals.SANDBOX_JOBS,
}


def _send_mail(held: Resources, job: Leased) -> None:
    mailer(held.settings).send(compose(job.payload, held.settings))


PLAIN_JOBS: Final[Mapping[str, PlainJob]] = {
    MAIL: _send_mail,
    **accounts.PLAIN_JOBS,
    **submissions.PLAIN_JOBS,
    **rankings.PLAIN_JOBS,
    **listings.PLAIN_JOBS,
    **matches.PLAIN_JOBS,
    **demands.PLAIN_JOBS,
    **deals.PLAIN_JOBS,
    **events.PLAIN_JOBS,
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
