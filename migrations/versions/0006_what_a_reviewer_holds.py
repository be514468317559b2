"""Finds what a reviewer holds without reading the whole queue.

Revision: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "ix_submissions_held",
        "submissions",
        ["lease_holder_id"],
        unique=False,
        postgresql_where=sa.text("lease_holder_id IS NOT NULL"),
    )


def downgrade() -> None:
    """Nothing is lost."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index(
        "ix_submissions_held", table_name="submissions", postgresql_where=sa.text("lease_holder_id IS NOT NULL")
    )
