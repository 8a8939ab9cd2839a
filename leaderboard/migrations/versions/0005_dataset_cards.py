"""Cards of datasets that are shown to everybody, and their versions"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from leaderboard.core.database import Instant

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')


def upgrade() -> None:
    op.create_table('dataset',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(), nullable=False),
    sa.Column('team_id', sa.Integer(), nullable=True),
    sa.Column('organization_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('title_en', sa.String(), nullable=False),
    sa.Column('title_zh', sa.String(), nullable=False),
    sa.Column('summary_en', sa.String(), nullable=False),
    sa.Column('summary_zh', sa.String(), nullable=False),
    sa.Column('provenance_en', sa.String(), nullable=False),
    sa.Column('provenance_zh', sa.String(), nullable=False),
    sa.Column('citation_en', sa.String(), nullable=False),
    sa.Column('citation_zh', sa.String(), nullable=False),
    sa.Column('sector', sa.String(), nullable=False),
    sa.Column('modalities', JSON, nullable=False),
    sa.Column('languages', JSON, nullable=False),
    sa.Column('licence', sa.String(), nullable=False),
    sa.Column('created_at', Instant(), nullable=False),
    sa.Column('published_at', Instant(), nullable=True),
    sa.Column('withdrawn_at', Instant(), nullable=True),
    sa.CheckConstraint('(team_id IS NULL) <> (organization_id IS NULL)', name='ck_dataset_owner'),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], ),
    sa.ForeignKeyConstraint(['team_id'], ['team.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('slug')
    )
    op.create_index('ix_dataset_state', 'dataset', ['state', 'published_at'], unique=False)
    op.create_index('ix_dataset_team_id', 'dataset', ['team_id'], unique=False)
    op.create_index('ix_dataset_organization_id', 'dataset', ['organization_id'], unique=False)
    op.create_table('dataset_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('dataset_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('submission_id', sa.Integer(), nullable=True),
    sa.Column('address', sa.String(), nullable=True),
    sa.Column('media_type', sa.String(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=True),
    sa.Column('rows', sa.BigInteger(), nullable=True),
    sa.Column('changelog_en', sa.String(), nullable=False),
    sa.Column('changelog_zh', sa.String(), nullable=False),
    sa.Column('quality_key', sa.String(), nullable=True),
    sa.Column('grade', sa.String(), nullable=True),
    sa.Column('composite', sa.Float(), nullable=True),
    sa.Column('low', sa.Float(), nullable=True),
    sa.Column('high', sa.Float(), nullable=True),
    sa.Column('measured_at', Instant(), nullable=True),
    sa.Column('consent_by', sa.Integer(), nullable=True),
    sa.Column('consent_at', Instant(), nullable=True),
    sa.Column('created_at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['consent_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['dataset_id'], ['dataset.id'], ),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('dataset_id', 'number'),
    sa.UniqueConstraint('dataset_id', 'sha256'),
    sa.UniqueConstraint('submission_id')
    )


def downgrade() -> None:
    op.drop_table('dataset_version')
    op.drop_table('dataset')
