"""Files of dataset cards over HTTP: bringing one, describing its columns, having it measured and shown in part."""

from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.accounts.forms import Sent, again
from leaderboard.core.errors import FieldError, JiebangError, Malformed, Refused, SignInNeeded, TooLarge
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Held, Locale, ReadWork
from leaderboard.core.work import Resources, Work
from leaderboard.datasets import service, uploading
from leaderboard.datasets import upload_pages as made
from leaderboard.datasets.fields import CardWords, Changelog
from leaderboard.submissions import incoming
from leaderboard.submissions.reception import ReceivedFile
from leaderboard.submissions.routes import stream
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import locale_of, page, see_other

pages = APIRouter()

NAV: Final = "datasets"
REFER, EDIT = act("dataset.refer"), act("dataset.edit")
Typed = dict[str, str]


def _crumbs(request: Request, *steps: tuple[str, str | None]) -> list[tuple[str, str | None]]:
    return [(translate(locale_of(request), N_("Datasets")), "/datasets"), *steps]


# Bringing a file


@pages.get("/{locale}/datasets/upload", dependencies=[REFER])
def new_form(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    return _upload_page(request, made.upload_page(work, actor, None, locale))


@pages.post("/{locale}/datasets/upload", dependencies=[REFER])
async def create(request: Request, locale: Locale, held: Held, actor: CurrentActor) -> Response:
    return await _received(request, held, actor, None)


@pages.get("/{locale}/datasets/{slug}/upload", dependencies=[EDIT])
def upload_form(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return _upload_page(request, made.upload_page(work, actor, slug, locale))


@pages.post("/{locale}/datasets/{slug}/upload", dependencies=[EDIT])
async def upload(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor) -> Response:
    return await _received(request, held, actor, slug)


async def _received(request: Request, held: Resources, actor: CurrentActor, slug: str | None) -> Response:
    """Takes the request's file for a new card or the next version of one; what was typed survives a refusal."""
    typed: Typed = {}

    def ready(work: Work) -> int:
        if slug is None:
            uploading.may_create(work, actor)
        else:
            service.dataset_for(work, actor, slug, "dataset.edit")
        return uploading.largest(work)

    def keep(work: Work, file: ReceivedFile, fields: Typed) -> tuple[str | None, str]:
        typed.update(fields)
        return file.storage_key, _kept(work, actor, slug, file, fields)

    try:
        path = await incoming.take(request, held, ready, keep, "")
    except SignInNeeded:
        raise
    except (Malformed, Refused, TooLarge) as error:
        return await run_in_threadpool(_refused, request, held, actor, slug, typed, error)
    return see_other(request, path)


def _kept(work: Work, actor: CurrentActor, slug: str | None, file: ReceivedFile, fields: Typed) -> str:
    """Makes a card or a version of the file; the page where it goes on."""
    preview = bool(fields.get("preview"))
    if slug is None:
        words, owner = CardWords.typed(fields), fields.get("owner", "")
        dataset = uploading.create(work, actor, owner=owner, words=words, file=file, preview=preview)
        return f"/datasets/{dataset.slug}/versions/1"
    version = uploading.add(work, actor, slug, file, changelog=Changelog.typed(fields), preview=preview)
    return f"/datasets/{slug}/versions/{version.number}"


def _refused(
    request: Request, held: Resources, actor: CurrentActor, slug: str | None, typed: Typed, error: JiebangError
) -> Response:
    fields = error.fields or ()
    form = Form(typed, fields) if fields else Form.refused(typed, _about_file(error))
    with held.read() as work:
        return _upload_page(request, made.upload_page(work, actor, slug, locale_of(request), form), error)


def _about_file(error: JiebangError) -> JiebangError:
    """A refusal that names no field is one of the file."""
    return Malformed(error.id, error.message, fields=[FieldError("file", error.message, error.params)], **error.params)


def _upload_page(request: Request, content: made.UploadPage, error: JiebangError | None = None) -> Response:
    here = (translate(locale_of(request), N_("Upload a file")), None)
    crumbs = _crumbs(request, *([(content.title, f"/datasets/{content.slug}")] if content.slug else []), here)
    if error is not None:
        return again(request, "datasets/upload.html", content, error, crumbs)
    return page(request, "datasets/upload.html", content, nav=NAV, breadcrumbs=crumbs)


# One version's file


def _file_page(request: Request, content: made.FilePage, error: JiebangError | None = None) -> Response:
    here = (translate(locale_of(request), N_("Version {number}"), number=content.number), None)
    crumbs = _crumbs(request, (content.title, f"/datasets/{content.slug}"), here)
    if error is not None:
        return again(request, "datasets/file.html", content, error, crumbs)
    return page(request, "datasets/file.html", content, nav=NAV, breadcrumbs=crumbs)


@pages.get("/{locale}/datasets/{slug}/versions/{number}", dependencies=[EDIT])
def version_file(
    request: Request, locale: Locale, slug: str, number: int, work: ReadWork, actor: CurrentActor
) -> Response:
    return _file_page(request, made.file_page(work, actor, slug, number, locale))


@pages.post("/{locale}/datasets/{slug}/versions/{number}", dependencies=[EDIT])
def describe(
    request: Request, locale: Locale, slug: str, number: int, held: Held, actor: CurrentActor, sent: Sent
) -> Response:
    try:
        with held.write() as work:
            uploading.describe(work, actor, slug, number, sent)
    except (Malformed, Refused) as error:
        with held.read() as work:
            content = made.file_page(work, actor, slug, number, locale, Form.refused(sent, error))
        return _file_page(request, content, error)
    return see_other(request, f"/datasets/{slug}/versions/{number}")


@pages.post("/{locale}/datasets/{slug}/versions/{number}/again", dependencies=[EDIT])
def try_again(request: Request, locale: Locale, slug: str, number: int, held: Held, actor: CurrentActor) -> Response:
    with held.write() as work:
        uploading.try_again(work, actor, slug, number)
    return see_other(request, f"/datasets/{slug}/versions/{number}")


@pages.post("/{locale}/datasets/{slug}/versions/{number}/preview", dependencies=[EDIT])
def show_records(
    request: Request, locale: Locale, slug: str, number: int, held: Held, actor: CurrentActor, sent: Sent
) -> Response:
    with held.write() as work:
        uploading.show_records(work, actor, slug, number, agreed=bool(sent["preview"]))
    return see_other(request, f"/datasets/{slug}/versions/{number}")


@pages.get("/{locale}/datasets/{slug}/versions/{number}/report", dependencies=[EDIT])
def report(request: Request, locale: Locale, slug: str, number: int, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.report_page(work, actor, slug, number, locale)
    version = (translate(locale, N_("Version {number}"), number=number), f"/datasets/{slug}/versions/{number}")
    crumbs = _crumbs(
        request, (content.title, f"/datasets/{slug}"), version, (translate(locale, N_("Quality report")), None)
    )
    return page(request, "datasets/report.html", content, nav=NAV, breadcrumbs=crumbs)


@pages.get("/{locale}/datasets/{slug}/versions/{number}/events", dependencies=[EDIT])
async def events(request: Request, locale: Locale, slug: str, number: int, held: Held, actor: CurrentActor) -> Response:
    return await stream(request, held, lambda work: made.topic(work, actor, slug, number))
