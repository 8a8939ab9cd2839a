"""A package on its way into a file: counted as it comes, from a form or as a bare body; memory stays flat.

Parts lie where uploads lie, with their suffix, so what a crash leaves behind is swept with theirs.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from secrets import token_hex
from typing import Final

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import FieldError, Malformed
from leaderboard.core.i18n import N_
from leaderboard.core.web import too_large
from leaderboard.core.work import Resources
from leaderboard.seasons import packages, service
from leaderboard.seasons.packages import ARCHIVE, Upload

FORM_EXTRA: Final = 64 << 10
"""Bytes granted to the other fields and the boundaries of a form."""
BLOCK: Final = 1 << 20


@asynccontextmanager
async def arriving(request: Request, held: Resources) -> AsyncIterator[tuple[Upload, Mapping[str, str]]]:
    """The zip in a file, and the form's other fields. The file is removed at the end unless it was moved away.

    Raises TooLarge as soon as more than the settings allow has come, Malformed when there is no file.
    """
    folder = held.settings.data_dir / "uploads"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{token_hex(16)}.part"
    try:
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            yield await _from_form(request, path, _most(held))
        else:
            yield await _from_body(request, path, _most(held)), {}
    finally:
        path.unlink(missing_ok=True)


def _most(held: Resources) -> int:
    return held.settings.package_max_mb * 1_000_000


async def _counted(request: Request, most: int, allowed: int) -> AsyncGenerator[bytes, None]:
    taken = 0
    async for block in request.stream():
        taken += len(block)
        if taken > allowed:
            raise too_large(most)
        yield block


async def _from_body(request: Request, path: Path, most: int) -> Upload:
    size = 0
    with path.open("xb") as file:
        async for block in _counted(request, most, most):
            size += len(block)
            file.write(block)
    if size == 0:
        raise _no_file()
    return Upload(path, request.query_params.get("file_name", ARCHIVE), size)


async def _from_form(request: Request, path: Path, most: int) -> tuple[Upload, Mapping[str, str]]:
    parser = MultiPartParser(request.headers, _counted(request, most, most + FORM_EXTRA), max_files=1, max_fields=20)
    try:
        form = await parser.parse()
    except MultiPartException:
        raise Malformed("seasons.form", N_("The form cannot be read. Send it again.")) from None
    try:
        file = form.get("file")
        fields = {key: value for key, value in form.multi_items() if isinstance(value, str)}
        if not isinstance(file, UploadFile) or not file.size:
            raise _no_file()
        await run_in_threadpool(_copy, file, path)
        return Upload(path, file.filename or ARCHIVE, file.size), fields
    finally:
        await form.close()


def _copy(file: UploadFile, path: Path) -> None:
    with path.open("xb") as target:
        while block := file.file.read(BLOCK):
            target.write(block)


def _no_file() -> Malformed:
    message = N_("Choose the zip of a challenge package.")
    return Malformed("seasons.no_file_sent", message, fields=[FieldError("file", message)])


def take(held: Resources, actor: Actor, upload: Upload, organization: str, slug: str | None) -> int:
    """Keeps an upload for the organization of that name, or as the next version of a challenge; gives the package's id."""
    with held.write() as work:
        challenge = service.challenge_to_edit(work, actor, slug) if slug else None
        unit = challenge.organization_id if challenge else packages.organization_id(work, actor, organization)
        package = packages.receive(work, actor, unit, upload, challenge=challenge)
        assert package.id is not None
        return package.id
