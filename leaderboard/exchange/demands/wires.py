"""What demands do in the background."""

from collections.abc import Mapping
from typing import Final

from leaderboard.core.sandbox import PlainJob
from leaderboard.exchange.demands import vetting
from leaderboard.exchange.demands.making import EXPIRE_JOB

PLAIN_JOBS: Final[Mapping[str, PlainJob]] = {EXPIRE_JOB: vetting.expire}
