"""Keeps how far the making of a comparison set is, and of what it is made; sets that are there are made.

Revision: 0030
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "makings",
        sa.Column("set_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("people", sa.Boolean(), nullable=False),
        sa.Column("run_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("pairs", postgresql.JSONB(), nullable=True),
        sa.Column("failure", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_makings_state")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_makings_project_id")),
        sa.ForeignKeyConstraint(["set_id"], ["comparison_sets.id"], name=op.f("fk_makings_set_id")),
        sa.PrimaryKeyConstraint("set_id", name=op.f("pk_makings")),
    )


def downgrade() -> None:
    """A set that waits to be made is made by nobody then; make it anew."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("makings")
