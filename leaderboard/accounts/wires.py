"""What wiring plugs in for this room."""

from collections.abc import Mapping
from typing import Final

from leaderboard.accounts import reset
from leaderboard.core.sandbox import PlainJob

PLAIN_JOBS: Final[Mapping[str, PlainJob]] = {reset.JOB_KIND: reset.send_link}
