"""Makes room for comments, opinions, decisions that can be taken back, known answers, and how a text came to be.

Revision: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

REVOKED = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'penset_app') THEN
        REVOKE UPDATE, DELETE ON opinions FROM penset_app;
    END IF;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "comments",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("revision_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("body <> ''", name=op.f("ck_comments_body_not_empty")),
        sa.CheckConstraint("part IN ('prompt', 'response')", name=op.f("ck_comments_part")),
        sa.CheckConstraint("0 <= starts_at AND starts_at <= ends_at", name=op.f("ck_comments_passage")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_comments_author_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["comments.id"], name=op.f("fk_comments_parent_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_comments_project_id")),
        sa.ForeignKeyConstraint(["resolved_by"], ["users.id"], name=op.f("fk_comments_resolved_by")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_comments_revision_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_comments_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comments")),
    )
    op.create_index(op.f("ix_comments_submission_id_id"), "comments", ["submission_id", "id"], unique=False)
    op.create_table(
        "gold_items",
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("revision_id", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "decision IN ('approved', 'changes_requested', 'rejected')", name=op.f("ck_gold_items_decision")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_gold_items_made_by")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_gold_items_project_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_gold_items_revision_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_gold_items_submission_id")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_gold_items")),
    )
    op.create_index(
        "ix_gold_items_live",
        "gold_items",
        ["project_id", "submission_id"],
        unique=False,
        postgresql_where=sa.text("retired_at IS NULL"),
    )
    op.create_table(
        "held_decisions",
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("revision_id", sa.BigInteger(), nullable=False),
        sa.Column("reviewer_id", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("ratings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("edited_messages", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("settles_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "decision IN ('approved', 'changes_requested', 'rejected')", name=op.f("ck_held_decisions_decision")
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["users.id"], name=op.f("fk_held_decisions_reviewer_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_held_decisions_revision_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_held_decisions_submission_id")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_held_decisions")),
    )
    op.create_index(op.f("ix_held_decisions_reviewer_id"), "held_decisions", ["reviewer_id"], unique=False)
    op.create_index(op.f("ix_held_decisions_settles_at"), "held_decisions", ["settles_at"], unique=False)
    op.create_table(
        "opinions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("revision_id", sa.BigInteger(), nullable=False),
        sa.Column("reviewer_id", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("ratings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "decision IN ('approved', 'changes_requested', 'rejected')", name=op.f("ck_opinions_decision")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_opinions_project_id")),
        sa.ForeignKeyConstraint(["reviewer_id"], ["users.id"], name=op.f("fk_opinions_reviewer_id")),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_opinions_revision_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submissions.id"], name=op.f("fk_opinions_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinions")),
        sa.UniqueConstraint("revision_id", "reviewer_id", name=op.f("uq_opinions_revision_id_reviewer_id")),
    )
    op.create_index(op.f("ix_opinions_project_id_id"), "opinions", ["project_id", "id"], unique=False)
    op.create_index(op.f("ix_opinions_submission_id"), "opinions", ["submission_id"], unique=False)
    op.create_table(
        "gold_answers",
        sa.Column("submission_id", sa.BigInteger(), nullable=False),
        sa.Column("reviewer_id", sa.BigInteger(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("ratings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "decision IN ('approved', 'changes_requested', 'rejected')", name=op.f("ck_gold_answers_decision")
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["users.id"], name=op.f("fk_gold_answers_reviewer_id")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["gold_items.submission_id"], name=op.f("fk_gold_answers_submission_id")
        ),
        sa.PrimaryKeyConstraint("submission_id", "reviewer_id", name=op.f("pk_gold_answers")),
    )
    op.create_index(op.f("ix_gold_answers_reviewer_id"), "gold_answers", ["reviewer_id"], unique=False)
    op.add_column("drafts", sa.Column("caret", sa.BigInteger(), nullable=True))
    op.add_column(
        "drafts", sa.Column("provenance", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True)
    )
    op.add_column(
        "revisions", sa.Column("provenance", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True)
    )
    op.add_column("submissions", sa.Column("disputed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("submissions", sa.Column("from_newcomer", sa.Boolean(), server_default="false", nullable=False))
    op.alter_column("submissions", "from_newcomer", server_default=None)
    op.create_index(
        "ix_submissions_waiting_by_category",
        "submissions",
        ["project_id", "category_id", "submitted_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'submitted'"),
    )
    op.create_index(
        "ix_submissions_waiting_newcomers",
        "submissions",
        ["project_id", "submitted_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'submitted' AND from_newcomer"),
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON opinions "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(REVOKED)


def downgrade() -> None:
    """Comments, opinions, held decisions and known answers are gone."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index(
        "ix_submissions_waiting_newcomers",
        table_name="submissions",
        postgresql_where=sa.text("status = 'submitted' AND from_newcomer"),
    )
    op.drop_index(
        "ix_submissions_waiting_by_category", table_name="submissions", postgresql_where=sa.text("status = 'submitted'")
    )
    op.drop_column("submissions", "from_newcomer")
    op.drop_column("submissions", "disputed_at")
    op.drop_column("revisions", "provenance")
    op.drop_column("drafts", "provenance")
    op.drop_column("drafts", "caret")
    op.drop_index(op.f("ix_gold_answers_reviewer_id"), table_name="gold_answers")
    op.drop_table("gold_answers")
    op.drop_index(op.f("ix_opinions_submission_id"), table_name="opinions")
    op.drop_index(op.f("ix_opinions_project_id_id"), table_name="opinions")
    op.drop_table("opinions")
    op.drop_index(op.f("ix_held_decisions_settles_at"), table_name="held_decisions")
    op.drop_index(op.f("ix_held_decisions_reviewer_id"), table_name="held_decisions")
    op.drop_table("held_decisions")
    op.drop_index("ix_gold_items_live", table_name="gold_items", postgresql_where=sa.text("retired_at IS NULL"))
    op.drop_table("gold_items")
    op.drop_index(op.f("ix_comments_submission_id_id"), table_name="comments")
    op.drop_table("comments")
