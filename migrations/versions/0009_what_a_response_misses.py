"""Lets a return name the part of the guidelines that it misses; phrases, proposed wordings, and disputes at hand.

Revision: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

DECIDED = ("reviews", "opinions", "held_decisions", "gold_answers")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in DECIDED:
        op.add_column(table, sa.Column("missed", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "phrases",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_phrases_text_not_empty")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_phrases_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_phrases")),
    )
    op.create_index(op.f("ix_phrases_user_id_id"), "phrases", ["user_id", "id"], unique=False)
    op.create_table(
        "wordings",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("guidelines_id", sa.BigInteger(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('open', 'taken', 'declined')", name=op.f("ck_wordings_state")),
        sa.CheckConstraint("text <> ''", name=op.f("ck_wordings_text_not_empty")),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_wordings_decided")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_wordings_author_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_wordings_decided_by")),
        sa.ForeignKeyConstraint(["guidelines_id"], ["guidelines.id"], name=op.f("fk_wordings_guidelines_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_wordings_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wordings")),
    )
    op.create_index(op.f("ix_wordings_project_id_id"), "wordings", ["project_id", "id"], unique=False)
    op.create_index(
        "ix_submissions_disputed",
        "submissions",
        ["project_id"],
        unique=False,
        postgresql_where=sa.text("status = 'submitted' AND disputed_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Named parts of guidelines, phrases and proposed wordings are gone."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_submissions_disputed", table_name="submissions")
    op.drop_table("wordings")
    op.drop_table("phrases")
    for table in DECIDED:
        op.drop_column(table, "missed")
