"""Pages for what went wrong; none of them needs a database."""

from dataclasses import dataclass

import jinja2
from fastapi import Request

from leaderboard.core.errors import JiebangError
from leaderboard.core.i18n import translate
from leaderboard.core.web import resources
from leaderboard.ui.respond import chrome, locale_of
from leaderboard.ui.templating import render

OWN_PAGES = frozenset({403, 404, 410, 429, 500})
SAID_BY_THE_PAGE = frozenset({"web.not_found", "web.fault"})
"""Errors whose sentence would only repeat the page's own."""


@dataclass(frozen=True)
class ErrorPage:
    """``text`` is the error's sentence in the reader's language, empty when the page says it all.

    ``details`` are sentences on single fields; ``reference`` names the request in our logs; ``retry_after`` is in
    seconds; ``contact`` is who can help; ``way`` is where to do what is missing: (label, path).
    """

    status: int
    text: str = ""
    details: tuple[str, ...] = ()
    reference: str = ""
    retry_after: int | None = None
    contact: str = ""
    way: tuple[str, str] | None = None


def error_template(status: int) -> str:
    """Name the template for a status: its own page, the server's page for 5xx, else the general one."""
    if status in OWN_PAGES:
        return f"errors/{status}.html"
    return "errors/500.html" if status >= 500 else "errors/error.html"


def error_page(request: Request, error: JiebangError, status: int) -> str:
    """Render the page for ``error`` in the language of ``request``. Reads neither the database nor the session."""
    environment: jinja2.Environment = request.app.state.templates
    locale = locale_of(request)
    wait = error.params.get("retry_after")
    page = ErrorPage(
        status=status,
        text="" if error.id in SAID_BY_THE_PAGE else translate(locale, error.message, **error.params),
        details=tuple(f"{fault.field}: {translate(locale, fault.message, **fault.params)}" for fault in error.fields),
        reference=str(request.scope.get("jiebang.request_id", "")),
        retry_after=wait if isinstance(wait, int) else None,
        contact=resources(request).settings.contact,
        way=(translate(locale, error.way[0]), error.way[1]) if error.way else None,
    )
    return render(environment, error_template(status), page, chrome=chrome(request))
