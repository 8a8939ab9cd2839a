"""Where the issues of a dataset are as Parquet, beside those as CSV"""

from alembic import op
import sqlalchemy as sa

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('score_report', schema=None) as batch_op:
        batch_op.add_column(sa.Column('issues_key', sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('score_report', schema=None) as batch_op:
        batch_op.drop_column('issues_key')
