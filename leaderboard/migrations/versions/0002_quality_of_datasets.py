"""Quality of datasets and of labels: where the report of a submission is, and the points by measure"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')
    with op.batch_alter_table('score_report', schema=None) as batch_op:
        batch_op.add_column(sa.Column('quality_key', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('patch_key', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('annotation_key', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('points', json, nullable=True))
    with op.batch_alter_table('dry_run', schema=None) as batch_op:
        batch_op.add_column(sa.Column('quality_key', sa.String(), nullable=True))
    with op.batch_alter_table('package_version', schema=None) as batch_op:
        batch_op.add_column(sa.Column('raw_points', json, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('package_version', schema=None) as batch_op:
        batch_op.drop_column('raw_points')
    with op.batch_alter_table('dry_run', schema=None) as batch_op:
        batch_op.drop_column('quality_key')
    with op.batch_alter_table('score_report', schema=None) as batch_op:
        batch_op.drop_column('points')
        batch_op.drop_column('annotation_key')
        batch_op.drop_column('patch_key')
        batch_op.drop_column('quality_key')
