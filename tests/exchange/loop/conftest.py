"""The scene, and the market of the demands."""

from tests.exchange.demands.conftest import market
from tests.exchange.scene import scene

__all__ = ["market", "scene"]
