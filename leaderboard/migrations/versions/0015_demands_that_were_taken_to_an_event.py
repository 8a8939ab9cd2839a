"""Demands know when they were first taken to an event"""

import sqlalchemy as sa
from alembic import op

from leaderboard.core.database import Instant

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('demand', schema=None) as batch_op:
        batch_op.add_column(sa.Column('event_at', Instant(), nullable=True))
    op.execute(
        "UPDATE demand SET event_at = (SELECT MIN(at) FROM ledger"
        " WHERE act = 'demand.in_event' AND subject = 'demand:' || CAST(demand.id AS VARCHAR))"
    )


def downgrade() -> None:
    with op.batch_alter_table('demand', schema=None) as batch_op:
        batch_op.drop_column('event_at')
