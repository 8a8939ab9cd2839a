"""DCAT-AP over HTTP: each dataset and the catalogue, as Turtle, JSON-LD and RDF/XML, with the ODRL offers."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Response

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.core.errors import NotFound
from leaderboard.core.i18n import N_
from leaderboard.core.web import Locale, ReadWork
from leaderboard.datasets.standards import dcat, rdf
from leaderboard.datasets.standards.subject import published, subject, with_evidence
from leaderboard.exchange.standards.policies import listed, offers

pages = APIRouter()

READ = act("dataset.read")
PAGE_SIZE: Final = 50
Form = Literal["ttl", "jsonld", "rdf"]


@pages.get("/{locale}/datasets/{slug}/dcat.{form}", dependencies=[READ])
def dataset(locale: Locale, slug: str, form: Form, work: ReadWork, actor: CurrentActor) -> Response:
    one = subject(work, actor, slug)
    return _document(rdf.written(dcat.dataset(one, offers(one, listed(work))), form))


@pages.get("/{locale}/catalog.{form}", dependencies=[READ])
def catalogue(
    locale: Locale, form: Form, work: ReadWork, number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1
) -> Response:
    everything = published(work)
    pages_in_all = max(1, -(-len(everything) // PAGE_SIZE))
    if number > pages_in_all:
        raise NotFound("web.not_found", N_("There is no such page."))
    site = work.settings.base_url.rstrip("/")
    here = dcat.CataloguePage(site, f"{site}/{locale}/catalog.{form}", number, pages_in_all, len(everything), PAGE_SIZE)
    shown = [with_evidence(work, one) for one in everything[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]]
    terms = listed(work)
    return _document(rdf.written(dcat.catalogue(here, [(one, offers(one, terms)) for one in shown]), form))


def _document(written: tuple[bytes, str]) -> Response:
    body, media_type = written
    return Response(body, media_type=media_type, headers={"Cache-Control": "private, no-cache"})
