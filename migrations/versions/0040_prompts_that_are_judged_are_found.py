"""Finds a compared prompt by its words, so that a report asks of its own prompts alone whether they are still judged.

Revision: 0040
"""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_comparison_prompts_words", "comparison_prompts", ["messages"], postgresql_using="hash")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_comparison_prompts_words", table_name="comparison_prompts", postgresql_using="hash")
