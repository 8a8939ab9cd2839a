"""How this room takes forms: their texts, deeds in units of work of their own, and the page that says why not."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request, Response

from leaderboard.accounts.sign_in import Mismatch
from leaderboard.core.errors import JiebangError, Malformed, Refused, TooMany
from leaderboard.core.i18n import translate
from leaderboard.core.work import Resources, Work
from leaderboard.ui.respond import locale_of, page

Trail = list[tuple[str, str | None]]
REFUSALS: Final = (Malformed, Refused, TooMany, Mismatch)
"""What a form explains where it stands; everything else becomes an error page."""

NO_STORE: Final = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
"""For pages that show a key, or whose address carries one."""


class Texts(dict[str, str]):
    """The texts of a form; a field that was not sent reads as empty."""

    def __missing__(self, key: str) -> str:
        return ""


async def sent(request: Request) -> Texts:
    """The form that came with the request; the edge limits its size."""
    form = await request.form()
    return Texts({key: value for key, value in form.multi_items() if isinstance(value, str)})


Sent = Annotated[Texts, Depends(sent)]
Done = Annotated[str, Query(alias="done", max_length=20, description="key of what has just been done")]


def trail(request: Request, *steps: tuple[str, str | None]) -> Trail:
    """Breadcrumbs of (English message, path); the last one is this page."""
    locale = locale_of(request)
    return [(translate(locale, message), path) for message, path in steps]


def attempt(resources: Resources, deed: Callable[[Work], Any]) -> JiebangError | None:
    """Does the deed in a unit of work of its own; gives the refusal, after which nothing of it is kept."""
    try:
        with resources.write() as work:
            deed(work)
    except REFUSALS as error:
        return error
    return None


def again(request: Request, template: str, content: object, error: JiebangError, crumbs: Trail) -> Response:
    """The page of a form that was refused: 429 says when to come back, everything else is 422."""
    status = error.status if isinstance(error, TooMany) else 422
    return page(request, template, content, breadcrumbs=crumbs, status=status, headers={**error.headers, **NO_STORE})
