"""What wiring plugs in: the news that datasets hear, and their job for the locked-down child."""

from collections.abc import Mapping
from typing import Final

from leaderboard.core.sandbox import SandboxJob
from leaderboard.core.signals import Handlers
from leaderboard.datasets import uploading
from leaderboard.datasets.measuring import MEASURE_JOB, MeasureJob
from leaderboard.datasets.signals import FileMeasured
from leaderboard.submissions.signals import OwnerAsked

HANDLERS: Final[Handlers] = {FileMeasured: (uploading.hear,), OwnerAsked: (uploading.owned_by,)}

SANDBOX_JOBS: Final[Mapping[str, SandboxJob]] = {MEASURE_JOB: MeasureJob()}
