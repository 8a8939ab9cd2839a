"""What the look itself serves: the theme switch, the pattern page, the reference of the API. Static files: ``assets``."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from leaderboard.core.i18n import translate
from leaderboard.core.web import Held, Locale
from leaderboard.ui import respond
from leaderboard.ui.apidocs import api_page
from leaderboard.ui.patterns import patterns_page

YEAR = 365 * 24 * 3600

pages = APIRouter()


def local_address(address: str) -> str:
    """Keep an address within this site; anything else becomes the first page (no open redirect)."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if inside and address.isprintable() else "/"


@pages.post("/theme")
def switch_theme(
    held: Held,
    theme: Annotated[Literal["light", "dark", "system"], Form()],
    next: Annotated[str, Form(max_length=2000)] = "/",
) -> RedirectResponse:
    """Keep the reader's taste in a cookie and go back to the page. Scripts set the same cookie without asking."""
    answer = RedirectResponse(local_address(next), status_code=303)
    answer.set_cookie(
        respond.THEME_COOKIE,
        theme,
        max_age=0 if theme == "system" else YEAR,
        samesite="lax",
        secure=held.settings.secure_cookies,
    )
    return answer


@pages.get("/{locale}/patterns")
def patterns(request: Request, locale: Locale, held: Held) -> HTMLResponse:
    page = patterns_page(locale, now=held.clock.now(), zone=held.settings.zone)
    return respond.page(request, "ui/patterns.html", page, breadcrumbs=[(translate(locale, "Patterns"), None)])


@pages.get("/{locale}/api/docs")
def api_reference(request: Request, locale: Locale) -> HTMLResponse:
    page = api_page(request.app.openapi())
    return respond.page(request, "ui/api.html", page, breadcrumbs=[(translate(locale, "API"), None)])
