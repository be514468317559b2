"""Keeps why writers leave or report prompts, and what texts are found by that are much alike.

Revision: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "fingerprints",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("keys", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('prompt', 'response')", name=op.f("ck_fingerprints_kind")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_fingerprints_project_id")),
        sa.PrimaryKeyConstraint("kind", "subject_id", name=op.f("pk_fingerprints")),
    )
    op.create_index(op.f("ix_fingerprints_keys"), "fingerprints", ["keys"], unique=False, postgresql_using="gin")
    op.create_table(
        "prompt_reports",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("prompt_id", sa.BigInteger(), nullable=False),
        sa.Column("reporter_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "reason IN ('unclear', 'unanswerable', 'duplicate', 'personal', 'harmful', 'other')",
            name=op.f("ck_prompt_reports_reason"),
        ),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_prompt_reports_project_id")),
        sa.ForeignKeyConstraint(["prompt_id"], ["prompts.id"], name=op.f("fk_prompt_reports_prompt_id")),
        sa.ForeignKeyConstraint(["reporter_id"], ["users.id"], name=op.f("fk_prompt_reports_reporter_id")),
        sa.ForeignKeyConstraint(["settled_by"], ["users.id"], name=op.f("fk_prompt_reports_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_reports")),
        sa.UniqueConstraint("prompt_id", "reporter_id", name=op.f("uq_prompt_reports_prompt_id_reporter_id")),
    )
    op.create_index(
        "ix_prompt_reports_open",
        "prompt_reports",
        ["project_id", "id"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.add_column("assignments", sa.Column("skip_kind", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_assignments_skip_kind"), "assignments", "skip_kind IN ('not_my_field', 'too_long', 'unclear', 'other')"
    )


def downgrade() -> None:
    """Reports, reasons and fingerprints are gone."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(op.f("ck_assignments_skip_kind"), "assignments")
    op.drop_column("assignments", "skip_kind")
    op.drop_index("ix_prompt_reports_open", table_name="prompt_reports", postgresql_where=sa.text("settled_at IS NULL"))
    op.drop_table("prompt_reports")
    op.drop_index(op.f("ix_fingerprints_keys"), table_name="fingerprints", postgresql_using="gin")
    op.drop_table("fingerprints")
