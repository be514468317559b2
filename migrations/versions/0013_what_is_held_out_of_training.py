"""Keeps which writers and categories are held out of training, and how a dataset's versions are prepared.

Revision: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

GRANTS = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'penset_app') THEN
        REVOKE UPDATE, DELETE ON kept_out FROM penset_app;
    END IF;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("datasets", "versions"):
        op.add_column(
            table, sa.Column("preparation", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False)
        )
    op.add_column("version_rows", sa.Column("held_out", sa.Text(), nullable=True))
    op.create_check_constraint("held_out", "version_rows", "held_out IN ('writers', 'categories')")
    op.create_table(
        "kept_out",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("category_id", sa.BigInteger(), nullable=True),
        sa.Column("settled_in", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('writers', 'categories')", name=op.f("ck_kept_out_kind")),
        sa.CheckConstraint(
            "(kind = 'writers') = (user_id IS NOT NULL) AND (kind = 'categories') = (category_id IS NOT NULL)",
            name=op.f("ck_kept_out_subject"),
        ),
        sa.ForeignKeyConstraint(["category_id"], ["categories.id"], name=op.f("fk_kept_out_category_id")),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_kept_out_project_id")),
        sa.ForeignKeyConstraint(["settled_in"], ["versions.id"], name=op.f("fk_kept_out_settled_in")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_kept_out_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_out")),
        sa.UniqueConstraint("project_id", "category_id", name=op.f("uq_kept_out_project_id_category_id")),
        sa.UniqueConstraint("project_id", "user_id", name=op.f("uq_kept_out_project_id_user_id")),
    )
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kept_out "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(GRANTS)


def downgrade() -> None:
    """What was held out is forgotten: a later version may train on it."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("kept_out")
    op.drop_column("version_rows", "held_out")
    for table in ("versions", "datasets"):
        op.drop_column(table, "preparation")
