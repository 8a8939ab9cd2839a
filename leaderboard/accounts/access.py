"""Who is asking: the actor behind a request, from the session cookie or a bearer token."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from leaderboard.accounts.policy import POLICY, Relation, demand


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody (or nobody: ``person_id`` None) who wants something. ``scopes`` None: a browser or the command line."""

    person_id: int | None = None
    name: str = ""
    email: str = ""
    role: str = "participant"
    organization_ids: frozenset[int] = frozenset()
    scopes: frozenset[str] | None = None
    sign_in: str | None = None  # hash of the browser session, so that others can be ended and this one kept

    def relations(self, *, organization_id: int | None = None, also: frozenset[Relation] = frozenset()) -> frozenset[Relation]:
        """What the actor is to a thing of ``organization_id`` (None: to the installation), beside ``also``."""
        if self.person_id is None:
            return frozenset({"anyone"})
        found: set[Relation] = {"person", *also}
        if self.role == "operator":
            found.add("operator")
        if self.role in {"organizer", "operator"} and (
            organization_id is None or organization_id in self.organization_ids
        ):
            found.add("organizer")
        return frozenset(found)

    def demand(self, act: str, *, organization_id: int | None = None, also: frozenset[Relation] = frozenset()) -> None:
        """Raises unless the policy lets this actor do ``act`` to such a thing."""
        demand(act, self.relations(organization_id=organization_id, also=also), self.scopes)


NOBODY = Actor()
SYSTEM = Actor(name="system", role="operator")
"""The command line and the worker: they stand outside the table."""


def act(name: str) -> Any:
    """States a route's act, for the walk over all routes and for the OpenAPI document: ``dependencies=[act("board.read")]``."""
    if name not in POLICY:
        raise KeyError(name)

    def stated() -> str:
        return name

    stated.jiebang_act = name  # type: ignore[attr-defined]
    return Depends(stated)


def acts_of(route: Any) -> set[str]:
    """The acts that a route states."""
    calls: list[Callable[..., Any]] = [dependency.dependency for dependency in getattr(route, "dependencies", ())]
    return {call.jiebang_act for call in calls if hasattr(call, "jiebang_act")}


def _current_actor(request: Request) -> Actor:
    """Set by the middleware of ``accounts.recognition`` before any route runs."""
    actor = request.scope.get("jiebang.actor", NOBODY)
    assert isinstance(actor, Actor)
    return actor


CurrentActor = Annotated[Actor, Depends(_current_actor)]
