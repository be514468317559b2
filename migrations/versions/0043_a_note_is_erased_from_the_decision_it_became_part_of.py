"""Erases a reviewer's note also from the decision that their opinion became a part of, where another gave the second.

Revision: 0043
"""

from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

WAS = "UPDATE opinions SET note = '', missed = '' WHERE reviewer_id = person;"
# A decision that two opinions agreed on holds the notes of both. Whoever settles a dispute has given none.
MERGED = """UPDATE reviews r SET note = coalesce((
        SELECT string_agg(o.note, E'\\n\\n' ORDER BY o.id) FROM opinions o
        WHERE o.revision_id = r.revision_id AND o.note <> ''), '')
    WHERE EXISTS (SELECT FROM opinions o WHERE o.revision_id = r.revision_id AND o.reviewer_id = r.reviewer_id)
        AND EXISTS (SELECT FROM opinions o WHERE o.revision_id = r.revision_id AND {theirs})"""
NOW = f"{WAS}\n    {MERGED.format(theirs='o.reviewer_id = person')};"
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
ERASED = "o.reviewer_id IN (SELECT id FROM users WHERE erased_at IS NOT NULL)"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(ERASE.format(was=WAS, now=NOW))
    op.execute("SELECT set_config('penset.erasing', 'on', true)")
    op.execute(MERGED.format(theirs=ERASED))
    op.execute("SELECT set_config('penset.erasing', 'off', true)")


def downgrade() -> None:
    """What was erased stays erased."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(ERASE.format(was=NOW, now=WAS))
