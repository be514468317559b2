"""Finds the few withdrawn responses of a project without reading the many that stand: each download asks for them.

Revision: 0035
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

NAME = "ix_submissions_withdrawn"


def upgrade() -> None:
    """Add the index."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(NAME, "submissions", ["project_id", "id"], postgresql_where=sa.text("status = 'withdrawn'"))


def downgrade() -> None:
    """Take it away."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index(NAME, "submissions")
