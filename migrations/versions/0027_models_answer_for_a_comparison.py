"""Keeps which models a comparison set asks, with what settings, and how far that is.

Revision: 0027
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "generations",
        sa.Column("set_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("run_ids", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("bases", sa.Boolean(), nullable=False),
        sa.Column("people", sa.Boolean(), nullable=False),
        sa.Column("prompts", sa.Text(), nullable=False),
        sa.Column("most", sa.BigInteger(), nullable=False),
        sa.Column("temperature", sa.Float(), nullable=False),
        sa.Column("max_tokens", sa.BigInteger(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("about_run_id", sa.BigInteger(), nullable=True),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failure", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_generations_state")
        ),
        sa.CheckConstraint("prompts IN ('unanswered', 'test')", name=op.f("ck_generations_prompts")),
        sa.ForeignKeyConstraint(["set_id"], ["comparison_sets.id"], name=op.f("fk_generations_set_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_generations_project_id")),
        sa.ForeignKeyConstraint(["about_run_id"], ["runs.id"], name=op.f("fk_generations_about_run_id")),
        sa.PrimaryKeyConstraint("set_id", name=op.f("pk_generations")),
    )
    op.create_index(op.f("ix_generations_about_run_id"), "generations", ["about_run_id"])


def downgrade() -> None:
    """Which models were asked is forgotten; what they said stays."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("generations")
