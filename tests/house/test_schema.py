"""The migrations make exactly the tables that the models describe, on both engines."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from leaderboard.core.database import Database
from leaderboard.core.work import Resources


def test_models_and_migrations_agree(resources: Resources):
    database: Database = resources.database
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
