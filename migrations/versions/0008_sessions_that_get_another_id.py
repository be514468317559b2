"""Marks sessions whose id is to be renewed, since the person's role has changed.

Revision: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("sign_ins", sa.Column("renew_id", sa.Boolean(), server_default=sa.text("false"), nullable=False))


def downgrade() -> None:
    """Sessions keep their ids when a role changes."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("sign_ins", "renew_id")
