"""Uploads and previews of datasets"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from leaderboard.core.database import Instant

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')

TEXTS = ('measuring', 'request')
LISTS = ('findings', 'columns')


def upgrade() -> None:
    with op.batch_alter_table('dataset_version') as batch:
        batch.add_column(sa.Column('storage_key', sa.String(), nullable=True))
        for name in TEXTS:
            batch.add_column(sa.Column(name, sa.String(), nullable=False, server_default=''))
        for name in LISTS:
            batch.add_column(sa.Column(name, JSON, nullable=False, server_default='[]'))
        batch.add_column(sa.Column('report_key', sa.String(), nullable=True))
        batch.add_column(sa.Column('preview_by', sa.Integer(), nullable=True))
        batch.add_column(sa.Column('preview_at', Instant(), nullable=True))
        batch.add_column(sa.Column('preview_key', sa.String(), nullable=True))
        batch.create_foreign_key('fk_dataset_version_preview_by_person', 'person', ['preview_by'], ['id'])
        batch.create_index('ix_dataset_version_storage_key', ['storage_key'], unique=False)
    with op.batch_alter_table('dataset_version') as batch:  # the model has no defaults of the database's own
        for name in (*TEXTS, *LISTS):
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('dataset_version') as batch:
        batch.drop_index('ix_dataset_version_storage_key')
        batch.drop_constraint('fk_dataset_version_preview_by_person', type_='foreignkey')
        for name in ('preview_key', 'preview_at', 'preview_by', 'report_key', *LISTS, *TEXTS, 'storage_key'):
            batch.drop_column(name)
