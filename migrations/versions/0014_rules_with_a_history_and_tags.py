"""Keeps every rule that a dataset had, which of them made a version, and the tags of prompts.

Revision: 0014

A process of before goes on: a trigger keeps the first rule of a dataset, whoever makes it, and a version that names no
rule is one that such a process asked for. Versions of before are all by the first rule: a default says so of each row
without touching it, as published versions refuse.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEEP_FIRST_RULE = """
CREATE FUNCTION keep_first_rule() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rule_revisions (dataset_id, number, rule, made_by, made_at)
    VALUES (NEW.id, 1, NEW.rule, NEW.created_by, NEW.created_at);
    RETURN NULL;
END $$
"""
FIRST_RULES = """
INSERT INTO rule_revisions (dataset_id, number, rule, made_by, made_at)
SELECT id, 1, rule, created_by, created_at FROM datasets
"""
REVOKED = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'penset_app') THEN
        REVOKE UPDATE, DELETE ON rule_revisions FROM penset_app;
    END IF;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "rule_revisions",
        sa.Column("dataset_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("rule", postgresql.JSONB(), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["datasets.id"], name=op.f("fk_rule_revisions_dataset_id")),
        sa.ForeignKeyConstraint(["made_by"], ["users.id"], name=op.f("fk_rule_revisions_made_by")),
        sa.PrimaryKeyConstraint("dataset_id", "number", name=op.f("pk_rule_revisions")),
    )
    op.add_column("datasets", sa.Column("rule_number", sa.BigInteger(), server_default="1", nullable=False))
    op.execute(KEEP_FIRST_RULE)
    op.execute(
        "CREATE TRIGGER keep_first_rule AFTER INSERT ON datasets FOR EACH ROW EXECUTE FUNCTION keep_first_rule()"
    )
    op.execute(FIRST_RULES)
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rule_revisions "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(REVOKED)
    op.add_column("versions", sa.Column("rule_number", sa.BigInteger(), server_default="1", nullable=True))
    op.alter_column("versions", "rule_number", server_default=None)
    op.add_column("prompts", sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.create_index("ix_prompts_tags", "prompts", ["tags"], unique=False, postgresql_using="gin")


def downgrade() -> None:
    """Earlier rules, and the tags of prompts, are gone."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_prompts_tags", table_name="prompts")
    op.drop_column("prompts", "tags")
    op.drop_column("versions", "rule_number")
    op.execute("DROP TRIGGER keep_first_rule ON datasets")
    op.execute("DROP FUNCTION keep_first_rule()")
    op.drop_column("datasets", "rule_number")
    op.drop_table("rule_revisions")
