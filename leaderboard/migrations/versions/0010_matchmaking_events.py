"""Matchmaking events"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from leaderboard.core.database import Instant

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')


def upgrade() -> None:
    op.create_table('event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('title_en', sa.String(), nullable=False),
    sa.Column('title_zh', sa.String(), nullable=False),
    sa.Column('summary_en', sa.String(), nullable=False),
    sa.Column('summary_zh', sa.String(), nullable=False),
    sa.Column('place_en', sa.String(), nullable=False),
    sa.Column('place_zh', sa.String(), nullable=False),
    sa.Column('zone', sa.String(), nullable=False),
    sa.Column('days', JSON, nullable=False),
    sa.Column('first_day', sa.String(), nullable=False),
    sa.Column('last_day', sa.String(), nullable=False),
    sa.Column('starts', JSON, nullable=False),
    sa.Column('breaks', JSON, nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('tables', sa.Integer(), nullable=False),
    sa.Column('interpreters', sa.Integer(), nullable=True),
    sa.Column('most', sa.Integer(), nullable=False),
    sa.Column('supplier_seats', sa.Integer(), nullable=False),
    sa.Column('demander_seats', sa.Integer(), nullable=False),
    sa.Column('verified', sa.Integer(), nullable=False),
    sa.Column('both_sides', sa.Boolean(), nullable=False),
    sa.Column('ranks', sa.Integer(), nullable=False),
    sa.Column('registration_ends_at', Instant(), nullable=True),
    sa.Column('preferences_end_at', Instant(), nullable=True),
    sa.Column('run_id', sa.Integer(), nullable=True),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('created_at', Instant(), nullable=False),
    sa.Column('published_at', Instant(), nullable=True),
    sa.Column('closed_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('slug')
    )
    op.create_index('ix_event_state', 'event', ['state', 'first_day'], unique=False)
    op.create_index('ix_event_organization_id', 'event', ['organization_id'], unique=False)
    op.create_table('event_registration',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('organization_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('side', sa.String(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('participants', JSON, nullable=False),
    sa.Column('languages', JSON, nullable=False),
    sa.Column('free', JSON, nullable=False),
    sa.Column('least', sa.Integer(), nullable=False),
    sa.Column('most', sa.Integer(), nullable=False),
    sa.Column('reveal', sa.String(), nullable=False),
    sa.Column('things', JSON, nullable=False),
    sa.Column('code', sa.String(), nullable=False),
    sa.Column('feed_nonce', sa.String(), nullable=False),
    sa.Column('registered_at', Instant(), nullable=False),
    sa.Column('queued_at', Instant(), nullable=False),
    sa.Column('withdrawn_at', Instant(), nullable=True),
    sa.Column('arrived_at', Instant(), nullable=True),
    sa.Column('gone_from', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], ),
    sa.ForeignKeyConstraint(['organization_id'], ['organization.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('event_id', 'code'),
    sa.UniqueConstraint('event_id', 'organization_id', 'side'),
    sa.UniqueConstraint('event_id', 'side', 'number')
    )
    op.create_index('ix_event_registration_organization_id', 'event_registration', ['organization_id'], unique=False)
    op.create_table('event_preference',
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('other_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=True),
    sa.Column('veto', sa.Boolean(), nullable=False),
    sa.CheckConstraint('(place IS NULL) = veto', name='ck_event_preference'),
    sa.ForeignKeyConstraint(['other_id'], ['event_registration.id'], ),
    sa.ForeignKeyConstraint(['registration_id'], ['event_registration.id'], ),
    sa.PrimaryKeyConstraint('registration_id', 'other_id')
    )
    op.create_index('ix_event_preference_other_id', 'event_preference', ['other_id'], unique=False)
    op.create_table('event_run',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('method', sa.String(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('wanted', JSON, nullable=False),
    sa.Column('basis', sa.String(), nullable=False),
    sa.Column('base_revision', sa.Integer(), nullable=True),
    sa.Column('input', JSON, nullable=False),
    sa.Column('result', JSON, nullable=False),
    sa.Column('figures', JSON, nullable=False),
    sa.Column('findings', JSON, nullable=False),
    sa.Column('created_at', Instant(), nullable=False),
    sa.Column('created_by', sa.Integer(), nullable=True),
    sa.Column('finished_at', Instant(), nullable=True),
    sa.Column('applied_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['created_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('event_id', 'number')
    )
    op.create_table('event_meeting',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('supplier_id', sa.Integer(), nullable=False),
    sa.Column('demander_id', sa.Integer(), nullable=False),
    sa.Column('slot', sa.Integer(), nullable=False),
    sa.Column('seat', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('supplier_answer', sa.String(), nullable=False),
    sa.Column('demander_answer', sa.String(), nullable=False),
    sa.Column('supplier_outcome', sa.String(), nullable=False),
    sa.Column('demander_outcome', sa.String(), nullable=False),
    sa.Column('deal_id', sa.Integer(), nullable=True),
    sa.Column('changed_at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['demander_id'], ['event_registration.id'], ),
    sa.ForeignKeyConstraint(['event_id'], ['event.id'], ),
    sa.ForeignKeyConstraint(['supplier_id'], ['event_registration.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('event_id', 'supplier_id', 'demander_id')
    )
    op.create_index('ix_event_meeting_demander', 'event_meeting', ['demander_id'], unique=False)
    op.create_index('ix_event_meeting_supplier', 'event_meeting', ['supplier_id'], unique=False)


def downgrade() -> None:
    for table in ('event_meeting', 'event_run', 'event_preference', 'event_registration', 'event'):
        op.drop_table(table)
