"""Interest, samples, agreements, deals"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from leaderboard.core.database import Instant

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')


def upgrade() -> None:
    op.create_table('deal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('listing_id', sa.Integer(), nullable=False),
    sa.Column('demand_id', sa.Integer(), nullable=True),
    sa.Column('supplier_id', sa.Integer(), nullable=False),
    sa.Column('demander_id', sa.Integer(), nullable=False),
    sa.Column('auditor_id', sa.Integer(), nullable=True),
    sa.Column('auditor_of_supplier', sa.Integer(), nullable=True),
    sa.Column('auditor_of_demander', sa.Integer(), nullable=True),
    sa.Column('begun_by', sa.String(), nullable=False),
    sa.Column('blind', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('turn', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('sector', sa.String(), nullable=False),
    sa.Column('created_at', Instant(), nullable=False),
    sa.Column('moved_at', Instant(), nullable=False),
    sa.Column('met_at', Instant(), nullable=True),
    sa.Column('agreed_at', Instant(), nullable=True),
    sa.Column('settled_at', Instant(), nullable=True),
    sa.ForeignKeyConstraint(['auditor_id'], ['organization.id'], ),
    sa.ForeignKeyConstraint(['demand_id'], ['demand.id'], ),
    sa.ForeignKeyConstraint(['demander_id'], ['organization.id'], ),
    sa.ForeignKeyConstraint(['listing_id'], ['listing.id'], ),
    sa.ForeignKeyConstraint(['supplier_id'], ['organization.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('key')
    )
    op.create_index('ix_deal_about', 'deal', ['listing_id', 'demander_id'], unique=False)
    op.create_index(op.f('ix_deal_auditor_id'), 'deal', ['auditor_id'], unique=False)
    op.create_index(op.f('ix_deal_demand_id'), 'deal', ['demand_id'], unique=False)
    op.create_index('ix_deal_demander', 'deal', ['demander_id', 'state'], unique=False)
    op.create_index('ix_deal_supplier', 'deal', ['supplier_id', 'state'], unique=False)
    op.create_table('deal_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('deal_id', sa.Integer(), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('move', sa.String(), nullable=False),
    sa.Column('side', sa.String(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('body_sha256', sa.String(), nullable=False),
    sa.Column('before', sa.String(), nullable=False),
    sa.Column('after', sa.String(), nullable=False),
    sa.Column('detail', JSON, nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('deal_id', 'message_id')
    )
    op.create_table('deal_file',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('deal_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.String(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('storage_key', sa.String(), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('storage_key')
    )
    op.create_index(op.f('ix_deal_file_deal_id'), 'deal_file', ['deal_id'], unique=False)
    op.create_table('deal_message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('deal_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.String(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=True),
    sa.Column('at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], ),
    sa.ForeignKeyConstraint(['file_id'], ['deal_file.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_deal_message_deal_id'), 'deal_message', ['deal_id'], unique=False)
    op.create_table('deal_reader',
    sa.Column('deal_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('seen_at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('deal_id', 'person_id')
    )
    op.create_table('deal_digest',
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('sent_at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('person_id')
    )
    op.create_table('deal_sample',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('deal_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(), nullable=False),
    sa.Column('asked_by', sa.Integer(), nullable=False),
    sa.Column('asked_at', Instant(), nullable=False),
    sa.Column('decided_at', Instant(), nullable=True),
    sa.Column('expires_at', Instant(), nullable=True),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=True),
    sa.Column('secret', sa.String(), nullable=False),
    sa.Column('storage_key', sa.String(), nullable=True),
    sa.Column('sha256', sa.String(), nullable=True),
    sa.Column('made_rows', sa.Integer(), nullable=True),
    sa.Column('of_rows', sa.Integer(), nullable=True),
    sa.Column('threshold', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['asked_by'], ['person.id'], ),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], ),
    sa.ForeignKeyConstraint(['source_id'], ['deal_file.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_deal_sample_deal_id'), 'deal_sample', ['deal_id'], unique=False)
    op.create_table('deal_sample_download',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('sample_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['sample_id'], ['deal_sample.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_deal_sample_download_sample_id'), 'deal_sample_download', ['sample_id'], unique=False)
    op.create_table('deal_nda',
    sa.Column('deal_id', sa.Integer(), nullable=False),
    sa.Column('template', sa.Integer(), nullable=False),
    sa.Column('template_sha256', sa.String(), nullable=False),
    sa.Column('text_en', sa.String(), nullable=False),
    sa.Column('text_zh', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('made_at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], ),
    sa.PrimaryKeyConstraint('deal_id')
    )
    op.create_table('deal_signature',
    sa.Column('deal_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.String(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('deal_id', 'side')
    )
    op.create_table('deal_offer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('deal_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('side', sa.String(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('document', JSON, nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('valid_until', sa.Date(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('deal_id', 'number')
    )
    op.create_table('deal_agreement',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('deal_id', sa.Integer(), nullable=False),
    sa.Column('offer_id', sa.Integer(), nullable=False),
    sa.Column('document', JSON, nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('findings', sa.String(), nullable=False),
    sa.Column('signed_by', sa.Integer(), nullable=True),
    sa.Column('signed_at', Instant(), nullable=True),
    sa.Column('at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], ),
    sa.ForeignKeyConstraint(['offer_id'], ['deal_offer.id'], ),
    sa.ForeignKeyConstraint(['signed_by'], ['person.id'], ),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index(op.f('ix_deal_agreement_deal_id'), 'deal_agreement', ['deal_id'], unique=False)
    op.create_table('deal_delivery',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('deal_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('file_id', sa.Integer(), nullable=True),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('measuring', sa.String(), nullable=False),
    sa.Column('quality_key', sa.String(), nullable=True),
    sa.Column('failure', sa.String(), nullable=False),
    sa.Column('verdict', sa.String(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], ),
    sa.ForeignKeyConstraint(['file_id'], ['deal_file.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('deal_id', 'number')
    )
    op.create_table('deal_rating',
    sa.Column('deal_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.String(), nullable=False),
    sa.Column('rated_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=False),
    sa.Column('described', sa.Integer(), nullable=False),
    sa.Column('punctual', sa.Integer(), nullable=False),
    sa.Column('spoken', sa.Integer(), nullable=False),
    sa.Column('note', sa.String(), nullable=False),
    sa.Column('at', Instant(), nullable=False),
    sa.ForeignKeyConstraint(['deal_id'], ['deal.id'], ),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], ),
    sa.ForeignKeyConstraint(['rated_id'], ['organization.id'], ),
    sa.PrimaryKeyConstraint('deal_id', 'side')
    )
    op.create_index(op.f('ix_deal_rating_rated_id'), 'deal_rating', ['rated_id'], unique=False)


def downgrade() -> None:
    op.drop_table('deal_rating')
    op.drop_table('deal_delivery')
    op.drop_table('deal_agreement')
    op.drop_table('deal_offer')
    op.drop_table('deal_signature')
    op.drop_table('deal_nda')
    op.drop_table('deal_sample_download')
    op.drop_table('deal_sample')
    op.drop_table('deal_digest')
    op.drop_table('deal_reader')
    op.drop_table('deal_message')
    op.drop_table('deal_file')
    op.drop_table('deal_step')
    op.drop_table('deal')
