"""Lets an answer to a known submission keep the text that its reviewer edited, so that it can be taken back whole.

Revision: 0007
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    edited = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())
    op.add_column("gold_answers", sa.Column("edited_messages", edited, nullable=True))


def downgrade() -> None:
    """Edited texts of such answers are gone."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("gold_answers", "edited_messages")
