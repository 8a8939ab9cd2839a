"""The dock of dataset cards: a challenge with two teams and scored datasets."""

from tests.datasets.conftest import _logs, dock, executor, real_time, start_worker
from tests.datasets.test_http import browser_of

__all__ = ["_logs", "browser_of", "dock", "executor", "real_time", "start_worker"]
