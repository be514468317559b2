"""Keeps what people ask of a prompt, and what is answered.

Revision: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

OPEN = sa.text("parent_id IS NULL AND answered_at IS NULL")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "prompt_questions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("prompt_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("body <> ''", name=op.f("ck_prompt_questions_body_not_empty")),
        sa.CheckConstraint("parent_id IS NULL OR answered_at IS NULL", name=op.f("ck_prompt_questions_answered")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_prompt_questions_author_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["prompt_questions.id"], name=op.f("fk_prompt_questions_parent_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_prompt_questions_project_id")),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name=op.f("fk_prompt_questions_prompt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_questions")),
    )
    op.create_index(op.f("ix_prompt_questions_prompt_id_id"), "prompt_questions", ["prompt_id", "id"], unique=False)
    op.create_index(
        "ix_prompt_questions_open", "prompt_questions", ["project_id", "id"], unique=False, postgresql_where=OPEN
    )


def downgrade() -> None:
    """Questions and answers are gone."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("prompt_questions")
