"""Every route states its act, and nothing is served that the table does not know."""

from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from leaderboard import wiring
from leaderboard.accounts.access import acts_of
from leaderboard.accounts.policy import POLICY
from leaderboard.app import create_app
from leaderboard.core.settings import Settings

WITHOUT_ACT = {"/theme", "/{locale}/patterns", "/{locale}/api/docs", "/healthz", "/readyz", "/metrics"}
"""What shows no data of anybody's: the look itself, and what machines ask for."""


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[APIRoute]:
    folder: Path = tmp_path_factory.mktemp("routes")
    held = wiring.build(Settings(_env_file=None, data_dir=folder))
    app = create_app(held)
    held.database.dispose()
    return [route for route in app.routes if isinstance(route, APIRoute)]


def test_every_route_states_one_act(routes):
    wrong = {
        route.path: acts_of(route) for route in routes if route.path not in WITHOUT_ACT and len(acts_of(route)) != 1
    }
    assert wrong == {}


def test_every_act_is_stated_by_a_route(routes):
    stated = {act for route in routes for act in acts_of(route)}
    assert set(POLICY) - stated == set()


def test_api_routes_are_typed_and_described(routes):
    for route in routes:
        if route.path.startswith("/api/v1/") and route.include_in_schema:
            assert route.description, route.path


def test_ids_of_routes_are_unique(routes):
    seen = [(method, route.path) for route in routes for method in route.methods]
    assert len(seen) == len(set(seen))
