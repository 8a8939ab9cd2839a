"""Who is asking: the actor behind a request, and the act that a route states."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from leaderboard.accounts.actor import NOBODY, SYSTEM, Actor
from leaderboard.accounts.policy import POLICY
from leaderboard.accounts.recognition import recognise
from leaderboard.accounts.sign_in import Visitor
from leaderboard.core.web import SESSION_COOKIE, resources

__all__ = ["NOBODY", "SYSTEM", "Actor", "CurrentActor", "CurrentVisitor", "act", "actor_of", "acts_of"]

SCOPE_KEY = "jiebang.actor"


def act(name: str) -> Any:
    """States a route's act, for the walk over all routes and the OpenAPI document: ``dependencies=[act("board.read")]``."""
    if name not in POLICY:
        raise KeyError(name)

    async def stated() -> (
        str
    ):  # all of these are async: FastAPI would run them in threads, which costs more than they do
        return name

    stated.jiebang_act = name  # type: ignore[attr-defined]
    return Depends(stated)


def acts_of(route: Any) -> set[str]:
    """The acts that a route states."""
    calls: list[Callable[..., Any]] = [dependency.dependency for dependency in getattr(route, "dependencies", ())]
    return {call.jiebang_act for call in calls if hasattr(call, "jiebang_act")}


async def actor_of(request: Request) -> Actor:
    """Who sent ``request``: recognised once, then kept in its scope. Raises SignInNeeded for a token that does not hold."""
    known = request.scope.get(SCOPE_KEY)
    if isinstance(known, Actor):
        return known
    cookie, authorization = request.cookies.get(SESSION_COOKIE), request.headers.get("authorization")
    found = NOBODY
    if cookie or authorization:
        held = resources(request)
        found = await run_in_threadpool(recognise, held, cookie=cookie, authorization=authorization)
    request.scope[SCOPE_KEY] = found
    return found


async def _visitor(request: Request) -> Visitor:
    address = request.client.host if request.client else ""
    return Visitor(address, request.headers.get("user-agent", ""))


CurrentActor = Annotated[Actor, Depends(actor_of)]
CurrentVisitor = Annotated[Visitor, Depends(_visitor)]
