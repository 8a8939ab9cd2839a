"""Imports over HTTP. A description may be large, and the refusal of one that is too large stands beside its field."""

from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.datastructures import UploadFile
from starlette.types import Message

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.accounts.forms import Sent, again, attempt, trail
from leaderboard.core.errors import FieldError, Malformed
from leaderboard.core.i18n import N_
from leaderboard.core.web import Held, Locale, ReadWork, WriteWork
from leaderboard.core.work import Work
from leaderboard.exchange.standards import importing
from leaderboard.exchange.standards.out import ImportOut
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import locale_of, page, see_other

pages = APIRouter()
api = APIRouter(tags=["datasets"])

REFER = act("dataset.refer")
NAV: Final = "datasets"
STEPS: Final = ((N_("Datasets"), "/datasets"), (N_("New dataset"), "/datasets/new"), (N_("Import a description"), None))
LARGEST: Final = 1 << 20
"""Bytes of a description."""
OVERHEAD: Final = 64 << 10
"""What a form adds to it: boundaries, headers, names."""
_NO_FILE: Final = b'name="file"; filename=""'
"""So a browser writes that no file was chosen."""
DRAINED: Final = 64 << 20
"""So much of a body that is too large is read all the same, so that its sender gets to read why not."""


@dataclass(frozen=True)
class Sheet:
    """What came through the form: the chosen file, or else the pasted text, which is shown again. ``field``: which of the two;
    ``refusal``: why it is not here.
    """

    data: bytes
    field: str
    pasted: str = ""
    refusal: Malformed | None = None


async def _description(request: Request) -> Sheet:
    body, size = await _taken(request)
    if size > len(body):
        field = "description" if _NO_FILE in body else "file"
        return Sheet(b"", field, refusal=_too_large(size, field))

    async def replayed() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async with Request(request.scope, replayed).form(max_part_size=LARGEST + OVERHEAD) as form:
        file, text = form.get("file"), form.get("description")
        pasted = text if isinstance(text, str) else ""
        chosen = await file.read() if isinstance(file, UploadFile) and file.filename else None
    field, data = ("description", pasted.encode()) if chosen is None else ("file", chosen)
    if len(data) > LARGEST:
        return Sheet(b"", field, refusal=_too_large(len(data), field))
    return Sheet(data, field, pasted if chosen is None else "")


async def _taken(request: Request) -> tuple[bytes, int]:
    """The body as far as it is kept, and how many bytes came."""
    kept, size = bytearray(), 0
    async for piece in request.stream():
        size += len(piece)
        if size <= LARGEST + OVERHEAD:
            kept += piece
        if size > DRAINED:
            break
    return bytes(kept), size


def _too_large(size: int, field: str) -> Malformed:
    message = N_(
        "The description has {size} MB; at most {most} MB are read. Leave out what it holds of the data itself, such as samples "
        "and long lists of files, and give it again."
    )
    params: dict[str, Any] = {"size": f"{size / LARGEST:.1f}", "most": LARGEST >> 20}
    return Malformed("import.too_large", message, fields=(FieldError(field, message, params),), **params)


Description = Annotated[Sheet, Depends(_description)]


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
        if description.refusal is not None:
            raise description.refusal
        content = importing.imported_page(work, actor, importing.read(description.data, description.field), locale)
    except Malformed as error:
        form = Form.refused({"description": description.pasted}, error)
        return again(request, "datasets/import.html", importing.import_page(actor, form), error, trail(request, *STEPS))
    return page(request, "datasets/imported.html", content, nav=NAV, breadcrumbs=trail(request, *STEPS))


@pages.post("/{locale}/datasets/new/imported", dependencies=[REFER])
def save(request: Request, locale: Locale, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    """The completed form as drafts; leads to the listing, which asks for more, or to the card where there is none."""
    paths: list[str] = []

    def deed(work: Work) -> None:
        card, listing = importing.save(work, actor, sent)
        paths.append(f"/listings/{listing.key}/edit" if listing is not None else f"/datasets/{card.slug}")

    error = attempt(held, deed)
    if error is None:
        return see_other(request, paths[0])
    with held.read() as work:
        content = importing.refused_page(work, actor, Form.refused(sent, error))
    return again(request, "datasets/imported.html", content, error, trail(request, *STEPS))


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
    listing: Annotated[bool, Query(description="draft a listing with it")] = False,
    organization: Annotated[
        str, Query(max_length=40, description="organization:7, in whose name a team's dataset is offered")
    ] = "",
) -> ImportOut:
    """Drafts out of a Croissant or Frictionless description, which is the body. Nothing that it names is fetched."""
    said = {"address": address, "sha256": sha256, "media_type": media_type}
    made, offered, found = importing.create(
        work, actor, description, owner=owner, said=said, listing=listing, organization=organization
    )
    return ImportOut.of(made.slug, offered.key if offered is not None else None, found, locale_of(request))
