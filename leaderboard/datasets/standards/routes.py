"""Data packages and CKAN's Action API over HTTP. DCAT and imports are the exchange's, which knows the listings."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.core.errors import JiebangError, Malformed, NotFound
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Locale, ReadWork
from leaderboard.datasets.standards import ckan
from leaderboard.datasets.standards.package import datapackage
from leaderboard.datasets.standards.reading.json_text import parsed
from leaderboard.datasets.standards.subject import subject
from leaderboard.ui.respond import attachment, locale_of

pages = APIRouter()

READ = act("dataset.read")


@pages.get("/{locale}/datasets/{slug}/datapackage.json", dependencies=[READ])
def data_package(locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    one = subject(work, actor, slug)
    headers = {
        "Content-Disposition": attachment(f"{slug}-datapackage.json", "inline"),
        "Cache-Control": "private, no-cache",
    }
    return JSONResponse(datapackage(one, f"{one.site}/{locale}/datasets/{slug}", locale), headers=headers)


async def _body(request: Request) -> bytes:
    return await request.body()


Body = Annotated[bytes, Depends(_body)]


# CKAN


@pages.get("/api/3/action/{name}", dependencies=[READ])
@pages.get("/api/action/{name}", dependencies=[READ])
def ckan_get(request: Request, name: str, work: ReadWork) -> Response:
    query = request.query_params
    given = {key: texts if len(texts := query.getlist(key)) > 1 else texts[0] for key in query}
    return _answered(request, work, name, given)


@pages.post("/api/3/action/{name}", dependencies=[READ])
@pages.post("/api/action/{name}", dependencies=[READ])
def ckan_post(request: Request, name: str, work: ReadWork, body: Body) -> Response:
    """CKAN's clients read with POST too."""
    try:
        given = parsed(body) if body.strip() else {}
    except Malformed as error:
        return _failed(request, work, 400, "Bad Request", error)
    return _answered(request, work, name, given)


def _answered(request: Request, work: ReadWork, name: str, given: Mapping[str, Any]) -> Response:
    if name not in ckan.ACTIONS:
        message = N_("There is no action “{name}” here; there are: {known}.")
        unknown = NotFound("ckan.action", message, name=name[:60], known=", ".join(ckan.ACTIONS))
        return _failed(request, work, 400, "Bad Request", unknown)
    try:
        result = ckan.answer(name, ckan.Call(work, locale_of(request), given))
    except NotFound as error:
        return _failed(request, work, 404, "Not Found Error", error)
    except Malformed as error:
        return _failed(request, work, 409, "Validation Error", error)
    return JSONResponse({"help": _help(request, work), "success": True, "result": result})


def _failed(request: Request, work: ReadWork, status: int, kind: str, error: JiebangError) -> Response:
    locale = locale_of(request)
    said: dict[str, Any] = {"__type": kind, "message": translate(locale, error.message, **error.params)}
    said |= {fault.field: [translate(locale, fault.message, **dict(fault.params))] for fault in error.fields}
    return JSONResponse({"help": _help(request, work), "success": False, "error": said}, status)


def _help(request: Request, work: ReadWork) -> str:
    return f"{work.settings.base_url.rstrip('/')}/{locale_of(request)}/api/docs"
