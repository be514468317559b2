"""Empties the answers that others may be given again when a person is erased, since they may hold their words.

Revision: 0045
"""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

WAS = "DELETE FROM given_answers WHERE user_id = person;"
# The keys stay, so that nothing is carried out twice.
EMPTY = "UPDATE given_answers SET status = 0, body = '', etag = NULL WHERE body <> '';"
NOW = f"{WAS}\n    {EMPTY}"
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


def upgrade() -> None:
    """Change the function."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(ERASE.format(was=WAS, now=NOW))


def downgrade() -> None:
    """Back to what only the person's own answers were."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(ERASE.format(was=NOW, now=WAS))
