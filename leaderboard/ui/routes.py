"""What the look itself serves: the theme switch and the pattern page. Static files are ``env.assets``, mounted by wiring."""

from collections.abc import Callable
from typing import Annotated, Literal

import jinja2
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from leaderboard.ui.patterns import patterns_page
from leaderboard.ui.templating import Chrome, render

THEME_COOKIE = "theme"
YEAR = 365 * 24 * 3600


def theme_of(request: Request) -> Literal["light", "dark"] | None:
    """Read the theme that the reader chose; ``None`` when there is no choice or no sense in the cookie."""
    chosen = request.cookies.get(THEME_COOKIE)
    return chosen if chosen in {"light", "dark"} else None  # type: ignore[return-value]


def local_address(address: str) -> str:
    """Keep an address within this site; anything else becomes the first page (no open redirect)."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if inside and not any(ord(letter) < 32 for letter in address) else "/"


def router(env: jinja2.Environment, chrome_for: Callable[[Request], Chrome]) -> APIRouter:
    """Make the routes. ``chrome_for`` is how wiring describes the reader of a request."""
    routes = APIRouter(include_in_schema=False)

    @routes.post("/theme")
    def switch_theme(
        request: Request,
        theme: Annotated[Literal["light", "dark", "system"], Form()],
        next: Annotated[str, Form()] = "/",
    ) -> RedirectResponse:
        answer = RedirectResponse(local_address(next), status_code=303)
        age = 0 if theme == "system" else YEAR
        # Readable by scripts, so that switching needs no request: the cookie holds nothing but a taste.
        answer.set_cookie(THEME_COOKIE, theme, max_age=age, samesite="lax", secure=request.url.scheme == "https")
        return answer

    @routes.get("/{locale}/patterns")
    def patterns(request: Request, locale: Literal["zh", "en"]) -> HTMLResponse:
        chrome = chrome_for(request)
        page = patterns_page(locale, now=chrome.now, zone=chrome.zone_name)
        return HTMLResponse(render(env, "ui/patterns.html", page, chrome=chrome))

    return routes
