"""Finds the latest skips of a project, so that prompts which writers leave to others are seen.

Revision: 0042
"""

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "ix_assignments_skipped", "assignments", ["project_id", "id"], postgresql_where=sa.text("status = 'skipped'")
    )


def downgrade() -> None:
    """Take it away."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_assignments_skipped", "assignments")
