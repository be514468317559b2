"""Keeps how many responses of a project one person may write at most.

Revision: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("projects", sa.Column("responses_per_writer", sa.BigInteger(), server_default="0", nullable=False))
    op.create_check_constraint(op.f("ck_projects_responses_per_writer"), "projects", "responses_per_writer >= 0")


def downgrade() -> None:
    """Everybody may write as much as they like."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(op.f("ck_projects_responses_per_writer"), "projects")
    op.drop_column("projects", "responses_per_writer")
