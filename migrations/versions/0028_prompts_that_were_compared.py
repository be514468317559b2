"""Remembers what a cluster of prompts held when it was found, so that a later version compares only what is new.

Revision: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

# A digest is made of words, so it goes when these change or are erased, and with it that of the whole cluster.
FORGET = """
CREATE FUNCTION forget_joined() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE prompt_splits s SET joined = NULL FROM prompt_splits changed
    WHERE changed.prompt_id = NEW.id AND s.project_id = changed.project_id AND s.cluster = changed.cluster;
    RETURN NULL;
END $$
"""
WHEN_CHANGED = """
CREATE TRIGGER forget_joined AFTER UPDATE OF messages ON prompts
FOR EACH ROW WHEN (old.messages IS DISTINCT FROM new.messages) EXECUTE FUNCTION forget_joined()
"""


def upgrade() -> None:
    """Add the digest; where it is not known yet, prompts are compared anew."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("prompt_splits", sa.Column("joined", sa.LargeBinary()))
    op.execute(FORGET)
    op.execute(WHEN_CHANGED)


def downgrade() -> None:
    """Forget it."""
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DROP TRIGGER forget_joined ON prompts")
    op.execute("DROP FUNCTION forget_joined()")
    op.drop_column("prompt_splits", "joined")
