"""Listings, demands and the organizations behind them"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from leaderboard.core.database import Instant

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')


def upgrade() -> None:
    op.add_column('organization', sa.Column('posts', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('organization', sa.Column('verified', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('organization', sa.Column('region', sa.String(), nullable=False, server_default=''))
    op.execute('UPDATE organization SET posts = true')  # those that are there were founded to post challenges
    _listings()


def _listings() -> None:
    op.create_table('listing',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('dataset_id', sa.Integer(), nullable=True),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('proposed', sa.Integer(), nullable=True),
    sa.Column('proposed_at', Instant(), nullable=True),
    sa.Column('scenario_en', sa.String(), nullable=False),
    sa.Column('scenario_zh', sa.String(), nullable=False),
    sa.Column('review_note', sa.String(), nullable=False),
    sa.Column('held_by', sa.String(), nullable=False),
    sa.Column('created_at', Instant(), nullable=False),
    sa.Column('submitted_at', Instant(), nullable=True),
    sa.Column('review_at', Instant(), nullable=True),
    sa.Column('decided_at', Instant(), nullable=True),
    sa.Column('registered_at', Instant(), nullable=True),
    sa.Column('listed_at', Instant(), nullable=True),
    sa.Column('confirmed_at', Instant(), nullable=True),
    sa.Column('ended_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['dataset_id'], ['dataset.id'], ),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('key')
    )
    op.create_index('ix_listing_state', 'listing', ['state', 'listed_at'], unique=False)
    op.create_index('ix_listing_organization_id', 'listing', ['organization_id'], unique=False)
    op.create_index('ix_listing_dataset_id', 'listing', ['dataset_id'], unique=False)
    op.create_table('listing_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('listing_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title_en', sa.String(), nullable=False),
    sa.Column('title_zh', sa.String(), nullable=False),
    sa.Column('summary_en', sa.String(), nullable=False),
    sa.Column('summary_zh', sa.String(), nullable=False),
    sa.Column('source_en', sa.String(), nullable=False),
    sa.Column('source_zh', sa.String(), nullable=False),
    sa.Column('document', JSON, nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('created_at', Instant(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('holds_from', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('listing_id', 'number')
    )
    op.create_table('demand',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('visibility', sa.String(), nullable=False),
    sa.Column('card', sa.String(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('vetted_version', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('outcome', sa.String(), nullable=False),
    sa.Column('outcome_note', sa.String(), nullable=False),
    sa.Column('missing', JSON, nullable=False),
    sa.Column('challenge_id', sa.Integer(), nullable=True),
    sa.Column('created_at', Instant(), nullable=False),
    sa.Column('submitted_at', Instant(), nullable=True),
    sa.Column('opened_at', Instant(), nullable=True),
    sa.Column('proposed_at', Instant(), nullable=True),
    sa.Column('closed_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], ),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('key')
    )
    op.create_index('ix_demand_state', 'demand', ['state', 'visibility', 'card'], unique=False)
    op.create_index('ix_demand_organization_id', 'demand', ['organization_id'], unique=False)
    op.create_table('demand_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('demand_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('title_en', sa.String(), nullable=False),
    sa.Column('title_zh', sa.String(), nullable=False),
    sa.Column('need_en', sa.String(), nullable=False),
    sa.Column('need_zh', sa.String(), nullable=False),
    sa.Column('document', JSON, nullable=False),
    sa.Column('understood', JSON, nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('created_at', Instant(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['demand_id'], ['demand.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('demand_id', 'number')
    )
    op.create_table('demand_invitation',
    sa.Column('demand_id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('by_interest', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['demand_id'], ['demand.id'], ),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], ),
    sa.PrimaryKeyConstraint('demand_id', 'organization_id')
    )
    op.create_index('ix_demand_invitation_organization_id', 'demand_invitation', ['organization_id'], unique=False)
    op.create_table('demand_access',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('demand_id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=True),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('tier', sa.String(), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['demand_id'], ['demand.id'], ),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_demand_access_demand', 'demand_access', ['demand_id', 'at'], unique=False)


def downgrade() -> None:
    for name in ('demand_access', 'demand_invitation', 'demand_version', 'demand'):
        op.drop_table(name)
    op.drop_table('listing_version')
    op.drop_table('listing')
    for name in ('region', 'verified', 'posts'):
        op.drop_column('organization', name)
