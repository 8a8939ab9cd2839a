"""What machines ask of the server: whether it lives, whether it can work, and numbers for Prometheus."""

import os
import time
from secrets import compare_digest
from typing import Final

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leaderboard import __version__
from leaderboard.core import jobs
from leaderboard.core.errors import Forbidden
from leaderboard.core.i18n import N_
from leaderboard.core.web import Held

BUCKETS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

probes = APIRouter()


class Telemetry:
    """Counters of one process; nothing is global, so two applications in one test do not mix."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "jiebang_http_requests", "Answered requests", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "jiebang_http_seconds", "Seconds until the answer began", ["route"], buckets=BUCKETS, registry=self.registry
        )
        self.jobs = Gauge("jiebang_jobs", "Jobs by kind and state", ["kind", "state"], registry=self.registry)
        self.oldest = Gauge("jiebang_oldest_waiting_seconds", "Age of the oldest waiting job", registry=self.registry)
        Gauge("jiebang_info", "Version of the program", ["version"], registry=self.registry).labels(__version__).set(1)


class Measured:
    """Middleware that counts answers and their time, by route pattern (never by address: that would be endless)."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self.app, self.telemetry = app, telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "other")
                self.telemetry.requests.labels(scope["method"], route, message["status"]).inc()
                self.telemetry.seconds.labels(route).observe(time.perf_counter() - began)
            await send(message)

        await self.app(scope, receive, counted)


@probes.get("/healthz", include_in_schema=False)
def healthz() -> Response:
    """The process lives; nothing else is looked at."""
    return PlainTextResponse("ok\n")


@probes.get("/readyz", include_in_schema=False)
def readyz(held: Held) -> Response:
    """The process can do its work: the database answers and its files can be written."""
    faults = {}
    try:
        with held.database.read() as session:
            session.execute(select(col(jobs.Job.id)).limit(1))  # SQLite answers SELECT 1 without looking at its file
    except SQLAlchemyError as error:
        structlog.get_logger().error("not ready", reason=type(error).__name__)
        faults["database"] = "does not answer"
    if not os.access(held.settings.data_dir, os.W_OK | os.X_OK):
        faults["data_dir"] = "cannot be written"
    return JSONResponse({"ready": not faults, "faults": faults}, 200 if not faults else 503)


@probes.get("/metrics", include_in_schema=False)
def metrics(request: Request, held: Held) -> Response:
    """Prometheus text. With JIEBANG_METRICS_TOKEN a bearer token is needed, else only this machine may ask."""
    _demand_scraper(request, held)
    telemetry: Telemetry = request.app.state.telemetry
    with held.database.read() as session:
        counts = jobs.counts(session)
        waiting = select(func.min(jobs.Job.created_at)).where(col(jobs.Job.state) == jobs.WAITING)
        oldest = session.execute(waiting).scalar_one_or_none()
    telemetry.jobs.clear()
    for (kind, state), count in counts.items():
        telemetry.jobs.labels(kind, state).set(count)
    telemetry.oldest.set((held.clock.now() - oldest).total_seconds() if oldest else 0)
    return Response(generate_latest(telemetry.registry), media_type="text/plain; version=0.0.4; charset=utf-8")


def _demand_scraper(request: Request, held: Held) -> None:
    wanted = held.settings.metrics_token
    if wanted is not None and wanted.get_secret_value():  # an empty one would let everybody in
        given = request.headers.get("authorization", "")
        allowed = compare_digest(given.encode(), f"Bearer {wanted.get_secret_value()}".encode())
    else:
        allowed = request.client is not None and request.client.host in {"127.0.0.1", "::1"}
        allowed = allowed and "x-forwarded-for" not in request.headers
    if not allowed:
        raise Forbidden("web.metrics", N_("Metrics are for the operator's monitoring only."))
