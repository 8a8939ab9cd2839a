"""Data packages, imports and CKAN's Action API over HTTP. DCAT is served by the exchange, which knows the usage policies."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.datastructures import UploadFile

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.accounts.forms import again, trail
from leaderboard.core.errors import JiebangError, Malformed, NotFound
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Locale, ReadWork, WriteWork
from leaderboard.datasets.standards import ckan, importing
from leaderboard.datasets.standards.out import ImportOut
from leaderboard.datasets.standards.package import datapackage
from leaderboard.datasets.standards.reading.json_text import parsed
from leaderboard.datasets.standards.subject import subject
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import attachment, locale_of, page

pages = APIRouter()
api = APIRouter(tags=["datasets"])

READ, REFER = act("dataset.read"), act("dataset.refer")
NAV: Final = "datasets"
STEPS: Final = ((N_("Datasets"), "/datasets"), (N_("New dataset"), "/datasets/new"), (N_("Import a description"), None))


@pages.get("/{locale}/datasets/{slug}/datapackage.json", dependencies=[READ])
def data_package(locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    one = subject(work, actor, slug)
    headers = {
        "Content-Disposition": attachment(f"{slug}-datapackage.json", "inline"),
        "Cache-Control": "private, no-cache",
    }
    return JSONResponse(datapackage(one, f"{one.site}/{locale}/datasets/{slug}", locale), headers=headers)


# Imports


async def _description(request: Request) -> tuple[bytes, str]:
    """The chosen file, or else the pasted text, which is shown again; the edge limits the size of both."""
    async with request.form() as form:
        file, text = form.get("file"), form.get("description")
        if isinstance(file, UploadFile) and file.filename:
            return await file.read(), ""
    pasted = text if isinstance(text, str) else ""
    return pasted.encode(), pasted


Description = Annotated[tuple[bytes, str], Depends(_description)]


@pages.get("/{locale}/datasets/new/import", dependencies=[REFER])
def import_form(request: Request, locale: Locale, actor: CurrentActor) -> Response:
    content = importing.import_page(actor)
    return page(request, "datasets/import.html", content, nav=NAV, breadcrumbs=trail(request, *STEPS))


@pages.post("/{locale}/datasets/new/import", dependencies=[REFER])
def import_description(
    request: Request, locale: Locale, work: ReadWork, actor: CurrentActor, description: Description
) -> Response:
    """Nothing is kept: the form of a new dataset comes back filled in, to be completed and saved."""
    try:
        content = importing.imported_page(work, actor, importing.read(description[0]))
    except Malformed as error:
        form = Form.refused({"description": description[1]}, error)
        return again(request, "datasets/import.html", importing.import_page(actor, form), error, trail(request, *STEPS))
    return page(request, "datasets/imported.html", content, nav=NAV, breadcrumbs=trail(request, *STEPS))


async def _body(request: Request) -> bytes:
    return await request.body()


Body = Annotated[bytes, Depends(_body)]
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object", "description": "Croissant or a Frictionless data package"}
            }
        },
    }
}


@api.post("/datasets/import", status_code=201, dependencies=[REFER], openapi_extra=_BODY)
def import_dataset(
    request: Request,
    work: WriteWork,
    actor: CurrentActor,
    description: Body,
    owner: Annotated[str, Query(max_length=40, description="team:3 or organization:7, whose the draft will be")] = "",
    address: Annotated[str, Query(max_length=500, description="of the file, where the description has none")] = "",
    sha256: Annotated[str, Query(max_length=64, description="of the file, where the description has none")] = "",
    media_type: Annotated[str, Query(max_length=90, description="of the file, where the description has none")] = "",
) -> ImportOut:
    """A draft out of a Croissant or Frictionless description, which is the body. Nothing that it names is fetched."""
    said = {"address": address, "sha256": sha256, "media_type": media_type}
    made, found = importing.create(work, actor, description, owner=owner, said=said)
    return ImportOut.of(made.slug, found, locale_of(request))


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
