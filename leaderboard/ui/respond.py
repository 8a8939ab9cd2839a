"""From a page object to a response: the chrome is made from the request, the template from the page."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, Literal, Protocol
from urllib.parse import quote

import jinja2
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from leaderboard.core.i18n import LOCALES, N_, LocaleCode, preferred
from leaderboard.core.web import resources
from leaderboard.ui.csv import rows_to_csv
from leaderboard.ui.templating import Chrome, NavLink, render

THEME_COOKIE = "jiebang_theme"
WAITING: Final = "jiebang.waiting"
"""Where in a request's scope a room leaves how much waits for the viewer, by path; see `Chrome.waiting`."""
NAV: Final = (
    NavLink("challenges", N_("Challenges"), "/challenges"),
    NavLink("datasets", N_("Datasets"), "/datasets"),
    NavLink("exchange", N_("Exchange"), "/exchange"),
    NavLink("events", N_("Events"), "/events"),
    NavLink("teams", N_("My teams"), "/me/teams"),
    NavLink("organize", N_("Organize"), "/organize"),
)
FOOT: Final = (
    NavLink("scoring", N_("How scoring works"), "/help/scoring"),
    NavLink("status", N_("Status"), "/status"),
    NavLink("api", N_("API"), "/api/docs"),
)
HELP: Final = (
    (re.compile(r"/exchange/(review|vetting)"), "/help/exchange/operators"),
    (re.compile(r"/me/listings|/listings/(new|[^/]+/(edit|trace))"), "/help/exchange/suppliers"),
    (re.compile(r"/(exchange|demands|listings|me/watches)"), "/help/exchange/demanders"),
    (re.compile(r"/(me/)?deals"), "/help/exchange/deals"),
    (re.compile(r"/events"), "/help/exchange/events"),
    (re.compile(r"/challenges"), "/help/scoring"),
)
"""Where the help is for pages whose path begins so, the first that does; for all others it is `HELP_CONTENTS`."""
HELP_CONTENTS: Final = "/help"


class Viewer(Protocol):
    """What the chrome shows of the person who looks; ``accounts.access.Actor`` is one."""

    @property
    def person_id(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def posting_ids(self) -> frozenset[int]: ...


def locale_of(request: Request) -> LocaleCode:
    """The locale in the address; where there is none, the browser's, then the installation's."""
    first = request.url.path.split("/")[1]
    for locale in LOCALES:
        if first == locale:
            return locale
    return preferred(request.headers.get("accept-language", ""), resources(request).settings.locale)


def chrome(request: Request, *, nav: str | None = None, breadcrumbs: Sequence[tuple[str, str | None]] = ()) -> Chrome:
    """Everything around a page, for whoever sent ``request``."""
    held = resources(request)
    viewer: Viewer | None = request.scope.get("jiebang.actor")
    locale = locale_of(request)
    path = request.url.path
    signed_in = viewer is not None and viewer.person_id is not None
    organizes = viewer is not None and signed_in and bool(viewer.posting_ids or viewer.role != "participant")
    theme = request.cookies.get(THEME_COOKIE)
    return Chrome(
        locale=locale,
        path=path.removeprefix(f"/{locale}") or "/",
        now=held.clock.now(),
        site=held.settings.base_url.rstrip("/"),
        query=request.url.query,
        theme=theme if theme in {"light", "dark"} else None,
        person_name=viewer.name if viewer is not None and signed_in else None,
        person_roles=(viewer.role,) if viewer is not None and signed_in else (),
        zone_name=held.settings.zone,
        sample_notice=held.settings.sample_notice,
        breadcrumbs=tuple(breadcrumbs),
        nav=tuple(link for link in NAV if (link.key != "organize" or organizes) and (link.key != "teams" or signed_in)),
        nav_current=nav,
        waiting=request.scope.get(WAITING, {}),
        foot=FOOT,
        help_path=_help(path.removeprefix(f"/{locale}")),
    )


def _help(path: str) -> str:
    return next((to for begins, to in HELP if begins.match(path)), HELP_CONTENTS)


def page(
    request: Request,
    template: str,
    content: object,
    *,
    nav: str | None = None,
    breadcrumbs: Sequence[tuple[str, str | None]] = (),
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Renders ``template`` with ``content`` (a frozen page dataclass). Personal pages are never stored by caches."""
    environment: jinja2.Environment = request.app.state.templates
    html = render(environment, template, content, chrome=chrome(request, nav=nav, breadcrumbs=breadcrumbs))
    return HTMLResponse(html, status, {"Cache-Control": "private, no-cache", **(headers or {})})


def see_other(request: Request, path: str) -> RedirectResponse:
    """303 to one of our pages (``path`` without locale), in the language of the request."""
    return RedirectResponse(f"/{locale_of(request)}{path}", 303)


def csv_file(name: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Response:
    """A table as a download; ``name`` without suffix."""
    return Response(
        rows_to_csv(header, rows),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": attachment(f"{name}.csv"), "Cache-Control": "private, no-cache"},
    )


def attachment(file_name: str, kind: Literal["attachment", "inline"] = "attachment") -> str:
    """A Content-Disposition value for any file name, Chinese included (RFC 6266, RFC 8187)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in file_name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(file_name, safe='')}"
