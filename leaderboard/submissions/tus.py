"""The tus 1.0 protocol over `uploads`: core, creation, creation-with-upload, checksum, termination, expiration."""

import base64
from datetime import datetime
from email.utils import format_datetime
from typing import Annotated, Final

from fastapi import APIRouter, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from leaderboard.accounts.access import Actor, CurrentActor, act
from leaderboard.core.errors import JiebangError, Malformed
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Held, writer
from leaderboard.core.work import Resources
from leaderboard.submissions import uploads
from leaderboard.submissions.reception import too_large
from leaderboard.submissions.uploads import ALGORITHMS, ChecksumMismatch, Piece, Progress
from leaderboard.ui.respond import locale_of

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,creation-with-upload,checksum,termination,expiration"
PIECE: Final = "application/offset+octet-stream"
BASE: Final = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}

api = APIRouter(tags=["uploads"])


class WrongVersion(Malformed):
    status = 412


class WrongType(Malformed):
    status = 415


def _spoken(version: str | None) -> None:
    if version != VERSION:
        error = WrongVersion("submissions.tus_version", N_("This server speaks the tus protocol, version 1.0.0."))
        error.headers["Tus-Version"] = VERSION
        raise error


def _number(text: str | None, name: str) -> int:
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise Malformed("submissions.tus_header", N_("The header {name} must be a whole number."), name=name)
    return int(text)


def _metadata(text: str) -> dict[str, str]:
    """``key base64, key base64``. Raises Malformed."""
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        key, _, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode("utf-8")
        except ValueError:  # no base64, no UTF-8, or no ASCII
            raise Malformed(
                "submissions.tus_metadata", N_("Upload-Metadata must hold keys with values in base64 of UTF-8.")
            ) from None
    return found


def _checksum(text: str | None) -> tuple[str, bytes] | None:
    if text is None:
        return None
    algorithm, _, value = text.partition(" ")
    refused = Malformed(
        "submissions.tus_checksum",
        N_("Upload-Checksum must name one of {known} and a value in base64."),
        known=", ".join(ALGORITHMS),
    )
    if algorithm not in ALGORITHMS:
        raise refused
    try:
        return algorithm, base64.b64decode(value, validate=True)
    except ValueError:
        raise refused from None


def _headers(progress: Progress) -> dict[str, str]:
    headers = {
        **BASE,
        "Upload-Offset": str(progress.offset),
        "Upload-Length": str(progress.size),
        "Upload-Expires": _http_date(progress.expires_at),
    }
    if progress.submission_id is not None:
        headers["Jiebang-Submission"] = f"/submissions/{progress.submission_id}"
    return headers


def _http_date(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


@api.options("/uploads", status_code=204, dependencies=[act("site.read")], summary="What of tus is spoken")
@api.options("/uploads/{token}", status_code=204, dependencies=[act("site.read")], include_in_schema=False)
def capabilities(held: Held) -> Response:
    headers = {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(held.settings.upload_max_mb * 1_000_000),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }
    return Response(status_code=204, headers=headers)


@api.post("/uploads", status_code=201, dependencies=[act("upload.own")], summary="Begin an upload")
async def create(
    request: Request,
    held: Held,
    actor: CurrentActor,
    tus_resumable: Annotated[str | None, Header()] = None,
    upload_length: Annotated[str | None, Header()] = None,
    upload_metadata: Annotated[str, Header()] = "",
    upload_checksum: Annotated[str | None, Header()] = None,
    content_type: Annotated[str, Header()] = "",
) -> Response:
    """Metadata: ``challenge`` and ``filename``; also ``sha256`` (hex, of the whole file) and ``note``."""
    _spoken(tus_resumable)
    size, said, proof = _number(upload_length, "Upload-Length"), _metadata(upload_metadata), _checksum(upload_checksum)
    if size > held.settings.upload_max_mb * 1_000_000:
        raise too_large(held.settings.upload_max_mb * 1_000_000)

    def begin() -> Progress:
        with held.write() as work:
            return uploads.begin(
                work,
                actor,
                said.get("challenge", ""),
                size=size,
                file_name=said.get("filename", ""),
                sha256=said.get("sha256", "").lower() or None,
                note=said.get("note", ""),
            )

    async with writer(request):
        progress = await run_in_threadpool(begin)
    if content_type == PIECE:
        try:
            progress = await _append(request, held, actor, progress.token, 0, proof)
        except ChecksumMismatch as error:
            return _mismatch(request, error)
    return Response(status_code=201, headers={**_headers(progress), "Location": f"/api/v1/uploads/{progress.token}"})


@api.head("/uploads/{token}", dependencies=[act("upload.own")], summary="Where an upload stands")
def where(
    held: Held, actor: CurrentActor, token: str, tus_resumable: Annotated[str | None, Header()] = None
) -> Response:
    _spoken(tus_resumable)
    return Response(headers=_headers(uploads.progress(held, actor, token)))


@api.patch("/uploads/{token}", status_code=204, dependencies=[act("upload.own")], summary="Send a piece")
async def append(
    request: Request,
    held: Held,
    actor: CurrentActor,
    token: str,
    tus_resumable: Annotated[str | None, Header()] = None,
    upload_offset: Annotated[str | None, Header()] = None,
    upload_checksum: Annotated[str | None, Header()] = None,
    content_type: Annotated[str, Header()] = "",
) -> Response:
    _spoken(tus_resumable)
    if content_type != PIECE:
        raise WrongType("submissions.tus_type", N_("A piece of an upload has the type {kind}."), kind=PIECE)
    offset, proof = _number(upload_offset, "Upload-Offset"), _checksum(upload_checksum)
    try:
        progress = await _append(request, held, actor, token, offset, proof)
    except ChecksumMismatch as error:
        return _mismatch(request, error)
    except JiebangError as error:
        error.headers["Tus-Resumable"] = VERSION
        raise
    return Response(status_code=204, headers=_headers(progress))


def _mismatch(request: Request, error: ChecksumMismatch) -> Response:
    """460 is the protocol's own status, without a name in the registry that our problem documents are titled from."""
    body = {
        "type": f"urn:jiebang:{error.id}",
        "title": "Checksum Mismatch",
        "status": error.status,
        "detail": translate(locale_of(request), error.message, **error.params),
        "id": error.id,
    }
    return JSONResponse(body, error.status, BASE, "application/problem+json")


async def _append(
    request: Request, held: Resources, actor: Actor, token: str, offset: int, proof: tuple[str, bytes] | None
) -> Progress:
    piece = Piece(held, actor, token, offset, proof)
    await run_in_threadpool(piece.__enter__)
    try:
        async for block in request.stream():
            if block and not piece.begun:
                await run_in_threadpool(piece.begin)
            piece.write(block)
        return await run_in_threadpool(piece.close)
    finally:
        piece.__exit__(None, None, None)


@api.delete("/uploads/{token}", status_code=204, dependencies=[act("upload.own")], summary="End an upload")
def terminate(
    held: Held, actor: CurrentActor, token: str, tus_resumable: Annotated[str | None, Header()] = None
) -> Response:
    _spoken(tus_resumable)
    with held.write() as work:
        uploads.end(work, actor, token)
    return Response(status_code=204, headers=BASE)
