"""How many deals wait for whoever looks at a page of the exchange: said in the line of ways above it, wherever the page is from."""

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from leaderboard.accounts.access import CurrentActor
from leaderboard.accounts.actor import Actor
from leaderboard.core.web import Held
from leaderboard.core.work import Resources
from leaderboard.exchange.deals import service
from leaderboard.ui.respond import WAITING


async def count(request: Request, held: Held, actor: CurrentActor) -> None:
    """Leaves the number for `ui.respond.chrome`. A dependency: done before the page itself asks the database."""
    if actor.organization_ids:
        request.scope[WAITING] = {"/me/deals": await run_in_threadpool(_count, held, actor)}


def _count(held: Resources, actor: Actor) -> int:
    with held.read() as work:
        return service.waiting(work, actor)
