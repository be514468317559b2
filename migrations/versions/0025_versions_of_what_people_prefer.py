"""Keeps versions of pairs that people compared: a kind of dataset, the rows of its versions, whose texts are in them.

Revision: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# What a run said may be what it saw of a person, word for word, so the versions that hold it hold the person as well.
HOLDING = """
CREATE FUNCTION versions_holding(touched bigint[], asked bigint[]) RETURNS SETOF bigint LANGUAGE sql STABLE AS $$
    WITH RECURSIVE saw AS (
        (
            SELECT version_id FROM version_rows WHERE submission_id = ANY (touched)
            UNION
            SELECT version_id FROM preference_rows WHERE prompt_id = ANY (asked)
            UNION
            SELECT p.version_id FROM compared_responses r
            JOIN preference_rows p ON p.chosen_id = r.id OR p.rejected_id = r.id
            WHERE r.submission_id = ANY (touched)
        )
        UNION
        SELECT p.version_id FROM saw
        JOIN runs ON runs.version_id = saw.version_id
        JOIN compared_responses r ON r.run_id = runs.id
        JOIN preference_rows p ON p.chosen_id = r.id OR p.rejected_id = r.id
    )
    SELECT version_id FROM saw
$$
"""
SAW = "ARRAY(SELECT DISTINCT version_id FROM version_rows WHERE submission_id = ANY (touched))"
NOW_SAW = "ARRAY(SELECT versions_holding(touched, own_prompts))"
ERASE = """
DO $outer$
DECLARE
    was text := pg_get_functiondef('erase_person(bigint)'::regprocedure);
BEGIN
    IF strpos(was, $old${was}$old$) = 0 THEN
        RAISE EXCEPTION 'erase_person has another text than expected';
    END IF;
    EXECUTE replace(was, $old${was}$old$, $new${now}$new$);
END $outer$
"""
GRANTS = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'penset_app') THEN
        REVOKE UPDATE, DELETE ON preference_rows FROM penset_app;
    END IF;
END $$
"""
REFUSE = """
DO $$ BEGIN
    LOCK TABLE datasets IN SHARE MODE;
    IF EXISTS (SELECT 1 FROM datasets WHERE kind = 'preferences') THEN
        RAISE EXCEPTION 'There are datasets of preferences, which an older Penset cannot read: restore a backup.';
    END IF;
END $$
"""
TARGETS = {
    "version_id": "versions.id",
    "pair_id": "comparison_pairs.id",
    "prompt_id": "prompts.id",
    "chosen_id": "compared_responses.id",
    "rejected_id": "compared_responses.id",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("datasets", sa.Column("kind", sa.Text(), server_default="responses", nullable=False))
    op.create_check_constraint(op.f("ck_datasets_kind"), "datasets", "kind IN ('responses', 'preferences')")
    op.create_table(
        "preference_rows",
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("version_id", "position")),
        sa.Column("split", sa.Text(), nullable=False),
        sa.Column("held_out", sa.Text(), nullable=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in TARGETS if name != "version_id"),
        sa.Column("opinions", sa.BigInteger(), nullable=False),
        sa.Column("agreed", sa.BigInteger(), nullable=False),
        sa.Column("strength", sa.Text(), nullable=False),
        sa.CheckConstraint("split IN ('train', 'validation', 'test')", name=op.f("ck_preference_rows_split")),
        sa.CheckConstraint("held_out IN ('writers', 'categories')", name=op.f("ck_preference_rows_held_out")),
        sa.CheckConstraint("2 * agreed > opinions", name=op.f("ck_preference_rows_majority")),
        *(
            sa.ForeignKeyConstraint([name], [target], name=op.f(f"fk_preference_rows_{name}"))
            for name, target in TARGETS.items()
        ),
        sa.PrimaryKeyConstraint("version_id", "position", name=op.f("pk_preference_rows")),
    )
    for columns in (["pair_id"], ["chosen_id"], ["rejected_id"], ["version_id", "split", "position"]):
        op.create_index(op.f(f"ix_preference_rows_{'_'.join(columns)}"), "preference_rows", columns)
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON preference_rows "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(GRANTS)
    op.execute(HOLDING)
    op.execute(ERASE.format(was=SAW, now=NOW_SAW))


def downgrade() -> None:
    """Refused while there are datasets of pairs: an older process would take their rules for those of responses."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(REFUSE)
    op.execute(ERASE.format(was=NOW_SAW, now=SAW))
    op.execute("DROP FUNCTION versions_holding(bigint[], bigint[])")
    op.drop_table("preference_rows")
    op.drop_column("datasets", "kind")
