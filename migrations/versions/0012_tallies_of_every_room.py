"""Keeps tallies of what stands in each room, by triggers, so that no page counts; finds what a writer has to mend.

Revision: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# What a row of each table adds to: the name of the tally, the hour, and whether the row counts. What has no hour of its
# own stands at the epoch.
KEPT = {
    "prompts": "('proposed', 'epoch'::timestamptz, row.status = 'proposed' AND NOT row.from_pair)",
    "slots": "('open', 'epoch'::timestamptz, row.filled_at IS NULL)",
    "submissions": """
        ('in_review', 'epoch'::timestamptz, row.status = 'submitted'),
        ('handed_in', date_trunc('hour', row.submitted_at, 'UTC'), true),
        ('approved', coalesce(date_trunc('hour', row.decided_at, 'UTC'), 'epoch'), row.status = 'approved')""",
    "reviews": "('decided', date_trunc('hour', row.created_at, 'UTC'), true)",
}

# Of the rows of one tally, one that no other transaction has changed and not yet committed; where there is none, a new
# one. So nobody waits for anybody, and there are at most as many rows of a tally as there were writers at once.
TALLY = """
CREATE FUNCTION tally(of_project bigint, of_what text, of_hour timestamptz, change bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE tallies SET n = n + change WHERE id = (
        SELECT id FROM tallies WHERE project_id = of_project AND what = of_what AND hour = of_hour
        LIMIT 1 FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
        INSERT INTO tallies (project_id, what, hour, n) VALUES (of_project, of_what, of_hour, change);
    END IF;
END $$
"""
# One statement's rows at once: an import of a hundred thousand slots changes its tally once.
KEEP = """
CREATE FUNCTION keep_tallies_of_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM tally(row.project_id, kept.what, kept.hour, count(*))
        FROM new_rows row CROSS JOIN LATERAL (VALUES {kept}) kept (what, hour, counts)
        WHERE kept.counts GROUP BY row.project_id, kept.what, kept.hour;
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM tally(row.project_id, kept.what, kept.hour, -count(*))
        FROM old_rows row CROSS JOIN LATERAL (VALUES {kept}) kept (what, hour, counts)
        WHERE kept.counts GROUP BY row.project_id, kept.what, kept.hour;
    ELSE
        PERFORM tally(changed.project_id, changed.what, changed.hour, sum(changed.by)::bigint)
        FROM (
            SELECT row.project_id, kept.what, kept.hour, 1 AS by
            FROM new_rows row CROSS JOIN LATERAL (VALUES {kept}) kept (what, hour, counts) WHERE kept.counts
            UNION ALL
            SELECT row.project_id, kept.what, kept.hour, -1
            FROM old_rows row CROSS JOIN LATERAL (VALUES {kept}) kept (what, hour, counts) WHERE kept.counts) changed
        GROUP BY changed.project_id, changed.what, changed.hour HAVING sum(changed.by) <> 0;
    END IF;
    RETURN NULL;
END $$
"""
EVENTS = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}
# The triggers' locks keep writers out until this is committed, so nothing is missed and nothing counted twice.
COUNT = """
INSERT INTO tallies (project_id, what, hour, n)
SELECT row.project_id, kept.what, kept.hour, count(*)
FROM {table} row CROSS JOIN LATERAL (VALUES {kept}) kept (what, hour, counts)
WHERE kept.counts GROUP BY row.project_id, kept.what, kept.hour
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "tallies",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("project_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name=op.f("fk_tallies_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tallies")),
    )
    op.create_index(op.f("ix_tallies_project_id_what_hour"), "tallies", ["project_id", "what", "hour"], unique=False)
    op.create_index(
        "ix_submissions_to_mend",
        "submissions",
        ["author_id"],
        unique=False,
        postgresql_where=sa.text("status = 'changes_requested'"),
    )
    op.execute(TALLY)
    for table, kept in KEPT.items():
        op.execute(KEEP.format(table=table, kept=kept))
        for event, rows in EVENTS.items():
            op.execute(
                f"CREATE TRIGGER tallies_at_{event} AFTER {event.upper()} ON {table} REFERENCING {rows} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION keep_tallies_of_{table}()"
            )
        op.execute(COUNT.format(table=table, kept=kept))


def downgrade() -> None:
    """Pages count again."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in KEPT:
        op.execute(f"DROP FUNCTION keep_tallies_of_{table} CASCADE")
    op.execute("DROP FUNCTION tally")
    op.drop_index("ix_submissions_to_mend", table_name="submissions")
    op.drop_table("tallies")
