"""The dock of dataset cards: a challenge with two teams and scored datasets."""

from tests.datasets.conftest import _logs, dock, executor, real_time, start_worker

__all__ = ["_logs", "dock", "executor", "real_time", "start_worker"]
