"""Keeps in which order a project's open prompts are advised, and whether its writers are given them so.

Revision: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("projects", sa.Column("follows_advice", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "prompt_turns",
        sa.Column("project_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("prompt_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_prompt_turns_project_id")),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name=op.f("fk_prompt_turns_prompt_id")),
        sa.PrimaryKeyConstraint("project_id", "place", name=op.f("pk_prompt_turns")),
        sa.UniqueConstraint("prompt_id", name=op.f("uq_prompt_turns_prompt_id")),
    )


def downgrade() -> None:
    """Writers are given the oldest prompt again; the order is forgotten until the next run."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("prompt_turns")
    op.drop_column("projects", "follows_advice")
