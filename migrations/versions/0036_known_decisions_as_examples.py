"""Keeps which submissions with a known decision stand on the guidelines page as worked examples.

Revision: 0036
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("gold_items", sa.Column("is_example", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_check_constraint(op.f("ck_gold_items_example"), "gold_items", "NOT is_example OR retired_at IS NOT NULL")
    op.create_index("ix_gold_items_examples", "gold_items", ["project_id"], postgresql_where=sa.text("is_example"))


def downgrade() -> None:
    """No example stands on the guidelines page."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_gold_items_examples", "gold_items")
    op.drop_constraint(op.f("ck_gold_items_example"), "gold_items")
    op.drop_column("gold_items", "is_example")
