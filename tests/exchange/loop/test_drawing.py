"""The drawing of the loop tells no more than its numbers."""

from datetime import UTC, datetime

import pytest

from leaderboard.exchange.loop.counting import Thing, counted
from leaderboard.exchange.loop.pages import drawn


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_one_deal_and_two_look_alike_in_the_drawing(locale):
    """No height gives away a count that is not told."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    listings = [Thing("listing", number, at, ("energy",)) for number in range(9)]
    deals = [Thing("deal", number, at, ("energy",), (("listing", number),)) for number in range(3)]
    one, two, three = (drawn(counted([*listings, *deals[:count]]), locale) for count in (1, 2, 3))
    assert one == two != three
