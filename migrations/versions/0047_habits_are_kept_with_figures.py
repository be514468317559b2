"""Keeps with the figures of a comparison set who chose nearly always the same side: it was counted at each look at it.

Revision: 0047
"""

from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what is kept; a job fills it where there are figures, within a minute."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE comparison_sets ADD COLUMN habits jsonb")


def downgrade() -> None:
    """Take it away."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("ALTER TABLE comparison_sets DROP COLUMN habits")
