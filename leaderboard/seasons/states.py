"""Where a challenge stands, derived from its state and its windows; nothing here is stored."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

CLOSING_SOON = timedelta(days=7)
"""Before the end of an open phase, a challenge counts as closing soon."""


class Status(StrEnum):
    DRAFT = "draft"
    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSING = "closing"
    BETWEEN = "between"
    CLOSED = "closed"


ACCEPTING = frozenset({Status.OPEN, Status.CLOSING})


class Window(Protocol):
    """What is needed of a phase: from ``opens_at`` on, and no longer at ``closes_at``."""

    @property
    def opens_at(self) -> datetime: ...
    @property
    def closes_at(self) -> datetime: ...


def is_open(window: Window, now: datetime) -> bool:
    """Whether ``now`` lies in the window: its first instant does, its last one (``closes_at``) does not."""
    return window.opens_at <= now < window.closes_at


def status(state: str, windows: Sequence[Window], now: datetime) -> Status:
    """``state`` as stored (draft, posted, closed) and the windows of the phases, in any order."""
    if state != "posted":
        return Status(state)
    current = next((window for window in windows if is_open(window, now)), None)
    if current is not None:
        return Status.CLOSING if current.closes_at - now <= CLOSING_SOON else Status.OPEN
    later = [window for window in windows if window.opens_at > now]
    if not later:
        return Status.CLOSED
    return Status.UPCOMING if len(later) == len(windows) else Status.BETWEEN
