"""Words to search by are found in a text of `<!--<!--<!--` as fast as in any: the parser no longer looks for tags.

PostgreSQL looks for the end of a comment from each of its beginnings, so 40,000 characters of them took ten seconds.
What stands inside a tag can be found now, too. Words of texts that are there already stay as they are.

Revision: 0023
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

WRITTEN_TEXT = """
CREATE OR REPLACE FUNCTION written_text(messages jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce({}, '')
    FROM jsonb_array_elements(CASE jsonb_typeof(messages) WHEN 'array' THEN messages ELSE '[]' END) AS message
$$
"""
BEFORE = r"left(string_agg(message ->> 'content', E'\n'), 100000)"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(WRITTEN_TEXT.format(f"translate({BEFORE}, '<', ' ')"))


def downgrade() -> None:
    """Nothing is lost: the words are made from the texts."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(WRITTEN_TEXT.format(BEFORE))
