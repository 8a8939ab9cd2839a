"""Organizers read a proposed demand as its demander allows; documents of matches know their first run, to go with their last one"""

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('demand', schema=None) as batch_op:
        batch_op.add_column(sa.Column('proposed_in_full', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('match_document', schema=None) as batch_op:
        batch_op.add_column(sa.Column('first_run', sa.Integer(), nullable=True))
    op.execute("UPDATE match_document SET first_run = 0")


def downgrade() -> None:
    with op.batch_alter_table('match_document', schema=None) as batch_op:
        batch_op.drop_column('first_run')
    with op.batch_alter_table('demand', schema=None) as batch_op:
        batch_op.drop_column('proposed_in_full')
