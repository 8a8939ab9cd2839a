"""Dataset cards over HTTP. A refusal shows the form again, with what was typed and why not."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.accounts.forms import Sent, again
from leaderboard.core.errors import JiebangError, Malformed, Refused
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Held, Locale, ReadWork
from leaderboard.core.work import Resources, Work
from leaderboard.datasets import listing, making, out, service, uploading
from leaderboard.datasets import pages as made
from leaderboard.datasets.fields import CardWords, Changelog, Reference
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import attachment, csv_file, locale_of, page, see_other

pages = APIRouter()
api = APIRouter(tags=["datasets"])

NAV: Final = "datasets"
LINKED: Final = "application/ld+json"
READ, CREATE, REFER, EDIT = act("dataset.read"), act("dataset.create"), act("dataset.refer"), act("dataset.edit")
Crumbs = list[tuple[str, str | None]]


async def _asked(
    q: Annotated[str, Query(max_length=100, description="words to look for in titles and summaries")] = "",
    sector: Annotated[str, Query(max_length=60)] = "",
    modality: Annotated[str, Query(max_length=60)] = "",
    licence: Annotated[str, Query(max_length=60, description="SPDX identifier")] = "",
    grade: Annotated[str, Query(max_length=10, description="AAA, AA, A, B, C or none")] = "",
    sort: Annotated[str, Query(max_length=20, description="newest or grade")] = "newest",
    number: Annotated[int, Query(alias="page", ge=1, le=10_000)] = 1,
) -> listing.Asked:
    return listing.Asked(" ".join(q.split()), sector, modality, licence, grade, sort, number)


Wanted = Annotated[listing.Asked, Depends(_asked)]


def _done(held: Resources, deed: Callable[[Work], Any]) -> tuple[Any, JiebangError | None]:
    """Does the deed in a unit of work of its own; gives what it made, or the refusal, after which nothing of it is kept."""
    try:
        with held.write() as work:
            return deed(work), None
    except (Malformed, Refused) as error:
        return None, error


def _crumbs(request: Request, *steps: tuple[str, str | None]) -> Crumbs:
    return [(translate(locale_of(request), N_("Datasets")), "/datasets" if steps else None), *steps]


def _said(request: Request, message: str) -> str:
    return translate(locale_of(request), message)


# The catalogue and the cards


@pages.get("/{locale}/datasets", dependencies=[READ])
def datasets(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor, wanted: Wanted) -> Response:
    content = listing.catalogue(work, actor, wanted)
    return page(request, "datasets/list.html", content, nav=NAV, breadcrumbs=_crumbs(request))


@pages.get("/{locale}/datasets.csv", dependencies=[READ])
def datasets_csv(locale: Locale, work: ReadWork, actor: CurrentActor, wanted: Wanted) -> Response:
    return csv_file("datasets", *listing.table(listing.catalogue(work, actor, wanted), locale))


# Kept elsewhere: before the cards, whose addresses this one must not be taken for


@pages.get("/{locale}/datasets/new", dependencies=[REFER])
def new(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    crumbs = _crumbs(request, (_said(request, N_("New dataset")), None))
    return page(request, "datasets/edit.html", made.new_page(work, actor), nav=NAV, breadcrumbs=crumbs)


@pages.post("/{locale}/datasets/new", dependencies=[REFER])
def create(request: Request, locale: Locale, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    found, error = _done(held, lambda work: _refer(work, actor, sent))
    if error is None:
        return see_other(request, f"/datasets/{found}")
    with held.read() as work:
        content = made.new_page(work, actor, Form.refused(sent, error))
    crumbs = _crumbs(request, (_said(request, N_("New dataset")), None))
    return again(request, "datasets/edit.html", content, error, crumbs)


def _refer(work: Work, actor: CurrentActor, sent: Mapping[str, str]) -> str:
    words, reference, owner = CardWords.typed(sent), Reference.typed(sent), sent.get("owner", "")
    return making.create_by_reference(work, actor, owner=owner, words=words, reference=reference).slug


@pages.get("/{locale}/datasets/{slug}", dependencies=[READ])
def card(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.card(work, actor, slug, locale)
    return page(
        request, "datasets/card.html", content, nav=NAV, breadcrumbs=_crumbs(request, (content.title.text, None))
    )


@pages.get("/{locale}/datasets/{slug}/croissant.json", dependencies=[READ])
def croissant(locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.card(work, actor, slug, locale)
    headers = {"Content-Disposition": attachment(f"{slug}.json", "inline"), "Cache-Control": "private, no-cache"}
    return JSONResponse(dict(content.document), headers=headers, media_type=LINKED)


# What owners do


def _edit_page(request: Request, content: made.EditPage, error: JiebangError | None = None) -> Response:
    here = (_said(request, N_("Edit")), None)
    crumbs = _crumbs(request, (content.title, f"/datasets/{content.slug}"), here)
    if error is not None:
        return again(request, "datasets/edit.html", content, error, crumbs)
    return page(request, "datasets/edit.html", content, nav=NAV, breadcrumbs=crumbs)


@pages.get("/{locale}/datasets/{slug}/edit", dependencies=[EDIT])
def edit_form(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return _edit_page(request, made.edit_page(work, actor, slug, locale))


@pages.post("/{locale}/datasets/{slug}/edit", dependencies=[EDIT])
def edit(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    _, error = _done(held, lambda work: service.edit(work, actor, slug, CardWords.typed(sent)))
    if error is None:
        return see_other(request, f"/datasets/{slug}")
    with held.read() as work:
        return _edit_page(request, made.edit_page(work, actor, slug, locale, Form.refused(sent, error)), error)


@pages.post("/{locale}/datasets/{slug}/publish", dependencies=[EDIT])
def publish(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor) -> Response:
    """What is missing is named in the form where it is written."""
    _, error = _done(held, lambda work: service.publish(work, actor, slug))
    if error is None:
        return see_other(request, f"/datasets/{slug}")
    with held.read() as work:
        content = made.edit_page(work, actor, slug, locale)
    return _edit_page(request, replace(content, form=Form.refused({}, error)), error)


@pages.post("/{locale}/datasets/{slug}/withdraw", dependencies=[act("dataset.withdraw")])
def withdraw(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor) -> Response:
    with held.write() as work:
        service.withdraw(work, actor, slug)
    return see_other(request, f"/datasets/{slug}")


def _version_page(request: Request, content: made.VersionPage, error: JiebangError | None = None) -> Response:
    here = (_said(request, N_("New version")), None)
    crumbs = _crumbs(request, (content.title, f"/datasets/{content.slug}"), here)
    if error is not None:
        return again(request, "datasets/version.html", content, error, crumbs)
    return page(request, "datasets/version.html", content, nav=NAV, breadcrumbs=crumbs)


@pages.get("/{locale}/datasets/{slug}/version", dependencies=[EDIT])
def version_form(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return _version_page(request, made.version_page(work, actor, slug, locale))


@pages.post("/{locale}/datasets/{slug}/version", dependencies=[EDIT])
def add_version(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    _, error = _done(held, lambda work: _add_version(work, actor, slug, sent))
    if error is None:
        return see_other(request, f"/datasets/{slug}")
    with held.read() as work:
        content = made.version_page(work, actor, slug, locale, Form.refused(sent, error), sent["kind"])
    return _version_page(request, content, error)


def _add_version(work: Work, actor: CurrentActor, slug: str, sent: Mapping[str, str]) -> None:
    changelog = Changelog.typed(sent)
    if sent.get("kind") == "reference":
        making.add_reference(work, actor, slug, Reference.typed(sent), changelog=changelog)
        return
    chosen = sent.get("submission", "")
    id = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else 0
    added = making.add_submission(work, actor, slug, id, consent=bool(sent.get("consent")), changelog=changelog)
    if sent.get("preview"):
        uploading.show_records(work, actor, slug, added.number, agreed=True)


@pages.get("/{locale}/submissions/{submission_id}/dataset", dependencies=[CREATE])
def consent_form(request: Request, locale: Locale, submission_id: int, work: ReadWork, actor: CurrentActor) -> Response:
    content = made.consent_page(work, actor, submission_id)
    return page(
        request, "datasets/consent.html", content, nav="challenges", breadcrumbs=_consent_crumbs(request, content)
    )


@pages.post("/{locale}/submissions/{submission_id}/dataset", dependencies=[CREATE])
def create_from_submission(
    request: Request, locale: Locale, submission_id: int, held: Held, actor: CurrentActor, sent: Sent
) -> Response:
    slug, error = _done(held, lambda work: _publish_submission(work, actor, submission_id, sent))
    if error is None:
        return see_other(request, f"/datasets/{slug}")
    with held.read() as work:
        content = made.consent_page(work, actor, submission_id, Form.refused(sent, error))
    return again(request, "datasets/consent.html", content, error, _consent_crumbs(request, content))


def _publish_submission(work: Work, actor: CurrentActor, submission_id: int, sent: Mapping[str, str]) -> str:
    card = making.create_from_submission(work, actor, submission_id, consent=bool(sent["consent"]))
    if sent["preview"]:
        (number,) = (one.number for one in service.versions(work, card) if one.submission_id == submission_id)
        uploading.show_records(work, actor, card.slug, number, agreed=True)
    return card.slug


def _consent_crumbs(request: Request, content: made.ConsentPage) -> Crumbs:
    locale = locale_of(request)
    return [
        (translate(locale, N_("Challenges")), "/challenges"),
        (content.challenge.said(locale), f"/challenges/{content.slug}"),
        (translate(locale, N_("Submission {number}"), number=content.number), f"/submissions/{content.submission_id}"),
        (translate(locale, N_("Publish as a dataset")), None),
    ]


# The API


@api.get("/datasets", dependencies=[READ])
def dataset_list(work: ReadWork, actor: CurrentActor, wanted: Wanted) -> out.DatasetList:
    """The published datasets, sifted as on the page of the same address."""
    return out.DatasetList.of(listing.catalogue(work, actor, wanted))


@api.get("/datasets/{slug}", dependencies=[READ])
def dataset(request: Request, slug: str, work: ReadWork, actor: CurrentActor) -> out.DatasetOut:
    """A card with its versions and evidence, in the language of Accept-Language; the whole as Croissant with DQV too."""
    locale = locale_of(request)
    return out.DatasetOut.of(made.card(work, actor, slug, locale), locale)
