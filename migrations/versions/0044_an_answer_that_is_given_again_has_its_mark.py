"""Keeps the ETag of an answer that may be given again, since some calls that act answer with one.

Revision: 0044
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Answers of before have none."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("given_answers", sa.Column("etag", sa.Text()))


def downgrade() -> None:
    """Take it away."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("given_answers", "etag")
