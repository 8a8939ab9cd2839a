"""The fair."""

import pytest

from leaderboard.core.clock import FixedClock
from leaderboard.core.work import Resources
from tests.events import fair as fairs
from tests.events.fair import Fair


@pytest.fixture
def fair(resources: Resources, clock: FixedClock) -> Fair:
    return fairs.made(resources, clock)
