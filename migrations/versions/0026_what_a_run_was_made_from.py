"""Keeps which run's model a run began from, and by which reward models it was led; erasing a person reaches these too.

Revision: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

COLUMNS = ("begins_from_run_id", "reward_run_id", "second_reward_run_id")
# A model that was made from one that saw a text may say that text, and its run's folder holds the other's model.
MADE_OF = """
CREATE FUNCTION runs_made_of(versions bigint[]) RETURNS TABLE (run_id bigint, root_id bigint) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE made (run_id, root_id) AS (
        SELECT id, id FROM runs WHERE version_id = ANY (versions)
        UNION
        SELECT later.id, made.root_id FROM made JOIN runs later
        ON made.run_id IN (later.begins_from_run_id, later.reward_run_id, later.second_reward_run_id)
    )
    SELECT made.run_id, coalesce(min(made.root_id) FILTER (WHERE made.root_id = made.run_id), min(made.root_id))
    FROM made GROUP BY made.run_id
$$
"""
# Which runs a function means, before and now.
FOLLOWED = {
    "erase_person(bigint)": (
        "SELECT id FROM runs WHERE version_id = ANY (saw)",
        "SELECT run_id FROM runs_made_of(saw)",
    ),
    "versions_holding(bigint[], bigint[])": (
        "JOIN runs ON runs.version_id = saw.version_id",
        "CROSS JOIN LATERAL (SELECT run_id AS id FROM runs_made_of(ARRAY[saw.version_id])) runs",
    ),
}
REPLACE = """
DO $outer$
DECLARE
    was text := pg_get_functiondef('{function}'::regprocedure);
BEGIN
    IF strpos(was, '{was}') = 0 THEN
        RAISE EXCEPTION '{function} has another text than expected';
    END IF;
    EXECUTE replace(was, '{was}', '{now}');
END $outer$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for column in COLUMNS:
        op.add_column("runs", sa.Column(column, sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f(f"fk_runs_{column}"), "runs", "runs", [column], ["id"])
        op.create_index(f"ix_runs_{column}", "runs", [column], postgresql_where=sa.text(f"{column} IS NOT NULL"))
    op.execute(MADE_OF)
    for function, (was, now) in FOLLOWED.items():
        op.execute(REPLACE.format(function=function, was=was, now=now))


def downgrade() -> None:
    """What runs were made from is forgotten; their folders and models stay."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for function, (was, now) in FOLLOWED.items():
        op.execute(REPLACE.format(function=function, was=now, now=was))
    op.execute("DROP FUNCTION runs_made_of(bigint[])")
    for column in reversed(COLUMNS):
        op.drop_column("runs", column)
