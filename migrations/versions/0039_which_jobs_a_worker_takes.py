"""Tells trainers from other workers: beside a worker's heartbeat stands the name of its connection.

Revision: 0039
"""

from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(
        "ALTER TABLE procrastinate_workers ADD COLUMN named text NOT NULL DEFAULT current_setting('application_name')"
    )


def downgrade() -> None:
    """Which jobs a worker takes is not known any more."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE procrastinate_workers DROP COLUMN named")
