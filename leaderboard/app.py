"""The web application: a factory, its middleware, and the one place where errors become answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from functools import cache
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leaderboard import __version__, wiring
from leaderboard.accounts.access import actor_of
from leaderboard.core.changes import Feed
from leaderboard.core.errors import JiebangError, Malformed, NotFound, Unavailable
from leaderboard.core.i18n import LOCALES, N_, plain, translate
from leaderboard.core.log import logger
from leaderboard.core.malformed import field_errors
from leaderboard.core.telemetry import Measured, Telemetry, probes
from leaderboard.core.web import BodyLimit, CrossSiteGuard, writers
from leaderboard.core.work import Resources
from leaderboard.rankings.kept import KeptPages
from leaderboard.ui.assets import Assets
from leaderboard.ui.errors import error_page
from leaderboard.ui.respond import locale_of
from leaderboard.ui.templating import environment

STREAMED = (
    "/submissions",
    "/submit",
    "/check",
    "/upload",
    "/uploads",
    "/packages",
    "/organize/new",
    "/package",
    "/new/import",
)
"""Last path parts of routes that take files and count bytes for themselves."""

SECURITY_HEADERS = {
    b"content-security-policy": b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    b" connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}

log = logger("app")


class Envelope:
    """Around every answer: a request id, the security headers, one line in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if "\0" in scope["path"]:  # names nothing, and PostgreSQL would stumble over it
            scope["jiebang.error"] = NotFound("web.not_found", N_("There is no such page."))
        request_id = uuid4().hex[:12]
        scope["jiebang.request_id"] = request_id
        structlog.contextvars.bind_contextvars(request=request_id)

        async def finished(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                extra = [(name, value) for name, value in SECURITY_HEADERS.items() if name not in present]
                message = {
                    **message,
                    "headers": [*message["headers"], *extra, (b"x-request-id", request_id.encode())],
                }
                log.debug("answered", method=scope["method"], path=scope["path"], status=message["status"])
            await send(message)

        try:
            await self.app(scope, receive, finished)
        finally:
            structlog.contextvars.unbind_contextvars("request")


async def _refuse_marked(request: Request) -> None:
    """Raises what a guard outside the router found, here where errors become answers."""
    error = request.scope.get("jiebang.error")
    if error is not None:
        raise error


@cache
def _site() -> APIRouter:
    """Every route, once for all applications of a process: what a route asks for is worked out when it is first looked at, slowly."""
    site = APIRouter(dependencies=[Depends(_refuse_marked)], responses={"4XX": PROBLEM})
    site.include_router(probes)
    for router in wiring.API:
        site.include_router(router, prefix="/api/v1")
    for router in wiring.PAGES:
        site.include_router(router, include_in_schema=False)
    return site


def create_app(resources: Resources) -> FastAPI:
    """The application over ``resources``. Nothing runs before the server starts its life span."""
    feed = Feed(resources.database)
    assets = Assets.load()

    @contextlib.asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        await feed.begin()
        polling = asyncio.create_task(feed.run())
        yield
        polling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await polling

    app = FastAPI(
        title="Jiebang",
        version=__version__,
        summary="Challenges, submissions, boards.",
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        routes=_site().routes,
    )
    app.state.resources = resources
    app.state.feed = feed
    app.state.writers = writers(resources)
    app.state.recognise = actor_of
    app.state.telemetry = Telemetry()
    app.state.templates = environment(debug=resources.settings.log_level == "DEBUG", assets=assets)
    app.mount("/static", assets)
    app.add_exception_handler(JiebangError, _answer_error)
    app.add_exception_handler(RequestValidationError, _answer_malformed)
    app.add_exception_handler(HTTPException, _answer_http)
    app.add_exception_handler(OverflowError, _answer_overflow)
    app.add_exception_handler(ClientDisconnect, _answer_lost)
    app.add_exception_handler(Exception, _answer_fault)
    app.add_middleware(BodyLimit, streamed=STREAMED)
    app.add_middleware(Measured, telemetry=app.state.telemetry)
    app.add_middleware(CrossSiteGuard)
    app.add_middleware(Envelope)
    app.add_middleware(KeptPages, feed=feed)  # outermost: a kept page is answered before anything else runs
    return app


# Errors become answers: RFC 9457 problem details for programs, pages for people


def _wants_json(request: Request) -> bool:
    return request.url.path.startswith("/api/")


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str
    id: str
    params: dict[str, Any] = {}
    request: str | None = None
    fields: list[dict[str, str]] = []
    findings: list[dict[str, Any]] = []


PROBLEM: Final[dict[str, Any]] = {
    "description": "What was refused and why: `id` is stable, `detail` is in the language of Accept-Language.",
    "content": {
        "application/problem+json": {
            "schema": Problem.model_json_schema(),
            "example": {
                "type": "urn:jiebang:web.malformed",
                "title": "Unprocessable Entity",
                "status": 422,
                "detail": "The request cannot be read.",
                "id": "web.malformed",
                "params": {},
                "request": "6f1d0c3a9b2e",
                "fields": [{"field": "limit", "detail": "This must be at most 200."}],
            },
        }
    },
}


def problem(request: Request, error: JiebangError, status: int) -> JSONResponse:
    """RFC 9457 problem details with the message in the asked language, the stable id, and every finding."""
    locale = locale_of(request)

    def said(message: str, params: dict[str, Any]) -> str:
        return translate(locale, message, **params)

    body: dict[str, Any] = {
        "type": f"urn:jiebang:{error.id}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": said(error.message, error.params),
        "id": error.id,
        "params": plain(locale, error.params),
        "request": request.scope.get("jiebang.request_id"),
    }
    if error.fields:
        body["fields"] = [
            {"field": fault.field, "detail": said(fault.message, dict(fault.params))} for fault in error.fields
        ]
    if error.findings:
        body["findings"] = list(error.findings)
    return JSONResponse(body, status, error.headers, "application/problem+json")


def _answer(request: Request, error: JiebangError, status: int) -> Response:
    if _wants_json(request):
        return problem(request, error, status)
    if status == 401:
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if request.method == "GET":
            return RedirectResponse(f"/{locale_of(request)}/sign-in?next={quote(back, safe='')}", 303)
    return HTMLResponse(error_page(request, error, status), status, error.headers)


async def _answer_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, JiebangError)
    return _answer(request, error, error.status)


def _into_a_language(request: Request) -> Response | None:
    """The same page behind ``/zh`` or ``/en``, for an address that names no language."""
    path = request.url.path
    if request.method != "GET" or _wants_json(request) or path.split("/")[1] in {*LOCALES, "static", "badge"}:
        return None
    return RedirectResponse(f"/{locale_of(request)}{path.rstrip('/')}", 307)


async def _answer_malformed(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    path_faults = [fault for fault in error.errors() if fault["loc"][0] == "path"]
    if path_faults:
        return _into_a_language(request) or _answer(
            request, NotFound("web.not_found", N_("There is no such page.")), 404
        )
    malformed = Malformed("web.malformed", N_("The request cannot be read."), fields=field_errors(error.errors()))
    return _answer(request, malformed, 422)


async def _answer_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    marked = request.scope.get("jiebang.error")
    if isinstance(marked, JiebangError):  # what a guard found while the body was read
        return _answer(request, marked, marked.status)
    if error.status_code == 404 and (there := _into_a_language(request)):
        return there
    known: JiebangError
    if error.status_code == 404:
        known = NotFound("web.not_found", N_("There is no such page."))
    else:
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            known = Malformed("web.method", N_("{method} does not go with this address."), method=request.method)
        else:
            known = Malformed("web.http", N_("{reason}."), reason=HTTPStatus(error.status_code).phrase)
        known.headers.update(error.headers or {})
    return _answer(request, known, error.status_code)


async def _answer_overflow(request: Request, error: Exception) -> Response:
    """An id that is larger than any number a database holds: there is nothing of that name."""
    log.info("a number too large for the database", path=request.url.path, reason=str(error))
    return _answer(request, NotFound("web.not_found", N_("There is no such page.")), 404)


async def _answer_lost(request: Request, _error: Exception) -> Response:
    """The connection broke while something was being sent: nobody reads the answer, and it is no fault of ours."""
    log.info("the client left", path=request.url.path)
    return Response(status_code=400)


async def _answer_fault(request: Request, error: Exception) -> Response:
    log.error("fault", path=request.url.path, exc_info=error)
    fault = Unavailable("web.fault", N_("Something broke on our side. It has been noted."))
    answer = _answer(request, fault, 500)
    for name, value in SECURITY_HEADERS.items():  # this answer is given outside the envelope
        answer.headers.setdefault(name.decode(), value.decode())
    return answer
