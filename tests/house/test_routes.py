"""Every route states its act, and nothing is served that the table does not know."""

from collections.abc import Iterator

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute

from leaderboard import wiring
from leaderboard.accounts.access import acts_of
from leaderboard.accounts.policy import POLICY

WITHOUT_ACT = {"/theme", "/{locale}/patterns", "/{locale}/api/docs", "/healthz", "/readyz", "/metrics"}
"""What shows no data of anybody's: the look itself, and what machines ask for."""


def walk(router: APIRouter, prefix: str = "") -> Iterator[tuple[str, APIRoute]]:
    """Every route of a router and of what it includes, with its address."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield prefix + route.path, route
        elif hasattr(route, "original_router"):
            yield from walk(route.original_router, prefix)


@pytest.fixture(scope="module")
def routes() -> list[tuple[str, APIRoute]]:
    pages = [found for router in wiring.PAGES for found in walk(router)]
    return pages + [found for router in wiring.API for found in walk(router, "/api/v1")]


def test_every_route_states_one_act(routes):
    assert len(routes) > 80
    wrong = {path: acts_of(route) for path, route in routes if path not in WITHOUT_ACT and len(acts_of(route)) != 1}
    assert wrong == {}


NARROWED = {"challenge.data_restricted", "organization.read_members", "dataset.read_draft", "listing.read_draft"}
"""Demanded by a service in place of a route's act, when the thing itself is restricted."""


def test_every_act_is_stated_by_a_route(routes):
    stated = {act for _, route in routes for act in acts_of(route)}
    assert set(POLICY) - stated == NARROWED


def test_api_routes_are_typed_and_described(routes):
    undescribed = [
        path
        for path, route in routes
        if path.startswith("/api/v1/") and route.include_in_schema and not (route.description or route.summary)
    ]
    assert undescribed == []


def test_ids_of_routes_are_unique(routes):
    seen = [(method, path) for path, route in routes for method in route.methods]
    assert len(seen) == len(set(seen))
