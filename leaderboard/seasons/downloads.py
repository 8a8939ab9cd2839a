"""Handing out the public files: as they are, as downloads, never as pages of ours."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import Response
from fastapi.responses import FileResponse

from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import NotFound
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.seasons import service
from leaderboard.seasons.models import Challenge, PackageVersion
from leaderboard.ui.respond import attachment

PICTURES: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}
"""What a brief may show in place; no SVG, which can carry scripts."""
TABLES: Final = {".csv": "text/csv; charset=utf-8", ".zip": "application/zip", ".json": "application/json"}


@dataclass(frozen=True, slots=True)
class PublicFile:
    """A local file, the name to save it under, and its digest."""

    place: Path
    name: str
    sha256: str


def _allowed(work: Work, actor: Actor, slug: str) -> tuple[Challenge, PackageVersion]:
    """The package in force, for those who may have its data: everyone, or, when it is about people, entered teams."""
    challenge = service.challenge_by_slug(work, actor, slug)
    package = service.package_in_force(work, challenge)
    if service.definition_of(package).data.personal == "none":
        actor.demand("challenge.data", organization_id=challenge.organization_id)
    else:
        actor.demand(
            "challenge.data_restricted",
            organization_id=challenge.organization_id,
            also=service.relations(work, actor, challenge),
        )
    return challenge, package


def public_file(work: Work, actor: Actor, slug: str, path: str) -> PublicFile:
    """One file by its path in the package. Raises NotFound, SignInNeeded, Forbidden."""
    _, package = _allowed(work, actor, slug)
    found = next((file for file in package.files if file["path"] == path), None)
    if found is None:
        raise NotFound("seasons.no_file", N_("This challenge has no file {path}."), path=path[:200])
    return PublicFile(work.storage.path(found["key"]), Path(path).name, found["sha256"])


def public_zip(work: Work, actor: Actor, slug: str) -> PublicFile:
    """The archive of everything public."""
    _, package = _allowed(work, actor, slug)
    assert package.public_key is not None
    return PublicFile(
        work.storage.path(package.public_key), f"{slug}-{package.version}-public.zip", package.public_sha256 or ""
    )


def as_response(file: PublicFile, if_none_match: str | None = None) -> Response:
    """The bytes, whole or in ranges (or 304); pictures may be shown in place, everything else is saved."""
    suffix = Path(file.name).suffix.lower()
    picture = PICTURES.get(suffix)
    kind = picture or TABLES.get(suffix, "application/octet-stream")
    headers = {
        "Content-Disposition": attachment(file.name, "inline" if picture else "attachment"),
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-cache",
        "ETag": f'"{file.sha256}"',
    }
    if if_none_match and headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    return FileResponse(file.place, media_type=kind, headers=headers)
