"""What the routes of events share: deeds that a form explains, breadcrumbs, the stream that tells open pages."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Final

from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from leaderboard.core.errors import JiebangError, Malformed, Refused
from leaderboard.core.i18n import N_, translate
from leaderboard.core.work import Resources, Work
from leaderboard.events.pages import Head
from leaderboard.ui.respond import locale_of, page

NAV: Final = "events"
Crumbs = list[tuple[str, str | None]]
PASSING: Final = 20.0
"""Seconds after which a display looks again, even if nobody did anything: slots begin and end by themselves."""


def done(held: Resources, deed: Callable[[Work], Any]) -> tuple[Any, JiebangError | None]:
    """Does the deed in a unit of work of its own; gives what it made, or the refusal, after which nothing of it is kept."""
    try:
        with held.write() as work:
            return deed(work), None
    except (Malformed, Refused) as error:
        return None, error


def crumbs(request: Request, *steps: tuple[str, str | None]) -> Crumbs:
    """Breadcrumbs below "Events"; English messages are translated by the caller."""
    return [(translate(locale_of(request), N_("Events")), "/events" if steps else None), *steps]


def at(request: Request, head: Head, here: str = "") -> Crumbs:
    """Breadcrumbs of a page of an event; ``here``: the English name of the page, empty for the event's own."""
    locale = locale_of(request)
    title = head.title.said(locale)
    if not here:
        return crumbs(request, (title, None))
    return crumbs(request, (title, f"/events/{head.slug}"), (translate(locale, here), None))


def shown(request: Request, template: str, content: Any, here: str = "", error: JiebangError | None = None) -> Response:
    """A page of an event; with the refusal of a form, 422 (or what the refusal says, where it is no form's)."""
    status = 200 if error is None else 422 if isinstance(error, Malformed) else error.status
    return page(
        request, f"events/{template}.html", content, nav=NAV, breadcrumbs=at(request, content.head, here), status=status
    )


def stream(request: Request, topic: str) -> StreamingResponse:
    """The event stream of an open page."""
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_told(request, topic), media_type="text/event-stream", headers=headers)


async def _told(request: Request, topic: str) -> AsyncIterator[bytes]:
    yield b"retry: 3000\n\n"
    async for _ in request.app.state.feed.changes(topic, silence=PASSING):
        yield b"event: change\ndata: {}\n\n"
