"""Match runs, saved searches, alerts"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from leaderboard.core.database import Instant

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')


def upgrade() -> None:
    op.create_table(
        'listing_change',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('listing_id', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_listing_change_listing_id', 'listing_change', ['listing_id'], unique=False)
    op.create_table(
        'match_document',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('version_id', sa.Integer(), nullable=False),
        sa.Column('sha256', sa.String(), nullable=False),
        sa.Column('document', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['version_id'], ['listing_version.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('version_id', 'sha256'),
    )
    op.create_table(
        'match_run',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('demand_id', sa.Integer(), nullable=False),
        sa.Column('demand_version_id', sa.Integer(), nullable=False),
        sa.Column('made_at', Instant(), nullable=False),
        sa.Column('today', sa.Date(), nullable=False),
        sa.Column('config_hash', sa.String(), nullable=False),
        sa.Column('embedder', sa.String(), nullable=True),
        sa.Column('listings', sa.Integer(), nullable=False),
        sa.Column('good', sa.Integer(), nullable=False),
        sa.Column('near', JSON, nullable=False),
        sa.Column('given_key', sa.String(), nullable=False),
        sa.Column('result_key', sa.String(), nullable=False),
        sa.ForeignKeyConstraint(['demand_id'], ['demand.id']),
        sa.ForeignKeyConstraint(['demand_version_id'], ['demand_version.id']),
        sa.PrimaryKeyConstraint('id'),
    )
    op.create_index('ix_match_run_demand', 'match_run', ['demand_id', 'id'], unique=False)
    op.create_table(
        'match',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('run_id', sa.Integer(), nullable=False),
        sa.Column('demand_id', sa.Integer(), nullable=False),
        sa.Column('listing_id', sa.Integer(), nullable=False),
        sa.Column('version_id', sa.Integer(), nullable=False),
        sa.Column('rank', sa.Integer(), nullable=False),
        sa.Column('placing', sa.Float(), nullable=False),
        sa.Column('since', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['demand_id'], ['demand.id']),
        sa.ForeignKeyConstraint(['listing_id'], ['listing.id']),
        sa.ForeignKeyConstraint(['run_id'], ['match_run.id']),
        sa.ForeignKeyConstraint(['version_id'], ['listing_version.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('demand_id', 'listing_id'),
    )
    op.create_index('ix_match_listing_id', 'match', ['listing_id'], unique=False)
    op.create_table(
        'match_feedback',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('demand_id', sa.Integer(), nullable=False),
        sa.Column('listing_id', sa.Integer(), nullable=False),
        sa.Column('run_id', sa.Integer(), nullable=False),
        sa.Column('verdict', sa.String(), nullable=False),
        sa.Column('reason', sa.String(), nullable=False),
        sa.Column('note', sa.String(), nullable=False),
        sa.Column('by', sa.Integer(), nullable=False),
        sa.Column('at', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['by'], ['person.id']),
        sa.ForeignKeyConstraint(['demand_id'], ['demand.id']),
        sa.ForeignKeyConstraint(['listing_id'], ['listing.id']),
        sa.ForeignKeyConstraint(['run_id'], ['match_run.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('demand_id', 'listing_id'),
    )
    op.create_table(
        'match_question',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('demand_id', sa.Integer(), nullable=False),
        sa.Column('listing_id', sa.Integer(), nullable=False),
        sa.Column('digest', sa.String(), nullable=False),
        sa.Column('question', sa.String(), nullable=False),
        sa.Column('params', JSON, nullable=False),
        sa.Column('asked_by', sa.Integer(), nullable=False),
        sa.Column('asked_at', Instant(), nullable=False),
        sa.Column('answer', sa.String(), nullable=False),
        sa.Column('answered_by', sa.Integer(), nullable=True),
        sa.Column('answered_at', Instant(), nullable=True),
        sa.ForeignKeyConstraint(['answered_by'], ['person.id']),
        sa.ForeignKeyConstraint(['asked_by'], ['person.id']),
        sa.ForeignKeyConstraint(['demand_id'], ['demand.id']),
        sa.ForeignKeyConstraint(['listing_id'], ['listing.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('demand_id', 'listing_id', 'digest'),
    )
    op.create_index('ix_match_question_listing_id', 'match_question', ['listing_id'], unique=False)
    op.create_table(
        'watch',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('name', sa.String(), nullable=False),
        sa.Column('query', JSON, nullable=False),
        sa.Column('demand_id', sa.Integer(), nullable=True),
        sa.Column('listing_id', sa.Integer(), nullable=True),
        sa.Column('cadence', sa.String(), nullable=False),
        sa.Column('token', sa.String(), nullable=False),
        sa.Column('created_at', Instant(), nullable=False),
        sa.Column('looked_at', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['demand_id'], ['demand.id']),
        sa.ForeignKeyConstraint(['listing_id'], ['listing.id']),
        sa.ForeignKeyConstraint(['person_id'], ['person.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('token'),
    )
    op.create_index('ix_watch_due', 'watch', ['cadence', 'looked_at'], unique=False)
    op.create_index('ix_watch_person_id', 'watch', ['person_id'], unique=False)
    op.create_table(
        'watch_told',
        sa.Column('watch_id', sa.Integer(), nullable=False),
        sa.Column('subject_id', sa.Integer(), nullable=False),
        sa.Column('at', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['watch_id'], ['watch.id']),
        sa.PrimaryKeyConstraint('watch_id', 'subject_id'),
    )
    op.create_table(
        'digest',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('cadence', sa.String(), nullable=False),
        sa.Column('period', sa.String(), nullable=False),
        sa.Column('items', sa.Integer(), nullable=False),
        sa.Column('at', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['person_id'], ['person.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('person_id', 'cadence', 'period'),
    )
    op.create_table(
        'blind_look',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('organization_id', sa.Integer(), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('version_id', sa.Integer(), nullable=False),
        sa.Column('person_id', sa.Integer(), nullable=False),
        sa.Column('at', Instant(), nullable=False),
        sa.ForeignKeyConstraint(['organization_id'], ['organization.id']),
        sa.ForeignKeyConstraint(['person_id'], ['person.id']),
        sa.ForeignKeyConstraint(['version_id'], ['listing_version.id']),
        sa.PrimaryKeyConstraint('id'),
        sa.UniqueConstraint('organization_id', 'day', 'version_id'),
    )


def downgrade() -> None:
    op.drop_table('blind_look')
    op.drop_table('digest')
    op.drop_table('watch_told')
    op.drop_table('watch')
    op.drop_table('match_question')
    op.drop_table('match_feedback')
    op.drop_table('match')
    op.drop_table('match_run')
    op.drop_table('match_document')
    op.drop_table('listing_change')
