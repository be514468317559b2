"""Keeps whether a project's writers are given prompts of the category first that is furthest from its target.

Revision: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("projects", sa.Column("follows_need", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    """Writers are given prompts of any category again."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("projects", "follows_need")
