"""A site with nothing but the look: no slice, no database, real sockets when a browser looks at it."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from leaderboard.core.clock import FixedClock
from leaderboard.core.errors import Forbidden, Gone, NotFound, TooMany, Unavailable
from leaderboard.core.settings import Settings
from leaderboard.core.work import Resources
from leaderboard.ui import routes
from leaderboard.ui.errors import error_page
from leaderboard.ui.templating import Chrome, environment

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
ERRORS = {
    403: Forbidden("team.not_yours", "This belongs to “{name}”.", name="<Team>"),
    404: NotFound("web.not_found", "There is no such page."),
    410: Gone("team.gone", "The team has been closed."),
    429: TooMany("sign_in.often", "Too many attempts.", retry_after=42),
    500: Unavailable("web.fault", "Something broke on our side. It has been noted."),
}


@pytest.fixture(scope="session")
def env():
    return environment(debug=False)


@pytest.fixture
def chrome():
    def make(locale="en", **more):
        return Chrome(**{"locale": locale, "path": "/x", "now": NOW, **more})

    return make


@pytest.fixture
def site(env, tmp_path):
    """The application as far as the look goes; ``/{locale}/error/{status}`` shows the error pages."""
    app = FastAPI(openapi_url="/api/v1/openapi.json")
    app.state.resources = Resources(
        settings=Settings(_env_file=None, data_dir=tmp_path, contact="help@jiebang.example"),
        database=SimpleNamespace(),
        storage=SimpleNamespace(),
        clock=FixedClock(NOW),
        handlers={},
    )
    app.state.templates = env
    app.mount("/static", env.assets)
    app.include_router(routes.pages, include_in_schema=False)

    @app.get("/{locale}/error/{status}", include_in_schema=False)
    def error(request: Request, locale: str, status: int):
        return HTMLResponse(error_page(request, ERRORS[status], status), status)

    return app
