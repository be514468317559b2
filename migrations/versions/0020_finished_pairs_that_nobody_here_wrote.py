"""Takes in finished pairs: written elsewhere, so their author is nobody here, and no figure of people counts them.

Revision: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

WITHOUT_AUTHOR = (("prompts", "author_id"), ("submissions", "author_id"), ("submissions", "assignment_id"),
                  ("revisions", "author_id"))  # fmt: skip
WRITTEN = "from_pair AND status <> 'rejected'"
OF_SOMEBODY = "author_id IS NOT NULL OR (from_pair AND source <> '' AND licence <> '')"
IMPORTED = (
    "(author_id IS NULL) = (imported_by IS NOT NULL) AND (author_id IS NULL) = (assignment_id IS NULL) "
    "AND (imported_by IS NULL OR status IN ('approved', 'withdrawn'))"
)
# As in 0012, but that what nobody here handed in is neither handed in nor approved, and has a tally of its own.
KEPT_BEFORE = """
        ('in_review', 'epoch'::timestamptz, row.status = 'submitted'),
        ('handed_in', date_trunc('hour', row.submitted_at, 'UTC'), true),
        ('approved', coalesce(date_trunc('hour', row.decided_at, 'UTC'), 'epoch'), row.status = 'approved')"""
KEPT = """
        ('in_review', 'epoch'::timestamptz, row.status = 'submitted'),
        ('handed_in', date_trunc('hour', row.submitted_at, 'UTC'), row.imported_by IS NULL),
        ('approved', coalesce(date_trunc('hour', row.decided_at, 'UTC'), 'epoch'),
            row.status = 'approved' AND row.imported_by IS NULL),
        ('imported', 'epoch'::timestamptz, row.status = 'approved' AND row.imported_by IS NOT NULL)"""
KEEP = """
CREATE OR REPLACE FUNCTION keep_tallies_of_submissions() RETURNS trigger LANGUAGE plpgsql AS $$
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


REFUSE = """
DO $$ BEGIN
    LOCK TABLE prompts IN SHARE MODE;
    IF EXISTS (SELECT 1 FROM prompts WHERE author_id IS NULL) THEN
        RAISE EXCEPTION 'There are texts that were imported, which an older Penset cannot hold: restore a backup.';
    END IF;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, column in WITHOUT_AUTHOR:
        op.alter_column(table, column, nullable=True)
    op.add_column("submissions", sa.Column("imported_by", sa.BigInteger(), nullable=True))
    op.create_foreign_key(op.f("fk_submissions_imported_by"), "submissions", "users", ["imported_by"], ["id"])
    op.create_check_constraint(op.f("ck_prompts_author"), "prompts", OF_SOMEBODY)
    op.create_check_constraint(op.f("ck_submissions_imported"), "submissions", IMPORTED)
    op.drop_index("ix_prompts_pairs", table_name="prompts")
    op.create_index(
        "ix_prompts_pairs",
        "prompts",
        ["category_id"],
        unique=False,
        postgresql_where=sa.text(f"{WRITTEN} AND author_id IS NOT NULL"),
    )
    op.create_index(
        "ix_submissions_approved_here",
        "submissions",
        ["project_id", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'approved' AND imported_by IS NULL"),
    )
    op.execute(KEEP.format(kept=KEPT))


def downgrade() -> None:
    """Refused where pairs were imported: nobody could be named as who wrote them."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(REFUSE)
    op.execute(KEEP.format(kept=KEPT_BEFORE))
    op.drop_index("ix_submissions_approved_here", table_name="submissions")
    op.drop_index("ix_prompts_pairs", table_name="prompts")
    op.create_index("ix_prompts_pairs", "prompts", ["category_id"], unique=False, postgresql_where=sa.text(WRITTEN))
    op.drop_constraint(op.f("ck_submissions_imported"), "submissions")
    op.drop_constraint(op.f("ck_prompts_author"), "prompts")
    op.drop_column("submissions", "imported_by")
    for table, column in WITHOUT_AUTHOR:
        op.alter_column(table, column, nullable=False)
