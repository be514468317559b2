"""Finds what waits of one writer, in its order, by an index of its own.

Revision: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "ix_submissions_waiting_by_writer",
        "submissions",
        ["author_id", "project_id", "submitted_at", "id"],
        postgresql_where=sa.text("status = 'submitted'"),
    )


def downgrade() -> None:
    """What waits of one writer is looked for among all that they wrote."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_submissions_waiting_by_writer", "submissions")
