"""Alembic's entry: runs migrations on the address that ``core.database.migrate`` hands over."""

from alembic import context
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from leaderboard.accounts import models as _accounts
from leaderboard.core import changes, jobs, ledger
from leaderboard.datasets import models as _datasets
from leaderboard.entries import models as _entries
from leaderboard.events import models as _events
from leaderboard.exchange.deals import models as _deals
from leaderboard.exchange.demands import models as _demands
from leaderboard.exchange.listings import models as _listings
from leaderboard.exchange.matches import models as _matches
from leaderboard.rankings import models as _rankings
from leaderboard.seasons import models as _seasons
from leaderboard.submissions import models as _submissions

TABLES = (
    changes,
    jobs,
    ledger,
    _accounts,
    _seasons,
    _entries,
    _submissions,
    _rankings,
    _datasets,
    _listings,
    _demands,
    _matches,
    _deals,
    _events,
)
"""Named so that every table is known to the metadata below."""


def run() -> None:
    engine = create_engine(context.config.attributes["address"])
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=SQLModel.metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    engine.dispose()


run()
