"""Boards, history, results and badges over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from leaderboard.accounts.access import Actor, CurrentActor, act
from leaderboard.core.errors import Malformed
from leaderboard.core.i18n import N_
from leaderboard.core.web import Held, Locale, ReadWork, WriteWork
from leaderboard.rankings import final, home, out
from leaderboard.rankings import pages as made
from leaderboard.rankings.badge import badge
from leaderboard.rankings.boards import Asked
from leaderboard.rankings.kept import KEEP
from leaderboard.seasons import service as seasons
from leaderboard.ui.paging import Sort
from leaderboard.ui.respond import csv_file, locale_of, page, see_other

pages = APIRouter()
api = APIRouter(tags=["boards"])

MOST_STREAMS = 2_000
_streams = asyncio.Semaphore(MOST_STREAMS)

Phase = Annotated[str | None, Query(alias="phase", max_length=64, description="phase key; default: the latest begun")]


async def _asked(
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
    sort: Annotated[str, Query(max_length=80)] = "",
    q: Annotated[str, Query(max_length=80, description="part of a team's name")] = "",
    as_of: Annotated[str, Query(max_length=40, description="ISO 8601 instant with an offset")] = "",
) -> Asked:
    return Asked(number, _sort(sort), q.strip(), _moment(as_of))


def _sort(text: str) -> Sort:
    return Sort(text.removeprefix("-"), text.startswith("-")) if text else Sort("place")


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError as error:
        raise Malformed(
            "rankings.as_of", N_("“{value}” is no moment. Write it like 2026-12-01T12:00+08:00."), value=text
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Wanted = Annotated[Asked, Depends(_asked)]


@pages.get("/{locale}/help/scoring", dependencies=[act("site.read")])
def scoring_help(request: Request, locale: Locale) -> Response:
    content = home.scoring_help(locale)
    return page(request, "rankings/scoring.html", content, breadcrumbs=[(content.title, None)])


@pages.get("/{locale}/challenges/{slug}/board", dependencies=[act("board.read")])
def board(
    request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor, asked: Wanted, phase: Phase = None
) -> Response:
    content = made.board(work, actor, slug, phase, asked, locale)
    headers = {KEEP: content.topic} if content.topic else {}
    crumbs = _crumbs(request, slug, content.title, "Board")
    return page(request, "rankings/board.html", content, nav="challenges", breadcrumbs=crumbs, headers=headers)


@pages.get("/{locale}/challenges/{slug}/board.csv", dependencies=[act("board.read")])
def board_csv(
    locale: Locale, slug: str, work: ReadWork, actor: CurrentActor, asked: Wanted, phase: Phase = None
) -> Response:
    content = made.board(work, actor, slug, phase, asked, locale)
    return csv_file(f"{slug}-board", *out.board_rows(content))


@pages.get("/{locale}/challenges/{slug}/board/events", dependencies=[act("board.read")])
async def board_events(
    request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, phase: Phase = None
) -> Response:
    topic = await anyio.to_thread.run_sync(_topic, held, actor, slug, phase, locale)
    return StreamingResponse(
        _told(request, topic),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _topic(held: Held, actor: Actor, slug: str, phase: str | None, locale: str) -> str:
    with held.read() as work:
        return made.topic_of(work, actor, slug, phase, locale)


async def _told(request: Request, topic: str) -> AsyncIterator[bytes]:
    async with _streams:
        yield b"retry: 3000\n\n"
        async for news in request.app.state.feed.changes(topic):
            yield b"event: change\ndata: {}\n\n" if news else b": still here\n\n"


@pages.get("/{locale}/challenges/{slug}/history", dependencies=[act("board.read")])
def history(
    request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor, phase: Phase = None
) -> Response:
    content = made.history(work, actor, slug, phase, locale)
    crumbs = _crumbs(request, slug, content.title, "Scores over time")
    return page(request, "rankings/history.html", content, nav="challenges", breadcrumbs=crumbs)


@pages.get("/{locale}/challenges/{slug}/history.csv", dependencies=[act("board.read")])
def history_csv(locale: Locale, slug: str, work: ReadWork, actor: CurrentActor, phase: Phase = None) -> Response:
    return csv_file(f"{slug}-history", *out.history_rows(made.history(work, actor, slug, phase, locale)))


@pages.get("/{locale}/challenges/{slug}/results", dependencies=[act("board.read")])
def results(
    request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor, phase: Phase = None
) -> Response:
    content = made.results(work, actor, slug, phase, locale, preview=False)
    crumbs = _crumbs(request, slug, content.title, "Results")
    return page(request, "rankings/results.html", content, nav="challenges", breadcrumbs=crumbs)


@pages.get("/{locale}/challenges/{slug}/results.csv", dependencies=[act("board.read")])
def results_csv(locale: Locale, slug: str, work: ReadWork, actor: CurrentActor, phase: Phase = None) -> Response:
    return csv_file(f"{slug}-results", *out.result_rows(made.results(work, actor, slug, phase, locale, preview=False)))


@pages.get("/{locale}/organize/challenges/{slug}/private", dependencies=[act("board.read_private")])
def private(
    request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor, phase: Phase = None
) -> Response:
    content = made.results(work, actor, slug, phase, locale, preview=True)
    crumbs = _crumbs(request, slug, content.title, "Final standing")
    return page(request, "rankings/results.html", content, nav="organize", breadcrumbs=crumbs)


@pages.post("/{locale}/organize/challenges/{slug}/finalise", dependencies=[act("board.finalise")])
def finalise(request: Request, locale: Locale, slug: str, work: WriteWork, actor: CurrentActor) -> Response:
    final.finalise(work, actor, seasons.challenge_by_slug(work, actor, slug))
    return see_other(request, f"/challenges/{slug}/results")


@pages.get("/badge/{slug}.svg", dependencies=[act("board.read")])
def badge_svg(
    request: Request,
    slug: str,
    work: ReadWork,
    actor: CurrentActor,
    team: Annotated[int | None, Query(description="team id; default: who leads")] = None,
    lang: Annotated[str, Query(pattern="^(zh|en)$")] = "",
) -> Response:
    drawn, topic = badge(work, actor, slug, team, lang or locale_of(request))
    headers = {"Cross-Origin-Resource-Policy": "cross-origin", "Cache-Control": "public, max-age=60"}
    return Response(drawn, media_type="image/svg+xml", headers=headers | ({KEEP: topic} if topic else {}))


@api.get("/challenges/{slug}/board", dependencies=[act("board.read")])
def board_json(
    request: Request,
    response: Response,
    slug: str,
    work: ReadWork,
    actor: CurrentActor,
    asked: Wanted,
    phase: Phase = None,
) -> out.BoardOut:
    """One page of a board: places, rank ranges, scores with 95 % intervals."""
    content = made.board(work, actor, slug, phase, asked, locale_of(request))
    if content.topic:
        response.headers[KEEP] = content.topic
    return out.board_out(content)


@api.get("/challenges/{slug}/results", dependencies=[act("board.read")])
def results_json(
    request: Request, slug: str, work: ReadWork, actor: CurrentActor, phase: Phase = None
) -> out.ResultsOut:
    """The final standing on private scores; empty until the organizer has finalised."""
    return out.results_out(made.results(work, actor, slug, phase, locale_of(request), preview=False))


def _crumbs(request: Request, slug: str, title: str, last: str) -> list[tuple[str, str | None]]:
    locale = locale_of(request)
    words = {name: home.say(locale, name) for name in ("Challenges", last)}
    return [(words["Challenges"], "/challenges"), (title, f"/challenges/{slug}"), (words[last], None)]
