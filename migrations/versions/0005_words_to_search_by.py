"""Indexes the words of prompts and responses, so that people find what they wrote.

Revision: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Only so much of a text as surely fits into one search vector, whose words may take a megabyte together.
WRITTEN_TEXT = """
CREATE FUNCTION written_text(messages jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(left(string_agg(message ->> 'content', E'\\n'), 100000), '')
    FROM jsonb_array_elements(CASE jsonb_typeof(messages) WHEN 'array' THEN messages ELSE '[]' END) AS message
$$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(WRITTEN_TEXT)
    op.add_column(
        "prompts",
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('simple', written_text(messages))", persisted=True),
            nullable=False,
        ),
    )
    op.create_index("ix_prompts_search", "prompts", ["search"], unique=False, postgresql_using="gin")
    op.add_column(
        "revisions",
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('simple', written_text(messages))", persisted=True),
            nullable=False,
        ),
    )
    op.create_index("ix_revisions_search", "revisions", ["search"], unique=False, postgresql_using="gin")


def downgrade() -> None:
    """Nothing is lost: the words are made from the texts."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_revisions_search", table_name="revisions", postgresql_using="gin")
    op.drop_column("revisions", "search")
    op.drop_index("ix_prompts_search", table_name="prompts", postgresql_using="gin")
    op.drop_column("prompts", "search")
    op.execute("DROP FUNCTION written_text(jsonb)")
