"""The fair."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from sqlalchemy import event

from leaderboard.core.clock import FixedClock
from leaderboard.core.work import Resources
from tests.events import fair as fairs
from tests.events.fair import Fair


@pytest.fixture
def fair(resources: Resources, clock: FixedClock) -> Fair:
    return fairs.made(resources, clock)


@pytest.fixture
def statements(resources: Resources) -> Callable[[], AbstractContextManager[list[str]]]:
    """What is said to the database within a block."""

    @contextmanager
    def heard() -> Iterator[list[str]]:
        said: list[str] = []

        def hear(_connection, _cursor, statement, *_more):
            said.append(statement)

        event.listen(resources.database.engine, "before_cursor_execute", hear)
        try:
            yield said
        finally:
            event.remove(resources.database.engine, "before_cursor_execute", hear)

    return heard
