"""What wiring plugs in: listings follow the cards that they are about, and grow old."""

from collections.abc import Mapping
from typing import Final

from sqlmodel import col, select

from leaderboard.accounts.access import SYSTEM
from leaderboard.core.jobs import Leased
from leaderboard.core.sandbox import PlainJob
from leaderboard.core.signals import Handlers
from leaderboard.core.work import Resources, Work
from leaderboard.datasets.signals import DatasetChanged
from leaderboard.exchange.listings import deeds
from leaderboard.exchange.listings.models import ListingRow


def _follow(work: Work, signal: DatasetChanged) -> None:
    about = select(ListingRow).where(col(ListingRow.dataset_id) == signal.dataset_id).order_by(col(ListingRow.id))
    for row in work.session.exec(about.with_for_update()).all():
        deeds.follow_card(work, SYSTEM, row)


def _age(held: Resources, job: Leased) -> None:
    with held.write() as work:
        one = select(ListingRow).where(col(ListingRow.id) == job.payload["listing"]).with_for_update()
        deeds.age(work, SYSTEM, work.session.exec(one).one())


HANDLERS: Final[Handlers] = {DatasetChanged: (_follow,)}

PLAIN_JOBS: Final[Mapping[str, PlainJob]] = {deeds.AGE_JOB: _age}
