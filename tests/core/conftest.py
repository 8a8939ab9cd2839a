"""The challenge that ranking is tested on, so that backups have something to lose."""

from tests.rankings.conftest import harbour

__all__ = ["harbour"]
