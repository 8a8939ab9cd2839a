"""Audits of datasets over HTTP: the form for one version, and taking one back. They are read with the card."""

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request, Response

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.accounts.forms import Sent, again, attempt, trail
from leaderboard.core.errors import JiebangError
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Held, Locale, ReadWork
from leaderboard.core.work import Work
from leaderboard.datasets import audit_pages, audits
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import locale_of, page, see_other

pages = APIRouter()

AUDIT = act("dataset.audit")
NAV: Final = "datasets"


def _page(request: Request, content: audit_pages.AuditPage, error: JiebangError | None = None) -> Response:
    here = translate(locale_of(request), N_("Record an audit"))
    crumbs = [
        *trail(request, (N_("Datasets"), "/datasets")),
        (content.title, f"/datasets/{content.slug}"),
        (here, None),
    ]
    if error is not None:
        return again(request, "datasets/audit.html", content, error, crumbs)
    return page(request, "datasets/audit.html", content, nav=NAV, breadcrumbs=crumbs)


@pages.get("/{locale}/datasets/{slug}/versions/{number}/audit", dependencies=[AUDIT])
def audit_form(
    request: Request, locale: Locale, slug: str, number: int, work: ReadWork, actor: CurrentActor
) -> Response:
    return _page(request, audit_pages.audit_page(work, actor, slug, number, locale))


@pages.post("/{locale}/datasets/{slug}/versions/{number}/audit", dependencies=[AUDIT])
def record(
    request: Request, locale: Locale, slug: str, number: int, held: Held, actor: CurrentActor, sent: Sent
) -> Response:
    error = attempt(held, lambda work: _record(work, actor, slug, number, sent))
    if error is None:
        return see_other(request, f"/datasets/{slug}#evidence")
    with held.read() as work:
        content = audit_pages.audit_page(work, actor, slug, number, locale, Form.refused(sent, error))
    return _page(request, content, error)


def _record(work: Work, actor: CurrentActor, slug: str, number: int, sent: Mapping[str, str]) -> None:
    chosen = sent["organization"]
    unit = int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 10 else 0
    audits.record(work, actor, slug, number, audits.Finding.typed(sent), organization_id=unit)


@pages.post("/{locale}/datasets/{slug}/audits/{audit_id}/withdraw", dependencies=[act("dataset.withdraw_audit")])
def withdraw(request: Request, locale: Locale, slug: str, audit_id: int, held: Held, actor: CurrentActor) -> Response:
    with held.write() as work:
        audits.withdraw(work, actor, slug, audit_id)
    return see_other(request, f"/datasets/{slug}#evidence")
