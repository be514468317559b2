"""Marks prompts that were imported: their text is their source's, so erasing whoever imported them leaves it.

Revision: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# An import writes its prompts and its line of the audit log in one transaction, so both have the same time.
MARK = """
UPDATE prompts p SET imported = true FROM audit_log a
WHERE a.action = 'prompts.imported' AND a.project_id = p.project_id AND a.actor_id = p.author_id AND a.at = p.created_at
"""
THEIRS, WRITTEN = "FROM prompts WHERE author_id = person)", "FROM prompts WHERE author_id = person AND NOT imported)"
ERASE = """
DO $$
DECLARE
    was text := pg_get_functiondef('erase_person(bigint)'::regprocedure);
BEGIN
    IF strpos(was, '{was}') = 0 THEN
        RAISE EXCEPTION 'erase_person has another text than expected';
    END IF;
    EXECUTE replace(was, '{was}', '{now}');
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("prompts", sa.Column("imported", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("UPDATE prompts SET imported = true WHERE author_id IS NULL")
    op.execute(MARK)
    op.execute(ERASE.format(was=THEIRS, now=WRITTEN))


def downgrade() -> None:
    """Which prompts were imported is forgotten, as it was before."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(ERASE.format(was=WRITTEN, now=THEIRS))
    op.drop_column("prompts", "imported")
