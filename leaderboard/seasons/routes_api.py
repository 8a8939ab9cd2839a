"""Challenges, their files and packages under ``/api/v1``: the same page objects and verbs as the pages."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.core.web import Held, ReadWork, WriteWork
from leaderboard.seasons import arrivals, desk, downloads, listing, packages, posting, service
from leaderboard.seasons import pages as made
from leaderboard.seasons.models import Challenge
from leaderboard.seasons.out import (
    AdoptIn,
    AnnouncementIn,
    AnnouncementOut,
    ChallengeItem,
    ChallengeList,
    ChallengeOut,
    ChangeOut,
    DraftIn,
    FileOut,
    FilesOut,
    FindingOut,
    NewsOut,
    PackageOut,
    PhaseOut,
    PhasesIn,
    ReasonIn,
    StateOut,
    Text,
)
from leaderboard.ui.respond import locale_of

api = APIRouter(tags=["challenges"])


async def asked(
    q: Annotated[str, Query(max_length=100, description="words to look for")] = "",
    sector: Annotated[str, Query(max_length=60)] = "",
    task: Annotated[str, Query(max_length=60)] = "",
    modality: Annotated[str, Query(max_length=60)] = "",
    state: Annotated[str, Query(max_length=20, description="open, upcoming or closed")] = "",
    season: Annotated[str, Query(max_length=60)] = "",
    sort: Annotated[str, Query(max_length=20, description="closing, newest or title")] = "closing",
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> listing.Asked:
    """What the query string asks of the list; the page and the API read it alike."""
    return listing.Asked(" ".join(q.split()), sector, task, modality, state, season, sort, number)


Wanted = Annotated[listing.Asked, Depends(asked)]


@api.get("/challenges", dependencies=[act("challenge.read")])
def challenges(work: ReadWork, actor: CurrentActor, wanted: Wanted) -> ChallengeList:
    """The posted challenges, sifted as on the page of the same address."""
    page = listing.listing(work, actor, wanted)
    return ChallengeList(
        total=page.total,
        page=wanted.number,
        pages=page.pages,
        challenges=[ChallengeItem.of(card) for card in page.cards],
    )


@api.get("/challenges/{slug}", dependencies=[act("challenge.read")])
def challenge(slug: str, work: ReadWork, actor: CurrentActor) -> ChallengeOut:
    """One challenge with its phases, quotas, definition and brief."""
    found = service.challenge_by_slug(work, actor, slug)
    package, header = service.package_in_force(work, found), made.header(work, actor, found, "overview")
    return ChallengeOut(
        slug=slug,
        title=Text.of(header.title),
        summary=Text.of(header.summary),
        status=header.status,
        version=package.version or "",
        organization=header.organization,
        phases=[PhaseOut.of(phase, work.now) for phase in service.phases(work, found.id or 0)],
        definition=made.public_definition(service.definition_of(package)),
        brief=Text(en=package.readme_en or "", zh=package.readme_zh or ""),
    )


@api.get("/challenges/{slug}/files", dependencies=[act("challenge.read")])
def files(slug: str, work: ReadWork, actor: CurrentActor) -> FilesOut:
    """The public files with sizes and digests."""
    page = made.data(work, actor, slug)
    base = f"/api/v1/challenges/{slug}"
    return FilesOut(
        version=page.version,
        licence=page.licence,
        source=page.source,
        personal=page.personal,
        zip_bytes=page.public_size,
        zip_sha256=page.public_sha256,
        zip_url=f"{base}/public.zip",
        files=[
            FileOut(
                path=f.path, role=f.role_key, rows=f.rows, bytes=f.size, sha256=f.sha256, url=f"{base}/files/{f.path}"
            )
            for f in page.files
        ],
        more_files=page.more_files,
    )


@api.get("/challenges/{slug}/public.zip", dependencies=[act("challenge.data")], response_class=Response)
def public_zip(
    slug: str, work: ReadWork, actor: CurrentActor, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """Everything public in one archive; ranges are served."""
    return downloads.as_response(downloads.public_zip(work, actor, slug), if_none_match)


@api.get("/challenges/{slug}/files/{path:path}", dependencies=[act("challenge.data")], response_class=Response)
def public_file(
    slug: str, path: str, work: ReadWork, actor: CurrentActor, if_none_match: Annotated[str | None, Header()] = None
) -> Response:
    """One public file; ranges are served."""
    return downloads.as_response(downloads.public_file(work, actor, slug, path), if_none_match)


@api.post("/packages", dependencies=[act("challenge.create")], status_code=202)
async def send_package(
    request: Request,
    held: Held,
    actor: CurrentActor,
    organization: Annotated[str, Query(max_length=80, description="its slug; needed with several")] = "",
    challenge: Annotated[
        str | None, Query(max_length=80, description="send it as the next version of this one")
    ] = None,
    _file_name: Annotated[str, Query(alias="file_name", max_length=200, description="of a bare body")] = "",
) -> PackageOut:
    """Takes a package zip, as the body itself or as the field ``file`` of a form, and queues its check."""
    actor.demand("challenge.create")
    async with arrivals.arriving(request, held) as (upload, values):
        unit = organization or values.get("organization", "")
        package_id = await run_in_threadpool(arrivals.take, held, actor, upload, unit, challenge)
    return PackageOut(id=package_id, state="checking", version=None, digest=None, challenge=challenge, findings=[])


@api.get("/packages/{package_id}", dependencies=[act("challenge.edit")])
def package(request: Request, package_id: int, work: ReadWork, actor: CurrentActor) -> PackageOut:
    """The check report of a package."""
    report = desk.report(work, actor, package_id, locale_of(request))
    found = (*report.errors, *report.warnings, *report.notes)
    return PackageOut(
        id=report.row.id,
        state=report.row.state,
        version=report.row.version,
        digest=report.package.digest,
        challenge=report.row.challenge,
        findings=[FindingOut(level=one.level, place=one.place, text=one.text) for one in found],
    )


@api.post("/challenges", dependencies=[act("challenge.create")], status_code=201)
def draft(body: DraftIn, work: WriteWork, actor: CurrentActor) -> StateOut:
    """Makes a draft of a package that is ready, with the windows that it proposes."""
    return _state(posting.draft(work, actor, packages.package_to_edit(work, actor, body.package)))


def _state(challenge: Challenge) -> StateOut:
    return StateOut(slug=challenge.slug, state=challenge.state)


@api.put("/challenges/{slug}/phases", dependencies=[act("challenge.edit")])
def set_phases(slug: str, body: PhasesIn, work: WriteWork, actor: CurrentActor) -> list[PhaseOut]:
    """Sets all windows and quotas at once; windows left out are removed unless they have begun."""
    plans = [phase.plan() for phase in body.phases]
    return [PhaseOut.of(phase, work.now) for phase in posting.set_phases(work, actor, slug, plans, reason=body.reason)]


@api.post("/challenges/{slug}/post", dependencies=[act("challenge.edit")])
def post(slug: str, work: WriteWork, actor: CurrentActor) -> StateOut:
    """Makes a draft public."""
    return _state(posting.post(work, actor, slug))


@api.post("/challenges/{slug}/close", dependencies=[act("challenge.edit")])
def close(slug: str, body: ReasonIn, work: WriteWork, actor: CurrentActor) -> StateOut:
    """Ends a posted challenge for good."""
    return _state(posting.close(work, actor, slug, reason=body.reason))


@api.post("/challenges/{slug}/version", dependencies=[act("challenge.edit")])
def adopt(slug: str, body: AdoptIn, work: WriteWork, actor: CurrentActor) -> StateOut:
    """Puts another version of the package in force; a major one has everything scored anew."""
    return _state(posting.adopt(work, actor, slug, body.package, reason=body.reason))


@api.get("/challenges/{slug}/announcements", dependencies=[act("challenge.read")])
def news(slug: str, work: ReadWork, actor: CurrentActor) -> NewsOut:
    """What the organizer announced, and what was changed since posting, with the reasons."""
    found = service.challenge_by_slug(work, actor, slug)
    return NewsOut(
        announcements=[
            AnnouncementOut(
                id=one.id or 0,
                at=one.at,
                title=Text(en=one.title_en, zh=one.title_zh),
                text=Text(en=one.text_en, zh=one.text_zh),
            )
            for one in service.announcements(work, found.id or 0)
        ],
        changes=[
            ChangeOut(at=one.at, what=one.what, before=one.before, after=one.after, reason=one.reason)
            for one in service.corrections(work, found.id or 0)
        ],
    )


@api.post("/challenges/{slug}/announcements", dependencies=[act("challenge.edit")], status_code=201)
def announce(slug: str, body: AnnouncementIn, work: WriteWork, actor: CurrentActor) -> StateOut:
    """Publishes a notice in both languages."""
    texts = {"title_en": body.title.en, "title_zh": body.title.zh, "text_en": body.text.en, "text_zh": body.text.zh}
    posting.announce(work, actor, slug, **texts)
    return _state(service.challenge_to_edit(work, actor, slug))
