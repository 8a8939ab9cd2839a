"""Events can be called off, with a reason"""

import sqlalchemy as sa
from alembic import op

from leaderboard.core.database import Instant

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.add_column(sa.Column('reason_en', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('reason_zh', sa.String(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('called_off_at', Instant(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('event', schema=None) as batch_op:
        batch_op.drop_column('called_off_at')
        batch_op.drop_column('reason_zh')
        batch_op.drop_column('reason_en')
