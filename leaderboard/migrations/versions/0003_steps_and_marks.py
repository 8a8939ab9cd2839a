"""How far a job is, for who waits for it; marks of the records that teams changed, for who compares them"""

from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.add_column(sa.Column('steps', sa.JSON().with_variant(postgresql.JSONB(), 'postgresql'), nullable=True))
    op.create_table('record_mark',
    sa.Column('challenge_id', sa.Integer(), nullable=False),
    sa.Column('mark', sa.BigInteger(), nullable=False),
    sa.Column('submission_id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['challenge_id'], ['challenge.id'], ),
    sa.ForeignKeyConstraint(['entry_id'], ['entry.id'], ),
    sa.ForeignKeyConstraint(['submission_id'], ['submission.id'], ),
    sa.PrimaryKeyConstraint('challenge_id', 'mark', 'submission_id')
    )
    op.create_index('ix_record_mark_submission_id', 'record_mark', ['submission_id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_record_mark_submission_id', table_name='record_mark')
    op.drop_table('record_mark')
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_column('steps')
