"""Lets a project set its rules for contributors and reviewers, and tells people what happened.

Revision: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("acknowledgements", "consents")

COUNT_APPROVED = """
UPDATE categories SET approved = counted.approved FROM (
    SELECT category_id, count(*) AS approved FROM submissions WHERE status = 'approved' GROUP BY category_id
) AS counted WHERE counted.category_id = categories.id
"""

REVOKED = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'penset_app') THEN
        REVOKE UPDATE, DELETE ON acknowledgements, consents FROM penset_app;
    END IF;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "consents",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_consents_project_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_consents_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(
        op.f("ix_consents_project_id_user_id_id"), "consents", ["project_id", "user_id", "id"], unique=False
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_notices_project_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notices_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(
        "ix_notices_unread", "notices", ["user_id", "id"], unique=False, postgresql_where=sa.text("read_at IS NULL")
    )
    op.create_index(op.f("ix_notices_user_id_id"), "notices", ["user_id", "id"], unique=False)
    op.create_table(
        "acknowledgements",
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("guidelines_id", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["guidelines_id"], ["guidelines.id"], name=op.f("fk_acknowledgements_guidelines_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_acknowledgements_user_id")),
        sa.PrimaryKeyConstraint("user_id", "guidelines_id", name=op.f("pk_acknowledgements")),
    )
    op.add_column("categories", sa.Column("approved", sa.BigInteger(), server_default="0", nullable=False))
    op.alter_column("categories", "approved", server_default=None)
    op.add_column("memberships", sa.Column("qualified_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("projects", sa.Column("reviews_per_response", sa.BigInteger(), server_default="1", nullable=False))
    op.alter_column("projects", "reviews_per_response", server_default=None)
    op.add_column("projects", sa.Column("review_order", sa.Text(), server_default="oldest", nullable=False))
    op.alter_column("projects", "review_order", server_default=None)
    op.add_column("projects", sa.Column("gold_every", sa.BigInteger(), server_default="0", nullable=False))
    op.alter_column("projects", "gold_every", server_default=None)
    op.add_column("projects", sa.Column("qualification", sa.BigInteger(), server_default="0", nullable=False))
    op.alter_column("projects", "qualification", server_default=None)
    op.add_column("projects", sa.Column("allow_system", sa.Boolean(), server_default="false", nullable=False))
    op.alter_column("projects", "allow_system", server_default=None)
    op.add_column("projects", sa.Column("keeps_provenance", sa.Boolean(), server_default="false", nullable=False))
    op.alter_column("projects", "keeps_provenance", server_default=None)
    op.add_column("projects", sa.Column("shows_examples", sa.Boolean(), server_default="false", nullable=False))
    op.alter_column("projects", "shows_examples", server_default=None)
    op.add_column(
        "projects", sa.Column("blocking_hints", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False)
    )
    op.alter_column("projects", "blocking_hints", server_default=None)
    op.add_column("projects", sa.Column("consent_text", sa.Text(), server_default="", nullable=False))
    op.alter_column("projects", "consent_text", server_default=None)
    op.add_column("users", sa.Column("mail_notices", sa.Boolean(), server_default="false", nullable=False))
    op.alter_column("users", "mail_notices", server_default=None)
    op.create_check_constraint(
        op.f("ck_projects_reviews_per_response"), "projects", "reviews_per_response BETWEEN 1 AND 2"
    )
    op.create_check_constraint(op.f("ck_projects_qualification"), "projects", "qualification BETWEEN 0 AND 20")
    op.create_check_constraint(
        op.f("ck_projects_gold_every"), "projects", "gold_every = 0 OR gold_every BETWEEN 2 AND 1000"
    )
    op.create_check_constraint(
        op.f("ck_projects_review_order"), "projects", "review_order IN ('oldest', 'furthest', 'newcomers')"
    )
    op.execute(COUNT_APPROVED)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(REVOKED)


def downgrade() -> None:
    """The rules, consents, acknowledgements and notices are gone."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for rule in ("reviews_per_response", "qualification", "gold_every", "review_order"):
        op.drop_constraint(op.f(f"ck_projects_{rule}"), "projects")
    op.drop_column("users", "mail_notices")
    op.drop_column("projects", "consent_text")
    op.drop_column("projects", "blocking_hints")
    op.drop_column("projects", "shows_examples")
    op.drop_column("projects", "keeps_provenance")
    op.drop_column("projects", "allow_system")
    op.drop_column("projects", "qualification")
    op.drop_column("projects", "gold_every")
    op.drop_column("projects", "review_order")
    op.drop_column("projects", "reviews_per_response")
    op.drop_column("memberships", "qualified_at")
    op.drop_column("categories", "approved")
    op.drop_table("acknowledgements")
    op.drop_index(op.f("ix_notices_user_id_id"), table_name="notices")
    op.drop_index("ix_notices_unread", table_name="notices", postgresql_where=sa.text("read_at IS NULL"))
    op.drop_table("notices")
    op.drop_index(op.f("ix_consents_project_id_user_id_id"), table_name="consents")
    op.drop_table("consents")
