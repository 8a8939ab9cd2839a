"""Terms of use and audits of datasets"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from leaderboard.core.database import Instant

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')


def upgrade() -> None:
    op.add_column('dataset', sa.Column('own_terms', JSON, nullable=False, server_default='{}'))
    op.add_column('organization', sa.Column('audits', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table('dataset_audit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('matter', sa.String(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('text_en', sa.String(), nullable=False),
    sa.Column('text_zh', sa.String(), nullable=False),
    sa.Column('audited_on', sa.Date(), nullable=False),
    sa.Column('report_sha256', sa.String(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=False),
    sa.Column('recorded_at', Instant(), nullable=False),
    sa.Column('withdrawn_by', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], ),
    sa.ForeignKeyConstraint(['recorded_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['version_id'], ['dataset_version.id'], ),
    sa.ForeignKeyConstraint(['withdrawn_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_dataset_audit_version_id', 'dataset_audit', ['version_id'], unique=False)
    op.create_index('ix_dataset_audit_organization_id', 'dataset_audit', ['organization_id'], unique=False)


def downgrade() -> None:
    op.drop_table('dataset_audit')
    for table, column in (('organization', 'audits'), ('dataset', 'own_terms')):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
