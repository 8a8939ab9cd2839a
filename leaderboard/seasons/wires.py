"""What seasons plugs in."""

from collections.abc import Mapping
from typing import Final

from leaderboard.core.sandbox import SandboxJob
from leaderboard.core.signals import Handlers
from leaderboard.seasons.packages import JOB_KIND, PackageJob

HANDLERS: Final[Handlers] = {}
SANDBOX_JOBS: Final[Mapping[str, SandboxJob]] = {JOB_KIND: PackageJob()}
