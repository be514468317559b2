"""Finds what a reviewer has left to others last, so that it can be had back, by an index.

Revision: 0038
"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_review_skips_reviewer_id_created_at", "review_skips", ["reviewer_id", "created_at"])


def downgrade() -> None:
    """What was skipped last is looked for among all that was skipped."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_review_skips_reviewer_id_created_at", "review_skips")
