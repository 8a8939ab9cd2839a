"""The browser of the journeys, for the walk over all pages."""

from tests.journeys.conftest import browser

__all__ = ["browser"]
