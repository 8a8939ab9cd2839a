"""The scene."""

from tests.exchange.scene import scene

__all__ = ["scene"]
