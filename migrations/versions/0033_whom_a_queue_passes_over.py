"""Keeps beside open slots and waiting submissions who need not be offered them, so that a queue is walked past nobody's
own past.

Revision: 0033
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

COLUMNS = {"submissions": ("never_for", "judged_by"), "slots": ("never_for",)}
# What is known of what waits now, a hundred people at most, as the application keeps it. Of what does not wait it is
# kept from here on.
FILL = """
UPDATE submissions s SET never_for = known.people FROM (
    SELECT submission_id, (array_agg(DISTINCT person ORDER BY person))[1\\:100] AS people FROM (
        SELECT submission_id, reviewer_id AS person FROM review_skips
        UNION ALL
        SELECT s.id, s.author_id FROM submissions s
            JOIN memberships m ON m.project_id = s.project_id AND m.user_id = s.author_id
        WHERE s.status = 'submitted' AND m.role IN ('reviewer', 'admin')) each
    GROUP BY submission_id) known
WHERE known.submission_id = s.id AND s.status IN ('submitted', 'changes_requested');
UPDATE submissions s SET judged_by = known.people FROM (
    SELECT r.submission_id, r.number, (array_agg(DISTINCT o.reviewer_id ORDER BY o.reviewer_id))[1\\:100] AS people
    FROM opinions o JOIN revisions r ON r.id = o.revision_id GROUP BY r.submission_id, r.number) known
WHERE known.submission_id = s.id AND known.number = s.current_revision AND s.status = 'submitted';
UPDATE slots s SET never_for = known.people FROM (
    SELECT prompt_id, (array_agg(DISTINCT person ORDER BY person))[1\\:100] AS people FROM (
        SELECT prompt_id, writer_id AS person FROM assignments
        WHERE status <> 'drafting' AND prompt_id IN (SELECT prompt_id FROM slots WHERE filled_at IS NULL)
        UNION ALL
        SELECT id, author_id FROM prompts
        WHERE author_id IS NOT NULL AND id IN (SELECT prompt_id FROM slots WHERE filled_at IS NULL)) each
    GROUP BY prompt_id) known
WHERE known.prompt_id = s.prompt_id AND s.filled_at IS NULL
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, names in COLUMNS.items():
        for name in names:
            people = postgresql.ARRAY(sa.BigInteger())
            op.add_column(table, sa.Column(name, people, server_default="{}", nullable=False))
    for statement in FILL.split(";"):
        op.execute(statement)
    op.create_index(
        "ix_submissions_waiting_by_kind",
        "submissions",
        [
            "project_id",
            sa.text("coalesce(category_id, 0)"),
            "from_newcomer",
            "never_for",
            "judged_by",
            "submitted_at",
            "id",
        ],
        postgresql_where=sa.text("status = 'submitted'"),
    )
    op.create_index(
        "ix_slots_open_by_kind",
        "slots",
        ["project_id", sa.text("coalesce(category_id, 0)"), "never_for", "id"],
        postgresql_where=sa.text("filled_at IS NULL"),
    )


def downgrade() -> None:
    """The queues are walked from their beginning again."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_slots_open_by_kind", "slots")
    op.drop_index("ix_submissions_waiting_by_kind", "submissions")
    for table, names in COLUMNS.items():
        for name in names:
            op.drop_column(table, name)
