"""Calendar addresses of events belong to a person, and end with the membership"""

import sqlalchemy as sa
from alembic import op

from leaderboard.core.database import Instant

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('event_feed',
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('nonce', sa.String(), nullable=False),
    sa.Column('made_at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['registration_id'], ['event_registration.id'], ),
    sa.PrimaryKeyConstraint('registration_id', 'person_id')
    )
    op.create_index('ix_event_feed_person_id', 'event_feed', ['person_id'], unique=False)
    with op.batch_alter_table('event_registration', schema=None) as batch_op:
        batch_op.drop_column('feed_nonce')


def downgrade() -> None:
    with op.batch_alter_table('event_registration', schema=None) as batch_op:
        batch_op.add_column(sa.Column('feed_nonce', sa.String(), nullable=False, server_default=''))
    op.drop_table('event_feed')
